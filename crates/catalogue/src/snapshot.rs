//! The registry at one revision: an immutable snapshot. Copy-on-write: the next snapshot shares everything that does not change.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::visibility::Scope;
use domain::{
    Agreement, AgreementNumber, Audience, Date, Digest, District, DistrictCode, Document, Id, Matter, MatterCode, MatterDomain, Period, Policy,
    Recorded, Revision, Window,
};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::chunked_vec::{ChunkedVec, SortedIndex};
use crate::derived_cache::DerivedCache;
use crate::finding::FindingsCache;
use crate::length::Totals;
use crate::offering::OfferingEntry;
use crate::order::Directory;
use crate::schedule::Schedules;
use crate::search::Text;
use crate::version::VersionEntry;

/// A record in the catalogue, shared between snapshots.
pub type Kept<T> = Arc<Recorded<T>>;

/// The index of a record in the vector of its kind; the same in every later snapshot of this process.
pub(crate) type Handle = u32;

/// The journal entry of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The epoch of the registry. A restored backup begins a new one.
    pub epoch: String,
    pub revision: Revision,
    pub digest: Digest,
    pub recorded_at: DateTime<Utc>,
}

/// A district with its relations and indexes.
#[derive(Debug, Clone)]
pub(crate) struct DistrictEntry {
    pub(crate) district: Kept<District>,
    /// Resolved `parents` and `administers` of the record, in its order.
    pub(crate) parents: Arc<[(Handle, Period)]>,
    /// The zones that administer it (托管).
    pub(crate) administrators: Arc<[(Handle, Period)]>,
    pub(crate) children: Arc<[Handle]>,
    pub(crate) successors: Arc<[Handle]>,
    /// The districts that it succeeds once they are retired.
    pub(crate) predecessors: Arc<[Handle]>,
    /// By name.
    pub(crate) windows: Arc<Vec<Kept<Window>>>,
    /// The handles of its offerings.
    pub(crate) offerings: Arc<RoaringBitmap>,
    /// Matters with an undated offering, which is published on every day.
    pub(crate) always_offered: Arc<Bits>,
    /// Matters with a dated offering, which is published on some days.
    pub(crate) dated_offered: Arc<Bits>,
    /// Agreements that name the district.
    pub(crate) agreements: Arc<RoaringBitmap>,
    /// The newest change of the published part of these.
    pub(crate) agreements_as_of: Revision,
}

#[derive(Debug, Clone)]
pub(crate) struct MatterEntry {
    pub(crate) matter: Kept<Matter>,
    /// The handles of its offerings in all districts.
    pub(crate) offerings: Arc<RoaringBitmap>,
    /// Districts with an offering of it on any day.
    pub(crate) offered_by: Arc<Bits>,
}

/// Indexes of matters for filters and facets.
#[derive(Debug, Clone, Default)]
pub(crate) struct MatterKinds {
    pub(crate) domains: BTreeMap<MatterDomain, Bits>,
    pub(crate) audiences: BTreeMap<Audience, Bits>,
}

/// An agreement: the whole record, and its published part.
#[derive(Debug, Clone)]
pub(crate) struct AgreementFile {
    /// Must be shown only in the scope of a caller.
    pub(crate) whole: AgreementEntry,
    pub(crate) published: Published,
    /// Its documents, oldest first.
    pub(crate) documents: Arc<[Kept<Document>]>,
}

/// The published part of an agreement.
#[derive(Debug, Clone)]
pub(crate) enum Published {
    /// The whole agreement is public.
    Whole,
    /// The published parts, each from a day on, since some proposals are concluded on a later day without an act. Before the first
    /// day nothing is public.
    Parts(Box<[(Date, AgreementEntry)]>),
}

impl Published {
    /// Nothing is public, today or later.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Parts(parts) if parts.is_empty())
    }
}

/// An agreement, or the visible part of it.
#[derive(Debug, Clone)]
pub(crate) struct AgreementEntry {
    pub(crate) agreement: Kept<Agreement>,
    pub(crate) text: Text,
    /// One for each version, in its order.
    pub(crate) versions: Arc<[VersionEntry]>,
}

#[derive(Debug, Clone)]
pub(crate) struct PolicyEntry {
    pub(crate) policy: Kept<Policy>,
    /// The content before its newest revision.
    pub(crate) replaced: Option<Arc<Replaced>>,
    /// The resolved clauses.
    pub(crate) clauses: Arc<[PolicyClauseEntry]>,
}

/// A policy before a revision, and the day of the revision.
#[derive(Debug)]
pub(crate) struct Replaced {
    pub(crate) policy: Policy,
    pub(crate) on: Date,
}

#[derive(Debug, Clone)]
pub(crate) struct PolicyClauseEntry {
    /// Sorted.
    pub(crate) matters: Box<[Handle]>,
    pub(crate) receiving: Box<[(Handle, bool)]>,
    pub(crate) competent: Box<[(Handle, bool)]>,
}

/// The slot of an agreement, which stays when the agreement is removed.
#[derive(Debug, Clone)]
pub(crate) enum AgreementSlot {
    Kept {
        file: Arc<AgreementFile>,
        number: AgreementNumber,
        /// The period in which it can be in force; `None`: never.
        term: Option<Period>,
        /// Its version, if the agreement is plain: it has a single version that is public and binds all its parties throughout its
        /// term. Most agreements are plain.
        plain: Option<VersionEntry>,
    },
    Removed(Id<Agreement>),
}

impl AgreementSlot {
    pub(crate) fn id(&self) -> Id<Agreement> {
        match self {
            Self::Kept { file, .. } => file.whole.agreement.id,
            Self::Removed(id) => *id,
        }
    }
}

/// An agreement that can be in force on a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) at: Handle,
    pub(crate) number: AgreementNumber,
    pub(crate) history: History<'a>,
}

/// The history to consider.
#[derive(Debug, Clone, Copy)]
pub(crate) enum History<'a> {
    /// A plain agreement, which is in force.
    Single(&'a VersionEntry),
    Full(&'a AgreementEntry),
}

/// Chunk size of vectors of records.
pub(crate) const RECORDS: usize = 256;
/// Chunk size of the vector of offerings.
pub(crate) const OFFERINGS: usize = 512;

/// The registry at one revision.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) head: Arc<Head>,
    /// The current day. Later date-driven changes are not known yet.
    pub(crate) today: Date,
    /// All vectors are in the order of the ids.
    pub(crate) districts: ChunkedVec<Arc<DistrictEntry>, RECORDS>,
    pub(crate) district_codes: Arc<HashMap<DistrictCode, Handle>>,
    pub(crate) district_directory: Arc<Directory<DistrictCode>>,
    pub(crate) matters: ChunkedVec<Arc<MatterEntry>, RECORDS>,
    pub(crate) matter_codes: Arc<HashMap<MatterCode, Handle>>,
    pub(crate) matter_directory: Arc<Directory<MatterCode>>,
    pub(crate) matter_kinds: Arc<MatterKinds>,
    /// The number of districts that offer each matter, for relevance.
    pub(crate) offered_in: Arc<Vec<u32>>,
    pub(crate) offerings: ChunkedVec<OfferingEntry, OFFERINGS>,
    /// Matters that are retired on some day.
    pub(crate) retiring: Arc<RoaringBitmap>,
    pub(crate) agreements: ChunkedVec<AgreementSlot, RECORDS>,
    /// Agreements that are not completely public.
    pub(crate) guarded: Arc<RoaringBitmap>,
    pub(crate) agreement_numbers: SortedIndex<AgreementNumber>,
    pub(crate) totals: Totals,
    pub(crate) schedules: Schedules,
    pub(crate) policies: Arc<Vec<PolicyEntry>>,
    /// Each with its district.
    pub(crate) windows: ChunkedVec<(Id<Window>, Handle), RECORDS>,
    /// Depends on districts, policies and retired matters: a change of one of these replaces it. Its dependency on agreements is
    /// tracked by revision.
    pub(crate) derived: Arc<DerivedCache>,
    /// The findings of its day, computed on demand.
    pub(crate) findings: Arc<FindingsCache>,
    /// Each with its agreement; `None`: it was removed.
    pub(crate) documents: ChunkedVec<(Id<Document>, Option<Handle>), RECORDS>,
}

impl Snapshot {
    pub fn head(&self) -> &Head {
        &self.head
    }

    pub fn revision(&self) -> Revision {
        self.head.revision
    }

    pub(crate) fn district_handle(&self, code: DistrictCode) -> Option<Handle> {
        self.district_codes.get(&code).copied()
    }

    pub(crate) fn matter_handle(&self, code: MatterCode) -> Option<Handle> {
        self.matter_codes.get(&code).copied()
    }

    pub(crate) fn district_at(&self, handle: Handle) -> &DistrictEntry {
        &self.districts[handle]
    }

    pub(crate) fn matter_at(&self, handle: Handle) -> &MatterEntry {
        &self.matters[handle]
    }

    /// The same snapshot with another current day. A new snapshot uses the day of its newest change.
    pub fn on_day(&self, today: Date) -> Self {
        let findings = if today == self.today { self.findings.clone() } else { Arc::default() };
        Self { today, findings, ..self.clone() }
    }

    pub fn today(&self) -> Date {
        self.today
    }

    pub(crate) fn file_at(&self, handle: Handle) -> Option<&AgreementFile> {
        match &self.agreements[handle] {
            AgreementSlot::Kept { file, .. } => Some(file),
            AgreementSlot::Removed(_) => None,
        }
    }

    /// The published part of an agreement, if it can be in force on the day.
    pub(crate) fn candidate_at(&self, handle: Handle, on: Date) -> Option<Candidate<'_>> {
        match &self.agreements[handle] {
            AgreementSlot::Kept { file: _, number, term: Some(term), plain } if term.includes(on) => {
                let history = match plain {
                    Some(version) => History::Single(version),
                    None => History::Full(self.agreement_at(handle)?),
                };
                Some(Candidate { at: handle, number: *number, history })
            }
            AgreementSlot::Kept { .. } | AgreementSlot::Removed(_) => None,
        }
    }

    /// The published part of an agreement. Answers use nothing else.
    pub(crate) fn agreement_at(&self, handle: Handle) -> Option<&AgreementEntry> {
        let file = self.file_at(handle)?;
        match &file.published {
            Published::Whole => Some(&file.whole),
            Published::Parts(parts) => parts.iter().rev().find(|(from, _)| *from <= self.today).map(|(_, entry)| entry),
        }
    }

    /// The part of an agreement that is visible in a scope.
    pub(crate) fn agreement_through(&self, handle: Handle, eyes: &Scope) -> Option<Cow<'_, AgreementEntry>> {
        let may_see_more = self.guarded.contains(handle)
            && match eyes {
                Scope::Public => false,
                Scope::Partner(_) | Scope::Districts(_) => eyes
                    .districts()
                    .any(|code| self.district_handle(code).is_some_and(|district| self.district_at(district).agreements.contains(handle))),
                Scope::Steward => true,
            };
        if !may_see_more {
            return self.agreement_at(handle).map(Cow::Borrowed);
        }
        self.file_at(handle)?.whole.seen_by(eyes, self.today)
    }

    /// The district with a code, current or former.
    pub fn district(&self, code: DistrictCode) -> Option<&Kept<District>> {
        Some(&self.district_at(self.district_handle(code)?).district)
    }

    pub fn matter(&self, code: MatterCode) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matter_handle(code)?).matter)
    }

    /// The visible part of the agreement with a number. If it is not the whole agreement, its revision is `UNKNOWN`.
    pub fn agreement(&self, number: AgreementNumber, eyes: &Scope) -> Option<Kept<Agreement>> {
        Some(self.agreement_through(self.agreement_numbers.get(number)?, eyes)?.agreement.clone())
    }

    pub fn district_by_id(&self, id: Id<District>) -> Option<&Kept<District>> {
        Some(&self.district_at(self.districts.search(&id, |entry| entry.district.id)?).district)
    }

    pub fn matter_by_id(&self, id: Id<Matter>) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matters.search(&id, |entry| entry.matter.id)?).matter)
    }

    pub fn agreement_by_id(&self, id: Id<Agreement>, eyes: &Scope) -> Option<Kept<Agreement>> {
        Some(self.agreement_through(self.agreements.search(&id, AgreementSlot::id)?, eyes)?.agreement.clone())
    }

    /// The id of an agreement, without a check of visibility.
    pub fn agreement_id(&self, number: AgreementNumber) -> Option<Id<Agreement>> {
        Some(self.agreements[self.agreement_numbers.get(number)?].id())
    }

    /// The districts that are retired after a day, up to and including another.
    pub fn districts_retired_between(&self, after: Date, through: Date) -> impl Iterator<Item = &Kept<District>> {
        let between = move |district: &&Kept<District>| district.retired.as_ref().is_some_and(|retired| after < retired.on && retired.on <= through);
        self.districts.iter().map(|entry| &entry.district).filter(between)
    }

    pub fn policy_by_id(&self, id: Id<Policy>) -> Option<&Kept<Policy>> {
        self.policies.binary_search_by_key(&id, |entry| entry.policy.id).ok().map(|at| &self.policies[at].policy)
    }

    pub fn window_by_id(&self, id: Id<Window>) -> Option<&Kept<Window>> {
        let (_, district) = self.windows[self.windows.search(&id, |(id, _)| *id)?];
        self.district_at(district).windows.iter().find(|window| window.id == id)
    }

    /// The visible documents of an agreement, oldest first.
    pub fn documents(&self, number: AgreementNumber, eyes: &Scope) -> Vec<Kept<Document>> {
        let Some(file) = self.agreement_numbers.get(number).and_then(|handle| self.file_at(handle)) else { return Vec::new() };
        let seen = |document: &&Kept<Document>| file.whole.agreement.shows(document, eyes, self.today);
        file.documents.iter().filter(seen).cloned().collect()
    }

    pub fn document_by_id(&self, id: Id<Document>, eyes: &Scope) -> Option<Kept<Document>> {
        let (_, agreement) = self.documents[self.documents.search(&id, |(id, _)| *id)?];
        let file = self.file_at(agreement?)?;
        let document = file.documents.iter().find(|document| document.id == id)?;
        file.whole.agreement.shows(document, eyes, self.today).then(|| document.clone())
    }

    /// The number of visible records of each kind.
    pub fn counts(&self, eyes: &Scope) -> Counts {
        let hidden = self.guarded.iter().filter(|handle| self.agreement_through(*handle, eyes).is_none()).count();
        Counts {
            districts: self.districts.len(),
            matters: self.matters.len(),
            offerings: self.offerings.len(),
            windows: self.windows.len(),
            agreements: self.agreement_numbers.len() - hidden,
            policies: self.policies.len(),
        }
    }

    /// The windows of a district, by name.
    pub fn windows(&self, code: DistrictCode) -> &[Kept<Window>] {
        self.district_handle(code).map_or(&[], |handle| &self.district_at(handle).windows)
    }
}

impl AgreementEntry {
    /// The visible part; `None`: to this caller it does not exist.
    pub(crate) fn seen_by(&self, eyes: &Scope, today: Date) -> Option<Cow<'_, Self>> {
        let Recorded { id, record, .. } = &*self.agreement;
        match record.seen_by(eyes, today)? {
            Cow::Borrowed(_) => Some(Cow::Borrowed(self)),
            Cow::Owned(seen) => {
                let is_seen = |(version, _): &(&domain::Version, &VersionEntry)| seen.version(version.number).is_some();
                let versions = record.versions.iter().zip(self.versions.iter()).filter(is_seen).map(|(_, resolved)| resolved.clone()).collect();
                // The newest change may be hidden. The newest visible one is known to the journal alone.
                let agreement = Arc::new(Recorded { id: *id, revision: UNKNOWN, record: seen });
                Some(Cow::Owned(Self { text: text_of(&agreement), agreement, versions }))
            }
        }
    }
}

/// Stands for the revision of a partly visible record, which only the journal knows.
pub const UNKNOWN: Revision = 0;

pub(crate) fn text_of(agreement: &Agreement) -> Text {
    let latest = agreement.latest();
    Text::new(&latest.title, latest.document_number.as_deref().into_iter().chain([&*agreement.number.to_string()]))
}

/// The number of records of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub districts: usize,
    pub matters: usize,
    pub offerings: usize,
    pub windows: usize,
    pub agreements: usize,
    pub policies: usize,
}
