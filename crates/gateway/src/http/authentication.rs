//! Authentication: an API key in the `Authorization` header, looked up by the hash of its secret, or an access token of
//! the identity provider. A credential that is not valid is refused; its caller never becomes anonymous.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ApiKey, Digest, Id, Message, Recorded};
use persistence::Store;
use registry::clock;
use registry::secret::{self, hash};
use registry::viewer::Viewer;

use super::oidc::provider::{Invalid, Provider};
use super::refusal::Refusal;
use crate::app::App;

/// How often the last use of a key is recorded.
const TOUCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The most keys in the cache.
const MAX_KEYS: usize = 10_000;

/// Authenticates callers.
#[derive(Debug)]
pub(super) struct Authenticator {
    keys: KeyCache,
    provider: Option<Arc<Provider>>,
    log: RefusalLog,
}

impl Authenticator {
    pub(super) fn new(provider: Option<Arc<Provider>>) -> Self {
        Self { keys: KeyCache::default(), provider, log: RefusalLog::default() }
    }

    /// The caller that the headers name; without a credential the anonymous one.
    pub(super) async fn viewer(&self, app: &App, headers: &HeaderMap) -> Result<Viewer, Refusal> {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let Some(first) = given.next() else { return Ok(Viewer::default()) };
        let one = if given.next().is_some() { None } else { first.to_str().ok() };
        let bearer =
            one.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, credential)) = bearer else {
            return Err(self.log.refuse("header", "it is not one `Bearer` with a credential"));
        };
        let credential = credential.trim();
        match &self.provider {
            Some(provider) if !credential.starts_with(secret::PREFIX) => {
                provider.viewer(credential).await.map_err(|invalid| match invalid {
                    Invalid::Token(why) => self.log.refuse("token", &why),
                    Invalid::NoKeys => Refusal::unavailable(Message::new(
                        "目前无法核验令牌：取不到身份提供方的密钥",
                        "tokens cannot be verified at the moment: the identity provider's keys cannot be fetched",
                    )),
                })
            }
            Some(_) | None => self.viewer_of_key(app, credential).await,
        }
    }

    async fn viewer_of_key(&self, app: &App, secret: &str) -> Result<Viewer, Refusal> {
        let hash = hash(secret);
        let head = app.head();
        let key = match self.keys.get(&hash, head) {
            Some(key) => key,
            None => {
                // On the heap: the futures of all other requests would otherwise have its size.
                let found = Box::pin(app.store.key_by_hash(&hash)).await.map_err(|error| {
                    tracing::warn!(%error, "an API key cannot be looked up");
                    Refusal::unavailable(Message::new("目前无法查询密钥", "keys cannot be looked up at the moment"))
                })?;
                // The prefix of a key is no secret: `tongban key list` shows it.
                let prefix = || secret.chars().take(secret::PREFIX_LENGTH).collect::<String>();
                let key = found.ok_or_else(|| self.log.refuse("key", &format!("there is no key {}…", prefix())))?;
                self.keys.insert(hash, key.clone(), head);
                key
            }
        };
        let now = clock::now();
        if !key.is_valid(now) {
            return Err(self.log.refuse("key", &format!("{} has expired or was revoked", key.id)));
        }
        if self.keys.is_touch_due(key.id, now) {
            app.background.start_once("record the use of a key", touch(app.store.clone(), key.id, now));
        }
        let ApiKey { name, roles, district, extent, .. } = key.record;
        Ok(Viewer { client: Some(key.id.to_string()), name: Some(name), roles, district, extent })
    }
}

/// Records the last use of a key.
async fn touch(store: Store, key: Id<ApiKey>, now: DateTime<Utc>) {
    if let Err(error) = store.record_key_use(key, now).await {
        tracing::debug!(%error, %key, "the last use of a key could not be recorded");
    }
}

/// Keys that were looked up at one head of the journal. Issuing and revoking a key are entries of the journal, so the
/// next head clears the cache.
#[derive(Debug, Default)]
struct KeyCache(Mutex<CachedKeys>);

#[derive(Debug, Default)]
struct CachedKeys {
    head: Option<Digest>,
    by_hash: HashMap<String, Recorded<ApiKey>>,
    touched: HashMap<Id<ApiKey>, DateTime<Utc>>,
}

impl KeyCache {
    fn lock(&self) -> std::sync::MutexGuard<'_, CachedKeys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, hash: &str, head: Digest) -> Option<Recorded<ApiKey>> {
        let keys = self.lock();
        if keys.head == Some(head) { keys.by_hash.get(hash).cloned() } else { None }
    }

    fn insert(&self, hash: String, key: Recorded<ApiKey>, head: Digest) {
        let mut keys = self.lock();
        if keys.head != Some(head) || keys.by_hash.len() >= MAX_KEYS {
            keys.by_hash.clear();
            keys.head = Some(head);
        }
        keys.by_hash.insert(hash, key);
    }

    fn is_touch_due(&self, key: Id<ApiKey>, now: DateTime<Utc>) -> bool {
        let mut keys = self.lock();
        let is_due = keys.touched.get(&key).is_none_or(|touched| now - touched >= TOUCH_INTERVAL);
        if is_due {
            if keys.touched.len() >= MAX_KEYS {
                keys.touched.clear();
            }
            keys.touched.insert(key, now);
        }
        is_due
    }
}

/// The audit log of refused credentials, with a limit of lines: a client that guesses does not fill the disk.
#[derive(Debug, Default)]
struct RefusalLog(Mutex<LinesOfMinute>);

#[derive(Debug, Default)]
struct LinesOfMinute {
    since: Option<Instant>,
    lines: u32,
    left_out: u64,
}

const MAX_LINES_PER_MINUTE: u32 = 120;
const MINUTE: Duration = Duration::from_secs(60);

impl RefusalLog {
    /// Logs why a credential is refused; the request's span has the address. The response does not say why.
    fn refuse(&self, credential: &str, why: &str) -> Refusal {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.since.is_none_or(|since| since.elapsed() >= MINUTE) {
            if minute.left_out > 0 {
                tracing::warn!(refused = minute.left_out, "more credentials were refused than have lines here");
            }
            *minute = LinesOfMinute { since: Some(Instant::now()), ..LinesOfMinute::default() };
        }
        if minute.lines < MAX_LINES_PER_MINUTE {
            minute.lines += 1;
            tracing::warn!(outcome = "UNAUTHENTICATED", credential, why, "audit");
        } else {
            minute.left_out += 1;
        }
        Refusal::unauthenticated()
    }
}
