//! Who is left out of a clause under the rule of no objection, and what holds for that party instead: it objected to
//! what changes, so for the clause's old matters the old terms go on.

use std::collections::{BTreeMap, BTreeSet};

use crate::agreement::{Agreement, Version};
use crate::clause::AgreementClause;
use crate::code::DistrictCode;
use crate::diff;
use crate::life::{Life, Needs};

/// A clause by its places: of the version in the line of versions, and of the clause in its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClauseAt {
    pub version: usize,
    pub clause: usize,
}

/// A clause of an older version that still holds in a later one: where one of these parties is receiving or competent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub at: ClauseAt,
    pub parties: BTreeSet<DistrictCode>,
}

/// By the key of a clause: the parties that are left out of it, each with the older clause that holds for it instead; `None`:
/// there was none.
type LeftOut<'a> = BTreeMap<&'a str, BTreeMap<DistrictCode, Option<ClauseAt>>>;

impl Agreement {
    /// Who objected to a clause and never signed it: it binds the others alone, in this version and in those that keep it.
    pub fn excluded(&self, version: &Version, clause: &AgreementClause) -> BTreeSet<DistrictCode> {
        let at = self.versions.iter().position(|other| other.number == version.number);
        let left_out = at.and_then(|at| self.left_out(at).remove(&*clause.key)).unwrap_or_default();
        left_out.into_keys().collect()
    }

    /// The clauses of older versions that hold beside those of a version, in a fixed order.
    pub fn carried(&self, version: usize) -> Vec<Carried> {
        let mut carried: BTreeMap<ClauseAt, BTreeSet<DistrictCode>> = BTreeMap::new();
        for (party, instead) in self.left_out(version).into_values().flatten() {
            if let Some(at) = instead {
                carried.entry(at).or_default().insert(party);
            }
        }
        carried.into_iter().map(|(at, parties)| Carried { at, parties }).collect()
    }

    fn left_out(&self, at: usize) -> LeftOut<'_> {
        let objected = |version: &Version| version.proposal().is_some_and(|it| it.needs == Needs::NoObjection && !it.rejections.is_empty());
        // Nearly always: nobody ever objected.
        if self.versions[..=at].iter().any(objected) { self.left_out_of(at) } else { LeftOut::new() }
    }

    fn left_out_of(&self, at: usize) -> LeftOut<'_> {
        let version = &self.versions[at];
        let Some(proposal) = version.proposal() else { return LeftOut::new() };
        let ground = version.base_version.and_then(|_| self.ground(at));
        let before = ground.map_or(&[][..], |ground| &self.versions[ground].schedule);
        let rejected: BTreeSet<DistrictCode> = match proposal.needs {
            Needs::NoObjection => proposal.rejections.iter().map(|rejection| rejection.party).collect(),
            Needs::All | Needs::Affected | Needs::Lead | Needs::Signatories => BTreeSet::new(),
        };
        let mut left_out = ground.map_or_else(LeftOut::new, |ground| self.left_out_of(ground));
        for change in diff::clauses(before, &version.schedule) {
            let old = before.iter().position(|clause| *clause.key == *change.key);
            let old = ground.zip(old).map(|(version, clause)| ClauseAt { version, clause });
            // A party that does not object to this change takes the clause as it becomes.
            let stood = left_out.remove(change.key).unwrap_or_default();
            let now = rejected.iter().map(|party| (*party, stood.get(party).copied().unwrap_or(old)));
            left_out.insert(change.key, now.collect());
        }
        let binds = |party: &DistrictCode| proposal.has_signed(*party) || version.party(*party).is_none_or(|party| party.joined_on.is_some());
        for parties in left_out.values_mut() {
            parties.retain(|party, _| !binds(party));
        }
        left_out.retain(|_, parties| !parties.is_empty());
        left_out
    }

    /// The place of the version that a concluded one took the place of: the newest concluded before it, for it would have been
    /// superseded otherwise. It is published, so every caller that sees the later version sees it too.
    fn ground(&self, at: usize) -> Option<usize> {
        let is_concluded = |version: &Version| matches!(version.life, Life::Paper(_)) || version.signed_on().is_some();
        self.versions[..at].iter().rposition(|version| is_concluded(version) && version.members().count() >= 2)
    }

    /// The clause at a place of what a version lists: of its schedule, then of the carried clauses, each of which has two places.
    pub fn clause_at(&self, version: usize, place: usize) -> ClauseAt {
        match place.checked_sub(self.versions[version].schedule.len()) {
            None => ClauseAt { version, clause: place },
            Some(beyond) => self.carried(version)[beyond / 2].at,
        }
    }

    /// The clause at such a place.
    pub fn listed_clause(&self, version: usize, place: usize) -> &AgreementClause {
        let ClauseAt { version, clause } = self.clause_at(version, place);
        &self.versions[version].schedule[clause]
    }
}
