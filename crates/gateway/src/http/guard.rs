//! What stands at the door for all requests: settings, budgets, how many run at once.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Message;
use persistence::SPAN_TARGET;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tracing::Instrument as _;

use super::answers::Answers;
use super::budget::{Budget, Client, RateLimits, Spent, Standing};
use super::known::{Hash, Known};
use super::origin::{Origin, Proxies};
use super::refusal::Refusal;
use super::unsent::Unsent;
use crate::app::App;
use crate::error::Code;
use crate::graphql::{Prepared, Price};
use crate::limits::{self, FREE_BYTES};
use crate::viewer::Viewer;

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a page costs that is made for a person.
pub(super) const PAGE: u64 = 50;
/// What a credential costs that opens nothing.
const WRONG_CREDENTIAL: u32 = 50;

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
    pub rates: Option<RateLimits>,
    pub proxies: Proxies,
    /// Other sites whose scripts may ask from a browser.
    pub origins: Vec<HeaderValue>,
    /// The headers that they may send; none named: all.
    pub cors_headers: Vec<HeaderName>,
    /// How many requests run at once.
    pub max_running: usize,
    /// The most bytes of answers that are kept for whoever asks the same at the same revision; 0: none.
    pub response_cache_bytes: usize,
    /// Is everything that comes in encrypted? Then browsers are told to insist on it.
    pub encrypted: bool,
    /// How long a request may take to arrive, and an operation to be answered.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            introspection: Introspection::Open,
            graphiql: true,
            rates: None,
            proxies: Proxies::default(),
            origins: Vec::new(),
            cors_headers: Vec::new(),
            max_running: 256,
            response_cache_bytes: MOST_CACHED,
            encrypted: false,
            timeout: limits::OPERATION_TIMEOUT,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) settings: Settings,
    pub(crate) known: Known,
    pub(crate) answers: Answers,
    pub(super) unsent: Arc<Unsent>,
    budget: Option<Budget>,
    running: Semaphore,
    reading: Arc<Semaphore>,
    /// How many operations that may take long compute at once.
    beside: Arc<Semaphore>,
    /// Who is being sent an export.
    exporting: Mutex<HashSet<Client>>,
}

/// A place for an export, until it is dropped.
#[derive(Debug)]
pub(super) struct Exporting {
    guard: Arc<Guard>,
    pub(super) client: Client,
}

impl Drop for Exporting {
    fn drop(&mut self) {
        self.guard.exporting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.client);
    }
}

/// What was paid beforehand. Unless it is settled, the answer was cut off or nobody waited for it: then it is paid in full.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    guard: &'a Guard,
    client: Client,
    paid: u64,
    in_full: u64,
    is_open: bool,
}

impl Bill<'_> {
    /// Pays what it cost.
    pub(super) fn settle(&mut self, actual: u64) -> Option<Standing> {
        self.is_open = false;
        let paid = std::mem::replace(&mut self.paid, actual);
        self.guard.budget.as_ref().map(|budget| budget.settle(self.client.clone(), paid, actual, Instant::now()))
    }

    pub(super) fn pay_in_full(&mut self) -> Option<Standing> {
        self.settle(self.in_full.max(self.paid))
    }
}

impl Drop for Bill<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.pay_in_full();
        }
    }
}

/// A document as it was read, or why it is refused as a whole.
type Read = Result<Arc<Prepared>, Box<async_graphql::Response>>;

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
        let running = Semaphore::new(settings.max_running);
        // Half of the processors at most read long documents: there is always another one for those who ask briefly.
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let reading = Arc::new(Semaphore::new((processors / 2).max(1)));
        // One for each processor: more would not be faster, and each holds up to 33 MiB of an answer that is being made.
        let beside = Arc::new(Semaphore::new(processors.max(2)));
        let (known, answers) = (Known::default(), Answers::new(settings.response_cache_bytes));
        Self {
            budget: settings.rates.map(Budget::new),
            running,
            reading,
            beside,
            exporting: Mutex::default(),
            known,
            answers,
            unsent: Arc::default(),
            settings,
        }
    }

    pub(crate) fn may_introspect(&self, viewer: &Viewer) -> bool {
        match self.settings.introspection {
            Introspection::Open => true,
            Introspection::SignedIn => viewer.client.is_some(),
            Introspection::Off => false,
        }
    }

    /// `None`: nobody counts. An address that asks much in a short while is slowed down before it is sent away, so that the
    /// others have their turns. Who is known is not: he has been given what he may spend.
    pub(crate) async fn spend(&self, client: Client, points: u64) -> Result<Option<Standing>, Spent> {
        let is_anybody = matches!(client, Client::Address(_));
        let standing = self.budget.as_ref().map(|budget| budget.spend(client, points, Instant::now())).transpose()?;
        if is_anybody && standing.is_some_and(Standing::is_in_haste) {
            tokio::time::sleep(limits::THROTTLE_DELAY).await;
        }
        Ok(standing)
    }

    /// The most points that this client can ever spend on one operation.
    pub(super) fn most(&self, client: &Client) -> u64 {
        let points = self.budget.as_ref().map(|budget| budget.allowance(client).points);
        points.map_or(limits::MAX_COST, |points| limits::MAX_COST.min(points.into()))
    }

    /// What was paid beforehand, to be settled once it is known what it cost.
    pub(super) fn bill(&self, client: Client, paid: u64, in_full: u64) -> Bill<'_> {
        Bill { guard: self, client, paid, in_full, is_open: true }
    }

    /// A turn to compute beside the threads that answer everybody.
    pub(super) async fn turn_beside(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let turn = tokio::time::timeout(self.settings.timeout, self.beside.clone().acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(busy)
    }

    /// A place for an export: each client has one.
    pub(super) fn export(self: &Arc<Self>, client: Client) -> Result<Exporting, Refusal> {
        if !self.exporting.lock().unwrap_or_else(PoisonError::into_inner).insert(client.clone()) {
            let message = Message::new("正在向您发送一份导出；请待其完成后再要", "an export is being sent to you already; ask again when it is done");
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited.name(), message).retried_after(5));
        }
        Ok(Exporting { guard: self.clone(), client })
    }

    /// Spends points for what is being sent. Who has none left waits for them.
    pub(super) async fn pace(&self, client: &Client, points: u64) {
        let Some(budget) = &self.budget else { return };
        // A bucket that holds less is emptied.
        let points = points.min(budget.allowance(client).points.into());
        while let Err(Spent { wait, .. }) = budget.spend(client.clone(), points, Instant::now()) {
            tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1))).await;
        }
    }

    /// A turn to run, kept until it is dropped.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let waiting = self.running.acquire().instrument(tracing::trace_span!(target: SPAN_TARGET, "wait for a turn"));
        let turn = tokio::time::timeout(PATIENCE, waiting).await;
        turn.ok().and_then(Result::ok).ok_or_else(busy)
    }

    /// Reads a document that is not known yet. Long ones come one after the other, and beside the threads on which all
    /// others are answered: who sends many of them waits for himself.
    pub(crate) async fn read(self: &Arc<Self>, document: String, tokens: usize, hash: Option<Hash>) -> Result<Read, Refusal> {
        if document.len() <= FREE_BYTES {
            return Ok(self.known.read(&document, tokens, hash));
        }
        let turn = tokio::time::timeout(PATIENCE, self.reading.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
        let guard = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let read = guard.known.read(&document, tokens, hash);
            // Also where nobody waits for it any more, the next one comes after it.
            drop(turn);
            read
        });
        reading.await.map_err(|error| Refusal::internal(&format!("a document could not be read: {error}")))
    }

    /// Has this client anything left to spend?
    pub(crate) fn check(&self, client: &Client) -> Result<(), Spent> {
        self.budget.as_ref().map_or(Ok(()), |budget| budget.check(client, Price::LEAST.usual, Instant::now()))
    }

    /// Who brings a credential that opens nothing has made work, and may not go on for ever.
    pub(crate) fn note_wrong_credential(&self, address: IpAddr) {
        if let Some(budget) = &self.budget {
            budget.fine(Client::at(address), WRONG_CREDENTIAL, Instant::now());
        }
    }

    /// Has this address anything left to spend?
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.check(&Client::at(address)).map_err(Refusal::spent)
    }
}

fn busy() -> Refusal {
    Refusal::unavailable(Message::new("目前请求太多，请稍后再试", "too much is asked at the moment; ask again later"))
}

/// What is asked for has a price, and waits for its turn. GraphQL has a price by what is asked, and waits once all of it has
/// arrived.
pub(crate) async fn charge(
    State((door, price)): State<(Door, u64)>,
    Extension(Origin(origin)): Extension<Origin>,
    request: Request,
    next: Next,
) -> Response {
    if let Err(spent) = door.guard.spend(Client::at(origin), price).await {
        return Refusal::spent(spent).into_response();
    }
    match door.guard.turn().await {
        Ok(_turn) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}
