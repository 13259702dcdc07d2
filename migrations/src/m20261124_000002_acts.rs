//! What acts over the network need: who may read an entry of the journal, what a repeated act was answered,
//! how far the clock was told, and the names that people give themselves.

use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, MigrationTrait, SchemaManager, Table, TableCreateStatement};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261124_000002_acts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What was written before is of agreements that are concluded: everybody may read it.
        let is_restricted = ColumnDef::new("is_restricted").boolean().not_null().default(false).to_owned();
        manager.alter_table(Table::alter().table("journal").add_column(is_restricted).to_owned()).await?;
        let told_through = ColumnDef::new("told_through").text().null().to_owned();
        manager.alter_table(Table::alter().table("head").add_column(told_through).to_owned()).await?;
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        // Few entries are restricted: what everybody may read is counted as all but these.
        manager.get_connection().execute_unprepared("CREATE INDEX journal_restricted ON journal (revision) WHERE is_restricted").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["actor", "answered", "journal_reader"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name("journal_restricted").table("journal").to_owned()).await?;
        manager.alter_table(Table::alter().table("head").drop_column("told_through").to_owned()).await?;
        manager.alter_table(Table::alter().table("journal").drop_column("is_restricted").to_owned()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        // The districts that may read an entry that is restricted.
        Table::create()
            .table("journal_reader")
            .col(number("revision"))
            .col(number("district"))
            .primary_key(Index::create().col("revision").col("district"))
            .to_owned(),
        // What an act led to, by the key with which it may be repeated.
        Table::create()
            .table("answered")
            .col(text("client"))
            .col(text("mutation"))
            .col(text("key"))
            .col(text("input"))
            .col(text("kind"))
            .col(number("record"))
            .col(number("revision"))
            .col(text("recorded_at"))
            .primary_key(Index::create().col("client").col("mutation").col("key"))
            .to_owned(),
        Table::create().table("actor").col(text("reference").primary_key()).col(text("name")).to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("journal_reader_district").table("journal_reader").col("district").col("revision").to_owned(),
        Index::create().name("answered_recorded_at").table("answered").col("recorded_at").to_owned(),
    ]
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}
