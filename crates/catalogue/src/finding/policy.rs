//! Checks policies: missing fields, and revisions that removed content that was in force.

use std::collections::BTreeSet;

use domain::{Date, DistrictCode, Extent, MatterCode, Policy, Reach};
use domain::{PolicyClause, Territory};
use roaring::RoaringBitmap;

use super::check::Checker;
use super::{CompactFinding, Rule};
use crate::handle::Handle;
use crate::handling::notice::ENDS_SOON_DAYS;
use crate::snapshot::Snapshot;

impl Checker<'_> {
    pub(super) fn of_policy(&self, at: Handle) -> Vec<CompactFinding> {
        let entry = &self.snapshot.policies[at as usize];
        let counts = [
            (Rule::PolicyWithoutIssuer, usize::from(entry.policy.issued_by.is_empty())),
            (Rule::PolicyTakenAway, self.taken_away(at).len() as usize),
        ];
        counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(rule, count)| CompactFinding::new(rule, None, count))
            .collect()
    }

    /// The matters from which the newest revision of a policy removed content that was in force on the day of the
    /// revision. Reported for 90 days.
    pub(super) fn taken_away(&self, at: Handle) -> RoaringBitmap {
        let entry = &self.snapshot.policies[at as usize];
        let Some(replaced) = entry
            .replaced
            .as_ref()
            .filter(|replaced| (0..=ENDS_SOON_DAYS).contains(&(self.on - replaced.on).num_days()))
        else {
            return RoaringBitmap::new();
        };
        let holding = Holding { snapshot: self.snapshot, policy: &entry.policy, on: replaced.on };
        let mut lost: BTreeSet<MatterCode> = BTreeSet::new();
        for clause in in_force(&replaced.policy, replaced.on) {
            let (receiving, competent) = (replaced.policy.receiving_of(clause), replaced.policy.competent_of(clause));
            lost.extend(clause.matters.iter().filter(|matter| !holding.holds(**matter, clause, receiving, competent)));
        }
        lost.into_iter().filter_map(|matter| self.snapshot.matter_handle(matter)).collect()
    }
}

fn in_force(policy: &Policy, on: Date) -> impl Iterator<Item = &PolicyClause> {
    let is_in_force = policy.period().includes(on);
    policy.schedule.iter().filter(move |clause| is_in_force && clause.period.includes(on))
}

/// A policy on a day.
struct Holding<'a> {
    snapshot: &'a Snapshot,
    policy: &'a Policy,
    on: Date,
}

impl Holding<'_> {
    /// Whether the policy still covers a matter wherever an old clause did.
    fn holds(
        &self,
        matter: MatterCode,
        clause: &PolicyClause,
        receiving: &[Territory],
        competent: &[Territory],
    ) -> bool {
        let says_it = |new: &&PolicyClause| {
            let is_as_wide = new.reach == Reach::Any || new.reach == clause.reach;
            is_as_wide && new.mode() == clause.mode() && new.matters.contains(&matter)
        };
        let saying: Vec<&PolicyClause> = in_force(self.policy, self.on).filter(says_it).collect();
        let both = |from: Option<&Territory>, to: Option<&Territory>| {
            saying.iter().any(|new| {
                self.covers(self.policy.receiving_of(new), from) && self.covers(self.policy.competent_of(new), to)
            })
        };
        // An empty list means everywhere.
        let each =
            |named: &[Territory]| if named.is_empty() { vec![None] } else { named.iter().copied().map(Some).collect() };
        let (froms, tos) = (each(receiving), each(competent));
        froms.iter().all(|from| tos.iter().all(|to| both(from.as_ref(), to.as_ref())))
    }

    fn covers(&self, named: &[Territory], territory: Option<&Territory>) -> bool {
        named.is_empty()
            || territory.is_some_and(|territory| named.iter().any(|wide| self.lies_within(territory, wide)))
    }

    fn lies_within(&self, territory: &Territory, wide: &Territory) -> bool {
        let handle = |code: DistrictCode| self.snapshot.district_handle(code);
        let (Some(inner), Some(outer)) = (handle(territory.district), handle(wide.district)) else { return false };
        if wide.extent == Extent::Subtree {
            self.snapshot.upwards(inner, self.on).contains(&outer)
        } else {
            inner == outer && territory.extent == wide.extent
        }
    }
}
