//! SQLite: one writing connection, some for reading, and the checks of its file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use domain::Message;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::options::OpenOptions;
use super::retry::{LOCK_TIMEOUT, retry_with_backoff};
use crate::error::{Error, Result};
use crate::private_file;
use crate::url::DatabaseUrl;

pub(super) async fn open_sqlite(
    url: &DatabaseUrl,
    options: &OpenOptions,
) -> Result<(Option<DatabaseConnection>, DatabaseConnection)> {
    let failed = |source| Error::Open { database: url.to_string(), source: Box::new(source), hint: "" };
    let mut writer = None;
    if !options.read_only {
        let mut connect = ConnectOptions::new(url.text());
        connect.max_connections(1).acquire_timeout(LOCK_TIMEOUT).sqlx_logging(false).record_stmt_in_spans(false);
        connect.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
        connect.map_sqlx_sqlite_opts(move |sqlite| {
            // No acknowledged change is lost in a power cut.
            let sqlite = sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            sqlite
                .foreign_keys(true)
                .busy_timeout(LOCK_TIMEOUT)
                .pragma("cache_size", "-32000")
                .pragma("journal_size_limit", "67108864")
        });
        let db = Database::connect(connect).await.map_err(failed)?;
        if options.migrate {
            retry_with_backoff(|| migrations::migrate(&db)).await?;
        }
        writer = Some(db);
    }
    let mut connect = ConnectOptions::new(url.text());
    connect.max_connections(4).acquire_timeout(LOCK_TIMEOUT).sqlx_logging(false).record_stmt_in_spans(false);
    connect.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    connect
        .map_sqlx_sqlite_opts(|sqlite| sqlite.read_only(true).busy_timeout(LOCK_TIMEOUT).pragma("cache_size", "-8000"));
    Ok((writer, Database::connect(connect).await.map_err(failed)?))
}

/// Says what is wrong with a file, which SQLite's error does not; creates it if allowed.
pub(super) fn check_file(file: &Path, may_be_made: bool) -> Result<()> {
    let fail =
        |path: &Path, kind, text: &str| Err(Error::File { path: path.to_owned(), source: io::Error::new(kind, text) });
    match file.metadata() {
        Ok(found) if found.is_dir() => {
            fail(file, io::ErrorKind::IsADirectory, "it is a folder, not the file of a registry")
        }
        Ok(_) => {
            if let Some(message) =
                other_content(file).map_err(|source| Error::File { path: file.to_owned(), source })?
            {
                return Err(Error::NotADatabase { file: file.to_owned(), message });
            }
            if private_file::is_readable_by_others(file) {
                tracing::warn!(file = %file.display(), "others than the owner may read or write the registry's file: chmod 0600");
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match private_file::parent(file) {
            folder if !folder.is_dir() => fail(
                folder,
                io::ErrorKind::NotFound,
                "there is no such folder for the registry's file; make it first (in an address %2F is a slash)",
            ),
            _ if may_be_made => create_file(file),
            _ => fail(file, io::ErrorKind::NotFound, "there is no such file"),
        },
        Err(source) => Err(Error::File { path: file.to_owned(), source }),
    }
}

/// What the file is, if it is no SQLite database. An empty file is an empty database.
fn other_content(file: &Path) -> io::Result<Option<Message>> {
    let mut start = Vec::new();
    File::open(file)?.take(16).read_to_end(&mut start)?;
    Ok(match start.as_slice() {
        [] | b"SQLite format 3\0" => None,
        [b'{', b'"', b't', b'o', b'n', b'g', b'b', b'a', b'n', b'"', ..] => Some(Message::new(
            "这是 tongban backup 的备份，不是数据库：请用 tongban restore 恢复到新的数据库，或用 tongban verify --backup 验证",
            "this is a backup by tongban backup, not a database: restore it with tongban restore, or verify it with tongban verify --backup",
        )),
        [b'{' | b'[', ..] => Some(Message::new(
            "这是 JSON 记录，不是数据库：请用 tongban import 导入",
            "these are records in JSON, not a database: read them with tongban import",
        )),
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(Message::new(
            "这是工作簿或压缩文件，不是数据库：工作簿请用 tongban import 导入",
            "this is a workbook or an archive, not a database: read workbooks with tongban import",
        )),
        _ => Some(Message::new(
            "这不是 SQLite 数据库；可能选错了文件，或文件已损坏",
            "this is no SQLite database: it may be the wrong file, or damaged",
        )),
    })
}

/// Creates an empty file, which is an empty database. SQLite gives its log the same mode.
pub(super) fn create_file(file: &Path) -> Result<()> {
    match private_file::new_file(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::File { path: file.to_owned(), source: error })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}
