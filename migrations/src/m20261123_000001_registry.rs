//! The registry: the journal with its head, and a table for each kind of record. A record's `id` is the
//! revision that created it, its `body` the line that the journal has for its newest revision; the
//! columns between are what is looked up or loaded without reading the body.

use sea_orm_migration::prelude::{
    ColumnDef, Expr, ExprTrait, ForeignKey, ForeignKeyCreateStatement, Index, IndexCreateStatement, MigrationTrait, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000001_registry"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        let db = manager.get_connection();
        let (epoch, append_only) = match db.get_database_backend() {
            DbBackend::Sqlite => ("lower(hex(randomblob(16)))", &APPEND_ONLY_SQLITE[..]),
            _ => ("replace(CAST(gen_random_uuid() AS text), '-', '')", &APPEND_ONLY_POSTGRES[..]),
        };
        for statement in append_only {
            db.execute_unprepared(statement).await?;
        }
        // The head of an empty journal; its digest is what the first entry is chained to.
        let digest = format!("sha-256:{}", "0".repeat(64));
        let head = format!(
            "INSERT INTO head (id, epoch, revision, digest, recorded_at, agreements) VALUES (1, {epoch}, 0, '{digest}', '1970-01-01T00:00:00.000000Z', 0)"
        );
        db.execute_unprepared(&head).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "api_key",
            "policy",
            "agreement",
            "service_window",
            "offering",
            "matter",
            "district_code",
            "district",
            "journal_district",
            "journal",
            "head",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        if manager.get_database_backend() != DbBackend::Sqlite {
            manager.get_connection().execute_unprepared("DROP FUNCTION journal_is_append_only()").await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("head")
            .col(ColumnDef::new("id").integer().not_null().primary_key().check(Expr::col("id").eq(1)))
            .col(text("epoch"))
            .col(number("revision"))
            .col(text("digest"))
            .col(text("recorded_at"))
            .col(number("agreements"))
            .to_owned(),
        Table::create()
            .table("journal")
            .col(number("revision").primary_key())
            .col(text("recorded_at"))
            .col(text("actor"))
            .col(maybe_text("on_behalf_of"))
            .col(text("kind"))
            .col(text("action"))
            .col(number("record"))
            .col(text("previous"))
            .col(text("digest"))
            .col(maybe_text("document"))
            .to_owned(),
        Table::create()
            .table("journal_district")
            .col(number("revision"))
            .col(number("district"))
            .primary_key(Index::create().col("revision").col("district"))
            .to_owned(),
        record("district").col(text("code").unique_key()).col(text("body")).to_owned(),
        Table::create()
            .table("district_code")
            .col(text("code").primary_key())
            .col(number("district"))
            .foreign_key(&mut to("district_code", "district", "district"))
            .to_owned(),
        record("matter").col(text("code").unique_key()).col(text("body")).to_owned(),
        record("offering")
            .col(text("known_by").unique_key())
            .col(number("district"))
            .col(maybe_number("matter"))
            .col(maybe_text("source_code"))
            .col(maybe_text("code"))
            .col(maybe_text("name"))
            .col(maybe_number("days"))
            .col(number("visits"))
            .col(ColumnDef::new("has_url").boolean().not_null())
            .col(ColumnDef::new("has_invalid_code").boolean().not_null())
            .col(maybe_text("verified_on"))
            .col(maybe_text("valid_from"))
            .col(maybe_text("valid_to"))
            .col(text("body"))
            .foreign_key(&mut to("offering", "district", "district"))
            .foreign_key(&mut to("offering", "matter", "matter"))
            .to_owned(),
        record("service_window")
            .col(number("district"))
            .col(text("name"))
            .col(text("body"))
            .foreign_key(&mut to("service_window", "district", "district"))
            .to_owned(),
        record("agreement")
            .col(text("number").unique_key())
            .col(maybe_text("key").unique_key())
            .col(text("fingerprint"))
            .col(text("body"))
            .to_owned(),
        record("policy").col(maybe_text("key").unique_key()).col(maybe_text("document_number")).col(text("body")).to_owned(),
        record("api_key").col(text("hash").unique_key()).col(maybe_text("last_used_at")).col(text("body")).to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table(table).to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("journal_record", "journal", &["record", "revision"]),
        index("journal_kind", "journal", &["kind", "revision"]),
        index("journal_district_district", "journal_district", &["district", "revision"]),
        index("district_code_district", "district_code", &["district"]),
        index("offering_district", "offering", &["district"]),
        index("offering_code", "offering", &["code"]),
        index("service_window_name", "service_window", &["district", "name"]).unique().to_owned(),
        index("agreement_fingerprint", "agreement", &["fingerprint"]),
    ]
}

fn record(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).col(number("id").primary_key()).col(number("revision")).to_owned()
}

fn to(table: &'static str, column: &'static str, referenced: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("{table}_{column}")).from(table, column).to(referenced, "id").to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn maybe_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn maybe_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().to_owned()
}

const APPEND_ONLY_SQLITE: [&str; 2] = [
    "CREATE TRIGGER journal_is_not_revised BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
];

const APPEND_ONLY_POSTGRES: [&str; 3] = [
    "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER journal_is_not_revised BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()",
    "CREATE TRIGGER journal_is_not_truncated BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
];
