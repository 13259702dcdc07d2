//! The options that name the registry, and opening its database.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;
use persistence::{DatabaseUrl, OpenOptions, Store};

use super::failure::Failure;
use super::said::{Said, of_system};

/// Which registry.
#[derive(Debug, Clone, Args)]
pub(super) struct Registry {
    /// The registry: sqlite://FILE or postgres://…, or @FILE with a file that contains the URL [default:
    /// sqlite://tongban.db]
    #[arg(long, env = "TONGBAN_DATABASE", value_name = "URL", hide_env_values = true, value_parser = secret)]
    pub(super) database: Option<Secret>,
}

pub(super) const DEFAULT_DATABASE: &str = "sqlite://tongban.db";

/// A text that may contain a password. It is never shown.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Reads a setting that may contain a password: the value, or `@` and the name of a file with it, so that it is neither
/// in the list of processes nor in the environment.
pub(super) fn secret(text: &str) -> Result<Secret, Said> {
    let Some(file) = text.strip_prefix('@') else { return Ok(Secret(text.to_owned())) };
    let read = std::fs::read_to_string(file).map_err(|error| {
        let told = of_system(&error);
        Said::new(format!("{file}：{}", told.zh), format!("{file}: {}", told.en))
    });
    Ok(Secret(read?.trim().to_owned()))
}

/// The given database, or the default file. The path of a file is made absolute, so that messages name it fully.
pub(super) fn database(given: Option<&Secret>) -> Result<DatabaseUrl, Failure> {
    let text = given.map_or(DEFAULT_DATABASE, |secret| &secret.0);
    let url: DatabaseUrl = text.parse().map_err(|error: persistence::Error| {
        Failure::said(format!("--database：{error}"), format!("--database: {error}"))
    })?;
    Ok(match url.file().filter(|file| file.is_relative()).map(std::path::absolute) {
        Some(Ok(path)) => url.with_file(path),
        Some(Err(_)) | None => url,
    })
}

/// The behaviour of a command if the database does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It fails: probably a setting was not loaded.
    Refused,
    /// It creates the database if `--database` was given.
    CreatedIfNamed,
    Created,
}

/// Options of commands that write.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Migration {
    /// Do not migrate the tables; `tongban migrate` has been run
    #[arg(long, env = "TONGBAN_NO_MIGRATE", value_parser = FalseyValueParser::new())]
    pub(super) no_migrate: bool,
    /// Use this machine's clock although the clock of the database, or the journal, disagrees
    #[arg(long, env = "TONGBAN_TRUST_CLOCK", value_parser = FalseyValueParser::new())]
    pub(super) trust_clock: bool,
}

impl Registry {
    /// The database. It is logged, so that an administrator notices the wrong one.
    pub(super) fn url(&self, missing: Missing) -> Result<DatabaseUrl, Failure> {
        let url = database(self.database.as_ref())?;
        let may_create = match missing {
            Missing::Refused => false,
            Missing::CreatedIfNamed => self.database.is_some(),
            Missing::Created => true,
        };
        if url.is_missing() && !may_create {
            return Err(Failure::said(
                format!(
                    "{url} 没有平台数据：请设置 --database 或 TONGBAN_DATABASE；tongban serve 和 tongban migrate 会新建"
                ),
                format!(
                    "there is no registry at {url}: set --database or TONGBAN_DATABASE; `tongban serve` and `tongban migrate` create a new one"
                ),
            ));
        }
        tracing::info!("the registry is {url}");
        Ok(url)
    }

    pub(super) async fn open_to_read(&self) -> Result<Store, Failure> {
        self.open_with_documents(None).await
    }

    pub(super) async fn open_with_documents(&self, documents: Option<PathBuf>) -> Result<Store, Failure> {
        let url = self.url(Missing::Refused)?;
        Ok(Store::open_at(
            &url,
            OpenOptions { read_only: true, without_notify: true, documents, ..OpenOptions::default() },
        )
        .await?)
    }

    pub(super) async fn open_to_write(&self, migration: Migration, missing: Missing) -> Result<Store, Failure> {
        let url = self.url(missing)?;
        Ok(Store::open_at(
            &url,
            OpenOptions {
                migrate: !migration.no_migrate,
                trust_clock: migration.trust_clock,
                ..OpenOptions::default()
            },
        )
        .await?)
    }
}
