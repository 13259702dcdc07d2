//! The table of documents, identified by agreement, party and digest of the content.

use domain::{AgreementNumber, DistrictCode, Document};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::table::{RowContext, StoredRecord, Table};

impl Table for Document {
    const NAME: &'static str = "document";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index } = context;
        Ok(row::Model {
            id,
            revision,
            agreement: self.agreement.to_string(),
            party: code_index.district(self.party)?,
            digest: self.digest.to_string(),
            body: body.to_owned(),
        })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        vec![self.party]
    }
}

/// The document with the same agreement, party and content.
pub(crate) async fn same(
    db: &impl ConnectionTrait,
    document: &Document,
    code_index: &CodeIndex,
) -> Result<Option<StoredRecord>> {
    let Some(party) = code_index.find_district(document.party) else { return Ok(None) };
    let found = row::Entity::find()
        .filter(row::Column::Agreement.eq(document.agreement.to_string()))
        .filter(row::Column::Party.eq(party))
        .filter(row::Column::Digest.eq(document.digest.to_string()))
        .one(db)
        .await?;
    Ok(found.map(stored))
}

/// The documents of an agreement, oldest first.
pub(crate) async fn of_agreement(db: &impl ConnectionTrait, number: AgreementNumber) -> Result<Vec<StoredRecord>> {
    let rows = row::Entity::find()
        .filter(row::Column::Agreement.eq(number.to_string()))
        .order_by_asc(row::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(stored).collect())
}

fn stored(row: row::Model) -> StoredRecord {
    let row::Model { id, revision, agreement: _, party: _, digest: _, body } = row;
    StoredRecord { id, revision, body }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "document")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) agreement: String,
        pub(crate) party: i64,
        pub(crate) digest: String,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
