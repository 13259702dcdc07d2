//! Who calls: one of our keys in the `Authorization` header, looked up by the hash of its secret, or an
//! access token of the identity provider. What opens nothing is refused; nobody becomes anonymous by mistake.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ApiKey, Digest, Id, Message, Recorded};

use super::oidc::{Provider, Refused};
use super::refusal::Refusal;
use crate::app::App;
use crate::clock;
use crate::secret::{self, hash};
use crate::viewer::Viewer;

/// How often the registry notes that a key is in use.
const TOUCH: TimeDelta = TimeDelta::minutes(1);
/// The most keys in memory; there are as many callers.
const MOST_KEYS: usize = 10_000;

/// What opens the door.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    looked: Mutex<Looked>,
    provider: OnceLock<Arc<Provider>>,
    told: Mutex<Told>,
}

/// Lines of the log about refused credentials in this minute: who tries on and on does not fill the disk.
#[derive(Debug, Default)]
struct Told {
    since: Option<Instant>,
    lines: u32,
    left_out: u64,
}

const MOST_LINES: u32 = 120;
const MINUTE: Duration = Duration::from_secs(60);
/// How many signs of an unknown key are told.
const SHOWN: usize = 7;

/// Keys that were looked up at one head of the journal: issuing and revoking are changes, so the next one forgets
/// them all.
#[derive(Debug, Default)]
struct Looked {
    at: Option<Digest>,
    by_hash: HashMap<String, Recorded<ApiKey>>,
    touched: HashMap<Id<ApiKey>, DateTime<Utc>>,
}

impl Keys {
    fn looked(&self) -> std::sync::MutexGuard<'_, Looked> {
        // A panic elsewhere leaves whole entries behind.
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a line of the log, which the request's span says the origin of. The answer says nothing of the reason.
    fn refuse(&self, credential: &str, why: &str) -> Refusal {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.since.is_none_or(|since| since.elapsed() >= MINUTE) {
            if told.left_out > 0 {
                tracing::warn!(refused = told.left_out, "more credentials were refused than have lines here");
            }
            *told = Told { since: Some(Instant::now()), ..Told::default() };
        }
        if told.lines < MOST_LINES {
            told.lines += 1;
            tracing::warn!(outcome = "UNAUTHENTICATED", credential, why, "audit");
        } else {
            told.left_out += 1;
        }
        Refusal::unauthenticated()
    }

    fn get(&self, hash: &str, head: Digest) -> Option<Recorded<ApiKey>> {
        let looked = self.looked();
        if looked.at == Some(head) { looked.by_hash.get(hash).cloned() } else { None }
    }

    fn keep(&self, hash: String, key: Recorded<ApiKey>, head: Digest) {
        let mut looked = self.looked();
        if looked.at != Some(head) || looked.by_hash.len() >= MOST_KEYS {
            looked.by_hash.clear();
            looked.at = Some(head);
        }
        looked.by_hash.insert(hash, key);
    }

    /// Is it time to note that the key is in use?
    fn is_due(&self, key: Id<ApiKey>, now: DateTime<Utc>) -> bool {
        let mut looked = self.looked();
        let due = looked.touched.get(&key).is_none_or(|touched| now - touched >= TOUCH);
        if due {
            if looked.touched.len() >= MOST_KEYS {
                looked.touched.clear();
            }
            looked.touched.insert(key, now);
        }
        due
    }
}

impl App {
    /// From now on the tokens of this identity provider open the door, too. There is one at most.
    pub fn set_identity_provider(&self, provider: Arc<Provider>) {
        if self.keys.provider.set(provider).is_err() {
            tracing::error!("there is an identity provider already; it stays");
        }
    }
}

/// Whoever the headers say, or anybody when they say nothing.
pub(crate) async fn viewer(app: &App, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = given.next() else { return Ok(Viewer::default()) };
    let one = if given.next().is_some() { None } else { first.to_str().ok() };
    let bearer = one.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, credential)) = bearer else { return Err(app.keys.refuse("header", "it is not one `Bearer` with a credential")) };
    let credential = credential.trim();
    match app.keys.provider.get() {
        Some(provider) if !credential.starts_with(secret::MARK) => provider.viewer(credential).await.map_err(|refused| match refused {
            Refused::Invalid(why) => app.keys.refuse("token", &why),
            Refused::NoKeys => Refusal::unavailable(Message::new(
                "目前无法核验令牌：取不到身份提供方的密钥",
                "tokens cannot be verified at the moment: the identity provider's keys cannot be had",
            )),
        }),
        Some(_) | None => of_key(app, credential).await,
    }
}

async fn of_key(app: &App, secret: &str) -> Result<Viewer, Refusal> {
    let hash = hash(secret);
    let head = app.head();
    let key = match app.keys.get(&hash, head) {
        Some(key) => key,
        None => {
            let found = app.store.key_by_hash(&hash).await.map_err(|error| {
                tracing::warn!(%error, "a key cannot be looked up");
                Refusal::unavailable(Message::new("目前无法查询密钥", "keys cannot be looked up at the moment"))
            })?;
            // The first signs of a key are no secret: `tongban key list` shows them.
            let key = found.ok_or_else(|| app.keys.refuse("key", &format!("nobody has {}…", secret.chars().take(SHOWN).collect::<String>())))?;
            app.keys.keep(hash, key.clone(), head);
            key
        }
    };
    let now = clock::now();
    if !key.is_valid(now) {
        return Err(app.keys.refuse("key", &format!("{} has expired or was revoked", key.id)));
    }
    if app.keys.is_due(key.id, now) {
        let store = app.store.clone();
        let id = key.id;
        tokio::spawn(async move {
            if let Err(error) = store.record_key_use(id, now).await {
                tracing::debug!(%error, key = %id, "the use of a key could not be noted");
            }
        });
    }
    let ApiKey { name, roles, district, extent, .. } = key.record;
    Ok(Viewer { client: Some(key.id.to_string()), name: Some(name), roles, district, extent })
}
