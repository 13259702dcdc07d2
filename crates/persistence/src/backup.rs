//! A backup of the database at one revision, made while the registry runs: the rows of every table as JSON lines that
//! can be restored into SQLite or PostgreSQL. The tables are listed from the database's own catalogue, so that none can
//! be forgotten.
//!
//! A restored registry gets a new epoch, so that followers of the old one notice that revisions were lost.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use domain::{Digest, Revision};
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::connection;
use crate::connection::options::OpenOptions;
use crate::error::{Error, Result};
use crate::head::Head;
use crate::private_file::{AtomicFile, IfExists};
use crate::session;
use crate::store::Store;
use crate::url::DatabaseUrl;

/// Version of the file format.
const FORMAT_VERSION: u32 = 1;
/// Other tables have foreign keys to these, so they are restored first.
const REFERENCED_TABLES: [&str; 2] = ["district", "matter"];
/// Not copied: the header of the backup names the migrations, and a restored registry asks everybody to sign in again.
const TABLES_LEFT_OUT: [&str; 3] = ["migration", "migration_lock", session::TABLE];

/// The result of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub revision: Revision,
    pub digest: Digest,
    pub rows: u64,
}

/// The first line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    tongban: u32,
    revision: Revision,
    digest: String,
    migrations: Vec<String>,
}

/// Stands before the rows of a table. Each row is a list of values.
#[derive(Debug, Serialize, Deserialize)]
struct TableHeader {
    table: String,
    columns: Vec<String>,
}

/// The last line: the number of rows, and the digest of all bytes before it.
#[derive(Debug, Serialize, Deserialize)]
struct Footer {
    rows: u64,
    sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
    Bytes,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
    /// Position in the primary key.
    key: Option<i64>,
}

impl Store {
    /// Writes a backup to a file. The file appears under its name only when it is complete.
    pub async fn backup(&self, path: &Path, if_exists: IfExists) -> Result<Backup> {
        let mut file = AtomicFile::create(path, if_exists)?;
        let backup = self.backup_to(&mut file).await.map_err(|error| match error {
            Error::Output(source) => Error::File { path: path.to_owned(), source },
            other => other,
        })?;
        file.finish()?;
        Ok(backup)
    }

    /// Writes a backup to any writer.
    pub async fn backup_to(&self, out: &mut (dyn Write + Send)) -> Result<Backup> {
        let failed = Error::Output;
        let tx = self.begin_read().await?;
        let head = Head::read(&tx).await?;
        let mut out = BackupWriter { to: out, hash: Sha256::new(), rows: 0 };
        let header = Header {
            tongban: FORMAT_VERSION,
            revision: head.revision,
            digest: head.digest.to_string(),
            migrations: migrations::names(),
        };
        out.line(&header).map_err(failed)?;
        for table in tables(&tx).await? {
            let columns = columns(&tx, &table).await?;
            let names = columns.iter().map(|column| column.name.clone()).collect();
            out.line(&TableHeader { table: table.clone(), columns: names }).map_err(failed)?;
            let mut after = None;
            loop {
                let page = page(&tx, &table, &columns, after.as_deref()).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.clone());
                for row in page {
                    out.line(&row).map_err(failed)?;
                    out.rows += 1;
                }
            }
        }
        let rows = out.rows;
        out.end().map_err(failed)?;
        Ok(Backup { revision: head.revision, digest: head.digest, rows })
    }
}

/// Restores a backup into a database without tables, all or nothing. A backup of an earlier release is restored into
/// the tables of that release, which are then migrated.
pub async fn restore(database: &DatabaseUrl, path: &Path) -> Result<Store> {
    let damaged = |what: &str| Error::Backup { path: path.to_owned(), what: what.to_owned() };
    let header = read_verified(path)?;
    let known = migrations::names();
    if header.tongban != FORMAT_VERSION || !known.starts_with(&header.migrations) {
        return Err(damaged("it was made by a newer release"));
    }
    let db = connection::open_new(database).await?;
    if migrations::pending(&db).await?.len() < known.len() {
        return Err(Error::Migration("the database has tables already; restore into an empty database".to_owned()));
    }
    let tx = migrations::begin(&db, header.migrations.len()).await?;
    tx.execute_unprepared("DELETE FROM head").await?;
    let mut loader: Option<TableLoader> = None;
    for line in lines(path)?.skip(1) {
        let line = line.map_err(|source| Error::File { path: path.to_owned(), source })?;
        if line.starts_with('[') {
            let row = serde_json::from_str(&line).map_err(|_| damaged("a row is no list"))?;
            let loader = loader.as_mut().ok_or_else(|| damaged("a row stands before its table"))?;
            loader.add(&tx, row, line.len()).await?.ok_or_else(|| damaged("a row does not fit its table"))?;
        } else if let Ok(table_header) = serde_json::from_str::<TableHeader>(&line) {
            let next = TableLoader::of(&tx, table_header).await?.ok_or_else(|| damaged("there is no such table"))?;
            if let Some(mut full) = loader.replace(next) {
                full.write(&tx).await?;
            }
        }
    }
    if let Some(mut full) = loader {
        full.write(&tx).await?;
    }
    let epoch = match tx.get_database_backend() {
        DbBackend::Sqlite => "lower(hex(randomblob(16)))",
        _ => "replace(CAST(gen_random_uuid() AS text), '-', '')",
    };
    tx.execute_unprepared(&format!("UPDATE head SET epoch = {epoch}")).await?;
    migrations::finish(tx).await?;
    db.close().await?;
    Store::open_at(database, OpenOptions::default()).await
}

/// Reads the header after checking the row count and the digest in the footer.
fn read_verified(path: &Path) -> Result<Header> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let damaged = || Error::Backup { path: path.to_owned(), what: "it is damaged or incomplete".to_owned() };
    let (mut hash, mut header, mut rows) = (Sha256::new(), None, 0);
    let mut lines = lines(path)?.peekable();
    while let Some(line) = lines.next() {
        let line = line.map_err(failed)?;
        if lines.peek().is_none() {
            let end: Footer = serde_json::from_str(&line).map_err(|_| damaged())?;
            if end.rows != rows || end.sha256 != hex::encode(hash.finalize()) {
                return Err(damaged());
            }
            return header.ok_or_else(damaged);
        }
        if header.is_none() {
            header = Some(serde_json::from_str(&line).map_err(|_| damaged())?);
        }
        rows += u64::from(line.starts_with('['));
        hash.update(&line);
        hash.update("\n");
    }
    Err(damaged())
}

fn lines(path: &Path) -> Result<io::Lines<BufReader<File>>> {
    let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok(BufReader::new(file).lines())
}

struct BackupWriter<'a> {
    to: &'a mut (dyn Write + Send),
    hash: Sha256,
    rows: u64,
}

impl BackupWriter<'_> {
    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.hash.update(&text);
        self.to.write_all(text.as_bytes())
    }

    fn end(mut self) -> io::Result<()> {
        let end = Footer { rows: self.rows, sha256: hex::encode(self.hash.finalize_reset()) };
        self.line(&end)?;
        self.to.flush()
    }
}

/// Collects rows and inserts them in batches.
struct TableLoader {
    table: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

impl TableLoader {
    /// `None`: the database has no such table or columns.
    async fn of(tx: &DatabaseTransaction, table_header: TableHeader) -> Result<Option<Self>> {
        let TableHeader { table, columns: names } = table_header;
        let mut known = if tables(tx).await?.contains(&table) { columns(tx, &table).await? } else { Vec::new() };
        let mut columns = Vec::new();
        for name in &names {
            let Some(at) = known.iter().position(|column| column.name == *name) else { return Ok(None) };
            columns.push(known.swap_remove(at));
        }
        Ok(Some(Self { table, columns, rows: Vec::new(), bytes: 0 }))
    }

    /// `None`: the row does not fit the table.
    async fn add(&mut self, tx: &DatabaseTransaction, row: Vec<Json>, bytes: usize) -> Result<Option<()>> {
        if row.len() != self.columns.len() {
            return Ok(None);
        }
        let Some(row) = self.columns.iter().zip(row).map(|(column, json)| column.value(json)).collect() else {
            return Ok(None);
        };
        self.rows.push(row);
        self.bytes += bytes;
        // SQLite allows about 32,000 bound values in a statement.
        if self.rows.len() >= 500 || self.bytes > 4_000_000 {
            self.write(tx).await?;
        }
        Ok(Some(()))
    }

    async fn write(&mut self, tx: &DatabaseTransaction) -> Result<()> {
        self.bytes = 0;
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut insert = Query::insert();
        insert.into_table(Alias::new(&self.table)).columns(self.columns.iter().map(|column| Alias::new(&column.name)));
        for row in self.rows.drain(..) {
            insert.values_panic(row.into_iter().map(Expr::val));
        }
        tx.execute(&insert).await?;
        Ok(())
    }
}

/// All tables but those that are left out, referenced tables first.
async fn tables(tx: &DatabaseTransaction) -> Result<Vec<String>> {
    let statement = match tx.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        _ => {
            "SELECT CAST(table_name AS text) FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"
        }
    };
    let mut tables = Vec::new();
    for row in rows(tx, statement.to_owned(), Vec::new()).await? {
        tables.push(row.try_get_by_index::<String>(0)?);
    }
    tables.retain(|table| !TABLES_LEFT_OUT.contains(&table.as_str()));
    tables.sort_by_key(|table| {
        REFERENCED_TABLES.iter().position(|first| first == table).unwrap_or(REFERENCED_TABLES.len())
    });
    Ok(tables)
}

async fn columns(tx: &DatabaseTransaction, table: &str) -> Result<Vec<Column>> {
    let (statement, values) = match tx.get_database_backend() {
        DbBackend::Sqlite => {
            ("SELECT name, lower(type), CAST(pk AS bigint) FROM pragma_table_info(?) ORDER BY cid", vec![table.into()])
        }
        _ => (
            "SELECT CAST(c.column_name AS text), CAST(c.data_type AS text), coalesce((SELECT CAST(k.ordinal_position AS bigint) \
             FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k \
             USING (constraint_schema, constraint_name, table_name) WHERE t.constraint_type = 'PRIMARY KEY' \
             AND t.table_schema = c.table_schema AND t.table_name = c.table_name AND k.column_name = c.column_name), 0) \
             FROM information_schema.columns c WHERE c.table_schema = current_schema() AND c.table_name = $1 ORDER BY c.ordinal_position",
            vec![table.into()],
        ),
    };
    let mut columns = Vec::new();
    for row in rows(tx, statement.to_owned(), values).await? {
        let (name, declared, key): (String, String, i64) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let kind = match &*declared {
            "text" | "varchar" => Kind::Text,
            "bigint" | "integer" => Kind::Number,
            "boolean" => Kind::Boolean,
            "blob" | "bytea" => Kind::Bytes,
            other => {
                return Err(Error::Unreadable(format!(
                    "{table}.{name} has the type {other}, which a backup does not support"
                )));
            }
        };
        columns.push(Column { name, kind, key: Some(key).filter(|place| *place > 0) });
    }
    Ok(columns)
}

/// The next page of rows in the order of the primary key.
async fn page(
    tx: &DatabaseTransaction,
    table: &str,
    columns: &[Column],
    after: Option<&[Json]>,
) -> Result<Vec<Vec<Json>>> {
    let mut key: Vec<(i64, usize)> =
        columns.iter().enumerate().filter_map(|(at, column)| Some((column.key?, at))).collect();
    key.sort_unstable();
    let quoted = |at: usize| format!("\"{}\"", columns[at].name);
    let read = columns.iter().map(|column| match column.kind {
        Kind::Number => format!("CAST(\"{}\" AS bigint)", column.name),
        Kind::Text | Kind::Boolean | Kind::Bytes => format!("\"{}\"", column.name),
    });
    let by: Vec<String> = key.iter().map(|(_, at)| quoted(*at)).collect();
    let placeholder = |at: usize| {
        if tx.get_database_backend() == DbBackend::Sqlite { "?".to_owned() } else { format!("${}", at + 1) }
    };
    let (beyond, values) = match after {
        Some(last) => {
            let places: Vec<String> = (0..key.len()).map(placeholder).collect();
            let values = key.iter().filter_map(|(_, at)| columns[*at].value(last[*at].clone())).collect();
            (format!("WHERE ({}) > ({})", by.join(", "), places.join(", ")), values)
        }
        None => (String::new(), Vec::new()),
    };
    // Rows with binary content can be large.
    let limit = if columns.iter().any(|column| column.kind == Kind::Bytes) { 4 } else { 1_000 };
    let statement = format!(
        "SELECT {} FROM \"{table}\" {beyond} ORDER BY {} LIMIT {limit}",
        read.collect::<Vec<_>>().join(", "),
        by.join(", ")
    );
    let mut page = Vec::new();
    for row in rows(tx, statement, values).await? {
        page.push(columns.iter().enumerate().map(|(at, column)| column.json(&row, at)).collect::<Result<_>>()?);
    }
    Ok(page)
}

async fn rows(tx: &DatabaseTransaction, statement: String, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    Ok(tx.query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), statement, values)).await?)
}

impl Column {
    fn json(&self, row: &QueryResult, at: usize) -> Result<Json> {
        Ok(match self.kind {
            Kind::Text => row.try_get_by_index::<Option<String>>(at)?.into(),
            Kind::Number => row.try_get_by_index::<Option<i64>>(at)?.into(),
            Kind::Boolean => row.try_get_by_index::<Option<bool>>(at)?.into(),
            Kind::Bytes => row.try_get_by_index::<Option<Vec<u8>>>(at)?.map(hex::encode).into(),
        })
    }

    fn value(&self, json: Json) -> Option<Value> {
        Some(match (self.kind, json) {
            (Kind::Text, Json::String(text)) => text.into(),
            (Kind::Text, Json::Null) => None::<String>.into(),
            (Kind::Number, Json::Number(number)) => number.as_i64()?.into(),
            (Kind::Number, Json::Null) => None::<i64>.into(),
            (Kind::Boolean, Json::Bool(truth)) => truth.into(),
            (Kind::Boolean, Json::Null) => None::<bool>.into(),
            (Kind::Bytes, Json::String(text)) => hex::decode(text).ok()?.into(),
            (Kind::Bytes, Json::Null) => None::<Vec<u8>>.into(),
            (Kind::Text | Kind::Number | Kind::Boolean | Kind::Bytes, _) => return None,
        })
    }
}
