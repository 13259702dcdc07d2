//! The migrations of the tables. A released migration is never edited: changes are new migrations. Tables
//! and columns are named as text, so that history doesn't move when a type is renamed.

mod m20261123_000001_registry;
mod m20261124_000002_acts;
mod m20261125_000003_documents;
mod m20261129_000004_imported_lines;
mod m20261130_000005_document_chunks;
mod m20261130_000006_people;
mod m20261130_000007_feedback;

use sea_orm_migration::prelude::{Alias, DynIden, IntoIden, MigrationTrait};
use sea_orm_migration::sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::{MigratorTrait, async_trait};

#[derive(Debug)]
struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_registry::Migration),
            Box::new(m20261124_000002_acts::Migration),
            Box::new(m20261125_000003_documents::Migration),
            Box::new(m20261129_000004_imported_lines::Migration),
            Box::new(m20261130_000005_document_chunks::Migration),
            Box::new(m20261130_000006_people::Migration),
            Box::new(m20261130_000007_feedback::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("migration").into_iden()
    }
}

/// The names of the migrations that the database has not had yet; writes nothing.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}

/// Brings the tables up to date, all or nothing. Gateways that start together do it one after the other.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    if pending(db).await?.is_empty() {
        return Ok(());
    }
    let tx = alone(db).await?;
    Migrator::up(&tx, None).await?;
    tx.commit().await
}

/// The names of all migrations, in their order.
pub fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// Gives a database without tables those that the first few migrations make. Nothing has happened before `finish`.
pub async fn begin(db: &DatabaseConnection, first: usize) -> Result<DatabaseTransaction, DbErr> {
    let tx = alone(db).await?;
    Migrator::up(&tx, u32::try_from(first).ok()).await?;
    Ok(tx)
}

/// Migrates the tables and their rows to the newest version, and commits.
pub async fn finish(tx: DatabaseTransaction) -> Result<(), DbErr> {
    Migrator::up(&tx, None).await?;
    tx.commit().await
}

/// Reverts the last migration, for testing a new one.
pub async fn revert(db: &DatabaseConnection) -> Result<(), DbErr> {
    let tx = alone(db).await?;
    Migrator::down(&tx, Some(1)).await?;
    tx.commit().await
}

/// A transaction that no other migration runs beside: SQLite has one writer anyway; elsewhere the row of
/// a small table is taken, which also works where engines know no advisory locks.
async fn alone(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    if !sqlite {
        // Two that create the table at once clash in the catalogue of PostgreSQL; it is there then.
        if let Err(error) = db.execute_unprepared("CREATE TABLE IF NOT EXISTS migration_lock (id integer PRIMARY KEY)").await {
            db.execute_unprepared("SELECT id FROM migration_lock").await.map_err(|_| error)?;
        }
        db.execute_unprepared("INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING").await?;
    }
    let options = TransactionOptions {
        isolation_level: None,
        access_mode: Some(AccessMode::ReadWrite).filter(|_| !sqlite),
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate).filter(|_| sqlite),
    };
    let tx = db.begin_with_options(options).await?;
    if !sqlite {
        tx.execute_unprepared("SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE").await?;
    }
    Ok(tx)
}
