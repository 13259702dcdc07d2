//! Policies as rows. There are few.

use domain::{DistrictCode, Policy, Record};

use crate::error::Result;
use crate::table::{Kept, Table};

impl Table for Policy {
    const NAME: &'static str = "policy";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn of(record: &Record) -> Option<&Self> {
        match record {
            Record::Policy(record) => Some(record),
            Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Agreement(_) | Record::Document(_) => None,
        }
    }

    fn from_record(record: Record) -> Option<Self> {
        match record {
            Record::Policy(record) => Some(*record),
            Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Agreement(_) | Record::Document(_) => None,
        }
    }

    fn into_record(self) -> Record {
        Record::Policy(Box::new(self))
    }

    fn row(&self, kept: Kept<'_>) -> Result<row::Model> {
        let Kept { id, revision, body, places: _ } = kept;
        Ok(row::Model {
            id,
            revision,
            key: self.key.as_deref().map(str::to_owned),
            document_number: self.document_number.as_deref().map(str::to_owned),
            body: body.to_owned(),
        })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        Vec::new()
    }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "policy")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) key: Option<String>,
        pub(crate) document_number: Option<String>,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
