//! Builds a snapshot: from all records, or from the previous snapshot and the changes since. Both use the same builder; parts that
//! do not change stay shared.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::FixedOffset;
use domain::agreement::objection::{CarriedClause, ClausePosition};
use domain::visibility::Scope;
use domain::{
    Agreement, Change, Date, District, DistrictCode, Document, Id, Matter, MatterCode, Offering, Party, Period, Policy, Record, RecordKind,
    RecordType, Recorded, Revision, Tenure, Territory, Version, Window,
};

use crate::bits::{Bits, sorted};
use crate::chunked_vec::{ChunkedVec, SortedIndex};
use crate::entry::{
    AgreementEntry, AgreementFile, AgreementSlot, DistrictEntry, MatterEntry, MatterKinds, PolicyClauseEntry, PolicyEntry, Published, Replaced,
    text_of,
};
use crate::finding::cache::Invalidation;
use crate::handle::{Handle, Kept, handle_of};
use crate::list::names::{other_names_of_district, other_names_of_matter};
use crate::offering_entry::{OfferingBrief, OfferingEntry};
use crate::schedule::{Brief, Schedules};
use crate::search::Text;
use crate::snapshot::{Head, Snapshot};
use crate::territory::is_subtree;
use crate::totals::Totals;
use crate::version::{NewClause, PartyEntry, VersionEntry};

/// A record that cannot be added: it references an unknown record, or is malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    pub what: String,
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for BuildError {}

fn unreadable<T>(what: impl Into<String>) -> Result<T, BuildError> {
    Err(BuildError { what: what.into() })
}

/// An offering with the ids of its district and matter.
type Placed = (Id<District>, Option<Id<Matter>>, OfferingBrief);

/// Builds a snapshot.
#[derive(Debug)]
pub struct SnapshotBuilder {
    snapshot: Snapshot,
    /// Records that are resolved when all districts and matters are known.
    windows: Vec<Recorded<Window>>,
    agreements: BTreeSet<Handle>,
    policies: BTreeSet<Handle>,
    /// A code moved to another district, so all relations between districts must be recomputed.
    codes_moved: bool,
    /// The new and changed districts, with their previous records.
    related: BTreeMap<Handle, Option<Kept<District>>>,
    /// Number of renamed records.
    districts_renamed: usize,
    matters_renamed: usize,
    /// Districts and matters whose offerings changed.
    offered: Bits,
    implemented: Bits,
    /// The previous state of changed agreements.
    left: BTreeMap<Handle, Left>,
    /// The lists of matters of clauses, deduplicated.
    lists: HashSet<Arc<[MatterCode]>>,
    /// Cache of the handles of districts and matters by id, for offerings.
    found: HashMap<Revision, Handle>,
    /// The derived cache must be cleared because of matters. Policies and districts are checked by themselves.
    reopened: bool,
    /// The findings to recompute.
    invalidation: Invalidation,
    fault: Option<BuildError>,
}

impl Snapshot {
    /// An empty registry.
    pub fn empty(head: Head) -> Self {
        Self {
            today: day_in_china(&head),
            head: Arc::new(head),
            districts: ChunkedVec::default(),
            district_codes: Arc::default(),
            district_directory: Arc::default(),
            matters: ChunkedVec::default(),
            matter_codes: Arc::default(),
            matter_directory: Arc::default(),
            matter_kinds: Arc::default(),
            offered_in: Arc::default(),
            offerings: ChunkedVec::default(),
            retiring: Arc::default(),
            agreements: ChunkedVec::default(),
            guarded: Arc::default(),
            agreement_numbers: SortedIndex::default(),
            totals: Totals::default(),
            schedules: Schedules::default(),
            policies: Arc::default(),
            windows: ChunkedVec::default(),
            derived: Arc::default(),
            findings: Arc::default(),
            documents: ChunkedVec::default(),
        }
    }

    /// The next snapshot: applies changes in the order of their revisions.
    pub fn apply<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) -> Result<Self, BuildError> {
        let mut builder = SnapshotBuilder::over(self.clone());
        let mut head = self.head().clone();
        // Offerings may name districts and matters that are new in the same batch.
        let mut offerings = Vec::new();
        for change in changes {
            if change.revision != head.revision + 1 {
                return unreadable(format!("revision {} does not follow {}", change.revision, head.revision));
            }
            head = Head { epoch: head.epoch, revision: change.revision, digest: change.digest, recorded_at: change.recorded_at };
            match change.kind {
                RecordKind::ApiKey | RecordKind::Finding => continue,
                RecordKind::District
                | RecordKind::Matter
                | RecordKind::Offering
                | RecordKind::Window
                | RecordKind::Agreement
                | RecordKind::Policy
                | RecordKind::Document => {}
            }
            let Some(line) = change.document.as_deref() else {
                builder.remove(change)?;
                continue;
            };
            let record = Record::from_line(line).map_err(|problems| BuildError {
                what: format!("revision {}: {}", change.revision, problems.first().map_or("", |problem| &problem.message.en)),
            })?;
            match record {
                Record::District(record) => builder.district(recorded(change, record)),
                Record::Matter(record) => builder.matter(recorded(change, record)),
                Record::Window(record) => builder.window(recorded(change, record)),
                Record::Agreement(record) => builder.agreement(recorded(change, *record)),
                Record::Policy(record) => {
                    let policy = recorded::<Policy>(change, *record);
                    let replaced = builder.snapshot.policy_by_id(policy.id).map(|known| known.record.clone());
                    builder.policy(policy, replaced.map(|known| (known, day_in_china(&head))));
                }

                Record::Document(record) => builder.document(recorded(change, record)),
                Record::Offering(record) => offerings.push(recorded::<Offering>(change, *record)),
            }
        }
        for offering in offerings {
            let (district, matter, brief) = builder.brief(&offering)?;
            builder.offering(district, matter, brief)?;
        }
        let today = builder.snapshot.today.max(day_in_china(&head));
        builder.invalidation.everything |= today != builder.snapshot.today;
        builder.snapshot.today = today;
        builder.snapshot.head = Arc::new(head);
        builder.finish()
    }
}

fn recorded<T>(change: &Change, record: T) -> Recorded<T> {
    Recorded { id: Id::new(change.record), revision: change.revision, record }
}

impl SnapshotBuilder {
    /// Begins with an empty registry.
    pub fn new(head: Head) -> Self {
        Self::over(Snapshot::empty(head))
    }

    fn over(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            windows: Vec::new(),
            agreements: BTreeSet::new(),
            policies: BTreeSet::new(),
            codes_moved: false,
            related: BTreeMap::new(),
            districts_renamed: 0,
            matters_renamed: 0,
            offered: Bits::default(),
            implemented: Bits::default(),
            left: BTreeMap::new(),
            lists: HashSet::new(),
            found: HashMap::new(),
            reopened: false,
            invalidation: Invalidation::default(),
            fault: None,
        }
    }

    /// Checks that records of a kind arrive in the order of their ids.
    fn follows<T: RecordType>(&mut self, last: Option<Id<T>>, id: Id<T>) {
        if last.is_some_and(|last| last >= id) {
            self.fault.get_or_insert_with(|| BuildError { what: format!("{id} comes after younger ones") });
        }
    }

    fn district_mut(&mut self, at: Handle) -> &mut DistrictEntry {
        Arc::make_mut(self.snapshot.districts.get_mut(at))
    }

    fn matter_mut(&mut self, at: Handle) -> &mut MatterEntry {
        Arc::make_mut(self.snapshot.matters.get_mut(at))
    }

    pub fn district(&mut self, district: Recorded<District>) {
        let text = Text::new(&district.name, other_names_of_district(&district));
        let id = district.id;
        let codes: Vec<DistrictCode> = district.all_codes().collect();
        let Some(handle) = self.snapshot.districts.search(&id, |entry| entry.district.id) else {
            self.follows(self.snapshot.districts.last().map(|entry| entry.district.id), id);
            let handle = self.snapshot.districts.push(Arc::new(DistrictEntry {
                district: Arc::new(district),
                parents: Arc::default(),
                administrators: Arc::default(),
                children: Arc::default(),
                successors: Arc::default(),
                predecessors: Arc::default(),
                windows: Arc::default(),
                offerings: Arc::default(),
                always_offered: Arc::default(),
                dated_offered: Arc::default(),
                agreements: Arc::default(),
                agreements_as_of: 0,
            }));
            let by_code = Arc::make_mut(&mut self.snapshot.district_codes);
            for code in codes {
                self.codes_moved |= by_code.insert(code, handle).is_some();
            }
            self.related.insert(handle, None);
            self.invalidation.districts.insert(handle);
            self.invalidation.moved = true;
            self.name_district(handle, &text);
            return;
        };
        let entry = self.district_mut(handle);
        let before = std::mem::replace(&mut entry.district, Arc::new(district));
        let is_succeeded_otherwise = before.retired != entry.district.retired;
        self.invalidation.moved |= before.parents != entry.district.parents || before.administers != entry.district.administers;
        self.invalidation.everything |= is_succeeded_otherwise || !before.all_codes().eq(codes.iter().copied());
        self.invalidation.districts.insert(handle);
        if !before.all_codes().eq(codes.iter().copied()) {
            let by_code = Arc::make_mut(&mut self.snapshot.district_codes);
            by_code.retain(|_, other| *other != handle);
            by_code.extend(codes.into_iter().map(|code| (code, handle)));
            self.codes_moved = true;
        }
        self.related.entry(handle).or_insert(Some(before));
        self.name_district(handle, &text);
    }

    fn name_district(&mut self, handle: Handle, text: &Text) {
        let district = self.snapshot.district_at(handle).district.clone();
        if !self.snapshot.district_directory.has(handle, district.code, text) {
            Arc::make_mut(&mut self.snapshot.district_directory).put(handle, district.code, &district.name, text);
            self.districts_renamed += 1;
        }
    }

    pub fn matter(&mut self, matter: Recorded<Matter>) {
        let text = Text::new(&matter.name, other_names_of_matter(&matter));
        let (id, code, retires) = (matter.id, matter.code, matter.retired_on.is_some());
        let handle = if let Some(handle) = self.snapshot.matters.search(&id, |entry| entry.matter.id) {
            let before = std::mem::replace(&mut self.matter_mut(handle).matter, Arc::new(matter));
            let after = &self.snapshot.matter_at(handle).matter;
            if (before.domain, before.retired_on) != (after.domain, after.retired_on) {
                self.invalidation.redefined.insert(handle);
            }
            handle
        } else {
            self.follows(self.snapshot.matters.last().map(|entry| entry.matter.id), id);
            let (offerings, offered_by) = (Arc::default(), Arc::default());
            Arc::make_mut(&mut self.snapshot.offered_in).push(0);
            let handle = self.snapshot.matters.push(Arc::new(MatterEntry { matter: Arc::new(matter), offerings, offered_by }));
            Arc::make_mut(&mut self.snapshot.matter_codes).insert(code, handle);
            handle
        };
        self.invalidation.matters.insert(handle);
        self.reopened |= retires || self.snapshot.retiring.contains(handle);
        if retires != self.snapshot.retiring.contains(handle) {
            let retiring = Arc::make_mut(&mut self.snapshot.retiring);
            if retires {
                retiring.insert(handle)
            } else {
                retiring.remove(handle)
            };
        }
        let matter = self.snapshot.matter_at(handle).matter.clone();
        if !self.snapshot.matter_kinds.has(handle, &matter) {
            Arc::make_mut(&mut self.snapshot.matter_kinds).put(handle, &matter);
        }
        if !self.snapshot.matter_directory.has(handle, matter.code, &text) {
            Arc::make_mut(&mut self.snapshot.matter_directory).put(handle, matter.code, &matter.name, &text);
            self.matters_renamed += 1;
        }
    }

    pub fn window(&mut self, window: Recorded<Window>) {
        self.windows.push(window);
    }

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
        let whole = AgreementEntry { text: text_of(&agreement), agreement: Arc::new(agreement), versions: Arc::default() };
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
    fn replace(&mut self, handle: Handle, slot: AgreementSlot) {
        let before = std::mem::replace(self.snapshot.agreements.get_mut(handle), slot);
        let AgreementSlot::Kept { file: before, plain, .. } = before else { return };
        // An unresolved agreement is not counted yet.
        if !before.whole.versions.is_empty() {
            self.snapshot.totals.remove(&before.whole.agreement);
        }
        let named = before.whole.agreement.named().into_iter().filter_map(|code| self.snapshot.district_handle(code));
        let left = self.left.entry(handle).or_default();
        left.named.extend(named);
        left.was_published |= !before.published.is_nothing();
        left.plain = left.plain.take().or(plain);
    }

    /// Removes a record: an agreement whose only draft was discarded, or one of its documents.
    fn remove(&mut self, change: &Change) -> Result<(), BuildError> {
        match change.kind {
            RecordKind::Agreement => {
                let id = Id::new(change.record);
                let known = self.snapshot.agreements.search(&id, AgreementSlot::id);
                if let Some((handle, file)) = known.and_then(|handle| Some((handle, self.snapshot.file_at(handle)?))) {
                    self.snapshot.agreement_numbers.remove(file.whole.agreement.number);
                    self.replace(handle, AgreementSlot::Removed(id));
                    self.agreements.insert(handle);
                    return Ok(());
                }
            }
            RecordKind::Document => {
                let id = Id::new(change.record);
                if let Some(handle) = self.snapshot.documents.search(&id, |(id, _)| *id) {
                    if let (_, Some(agreement)) = std::mem::replace(self.snapshot.documents.get_mut(handle), (id, None)) {
                        self.change_documents(agreement, |documents| documents.retain(|document| document.id != id));
                    }
                    return Ok(());
                }
            }
            RecordKind::District
            | RecordKind::Matter
            | RecordKind::Offering
            | RecordKind::Window
            | RecordKind::Policy
            | RecordKind::ApiKey
            | RecordKind::Finding => {}
        }
        unreadable(format!("revision {}: a {} is not removed", change.revision, change.kind.label(domain::Locale::En)))
    }

    /// Adds a policy, with its previous content and the day of its newest revision.
    pub fn policy(&mut self, policy: Recorded<Policy>, replaced: Option<(Policy, Date)>) {
        let id = policy.id;
        let replaced = replaced.map(|(policy, on)| Arc::new(Replaced { policy, on }));
        let entry = PolicyEntry { policy: Arc::new(policy), replaced, clauses: Arc::default() };
        let policies = Arc::make_mut(&mut self.snapshot.policies);
        let place = policies.partition_point(|known| known.policy.id < id);
        if policies.get(place).is_some_and(|known| known.policy.id == id) {
            policies[place] = entry;
        } else {
            let last = policies.last().map(|last| last.policy.id);
            policies.push(entry);
            self.follows(last, id);
        }
        self.policies.insert(handle_of(place));
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

    fn change_documents(&mut self, agreement: Handle, change: impl FnOnce(&mut Vec<Kept<Document>>)) {
        if let AgreementSlot::Kept { file, .. } = self.snapshot.agreements.get_mut(agreement) {
            let file = Arc::make_mut(file);
            let mut documents = file.documents.to_vec();
            change(&mut documents);
            file.documents = documents.into();
        }
    }

    fn brief(&self, offering: &Recorded<Offering>) -> Result<Placed, BuildError> {
        let Some(district) = self.snapshot.district(offering.district) else {
            return unreadable(format!("{} serves the unknown district {}", offering.id, offering.district));
        };
        let matter = match offering.matter {
            None => None,
            Some(code) => match self.snapshot.matter(code) {
                Some(matter) => Some(matter.id),
                None => return unreadable(format!("{} implements the unknown matter {code}", offering.id)),
            },
        };
        Ok((district.id, matter, OfferingBrief::of(offering)))
    }

    /// Adds an offering by the ids of its district and matter, which must exist. New offerings must arrive in the order of their
    /// ids.
    pub fn offering(&mut self, district: Id<District>, matter: Option<Id<Matter>>, brief: OfferingBrief) -> Result<(), BuildError> {
        let at = self.find(district.number(), |snapshot| snapshot.districts.search(&district, |entry| entry.district.id));
        let Some(at) = at else { return unreadable(format!("{} serves the unknown district {district}", brief.id)) };
        let handle = matter.map(|id| self.find(id.number(), |snapshot| snapshot.matters.search(&id, |entry| entry.matter.id)).ok_or(id));
        let matter = match handle.transpose() {
            Ok(handle) => handle,
            Err(id) => return unreadable(format!("{} implements the unknown matter {id}", brief.id)),
        };
        let Some(entry) = OfferingEntry::new(at, matter, &brief) else {
            return unreadable(format!("{} has a number that is too great", brief.id));
        };
        let offerings = &mut self.snapshot.offerings;
        if offerings.last().is_none_or(|last| last.id() < brief.id) {
            let place = offerings.push(entry);
            self.link_youngest(place, &entry);
            return Ok(());
        }
        let Some(place) = offerings.search(&brief.id, OfferingEntry::id) else {
            return unreadable(format!("{} comes after younger ones", brief.id));
        };
        let before = std::mem::replace(offerings.get_mut(place), entry);
        if (before.district(), before.matter()) != (entry.district(), entry.matter()) {
            self.unlink(place, &before);
        }
        self.link(place, &entry);
        Ok(())
    }

    fn find(&mut self, id: Revision, search: impl FnOnce(&Snapshot) -> Option<Handle>) -> Option<Handle> {
        if let Some(known) = self.found.get(&id) {
            return Some(*known);
        }
        let handle = search(&self.snapshot)?;
        self.found.insert(id, handle);
        Some(handle)
    }

    /// Links a new offering to its district and matter. Fast path, since there are millions of offerings.
    fn link_youngest(&mut self, place: Handle, entry: &OfferingEntry) {
        let district = entry.district();
        self.offered.insert(district);
        let known_to_district = Arc::make_mut(&mut self.district_mut(district).offerings).try_push(place);
        debug_assert!(known_to_district.is_ok(), "it is the youngest");
        let Some(matter) = entry.matter() else { return };
        self.implemented.insert(matter);
        let entry = self.matter_mut(matter);
        let known_to_matter = Arc::make_mut(&mut entry.offerings).try_push(place);
        debug_assert!(known_to_matter.is_ok(), "it is the youngest");
        Arc::make_mut(&mut entry.offered_by).insert(district);
    }

    /// Links an offering to its district and matter.
    fn link(&mut self, place: Handle, entry: &OfferingEntry) {
        let district = entry.district();
        self.offered.insert(district);
        if !self.snapshot.district_at(district).offerings.contains(place) {
            Arc::make_mut(&mut self.district_mut(district).offerings).insert(place);
        }
        let Some(matter) = entry.matter() else { return };
        if !self.snapshot.matter_at(matter).offerings.contains(place) {
            self.implemented.insert(matter);
            let entry = self.matter_mut(matter);
            Arc::make_mut(&mut entry.offerings).insert(place);
            Arc::make_mut(&mut entry.offered_by).insert(district);
        }
    }

    /// Unlinks an offering that moves to another district or matter.
    fn unlink(&mut self, place: Handle, before: &OfferingEntry) {
        let district = before.district();
        self.offered.insert(district);
        if let Some(matter) = before.matter() {
            Arc::make_mut(&mut self.matter_mut(matter).offerings).remove(place);
            if !self.snapshot.has_offering(district, matter) {
                Arc::make_mut(&mut self.matter_mut(matter).offered_by).remove(district);
                self.implemented.insert(matter);
            }
        }
        Arc::make_mut(&mut self.district_mut(district).offerings).remove(place);
    }

    /// Resolves references, and returns the snapshot.
    pub fn finish(mut self) -> Result<Snapshot, BuildError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if self.reopened || !self.related.is_empty() || !self.policies.is_empty() {
            self.snapshot.derived = Arc::default();
        }
        let related = std::mem::take(&mut self.related);
        if self.codes_moved || related.len() > RELATED {
            self.relate_districts()?;
        } else {
            for (at, before) in related {
                self.relate_district(at, before.as_deref())?;
            }
        }
        if self.districts_renamed > 0 {
            Arc::make_mut(&mut self.snapshot.district_directory).settle(self.districts_renamed);
        }
        if self.matters_renamed > 0 {
            Arc::make_mut(&mut self.snapshot.matter_directory).settle(self.matters_renamed);
        }
        for at in std::mem::take(&mut self.offered).iter() {
            self.invalidation.readiness.insert(at);
            let (always, dated): (Vec<_>, Vec<_>) = self.snapshot.offerings_in(at).partition(|offering| offering.is_undated());
            let matters = |of: Vec<&OfferingEntry>| Arc::new(of.into_iter().filter_map(OfferingEntry::matter).collect::<Bits>());
            let (always, dated) = (matters(always), matters(dated));
            let entry = self.district_mut(at);
            (entry.always_offered, entry.dated_offered) = (always, dated);
            // The offerings of a district are mostly consecutive.
            Arc::make_mut(&mut entry.offerings).optimize();
        }
        for at in std::mem::take(&mut self.implemented).iter() {
            let entry = self.matter_mut(at);
            entry.offerings = Arc::new((*entry.offerings).clone());
            entry.offered_by = Arc::new((*entry.offered_by).clone());
            let (count, known) = (entry.offered_by.len(), self.snapshot.offered_in[at as usize]);
            if count != known as usize {
                Arc::make_mut(&mut self.snapshot.offered_in)[at as usize] = u32::try_from(count).unwrap_or(u32::MAX);
            }
        }
        for window in std::mem::take(&mut self.windows) {
            self.put_window(window)?;
        }
        for at in std::mem::take(&mut self.agreements) {
            self.resolve_agreement(at)?;
        }
        for at in std::mem::take(&mut self.policies) {
            self.invalidation.policies.insert(at);
            self.resolve_policy(at)?;
        }
        self.snapshot.findings = Arc::new(self.snapshot.findings.next(&self.invalidation));
        self.fault.map_or(Ok(self.snapshot), Err)
    }

    fn known(&self, code: DistrictCode, whose: &str) -> Result<Handle, BuildError> {
        self.snapshot.district_handle(code).map_or_else(|| unreadable(format!("{whose} names the unknown district {code}")), Ok)
    }

    fn relations(&self, district: &Recorded<District>) -> Result<Relations, BuildError> {
        let whose = district.id.to_string();
        let tenures = |tenures: &[Tenure]| {
            tenures.iter().map(|tenure| Ok((self.known(tenure.district, &whose)?, tenure.period))).collect::<Result<Vec<_>, BuildError>>()
        };
        Ok(Relations {
            parents: tenures(&district.parents)?,
            administers: tenures(&district.administers)?,
            successors: district.successors().iter().map(|code| self.known(*code, &whose)).collect::<Result<_, _>>()?,
        })
    }

    /// Updates the relations of a district and of the districts that it names or named.
    fn relate_district(&mut self, at: Handle, before: Option<&Recorded<District>>) -> Result<(), BuildError> {
        let before = before.map(|before| self.relations(before)).transpose()?.unwrap_or_default();
        let after = self.relations(&self.snapshot.district_at(at).district.clone())?;
        if before == after {
            return Ok(());
        }
        let entry = self.district_mut(at);
        (entry.parents, entry.successors) = (after.parents.as_slice().into(), after.successors.as_slice().into());
        let others: BTreeSet<Handle> = before.named().chain(after.named()).collect();
        for other in others {
            let periods: Vec<_> =
                after.administers.iter().filter(|(administered, _)| *administered == other).map(|(_, period)| (at, *period)).collect();
            let entry = self.district_mut(other);
            let mut administrators: Vec<_> = entry.administrators.iter().copied().filter(|(administrator, _)| *administrator != at).collect();
            administrators.extend(periods);
            administrators.sort_by_key(|(administrator, _)| *administrator);
            entry.administrators = administrators.into();
            with(&mut entry.predecessors, at, after.successors.contains(&other));
            let above =
                entry.administrators.iter().any(|(administrator, _)| *administrator == at) || entry.parents.iter().any(|(parent, _)| *parent == at);
            with(&mut self.district_mut(at).children, other, above);
            let is_above = |above: &[(Handle, Period)]| above.iter().any(|(above, _)| *above == other);
            let entry = self.snapshot.district_at(at);
            let above = is_above(&entry.parents) || is_above(&entry.administrators);
            with(&mut self.district_mut(other).children, at, above);
        }
        Ok(())
    }

    fn relate_districts(&mut self) -> Result<(), BuildError> {
        #[derive(Default)]
        struct Related {
            parents: Vec<(Handle, Period)>,
            administrators: Vec<(Handle, Period)>,
            children: Vec<Handle>,
            successors: Vec<Handle>,
            predecessors: Vec<Handle>,
        }
        let count = self.snapshot.districts.len();
        let mut all: Vec<Related> = std::iter::repeat_with(Related::default).take(count).collect();
        for (at, entry) in self.snapshot.districts.iter().enumerate() {
            let Relations { parents, administers, successors } = self.relations(&entry.district)?;
            parents.iter().for_each(|(parent, _)| all[*parent as usize].children.push(handle_of(at)));
            for (administered, period) in administers {
                all[administered as usize].administrators.push((handle_of(at), period));
                all[at].children.push(administered);
            }
            successors.iter().for_each(|successor| all[*successor as usize].predecessors.push(handle_of(at)));
            (all[at].parents, all[at].successors) = (parents, successors);
        }
        for (at, mut related) in (0..).zip(all) {
            related.children.sort_unstable();
            related.children.dedup();
            let entry = self.snapshot.district_at(at);
            let is_same = *entry.parents == *related.parents
                && *entry.administrators == *related.administrators
                && *entry.children == *related.children
                && *entry.successors == *related.successors
                && *entry.predecessors == *related.predecessors;
            if !is_same {
                let entry = self.district_mut(at);
                entry.parents = related.parents.into();
                entry.administrators = related.administrators.into();
                entry.children = related.children.into();
                entry.successors = related.successors.into();
                entry.predecessors = related.predecessors.into();
            }
        }
        Ok(())
    }

    fn put_window(&mut self, window: Recorded<Window>) -> Result<(), BuildError> {
        let at = self.known(window.district, &window.id.to_string())?;
        if self.snapshot.windows.search(&window.id, |(id, _)| *id).is_none() {
            self.follows(self.snapshot.windows.last().map(|(id, _)| *id), window.id);
            self.snapshot.windows.push((window.id, at));
        }
        self.invalidation.readiness.insert(at);
        let windows = Arc::make_mut(&mut self.district_mut(at).windows);
        windows.retain(|known| known.id != window.id);
        let place = windows.partition_point(|known| known.name <= window.name);
        windows.insert(place, Arc::new(window));
        Ok(())
    }

    fn resolve_agreement(&mut self, at: Handle) -> Result<(), BuildError> {
        let mut named = BTreeSet::new();
        let mut is_guarded = false;
        let left = self.left.remove(&at).unwrap_or_default();
        self.invalidation.agreements.insert(at, left.named.iter().copied().collect());
        let mut concerns_all = left.was_published;
        if let Some(file) = self.snapshot.file_at(at) {
            let agreement: Kept<Agreement> = file.whole.agreement.clone();
            let whose = agreement.id.to_string();
            let resolve = |version: &Version| self.resolve_version(&agreement, version, &whose);
            let versions = agreement.versions.iter().map(resolve).collect::<Result<Vec<_>, _>>()?;
            named.extend(agreement.named().into_iter().filter_map(|code| self.snapshot.district_handle(code)));
            let whole = AgreementEntry { versions: versions.into(), ..file.whole.clone() };
            let published = published(&whole, day_in_china(self.snapshot.head()));
            is_guarded = matches!(published, Published::Parts(_));
            concerns_all |= !published.is_nothing();
            // A date-driven conclusion may begin on any day.
            let term = if is_guarded { Some(Period::ALWAYS) } else { whole_term(&agreement) };
            let documents = file.documents.clone();
            let names_parties_alone = |version: &VersionEntry| version.parties().map(|party| party.district).collect::<BTreeSet<_>>() == named;
            let plain = (!is_guarded && is_plain(&agreement)).then(|| whole.versions[0].clone()).filter(names_parties_alone);
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
        self.snapshot.schedules.put(at, left.plain.as_ref(), after.as_ref().map(|(brief, version)| (*brief, version)), is_kept);
        let revision = self.snapshot.revision();
        for district in left.named.into_iter().chain(named.iter().copied()) {
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

    fn resolve_version(&self, agreement: &Agreement, version: &Version, whose: &str) -> Result<VersionEntry, BuildError> {
        let parties = version
            .parties
            .iter()
            .map(|party| Ok(PartyEntry { district: self.known(party.district, whose)?, subtree: is_subtree(party.extent) }))
            .collect::<Result<Vec<_>, BuildError>>()?;
        let places: HashMap<DistrictCode, u32> = version.parties.iter().zip(0..).map(|(party, at)| (party.district, at)).collect();
        let side = |codes: &[DistrictCode]| {
            let place = |code: &DistrictCode| places.get(code).copied();
            let place = |code| place(code).map_or_else(|| unreadable(format!("{whose} has a clause that names {code}, no party")), Ok);
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
                    let left = side(&named.iter().copied().filter(|party| !excluded.contains(party)).collect::<Vec<_>>())?;
                    Ok(if left.is_empty() { NOBODY.to_vec() } else { left })
                };
                Ok(NewClause {
                    receiving: bound(&clause.receiving)?,
                    competent: bound(&clause.competent)?,
                    matters: self.resolve_matters(&clause.matters, whose)?,
                    period: clause.period,
                    mode: clause.mode(),
                })
            })
            .collect::<Result<Vec<_>, BuildError>>()?;
        let carried = self.carried(agreement, version, &places, whose)?;
        Ok(VersionEntry::new(&parties, own.into_iter().chain(carried).collect()))
    }

    /// The older clauses that stay in force for parties that objected. Each becomes two clauses: these parties receive, or others
    /// receive for them (`Agreement::clause_at` counts two indexes for each).
    fn carried(
        &self,
        agreement: &Agreement,
        version: &Version,
        places: &HashMap<DistrictCode, u32>,
        whose: &str,
    ) -> Result<Vec<NewClause>, BuildError> {
        let at = agreement.versions.iter().position(|other| other.number == version.number);
        let mut clauses = Vec::new();
        for CarriedClause { at: ClausePosition { version, clause }, parties } in at.map_or_else(Vec::new, |at| agreement.carried(at)) {
            let clause = &agreement.versions[version].schedule[clause];
            // A district that is not a party any more has no index.
            let side = |named: &[DistrictCode], wanted: &dyn Fn(&DistrictCode) -> bool| {
                let wanted = places.iter().filter(|(code, _)| (named.is_empty() || named.contains(code)) && wanted(code));
                let side: Vec<u32> = wanted.map(|(_, place)| *place).collect();
                if side.is_empty() { NOBODY.to_vec() } else { side }
            };
            let (those, others, all) =
                (|code: &DistrictCode| parties.contains(code), |code: &DistrictCode| !parties.contains(code), |_: &DistrictCode| true);
            let halves = [
                (side(&clause.receiving, &those), side(&clause.competent, &all)),
                (side(&clause.receiving, &others), side(&clause.competent, &those)),
            ];
            for (receiving, competent) in halves {
                clauses.push(NewClause {
                    receiving,
                    competent,
                    matters: self.resolve_matters(&clause.matters, whose)?,
                    period: clause.period,
                    mode: clause.mode(),
                });
            }
        }
        Ok(clauses)
    }

    fn resolve_matters(&self, codes: &[MatterCode], whose: &str) -> Result<Vec<Handle>, BuildError> {
        codes
            .iter()
            .map(|code| self.snapshot.matter_handle(*code).map_or_else(|| unreadable(format!("{whose} lists the unknown matter {code}")), Ok))
            .collect()
    }

    fn resolve_policy(&mut self, at: Handle) -> Result<(), BuildError> {
        let policy: Kept<Policy> = self.snapshot.policies[at as usize].policy.clone();
        let whose = policy.id.to_string();
        let side = |territories: &[Territory]| {
            territories
                .iter()
                .map(|territory| Ok((self.known(territory.district, &whose)?, is_subtree(territory.extent))))
                .collect::<Result<Box<[_]>, BuildError>>()
        };
        let clauses = policy
            .schedule
            .iter()
            .map(|clause| {
                Ok(PolicyClauseEntry {
                    matters: sorted(self.resolve_matters(&clause.matters, &whose)?).into(),
                    receiving: side(policy.receiving_of(clause))?,
                    competent: side(policy.competent_of(clause))?,
                })
            })
            .collect::<Result<Vec<_>, BuildError>>()?;
        Arc::make_mut(&mut self.snapshot.policies)[at as usize].clauses = clauses.into();
        Ok(())
    }
}

/// The previous state of an agreement.
#[derive(Debug, Default)]
struct Left {
    named: Vec<Handle>,
    was_published: bool,
    /// Its version, if it was plain.
    plain: Option<VersionEntry>,
}

/// The relations in the record of a district.
#[derive(Debug, Default, PartialEq)]
struct Relations {
    parents: Vec<(Handle, Period)>,
    administers: Vec<(Handle, Period)>,
    successors: Vec<Handle>,
}

impl Relations {
    fn named(&self) -> impl Iterator<Item = Handle> {
        self.parents.iter().chain(&self.administers).map(|(named, _)| *named).chain(self.successors.iter().copied())
    }
}

/// If more districts change at once, all relations are recomputed.
const RELATED: usize = 64;

/// Inserts a handle into a sorted list, or removes it.
fn with(places: &mut Arc<[Handle]>, place: Handle, is_in: bool) {
    let (Ok(at) | Err(at)) = places.binary_search(&place);
    let was_in = places.get(at) == Some(&place);
    if was_in != is_in {
        let mut changed = places.to_vec();
        changed.splice(at..at + usize::from(was_in), is_in.then_some(place));
        *places = changed.into();
    }
}

/// A side without parties: an index that no party has, since an empty side means all parties.
const NOBODY: [u32; 1] = [u32::MAX];

/// The day of a snapshot's newest change.
fn day_in_china(head: &Head) -> Date {
    const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");
    head.recorded_at.with_timezone(&CHINA).date_naive()
}

impl MatterKinds {
    /// Whether the matter is indexed correctly.
    fn has(&self, at: Handle, matter: &Matter) -> bool {
        self.domains.iter().all(|(domain, matters)| matters.contains(at) == (*domain == matter.domain))
            && self.domains.contains_key(&matter.domain)
            && self.audiences.iter().all(|(audience, matters)| matters.contains(at) == matter.audience.contains(audience))
            && matter.audience.iter().all(|audience| self.audiences.contains_key(audience))
    }

    fn put(&mut self, at: Handle, matter: &Matter) {
        self.domains.values_mut().chain(self.audiences.values_mut()).for_each(|matters| matters.remove(at));
        self.domains.entry(matter.domain).or_default().insert(at);
        for audience in &matter.audience {
            self.audiences.entry(*audience).or_default().insert(at);
        }
    }
}

/// An agreement whose codes are not resolved yet.
fn unresolved(whole: AgreementEntry, documents: Arc<[Kept<Document>]>) -> AgreementSlot {
    let number = whole.agreement.number;
    AgreementSlot::Kept { file: Arc::new(AgreementFile { whole, published: Published::Whole, documents }), number, term: None, plain: None }
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
    let concluded = agreement.versions.iter().filter_map(|version| version.proposal()?.concluded_on(version.objection_days));
    let later: BTreeSet<Date> = concluded.filter(|concluded| *concluded > today).collect();
    let part = |from: Date, day: Date| Some((from, whole.seen_by(&Scope::Public, day)?));
    let first = part(Date::MIN, today);
    if later.is_empty() && matches!(first, Some((_, Cow::Borrowed(_)))) {
        return Published::Whole;
    }
    let parts = first.into_iter().chain(later.into_iter().filter_map(|day| part(day, day)));
    Published::Parts(parts.map(|(from, entry)| (from, entry.into_owned())).collect())
}
