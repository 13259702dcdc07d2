//! Authentication: an API key in the `Authorization` header, looked up by the hash of its secret, or an access token of
//! the identity provider; for pages also the session that a cookie names. A credential that is not valid is refused; its
//! caller never becomes anonymous.

mod at_head;
mod refusal_log;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use domain::person::{Grant, Person};
use domain::{ApiKey, Id, Message, Recorded, calendar};
use persistence::Store;
use registry::clock;
use registry::people::{self, Capacity};
use registry::secret::{self, hash};
use registry::session::{Identity, Session};
use registry::viewer::Viewer;

use super::oidc::claims::Claimant;
use super::oidc::provider::{Invalid, Provider};
use super::refusal::Refusal;
use crate::app::App;
use at_head::AtHead;
use refusal_log::RefusalLog;

/// How often the last use of a key is recorded.
const TOUCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The most keys whose last use is remembered.
const MAX_TOUCHED: usize = 10_000;
/// A person with roles for several districts names the one that it acts for in this header.
const ACTING_FOR: &str = "tongban-acting-for";

/// Authenticates callers.
#[derive(Debug)]
pub(super) struct Authenticator {
    /// By the hash of the secret, and by the id.
    keys: AtHead<String, Recorded<ApiKey>>,
    touched: Mutex<HashMap<Id<ApiKey>, DateTime<Utc>>>,
    people: AtHead<String, Granted>,
    provider: Option<Arc<Provider>>,
    log: RefusalLog,
}

/// The id of a person, and its grants; see `people::grants`.
type Granted = (Option<Id<Person>>, Arc<[Recorded<Grant>]>);

/// A caller with a session.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) viewer: Viewer,
    /// What a person may act as; empty for a key.
    pub(super) capacities: Vec<Capacity>,
}

impl Authenticator {
    pub(super) fn new(provider: Option<Arc<Provider>>) -> Self {
        Self {
            keys: AtHead::default(),
            touched: Mutex::default(),
            people: AtHead::default(),
            provider,
            log: RefusalLog::default(),
        }
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
                let claimant = provider.claimant(credential).await.map_err(|invalid| self.refuse_token(invalid))?;
                let acting_for = headers.get(ACTING_FOR).and_then(|value| value.to_str().ok());
                // On the heap: the futures of all other requests would otherwise have its size.
                Ok(Box::pin(self.person(app, claimant, acting_for)).await?.viewer)
            }
            Some(_) | None => self.key(app, credential).await.map(viewer_of),
        }
    }

    pub(super) fn refuse_token(&self, invalid: Invalid) -> Refusal {
        match invalid {
            Invalid::Token(why) => self.log.refuse("token", &why),
            Invalid::NoKeys => Refusal::unavailable(Message::new(
                "目前无法核验令牌：取不到身份提供方的密钥",
                "tokens cannot be verified at the moment: the identity provider's keys cannot be fetched",
            )),
        }
    }

    /// The valid key with this secret.
    pub(super) async fn key(&self, app: &App, secret: &str) -> Result<Recorded<ApiKey>, Refusal> {
        // The prefix of a key is no secret: `tongban key list` shows it.
        let name = || format!("{}…", secret.chars().take(secret::PREFIX_LENGTH).collect::<String>());
        let hash = hash(secret);
        let head = app.head();
        let key = match self.keys.get(&hash, head) {
            Some(key) => key,
            None => {
                let found = Box::pin(app.store.key_by_hash(&hash)).await.map_err(|error| unavailable(&error))?;
                let key = found.ok_or_else(|| self.log.refuse("key", &format!("there is no key {}", name())))?;
                self.keys.insert(hash, key.clone(), head);
                key
            }
        };
        self.valid(app, key)
    }

    fn valid(&self, app: &App, key: Recorded<ApiKey>) -> Result<Recorded<ApiKey>, Refusal> {
        let now = clock::now();
        if !key.is_valid(now) {
            return Err(self.log.refuse("key", &format!("{} has expired or was revoked", key.id)));
        }
        if self.is_touch_due(key.id, now) {
            app.background.start_once("record the use of a key", touch(app.store.clone(), key.id, now));
        }
        Ok(key)
    }

    /// The caller of a session. Refused: the key or the person has lost its rights since the session began.
    pub(super) async fn of_session(&self, app: &App, session: &Session) -> Result<SignedIn, Refusal> {
        match &session.identity {
            Identity::SigningIn(_) => Err(self.log.refuse("session", "nobody has signed in yet")),
            Identity::Key { key: id } => {
                let head = app.head();
                let key = match self.keys.get(id, head) {
                    Some(key) => Some(key),
                    None => match id.parse() {
                        Ok(id) => app.store.key_by_id(id).await.map_err(|error| unavailable(&error))?,
                        Err(_) => None,
                    },
                };
                let key = key.ok_or_else(|| self.log.refuse("session", &format!("there is no key {id}")))?;
                self.keys.insert(id.clone(), key.clone(), head);
                let viewer = viewer_of(self.valid(app, key)?);
                Ok(SignedIn { viewer, capacities: Vec::new() })
            }
            Identity::Person { issuer, subject, name, claimed } => {
                let claimant = Claimant {
                    person: Person { issuer: issuer.clone(), subject: subject.clone() },
                    name: Some(name.clone()),
                    claimed: claimed.clone(),
                };
                self.person(app, claimant, session.capacity.as_deref()).await
            }
        }
    }

    async fn person(&self, app: &App, claimant: Claimant, capacity: Option<&str>) -> Result<SignedIn, Refusal> {
        let Claimant { person, name, claimed } = claimant;
        let (reference, head) = (person.reference(), app.head());
        let (id, grants) = match self.people.get(&reference, head) {
            Some(known) => known,
            None => {
                let known = people::grants(&app.store, &person).await.map_err(|error| unavailable(&error))?;
                self.people.insert(reference, known.clone(), head);
                known
            }
        };
        let today = calendar::day_in_china(clock::now());
        let capacities = people::capacities(&grants, claimed.as_ref(), today);
        let viewer = people::viewer(&person, (id, name), &capacities, capacity);
        Ok(SignedIn { viewer, capacities })
    }

    fn is_touch_due(&self, key: Id<ApiKey>, now: DateTime<Utc>) -> bool {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = touched.get(&key).is_none_or(|touched| now - *touched >= TOUCH_INTERVAL);
        if is_due {
            if touched.len() >= MAX_TOUCHED {
                touched.clear();
            }
            touched.insert(key, now);
        }
        is_due
    }
}

fn unavailable(error: &persistence::Error) -> Refusal {
    tracing::warn!(%error, "a credential cannot be looked up");
    Refusal::unavailable(Message::new("目前无法查询凭证", "credentials cannot be looked up at the moment"))
}

fn viewer_of(key: Recorded<ApiKey>) -> Viewer {
    let client = Some(key.id.to_string());
    let ApiKey { name, roles, district, extent, .. } = key.record;
    Viewer { client, name: Some(name), roles, district, extent, ..Viewer::default() }
}

/// Records the last use of a key.
async fn touch(store: Store, key: Id<ApiKey>, now: DateTime<Utc>) {
    if let Err(error) = store.record_key_use(key, now).await {
        tracing::debug!(%error, %key, "the last use of a key could not be recorded");
    }
}
