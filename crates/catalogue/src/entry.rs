//! The entries of the catalogue: records with resolved references and indexes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::visibility::Scope;
use domain::{
    Agreement, AgreementNumber, Audience, Date, District, Document, Id, Matter, MatterDomain, Period, Policy, Recorded,
    Revision, Window,
};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::handle::{Handle, Kept};
use crate::search::text::Text;
use crate::version::VersionEntry;

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
    /// The published parts, each from a day on, since some proposals are concluded on a later day without an act.
    /// Before the first day nothing is public.
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
        /// Its version, if the agreement is plain: it has a single version that is public and binds all its parties
        /// throughout its term. Most agreements are plain.
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

impl AgreementEntry {
    /// The visible part; `None`: to this caller it does not exist.
    pub(crate) fn seen_by(&self, eyes: &Scope, today: Date) -> Option<Cow<'_, Self>> {
        let Recorded { id, record, .. } = &*self.agreement;
        match record.seen_by(eyes, today)? {
            Cow::Borrowed(_) => Some(Cow::Borrowed(self)),
            Cow::Owned(seen) => {
                let is_seen = |(version, _): &(&domain::Version, &VersionEntry)| seen.version(version.number).is_some();
                let versions = record
                    .versions
                    .iter()
                    .zip(self.versions.iter())
                    .filter(is_seen)
                    .map(|(_, resolved)| resolved.clone())
                    .collect();
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
