//! The clauses of an agreement.

use serde::Serialize;

use crate::clause::Clause;
use crate::code::DistrictCode;
use crate::reading::Reader;
use crate::reference::Reference;

/// A clause of an agreement. Its sides are parties; empty: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgreementClause {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub receiving: Box<[DistrictCode]>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub competent: Box<[DistrictCode]>,
    #[serde(flatten)]
    pub clause: Clause,
}

impl std::ops::Deref for AgreementClause {
    type Target = Clause;
    fn deref(&self) -> &Clause {
        &self.clause
    }
}

impl AgreementClause {
    pub fn read(r: &mut Reader<'_>) -> Self {
        Clause::check_side(r, "receiving");
        Clause::check_side(r, "competent");
        let receiving = r.codes("receiving").into();
        let competent = r.codes("competent").into();
        Self { receiving, competent, clause: Clause::read(r) }
    }

    pub fn references(&self) -> Vec<Reference> {
        // The districts of the sides are parties, whose references are checked already.
        self.clause.references()
    }
}
