//! Comparisons of clauses: with the term of their agreement, and with each other.

use roaring::RoaringBitmap;

use crate::version::{ClauseEntry, Roles, VersionEntry};

/// Whether a stated end of the period lies beyond the stated end of the term. Open ends are ignored.
pub(super) fn outside(period: domain::Period, term: domain::Period) -> bool {
    let earlier = matches!((period.from, term.from), (Some(from), Some(begins)) if from < begins);
    let later = matches!((period.to, term.to), (Some(to), Some(ends)) if ends < to);
    earlier || later
}

/// Whether two clauses have a receiving and a competent party in common.
pub(super) fn overlap(a: &ClauseEntry<'_>, of_a: &VersionEntry, b: &ClauseEntry<'_>, of_b: &VersionEntry) -> bool {
    let districts = |side: Roles<'_>, version: &VersionEntry| -> RoaringBitmap {
        (0u16..)
            .zip(version.parties())
            .filter(|(place, _)| side.include(*place))
            .map(|(_, party)| party.district)
            .collect()
    };
    let receiving = districts(a.receiving, of_a) & districts(b.receiving, of_b);
    let competent = districts(a.competent, of_a) & districts(b.competent, of_b);
    receiving.iter().any(|receiving| competent.iter().any(|competent| competent != receiving))
}
