//! The table of districts. A code identifies its district for ever, even when the district no longer uses it.

use domain::{District, DistrictCode};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, EntityTrait, ExprTrait as _, IntoActiveModel};

use crate::error::{Error, Result, is_taken};
use crate::problem;
use crate::table::{self, RowContext, StoredRecord, Table};

impl Table for District {
    const NAME: &'static str = "district";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index: _ } = context;
        Ok(row::Model { id, revision, code: self.code.to_string(), body: body.to_owned() })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        self.all_codes().take(1).collect()
    }

    fn codes(&self) -> Vec<DistrictCode> {
        self.all_codes().collect()
    }
}

/// Districts that administer others now or on other days.
pub(crate) async fn administering(db: &impl ConnectionTrait) -> Result<Vec<StoredRecord>> {
    // Quotation marks within a text are escaped in JSON, so this matches the field only.
    table::fetch(db, table::stored::<District>().and_where(Expr::col("body").like(r#"%"administers":[%"#))).await
}

/// Adds codes of districts.
pub(crate) async fn bear(tx: &impl ConnectionTrait, codes: &[(DistrictCode, i64)]) -> Result<()> {
    for chunk in codes.chunks(5_000) {
        let rows = chunk.iter().map(|(code, district)| {
            code_row::Model { code: code.to_string(), district: *district }.into_active_model()
        });
        let taken = |error| {
            if is_taken(&error) {
                Error::refused(problem::code_taken(chunk[0].0, vec!["codes".to_owned()]))
            } else {
                error.into()
            }
        };
        code_row::Entity::insert_many(rows).exec_without_returning(tx).await.map_err(taken)?;
    }
    Ok(())
}

pub(crate) mod code_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "district_code")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        pub(crate) district: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "district")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) code: String,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
