//! An identity provider: fetches its keys, and verifies its tokens.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::body::Bytes;
use axum::http::{HeaderName, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::application::{Application, Endpoints};
use super::claims::{ClaimNames, Claimant};
use super::keys::{Key, KeySet};
use crate::http::client::connector;

/// The tolerated difference of two clocks, in seconds.
const LEEWAY: u64 = 30;
/// The longest token.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest key set or discovery document.
const MAX_DOCUMENT_BYTES: usize = 512 * 1024;
/// How long the provider may take to answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a token with an unknown key waits until the keys may be fetched again.
const MAX_FETCH_WAIT: Duration = Duration::from_secs(2);
/// Keys are fetched again after this time, so that a withdrawn key is no longer accepted.
const REFRESH_INTERVAL: Duration = Duration::from_secs(10 * 60);
/// The interval while the provider does not answer. Its known keys stay in use, so that callers can still sign in.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub struct Settings {
    /// The value of `iss`.
    pub issuer: String,
    /// This registry's name in `aud`.
    pub audience: String,
    pub keys: KeySource,
    pub claims: ClaimNames,
    /// `None`: nobody signs in to the console with this provider.
    pub application: Option<Application>,
    /// The least time between two fetches, whatever unknown keys tokens name.
    pub min_fetch_interval: Duration,
}

/// Where the provider's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Where the provider's discovery document says.
    Discovered,
    Address(Uri),
    File(PathBuf),
}

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    /// The token is not valid; the reason is for the log.
    Token(Cow<'static, str>),
    /// The provider's keys cannot be fetched now, so the token cannot be verified.
    NoKeys,
}

impl Invalid {
    pub(super) fn because(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Token(why.into())
    }
}

/// Why the provider's keys cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It may succeed later.
    #[error("{0}")]
    Unreachable(String),
    /// It is another provider than the settings name.
    #[error("{0}")]
    OtherIssuer(String),
}

pub struct Provider {
    pub(super) settings: Settings,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    keys: ArcSwapOption<KeySet>,
    pub(super) endpoints: ArcSwapOption<Endpoints>,
    /// The last fetch. The task that holds the lock fetches; the others wait for its result.
    last_fetch: Mutex<Option<Fetch>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
struct Fetch {
    began: Instant,
    ended: Instant,
    succeeded: bool,
}

impl Provider {
    /// Fetches nothing yet: the registry also starts while its provider is down.
    pub fn new(settings: Settings) -> Result<Self, FetchError> {
        // The settings allow plain HTTP only on this machine.
        let client = Client::builder(TokioExecutor::new()).build(connector().map_err(FetchError::Unreachable)?);
        Ok(Self {
            settings,
            client,
            keys: ArcSwapOption::empty(),
            endpoints: ArcSwapOption::empty(),
            last_fetch: Mutex::new(None),
        })
    }

    /// Verifies an access token and returns the person that it names.
    pub async fn claimant(&self, token: &str) -> Result<Claimant, Invalid> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Invalid::because("too long"));
        }
        let header = decode_header(token)
            .map_err(|_| Invalid::because("its header cannot be read, or names an unknown algorithm"))?;
        if header.crit.is_some() {
            return Err(Invalid::because("it demands an extension"));
        }
        let typ = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
        let says_access = matches!(typ.strip_prefix("application/").unwrap_or(&typ), "at+jwt");
        if !says_access && typ != "jwt" {
            return Err(Invalid::because("it has another type"));
        }
        let Key { algorithm, key } = self.key(header.kid.as_deref()).await?;
        if header.alg != algorithm {
            return Err(Invalid::because("its algorithm is not that of its key"));
        }
        let claims = decode::<Map<String, Value>>(token, &key, &self.validation(algorithm))
            .map_err(|error| self.invalid(error.kind(), token, &self.settings.audience))?
            .claims;
        // An ID token is for the application that the person signed in to.
        let is_id_token = ["nonce", "at_hash", "c_hash"].iter().any(|claim| claims.contains_key(*claim));
        let other_use = claims.get("typ").is_some_and(|typ| typ != "Bearer");
        if !says_access && (is_id_token || other_use) {
            return Err(Invalid::because("it is no access token"));
        }
        self.settings.claims.claimant(&claims, &self.settings.issuer).map_err(Invalid::because)
    }

    /// Why the claims are refused. The signature is verified before, so the claims are the issuer's and may be logged.
    pub(super) fn invalid(&self, kind: &ErrorKind, token: &str, audience: &str) -> Invalid {
        let (claim, expected) = match kind {
            ErrorKind::InvalidIssuer => ("iss", self.settings.issuer.as_str()),
            ErrorKind::InvalidAudience => ("aud", audience),
            kind => return Invalid::because(reason(kind)),
        };
        let given = jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token)
            .ok()
            .and_then(|token| token.claims.get(claim).cloned());
        let given: String =
            given.map_or_else(|| "nothing".to_owned(), |given| given.to_string()).chars().take(200).collect();
        let hint = if given.trim_matches('"').trim_end_matches('/') == expected.trim_end_matches('/') {
            "; they differ by the slash at the end"
        } else {
            ""
        };
        Invalid::because(format!("its `{claim}` is {given}, and {expected:?} is expected{hint}"))
    }

    pub(super) fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.settings.audience]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation
    }

    /// The provider's key of that name.
    pub(super) async fn key(&self, name: Option<&str>) -> Result<Key, Invalid> {
        if let Some(keys) = &*self.keys.load()
            && let Some(key) = keys.find(name)
        {
            return Ok(key);
        }
        // On the heap: keys are rarely fetched.
        let succeeded = Box::pin(self.refresh()).await;
        match self.keys.load().as_ref().and_then(|keys| keys.find(name)) {
            Some(key) => Ok(key),
            None if !succeeded => Err(Invalid::NoKeys),
            None if name.is_none() => Err(Invalid::because("it names no key, and the provider has several")),
            None => Err(Invalid::because("the provider has no such key")),
        }
    }

    /// Background task: fetches the keys again and again.
    pub async fn keep_keys_fresh(self: Arc<Self>) {
        loop {
            let interval = if self.refresh().await { REFRESH_INTERVAL } else { RETRY_INTERVAL };
            tokio::time::sleep(interval).await;
        }
    }

    /// Fetches the keys, unless another task did so since this call began. If the last fetch was a moment ago it waits
    /// a little: a key may be new. Returns whether the keys could be fetched.
    pub async fn refresh(&self) -> bool {
        let called = Instant::now();
        let mut last_fetch = self.last_fetch.lock().await;
        if let Some(last) = *last_fetch {
            if if last.succeeded { last.began >= called } else { last.ended >= called } {
                return last.succeeded;
            }
            let left = self.settings.min_fetch_interval.saturating_sub(last.ended.elapsed());
            if left > MAX_FETCH_WAIT {
                return last.succeeded;
            }
            tokio::time::sleep(left).await;
        }
        let began = Instant::now();
        let fetched = self.fetch().await;
        match &fetched {
            Ok(keys) => tracing::info!(
                issuer = self.settings.issuer,
                keys = keys.len(),
                "the identity provider's keys have been fetched"
            ),
            Err(error) => {
                tracing::warn!(issuer = self.settings.issuer, %error, "the identity provider's keys cannot be fetched");
            }
        }
        let ended = Instant::now();
        *last_fetch = Some(Fetch { began, ended, succeeded: fetched.is_ok() });
        if let Ok(keys) = fetched {
            self.keys.store(Some(Arc::new(keys)));
            return true;
        }
        false
    }

    /// Fetches the keys, and checks that this is the provider that the settings name. Returns how many keys it has.
    pub async fn check(&self) -> Result<usize, FetchError> {
        self.fetch().await.map(|keys| keys.len())
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let document = match &self.settings.keys {
            KeySource::File(path) => tokio::fs::read(path)
                .await
                .map(Bytes::from)
                .map_err(|error| FetchError::Unreachable(format!("{}: {error}", path.display())))?,
            KeySource::Address(address) => self.get(address.clone()).await?,
            KeySource::Discovered => {
                let address = self.discover().await?;
                self.get(address).await?
            }
        };
        KeySet::read(&document).map_err(FetchError::Unreachable)
    }

    /// The discovery document of the provider, after checking that it is the one that the settings name.
    pub(super) async fn discovery_document(&self) -> Result<Value, FetchError> {
        let address = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let at_fault = |what: &str| FetchError::Unreachable(format!("{address}: {what}"));
        let document = self.get(address.parse().map_err(|_| at_fault("is no address"))?).await?;
        let document: Value = serde_json::from_slice(&document).map_err(|_| at_fault("is not JSON"))?;
        let (theirs, ours) = (document["issuer"].as_str().unwrap_or_default(), self.settings.issuer.as_str());
        if theirs != ours {
            let slash = if theirs.trim_end_matches('/') == ours.trim_end_matches('/') {
                ", which differs by the slash at the end"
            } else {
                ""
            };
            return Err(FetchError::OtherIssuer(format!(
                "{address} says that the issuer is {theirs:?}, and --oidc-issuer says {ours:?}{slash}: name it exactly as the provider does"
            )));
        }
        Ok(document)
    }

    /// The address of the keys in the provider's discovery document.
    async fn discover(&self) -> Result<Uri, FetchError> {
        let document = self.discovery_document().await?;
        let keys = document["jwks_uri"].as_str().and_then(|address| address.parse().ok());
        keys.filter(is_safe).ok_or_else(|| {
            FetchError::Unreachable("the discovery document has no `jwks_uri` that begins with https://".to_owned())
        })
    }

    /// Redirections are not followed.
    async fn get(&self, address: Uri) -> Result<Bytes, FetchError> {
        self.send(Method::GET, address, &[], String::new()).await
    }

    pub(super) async fn post(
        &self,
        address: Uri,
        headers: &[(HeaderName, String)],
        body: String,
    ) -> Result<Bytes, FetchError> {
        self.send(Method::POST, address, headers, body).await
    }

    async fn send(
        &self,
        method: Method,
        address: Uri,
        headers: &[(HeaderName, String)],
        body: String,
    ) -> Result<Bytes, FetchError> {
        let at_fault = |what: String| FetchError::Unreachable(format!("{address}: {what}"));
        let fetched = tokio::time::timeout(FETCH_TIMEOUT, async {
            let mut request =
                Request::builder().method(method).uri(address.clone()).header(header::ACCEPT, "application/json");
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let request = request.body(Full::from(body)).map_err(|error| at_fault(error.to_string()))?;
            let response = self.client.request(request).await.map_err(|error| at_fault(chain(&error)))?;
            if response.status() != StatusCode::OK {
                return Err(at_fault(format!("answers {}", response.status())));
            }
            let body = Limited::new(response.into_body(), MAX_DOCUMENT_BYTES).collect().await;
            Ok(body.map_err(|error| at_fault(error.to_string()))?.to_bytes())
        });
        fetched
            .await
            .unwrap_or_else(|_| Err(at_fault(format!("does not answer within {} seconds", FETCH_TIMEOUT.as_secs()))))
    }
}

/// May keys be fetched from this address? An attacker who can change them in transit can forge any token.
pub fn is_safe(address: &Uri) -> bool {
    let is_local = matches!(address.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match address.scheme_str() {
        Some("https") => address.host().is_some(),
        Some("http") => is_local,
        _ => false,
    }
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidAudience => "its audience is another",
        ErrorKind::InvalidIssuer => "its issuer is another",
        ErrorKind::MissingRequiredClaim(_) => "it lacks exp, iss, aud or sub",
        _ => "it cannot be read",
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_over_tls_or_from_this_machine() {
        for (address, safe) in [
            ("https://id.example.cn/keys", true),
            ("http://127.0.0.1:8081/keys", true),
            ("http://localhost/keys", true),
            ("http://[::1]:1/keys", true),
            ("http://id.example.cn/keys", false),
            ("http://127.0.0.1.example.cn/keys", false),
            ("/keys", false),
        ] {
            assert_eq!(is_safe(&address.parse().expect("an address")), safe, "{address}");
        }
    }
}
