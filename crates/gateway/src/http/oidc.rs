//! Access tokens of an identity provider (OIDC), beside our own keys: JWTs signed with a key that the
//! provider publishes. What a token says about how to check it is not believed: the algorithm and the key
//! are the provider's word, its `kid` only chooses among its keys, and addresses in it are never followed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use domain::text::cleaned;
use domain::{DistrictCode, Extent, Role};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::connector;
use crate::viewer::Viewer;

/// By how much two clocks may differ, in seconds.
const LEEWAY: u64 = 30;
/// The longest token that is looked at.
const MOST_BYTES: usize = 16 * 1024;
/// The longest key set or discovery document.
const MOST_BYTES_OF_KEYS: usize = 512 * 1024;
/// The smallest RSA modulus, in bytes.
const LEAST_MODULUS: usize = 256;
/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a token waits for the pause between two fetches to end.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// After this long keys are fetched again, so that a withdrawn one opens nothing any more.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// The longest name of a person that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// Whom to believe, and how its tokens are read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As it stands in `iss`.
    pub issuer: String,
    /// What `aud` must name: this registry.
    pub audience: String,
    pub keys: KeySource,
    pub claims: Claims,
    /// The least time between two fetches, however many unknown keys are named.
    pub pause: Duration,
}

/// Where the provider's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// As the provider's discovery document says.
    Discovered,
    Address(Uri),
    File(PathBuf),
}

/// Which claim says what. A name may be a path: `realm_access.roles`.
#[derive(Debug, Clone)]
pub struct Claims {
    pub roles: String,
    /// What the provider calls our roles; none: by our own names.
    pub role_map: Vec<(String, Role)>,
    pub district: Option<String>,
    pub subtree: Option<String>,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is not valid; the reason is for our log.
    Invalid(Cow<'static, str>),
    /// The provider's keys cannot be had now, so nobody can tell.
    NoKeys,
}

impl Refused {
    fn because(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(why.into())
    }
}

/// Why there are no keys of the provider.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    /// It does not answer as it should; it may later.
    #[error("{0}")]
    Unreachable(String),
    /// It is not the one that the settings name: waiting changes nothing.
    #[error("{0}")]
    Misnamed(String),
}

/// An identity provider whose tokens are believed.
pub struct Provider {
    settings: Settings,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    keys: ArcSwapOption<Keys>,
    /// The last attempt to fetch keys. Whoever holds it fetches; the others wait for the same answer.
    attempt: Mutex<Option<Attempt>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The keys that a provider publishes.
#[derive(Default)]
struct KeySet {
    by_name: HashMap<String, Key>,
    nameless: Vec<Key>,
}

impl KeySet {
    fn len(&self) -> usize {
        self.by_name.len() + self.nameless.len()
    }

    /// The key of that name. A token may leave the name out where there is one key only (OpenID Connect Core, 10.1).
    fn find(&self, name: Option<&str>) -> Option<Key> {
        match name {
            Some(name) => self.by_name.get(name).cloned(),
            None if self.len() == 1 => self.by_name.values().chain(&self.nameless).next().cloned(),
            None => None,
        }
    }
}

struct Keys {
    set: KeySet,
    fetched: Instant,
}

/// A key is used with one algorithm, whatever a token would like.
#[derive(Clone)]
struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

#[derive(Clone, Copy)]
struct Attempt {
    began: Instant,
    ended: Instant,
    succeeded: bool,
}

impl Provider {
    /// Nothing is fetched yet: the registry starts without its provider, too.
    pub fn new(settings: Settings) -> Result<Self, NoKeys> {
        // Where plain HTTP is wrong, the settings have been refused already.
        let client = Client::builder(TokioExecutor::new()).build(connector().map_err(NoKeys::Unreachable)?);
        Ok(Self { settings, client, keys: ArcSwapOption::empty(), attempt: Mutex::new(None) })
    }

    /// Who bears this token.
    pub async fn viewer(self: &Arc<Self>, token: &str) -> Result<Viewer, Refused> {
        if token.len() > MOST_BYTES {
            return Err(Refused::because("too long"));
        }
        let header = decode_header(token).map_err(|_| Refused::because("its header cannot be read, or names no algorithm that is known"))?;
        if header.crit.is_some() {
            return Err(Refused::because("it demands an extension"));
        }
        let typ = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
        let says_access = matches!(typ.strip_prefix("application/").unwrap_or(&typ), "at+jwt");
        if !says_access && typ != "jwt" {
            return Err(Refused::because("its type is another"));
        }
        let Key { algorithm, key } = self.key(header.kid.as_deref()).await?;
        if header.alg != algorithm {
            return Err(Refused::because("its algorithm is not the one of its key"));
        }
        let claims =
            decode::<Map<String, Value>>(token, &key, &self.validation(algorithm)).map_err(|error| self.refused(error.kind(), token))?.claims;
        // An ID token is for the application that the person signed in to, not for us.
        let is_identity = ["nonce", "at_hash", "c_hash"].iter().any(|claim| claims.contains_key(*claim));
        let other_use = claims.get("typ").is_some_and(|typ| typ != "Bearer");
        if !says_access && (is_identity || other_use) {
            return Err(Refused::because("it is no access token"));
        }
        self.read(&claims)
    }

    /// Why the claims are refused. The signature has been verified by then, so what the token says of itself is its issuer's word.
    fn refused(&self, kind: &jsonwebtoken::errors::ErrorKind, token: &str) -> Refused {
        use jsonwebtoken::errors::ErrorKind;
        let (claim, expected) = match kind {
            ErrorKind::InvalidIssuer => ("iss", &self.settings.issuer),
            ErrorKind::InvalidAudience => ("aud", &self.settings.audience),
            kind => return Refused::because(reason(kind)),
        };
        let given = jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token).ok().and_then(|token| token.claims.get(claim).cloned());
        let given: String = given.map_or_else(|| "nothing".to_owned(), |given| given.to_string()).chars().take(200).collect();
        let hint = if given.trim_matches('"').trim_end_matches('/') == expected.trim_end_matches('/') {
            "; they differ by the slash at the end"
        } else {
            ""
        };
        Refused::because(format!("its `{claim}` is {given}, and {expected:?} is expected{hint}"))
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.settings.audience]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation
    }

    /// What its claims make of the bearer. Without a role, or with a district that nobody knows, it has been
    /// signed in all the same, and may no more than anybody.
    fn read(&self, claims: &Map<String, Value>) -> Result<Viewer, Refused> {
        let names = &self.settings.claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text("iss") != Some(&self.settings.issuer) {
            return Err(Refused::because("its issuer is a list"));
        }
        let subject = text("sub").ok_or(Refused::because("its subject is empty"))?;
        let person = Sha256::digest(format!("{}\0{subject}", self.settings.issuer));
        let mut roles: Vec<Role> = words(claim(claims, &names.roles)).filter_map(|word| names.role(word)).collect();
        roles.sort_unstable();
        roles.dedup();
        // Some providers keep the code as a number.
        let named = names.district.as_deref().and_then(|name| claim(claims, name)).filter(|value| !value.is_null()).map(|value| match value {
            Value::String(code) => code.trim().to_owned(),
            other => other.to_string(),
        });
        let district: Option<DistrictCode> = named.as_deref().and_then(|code| code.parse().ok());
        if named.is_some() && district.is_none() {
            tracing::warn!(claim = names.district, "a token names its district by something that is no district code");
        }
        let subtree = names.subtree.as_deref().and_then(|name| claim(claims, name));
        let extent = if subtree.is_some_and(is_yes) { Extent::Subtree } else { Extent::Itself };
        let names = [text("name"), text("preferred_username"), Some(subject)];
        // It is written down with what the person does, and not every database takes every text.
        let name = names.into_iter().flatten().map(|name| cleaned(name, LONGEST_NAME)).find(|name| !name.is_empty());
        Ok(Viewer { client: Some(format!("oidc_{}", &hex::encode(person)[..16])), name, roles, district, extent })
    }

    /// The key of that name, among those that the provider publishes.
    async fn key(self: &Arc<Self>, name: Option<&str>) -> Result<Key, Refused> {
        if let Some(keys) = &*self.keys.load()
            && let Some(key) = keys.set.find(name)
        {
            if keys.fetched.elapsed() >= FRESH {
                // It is good until we know better: a provider that is down locks nobody out.
                let provider = self.clone();
                tokio::spawn(async move { provider.refresh().await });
            }
            return Ok(key);
        }
        let succeeded = self.refresh().await;
        match self.keys.load().as_ref().and_then(|keys| keys.set.find(name)) {
            Some(key) => Ok(key),
            None if !succeeded => Err(Refused::NoKeys),
            None if name.is_none() => Err(Refused::because("it names no key, and the provider has several")),
            None => Err(Refused::because("the provider has no such key")),
        }
    }

    /// Fetches the keys, unless that was done since it was asked for. Between two fetches there is a pause, which is waited for
    /// where it is short: a key may be new. Did it succeed?
    pub async fn refresh(&self) -> bool {
        let asked = Instant::now();
        let mut attempt = self.attempt.lock().await;
        if let Some(last) = *attempt {
            if if last.succeeded { last.began >= asked } else { last.ended >= asked } {
                return last.succeeded;
            }
            let left = self.settings.pause.saturating_sub(last.ended.elapsed());
            if left > LONGEST_WAIT {
                return last.succeeded;
            }
            tokio::time::sleep(left).await;
        }
        let began = Instant::now();
        let fetched = self.fetch().await;
        match &fetched {
            Ok(keys) => tracing::info!(issuer = self.settings.issuer, keys = keys.len(), "the identity provider's keys have been fetched"),
            Err(error) => tracing::warn!(issuer = self.settings.issuer, %error, "the identity provider's keys cannot be fetched"),
        }
        let ended = Instant::now();
        *attempt = Some(Attempt { began, ended, succeeded: fetched.is_ok() });
        if let Ok(set) = fetched {
            self.keys.store(Some(Arc::new(Keys { set, fetched: ended })));
            return true;
        }
        false
    }

    /// Can its keys be had, and is it the one that the settings name?
    pub async fn check(&self) -> Result<usize, NoKeys> {
        self.fetch().await.map(|keys| keys.len())
    }

    async fn fetch(&self) -> Result<KeySet, NoKeys> {
        let document = match &self.settings.keys {
            KeySource::File(path) => {
                tokio::fs::read(path).await.map(Bytes::from).map_err(|error| NoKeys::Unreachable(format!("{}: {error}", path.display())))?
            }
            KeySource::Address(address) => self.get(address.clone()).await?,
            KeySource::Discovered => {
                let address = self.discover().await?;
                self.get(address).await?
            }
        };
        key_set(&document).map_err(NoKeys::Unreachable)
    }

    /// Where the provider says that its keys are.
    async fn discover(&self) -> Result<Uri, NoKeys> {
        let address = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let at_fault = |what: &str| NoKeys::Unreachable(format!("{address}: {what}"));
        let document = self.get(address.parse().map_err(|_| at_fault("is no address"))?).await?;
        let document: Value = serde_json::from_slice(&document).map_err(|_| at_fault("is not JSON"))?;
        let (theirs, ours) = (document["issuer"].as_str().unwrap_or_default(), self.settings.issuer.as_str());
        if theirs != ours {
            let slash = if theirs.trim_end_matches('/') == ours.trim_end_matches('/') { ", which differs by the slash at the end" } else { "" };
            return Err(NoKeys::Misnamed(format!(
                "{address} says that the issuer is {theirs:?}, and --oidc-issuer says {ours:?}{slash}: name it exactly as the provider does"
            )));
        }
        let keys = document["jwks_uri"].as_str().and_then(|address| address.parse().ok());
        keys.filter(is_safe).ok_or_else(|| at_fault("has no `jwks_uri` that begins with https://"))
    }

    /// Redirections are not followed.
    async fn get(&self, address: Uri) -> Result<Bytes, NoKeys> {
        let at_fault = |what: String| NoKeys::Unreachable(format!("{address}: {what}"));
        let fetched = tokio::time::timeout(PATIENCE, async {
            let response = self.client.get(address.clone()).await.map_err(|error| at_fault(chain(&error)))?;
            if response.status() != StatusCode::OK {
                return Err(at_fault(format!("answers {}", response.status())));
            }
            let body = Limited::new(response.into_body(), MOST_BYTES_OF_KEYS).collect().await;
            Ok(body.map_err(|error| at_fault(error.to_string()))?.to_bytes())
        });
        fetched.await.unwrap_or_else(|_| Err(at_fault(format!("does not answer within {} seconds", PATIENCE.as_secs()))))
    }
}

impl Claims {
    fn role(&self, word: &str) -> Option<Role> {
        if self.role_map.is_empty() {
            return word.parse().ok();
        }
        self.role_map.iter().find(|(theirs, _)| theirs == word).map(|(_, role)| *role)
    }
}

/// May keys be fetched from there? Who can change them on the way can make any token.
pub fn is_safe(address: &Uri) -> bool {
    let is_here = matches!(address.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match address.scheme_str() {
        Some("https") => address.host().is_some(),
        Some("http") => is_here,
        _ => false,
    }
}

/// A claim by its name; where there is none of that name, by its path.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut steps = name.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    })
}

/// A list of words, or words in one text as in `scope`.
fn words(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let listed = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    listed.chain(value.and_then(Value::as_str).into_iter().flat_map(str::split_whitespace))
}

fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::String(text) => ["true", "yes", "subtree"].iter().any(|yes| text.eq_ignore_ascii_case(yes)),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The keys of a key set that we can and may use; what else is in it is for others.
fn key_set(document: &[u8]) -> Result<KeySet, String> {
    let document: Value = serde_json::from_slice(document).map_err(|_| "the key set is not JSON".to_owned())?;
    let listed = document["keys"].as_array().ok_or("the key set has no `keys`")?;
    let mut keys = KeySet::default();
    for (name, key) in listed.iter().filter_map(|key| Key::read(&serde_json::from_value(key.clone()).ok()?)) {
        match name {
            Some(name) => drop(keys.by_name.insert(name, key)),
            None => keys.nameless.push(key),
        }
    }
    if keys.len() == 0 { Err("the key set has no key for signatures that can be used".to_owned()) } else { Ok(keys) }
}

impl Key {
    fn read(jwk: &Jwk) -> Option<(Option<String>, Self)> {
        if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
            return None;
        }
        let name = jwk.common.key_id.clone();
        let key = DecodingKey::from_jwk(jwk).ok()?;
        // Where the provider does not say, each kind of key has its usual algorithm.
        let usual = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => {
                let jsonwebtoken::DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind() else { return None };
                (n.len() >= LEAST_MODULUS).then_some(Algorithm::RS256)?
            }
            AlgorithmParameters::EllipticCurve(parameters) => match parameters.curve {
                EllipticCurve::P256 => Algorithm::ES256,
                EllipticCurve::P384 => Algorithm::ES384,
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            // A shared secret that is published is none.
            _ => return None,
        };
        let algorithm = match jwk.common.key_algorithm {
            None => usual,
            Some(KeyAlgorithm::RS256) => Algorithm::RS256,
            Some(KeyAlgorithm::RS384) => Algorithm::RS384,
            Some(KeyAlgorithm::RS512) => Algorithm::RS512,
            Some(KeyAlgorithm::PS256) => Algorithm::PS256,
            Some(KeyAlgorithm::PS384) => Algorithm::PS384,
            Some(KeyAlgorithm::PS512) => Algorithm::PS512,
            Some(KeyAlgorithm::ES256) => Algorithm::ES256,
            Some(KeyAlgorithm::ES384) => Algorithm::ES384,
            Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
            Some(_) => return None,
        };
        // A curve has one algorithm only.
        let fits = if usual == Algorithm::RS256 { algorithm.family() == usual.family() } else { algorithm == usual };
        fits.then_some((name, Self { algorithm, key }))
    }
}

fn reason(kind: &jsonwebtoken::errors::ErrorKind) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match kind {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidAudience => "it is for somebody else",
        ErrorKind::InvalidIssuer => "it is from somebody else",
        ErrorKind::MissingRequiredClaim(_) => "it lacks exp, iss, aud or sub",
        _ => "it cannot be read",
    }
}

/// An error with what is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said = format!("{said}: {cause}");
        next = cause.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_come_over_a_way_that_nobody_can_change() {
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

    #[test]
    fn a_claim_is_found_by_its_name_or_its_path() {
        let claims = json!({ "roles": "a b", "realm_access": { "roles": ["c", 7] }, "https://x.cn/roles": ["d"] });
        let claims = claims.as_object().expect("an object");
        let found = |name| words(claim(claims, name)).collect::<Vec<_>>();
        assert_eq!(found("roles"), ["a", "b"]);
        assert_eq!(found("realm_access.roles"), ["c"]);
        assert_eq!(found("https://x.cn/roles"), ["d"]);
        assert!(found("realm_access.groups").is_empty() && found("nothing").is_empty());
    }

    #[test]
    fn a_key_is_taken_for_one_algorithm_or_not_at_all() {
        let modulus = |bytes| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, vec![0xc5; bytes]);
        let taken = |key: Value| Key::read(&serde_json::from_value(key).ok()?).map(|(_, key)| key.algorithm);
        let rsa = |more: Value| {
            let mut key = json!({ "kty": "RSA", "kid": "1", "n": modulus(256), "e": "AQAB" });
            key.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            key
        };
        assert_eq!(taken(rsa(json!({}))), Some(Algorithm::RS256));
        assert_eq!(taken(rsa(json!({ "alg": "PS256", "use": "sig" }))), Some(Algorithm::PS256));
        assert_eq!(taken(rsa(json!({ "kid": null }))), Some(Algorithm::RS256), "a key need not have a name");
        for wrong in [
            json!({ "alg": "HS256" }),
            json!({ "alg": "ES256" }),
            json!({ "alg": "none" }),
            json!({ "alg": "RSA-OAEP" }),
            json!({ "use": "enc" }),
            json!({ "n": modulus(128) }),
        ] {
            assert_eq!(taken(rsa(wrong.clone())), None, "{wrong}");
        }
        assert_eq!(taken(json!({ "kty": "oct", "kid": "1", "k": "c2VjcmV0", "alg": "HS256" })), None);
        let p256 = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": modulus(32), "y": modulus(32) });
        assert_eq!(taken(p256), Some(Algorithm::ES256));
        assert_eq!(taken(json!({ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": modulus(32) })), Some(Algorithm::EdDSA));
        assert_eq!(taken(json!({ "kty": "OKP", "crv": "X25519", "kid": "1", "x": modulus(32) })), None);
    }
}
