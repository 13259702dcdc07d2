//! Names of actors. The journal holds only a reference; the name is in this table, so that it can be erased.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::error::Result;

pub(crate) async fn names(db: &impl ConnectionTrait, references: &[String]) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    for chunk in references.chunks(5_000) {
        let rows = row::Entity::find().filter(row::Column::Reference.is_in(chunk)).all(db).await?;
        names.extend(rows.into_iter().map(|row::Model { reference, name }| (reference, name)));
    }
    Ok(names)
}

/// Saves the current name of an actor.
pub(crate) async fn set_name(tx: &impl ConnectionTrait, reference: &str, name: &str) -> Result<()> {
    let row = row::Model { reference: reference.to_owned(), name: name.to_owned() };
    let replace = OnConflict::column("reference").update_column("name").to_owned();
    row::Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn erase(db: &impl ConnectionTrait, reference: &str) -> Result<()> {
    row::Entity::delete_by_id(reference.to_owned()).exec(db).await?;
    Ok(())
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "actor")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) reference: String,
        pub(crate) name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
