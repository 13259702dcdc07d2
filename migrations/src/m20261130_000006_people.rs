//! People who sign in by an identity provider, their grants, and the sessions of browsers.

use sea_orm_migration::prelude::{ColumnDef, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000006_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `subject` is the digest of issuer and subject. The name is a column, so that it can be erased: the journal has no names.
        let person = Table::create()
            .table("person")
            .col(number("id").primary_key())
            .col(number("revision"))
            .col(text("subject").unique_key())
            .col(text("name"))
            .col(ColumnDef::new("last_seen_at").text().null())
            .col(text("body"))
            .to_owned();
        // The word GRANT is reserved in SQL.
        let grant = Table::create()
            .table("role_grant")
            .col(number("id").primary_key())
            .col(number("revision"))
            .col(number("person"))
            .col(text("body"))
            .to_owned();
        // `token` is the digest of the cookie. `client` is empty until somebody has signed in.
        let session = Table::create()
            .table("session")
            .col(text("token").primary_key())
            .col(text("client"))
            .col(text("body"))
            .col(text("seen_at"))
            .col(text("expires_at"))
            .to_owned();
        for table in [person, grant, session] {
            manager.create_table(table).await?;
        }
        for (table, column) in [("role_grant", "person"), ("session", "client"), ("session", "expires_at")] {
            let index = Index::create().name(format!("{table}_{column}")).table(table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["session", "role_grant", "person"] {
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
