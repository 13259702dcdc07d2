//! The rows of the journal.

use domain::{Change, Digest};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

use crate::error::{Error, Result};
use crate::head::time;
use crate::number::revision;

pub(crate) const TABLE: &str = "journal";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) revision: i64,
    pub(crate) recorded_at: String,
    pub(crate) actor: String,
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) kind: String,
    pub(crate) action: String,
    pub(crate) record: i64,
    pub(crate) previous: String,
    pub(crate) digest: String,
    pub(crate) document: Option<String>,
    pub(crate) is_restricted: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Change {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let Model {
            revision: number,
            recorded_at,
            actor,
            on_behalf_of,
            kind,
            action,
            record,
            previous,
            digest,
            document,
            is_restricted: _,
        } = row;
        let corrupt = |column| Error::corrupt(TABLE, column, number);
        let parse_digest = |text: &str, column| text.parse::<Digest>().map_err(|_| corrupt(column));
        Ok(Self {
            revision: revision(number, TABLE, "revision")?,
            recorded_at: time(&recorded_at).ok_or_else(|| corrupt("recorded_at"))?,
            actor,
            on_behalf_of: on_behalf_of.map(|code| code.parse().map_err(|_| corrupt("on_behalf_of"))).transpose()?,
            kind: kind.parse().map_err(|()| corrupt("kind"))?,
            action: action.parse().map_err(|()| corrupt("action"))?,
            record: revision(record, TABLE, "record")?,
            previous: parse_digest(&previous, "previous")?,
            digest: parse_digest(&digest, "digest")?,
            document,
        })
    }
}
