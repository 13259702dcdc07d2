//! Adds policies and windows.

use std::sync::Arc;

use domain::{Date, Policy, Recorded, Territory, Window};

use crate::bits::sorted;
use crate::build::{BuildError, SnapshotBuilder};
use crate::entry::{PolicyClauseEntry, PolicyEntry, Replaced};
use crate::handle::{Handle, Kept, handle_of};
use crate::territory::is_subtree;

impl SnapshotBuilder {
    pub fn window(&mut self, window: Recorded<Window>) {
        self.windows.push(window);
    }

    pub(super) fn put_window(&mut self, window: Recorded<Window>) -> Result<(), BuildError> {
        let at = self.known(window.district, &window.id.to_string())?;
        if self.snapshot.windows.search(&window.id, |(id, _)| *id).is_none() {
            self.follows(self.snapshot.windows.last().map(|(id, _)| *id), window.id);
            self.snapshot.windows.push((window.id, at));
        }
        self.invalidation.readiness.insert(at);
        let windows = Arc::make_mut(&mut self.district_mut(at).windows);
        windows.retain(|known| known.id != window.id);
        let place = windows.partition_point(|known| known.name <= window.name);
        windows.insert(place, Arc::new(window));
        Ok(())
    }

    /// Adds a policy, with its previous content and the day of its newest revision.
    pub fn policy(&mut self, policy: Recorded<Policy>, replaced: Option<(Policy, Date)>) {
        let id = policy.id;
        let replaced = replaced.map(|(policy, on)| Arc::new(Replaced { policy, on }));
        let entry = PolicyEntry { policy: Arc::new(policy), replaced, clauses: Arc::default() };
        let policies = Arc::make_mut(&mut self.snapshot.policies);
        let place = policies.partition_point(|known| known.policy.id < id);
        if policies.get(place).is_some_and(|known| known.policy.id == id) {
            policies[place] = entry;
        } else {
            let last = policies.last().map(|last| last.policy.id);
            policies.push(entry);
            self.follows(last, id);
        }
        self.policies.insert(handle_of(place));
    }

    pub(super) fn resolve_policy(&mut self, at: Handle) -> Result<(), BuildError> {
        let policy: Kept<Policy> = self.snapshot.policies[at as usize].policy.clone();
        let whose = policy.id.to_string();
        let side = |territories: &[Territory]| {
            territories
                .iter()
                .map(|territory| Ok((self.known(territory.district, &whose)?, is_subtree(territory.extent))))
                .collect::<Result<Box<[_]>, BuildError>>()
        };
        let clauses = policy
            .schedule
            .iter()
            .map(|clause| {
                Ok(PolicyClauseEntry {
                    matters: sorted(self.resolve_matters(&clause.matters, &whose)?).into(),
                    receiving: side(policy.receiving_of(clause))?,
                    competent: side(policy.competent_of(clause))?,
                })
            })
            .collect::<Result<Vec<_>, BuildError>>()?;
        Arc::make_mut(&mut self.snapshot.policies)[at as usize].clauses = clauses.into();
        Ok(())
    }
}
