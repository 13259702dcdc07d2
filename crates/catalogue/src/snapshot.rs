//! The registry at one revision. A snapshot is a handful of pointers: cloning it is cheap, and the next
//! one shares with it everything that did not change.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{
    Agreement, AgreementNumber, Date, Digest, District, DistrictCode, Id, Matter, MatterCode, Offering, Period, Policy, Recorded, Revision, Window,
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
    /// Agreements with a version that names the district as a party.
    pub(crate) agreements: Arc<RoaringBitmap>,
}

#[derive(Debug, Clone)]
pub(crate) struct MatterEntry {
    pub(crate) matter: Kept<Matter>,
    pub(crate) text: Text,
    /// Districts with an offering of it, whatever its dates.
    pub(crate) offered_by: Arc<RoaringBitmap>,
}

#[derive(Debug, Clone)]
pub(crate) struct AgreementEntry {
    pub(crate) agreement: Kept<Agreement>,
    pub(crate) text: Text,
    /// One for each version, in its order.
    pub(crate) versions: Arc<[VersionEntry]>,
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
}

/// The registry at one revision.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) head: Arc<Head>,
    pub(crate) districts: Arc<Vec<Arc<DistrictEntry>>>,
    pub(crate) district_codes: Arc<HashMap<DistrictCode, Handle>>,
    pub(crate) matters: Arc<Vec<Arc<MatterEntry>>>,
    pub(crate) matter_codes: Arc<HashMap<MatterCode, Handle>>,
    /// Matters that are retired on some day.
    pub(crate) retiring: Arc<RoaringBitmap>,
    pub(crate) agreements: Arc<Vec<Arc<AgreementEntry>>>,
    pub(crate) agreement_numbers: Arc<HashMap<AgreementNumber, Handle>>,
    pub(crate) policies: Arc<Vec<PolicyEntry>>,
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

    pub(crate) fn agreement_at(&self, handle: Handle) -> &AgreementEntry {
        &self.agreements[handle as usize]
    }

    /// The district that bears or bore a code.
    pub fn district(&self, code: DistrictCode) -> Option<&Kept<District>> {
        Some(&self.district_at(self.district_handle(code)?).district)
    }

    pub fn matter(&self, code: MatterCode) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matter_handle(code)?).matter)
    }

    pub fn agreement(&self, number: AgreementNumber) -> Option<&Kept<Agreement>> {
        Some(&self.agreement_at(*self.agreement_numbers.get(&number)?).agreement)
    }

    pub fn district_by_id(&self, id: Id<District>) -> Option<&Kept<District>> {
        match self.places.get(&id.number())? {
            Place::District(handle) => Some(&self.district_at(*handle).district),
            Place::Matter(_) | Place::Agreement(_) | Place::Policy(_) | Place::Window(_) => None,
        }
    }

    pub fn matter_by_id(&self, id: Id<Matter>) -> Option<&Kept<Matter>> {
        match self.places.get(&id.number())? {
            Place::Matter(handle) => Some(&self.matter_at(*handle).matter),
            Place::District(_) | Place::Agreement(_) | Place::Policy(_) | Place::Window(_) => None,
        }
    }

    pub fn agreement_by_id(&self, id: Id<Agreement>) -> Option<&Kept<Agreement>> {
        match self.places.get(&id.number())? {
            Place::Agreement(handle) => Some(&self.agreement_at(*handle).agreement),
            Place::District(_) | Place::Matter(_) | Place::Policy(_) | Place::Window(_) => None,
        }
    }

    pub fn policy_by_id(&self, id: Id<Policy>) -> Option<&Kept<Policy>> {
        match self.places.get(&id.number())? {
            Place::Policy(handle) => Some(&self.policies[*handle as usize].policy),
            Place::District(_) | Place::Matter(_) | Place::Agreement(_) | Place::Window(_) => None,
        }
    }

    pub fn window_by_id(&self, id: Id<Window>) -> Option<&Kept<Window>> {
        match self.places.get(&id.number())? {
            Place::Window(handle) => self.district_at(*handle).windows.iter().find(|window| window.id == id),
            Place::District(_) | Place::Matter(_) | Place::Agreement(_) | Place::Policy(_) => None,
        }
    }

    /// The district that an offering serves, its matter, and what the catalogue knows of it.
    pub fn offering_by_id(&self, id: Id<Offering>) -> Option<PlacedOffering<'_>> {
        let (entry, offering) = self.districts_with_offering(id)?;
        let matter = offering.matter.map(|handle| &self.matter_at(handle).matter);
        Some(PlacedOffering { district: &entry.district, matter, brief: offering.brief })
    }

    /// Records of each kind.
    pub fn counts(&self) -> Counts {
        Counts {
            districts: self.districts.len(),
            matters: self.matters.len(),
            offerings: self.districts.iter().map(|entry| entry.offerings.len()).sum(),
            windows: self.districts.iter().map(|entry| entry.windows.len()).sum(),
            agreements: self.agreements.len(),
            policies: self.policies.len(),
        }
    }

    /// The windows of a district, by name.
    pub fn windows(&self, code: DistrictCode) -> &[Kept<Window>] {
        self.district_handle(code).map_or(&[], |handle| &self.district_at(handle).windows)
    }
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
