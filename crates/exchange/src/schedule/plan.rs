//! Groups rows into the clauses of a draft. A pure function of the rows and the draft.
//!
//! Rows that agree in receiving, competent, mode, mode label, terms, batch and dates form one clause, with its matters
//! by code. Clauses of the draft keep their keys: a row that a clause covers already stays there, and a group that
//! equals a clause but for its matters extends it. New clauses get the keys `r1`, `r2`, …

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::import::Verdict;
use domain::{AgreementClause, DistrictCode, HandlingMode, MatterCode, Period, Terms};

use super::entry::{Entry, ScheduleCell};
use super::pieces::{Conditions, Groups, Sides};
use super::report::{FieldChange, ScheduleRow};

/// What becomes of cells that the file does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnamed {
    Keep,
    /// Cells without a row are removed, and a clause without matters goes.
    Remove,
}

/// The schedule after an import.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub clauses: Vec<AgreementClause>,
    /// The cells that were removed because the file does not name them.
    pub removed: Vec<ScheduleCell>,
}

/// A clause of the draft.
struct Existing<'a> {
    clause: &'a AgreementClause,
    sides: Sides,
    conditions: Conditions,
    added: BTreeSet<MatterCode>,
}

/// Where a part of a row goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Existing(usize),
    New(usize),
}

/// What becomes of a row.
struct Placed {
    verdict: Verdict,
    targets: Vec<Target>,
    changes: Vec<FieldChange>,
}

struct Planner<'a> {
    existing: Vec<Existing<'a>>,
    by_direction: HashMap<(HandlingMode, DistrictCode, DistrictCode), Vec<usize>>,
    groups: Groups,
    /// Cells that rows move out of their clause.
    moved: HashSet<ScheduleCell>,
    named: HashSet<ScheduleCell>,
}

/// Plans the usable rows into the draft of the parties: gives each row its verdict and the keys of its clauses.
pub fn plan(rows: &mut [ScheduleRow], draft: &[AgreementClause], parties: &[DistrictCode], unnamed: Unnamed) -> Plan {
    let mut planner = Planner::new(draft, parties);
    let mut targets: Vec<(usize, Vec<Target>)> = Vec::new();
    for (at, row) in rows.iter_mut().enumerate().filter(|(_, row)| row.verdict == Verdict::Create) {
        let Some(entry) = &row.entry else { continue };
        let placed = planner.place(entry);
        row.verdict = placed.verdict;
        row.changes = placed.changes;
        targets.push((at, placed.targets));
    }
    let (clauses, removed, keys) = planner.finish(unnamed);
    for (at, of_row) in targets {
        let key = |target: &Target| match target {
            Target::Existing(clause) => draft[*clause].key.clone(),
            Target::New(group) => keys[*group].clone(),
        };
        rows[at].clauses = of_row.iter().map(key).collect::<BTreeSet<_>>().into_iter().collect();
    }
    Plan { clauses, removed }
}

impl<'a> Planner<'a> {
    fn new(draft: &'a [AgreementClause], parties: &[DistrictCode]) -> Self {
        let existing: Vec<Existing<'_>> = draft
            .iter()
            .map(|clause| Existing {
                clause,
                sides: Sides::of_clause(clause, parties),
                conditions: Conditions::of_clause(clause),
                added: BTreeSet::new(),
            })
            .collect();
        let mut by_direction: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, clause) in existing.iter().enumerate() {
            for (receiving, competent) in clause.sides.directions() {
                by_direction.entry((clause.conditions.mode, receiving, competent)).or_default().push(at);
            }
        }
        Self { existing, by_direction, groups: Groups::default(), moved: HashSet::new(), named: HashSet::new() }
    }

    /// Places the cells of a row.
    fn place(&mut self, entry: &Entry) -> Placed {
        let keyed = entry.key.as_ref().and_then(|key| self.existing.iter().position(|of| of.clause.key == *key));
        let (mut targets, mut changes, mut unchanged, mut created) = (Vec::new(), Vec::new(), 0, 0);
        for mode in &entry.modes {
            let base = keyed.filter(|at| self.existing[*at].conditions.mode == *mode);
            let mut conditions = conditions(entry, *mode, base.map(|at| &self.existing[at].conditions));
            let all = entry.directions();
            let mut fresh = Vec::new();
            for (receiving, competent) in &all {
                let cell =
                    ScheduleCell { matter: entry.matter, receiving: *receiving, competent: *competent, mode: *mode };
                self.named.insert(cell);
                let holders = self.holders(cell);
                if let Some(holder) = self.agreeing(&holders, base, &conditions) {
                    targets.push(Target::Existing(holder));
                    unchanged += 1;
                    continue;
                }
                if let Some(holder) = holders.first() {
                    // The list has no column of terms, so a cell keeps them when it moves.
                    let before = &self.existing[*holder].conditions;
                    conditions.terms = before.terms.clone();
                    let differing = conditions.changes_from(before);
                    changes
                        .extend(differing.into_iter().filter(|change| !changes.contains(change)).collect::<Vec<_>>());
                    self.moved.insert(cell);
                } else {
                    created += 1;
                }
                fresh.push((*receiving, *competent));
            }
            let sides = if fresh.len() == all.len() {
                vec![Sides::new(&entry.receiving, &entry.competent)]
            } else {
                fresh.iter().map(|(receiving, competent)| Sides::new(&[*receiving], &[*competent])).collect()
            };
            for sides in sides.into_iter().filter(|_| !fresh.is_empty()) {
                targets.push(self.put(entry.key.as_deref(), base, sides, &conditions, entry.matter));
            }
        }
        let verdict = match (unchanged, changes.is_empty(), created) {
            (_, true, 0) => Verdict::Unchanged,
            (0, true, _) => Verdict::Create,
            _ => Verdict::Update,
        };
        Placed { verdict, targets, changes }
    }

    /// The clauses of the draft that cover a cell.
    fn holders(&self, cell: ScheduleCell) -> Vec<usize> {
        let clauses = self.by_direction.get(&(cell.mode, cell.receiving, cell.competent)).into_iter().flatten();
        clauses.copied().filter(|at| self.existing[*at].clause.lists(cell.matter)).collect()
    }

    /// The clause among the holders that agrees with a row, the one that the row names first.
    fn agreeing(&self, holders: &[usize], keyed: Option<usize>, conditions: &Conditions) -> Option<usize> {
        let agrees = |at: &&usize| self.existing[**at].conditions.agree_but_for_terms(conditions);
        let mut agreeing = holders.iter().filter(agrees);
        keyed.filter(|keyed| holders.contains(keyed) && agrees(&keyed)).or_else(|| agreeing.next().copied())
    }

    /// Puts a matter into the clause of the draft that equals but for its matters, or into a group of its own.
    fn put(
        &mut self,
        key: Option<&str>,
        keyed: Option<usize>,
        sides: Sides,
        conditions: &Conditions,
        matter: MatterCode,
    ) -> Target {
        let equals = |of: &Existing<'_>| of.sides == sides && of.conditions == *conditions;
        let is_free = keyed.is_none() && key.is_some();
        let at = keyed
            .filter(|at| equals(&self.existing[*at]))
            .or_else(|| self.existing.iter().position(equals).filter(|_| !is_free));
        match at {
            Some(at) => {
                self.existing[at].added.insert(matter);
                Target::Existing(at)
            }
            None => Target::New(self.groups.add(key, sides, conditions, matter)),
        }
    }

    /// The clauses after the import, the removed cells, and the keys of the groups.
    fn finish(mut self, unnamed: Unnamed) -> (Vec<AgreementClause>, Vec<ScheduleCell>, Vec<Box<str>>) {
        // New clauses never take the key of another clause of the draft, even if that one goes.
        let known: HashSet<Box<str>> = self.existing.iter().map(|of| of.clause.key.clone()).collect();
        let (mut clauses, mut removed) = (Vec::new(), Vec::new());
        for of in std::mem::take(&mut self.existing) {
            let directions = of.sides.directions();
            let mut matters = of.added;
            for matter in of.clause.matters.iter().copied() {
                let cell = |(receiving, competent): &(DistrictCode, DistrictCode)| {
                    let mode = of.conditions.mode;
                    ScheduleCell { matter, receiving: *receiving, competent: *competent, mode }
                };
                let is_removed = |cell: &ScheduleCell| unnamed == Unnamed::Remove && !self.named.contains(cell);
                let (gone, staying): (Vec<_>, Vec<_>) =
                    directions.iter().map(cell).partition(|cell| self.moved.contains(cell) || is_removed(cell));
                removed.extend(gone.iter().copied().filter(is_removed));
                if gone.is_empty() {
                    matters.insert(matter);
                    continue;
                }
                for cell in staying {
                    self.groups.add(None, Sides::new(&[cell.receiving], &[cell.competent]), &of.conditions, matter);
                }
            }
            if !matters.is_empty() {
                let mut clause = of.clause.clone();
                clause.clause.matters = matters.into_iter().collect::<Vec<_>>().into();
                clauses.push(clause);
            }
        }
        let mut taken: HashSet<Box<str>> = clauses.iter().map(|clause| clause.key.clone()).collect();
        let mut keys = Vec::new();
        let mut serial = 0;
        for group in self.groups.into_groups() {
            let stated = group.key.clone().filter(|key| !taken.contains(key));
            let key = stated.unwrap_or_else(|| next_key(&mut serial, &[&taken, &known]));
            taken.insert(key.clone());
            keys.push(key.clone());
            clauses.push(group.into_clause(key));
        }
        removed.sort_unstable();
        (clauses, removed, keys)
    }
}

/// The conditions of a row in one mode. What it does not say is that of the clause it names.
fn conditions(entry: &Entry, mode: HandlingMode, base: Option<&Conditions>) -> Conditions {
    let base = base.cloned().unwrap_or_else(|| Conditions {
        mode,
        mode_label: None,
        terms: Terms::default_of(mode),
        batch: None,
        period: Period::ALWAYS,
    });
    Conditions {
        mode,
        mode_label: entry.mode_label.clone().or(base.mode_label),
        terms: base.terms,
        batch: entry.batch.clone().or(base.batch),
        period: Period::new(entry.period.from.or(base.period.from), entry.period.to.or(base.period.to)),
    }
}

fn next_key(serial: &mut u32, taken: &[&HashSet<Box<str>>]) -> Box<str> {
    loop {
        *serial += 1;
        let key: Box<str> = format!("r{serial}").into();
        if !taken.iter().any(|taken| taken.contains(&key)) {
            return key;
        }
    }
}
