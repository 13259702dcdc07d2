//! The digest of the line that was last imported for a record: the same line again changes nothing, whatever happened since.

use sea_orm_migration::prelude::{ColumnDef, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261129_000004_imported_lines"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let imported_line = Table::create()
            .table("imported_line")
            .col(ColumnDef::new("record").big_integer().not_null().primary_key())
            .col(ColumnDef::new("digest").blob().not_null())
            .to_owned();
        manager.create_table(imported_line).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("imported_line").to_owned()).await
    }
}
