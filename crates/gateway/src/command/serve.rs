//! `tongban serve`: loads the registry and answers over HTTP until it is told to stop.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::FalseyValueParser;
use domain::Locale;
use persistence::{OpenOptions, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use super::oidc::Oidc;
use super::operation::Operation;
use super::safety::Safety;
use super::{Failure, Migration, Secret, database, secret, terminal};
use crate::app::App;
use crate::http::oidc::{NoKeys, Provider};
use crate::http::server::TlsConfig;
use crate::presentation::Say;
use crate::traces::Traces;
use crate::{clock, demo, http};

/// How long requests under way may take when the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Settings,
}

/// With what `serve` runs.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// The registry: sqlite://FILE or postgres://…, or @FILE where that is written [default: sqlite://tongban.db, with --demo a temporary file]
    #[arg(long, env = "TONGBAN_DATABASE", value_name = "URL", hide_env_values = true, value_parser = secret)]
    database: Option<Secret>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "TONGBAN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Fill an empty registry with the demo records
    #[arg(long, env = "TONGBAN_DEMO", value_parser = FalseyValueParser::new())]
    demo: bool,
    /// Refuse settings that are unsafe
    #[arg(long, env = "TONGBAN_PRODUCTION", value_parser = FalseyValueParser::new())]
    production: bool,
    /// Keep the contents of documents in this folder instead of the database
    #[arg(long, env = "TONGBAN_DOCUMENTS", value_name = "DIR")]
    documents: Option<PathBuf>,
    #[command(flatten)]
    migration: Migration,
    #[command(flatten)]
    operation: Operation,
    #[command(flatten)]
    oidc: Oidc,
    #[command(flatten)]
    safety: Safety,
}

impl Settings {
    /// Do they go together, and are they safe where they must be?
    pub(super) fn check(&self) -> Result<(), Failure> {
        let said = |text: &str| Err(Failure::Said(text.to_owned()));
        database(self.database.as_ref())?;
        if let Some(folder) = &self.documents
            && !folder.is_dir()
        {
            return Err(Failure::Said(format!("--documents {}: there is no such folder", folder.display())));
        }
        self.operation.check()?;
        if self.operation.trust_traceparent && !self.safety.has_proxies() {
            return said("--trust-traceparent wants --trusted-proxy: from anybody else it would be a forgery");
        }
        if self.operation.read_only && self.demo {
            return said("--read-only refuses --demo: there is nothing to fill");
        }
        if self.production && self.demo {
            return said("--production refuses --demo: made-up records have no place in a real registry");
        }
        if self.production && self.database.is_none() {
            return said("--production wants --database: a registry that is kept where nobody said is soon lost");
        }
        Ok(())
    }

    pub(super) async fn bind(&self) -> Result<TcpListener, Failure> {
        let listener = TcpListener::bind(&self.listen).await.map_err(|error| Failure::Said(format!("--listen {}: {error}", self.listen)))?;
        if self.production {
            self.safety.check(listener.local_addr()?)?;
        }
        Ok(listener)
    }

    pub(super) fn encryption(&self) -> Result<Option<Arc<TlsConfig>>, Failure> {
        self.safety.encryption()
    }

    /// What is found at the database, without touching it.
    pub(super) async fn look(&self) -> Result<String, Failure> {
        if self.database.is_none() && self.demo {
            return Ok("a temporary one with the demo records".to_owned());
        }
        let url = database(self.database.as_ref())?;
        let folder = url.file().and_then(Path::parent);
        if url.is_missing() && !self.migration.no_migrate && folder.is_some_and(Path::is_dir) {
            return Ok("none yet; it will be made".to_owned());
        }
        let store = Store::open_at(&url, OpenOptions { read_only: true, without_notify: true, ..OpenOptions::default() }).await?;
        let health = store.health().await?;
        Ok(format!("{}, revision {}", health.database, health.revision))
    }

    /// Is the identity provider the one that the settings name? That it does not answer now is no fault of theirs: the registry
    /// starts without it, too.
    pub(super) async fn look_at_provider(&self) -> Result<(), Failure> {
        let Some(trusted) = self.oidc.settings() else { return Ok(()) };
        let provider = Provider::new(trusted).map_err(|error| Failure::Said(error.to_string()))?;
        match provider.check().await {
            Ok(keys) => tracing::info!(keys, "the identity provider answers"),
            Err(NoKeys::Unreachable(why)) => tracing::warn!("the identity provider's keys cannot be had now: {why}"),
            Err(NoKeys::Misnamed(why)) => return Err(Failure::Said(why)),
        }
        Ok(())
    }

    /// What is allowed, and most likely not meant.
    pub(super) fn warn(&self) {
        if self.production && !self.safety.has_proxies() && !self.safety.is_encrypted() {
            tracing::warn!(
                "--trusted-proxy names no proxy, and there is no certificate: if a proxy is in front, all its clients count as one, share one rate limit, and the log has the proxy's address for all of them"
            );
        }
        if self.production && !self.operation.has_public_url() {
            tracing::warn!(
                "--public-url names no address: those in answers, of documents, begin with that of --listen, which others can hardly reach"
            );
        }
        if self.production && self.migration.trust_clock {
            tracing::warn!("--trust-clock: a wrong clock of this machine stamps entries for ever");
        }
    }

    /// The settings as they count.
    pub(super) fn named(&self) -> Vec<(&'static str, String)> {
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
            ("documents", self.documents.as_ref().map_or_else(|| "in the database".to_owned(), |folder| folder.display().to_string())),
            ("migrate", yes(!self.migration.no_migrate)),
            ("oidc", self.oidc.issuer().unwrap_or("no").to_owned()),
        ];
        settings.into_iter().chain(self.safety.named(self.production)).chain(self.operation.named(self.production)).collect()
    }
}

impl Serve {
    /// What brings traces to the collector, if there is one.
    pub(super) fn traces(&self, runtime: &Handle) -> Result<Option<Traces>, Failure> {
        self.settings.operation.traces(runtime)
    }

    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        let settings = self.settings;
        settings.check()?;
        settings.warn();
        // First of all the port: whoever starts a second one by mistake learns it at once.
        let listener = settings.bind().await?;
        let address = listener.local_addr()?;
        let metrics = settings.operation.bind_metrics().await?;
        let encryption = settings.encryption()?;
        let temporary = if settings.demo && settings.database.is_none() { Some(TempDir::with_prefix("tongban-")?) } else { None };
        let url = database(settings.database.as_ref())?;
        let url = temporary.as_ref().map_or_else(|| url.clone(), |directory| url.with_file(directory.path().join("tongban.db")));
        let options = OpenOptions {
            migrate: !settings.migration.no_migrate,
            read_only: settings.operation.read_only,
            without_notify: settings.operation.no_notify,
            documents: settings.documents.clone(),
            trust_clock: settings.migration.trust_clock,
        };
        let store = Store::open_at(&url, options).await?;
        if settings.demo {
            fill(&store).await?;
        }
        let app = App::load(store.clone()).await?;
        let listening = scheme(address, encryption.is_some());
        app.configure(settings.operation.settings(settings.production, listening.trim_end_matches('/')));
        if let Some(trusted) = settings.oidc.settings() {
            let provider = Arc::new(Provider::new(trusted).map_err(|error| Failure::Said(error.to_string()))?);
            app.set_identity_provider(provider.clone());
            // Whether it answers or not, the registry goes on.
            tokio::spawn(async move { provider.refresh().await });
        }
        let following = tokio::spawn(app.clone().follow());
        if let Some(metrics) = metrics {
            tracing::info!(address = %metrics.local_addr()?, "telling the metrics");
            // It ends with the process: whoever watches wants to see the end, too.
            tokio::spawn(axum::serve(metrics, http::observe::router(app.clone())).into_future());
        }
        terminal::print(&ready(&app, &listening, &url.to_string(), locale))?;
        tracing::info!(%address, database = %url, revision = app.revision(), "serving");

        if let Some(encryption) = encryption.clone() {
            app.set_tls(encryption.clone());
            tokio::spawn(async move { encryption.follow().await });
        }
        let (stop, stopped) = tokio::sync::watch::channel(());
        let router = http::router(app.clone(), settings.safety.settings(settings.production));
        let mut serving = tokio::spawn(http::server::serve(listener, router, settings.safety.connections(), encryption, stopped));
        tokio::select! {
            ended = &mut serving => ended.map_err(io::Error::other)??,
            () = end_asked() => {
                let delay = settings.operation.drain_delay();
                if !delay.is_zero() {
                    tracing::info!(seconds = delay.as_secs(), "not ready any more, and about to stop; requests are still answered");
                    app.drain();
                    tokio::select! {
                        () = tokio::time::sleep(delay) => {}
                        () = end_asked() => {}
                    }
                }
                tracing::info!("stopping; requests under way may end");
                stop.send_replace(());
                match tokio::time::timeout(FAREWELL, &mut serving).await {
                    Ok(ended) => ended.map_err(io::Error::other)??,
                    Err(_) => {
                        tracing::warn!("some requests did not end in {} seconds", FAREWELL.as_secs());
                        serving.abort();
                    }
                }
            }
        }
        following.abort();
        store.close().await?;
        if let Some(directory) = temporary {
            directory.close()?;
        }
        Ok(())
    }
}

/// Brings the demo records into a registry that has none.
async fn fill(store: &Store) -> Result<(), Failure> {
    if store.health().await?.revision > 0 {
        tracing::info!("the registry is not empty: the demo records stay out");
        return Ok(());
    }
    let report = demo::import_into(store, clock::now()).await.map_err(|error| Failure::Said(error.to_string()))?;
    if let Some(fault) = report.faults.first() {
        return Err(Failure::Said(format!("the demo records are at fault: {}:{}: {}", fault.file, fault.line, fault.problem.message.en)));
    }
    tracing::info!(records = report.registered, revision = report.revision, "filled with the demo records");
    Ok(())
}

fn scheme(address: SocketAddr, encrypted: bool) -> String {
    if encrypted { format!("https://{address}") } else { format!("http://{address}") }
}

/// One line for whoever started it; on a terminal also where to look, and a question to begin with.
fn ready(app: &App, address: &str, database: &str, locale: Locale) -> String {
    let mut out = format!("listening on {address}\n");
    if !io::stdout().is_terminal() {
        return out;
    }
    let codes = (demo::MATTER.parse().ok(), demo::RECEIVING.parse().ok(), demo::COMPETENT.parse().ok());
    let snapshot = app.request_context(Default::default()).snapshot;
    let has_demo = matches!(codes, (Some(matter), Some(receiving), Some(competent))
        if snapshot.matter(matter).is_some() && snapshot.district(receiving).is_some() && snapshot.district(competent).is_some());
    out.push('\n');
    let mut line = |label: &str, text: &str| {
        let _ = writeln!(out, "  {}{text}", terminal::padded(label, 12));
    };
    line(locale.say("查询门户", "portal"), &format!("{address}/"));
    line("GraphiQL", &format!("{address}/graphql"));
    if has_demo {
        let (matter, receiving, competent) = (demo::MATTER, demo::RECEIVING, demo::COMPETENT);
        line(locale.say("试问一句", "a question"), &format!("{address}/matter/{matter}?receiving={receiving}&competent={competent}"));
        line("", &format!("tongban ask --database {} --matter {matter} --receiving {receiving} --competent {competent}", database));
    }
    out
}

/// Until somebody presses Ctrl-C, or the system says to end.
async fn end_asked() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "signals cannot be heard; only a kill ends this");
                std::future::pending::<()>().await;
            }
        }
    }
    #[cfg(not(unix))]
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be heard; only a kill ends this");
        std::future::pending::<()>().await;
    }
}
