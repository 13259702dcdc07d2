//! Computes the findings of a snapshot, completely or after a change.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::finding::cache::{ComputedFindings, FindingTable, FindingsCache, Invalidation};
use crate::finding::check::{Checker, steps};
use crate::finding::{CompactFinding, Rule};
use crate::handle::Handle;
use crate::snapshot::Snapshot;

impl FindingsCache {
    fn made(&self, snapshot: &Snapshot) -> &Arc<ComputedFindings> {
        self.made.get_or_init(|| {
            Arc::new(match &self.base {
                Some((base, stale)) => base.after(snapshot, stale),
                None => ComputedFindings::new(snapshot, snapshot.today),
            })
        })
    }
}

impl Snapshot {
    /// Whether the findings of its day are cached.
    pub fn has_findings(&self) -> bool {
        self.findings.made.get().is_some()
    }

    /// Computes the findings of its day, unless they are cached. The time depends on the size of the change.
    pub fn make_findings(&self) {
        self.findings.made(self);
    }

    pub(super) fn computed_findings(&self, on: domain::Date) -> Arc<ComputedFindings> {
        if on == self.today { self.findings.made(self).clone() } else { Arc::new(ComputedFindings::new(self, on)) }
    }
}

impl ComputedFindings {
    fn new(snapshot: &Snapshot, on: domain::Date) -> Self {
        let mut checker = Checker::new(snapshot, on);
        let mut made = Self::default();
        (0..).take(snapshot.districts.len()).for_each(|at| made.districts.put(at, checker.of_district(at)));
        (0..).take(snapshot.matters.len()).for_each(|at| made.matters.put(at, checker.of_matter(at)));
        (0..).take(snapshot.policies.len()).for_each(|at| made.policies.put(at, checker.of_policy(at)));
        (0..).take(snapshot.agreements.len()).for_each(|at| made.agreements.put(at, checker.of_agreement(at)));
        made
    }

    /// The findings after a change.
    fn after(&self, snapshot: &Snapshot, stale: &Invalidation) -> Self {
        let mut checker = Checker::new(snapshot, snapshot.today);
        let mut made = self.clone();
        for at in stale.districts.union(&stale.readiness) {
            made.districts.put(*at, checker.of_district(*at));
        }
        for at in &stale.matters {
            made.matters.put(*at, checker.of_matter(*at));
        }
        // There are few policies, and a moved district may lie in the territory of any.
        for at in (0..).take(snapshot.policies.len()).filter(|at| stale.moved || stale.policies.contains(at)) {
            made.policies.put(at, checker.of_policy(at));
        }
        let mut whole: BTreeSet<Handle> = stale.agreements.keys().copied().collect();
        if !stale.redefined.is_empty() {
            whole.extend((0..).take(snapshot.agreements.len()).filter(|at| lists_any(&checker, *at, &stale.redefined)));
        }
        if stale.moved {
            whole.extend((0..).take(snapshot.agreements.len()).filter(|at| names_steps(&checker, *at)));
        }
        for at in &whole {
            made.agreements.put(*at, checker.of_agreement(*at));
        }
        for (at, before) in &stale.agreements {
            let named = (0..)
                .take(snapshot.districts.len())
                .filter(|district| snapshot.district_at(*district).agreements.contains(*at));
            let named: BTreeSet<Handle> = before.iter().copied().chain(named).collect();
            for later in checker.sharing_parties(named, |other| other > *at) {
                if !whole.contains(&later) {
                    made.agreements.change(
                        &checker,
                        later,
                        |found| found.rule == Rule::ContradictoryTerms && found.other == *at,
                        |found| {
                            found.extend(checker.checked(later).and_then(|checked| checker.clash(checked, *at)));
                        },
                    );
                }
            }
        }
        // Offerings and windows of a retired district count for its successor, which has the duties of both.
        let readiness: BTreeSet<Handle> =
            stale.readiness.iter().filter_map(|district| snapshot.counts_for(*district, snapshot.today)).collect();
        for district in readiness {
            let mut agreements = (*snapshot.district_at(district).agreements).clone();
            snapshot.succeeded_by(district, snapshot.today, &mut |retired| {
                agreements |= &*snapshot.district_at(retired).agreements;
            });
            for at in agreements.into_iter().filter(|at| !whole.contains(at)) {
                let mut anew = Vec::new();
                if let Some(checked) = checker.checked(at) {
                    checker.duties(checked, Some(district), &mut anew);
                }
                let is_duty = |found: &CompactFinding| {
                    matches!(
                        found.rule,
                        Rule::MatterWithoutOffering | Rule::OnlineAgainstOffering | Rule::ProxyWithoutWindow
                    ) && found.other == district
                };
                made.agreements.change(&checker, at, is_duty, |found| found.extend(anew));
            }
        }
        made
    }
}

fn lists_any(checker: &Checker<'_>, at: Handle, matters: &BTreeSet<Handle>) -> bool {
    let Some(checked) = checker.checked(at) else { return false };
    checked.entry.versions[checked.at]
        .clauses()
        .any(|clause| matters.iter().any(|matter| clause.matters.contains(*matter)))
}

/// Whether the agreement has joint handling with steps for named districts.
fn names_steps(checker: &Checker<'_>, at: Handle) -> bool {
    let checked = checker.checked(at);
    checked.is_some_and(|checked| checked.version().schedule.iter().any(|clause| steps(&clause.terms).next().is_some()))
}

impl FindingTable {
    /// Replaces some findings of a record.
    fn change(
        &mut self,
        checker: &Checker<'_>,
        at: Handle,
        goes: impl Fn(&CompactFinding) -> bool,
        put: impl FnOnce(&mut Vec<CompactFinding>),
    ) {
        let mut found: Vec<CompactFinding> = self.of(at).iter().filter(|found| !goes(found)).copied().collect();
        put(&mut found);
        checker.sort(at, &mut found);
        if *found != *self.of(at) {
            self.put(at, found);
        }
    }
}
