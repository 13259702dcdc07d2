//! An identity provider on this machine, with keys of every kind, and tokens.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use gateway::http::oidc::claims::ClaimNames;
use gateway::http::oidc::provider::{KeySource, Settings};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use registry::clock;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::server::AUDIENCE;

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key pair: the published public key, and the signing key.
pub(crate) struct Pair {
    pub(crate) public: Value,
    pub(crate) private: EncodingKey,
    pub(crate) algorithm: Algorithm,
}

pub(crate) fn ed25519(kid: &str) -> Pair {
    let mut seed = [0; 32];
    rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut seed);
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let private = EncodingKey::from_ed_der(key.to_pkcs8_der().expect("DER").as_bytes());
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": base64(key.verifying_key()) });
    Pair { public, private, algorithm: Algorithm::EdDSA }
}

pub(crate) fn p256(kid: &str) -> Pair {
    let key = p256::SecretKey::random(&mut rand::rngs::OsRng);
    let private = EncodingKey::from_ec_der(key.to_pkcs8_der().expect("DER").as_bytes());
    let point = key.public_key().to_encoded_point(false);
    let [x, y] = [point.x(), point.y()].map(|coordinate| base64(coordinate.expect("not infinitely far away")));
    let public = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "x": x, "y": y });
    Pair { public, private, algorithm: Algorithm::ES256 }
}

/// One RSA key, published under two names for two algorithms.
pub(crate) fn rsa_pairs() -> [Pair; 2] {
    let key = rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).expect("a key");
    let der = key.to_pkcs1_der().expect("DER");
    [("rsa", Algorithm::RS256), ("rsa-pss", Algorithm::PS256)].map(|(kid, algorithm)| {
        let mut public =
            json!({ "kty": "RSA", "kid": kid, "n": base64(key.n().to_bytes_be()), "e": base64(key.e().to_bytes_be()) });
        if algorithm == Algorithm::PS256 {
            public["alg"] = json!("PS256");
        }
        Pair { public, private: EncodingKey::from_rsa_der(der.as_bytes()), algorithm }
    })
}

/// The documents that the provider publishes.
#[derive(Default)]
pub(crate) struct Published {
    pub(crate) issuer: String,
    pub(crate) keys: Vec<Value>,
    pub(crate) fetches: usize,
    /// `None`: people do not sign in here.
    pub(crate) token_endpoint: Option<String>,
}

pub(crate) type Shared = Arc<Mutex<Published>>;

/// An identity provider on a port of its own.
pub(crate) struct Idp {
    pub(crate) issuer: String,
    pub(crate) published: Shared,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) serving: Option<JoinHandle<()>>,
}

impl Idp {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}/realms/gov");
        let published = Shared::default();
        published.lock().expect("the lock is not poisoned").issuer = issuer.clone();
        let mut idp = Self { issuer, published, address, serving: None };
        idp.serve(listener);
        idp
    }

    fn serve(&mut self, listener: TcpListener) {
        let discovery = async |State(published): State<Shared>| {
            let published = published.lock().expect("the lock is not poisoned");
            let issuer = &published.issuer;
            Json(json!({
                "issuer": issuer, "jwks_uri": format!("{issuer}/keys"),
                "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": published.token_endpoint,
            }))
        };
        let keys = async |State(published): State<Shared>| {
            let mut published = published.lock().expect("the lock is not poisoned");
            published.fetches += 1;
            Json(json!({ "keys": published.keys }))
        };
        let router = Router::new()
            .route("/realms/gov/.well-known/openid-configuration", get(discovery))
            .route("/realms/gov/keys", get(keys))
            .with_state(self.published.clone());
        self.serving = Some(tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") }));
    }

    pub(crate) async fn stop(&mut self) {
        let serving = self.serving.take().expect("it serves");
        serving.abort();
        let _ = serving.await;
    }

    pub(crate) async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port is free again");
        self.serve(listener);
    }

    pub(crate) fn publish(&self, pairs: &[&Pair]) {
        self.published.lock().expect("the lock is not poisoned").keys =
            pairs.iter().map(|pair| pair.public.clone()).collect();
    }

    pub(crate) fn fetches(&self) -> usize {
        self.published.lock().expect("the lock is not poisoned").fetches
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            issuer: self.issuer.clone(),
            audience: AUDIENCE.to_owned(),
            keys: KeySource::Discovered,
            application: None,
            claims: ClaimNames {
                roles: Some("roles".to_owned()),
                role_map: Vec::new(),
                district: Some("district".to_owned()),
                subtree: Some("subtree".to_owned()),
            },
            min_fetch_interval: Duration::ZERO,
        }
    }

    /// The claims of a valid token.
    pub(crate) fn claims(&self) -> Value {
        let now = clock::now().timestamp();
        json!({
            "iss": self.issuer, "aud": AUDIENCE, "sub": "person-7", "exp": now + 300, "nbf": now - 10, "iat": now - 10,
            "name": "王小明", "roles": ["REGISTRAR"], "district": "440115",
        })
    }

    pub(crate) fn claims_with(&self, more: Value) -> Value {
        let mut claims = self.claims();
        let fields = claims.as_object_mut().expect("an object");
        let Value::Object(more) = more else { panic!("claims are an object") };
        for (name, value) in more {
            if value.is_null() {
                fields.remove(&name);
            } else {
                fields.insert(name, value);
            }
        }
        claims
    }
}

pub(crate) fn sign(pair: &Pair, claims: &Value) -> String {
    sign_as(pair, claims, |header| header.typ = Some("at+jwt".to_owned()))
}

pub(crate) fn sign_as(pair: &Pair, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header::new(pair.algorithm);
    header.kid = pair.public["kid"].as_str().map(str::to_owned);
    change(&mut header);
    encode(&header, claims, &pair.private).expect("a token")
}

/// A token with any header, signed or not.
pub(crate) fn forge(header: &Value, claims: &Value, signature: impl FnOnce(&str) -> Vec<u8>) -> String {
    let message = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let signature = signature(&message);
    format!("{message}.{}", base64(signature))
}
