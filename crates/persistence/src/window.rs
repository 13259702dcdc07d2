//! The table of windows, identified by district and name. `window` itself is a reserved word of SQL.

use std::collections::{BTreeSet, HashMap};

use domain::{DistrictCode, Window};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::Result;
use crate::table::{RowContext, StoredRecord, Table};

impl Table for Window {
    const NAME: &'static str = "service_window";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index } = context;
        Ok(row::Model {
            id,
            revision,
            district: code_index.district(self.district)?,
            name: self.name.to_string(),
            body: body.to_owned(),
        })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        vec![self.district]
    }
}

/// The windows of these districts, by district and name.
pub(crate) async fn of_districts(
    db: &impl ConnectionTrait,
    districts: BTreeSet<i64>,
) -> Result<HashMap<(i64, String), StoredRecord>> {
    let rows = row::Entity::find().filter(row::Column::District.is_in(districts)).all(db).await?;
    let stored =
        |row::Model { id, revision, district, name, body }| ((district, name), StoredRecord { id, revision, body });
    Ok(rows.into_iter().map(stored).collect())
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "service_window")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) district: i64,
        pub(crate) name: String,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
