//! Cache of the findings of a snapshot. They are computed on demand; the next snapshot recomputes only what a change
//! invalidates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::chunked_vec::ChunkedVec;
use crate::entry::RECORDS;
use crate::finding::{CompactFinding, Rule};
use crate::handle::Handle;

/// The findings of one snapshot on its own day.
#[derive(Debug, Default)]
pub(crate) struct FindingsCache {
    pub(super) made: OnceLock<Arc<ComputedFindings>>,
    /// The findings of an earlier snapshot on the same day, and what was invalidated since. `None`: all must be
    /// computed.
    pub(super) base: Option<(Arc<ComputedFindings>, Invalidation)>,
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
        let count = self.districts.len()
            + self.readiness.len()
            + self.matters.len()
            + self.policies.len()
            + self.agreements.len();
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

    /// Memory in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.made.get().or(self.base.as_ref().map(|(made, _)| made)).map_or(0, |made| made.heap_bytes())
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

impl ComputedFindings {
    fn heap_bytes(&self) -> usize {
        self.districts.heap_bytes()
            + self.matters.heap_bytes()
            + self.policies.heap_bytes()
            + self.agreements.heap_bytes()
    }
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
    pub(super) fn put(&mut self, at: Handle, found: Vec<CompactFinding>) {
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

    fn heap_bytes(&self) -> usize {
        self.table.heap_bytes()
            + self.table.len() * 2 * size_of::<usize>()
            + self.entries * size_of::<CompactFinding>()
            + size_of_val(&self.counts[..])
    }
}
