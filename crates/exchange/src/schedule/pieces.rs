//! What clauses are made of: the sides and conditions that group rows, and the groups themselves.

use std::collections::{BTreeSet, HashMap};

use domain::{AgreementClause, Clause, Date, DistrictCode, HandlingMode, MatterCode, Period, Terms};

use super::entry::directions;
use super::report::FieldChange;
use crate::header::field::Field;

/// The sides of a clause, sorted and without duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sides {
    pub(crate) receiving: Vec<DistrictCode>,
    pub(crate) competent: Vec<DistrictCode>,
}

impl Sides {
    pub(crate) fn new(receiving: &[DistrictCode], competent: &[DistrictCode]) -> Self {
        let sorted = |side: &[DistrictCode]| side.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        Self { receiving: sorted(receiving), competent: sorted(competent) }
    }

    /// An omitted side means all parties.
    pub(crate) fn of_clause(clause: &AgreementClause, parties: &[DistrictCode]) -> Self {
        let or_all = |side: &[DistrictCode]| if side.is_empty() { parties.to_vec() } else { side.to_vec() };
        Self::new(&or_all(&clause.receiving), &or_all(&clause.competent))
    }

    pub(crate) fn directions(&self) -> Vec<(DistrictCode, DistrictCode)> {
        directions(&self.receiving, &self.competent)
    }
}

/// What a clause agrees on besides its matters and sides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conditions {
    pub(crate) mode: HandlingMode,
    pub(crate) mode_label: Option<Box<str>>,
    pub(crate) terms: Terms,
    pub(crate) batch: Option<Box<str>>,
    pub(crate) period: Period,
}

impl Conditions {
    pub(crate) fn of_clause(clause: &Clause) -> Self {
        Self {
            mode: clause.mode,
            mode_label: clause.mode_label.clone(),
            terms: clause.terms.clone(),
            batch: clause.batch.clone(),
            period: clause.period,
        }
    }

    /// Whether both agree, whatever their terms: a list has no column of terms.
    pub(crate) fn agree_but_for_terms(&self, other: &Self) -> bool {
        self.mode == other.mode
            && self.mode_label == other.mode_label
            && self.batch == other.batch
            && self.period == other.period
    }

    /// What differs from the conditions before.
    pub(crate) fn changes_from(&self, before: &Self) -> Vec<FieldChange> {
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let fields = [
            (Field::ModeLabel, text(&before.mode_label), text(&self.mode_label)),
            (Field::Batch, text(&before.batch), text(&self.batch)),
            (Field::ValidFrom, day(before.period.from), day(self.period.from)),
            (Field::ValidTo, day(before.period.to), day(self.period.to)),
        ];
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        changed.map(|(field, before, after)| FieldChange { field, before, after }).collect()
    }
}

/// Rows that form one new clause.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// The key that the rows state.
    pub(crate) key: Option<Box<str>>,
    pub(crate) sides: Sides,
    pub(crate) conditions: Conditions,
    pub(crate) matters: BTreeSet<MatterCode>,
}

/// What groups are looked up by: the stated key, the sides and the mode.
type GroupKey = (Option<Box<str>>, Sides, HandlingMode);

/// The groups of new clauses, in the order of their first rows.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Vec<Group>,
    known: HashMap<GroupKey, Vec<usize>>,
}

impl Groups {
    /// Adds a matter to its group, and gives the position of the group.
    pub(crate) fn add(
        &mut self,
        key: Option<&str>,
        sides: Sides,
        conditions: &Conditions,
        matter: MatterCode,
    ) -> usize {
        let known = self.known.entry((key.map(Into::into), sides.clone(), conditions.mode)).or_default();
        let at = known.iter().copied().find(|at| self.groups[*at].conditions == *conditions).unwrap_or_else(|| {
            known.push(self.groups.len());
            let conditions = conditions.clone();
            self.groups.push(Group { key: key.map(Into::into), sides, conditions, matters: BTreeSet::new() });
            self.groups.len() - 1
        });
        self.groups[at].matters.insert(matter);
        at
    }

    pub(crate) fn into_groups(self) -> Vec<Group> {
        self.groups
    }
}

impl Group {
    pub(crate) fn into_clause(self, key: Box<str>) -> AgreementClause {
        let Conditions { mode, mode_label, terms, batch, period } = self.conditions;
        let matters = self.matters.into_iter().collect::<Vec<_>>().into();
        AgreementClause {
            receiving: self.sides.receiving.into(),
            competent: self.sides.competent.into(),
            clause: Clause { key, matters, mode, mode_label, terms, batch, period },
        }
    }
}
