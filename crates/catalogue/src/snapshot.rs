//! The registry at one revision. A snapshot is a handful of pointers: cloning it is cheap, and the next
//! one shares with it everything that did not change.

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
use crate::finding::Findings;
use crate::gathered::Gathered;
use crate::length::Totals;
use crate::offering::OfferingEntry;
use crate::order::Directory;
use crate::schedule::Schedules;
use crate::search::Text;
use crate::table::{Index, Table};
use crate::version::VersionEntry;

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

/// A district with what hangs on it.
#[derive(Debug, Clone)]
pub(crate) struct DistrictEntry {
    pub(crate) district: Kept<District>,
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
    /// Its offerings, by their places.
    pub(crate) offerings: Arc<RoaringBitmap>,
    /// Matters with an undated offering: published on every day.
    pub(crate) always_offered: Arc<Bits>,
    /// Matters with a dated offering: whether it is published depends on the day.
    pub(crate) dated_offered: Arc<Bits>,
    /// Agreements that name the district: as a party, or as one who may get a say in it.
    pub(crate) agreements: Arc<RoaringBitmap>,
    /// The newest change of what is published of these.
    pub(crate) agreements_as_of: Revision,
}

#[derive(Debug, Clone)]
pub(crate) struct MatterEntry {
    pub(crate) matter: Kept<Matter>,
    /// Its offerings in all districts, by their places.
    pub(crate) offerings: Arc<RoaringBitmap>,
    /// Districts with an offering of it, whatever its dates.
    pub(crate) offered_by: Arc<Bits>,
}

/// Matters by what lists of them are filtered and counted by.
#[derive(Debug, Clone, Default)]
pub(crate) struct MatterKinds {
    pub(crate) domains: BTreeMap<MatterDomain, Bits>,
    pub(crate) audiences: BTreeMap<Audience, Bits>,
}

/// All that is recorded of an agreement, and what of it is published.
#[derive(Debug, Clone)]
pub(crate) struct AgreementFile {
    /// Handed out only through somebody's eyes.
    pub(crate) whole: AgreementEntry,
    pub(crate) published: Published,
    /// What is attached to it, oldest first.
    pub(crate) documents: Arc<[Kept<Document>]>,
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

impl Published {
    /// Nobody but those who draft it sees anything of it, today or later.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Parts(parts) if parts.is_empty())
    }
}

/// An agreement, or what somebody sees of it.
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
    /// What its newest revision replaced.
    pub(crate) replaced: Option<Arc<Replaced>>,
    /// One for each clause: its matters, and its sides' territories resolved; empty: everywhere.
    pub(crate) clauses: Arc<[PolicyClauseEntry]>,
}

/// A policy as it was before a revision, and the day of that.
#[derive(Debug)]
pub(crate) struct Replaced {
    pub(crate) policy: Policy,
    pub(crate) on: Date,
}

#[derive(Debug, Clone)]
pub(crate) struct PolicyClauseEntry {
    /// In order.
    pub(crate) matters: Box<[Handle]>,
    pub(crate) receiving: Box<[(Handle, bool)]>,
    pub(crate) competent: Box<[(Handle, bool)]>,
}

/// The place of an agreement; it stays when the agreement goes.
#[derive(Debug, Clone)]
pub(crate) enum AgreementSlot {
    Kept {
        file: Arc<AgreementFile>,
        number: AgreementNumber,
        /// From the first day to the last on which it can be in force; `None`: never.
        term: Option<Period>,
        /// Its version, where it has one that everybody sees and that binds all whom it names for as long as it holds: it is in
        /// force throughout its term, and whoever asks what is open need not look further. So it is with most.
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
pub(crate) struct Holding<'a> {
    pub(crate) at: Handle,
    pub(crate) number: AgreementNumber,
    pub(crate) life: Lived<'a>,
}

/// How much of its life there is to look at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lived<'a> {
    /// It is in force, and this is what it says.
    Plainly(&'a VersionEntry),
    Variously(&'a AgreementEntry),
}

/// How many records lie in one piece of their table.
pub(crate) const RECORDS: usize = 256;
/// How many offerings lie in one piece of their table.
pub(crate) const OFFERINGS: usize = 512;

/// The registry at one revision.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) head: Arc<Head>,
    /// The day that it is: what the clock concludes later is not known yet.
    pub(crate) today: Date,
    /// This table and the others are in the order of the ids.
    pub(crate) districts: Table<Arc<DistrictEntry>, RECORDS>,
    pub(crate) district_codes: Arc<HashMap<DistrictCode, Handle>>,
    pub(crate) district_directory: Arc<Directory<DistrictCode>>,
    pub(crate) matters: Table<Arc<MatterEntry>, RECORDS>,
    pub(crate) matter_codes: Arc<HashMap<MatterCode, Handle>>,
    pub(crate) matter_directory: Arc<Directory<MatterCode>>,
    pub(crate) matter_kinds: Arc<MatterKinds>,
    /// In how many districts each matter has an offering, by the places of matters: what relevance asks of many.
    pub(crate) offered_in: Arc<Vec<u32>>,
    pub(crate) offerings: Table<OfferingEntry, OFFERINGS>,
    /// Matters that are retired on some day.
    pub(crate) retiring: Arc<RoaringBitmap>,
    pub(crate) agreements: Table<AgreementSlot, RECORDS>,
    /// Agreements of which not everybody sees all.
    pub(crate) guarded: Arc<RoaringBitmap>,
    pub(crate) agreement_numbers: Index<AgreementNumber>,
    pub(crate) totals: Totals,
    pub(crate) schedules: Schedules,
    pub(crate) policies: Arc<Vec<PolicyEntry>>,
    /// With the district whose window it is.
    pub(crate) windows: Table<(Id<Window>, Handle), RECORDS>,
    /// Follows from districts, policies and the matters that retire: whoever changes one of these begins it anew. It follows
    /// from agreements, too, which say themselves as of when.
    pub(crate) gathered: Arc<Gathered>,
    /// Findings of its day, made when somebody asks for them.
    pub(crate) findings: Arc<Findings>,
    /// With the agreement that it is attached to; `None`: it was removed.
    pub(crate) documents: Table<(Id<Document>, Option<Handle>), RECORDS>,
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

    /// The same registry on another day: its answers know what is published by then. Until it is told, a
    /// snapshot takes the day of its newest change for today.
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

    /// What is published of an agreement, unless it cannot be in force on the day.
    pub(crate) fn holding_at(&self, handle: Handle, on: Date) -> Option<Holding<'_>> {
        match &self.agreements[handle] {
            AgreementSlot::Kept { file: _, number, term: Some(term), plain } if term.includes(on) => {
                let life = match plain {
                    Some(version) => Lived::Plainly(version),
                    None => Lived::Variously(self.agreement_at(handle)?),
                };
                Some(Holding { at: handle, number: *number, life })
            }
            AgreementSlot::Kept { .. } | AgreementSlot::Removed(_) => None,
        }
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

    /// The district that bears or bore a code.
    pub fn district(&self, code: DistrictCode) -> Option<&Kept<District>> {
        Some(&self.district_at(self.district_handle(code)?).district)
    }

    pub fn matter(&self, code: MatterCode) -> Option<&Kept<Matter>> {
        Some(&self.matter_at(self.matter_handle(code)?).matter)
    }

    /// The agreement with a number as these eyes see it; seen in part, its revision is `UNKNOWN`.
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

    /// The districts that are retired on a day after one, up to and with another.
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

    /// The documents of an agreement that these eyes see, oldest first.
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

    /// Records of each kind that these eyes see.
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
    /// What these eyes see of it; `None`: for them it does not exist.
    pub(crate) fn seen_by(&self, eyes: &Scope, today: Date) -> Option<Cow<'_, Self>> {
        let Recorded { id, record, .. } = &*self.agreement;
        match record.seen_by(eyes, today)? {
            Cow::Borrowed(_) => Some(Cow::Borrowed(self)),
            Cow::Owned(seen) => {
                let is_seen = |(version, _): &(&domain::Version, &VersionEntry)| seen.version(version.number).is_some();
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
