//! A suspension with a scope (停办范围), resolved for a version.

use crate::between::{Between, Participation, within};
use crate::bits::Positions;
use crate::handle::Handle;
use crate::heap_size::HeapSize;

/// A suspension, resolved for a version.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The index of the suspension in the agreement.
    pub(crate) at: usize,
    /// The index of the party whose routes it stops; `None`: those of all parties.
    pub(super) party: Option<u16>,
    /// The indexes of clauses (`Agreement::clause_at`); `None`: all.
    pub(super) clauses: Option<Box<[u32]>>,
    /// `None`: all.
    pub(super) matters: Option<Box<[Handle]>>,
    /// The receiving districts, with all below them; `None`: all.
    pub(super) receiving: Option<Territories>,
    pub(super) competent: Option<Territories>,
}

pub(super) type Territories = Box<[(Handle, bool)]>;

impl Stop {
    /// Whether it stops a part of the clause at an index when districts meet through these two parties.
    pub(crate) fn concerns(&self, clause: usize, receiving: u16, competent: u16) -> bool {
        self.party.is_none_or(|party| party == receiving || party == competent) && self.has_clause(clause)
    }

    pub(crate) fn has_clause(&self, clause: usize) -> bool {
        self.clauses.as_ref().is_none_or(|clauses| clauses.iter().any(|known| *known as usize == clause))
    }

    pub(crate) fn lists(&self, matter: Handle) -> bool {
        self.matters.as_ref().is_none_or(|matters| Positions::new(matters).contains(matter))
    }

    /// Whether its districts include these two.
    pub(crate) fn meets(&self, between: &Between<'_>) -> bool {
        is_within(self.receiving.as_deref(), between.receiving_as)
            && is_within(self.competent.as_deref(), between.competent_as)
    }

    /// Its districts on both sides.
    pub(crate) fn sides(&self) -> [Option<&[(Handle, bool)]>; 2] {
        [self.receiving.as_deref(), self.competent.as_deref()]
    }
}

/// Whether a district participates in one of these; `None`: everywhere.
pub(crate) fn is_within(territories: Option<&[(Handle, bool)]>, participations: &[Participation]) -> bool {
    // An empty list of known districts means nowhere.
    territories.is_none_or(|territories| !territories.is_empty() && within(territories, participations))
}

impl HeapSize for [Stop] {
    fn heap_bytes(&self) -> usize {
        let of = |stop: &Stop| {
            let Stop { at: _, party: _, clauses, matters, receiving, competent } = stop;
            let lists = [clauses, matters].into_iter().flatten().map(|list| size_of_val(&**list));
            let sides = [receiving, competent].into_iter().flatten().map(|side| size_of_val(&**side));
            lists.chain(sides).sum::<usize>()
        };
        size_of_val(self) + self.iter().map(of).sum::<usize>()
    }
}
