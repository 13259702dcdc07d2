//! The amendment rule "no objection": a party that objects to a changed clause is excluded from it, and the older
//! clause stays in force for that party.

use std::collections::{BTreeMap, BTreeSet};

use crate::agreement::Agreement;
use crate::agreement::clause::AgreementClause;
use crate::agreement::diff;
use crate::agreement::lifecycle::{Life, Needs};
use crate::agreement::version::Version;
use crate::code::DistrictCode;

/// The position of a clause: the index of the version in the agreement, and of the clause in its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClausePosition {
    pub version: usize,
    pub clause: usize,
}

/// A clause of an older version that stays in force beside a later one, where one of these parties is receiving or
/// competent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedClause {
    pub at: ClausePosition,
    pub parties: BTreeSet<DistrictCode>,
}

/// By clause key: the excluded parties, each with the older clause that stays in force for it, if there was one.
type Exclusions<'a> = BTreeMap<&'a str, BTreeMap<DistrictCode, Option<ClausePosition>>>;

impl Agreement {
    /// The parties that objected to a clause and never signed it. The clause does not bind them, in this version and in
    /// later versions that keep the clause.
    pub fn excluded(&self, version: &Version, clause: &AgreementClause) -> BTreeSet<DistrictCode> {
        let at = self.versions.iter().position(|other| other.number == version.number);
        let exclusions = at.and_then(|at| self.exclusions(at).remove(&*clause.key)).unwrap_or_default();
        exclusions.into_keys().collect()
    }

    /// The clauses of older versions that stay in force beside those of a version, in a fixed order.
    pub fn carried(&self, version: usize) -> Vec<CarriedClause> {
        let mut carried: BTreeMap<ClausePosition, BTreeSet<DistrictCode>> = BTreeMap::new();
        for (party, instead) in self.exclusions(version).into_values().flatten() {
            if let Some(at) = instead {
                carried.entry(at).or_default().insert(party);
            }
        }
        carried.into_iter().map(|(at, parties)| CarriedClause { at, parties }).collect()
    }

    fn exclusions(&self, at: usize) -> Exclusions<'_> {
        let objected = |version: &Version| {
            version.proposal().is_some_and(|it| it.needs == Needs::NoObjection && !it.rejections.is_empty())
        };
        // Fast path: most agreements never had an objection.
        if self.versions[..=at].iter().any(objected) { self.exclusions_of(at) } else { Exclusions::new() }
    }

    fn exclusions_of(&self, at: usize) -> Exclusions<'_> {
        let version = &self.versions[at];
        let Some(proposal) = version.proposal() else { return Exclusions::new() };
        let replaced = version.base_version.and_then(|_| self.replaced(at));
        let before = replaced.map_or(&[][..], |replaced| &self.versions[replaced].schedule);
        let rejected: BTreeSet<DistrictCode> = match proposal.needs {
            Needs::NoObjection => proposal.rejections.iter().map(|rejection| rejection.party).collect(),
            Needs::All | Needs::Affected | Needs::Lead | Needs::Signatories => BTreeSet::new(),
        };
        let mut exclusions = replaced.map_or_else(Exclusions::new, |replaced| self.exclusions_of(replaced));
        for change in diff::clauses(before, &version.schedule) {
            let old = before.iter().position(|clause| *clause.key == *change.key);
            let old = replaced.zip(old).map(|(version, clause)| ClausePosition { version, clause });
            // A party that does not object to this change is bound by the changed clause.
            let earlier = exclusions.remove(change.key).unwrap_or_default();
            let now = rejected.iter().map(|party| (*party, earlier.get(party).copied().unwrap_or(old)));
            exclusions.insert(change.key, now.collect());
        }
        let binds = |party: &DistrictCode| {
            proposal.has_signed(*party) || version.party(*party).is_none_or(|party| party.joined_on.is_some())
        };
        for parties in exclusions.values_mut() {
            parties.retain(|party, _| !binds(party));
        }
        exclusions.retain(|_, parties| !parties.is_empty());
        exclusions
    }

    /// The index of the version that a concluded one replaced: the newest concluded before it, since it would have been
    /// superseded otherwise. It is published, so every caller that sees the later version sees it too.
    fn replaced(&self, at: usize) -> Option<usize> {
        let is_concluded = |version: &Version| matches!(version.life, Life::Paper(_)) || version.signed_on().is_some();
        self.versions[..at].iter().rposition(|version| is_concluded(version) && version.members().count() >= 2)
    }

    /// The position of the clause at an index of a version's clause list: the schedule first, then the carried clauses.
    pub fn clause_at(&self, version: usize, place: usize) -> ClausePosition {
        match place.checked_sub(self.versions[version].schedule.len()) {
            None => ClausePosition { version, clause: place },
            Some(beyond) => self.carried(version)[beyond].at,
        }
    }

    /// The clause at an index of a version's clause list.
    pub fn listed_clause(&self, version: usize, place: usize) -> &AgreementClause {
        let ClausePosition { version, clause } = self.clause_at(version, place);
        &self.versions[version].schedule[clause]
    }
}
