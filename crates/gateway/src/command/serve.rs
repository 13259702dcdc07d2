//! `tongban serve`: loads the registry and serves HTTP until it is stopped.

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
use registry::clock;
use registry::presentation::Say;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::failure::Failure;
use super::oidc::Oidc;
use super::operation::Operation;
use super::registry::{Migration, Secret, database, secret};
use super::safety::Safety;
use super::site::Site;
use super::terminal;
use crate::app::App;
use crate::http::layers::telemetry;
use crate::http::oidc::provider::{FetchError, Provider};
use crate::http::server::{self, tls::TlsConfig};
use crate::traces::Traces;
use crate::{demo, http};

/// How long running requests may take when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Settings,
}

/// The settings of `serve`.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// The registry: sqlite://FILE or postgres://…, or @FILE with a file that contains the URL [default:
    /// sqlite://tongban.db, with --demo a temporary file]
    #[arg(long, env = "TONGBAN_DATABASE", value_name = "URL", hide_env_values = true, value_parser = secret)]
    database: Option<Secret>,
    /// The address to listen at; port 0 takes a free one
    #[arg(long, env = "TONGBAN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Fill an empty registry with the demo records
    #[arg(long, env = "TONGBAN_DEMO", value_parser = FalseyValueParser::new())]
    demo: bool,
    /// Refuse unsafe settings, and turn on limits
    #[arg(long, env = "TONGBAN_PRODUCTION", value_parser = FalseyValueParser::new())]
    production: bool,
    /// Store the contents of documents in this folder instead of the database
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
    #[command(flatten)]
    site: Site,
}

impl Settings {
    /// Checks that the settings can be combined, and are safe in production.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let said = |text: &str| Err(Failure::Message(text.to_owned()));
        database(self.database.as_ref())?;
        if let Some(folder) = &self.documents
            && !folder.is_dir()
        {
            return Err(Failure::Message(format!("--documents {}: there is no such folder", folder.display())));
        }
        self.operation.check()?;
        if self.operation.trust_traceparent && !self.safety.has_proxies() {
            return said("--trust-traceparent requires --trusted-proxy: any other client could forge the header");
        }
        if self.operation.read_only && self.demo {
            return said("--read-only cannot be combined with --demo, which writes records");
        }
        if self.production && self.demo {
            return said("--production cannot be combined with --demo");
        }
        if self.production && self.database.is_none() {
            return said("--production requires --database");
        }
        Ok(())
    }

    pub(super) async fn bind(&self) -> Result<TcpListener, Failure> {
        let listener = TcpListener::bind(&self.listen)
            .await
            .map_err(|error| Failure::Message(format!("--listen {}: {error}", self.listen)))?;
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
        let provider = Provider::new(trusted).map_err(|error| Failure::Message(error.to_string()))?;
        match provider.check().await {
            Ok(keys) => tracing::info!(keys, "the identity provider answers"),
            Err(FetchError::Unreachable(why)) => {
                tracing::warn!("the identity provider's keys cannot be fetched now: {why}");
            }
            Err(FetchError::OtherIssuer(why)) => return Err(Failure::Message(why)),
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

impl Serve {
    /// The exporter of traces, if there is a collector.
    pub(super) fn traces(&self, runtime: &Handle) -> Result<Option<Traces>, Failure> {
        self.settings.operation.traces(runtime)
    }

    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        let settings = self.settings;
        settings.check()?;
        settings.warn();
        // The port first: a second server that is started by mistake fails at once.
        let listener = settings.bind().await?;
        let address = listener.local_addr()?;
        let metrics = settings.operation.bind_metrics().await?;
        let tls = settings.tls()?;
        let temporary =
            if settings.demo && settings.database.is_none() { Some(TempDir::with_prefix("tongban-")?) } else { None };
        let url = database(settings.database.as_ref())?;
        let url = temporary
            .as_ref()
            .map_or_else(|| url.clone(), |directory| url.with_file(directory.path().join("tongban.db")));
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
        let listening = scheme(address, tls.is_some());
        let listening_at = listening.trim_end_matches('/');
        app.configure(settings.operation.settings(settings.production, listening_at, &settings.site)?);
        let provider = settings
            .oidc
            .settings()
            .map(Provider::new)
            .transpose()
            .map_err(|error| Failure::Message(error.to_string()))?
            .map(Arc::new);
        start_background(&app, provider.as_ref(), tls.as_ref(), metrics)?;
        terminal::print(&ready(&app, &listening, &url.to_string(), locale))?;
        tracing::info!(%address, database = %url, revision = app.revision(), "serving");

        let (stop, stopped) = tokio::sync::watch::channel(());
        let service = http::router(app.clone(), settings.safety.settings(settings.production, provider));
        let serving = tokio::spawn(server::serve(listener, service, settings.safety.connections(), tls, stopped));
        serve_until_stopped(&app, serving, &stop, settings.operation.drain_delay()).await?;
        app.background.stop().await;
        store.close().await?;
        if let Some(directory) = temporary {
            directory.close()?;
        }
        Ok(())
    }
}

/// Starts every task that runs as long as the process.
fn start_background(
    app: &Arc<App>,
    provider: Option<&Arc<Provider>>,
    tls: Option<&Arc<TlsConfig>>,
    metrics: Option<TcpListener>,
) -> Result<(), Failure> {
    app.start_background();
    if let Some(provider) = provider.cloned() {
        app.background.start("fetch the identity provider's keys", move || provider.clone().keep_keys_fresh());
    }
    if let Some(tls) = tls.cloned() {
        app.set_certificate_expiry(tls.expires());
        app.background.start("watch the certificate", move || tls.clone().watch_files());
    }
    if let Some(listener) = metrics {
        tracing::info!(address = %listener.local_addr()?, "serving metrics");
        // It is stopped last, so that Prometheus also sees the end.
        let router = telemetry::metrics_router(app.clone());
        app.background.start_once("serve metrics", async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the metrics are no longer served");
            }
        });
    }
    Ok(())
}

/// Serves until the process gets a signal, then drains, and waits for running requests.
async fn serve_until_stopped(
    app: &App,
    mut serving: JoinHandle<io::Result<()>>,
    stop: &tokio::sync::watch::Sender<()>,
    drain_delay: Duration,
) -> Result<(), Failure> {
    tokio::select! {
        ended = &mut serving => return Ok(ended.map_err(io::Error::other)??),
        () = stop_signal() => {}
    }
    if !drain_delay.is_zero() {
        tracing::info!(seconds = drain_delay.as_secs(), "draining: not ready any more; requests are still answered");
        app.drain();
        tokio::select! {
            () = tokio::time::sleep(drain_delay) => {}
            () = stop_signal() => {}
        }
    }
    tracing::info!("stopping; running requests are completed");
    stop.send_replace(());
    match tokio::time::timeout(SHUTDOWN_TIMEOUT, &mut serving).await {
        Ok(ended) => ended.map_err(io::Error::other)??,
        Err(_) => {
            tracing::warn!("some requests were not completed in {} seconds", SHUTDOWN_TIMEOUT.as_secs());
            serving.abort();
        }
    }
    Ok(())
}

/// Imports the demo records into an empty registry.
async fn fill(store: &Store) -> Result<(), Failure> {
    if store.health().await?.revision > 0 {
        tracing::info!("the registry is not empty: the demo records are not imported");
        return Ok(());
    }
    let report = demo::import_into(store, clock::now()).await.map_err(|error| Failure::Message(error.to_string()))?;
    if let Some(fault) = report.faults.first() {
        return Err(Failure::Message(format!(
            "the demo records are invalid: {}:{}: {}",
            fault.file, fault.line, fault.problem.message.en
        )));
    }
    tracing::info!(records = report.registered, revision = report.revision, "imported the demo records");
    Ok(())
}

fn scheme(address: SocketAddr, encrypted: bool) -> String {
    if encrypted { format!("https://{address}") } else { format!("http://{address}") }
}

/// The line for scripts; on a terminal also the addresses to open, and a first query.
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
        line(
            locale.say("试问一句", "a question"),
            &format!("{address}/matter/{matter}?receiving={receiving}&competent={competent}"),
        );
        line(
            "",
            &format!(
                "tongban ask --database {} --matter {matter} --receiving {receiving} --competent {competent}",
                database
            ),
        );
    }
    out
}

/// Waits for SIGTERM or SIGINT (Ctrl-C).
async fn stop_signal() {
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
                tracing::warn!(%error, "signals cannot be received; only SIGKILL stops this process");
                std::future::pending::<()>().await;
            }
        }
    }
    #[cfg(not(unix))]
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be received; only a kill stops this process");
        std::future::pending::<()>().await;
    }
}
