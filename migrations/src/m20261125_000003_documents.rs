//! Documents of agreements: a table as the other records have one, and their contents, each once by its digest.

use sea_orm_migration::prelude::{ColumnDef, ForeignKey, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000003_documents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let document = Table::create()
            .table("document")
            .col(number("id").primary_key())
            .col(number("revision"))
            .col(text("agreement"))
            .col(number("party"))
            .col(text("digest"))
            .col(text("body"))
            .foreign_key(&mut ForeignKey::create().name("document_party").from("document", "party").to("district", "id").to_owned())
            .to_owned();
        manager.create_table(document).await?;
        let known_by = Index::create().name("document_known_by").table("document").col("agreement").col("party").col("digest").unique().to_owned();
        manager.create_index(known_by).await?;
        let content =
            Table::create().table("document_content").col(text("digest").primary_key()).col(ColumnDef::new("content").blob().not_null()).to_owned();
        manager.create_table(content).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["document_content", "document"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}
