//! Cache of the findings of a snapshot. They are computed on demand; the next snapshot recomputes only what a change invalidates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::check::{Checker, steps};
use super::{CompactFinding, Rule};
use crate::chunked_vec::ChunkedVec;
use crate::snapshot::{Handle, RECORDS, Snapshot};

/// The findings of one snapshot on its own day.
#[derive(Debug, Default)]
pub(crate) struct FindingsCache {
    made: OnceLock<Arc<ComputedFindings>>,
    /// The findings of an earlier snapshot on the same day, and what was invalidated since. `None`: all must be computed.
    base: Option<(Arc<ComputedFindings>, Invalidation)>,
}

/// The records whose findings must be recomputed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Invalidation {
    /// A change that may affect all findings: of the succession or the codes of districts.
    pub(crate) everything: bool,
    pub(crate) districts: BTreeSet<Handle>,
    /// A district is new or has another parent, so others may be party through it.
    pub(crate) moved: bool,
    /// Districts whose offerings or windows changed.
    pub(crate) readiness: BTreeSet<Handle>,
    pub(crate) matters: BTreeSet<Handle>,
    pub(crate) policies: BTreeSet<Handle>,
    /// Matters whose domain or end changed.
    pub(crate) redefined: BTreeSet<Handle>,
    /// Agreements, with the districts that they named before the change.
    pub(crate) agreements: BTreeMap<Handle, BTreeSet<Handle>>,
}

/// If more records are invalidated, everything is recomputed.
const MANY: usize = 2_000;

impl Invalidation {
    fn extend(&mut self, later: &Self) {
        self.everything |= later.everything;
        self.moved |= later.moved;
        self.districts.extend(&later.districts);
        self.readiness.extend(&later.readiness);
        self.matters.extend(&later.matters);
        self.policies.extend(&later.policies);
        self.redefined.extend(&later.redefined);
        for (at, named) in &later.agreements {
            self.agreements.entry(*at).or_default().extend(named);
        }
        let count = self.districts.len() + self.readiness.len() + self.matters.len() + self.policies.len() + self.agreements.len();
        if self.everything || count > MANY {
            *self = Self { everything: true, ..Self::default() };
        }
    }
}

impl FindingsCache {
    /// The cache of the next snapshot after an invalidation.
    pub(crate) fn next(&self, touched: &Invalidation) -> Self {
        let (made, mut stale) = match (self.made.get(), &self.base) {
            (Some(made), _) => (made.clone(), Invalidation::default()),
            (None, Some((made, stale))) => (made.clone(), stale.clone()),
            (None, None) => return Self::default(),
        };
        stale.extend(touched);
        if stale.everything { Self::default() } else { Self { made: OnceLock::new(), base: Some((made, stale)) } }
    }

    fn made(&self, snapshot: &Snapshot) -> &Arc<ComputedFindings> {
        self.made.get_or_init(|| {
            Arc::new(match &self.base {
                Some((base, stale)) => base.after(snapshot, stale),
                None => ComputedFindings::new(snapshot, snapshot.today),
            })
        })
    }

    /// Memory in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.made.get().or(self.base.as_ref().map(|(made, _)| made)).map_or(0, |made| made.bytes())
    }
}

/// The findings of each record, by handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct ComputedFindings {
    pub(super) districts: FindingTable,
    pub(super) matters: FindingTable,
    pub(super) policies: FindingTable,
    pub(super) agreements: FindingTable,
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
            let named = (0..).take(snapshot.districts.len()).filter(|district| snapshot.district_at(*district).agreements.contains(*at));
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
        let readiness: BTreeSet<Handle> = stale.readiness.iter().filter_map(|district| snapshot.counts_for(*district, snapshot.today)).collect();
        for district in readiness {
            let mut agreements = (*snapshot.district_at(district).agreements).clone();
            snapshot.succeeded_by(district, snapshot.today, &mut |retired| agreements |= &*snapshot.district_at(retired).agreements);
            for at in agreements.into_iter().filter(|at| !whole.contains(at)) {
                let mut anew = Vec::new();
                if let Some(checked) = checker.checked(at) {
                    checker.duties(checked, Some(district), &mut anew);
                }
                let is_duty = |found: &CompactFinding| {
                    matches!(found.rule, Rule::MatterWithoutOffering | Rule::OnlineAgainstOffering | Rule::ProxyWithoutWindow)
                        && found.other == district
                };
                made.agreements.change(&checker, at, is_duty, |found| found.extend(anew));
            }
        }
        made
    }

    fn bytes(&self) -> usize {
        self.districts.bytes() + self.matters.bytes() + self.policies.bytes() + self.agreements.bytes()
    }
}

fn lists_any(checker: &Checker<'_>, at: Handle, matters: &BTreeSet<Handle>) -> bool {
    let Some(checked) = checker.checked(at) else { return false };
    checked.entry.versions[checked.at].clauses().any(|clause| matters.iter().any(|matter| clause.matters.contains(*matter)))
}

/// Whether the agreement has joint handling with steps for named districts.
fn names_steps(checker: &Checker<'_>, at: Handle) -> bool {
    let checked = checker.checked(at);
    checked.is_some_and(|checked| checked.version().schedule.iter().any(|clause| steps(&clause.terms).next().is_some()))
}

/// The findings of the records of one kind, by handle, sorted for each record.
#[derive(Debug, Clone, Default)]
pub(super) struct FindingTable {
    table: ChunkedVec<Arc<[CompactFinding]>, RECORDS>,
    /// The number of findings of each rule, in each chunk of the table.
    counts: Vec<[u32; Rule::COUNT]>,
    entries: usize,
}

impl FindingTable {
    fn put(&mut self, at: Handle, found: Vec<CompactFinding>) {
        while self.table.len() <= at as usize {
            let place = self.table.push(Arc::new([]));
            if (place as usize).is_multiple_of(RECORDS) {
                self.counts.push([0; Rule::COUNT]);
            }
        }
        if self.table[at].is_empty() && found.is_empty() {
            return;
        }
        let before = std::mem::replace(self.table.get_mut(at), found.into());
        let counts = &mut self.counts[at as usize / RECORDS];
        before.iter().for_each(|found| counts[found.rule as usize] -= 1);
        self.table[at].iter().for_each(|found| counts[found.rule as usize] += 1);
        self.entries = self.entries + self.table[at].len() - before.len();
    }

    /// Replaces some findings of a record.
    fn change(&mut self, checker: &Checker<'_>, at: Handle, goes: impl Fn(&CompactFinding) -> bool, put: impl FnOnce(&mut Vec<CompactFinding>)) {
        let mut found: Vec<CompactFinding> = self.of(at).iter().filter(|found| !goes(found)).copied().collect();
        put(&mut found);
        checker.sort(at, &mut found);
        if *found != *self.of(at) {
            self.put(at, found);
        }
    }

    pub(super) fn of(&self, at: Handle) -> &[CompactFinding] {
        if (at as usize) < self.table.len() { &self.table[at] } else { &[] }
    }

    pub(super) fn count(&self, rule: Rule) -> usize {
        self.counts.iter().map(|counts| counts[rule as usize] as usize).sum()
    }

    /// The finding of a rule at an index, in the order of the records.
    pub(super) fn get(&self, rule: Rule, mut place: usize) -> Option<(Handle, CompactFinding)> {
        let piece = self.counts.iter().position(|counts| {
            let count = counts[rule as usize] as usize;
            let is_here = place < count;
            place -= if is_here { 0 } else { count };
            is_here
        })?;
        let records = (piece * RECORDS) as Handle..((piece + 1) * RECORDS).min(self.table.len()) as Handle;
        let all = records.flat_map(|at| self.table[at].iter().map(move |found| (at, *found)));
        all.filter(|(_, found)| found.rule == rule).nth(place)
    }

    fn bytes(&self) -> usize {
        self.table.room() + self.table.len() * 2 * size_of::<usize>() + self.entries * size_of::<CompactFinding>() + size_of_val(&self.counts[..])
    }
}
