//! Builds a snapshot: from all records, or from the previous snapshot and the changes since. Both use the same builder;
//! parts that do not change stay shared.

mod agreement;
mod district;
mod matter;
mod offering;
mod policy;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::calendar::day_in_china;
use domain::{
    Change, District, Id, MatterCode, Offering, Policy, Record, RecordKind, RecordType, Recorded, Revision, Window,
};

use crate::bits::Bits;
use crate::chunked_vec::{ChunkedVec, SortedIndex};
use crate::entry::AgreementSlot;
use crate::finding::cache::Invalidation;
use crate::handle::{Handle, Kept};
use crate::offering_entry::OfferingEntry;
use crate::schedule::Schedules;
use crate::snapshot::{Head, Snapshot};
use crate::totals::Totals;
use crate::version::VersionEntry;

/// If more districts change at once, all relations are recomputed.
const MAX_RELATED: usize = 64;

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
    previous: BTreeMap<Handle, PreviousAgreement>,
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
            today: day_in_china(head.recorded_at),
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
            head = Head {
                epoch: head.epoch,
                revision: change.revision,
                digest: change.digest,
                recorded_at: change.recorded_at,
            };
            match change.kind {
                RecordKind::ApiKey
                | RecordKind::Person
                | RecordKind::Grant
                | RecordKind::Feedback
                | RecordKind::Finding => continue,
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
                what: format!(
                    "revision {}: {}",
                    change.revision,
                    problems.first().map_or("", |problem| &problem.message.en)
                ),
            })?;
            match record {
                Record::District(record) => builder.district(recorded(change, record)),
                Record::Matter(record) => builder.matter(recorded(change, record)),
                Record::Window(record) => builder.window(recorded(change, record)),
                Record::Agreement(record) => builder.agreement(recorded(change, *record)),
                Record::Policy(record) => {
                    let policy = recorded::<Policy>(change, *record);
                    let replaced = builder.snapshot.policy_by_id(policy.id).map(|known| known.record.clone());
                    builder.policy(policy, replaced.map(|known| (known, day_in_china(head.recorded_at))));
                }

                Record::Document(record) => builder.document(recorded(change, record)),
                Record::Offering(record) => offerings.push(recorded::<Offering>(change, *record)),
            }
        }
        for offering in offerings {
            let (district, matter, brief) = builder.brief(&offering)?;
            builder.offering(district, matter, brief)?;
        }
        let today = builder.snapshot.today.max(day_in_china(head.recorded_at));
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

    pub(crate) fn over(snapshot: Snapshot) -> Self {
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
            previous: BTreeMap::new(),
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
                    if let (_, Some(agreement)) = std::mem::replace(self.snapshot.documents.get_mut(handle), (id, None))
                    {
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
            | RecordKind::Person
            | RecordKind::Grant
            | RecordKind::Feedback
            | RecordKind::Finding => {}
        }
        unreadable(format!("revision {}: a {} is not removed", change.revision, change.kind.label(domain::Locale::En)))
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
        if self.codes_moved || related.len() > MAX_RELATED {
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
            let (always, dated): (Vec<_>, Vec<_>) =
                self.snapshot.offerings_in(at).partition(|offering| offering.is_undated());
            let matters =
                |of: Vec<&OfferingEntry>| Arc::new(of.into_iter().filter_map(OfferingEntry::matter).collect::<Bits>());
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
}

/// The previous state of an agreement.
#[derive(Debug, Default)]
struct PreviousAgreement {
    named: Vec<Handle>,
    was_published: bool,
    /// Its version, if it was plain.
    plain: Option<VersionEntry>,
}
