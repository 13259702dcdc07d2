//! Two districts on a day, and the parties and territories through which they participate in agreements and policies.

use domain::{Date, Period, Policy};
use smallvec::SmallVec;

use crate::entry::AgreementEntry;
use crate::handle::Handle;
use crate::version::{PartyEntry, VersionEntry};

/// A district through which another one participates in an agreement or policy on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Participation {
    /// The district that the party or territory names.
    pub(crate) named: Handle,
    /// The district that it stands for on the day: itself, or its single successor.
    pub(crate) counts_for: Handle,
    /// Whether that is the district of the query, and not one above it.
    pub(crate) itself: bool,
}

impl Participation {
    /// Whether naming it with this extent includes the district of the query.
    pub(crate) fn covers(self, subtree: bool) -> bool {
        self.itself || subtree
    }

    pub(crate) fn is_succession(self) -> bool {
        self.named != self.counts_for
    }
}

/// The two districts of a query, with their participations on its day.
#[derive(Debug)]
pub(crate) struct Between<'a> {
    pub(crate) receiving: Handle,
    pub(crate) competent: Handle,
    pub(crate) receiving_as: &'a [Participation],
    pub(crate) competent_as: &'a [Participation],
    pub(crate) on: Date,
}

impl Between<'_> {
    /// The other direction.
    pub(crate) fn reversed(&self) -> Self {
        let Self { receiving, competent, receiving_as, competent_as, on } = *self;
        Self { receiving: competent, competent: receiving, receiving_as: competent_as, competent_as: receiving_as, on }
    }
}

/// Two different parties of a version through which two districts meet, by their indexes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) receiving: (u16, Participation),
    pub(crate) competent: (u16, Participation),
}

/// Parties of a version, by their indexes; a district is seldom more than one.
pub(crate) type Parties = SmallVec<[(u16, Participation); 2]>;
pub(crate) type Pairs = SmallVec<[Pair; 1]>;

/// The parties of a version through which a district participates.
pub(crate) fn parties_as(version: &VersionEntry, participations: &[Participation]) -> Parties {
    let participation = |(at, party): (u16, PartyEntry)| {
        let participation = participations.iter().find(|participation| participation.named == party.district)?;
        participation.covers(party.subtree).then_some((at, *participation))
    };
    (0u16..).zip(version.parties()).filter_map(participation).collect()
}

pub(crate) fn different_pairs(receiving: &[(u16, Participation)], competent: &[(u16, Participation)]) -> Pairs {
    let mut pairs = Pairs::new();
    for &receiving in receiving {
        for &competent in competent {
            if receiving.1.counts_for != competent.1.counts_for {
                pairs.push(Pair { receiving, competent });
            }
        }
    }
    pairs
}

/// Whether a district participates in one of these territories. An empty list means everywhere.
pub(crate) fn within(territories: &[(Handle, bool)], participations: &[Participation]) -> bool {
    let names = |participation: &Participation| {
        territories.iter().any(|(named, subtree)| *named == participation.named && participation.covers(*subtree))
    };
    territories.is_empty() || participations.iter().any(names)
}

/// The index of the version to consider on a day: the one that has begun, else the first to come.
pub(crate) fn reference_version(entry: &AgreementEntry, on: Date) -> Option<usize> {
    let versions = &entry.agreement.versions;
    let begun = versions.iter().rposition(|version| version.term().is_some_and(|term| !term.begins_after(on)));
    let coming = |at: &usize| Some((versions[*at].term()?.from, *at));
    begun.or_else(|| (0..versions.len()).filter_map(|at| coming(&at)).min().map(|(_, at)| at))
}

/// The term of a version, up to the day before a later one begins.
pub(crate) fn term_of(entry: &AgreementEntry, at: usize) -> Period {
    let versions = &entry.agreement.versions;
    let next = versions[at + 1..].iter().filter_map(|version| version.term()?.from).min();
    versions[at].term().unwrap_or(Period::ALWAYS).and(Period::new(None, next.and_then(|next| next.pred_opt())))
}

/// The number by which a policy is quoted.
pub(crate) fn number_of(policy: &Policy) -> &str {
    policy.document_number.as_deref().unwrap_or(&policy.title)
}
