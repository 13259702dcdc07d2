//! What stands at the door for all requests: settings, budgets, how many run at once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRef, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use persistence::SPANS;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;

use super::answers::Answers;
use super::budget::{Budget, Client, Rates, Spent, Standing};
use super::known::Known;
use super::origin::{Origin, Peer, Proxies};
use super::refusal::Refusal;
use crate::app::App;
use crate::asked::Viewer;
use crate::limits;

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a page costs that is made for a person.
const PAGE: u64 = 50;
/// What a credential costs that opens nothing.
const WRONG_CREDENTIAL: u32 = 50;
/// What the whole registry at once costs.
const EXPORT: u64 = 5_000;

/// The most bytes of answers that are kept where nobody says.
pub(super) const MOST_CACHED: usize = 16 * 1024 * 1024;

/// Who may ask about the schema itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Introspection {
    #[default]
    Open,
    SignedIn,
    Off,
}

/// With what the door is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    pub introspection: Introspection,
    pub graphiql: bool,
    /// `None`: nobody counts.
    pub rates: Option<Rates>,
    pub proxies: Proxies,
    /// Other sites whose scripts may ask from a browser.
    pub origins: Vec<HeaderValue>,
    /// How many requests run at once.
    pub most_running: usize,
    /// The most bytes of answers that are kept for whoever asks the same at the same revision; 0: none.
    pub most_cached: usize,
    /// Is everything that comes in encrypted? Then browsers are told to insist on it.
    pub encrypted: bool,
    /// How long a request may take to arrive, and an operation to be answered.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            introspection: Introspection::Open,
            graphiql: true,
            rates: None,
            proxies: Proxies::default(),
            origins: Vec::new(),
            most_running: 256,
            most_cached: MOST_CACHED,
            encrypted: false,
            patience: limits::PATIENCE,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) settings: Settings,
    pub(crate) known: Known,
    pub(crate) answers: Answers,
    budget: Option<Budget>,
    running: Semaphore,
}

/// What handlers are given.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) app: Arc<App>,
    pub(crate) guard: Arc<Guard>,
}

impl FromRef<Door> for Arc<App> {
    fn from_ref(door: &Door) -> Self {
        door.app.clone()
    }
}

impl Guard {
    pub(crate) fn new(settings: Settings) -> Self {
        let running = Semaphore::new(settings.most_running);
        Self { budget: settings.rates.map(Budget::new), running, known: Known::default(), answers: Answers::new(settings.most_cached), settings }
    }

    pub(crate) fn may_introspect(&self, viewer: &Viewer) -> bool {
        match self.settings.introspection {
            Introspection::Open => true,
            Introspection::SignedIn => viewer.client.is_some(),
            Introspection::Off => false,
        }
    }

    /// `None`: nobody counts.
    pub(crate) fn spend(&self, client: Client, points: u64) -> Result<Option<Standing>, Spent> {
        self.budget.as_ref().map(|budget| budget.spend(client, points, Instant::now())).transpose()
    }

    /// A turn to run, kept until it is dropped.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let waiting = self.running.acquire().instrument(tracing::trace_span!(target: SPANS, "wait for a turn"));
        let turn = tokio::time::timeout(PATIENCE, waiting).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| Refusal::unavailable("too much is asked at the moment; ask again later"))
    }

    /// Who brings a credential that opens nothing has made work, and may not go on for ever.
    pub(crate) fn note_wrong_credential(&self, address: IpAddr) {
        if let Some(budget) = &self.budget {
            budget.fine(Client::at(address), WRONG_CREDENTIAL, Instant::now());
        }
    }

    /// Has this address anything left to spend?
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.budget.as_ref().map_or(Ok(()), |budget| budget.check(&Client::at(address), 1, Instant::now())).map_err(Refusal::spent)
    }
}

/// Every request comes through here first. GraphQL has a price by what is asked, and waits for its turn once
/// all of it has arrived.
pub(crate) async fn pass(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    let origin = door.guard.settings.proxies.origin(peer, request.headers());
    request.extensions_mut().insert(Origin(origin));
    let price = match request.uri().path() {
        "/graphql" | "/favicon.ico" | "/metrics" => None,
        path if path.starts_with("/health/") || path.starts_with("/assets/") => None,
        "/export" => Some(EXPORT),
        _ => Some(PAGE),
    };
    let Some(price) = price else { return next.run(request).await };
    if let Err(spent) = door.guard.spend(Client::at(origin), price) {
        return Refusal::spent(spent).into_response();
    }
    match door.guard.turn().await {
        Ok(_turn) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}
