//! Adds agreements and their documents, and resolves their versions.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::agreement::objection::{CarriedClause, ClausePosition};
use domain::calendar::day_in_china;
use domain::visibility::Scope;
use domain::{Agreement, Date, DistrictCode, Document, MatterCode, Party, Period, Recorded, Version};

use crate::build::{BuildError, SnapshotBuilder, unreadable};
use crate::entry::{AgreementEntry, AgreementFile, AgreementSlot, Published, text_of};
use crate::handle::{Handle, Kept};
use crate::schedule::Brief;
use crate::territory::is_subtree;
use crate::version::{NewClause, PartyEntry, VersionEntry};

impl SnapshotBuilder {
    pub fn agreement(&mut self, mut agreement: Recorded<Agreement>) {
        for clause in agreement.record.versions.iter_mut().flat_map(|version| &mut version.schedule) {
            let listed = &mut clause.clause.matters;
            if let Some(known) = self.lists.get(&**listed) {
                *listed = known.clone();
            } else {
                self.lists.insert(listed.clone());
            }
        }
        let (id, number) = (agreement.id, agreement.number);
        let whole =
            AgreementEntry { text: text_of(&agreement), agreement: Arc::new(agreement), versions: Arc::default() };
        let handle = if let Some(handle) = self.snapshot.agreements.search(&id, AgreementSlot::id) {
            let documents = self.snapshot.file_at(handle).map(|before| before.documents.clone()).unwrap_or_default();
            self.replace(handle, unresolved(whole, documents));
            handle
        } else {
            self.follows(self.snapshot.agreements.last().map(AgreementSlot::id), id);
            let handle = self.snapshot.agreements.push(unresolved(whole, Arc::default()));
            self.snapshot.agreement_numbers.insert(number, handle);
            handle
        };
        self.agreements.insert(handle);
    }

    /// Replaces an agreement, and remembers its previous state.
    pub(super) fn replace(&mut self, handle: Handle, slot: AgreementSlot) {
        let before = std::mem::replace(self.snapshot.agreements.get_mut(handle), slot);
        let AgreementSlot::Kept { file: before, plain, .. } = before else { return };
        // An unresolved agreement is not counted yet.
        if !before.whole.versions.is_empty() {
            self.snapshot.totals.remove(&before.whole.agreement);
        }
        let named = before.whole.agreement.named().into_iter().filter_map(|code| self.snapshot.district_handle(code));
        let previous = self.previous.entry(handle).or_default();
        previous.named.extend(named);
        previous.was_published |= !before.published.is_nothing();
        previous.plain = previous.plain.take().or(plain);
    }

    pub fn document(&mut self, document: Recorded<Document>) {
        let agreement = self.snapshot.agreement_numbers.get(document.agreement);
        if self.snapshot.documents.search(&document.id, |(id, _)| *id).is_none() {
            self.follows(self.snapshot.documents.last().map(|(id, _)| *id), document.id);
            self.snapshot.documents.push((document.id, agreement));
        }
        let Some(agreement) = agreement else { return };
        self.change_documents(agreement, |documents| {
            let place = documents.partition_point(|known| known.id < document.id);
            let known = documents.get(place).is_some_and(|known| known.id == document.id);
            documents.splice(place..place + usize::from(known), [Arc::new(document)]);
        });
    }

    pub(super) fn change_documents(&mut self, agreement: Handle, change: impl FnOnce(&mut Vec<Kept<Document>>)) {
        if let AgreementSlot::Kept { file, .. } = self.snapshot.agreements.get_mut(agreement) {
            let file = Arc::make_mut(file);
            let mut documents = file.documents.to_vec();
            change(&mut documents);
            file.documents = documents.into();
        }
    }

    pub(super) fn resolve_agreement(&mut self, at: Handle) -> Result<(), BuildError> {
        let mut named = BTreeSet::new();
        let mut is_guarded = false;
        let previous = self.previous.remove(&at).unwrap_or_default();
        self.invalidation.agreements.insert(at, previous.named.iter().copied().collect());
        let mut concerns_all = previous.was_published;
        if let Some(file) = self.snapshot.file_at(at) {
            let agreement: Kept<Agreement> = file.whole.agreement.clone();
            let whose = agreement.id.to_string();
            let resolve = |version: &Version| self.resolve_version(&agreement, version, &whose);
            let versions = agreement.versions.iter().map(resolve).collect::<Result<Vec<_>, _>>()?;
            named.extend(agreement.named().into_iter().filter_map(|code| self.snapshot.district_handle(code)));
            let whole = AgreementEntry { versions: versions.into(), ..file.whole.clone() };
            let published = published(&whole, day_in_china(self.snapshot.head().recorded_at));
            is_guarded = matches!(published, Published::Parts(_));
            concerns_all |= !published.is_nothing();
            // A date-driven conclusion may begin on any day.
            let term = if is_guarded { Some(Period::ALWAYS) } else { whole_term(&agreement) };
            let documents = file.documents.clone();
            let names_parties_alone = |version: &VersionEntry| {
                version.parties().map(|party| party.district).collect::<BTreeSet<_>>() == named
            };
            let plain =
                (!is_guarded && is_plain(&agreement)).then(|| whole.versions[0].clone()).filter(names_parties_alone);
            let file = Arc::new(AgreementFile { whole, published, documents });
            *self.snapshot.agreements.get_mut(at) = AgreementSlot::Kept { file, number: agreement.number, term, plain };
            self.snapshot.totals.add(&agreement);
        }
        let (is_kept, after) = match &self.snapshot.agreements[at] {
            AgreementSlot::Kept { file, term: Some(term), plain: Some(version), .. } => {
                (true, Some((Brief::new(*term, &file.whole.agreement.versions[0]), version.clone())))
            }
            AgreementSlot::Kept { .. } => (true, None),
            AgreementSlot::Removed(_) => (false, None),
        };
        self.snapshot.schedules.put(
            at,
            previous.plain.as_ref(),
            after.as_ref().map(|(brief, version)| (*brief, version)),
            is_kept,
        );
        let revision = self.snapshot.revision();
        for district in previous.named.into_iter().chain(named.iter().copied()) {
            let (is_named, entry) = (named.contains(&district), self.snapshot.district_at(district));
            if entry.agreements.contains(at) != is_named {
                let agreements = Arc::make_mut(&mut self.district_mut(district).agreements);
                if is_named {
                    agreements.insert(at)
                } else {
                    agreements.remove(at)
                };
            }
            if concerns_all && self.snapshot.district_at(district).agreements_as_of != revision {
                self.district_mut(district).agreements_as_of = revision;
            }
        }
        if is_guarded != self.snapshot.guarded.contains(at) {
            let guarded = Arc::make_mut(&mut self.snapshot.guarded);
            if is_guarded {
                guarded.insert(at)
            } else {
                guarded.remove(at)
            };
        }
        Ok(())
    }

    fn resolve_version(
        &self,
        agreement: &Agreement,
        version: &Version,
        whose: &str,
    ) -> Result<VersionEntry, BuildError> {
        let parties = version
            .parties
            .iter()
            .map(|party| {
                Ok(PartyEntry { district: self.known(party.district, whose)?, subtree: is_subtree(party.extent) })
            })
            .collect::<Result<Vec<_>, BuildError>>()?;
        let places: HashMap<DistrictCode, u32> =
            version.parties.iter().zip(0..).map(|(party, at)| (party.district, at)).collect();
        let side = |codes: &[DistrictCode]| {
            let place = |code: &DistrictCode| places.get(code).copied();
            let place = |code| {
                place(code).map_or_else(|| unreadable(format!("{whose} has a clause that names {code}, no party")), Ok)
            };
            codes.iter().map(place).collect::<Result<Vec<u32>, BuildError>>()
        };
        let own = version
            .schedule
            .iter()
            .map(|clause| {
                let excluded = agreement.excluded(version, clause);
                // Parties that objected are excluded; an empty side means all others.
                let bound = |named: &[DistrictCode]| {
                    if excluded.is_empty() {
                        return side(named);
                    }
                    let everybody: Vec<DistrictCode> = version.parties.iter().map(|party| party.district).collect();
                    let named = if named.is_empty() { &everybody } else { named };
                    let left =
                        side(&named.iter().copied().filter(|party| !excluded.contains(party)).collect::<Vec<_>>())?;
                    Ok(if left.is_empty() { NOBODY.to_vec() } else { left })
                };
                Ok(NewClause {
                    receiving: bound(&clause.receiving)?,
                    competent: bound(&clause.competent)?,
                    matters: self.resolve_matters(&clause.matters, whose)?,
                    period: clause.period,
                    mode: clause.mode(),
                    is_second_half: false,
                })
            })
            .collect::<Result<Vec<_>, BuildError>>()?;
        let carried = self.carried(agreement, version, &places, whose)?;
        Ok(VersionEntry::new(&parties, own.into_iter().chain(carried).collect()))
    }

    /// The older clauses that stay in force for parties that objected. Each becomes two halves: these parties receive,
    /// or others receive for them.
    fn carried(
        &self,
        agreement: &Agreement,
        version: &Version,
        places: &HashMap<DistrictCode, u32>,
        whose: &str,
    ) -> Result<Vec<NewClause>, BuildError> {
        let at = agreement.versions.iter().position(|other| other.number == version.number);
        let mut clauses = Vec::new();
        for CarriedClause { at: ClausePosition { version, clause }, parties } in
            at.map_or_else(Vec::new, |at| agreement.carried(at))
        {
            let clause = &agreement.versions[version].schedule[clause];
            // A district that is not a party any more has no index.
            let side = |named: &[DistrictCode], wanted: &dyn Fn(&DistrictCode) -> bool| {
                let wanted =
                    places.iter().filter(|(code, _)| (named.is_empty() || named.contains(code)) && wanted(code));
                let side: Vec<u32> = wanted.map(|(_, place)| *place).collect();
                if side.is_empty() { NOBODY.to_vec() } else { side }
            };
            let (those, others, all) = (
                |code: &DistrictCode| parties.contains(code),
                |code: &DistrictCode| !parties.contains(code),
                |_: &DistrictCode| true,
            );
            let halves = [
                (false, side(&clause.receiving, &those), side(&clause.competent, &all)),
                (true, side(&clause.receiving, &others), side(&clause.competent, &those)),
            ];
            for (is_second_half, receiving, competent) in halves {
                clauses.push(NewClause {
                    receiving,
                    competent,
                    matters: self.resolve_matters(&clause.matters, whose)?,
                    period: clause.period,
                    mode: clause.mode(),
                    is_second_half,
                });
            }
        }
        Ok(clauses)
    }

    pub(super) fn resolve_matters(&self, codes: &[MatterCode], whose: &str) -> Result<Vec<Handle>, BuildError> {
        codes
            .iter()
            .map(|code| {
                self.snapshot
                    .matter_handle(*code)
                    .map_or_else(|| unreadable(format!("{whose} lists the unknown matter {code}")), Ok)
            })
            .collect()
    }
}

/// A side without parties: an index that no party has, since an empty side means all parties.
const NOBODY: [u32; 1] = [u32::MAX];

/// An agreement whose codes are not resolved yet.
fn unresolved(whole: AgreementEntry, documents: Arc<[Kept<Document>]>) -> AgreementSlot {
    let number = whole.agreement.number;
    AgreementSlot::Kept {
        file: Arc::new(AgreementFile { whole, published: Published::Whole, documents }),
        number,
        term: None,
        plain: None,
    }
}

/// The period from the first to the last day of all concluded versions; `None`: it is never in force.
fn whole_term(agreement: &Agreement) -> Option<Period> {
    if agreement.voided.is_some() {
        return None;
    }
    let terms = agreement.versions.iter().filter_map(Version::term);
    terms.reduce(|a, b| Period::new(a.from.zip(b.from).map(|(a, b)| a.min(b)), a.to.zip(b.to).map(|(a, b)| a.max(b))))
}

/// Whether the agreement is plain: a single version that binds all its parties throughout its term.
fn is_plain(agreement: &Agreement) -> bool {
    let [version] = &agreement.versions[..] else { return false };
    let stays = |party: &Party| version.binds(party) && party.joined_on.is_none() && party.earlier.is_empty();
    let is_quiet = agreement.voided.is_none() && agreement.suspensions.is_empty() && agreement.notices.is_empty();
    is_quiet && version.parties.len() >= 2 && version.parties.iter().all(stays)
}

/// The published part of an agreement today, and on later days when a date-driven conclusion publishes more.
fn published(whole: &AgreementEntry, today: Date) -> Published {
    let agreement = &whole.agreement;
    let concluded =
        agreement.versions.iter().filter_map(|version| version.proposal()?.concluded_on(version.objection_days));
    let later: BTreeSet<Date> = concluded.filter(|concluded| *concluded > today).collect();
    let part = |from: Date, day: Date| Some((from, whole.seen_by(&Scope::Public, day)?));
    let first = part(Date::MIN, today);
    if later.is_empty() && matches!(first, Some((_, Cow::Borrowed(_)))) {
        return Published::Whole;
    }
    let parts = first.into_iter().chain(later.into_iter().filter_map(|day| part(day, day)));
    Published::Parts(parts.map(|(from, entry)| (from, entry.into_owned())).collect())
}
