//! The registry at one revision: an immutable snapshot. Copy-on-write: the next snapshot shares everything that does
//! not change.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::visibility::Scope;
use domain::{
    Agreement, AgreementNumber, Date, Digest, District, DistrictCode, Document, Id, Matter, MatterCode, Policy,
    Revision, Window,
};
use foldhash::HashMap;
use roaring::RoaringBitmap;

use crate::chunked_vec::{ChunkedVec, SortedIndex};
use crate::derived_cache::DerivedCache;
use crate::entry::{
    AgreementEntry, AgreementFile, AgreementSlot, Candidate, DistrictEntry, History, MatterEntry, MatterKinds,
    OFFERINGS, PolicyEntry, Published, RECORDS,
};
use crate::finding::cache::FindingsCache;
use crate::handle::{Handle, Kept};
use crate::offering_entry::OfferingEntry;
use crate::order::Directory;
use crate::schedule::Schedules;
use crate::totals::Totals;

/// The journal entry of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The epoch of the registry. A restored backup begins a new one.
    pub epoch: String,
    pub revision: Revision,
    pub digest: Digest,
    pub recorded_at: DateTime<Utc>,
}

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
    /// Depends on districts, policies and retired matters: a change of one of these replaces it. Its dependency on
    /// agreements is tracked by revision.
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
    pub(crate) fn agreement_visible_to(&self, handle: Handle, scope: &Scope) -> Option<Cow<'_, AgreementEntry>> {
        let may_see_more = self.guarded.contains(handle)
            && match scope {
                Scope::Public => false,
                Scope::Partner(_) | Scope::Districts(_) => scope.districts().any(|code| {
                    self.district_handle(code)
                        .is_some_and(|district| self.district_at(district).agreements.contains(handle))
                }),
                Scope::Steward => true,
            };
        if !may_see_more {
            return self.agreement_at(handle).map(Cow::Borrowed);
        }
        self.file_at(handle)?.whole.seen_by(scope, self.today)
    }

    /// The district with a code, current or former.
    pub fn district(&self, code: DistrictCode) -> Option<&Kept<District>> {
        Some(&self.district_at(self.district_handle(code)?).district)
    }

    pub fn matters(&self) -> impl Iterator<Item = &Kept<Matter>> {
        self.matters.iter().map(|entry| &entry.matter)
    }

    pub fn matter(&self, code: MatterCode) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matter_handle(code)?).matter)
    }

    /// The visible part of the agreement with a number. If it is not the whole agreement, its revision is `UNKNOWN`.
    pub fn agreement(&self, number: AgreementNumber, scope: &Scope) -> Option<Kept<Agreement>> {
        Some(self.agreement_visible_to(self.agreement_numbers.get(number)?, scope)?.agreement.clone())
    }

    pub fn district_by_id(&self, id: Id<District>) -> Option<&Kept<District>> {
        Some(&self.district_at(self.districts.search(&id, |entry| entry.district.id)?).district)
    }

    pub fn matter_by_id(&self, id: Id<Matter>) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matters.search(&id, |entry| entry.matter.id)?).matter)
    }

    pub fn agreement_by_id(&self, id: Id<Agreement>, scope: &Scope) -> Option<Kept<Agreement>> {
        Some(self.agreement_visible_to(self.agreements.search(&id, AgreementSlot::id)?, scope)?.agreement.clone())
    }

    /// The id of an agreement, without a check of visibility.
    pub fn agreement_id(&self, number: AgreementNumber) -> Option<Id<Agreement>> {
        Some(self.agreements[self.agreement_numbers.get(number)?].id())
    }

    /// The districts that are retired after a day, up to and including another.
    pub fn districts_retired_between(&self, after: Date, through: Date) -> impl Iterator<Item = &Kept<District>> {
        let between = move |district: &&Kept<District>| {
            district.retired.as_ref().is_some_and(|retired| after < retired.on && retired.on <= through)
        };
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
    pub fn documents(&self, number: AgreementNumber, scope: &Scope) -> Vec<Kept<Document>> {
        let Some(file) = self.agreement_numbers.get(number).and_then(|handle| self.file_at(handle)) else {
            return Vec::new();
        };
        let seen = |document: &&Kept<Document>| file.whole.agreement.shows(document, scope, self.today);
        file.documents.iter().filter(seen).cloned().collect()
    }

    pub fn document_by_id(&self, id: Id<Document>, scope: &Scope) -> Option<Kept<Document>> {
        let (_, agreement) = self.documents[self.documents.search(&id, |(id, _)| *id)?];
        let file = self.file_at(agreement?)?;
        let document = file.documents.iter().find(|document| document.id == id)?;
        file.whole.agreement.shows(document, scope, self.today).then(|| document.clone())
    }

    /// The number of visible records of each kind.
    pub fn counts(&self, scope: &Scope) -> Counts {
        let hidden = self.guarded.iter().filter(|handle| self.agreement_visible_to(*handle, scope).is_none()).count();
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
