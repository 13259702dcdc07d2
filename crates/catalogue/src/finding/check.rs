//! Checks records for contradictions and gaps on a day, rule by rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::agreement::lifecycle::VersionState;
use domain::agreement::lifecycle::{LapseReason, Life};
use domain::visibility::Scope;
use domain::{Agreement, Date, DistrictCode, HandlingMode, MatterDomain, Standing, Terms, Window};
use roaring::RoaringBitmap;

use super::clause::{outside, overlap};
use super::readiness::{Readiness, offline_matters};
use super::{CompactFinding, NOBODY, Rule};
use crate::between::{parties_as, reference_version};
use crate::entry::AgreementEntry;
use crate::handle::{Handle, Kept};
use crate::handling::notice::{ENDS_SOON_DAYS, GUIDE_OLD_MONTHS};
use crate::search::fold::fold;
use crate::snapshot::Snapshot;
use crate::version::{ClauseEntry, Roles, VersionEntry};

/// Checks the records of a snapshot. Lookups of one district are shared by all agreements.
#[derive(Debug)]
pub(super) struct Checker<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) on: Date,
    readiness: HashMap<Handle, Readiness>,
}

/// The version of an agreement that is checked on a day.
#[derive(Clone, Copy)]
pub(super) struct Checked<'a> {
    pub(super) entry: &'a AgreementEntry,
    /// The index of the version.
    pub(super) at: usize,
}

impl<'a> Checked<'a> {
    pub(super) fn agreement(self) -> &'a Kept<Agreement> {
        &self.entry.agreement
    }

    pub(super) fn version(self) -> &'a domain::Version {
        &self.entry.agreement.versions[self.at]
    }

    pub(super) fn resolved(self) -> &'a VersionEntry {
        &self.entry.versions[self.at]
    }

    pub(super) fn clause(self, place: u16) -> Option<ClauseEntry<'a>> {
        self.resolved().clauses().nth(place.into())
    }
}

impl CompactFinding {
    pub(super) fn new(rule: Rule, owner: Option<Handle>, count: usize) -> Self {
        Self {
            rule,
            clause: 0,
            owner: owner.unwrap_or(NOBODY),
            other: 0,
            count: u32::try_from(count).unwrap_or(u32::MAX),
        }
    }

    fn in_clause(self, clause: u16) -> Self {
        Self { clause, ..self }
    }

    fn about(self, other: u32) -> Self {
        Self { other, ..self }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, on: Date) -> Self {
        Self { snapshot, on, readiness: HashMap::new() }
    }

    pub(super) fn of_district(&self, handle: Handle) -> Vec<CompactFinding> {
        let snapshot = self.snapshot;
        let district = &snapshot.district_at(handle).district;
        let mut found = Vec::new();
        let old = self.on.checked_sub_months(chrono::Months::new(GUIDE_OLD_MONTHS));
        let (mut unverified, mut invalid, mut unmatched) = (0, 0, 0);
        for offering in snapshot.offerings_in(handle).filter(|offering| offering.period().includes(self.on)) {
            let brief = offering.brief();
            unverified += usize::from(old.zip(brief.verified_on).is_some_and(|(old, verified)| verified < old));
            invalid += usize::from(brief.has_invalid_code);
            unmatched += usize::from(offering.matter().is_none());
        }
        let is_odd = district.kind == domain::DistrictKind::Province && !district.code.as_str().ends_with("0000");
        let counts = [
            (Rule::OfferingNotVerified, unverified),
            (Rule::InvalidAgencyCode, invalid),
            (Rule::DuplicateWindow, self.windows_alike(handle).len()),
            (Rule::OfferingWithoutMatter, unmatched),
            (Rule::ProvinceCodeForm, usize::from(is_odd)),
        ];
        found.extend(
            counts
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(rule, count)| CompactFinding::new(rule, Some(handle), count)),
        );
        found
    }

    /// The windows of a district whose folded name or address equals that of another.
    pub(super) fn windows_alike(&self, handle: Handle) -> Vec<&'a Kept<Window>> {
        let windows = self.snapshot.district_at(handle).windows.iter().filter(|window| window.open().includes(self.on));
        let folded: Vec<(&Kept<Window>, [String; 2])> =
            windows.map(|window| (window, [fold(&window.name), fold(&window.address)])).collect();
        let mut count: [HashMap<&str, usize>; 2] = [HashMap::new(), HashMap::new()];
        for (_, texts) in &folded {
            for (count, text) in count.iter_mut().zip(texts) {
                *count.entry(text).or_default() += 1;
            }
        }
        let is_alike = |texts: &[String; 2]| {
            count.iter().zip(texts).any(|(count, text)| !text.is_empty() && count[text.as_str()] > 1)
        };
        folded.iter().filter(|(_, texts)| is_alike(texts)).map(|(window, _)| *window).collect()
    }

    pub(super) fn of_matter(&self, handle: Handle) -> Vec<CompactFinding> {
        let matter = &self.snapshot.matter_at(handle).matter;
        let rules =
            [(Rule::MatterIsPower, matter.code.is_power()), (Rule::MatterWithoutAudience, matter.audience.is_empty())];
        rules.into_iter().filter(|(_, holds)| *holds).map(|(rule, _)| CompactFinding::new(rule, None, 1)).collect()
    }

    /// The published part of an agreement, if it is in force, suspended or scheduled on the day.
    pub(super) fn checked(&self, at: Handle) -> Option<Checked<'a>> {
        let entry = self.snapshot.agreement_at(at)?;
        match entry.agreement.standing(self.on) {
            Standing::InForce | Standing::Suspended | Standing::Scheduled => {}
            Standing::NotConcluded | Standing::Expired | Standing::Terminated | Standing::Voided => return None,
        }
        Some(Checked { entry, at: reference_version(entry, self.on)? })
    }

    pub(super) fn of_agreement(&mut self, at: Handle) -> Vec<CompactFinding> {
        let Some(checked) = self.checked(at) else { return Vec::new() };
        let mut found = self.of_record(checked);
        self.duties(checked, None, &mut found);
        let earlier =
            self.sharing_parties(checked.resolved().parties().map(|party| party.district), |other| other < at);
        found.extend(earlier.into_iter().filter_map(|other| self.clash(checked, other)));
        self.sort(at, &mut found);
        found
    }

    /// Checks an agreement by itself.
    pub(super) fn of_record(&self, checked: Checked<'_>) -> Vec<CompactFinding> {
        let (snapshot, on) = (self.snapshot, self.on);
        let version = checked.version();
        let owner = snapshot.district_handle(version.lead);
        let mut found = Vec::new();
        if version.term().and_then(|term| term.to).is_some_and(|to| to >= on && (to - on).num_days() <= ENDS_SOON_DAYS)
        {
            found.push(CompactFinding::new(Rule::AgreementEndsSoon, owner, 1));
        }
        let open = version.unconfirmed().count();
        if open > 0 && version.recorded_on().is_some_and(|recorded| (on - recorded).num_days() > 30) {
            found.push(CompactFinding::new(Rule::OneSided, owner, open));
        }
        if version.renewal.is_some() && version.effective_to.is_none() {
            found.push(CompactFinding::new(Rule::RenewalWithoutEnd, owner, 1));
        }
        if let (Life::Paper(paper), Some(from)) = (&version.life, version.effective_from)
            && paper.signed_on.is_some_and(|signed| from < signed)
        {
            found.push(CompactFinding::new(Rule::EffectiveBeforeSigned, owner, 1));
        }
        for (_, party) in
            self.parties(checked).filter(|(_, party)| snapshot.district_at(*party).district.is_retired(on))
        {
            found.push(CompactFinding::new(Rule::PartyRetired, owner, 1).about(party));
        }
        for (place, party) in (0u16..).zip(&version.parties) {
            let missing = self.domains_without_body(checked, place).len();
            if let Some(district) = snapshot.district_handle(party.district).filter(|_| missing > 0) {
                found.push(CompactFinding::new(Rule::DomainWithoutBody, Some(district), missing).about(district));
            }
        }
        for (place, (clause, written)) in (0u16..).zip(checked.resolved().clauses().zip(&version.schedule)) {
            if version.term().is_some_and(|term| outside(written.period, term)) {
                found.push(CompactFinding::new(Rule::ClauseOutsideAgreement, owner, 1).in_clause(place));
            }
            if let ([one], [other]) = (&*written.receiving, &*written.competent)
                && one == other
            {
                found.push(CompactFinding::new(Rule::ClauseNeverHolds, owner, 1).in_clause(place));
            }
            let strangers = steps(&written.terms).filter(|code| !self.is_party(checked, *code)).count();
            if strangers > 0 {
                found.push(CompactFinding::new(Rule::JointStepOfNonParty, owner, strangers).in_clause(place));
            }
            if let Terms::MultiSiteJoint(terms) = &written.terms
                && !terms.steps.is_empty()
                && terms.steps.iter().filter(|step| step.is_lead()).count() != 1
            {
                found.push(CompactFinding::new(Rule::JointWithoutOneLead, owner, 1).in_clause(place));
            }
            let retired = self.retired(&clause).len();
            if retired > 0 {
                found.push(CompactFinding::new(Rule::MatterRetired, owner, retired as usize).in_clause(place));
            }
        }
        found
    }

    /// Whether the district participates in the agreement.
    fn is_party(&self, checked: Checked<'_>, district: DistrictCode) -> bool {
        let handle = self.snapshot.district_handle(district);
        handle.is_some_and(|handle| {
            !parties_as(checked.resolved(), &self.snapshot.participations(handle, self.on)).is_empty()
        })
    }

    pub(super) fn retired(&self, clause: &ClauseEntry<'_>) -> RoaringBitmap {
        let snapshot = self.snapshot;
        let is_retired = |matter: &Handle| {
            snapshot.retiring.contains(*matter) && !snapshot.matter_at(*matter).matter.is_active(self.on)
        };
        clause.matters.iter().filter(is_retired).collect()
    }

    /// The domains of the schedule for which a competent party with signing bodies has none.
    pub(super) fn domains_without_body(&self, checked: Checked<'_>, place: u16) -> BTreeSet<MatterDomain> {
        let party = &checked.version().parties[usize::from(place)];
        let mut missing = BTreeSet::new();
        if party.bodies.is_empty() || party.bodies.iter().any(|body| body.domains.is_empty()) {
            return missing;
        }
        for clause in checked.resolved().clauses().filter(|clause| clause.competent.include(place)) {
            let domains = clause.matters.iter().map(|matter| self.snapshot.matter_at(matter).matter.domain);
            missing.extend(domains.filter(|domain| !party.bodies.iter().any(|body| body.domains.contains(domain))));
        }
        missing
    }

    /// The indexes and districts of the parties that count on the day.
    fn parties<'c>(&self, checked: Checked<'c>) -> impl Iterator<Item = (u16, Handle)> + use<'c, 'a> {
        let (on, today) = (self.on, self.snapshot.today);
        let version = checked.version();
        let parties = (0u16..).zip(checked.resolved().parties()).zip(&version.parties);
        let counting = parties.filter(move |(_, party)| checked.agreement().counts_as_party(version, party, on, today));
        counting.map(|((place, party), _)| (place, party.district))
    }

    /// The indexes of the parties by the district that has their duties: a retired party's are its successor's.
    fn bound(&self, checked: Checked<'_>) -> BTreeMap<Handle, Vec<u16>> {
        let mut bound: BTreeMap<Handle, Vec<u16>> = BTreeMap::new();
        for (place, party) in self.parties(checked) {
            if let Some(district) = self.snapshot.counts_for(party, self.on) {
                bound.entry(district).or_default().push(place);
            }
        }
        bound
    }

    /// The offerings and windows that clauses promise and parties lack: of all parties, or of one.
    pub(super) fn duties(&mut self, checked: Checked<'_>, only: Option<Handle>, found: &mut Vec<CompactFinding>) {
        let on = self.on;
        for (district, parties) in
            self.bound(checked).into_iter().filter(|(district, _)| only.is_none_or(|only| only == *district))
        {
            let scheduled = (0u16..).zip(checked.resolved().clauses().take(checked.version().schedule.len()));
            for (place, clause) in scheduled.filter(|(_, clause)| clause.is_in_date(on)) {
                for rule in [Rule::MatterWithoutOffering, Rule::ProxyWithoutWindow, Rule::OnlineAgainstOffering] {
                    let count = self.unprepared(rule, &clause, &parties, district).map_or(0, Iterator::count);
                    if count > 0 {
                        found.push(CompactFinding::new(rule, Some(district), count).in_clause(place).about(district));
                    }
                }
            }
        }
    }

    /// The matters of a clause for which a party lacks them; `None`: the rule does not apply to the party.
    fn unprepared<'c>(
        &mut self,
        rule: Rule,
        clause: &ClauseEntry<'c>,
        parties: &[u16],
        district: Handle,
    ) -> Option<impl Iterator<Item = Handle>> {
        let on_side = |side: Roles<'_>| parties.iter().any(|party| side.include(*party));
        let asked = match rule {
            Rule::MatterWithoutOffering => on_side(clause.competent),
            Rule::OnlineAgainstOffering => on_side(clause.competent) && clause.mode == HandlingMode::FullOnline,
            _ => on_side(clause.receiving) && clause.mode == HandlingMode::ProxyCollection,
        };
        if !asked {
            return None;
        }
        let (snapshot, on) = (self.snapshot, self.on);
        let readiness = &*self.readiness.entry(district).or_insert_with(|| Readiness::of(snapshot, district, on));
        let offline = move || readiness.offline.get_or_init(|| offline_matters(snapshot, district, on));
        Some(clause.matters.iter().filter(move |matter| match rule {
            Rule::MatterWithoutOffering => !readiness.published.contains(*matter),
            Rule::OnlineAgainstOffering => offline().contains(*matter),
            _ => !readiness.serves(&snapshot.matter_at(*matter).matter),
        }))
    }

    /// The same for a finding.
    pub(super) fn unprepared_matters(&mut self, checked: Checked<'_>, found: CompactFinding) -> RoaringBitmap {
        let Some(clause) = checked.clause(found.clause) else { return RoaringBitmap::new() };
        let Some(parties) = self.bound(checked).remove(&found.other) else { return RoaringBitmap::new() };
        self.unprepared(found.rule, &clause, &parties, found.other).into_iter().flatten().collect()
    }

    /// The agreements that name two or more of these districts, or one of them twice.
    pub(super) fn sharing_parties(
        &self,
        districts: impl IntoIterator<Item = Handle>,
        wanted: impl Fn(Handle) -> bool,
    ) -> Vec<Handle> {
        let mut shared: Vec<Handle> = Vec::new();
        for district in districts {
            shared.extend(self.snapshot.district_at(district).agreements.iter().filter(|other| wanted(*other)));
        }
        shared.sort_unstable();
        shared.chunk_by(|a, b| a == b).filter(|same| same.len() >= 2).map(|same| same[0]).collect()
    }

    /// A contradiction with another agreement in force: other terms for the same parties, matters and mode. Reported
    /// once, for the later agreement.
    pub(super) fn clash(&self, checked: Checked<'_>, other: Handle) -> Option<CompactFinding> {
        let clashing = self.clashing(checked, other);
        let owner = self.snapshot.district_handle(checked.version().lead);
        (!clashing.is_empty())
            .then(|| CompactFinding::new(Rule::ContradictoryTerms, owner, clashing.len() as usize).about(other))
    }

    pub(super) fn clashing(&self, checked: Checked<'_>, other: Handle) -> RoaringBitmap {
        let on = self.on;
        let mut clashing = RoaringBitmap::new();
        let Some(before) =
            self.snapshot.agreement_at(other).filter(|before| before.agreement.standing(on) == Standing::InForce)
        else {
            return clashing;
        };
        let Some(at) = reference_version(before, on) else { return clashing };
        let before = Checked { entry: before, at };
        for (clause, written) in checked.resolved().clauses().zip(&checked.version().schedule) {
            for (earlier, said) in before.resolved().clauses().zip(&before.version().schedule) {
                let meet = clause.mode == earlier.mode
                    && clause.is_in_date(on)
                    && earlier.is_in_date(on)
                    && written.terms != said.terms;
                if meet && overlap(&clause, checked.resolved(), &earlier, before.resolved()) {
                    clashing.extend(clause.matters.iter().filter(|matter| earlier.matters.contains(*matter)));
                }
            }
        }
        clashing
    }

    /// The newest visible proposal of an agreement, if it lapsed unanswered.
    pub(super) fn of_proposals(&self, at: Handle, scope: &Scope) -> Option<CompactFinding> {
        let entry = self.snapshot.agreement_visible_to(at, scope)?;
        let agreement = &entry.agreement;
        let (version, proposal) = newest_proposal(agreement, self.on)?;
        if version.lapse_reason(self.on) != Some(LapseReason::AnswerByPassed) || agreement.voided.is_some() {
            return None;
        }
        let owner = self.snapshot.district_handle(proposal.by);
        Some(CompactFinding::new(Rule::Unanswered, owner, proposal.outstanding().len()).about(version.number))
    }
}

pub(super) fn newest_proposal(
    agreement: &Agreement,
    on: Date,
) -> Option<(&domain::Version, &domain::agreement::lifecycle::Proposal)> {
    let proposed = agreement.versions.iter().rev().find(|version| version.state(on) != VersionState::Draft)?;
    Some((proposed, proposed.proposal()?))
}

/// The districts of the steps of joint handling.
pub(super) fn steps(terms: &Terms) -> impl Iterator<Item = DistrictCode> {
    let steps = if let Terms::MultiSiteJoint(terms) = terms { &*terms.steps } else { &[] };
    steps.iter().filter_map(|step| step.district)
}
