//! Contents of documents in chunks, a row for each. `document_content` is no longer written, and what is in it is still read from there:
//! that needs no time in a large database, and a gateway of the release before may still run beside this one and write to it.

use sea_orm_migration::prelude::{ColumnDef, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000005_document_chunks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let chunk = Table::create()
            .table("document_chunk")
            .col(ColumnDef::new("digest").text().not_null())
            .col(ColumnDef::new("position").big_integer().not_null())
            .col(ColumnDef::new("content").blob().not_null())
            .primary_key(Index::create().col("digest").col("position"))
            .to_owned();
        manager.create_table(chunk).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("document_chunk").to_owned()).await
    }
}
