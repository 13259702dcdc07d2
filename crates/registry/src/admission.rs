//! Admission: what a client may spend, and how many requests run at once.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use persistence::SPAN_TARGET;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tracing::Instrument as _;

use crate::limits::{MAX_COST, MIN_COST, THROTTLE_DELAY};
use crate::rate_limit::{Client, Quota, QuotaExceeded, RateLimiter, RateLimits};

/// How long a request waits for a permit to run before it is refused.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(1);
/// The points that a wrong credential costs.
const WRONG_CREDENTIAL_COST: u32 = 50;

#[derive(Debug)]
pub struct Admission {
    /// `None`: there is no rate limit.
    rate_limiter: Option<RateLimiter>,
    running: Semaphore,
    preparing: Arc<Semaphore>,
    offloaded: Arc<Semaphore>,
    /// The clients that are being sent an export.
    exporting: Mutex<HashSet<Client>>,
}

/// There was no permit in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

impl Admission {
    pub fn new(rates: Option<RateLimits>, max_running: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            rate_limiter: rates.map(RateLimiter::new),
            running: Semaphore::new(max_running),
            // At most half of the processors prepare long documents, so that the others answer short requests.
            preparing: Arc::new(Semaphore::new((processors / 2).max(1))),
            // One for each processor: more would not be faster, and each may hold a response of several MiB.
            offloaded: Arc::new(Semaphore::new(processors.max(2))),
            exporting: Mutex::default(),
        }
    }

    /// Spends points; `None` without a rate limit. An address that spends fast is throttled before it is refused.
    /// Signed-in clients are not: their quota is their own.
    pub async fn spend(&self, client: Client, points: u64) -> Result<Option<Quota>, QuotaExceeded> {
        let is_anonymous = matches!(client, Client::Address(_));
        let quota =
            self.rate_limiter.as_ref().map(|limiter| limiter.spend(client, points, Instant::now())).transpose()?;
        if is_anonymous && quota.is_some_and(Quota::is_throttled) {
            tokio::time::sleep(THROTTLE_DELAY).await;
        }
        Ok(quota)
    }

    /// Spends points for a stream, and waits until there are enough.
    pub async fn spend_when_available(&self, client: &Client, points: u64) {
        let Some(limiter) = &self.rate_limiter else { return };
        // No client can ever spend more than a full bucket at once.
        let points = points.min(limiter.allowance(client).points.into());
        while let Err(QuotaExceeded { retry_after, .. }) = limiter.spend(client.clone(), points, Instant::now()) {
            tokio::time::sleep(Duration::from_secs(retry_after.unwrap_or(1))).await;
        }
    }

    /// Notes points that were paid before an operation, which are settled when its actual cost is known.
    pub fn prepayment(&self, client: Client, paid: u64, max: u64) -> Prepayment<'_> {
        Prepayment { admission: self, client, paid, max, stage: Stage::Waiting }
    }

    /// The most points that this client can ever spend on one operation.
    pub fn max_cost(&self, client: &Client) -> u64 {
        let points = self.rate_limiter.as_ref().map(|limiter| limiter.allowance(client).points);
        points.map_or(MAX_COST, |points| MAX_COST.min(points.into()))
    }

    /// Could the client pay for the cheapest request?
    pub fn check(&self, client: &Client) -> Result<(), QuotaExceeded> {
        self.rate_limiter.as_ref().map_or(Ok(()), |limiter| limiter.check(client, MIN_COST, Instant::now()))
    }

    /// Looking up a wrong credential is work, so it costs points, and guessing is rate limited.
    pub fn penalize_wrong_credential(&self, address: IpAddr) {
        if let Some(limiter) = &self.rate_limiter {
            limiter.penalize(Client::at(address), WRONG_CREDENTIAL_COST, Instant::now());
        }
    }

    /// A permit to run, until it is dropped.
    pub async fn run_permit(&self) -> Result<SemaphorePermit<'_>, Busy> {
        let waiting = self.running.acquire().instrument(tracing::trace_span!(target: SPAN_TARGET, "wait for a permit"));
        tokio::time::timeout(QUEUE_TIMEOUT, waiting).await.ok().and_then(Result::ok).ok_or(Busy)
    }

    /// A permit to prepare a long document.
    pub async fn prepare_permit(&self) -> Result<OwnedSemaphorePermit, Busy> {
        owned_permit(&self.preparing, QUEUE_TIMEOUT).await
    }

    /// A permit to run an expensive operation on a thread of its own.
    pub async fn offload_permit(&self, timeout: Duration) -> Result<OwnedSemaphorePermit, Busy> {
        owned_permit(&self.offloaded, timeout).await
    }

    /// The client's slot for an export, until it is dropped; `None`: it is being sent one already.
    pub fn export_slot(self: &Arc<Self>, client: Client) -> Option<ExportSlot> {
        let is_free = self.exporting.lock().unwrap_or_else(PoisonError::into_inner).insert(client.clone());
        is_free.then(|| ExportSlot { admission: self.clone(), client })
    }
}

async fn owned_permit(semaphore: &Arc<Semaphore>, timeout: Duration) -> Result<OwnedSemaphorePermit, Busy> {
    tokio::time::timeout(timeout, semaphore.clone().acquire_owned()).await.ok().and_then(Result::ok).ok_or(Busy)
}

/// Points that were paid before an operation. If it is dropped without being settled, an operation that has not begun
/// pays the least; one that has begun was cut off or its client left, and it pays the most that it could cost.
#[derive(Debug)]
pub struct Prepayment<'a> {
    admission: &'a Admission,
    client: Client,
    paid: u64,
    max: u64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The operation waits for a permit, and has done no work.
    Waiting,
    Begun,
    Settled,
}

impl Prepayment<'_> {
    /// The operation begins.
    pub fn begin(&mut self) {
        self.stage = Stage::Begun;
    }

    /// Pays the actual cost instead.
    pub fn settle(&mut self, actual: u64) -> Option<Quota> {
        self.stage = Stage::Settled;
        let paid = std::mem::replace(&mut self.paid, actual);
        let limiter = self.admission.rate_limiter.as_ref();
        limiter.map(|limiter| limiter.settle(self.client.clone(), paid, actual, Instant::now()))
    }

    pub fn settle_at_most(&mut self) -> Option<Quota> {
        self.settle(self.max.max(self.paid))
    }
}

impl Drop for Prepayment<'_> {
    fn drop(&mut self) {
        match self.stage {
            Stage::Waiting => drop(self.settle(MIN_COST)),
            Stage::Begun => drop(self.settle_at_most()),
            Stage::Settled => {}
        }
    }
}

/// A client's slot for an export. There is one for each client.
#[derive(Debug)]
pub struct ExportSlot {
    admission: Arc<Admission>,
    pub client: Client,
}

impl Drop for ExportSlot {
    fn drop(&mut self) {
        self.admission.exporting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.client);
    }
}
