//! `tongban serve`: loads the registry and serves HTTP until it is stopped.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use domain::Locale;
use persistence::{OpenOptions, Store};
use registry::clock;
use registry::presentation::Say;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::failure::Failure;
use super::registry::database;
use super::settings::Settings;
use super::terminal;
use crate::app::App;
use crate::http::layers::telemetry;
use crate::http::oidc::provider::Provider;
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
        let provider = settings.oidc.settings().map(Provider::new).transpose().map_err(Failure::because)?.map(Arc::new);
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
    let report = demo::import_into(store, clock::now()).await.map_err(Failure::because)?;
    if let Some(fault) = report.faults.first() {
        let message = &fault.problem.message;
        return Err(Failure::said(
            format!("演示数据有误：{}:{}：{}", fault.file, fault.line, message.zh),
            format!("the demo records are invalid: {}:{}: {}", fault.file, fault.line, message.en),
        ));
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
