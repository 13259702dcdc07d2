//! The registry at one revision. A snapshot is a handful of pointers: cloning it is cheap, and the next
//! one shares with it everything that did not change.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::sight::Eyes;
use domain::{
    Agreement, AgreementNumber, Date, Digest, District, DistrictCode, Document, Id, Matter, MatterCode, Offering, Period, Policy, Recorded, Revision,
    Window,
};
use roaring::RoaringBitmap;

use crate::search::Text;

/// A record in the catalogue, shared between snapshots.
pub type Kept<T> = Arc<Recorded<T>>;

/// A place in one of the catalogue's tables; the same in every later snapshot of this process.
pub(crate) type Handle = u32;

/// Where a snapshot stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// One life of the registry: a restored backup begins a new one.
    pub epoch: String,
    pub revision: Revision,
    pub digest: Digest,
    pub recorded_at: DateTime<Utc>,
}

/// The few bytes of an offering that answers, order and findings need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferingBrief {
    pub id: Id<Offering>,
    /// The newest change of the offering: its long part is fetched by id and revision.
    pub revision: Revision,
    /// The days it takes, for the order of routes.
    pub days: Option<u32>,
    pub visits: u32,
    pub has_url: bool,
    pub has_invalid_code: bool,
    pub verified_on: Option<Date>,
    pub period: Period,
}

/// An offering with its district and matter.
#[derive(Debug, Clone, Copy)]
pub struct PlacedOffering<'a> {
    pub district: &'a Kept<District>,
    /// `None`: it waits for its matter.
    pub matter: Option<&'a Kept<Matter>>,
    pub brief: OfferingBrief,
}

/// An offering of a district in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfferingEntry {
    pub(crate) matter: Option<Handle>,
    pub(crate) brief: OfferingBrief,
}

/// A district with what hangs on it.
#[derive(Debug, Clone)]
pub(crate) struct DistrictEntry {
    pub(crate) district: Kept<District>,
    pub(crate) text: Text,
    /// Resolved `parents` and `administers` of the record, in its order.
    pub(crate) parents: Arc<[(Handle, Period)]>,
    /// Who administers it (托管), from the other side.
    pub(crate) administrators: Arc<[(Handle, Period)]>,
    pub(crate) children: Arc<[Handle]>,
    pub(crate) successors: Arc<[Handle]>,
    /// Whom it succeeds, once they are retired.
    pub(crate) predecessors: Arc<[Handle]>,
    /// By the name they are known by.
    pub(crate) windows: Arc<Vec<Kept<Window>>>,
    /// Sorted by id.
    pub(crate) offerings: Arc<Vec<OfferingEntry>>,
    /// Matters with an undated offering: published on every day.
    pub(crate) always_offered: Arc<RoaringBitmap>,
    /// Matters with a dated offering: whether it is published depends on the day.
    pub(crate) dated_offered: Arc<RoaringBitmap>,
    /// Agreements that name the district: as a party, or as one who may get a say in it.
    pub(crate) agreements: Arc<RoaringBitmap>,
}

#[derive(Debug, Clone)]
pub(crate) struct MatterEntry {
    pub(crate) matter: Kept<Matter>,
    pub(crate) text: Text,
    /// Districts with an offering of it, whatever its dates.
    pub(crate) offered_by: Arc<RoaringBitmap>,
}

/// All that is recorded of an agreement, and what of it is published.
#[derive(Debug, Clone)]
pub(crate) struct AgreementFile {
    /// Handed out only through somebody's eyes.
    pub(crate) whole: AgreementEntry,
    pub(crate) published: Published,
}

/// What everybody sees of an agreement.
#[derive(Debug, Clone)]
pub(crate) enum Published {
    /// All of it; nobody sees less.
    Whole,
    /// A part, each from the day on which it is so: some proposals are concluded by the clock alone. On days
    /// before the first, nothing.
    Parts(Box<[(Date, AgreementEntry)]>),
}

/// An agreement, or what somebody sees of it.
#[derive(Debug, Clone)]
pub(crate) struct AgreementEntry {
    pub(crate) agreement: Kept<Agreement>,
    pub(crate) text: Text,
    /// One for each version, in its order.
    pub(crate) versions: Arc<[Arc<VersionEntry>]>,
}

/// A version with its codes resolved.
#[derive(Debug, Clone)]
pub(crate) struct VersionEntry {
    pub(crate) parties: Vec<PartyEntry>,
    pub(crate) clauses: Vec<ClauseEntry>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PartyEntry {
    pub(crate) district: Handle,
    pub(crate) subtree: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct ClauseEntry {
    /// Places in the version's parties; empty: all.
    pub(crate) receiving: Box<[u16]>,
    pub(crate) competent: Box<[u16]>,
    pub(crate) matters: RoaringBitmap,
}

#[derive(Debug, Clone)]
pub(crate) struct PolicyEntry {
    pub(crate) policy: Kept<Policy>,
    /// One for each clause: its matters, and its sides' territories resolved; empty: everywhere.
    pub(crate) clauses: Arc<[PolicyClauseEntry]>,
}

#[derive(Debug, Clone)]
pub(crate) struct PolicyClauseEntry {
    pub(crate) matters: RoaringBitmap,
    pub(crate) receiving: Box<[(Handle, bool)]>,
    pub(crate) competent: Box<[(Handle, bool)]>,
}

/// What an id leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    District(Handle),
    Matter(Handle),
    Agreement(Handle),
    Policy(Handle),
    /// The district whose window it is.
    Window(Handle),
    /// The agreement that it is attached to.
    Document(AgreementNumber),
}

/// The registry at one revision.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) head: Arc<Head>,
    /// The day that it is: what the clock concludes later is not known yet.
    pub(crate) today: Date,
    pub(crate) districts: Arc<Vec<Arc<DistrictEntry>>>,
    pub(crate) district_codes: Arc<HashMap<DistrictCode, Handle>>,
    pub(crate) matters: Arc<Vec<Arc<MatterEntry>>>,
    pub(crate) matter_codes: Arc<HashMap<MatterCode, Handle>>,
    /// Matters that are retired on some day.
    pub(crate) retiring: Arc<RoaringBitmap>,
    /// `None`: it was removed.
    pub(crate) agreements: Arc<Vec<Option<Arc<AgreementFile>>>>,
    /// Agreements of which not everybody sees all.
    pub(crate) guarded: Arc<RoaringBitmap>,
    pub(crate) agreement_numbers: Arc<HashMap<AgreementNumber, Handle>>,
    pub(crate) policies: Arc<Vec<PolicyEntry>>,
    /// Of each agreement that has some, oldest first.
    pub(crate) documents: Arc<HashMap<AgreementNumber, Vec<Kept<Document>>>>,
    pub(crate) places: Arc<HashMap<Revision, Place>>,
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
        &self.districts[handle as usize]
    }

    pub(crate) fn matter_at(&self, handle: Handle) -> &MatterEntry {
        &self.matters[handle as usize]
    }

    /// The same registry on another day: its answers know what is published by then. Until it is told, a
    /// snapshot takes the day of its newest change for today.
    pub fn on_day(&self, today: Date) -> Self {
        Self { today, ..self.clone() }
    }

    pub fn today(&self) -> Date {
        self.today
    }

    pub(crate) fn file_at(&self, handle: Handle) -> Option<&AgreementFile> {
        self.agreements[handle as usize].as_deref()
    }

    /// What is published of an agreement: the only thing that an answer may rest on.
    pub(crate) fn agreement_at(&self, handle: Handle) -> Option<&AgreementEntry> {
        let file = self.file_at(handle)?;
        match &file.published {
            Published::Whole => Some(&file.whole),
            Published::Parts(parts) => parts.iter().rev().find(|(from, _)| *from <= self.today).map(|(_, entry)| entry),
        }
    }

    /// What these eyes see of an agreement.
    pub(crate) fn agreement_through(&self, handle: Handle, eyes: &Eyes) -> Option<Cow<'_, AgreementEntry>> {
        let may_see_more = self.guarded.contains(handle)
            && match eyes {
                Eyes::Public => false,
                Eyes::Districts(districts) => districts
                    .iter()
                    .any(|code| self.district_handle(*code).is_some_and(|district| self.district_at(district).agreements.contains(handle))),
                Eyes::Steward => true,
            };
        if !may_see_more {
            return self.agreement_at(handle).map(Cow::Borrowed);
        }
        self.file_at(handle)?.whole.seen_by(eyes, self.today)
    }

    /// The district that bears or bore a code.
    pub fn district(&self, code: DistrictCode) -> Option<&Kept<District>> {
        Some(&self.district_at(self.district_handle(code)?).district)
    }

    pub fn matter(&self, code: MatterCode) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matter_handle(code)?).matter)
    }

    /// The agreement with a number as these eyes see it; seen in part, its revision is `UNKNOWN`.
    pub fn agreement(&self, number: AgreementNumber, eyes: &Eyes) -> Option<Kept<Agreement>> {
        Some(self.agreement_through(*self.agreement_numbers.get(&number)?, eyes)?.agreement.clone())
    }

    pub fn district_by_id(&self, id: Id<District>) -> Option<&Kept<District>> {
        match self.places.get(&id.number())? {
            Place::District(handle) => Some(&self.district_at(*handle).district),
            Place::Matter(_) | Place::Agreement(_) | Place::Policy(_) | Place::Window(_) | Place::Document(_) => None,
        }
    }

    pub fn matter_by_id(&self, id: Id<Matter>) -> Option<&Kept<Matter>> {
        match self.places.get(&id.number())? {
            Place::Matter(handle) => Some(&self.matter_at(*handle).matter),
            Place::District(_) | Place::Agreement(_) | Place::Policy(_) | Place::Window(_) | Place::Document(_) => None,
        }
    }

    pub fn agreement_by_id(&self, id: Id<Agreement>, eyes: &Eyes) -> Option<Kept<Agreement>> {
        match self.places.get(&id.number())? {
            Place::Agreement(handle) => Some(self.agreement_through(*handle, eyes)?.agreement.clone()),
            Place::District(_) | Place::Matter(_) | Place::Policy(_) | Place::Window(_) | Place::Document(_) => None,
        }
    }

    pub fn policy_by_id(&self, id: Id<Policy>) -> Option<&Kept<Policy>> {
        match self.places.get(&id.number())? {
            Place::Policy(handle) => Some(&self.policies[*handle as usize].policy),
            Place::District(_) | Place::Matter(_) | Place::Agreement(_) | Place::Window(_) | Place::Document(_) => None,
        }
    }

    pub fn window_by_id(&self, id: Id<Window>) -> Option<&Kept<Window>> {
        match self.places.get(&id.number())? {
            Place::Window(handle) => self.district_at(*handle).windows.iter().find(|window| window.id == id),
            Place::District(_) | Place::Matter(_) | Place::Agreement(_) | Place::Policy(_) | Place::Document(_) => None,
        }
    }

    /// The documents of an agreement that these eyes see, oldest first.
    pub fn documents(&self, number: AgreementNumber, eyes: &Eyes) -> Vec<Kept<Document>> {
        let (Some(handle), Some(documents)) = (self.agreement_numbers.get(&number), self.documents.get(&number)) else { return Vec::new() };
        let Some(file) = self.file_at(*handle) else { return Vec::new() };
        let seen = |document: &&Kept<Document>| file.whole.agreement.shows(document, eyes, self.today);
        documents.iter().filter(seen).cloned().collect()
    }

    pub fn document_by_id(&self, id: Id<Document>, eyes: &Eyes) -> Option<Kept<Document>> {
        match self.places.get(&id.number())? {
            Place::Document(agreement) => self.documents(*agreement, eyes).into_iter().find(|document| document.id == id),
            Place::District(_) | Place::Matter(_) | Place::Agreement(_) | Place::Policy(_) | Place::Window(_) => None,
        }
    }

    /// The district that an offering serves, its matter, and what the catalogue knows of it.
    pub fn offering_by_id(&self, id: Id<Offering>) -> Option<PlacedOffering<'_>> {
        let (entry, offering) = self.districts_with_offering(id)?;
        let matter = offering.matter.map(|handle| &self.matter_at(handle).matter);
        Some(PlacedOffering { district: &entry.district, matter, brief: offering.brief })
    }

    /// Records of each kind that these eyes see.
    pub fn counts(&self, eyes: &Eyes) -> Counts {
        let hidden = self.guarded.iter().filter(|handle| self.agreement_through(*handle, eyes).is_none()).count();
        Counts {
            districts: self.districts.len(),
            matters: self.matters.len(),
            offerings: self.districts.iter().map(|entry| entry.offerings.len()).sum(),
            windows: self.districts.iter().map(|entry| entry.windows.len()).sum(),
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
    /// What these eyes see of it; `None`: for them it does not exist.
    pub(crate) fn seen_by(&self, eyes: &Eyes, today: Date) -> Option<Cow<'_, Self>> {
        let Recorded { id, record, .. } = &*self.agreement;
        match record.seen_by(eyes, today)? {
            Cow::Borrowed(_) => Some(Cow::Borrowed(self)),
            Cow::Owned(seen) => {
                let is_seen = |(version, _): &(&domain::Version, &Arc<VersionEntry>)| seen.version(version.number).is_some();
                let versions = record.versions.iter().zip(self.versions.iter()).filter(is_seen).map(|(_, resolved)| resolved.clone()).collect();
                // The newest change may be a hidden one. Which is the newest that they see, the journal knows.
                let agreement = Arc::new(Recorded { id: *id, revision: UNKNOWN, record: seen });
                Some(Cow::Owned(Self { text: text_of(&agreement), agreement, versions }))
            }
        }
    }
}

/// In the place of a revision that only the journal knows: that of what is seen in part.
pub const UNKNOWN: Revision = 0;

pub(crate) fn text_of(agreement: &Agreement) -> Text {
    let latest = agreement.latest();
    Text::new(&latest.title, latest.document_number.as_deref().into_iter().chain([&*agreement.number.to_string()]))
}

/// How many records of each kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub districts: usize,
    pub matters: usize,
    pub offerings: usize,
    pub windows: usize,
    pub agreements: usize,
    pub policies: usize,
}
