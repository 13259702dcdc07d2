//! The settings of `serve`, which `check-config` checks too.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::FalseyValueParser;
use persistence::{OpenOptions, Store};
use tokio::net::TcpListener;

use super::failure::Failure;
use super::oidc::Oidc;
use super::operation::{Operation, cannot_listen};
use super::registry::{Migration, Secret, database, secret};
use super::safety::Safety;
use super::site::Site;
use crate::http::oidc::provider::{FetchError, Provider};
use crate::http::server::tls::TlsConfig;

/// The settings of `serve`.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// The registry: sqlite://FILE or postgres://…, or @FILE with a file that contains the URL [default:
    /// sqlite://tongban.db, with --demo a temporary file]
    #[arg(long, env = "TONGBAN_DATABASE", value_name = "URL", hide_env_values = true, value_parser = secret)]
    pub(super) database: Option<Secret>,
    /// The address to listen at; port 0 takes a free one
    #[arg(long, env = "TONGBAN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(super) listen: String,
    /// Fill an empty registry with the demo records
    #[arg(long, env = "TONGBAN_DEMO", value_parser = FalseyValueParser::new())]
    pub(super) demo: bool,
    /// Refuse unsafe settings, and turn on limits
    #[arg(long, env = "TONGBAN_PRODUCTION", value_parser = FalseyValueParser::new())]
    pub(super) production: bool,
    /// Store the contents of documents in this folder instead of the database
    #[arg(long, env = "TONGBAN_DOCUMENTS", value_name = "DIR")]
    pub(super) documents: Option<PathBuf>,
    #[command(flatten)]
    pub(super) migration: Migration,
    #[command(flatten)]
    pub(super) operation: Operation,
    #[command(flatten)]
    pub(super) oidc: Oidc,
    #[command(flatten)]
    pub(super) safety: Safety,
    #[command(flatten)]
    pub(super) site: Site,
}

impl Settings {
    /// Checks that the settings can be combined, and are safe in production.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let said = |zh: &str, en: &str| Err(Failure::said(zh, en));
        database(self.database.as_ref())?;
        if let Some(folder) = &self.documents
            && !folder.is_dir()
        {
            let folder = folder.display();
            return Err(Failure::said(
                format!("--documents {folder}：没有这个目录"),
                format!("--documents {folder}: there is no such folder"),
            ));
        }
        self.operation.check()?;
        if self.operation.trust_traceparent && !self.safety.has_proxies() {
            return said(
                "--trust-traceparent 须与 --trusted-proxy 同用：否则任何客户端都可伪造该头",
                "--trust-traceparent requires --trusted-proxy: any other client could forge the header",
            );
        }
        if self.operation.read_only && self.demo {
            return said(
                "--read-only 不能与写入数据的 --demo 同用",
                "--read-only cannot be combined with --demo, which writes records",
            );
        }
        if self.production && self.demo {
            return said("--production 不能与 --demo 同用", "--production cannot be combined with --demo");
        }
        if self.production && self.database.is_none() {
            return said("--production 须指定 --database", "--production requires --database");
        }
        Ok(())
    }

    pub(super) async fn bind(&self) -> Result<TcpListener, Failure> {
        let listener =
            TcpListener::bind(&self.listen).await.map_err(|error| cannot_listen("--listen", &self.listen, &error))?;
        if self.production {
            self.safety.check(listener.local_addr()?)?;
        }
        Ok(listener)
    }

    pub(super) fn tls(&self) -> Result<Option<Arc<TlsConfig>>, Failure> {
        self.safety.tls()
    }

    /// Describes the database, without changing it.
    pub(super) async fn describe_database(&self) -> Result<String, Failure> {
        if self.database.is_none() && self.demo {
            return Ok("a temporary one with the demo records".to_owned());
        }
        let url = database(self.database.as_ref())?;
        let folder = url.file().and_then(Path::parent);
        if url.is_missing() && !self.migration.no_migrate && folder.is_some_and(Path::is_dir) {
            return Ok("none yet; it will be made".to_owned());
        }
        let store =
            Store::open_at(&url, OpenOptions { read_only: true, without_notify: true, ..OpenOptions::default() })
                .await?;
        let health = store.health().await?;
        Ok(format!("{}, revision {}", health.database, health.revision))
    }

    /// Checks that the identity provider is the one that the settings name. A provider that is down is no error: the
    /// registry starts without it.
    pub(super) async fn check_provider(&self) -> Result<(), Failure> {
        let Some(trusted) = self.oidc.settings() else { return Ok(()) };
        let provider = Provider::new(trusted).map_err(Failure::because)?;
        match provider.check().await {
            Ok(keys) => tracing::info!(keys, "the identity provider answers"),
            Err(FetchError::Unreachable(why)) => {
                tracing::warn!("the identity provider's keys cannot be fetched now: {why}");
            }
            Err(FetchError::OtherIssuer(why)) => return Err(Failure::because(why)),
        }
        Ok(())
    }

    /// Warns of settings that are allowed and most likely a mistake.
    pub(super) fn warn(&self) {
        if self.production && !self.safety.has_proxies() && !self.safety.is_encrypted() {
            tracing::warn!(
                "neither --trusted-proxy nor --tls-cert is set: behind a proxy all clients share one rate limit, and the log has the proxy's address for all of them"
            );
        }
        if self.production && !self.operation.has_public_url() {
            tracing::warn!(
                "--public-url is not set: links to documents begin with the address of --listen, which clients can hardly reach"
            );
        }
        if self.production && self.migration.trust_clock {
            tracing::warn!(
                "--trust-clock: if this machine's clock is wrong, journal entries have wrong times for ever"
            );
        }
    }

    /// The effective settings, for `check-config`.
    pub(super) fn effective(&self) -> Vec<(&'static str, String)> {
        let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
        let settings = [
            (
                "database",
                if self.demo && self.database.is_none() {
                    "a temporary file".to_owned()
                } else {
                    database(self.database.as_ref()).map_or_else(|error| error.to_string(), |url| url.to_string())
                },
            ),
            ("listen", self.listen.clone()),
            ("demo", yes(self.demo)),
            ("production", yes(self.production)),
            (
                "documents",
                self.documents
                    .as_ref()
                    .map_or_else(|| "in the database".to_owned(), |folder| folder.display().to_string()),
            ),
            ("migrate", yes(!self.migration.no_migrate)),
            ("oidc", self.oidc.issuer().unwrap_or("no").to_owned()),
        ];
        settings
            .into_iter()
            .chain(self.safety.effective(self.production))
            .chain(self.operation.effective(self.production))
            .chain(self.site.effective())
            .collect()
    }
}
