//! The table of matters.

use domain::{DistrictCode, Matter, MatterCode};

use crate::error::Result;
use crate::table::{RowContext, Table};

impl Table for Matter {
    const NAME: &'static str = "matter";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index: _ } = context;
        Ok(row::Model { id, revision, code: self.code.to_string(), body: body.to_owned() })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        Vec::new()
    }

    fn matter_code(&self) -> Option<MatterCode> {
        Some(self.code)
    }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "matter")]
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
