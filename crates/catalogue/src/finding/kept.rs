//! The findings of a snapshot, kept with their records. They are made when somebody asks; the next snapshot makes anew
//! only what a change touches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::check::{Checker, steps};
use super::{Found, Rule};
use crate::snapshot::{Handle, RECORDS, Snapshot};
use crate::table::Table;

/// The findings of one snapshot on its own day.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    made: OnceLock<Arc<Made>>,
    /// Those of an earlier snapshot on the same day, and what was touched since. `None`: all are to be made.
    base: Option<(Arc<Made>, Stale)>,
}

/// The records of which findings are to be made anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stale {
    /// A change that may bear on any: the succession or the codes of districts.
    pub(crate) everything: bool,
    pub(crate) districts: BTreeSet<Handle>,
    /// A district is new or stands under another: others may be party through it.
    pub(crate) moved: bool,
    /// Districts whose offerings or windows changed.
    pub(crate) prepared: BTreeSet<Handle>,
    pub(crate) matters: BTreeSet<Handle>,
    pub(crate) policies: BTreeSet<Handle>,
    /// Matters whose domain or end changed.
    pub(crate) redefined: BTreeSet<Handle>,
    /// Agreements, with the districts that they named before.
    pub(crate) agreements: BTreeMap<Handle, BTreeSet<Handle>>,
}

/// More than this is made anew as a whole.
const MANY: usize = 2_000;

impl Stale {
    fn extend(&mut self, later: &Self) {
        self.everything |= later.everything;
        self.moved |= later.moved;
        self.districts.extend(&later.districts);
        self.prepared.extend(&later.prepared);
        self.matters.extend(&later.matters);
        self.policies.extend(&later.policies);
        self.redefined.extend(&later.redefined);
        for (at, named) in &later.agreements {
            self.agreements.entry(*at).or_default().extend(named);
        }
        let count = self.districts.len() + self.prepared.len() + self.matters.len() + self.policies.len() + self.agreements.len();
        if self.everything || count > MANY {
            *self = Self { everything: true, ..Self::default() };
        }
    }
}

impl Findings {
    /// Those of the next snapshot, after what was touched.
    pub(crate) fn next(&self, touched: &Stale) -> Self {
        let (made, mut stale) = match (self.made.get(), &self.base) {
            (Some(made), _) => (made.clone(), Stale::default()),
            (None, Some((made, stale))) => (made.clone(), stale.clone()),
            (None, None) => return Self::default(),
        };
        stale.extend(touched);
        if stale.everything { Self::default() } else { Self { made: OnceLock::new(), base: Some((made, stale)) } }
    }

    fn made(&self, snapshot: &Snapshot) -> &Arc<Made> {
        self.made.get_or_init(|| {
            Arc::new(match &self.base {
                Some((base, stale)) => base.after(snapshot, stale),
                None => Made::new(snapshot, snapshot.today),
            })
        })
    }

    /// What they take of the memory.
    pub(crate) fn bytes(&self) -> usize {
        self.made.get().or(self.base.as_ref().map(|(made, _)| made)).map_or(0, |made| made.bytes())
    }
}

/// The findings of each record, by its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    pub(super) districts: Pieces,
    pub(super) matters: Pieces,
    pub(super) policies: Pieces,
    pub(super) agreements: Pieces,
}

impl Snapshot {
    /// Are the findings of its day at hand, so that asking for them takes no time?
    pub fn has_findings(&self) -> bool {
        self.findings.made.get().is_some()
    }

    /// Makes the findings of its day, unless they are at hand. It takes as long as what was changed is large.
    pub fn make_findings(&self) {
        self.findings.made(self);
    }

    pub(super) fn made_findings(&self, on: domain::Date) -> Arc<Made> {
        if on == self.today { self.findings.made(self).clone() } else { Arc::new(Made::new(self, on)) }
    }
}

impl Made {
    fn new(snapshot: &Snapshot, on: domain::Date) -> Self {
        let mut checker = Checker::new(snapshot, on);
        let mut made = Self::default();
        (0..).take(snapshot.districts.len()).for_each(|at| made.districts.put(at, checker.of_district(at)));
        (0..).take(snapshot.matters.len()).for_each(|at| made.matters.put(at, checker.of_matter(at)));
        (0..).take(snapshot.policies.len()).for_each(|at| made.policies.put(at, checker.of_policy(at)));
        (0..).take(snapshot.agreements.len()).for_each(|at| made.agreements.put(at, checker.of_agreement(at)));
        made
    }

    /// The same after a change.
    fn after(&self, snapshot: &Snapshot, stale: &Stale) -> Self {
        let mut checker = Checker::new(snapshot, snapshot.today);
        let mut made = self.clone();
        for at in stale.districts.union(&stale.prepared) {
            made.districts.put(*at, checker.of_district(*at));
        }
        for at in &stale.matters {
            made.matters.put(*at, checker.of_matter(*at));
        }
        // There are few policies, and a district that moved may lie in the territory of any.
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
        // What a retired district has ready counts for its successor, which has the duties of both.
        let prepared: BTreeSet<Handle> = stale.prepared.iter().filter_map(|district| snapshot.counts_for(*district, snapshot.today)).collect();
        for district in prepared {
            let mut agreements = (*snapshot.district_at(district).agreements).clone();
            snapshot.succeeded_by(district, snapshot.today, &mut |retired| agreements |= &*snapshot.district_at(retired).agreements);
            for at in agreements.into_iter().filter(|at| !whole.contains(at)) {
                let mut anew = Vec::new();
                if let Some(checked) = checker.checked(at) {
                    checker.duties(checked, Some(district), &mut anew);
                }
                let is_duty = |found: &Found| {
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

/// Are steps of joint handling for districts by name?
fn names_steps(checker: &Checker<'_>, at: Handle) -> bool {
    let checked = checker.checked(at);
    checked.is_some_and(|checked| checked.version().schedule.iter().any(|clause| steps(&clause.terms).next().is_some()))
}

/// The findings of the records of one kind, by their places; each record's in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Pieces {
    table: Table<Arc<[Found]>, RECORDS>,
    /// How many there are of each rule, in each piece of the table.
    counts: Vec<[u32; Rule::COUNT]>,
    entries: usize,
}

impl Pieces {
    fn put(&mut self, at: Handle, found: Vec<Found>) {
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

    /// Takes some of a record's findings out and puts others in.
    fn change(&mut self, checker: &Checker<'_>, at: Handle, goes: impl Fn(&Found) -> bool, put: impl FnOnce(&mut Vec<Found>)) {
        let mut found: Vec<Found> = self.of(at).iter().filter(|found| !goes(found)).copied().collect();
        put(&mut found);
        checker.sort(at, &mut found);
        if *found != *self.of(at) {
            self.put(at, found);
        }
    }

    pub(super) fn of(&self, at: Handle) -> &[Found] {
        if (at as usize) < self.table.len() { &self.table[at] } else { &[] }
    }

    pub(super) fn count(&self, rule: Rule) -> usize {
        self.counts.iter().map(|counts| counts[rule as usize] as usize).sum()
    }

    /// The so many-th finding of a rule, in the order of the records.
    pub(super) fn get(&self, rule: Rule, mut place: usize) -> Option<(Handle, Found)> {
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
        self.table.room() + self.table.len() * 2 * size_of::<usize>() + self.entries * size_of::<Found>() + size_of_val(&self.counts[..])
    }
}
