//! The readers of the journal, and which entries each may read.

use domain::visibility::audience::DistrictReaders;
use domain::{District, Id, RecordKind};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, Condition};

use super::row;
use crate::number::key;

/// A reader of the journal. Some entries of agreements are restricted to districts; those of API keys and feedback to stewards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum JournalReader {
    /// Everything: stewards, and the registry itself.
    All,
    /// Public entries.
    #[default]
    Public,
    /// Public entries, and those for one of these districts.
    PublicOr(Vec<Id<District>>),
    /// The same, without the entries about drafts of these districts.
    PartnerOr(Vec<Id<District>>),
}

/// The kinds whose entries only stewards read.
pub(crate) const FOR_STEWARDS: [RecordKind; 2] = [RecordKind::ApiKey, RecordKind::Feedback];

impl JournalReader {
    /// A condition for the entries that the reader may see.
    pub(super) fn readable(&self) -> Condition {
        let for_stewards = row::Column::Kind.is_in(FOR_STEWARDS.map(RecordKind::name));
        match self {
            Self::All => Condition::all(),
            Self::Public | Self::PublicOr(_) | Self::PartnerOr(_) => {
                Condition::all().add(for_stewards.not()).add(self.hidden().not())
            }
        }
    }

    /// A condition for restricted entries that the reader may not see.
    pub(super) fn hidden(&self) -> Condition {
        let restricted = Condition::all().add(Expr::col(row::Column::IsRestricted));
        match self {
            Self::All => Condition::any(),
            Self::Public => restricted,
            Self::PartnerOr(_) | Self::PublicOr(_) => {
                let is_reader = Expr::col("district").is_in(self.readers());
                let readable_revisions =
                    Query::select().column("revision").from("journal_reader").and_where(is_reader).to_owned();
                restricted.add(Expr::col(row::Column::Revision).not_in_subquery(readable_revisions))
            }
        }
    }

    /// The reader's districts as they are stored in `journal_reader`.
    pub(crate) fn readers(&self) -> Vec<i64> {
        match self {
            Self::All | Self::Public => Vec::new(),
            Self::PartnerOr(districts) => districts.iter().map(|district| key(*district)).collect(),
            Self::PublicOr(districts) => districts
                .iter()
                .flat_map(|district| [key(*district), reader(key(*district), DistrictReaders::Clerks)])
                .collect(),
        }
    }
}

/// How readers of a district are stored: those who may see its drafts as its negative id.
pub(crate) fn reader(district: i64, readership: DistrictReaders) -> i64 {
    match readership {
        DistrictReaders::Clerks => -district,
        DistrictReaders::Partners => district,
    }
}
