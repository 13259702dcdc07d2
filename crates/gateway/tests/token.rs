//! The door for people who are signed in elsewhere: an identity provider on this machine, with real keys of
//! each kind, and tokens that are right and wrong in every way we know of.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Role;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use gateway::app::App;
use gateway::http::oidc::claims::ClaimNames;
use gateway::http::oidc::provider::{KeySource, Provider, Settings};
use gateway::{clock, http};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use persistence::{Mode, OpenOptions, Store, import};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

const AUDIENCE: &str = "https://tongban.example.cn";

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key pair: what is published, and what signs.
struct Pair {
    public: Value,
    private: EncodingKey,
    algorithm: Algorithm,
}

fn ed25519(kid: &str) -> Pair {
    let mut seed = [0; 32];
    rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut seed);
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let private = EncodingKey::from_ed_der(key.to_pkcs8_der().expect("DER").as_bytes());
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": base64(key.verifying_key()) });
    Pair { public, private, algorithm: Algorithm::EdDSA }
}

fn p256(kid: &str) -> Pair {
    let key = p256::SecretKey::random(&mut rand::rngs::OsRng);
    let private = EncodingKey::from_ec_der(key.to_pkcs8_der().expect("DER").as_bytes());
    let point = key.public_key().to_encoded_point(false);
    let [x, y] = [point.x(), point.y()].map(|coordinate| base64(coordinate.expect("not infinitely far away")));
    let public = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "x": x, "y": y });
    Pair { public, private, algorithm: Algorithm::ES256 }
}

/// One RSA key, published under two names for two algorithms.
fn rsa_pairs() -> [Pair; 2] {
    let key = rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).expect("a key");
    let der = key.to_pkcs1_der().expect("DER");
    [("rsa", Algorithm::RS256), ("rsa-pss", Algorithm::PS256)].map(|(kid, algorithm)| {
        let mut public = json!({ "kty": "RSA", "kid": kid, "n": base64(key.n().to_bytes_be()), "e": base64(key.e().to_bytes_be()) });
        if algorithm == Algorithm::PS256 {
            public["alg"] = json!("PS256");
        }
        Pair { public, private: EncodingKey::from_rsa_der(der.as_bytes()), algorithm }
    })
}

/// What the provider publishes.
#[derive(Default)]
struct Published {
    issuer: String,
    keys: Vec<Value>,
    fetches: usize,
}

type Shared = Arc<Mutex<Published>>;

/// An identity provider on a port of its own.
struct Idp {
    issuer: String,
    published: Shared,
    address: std::net::SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Idp {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}/realms/gov");
        let published = Shared::default();
        published.lock().expect("nobody panicked").issuer = issuer.clone();
        let mut idp = Self { issuer, published, address, serving: None };
        idp.serve(listener);
        idp
    }

    fn serve(&mut self, listener: TcpListener) {
        let discovery = async |State(published): State<Shared>| {
            let issuer = published.lock().expect("nobody panicked").issuer.clone();
            Json(json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }))
        };
        let keys = async |State(published): State<Shared>| {
            let mut published = published.lock().expect("nobody panicked");
            published.fetches += 1;
            Json(json!({ "keys": published.keys }))
        };
        let router = Router::new()
            .route("/realms/gov/.well-known/openid-configuration", get(discovery))
            .route("/realms/gov/keys", get(keys))
            .with_state(self.published.clone());
        self.serving = Some(tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") }));
    }

    async fn stop(&mut self) {
        let serving = self.serving.take().expect("it serves");
        serving.abort();
        let _ = serving.await;
    }

    async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port is free again");
        self.serve(listener);
    }

    fn publish(&self, pairs: &[&Pair]) {
        self.published.lock().expect("nobody panicked").keys = pairs.iter().map(|pair| pair.public.clone()).collect();
    }

    fn fetches(&self) -> usize {
        self.published.lock().expect("nobody panicked").fetches
    }

    fn settings(&self) -> Settings {
        Settings {
            issuer: self.issuer.clone(),
            audience: AUDIENCE.to_owned(),
            keys: KeySource::Discovered,
            claims: ClaimNames {
                roles: "roles".to_owned(),
                role_map: Vec::new(),
                district: Some("district".to_owned()),
                subtree: Some("subtree".to_owned()),
            },
            min_fetch_interval: Duration::ZERO,
        }
    }

    /// What a good token says.
    fn claims(&self) -> Value {
        let now = clock::now().timestamp();
        json!({
            "iss": self.issuer, "aud": AUDIENCE, "sub": "person-7", "exp": now + 300, "nbf": now - 10, "iat": now - 10,
            "name": "王小明", "roles": ["REGISTRAR"], "district": "440115",
        })
    }

    fn claims_with(&self, more: Value) -> Value {
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

fn sign(pair: &Pair, claims: &Value) -> String {
    sign_as(pair, claims, |header| header.typ = Some("at+jwt".to_owned()))
}

fn sign_as(pair: &Pair, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header::new(pair.algorithm);
    header.kid = pair.public["kid"].as_str().map(str::to_owned);
    change(&mut header);
    encode(&header, claims, &pair.private).expect("a token")
}

/// A token of any header whatsoever, signed or not.
fn forge(header: &Value, claims: &Value, signature: impl FnOnce(&str) -> Vec<u8>) -> String {
    let message = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let signature = signature(&message);
    format!("{message}.{}", base64(signature))
}

/// A registry that believes the provider.
struct Door {
    router: http::service::HttpService,
    _directory: TempDir,
}

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    code: String,
    challenge: String,
    viewer: Value,
}

impl Door {
    async fn new(settings: Settings) -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("tongban.db").display());
        let store = Store::open(&url, OpenOptions { migrate: true, read_only: false, ..OpenOptions::default() }).await.expect("it opens");
        let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson");
        import(&store, &[records], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
        let app = App::load(store).await.expect("it loads");
        let provider = Provider::new(settings).expect("the certificates of this machine");
        let settings = http::settings::Settings { identity_provider: Some(Arc::new(provider)), ..Default::default() };
        Self { router: http::router(app, settings), _directory: directory }
    }

    async fn show(&self, token: &str) -> Answer {
        let body = json!({ "query": "{ viewer { name roles district { code } } }" }).to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body))
            .expect("a request");
        let (parts, body) = self.router.clone().oneshot(request).await.expect("an answer").into_parts();
        let body: Value = serde_json::from_slice(&to_bytes(body, usize::MAX).await.expect("a body")).expect("JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let challenge = parts.headers.get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Answer { status: parts.status, code: text(&body["errors"][0]["extensions"]["code"]), challenge, viewer: body["data"]["viewer"].clone() }
    }

    async fn lets_in(&self, token: &str) -> Value {
        let answer = self.show(token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.viewer
    }

    async fn turns_away(&self, what: &str, token: &str) {
        let answer = self.show(token).await;
        assert_eq!((answer.status, answer.code.as_str()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"), "{what}: {answer:?}");
        assert!(answer.challenge.starts_with("Bearer "), "{what}: {answer:?}");
        assert_eq!(answer.viewer, Value::Null, "{what}");
    }
}

#[tokio::test]
async fn a_good_token_of_every_kind_of_key_opens_the_door() {
    let idp = Idp::new().await;
    let [rsa, pss] = rsa_pairs();
    let pairs = [rsa, pss, p256("ec"), ed25519("ed")];
    idp.publish(&pairs.each_ref());
    let door = Door::new(idp.settings()).await;
    for pair in &pairs {
        let viewer = door.lets_in(&sign(pair, &idp.claims())).await;
        assert_eq!(viewer, json!({ "name": "王小明", "roles": ["REGISTRAR"], "district": { "code": "440115" } }), "{:?}", pair.algorithm);
    }
    assert_eq!(idp.fetches(), 1);
    // A provider that says `JWT` or nothing at all, and several audiences.
    let [.., ed] = &pairs;
    door.lets_in(&sign_as(ed, &idp.claims(), |header| header.typ = Some("JWT".to_owned()))).await;
    door.lets_in(&sign_as(ed, &idp.claims_with(json!({ "aud": ["another", AUDIENCE] })), |header| header.typ = None)).await;
    // An RSA key signs with its own algorithm, and a public key is no shared secret.
    let [rsa, pss, ..] = &pairs;
    let swapped = Pair { public: rsa.public.clone(), private: pss.private.clone(), algorithm: Algorithm::PS256 };
    door.turns_away("another algorithm of the same family", &sign(&swapped, &idp.claims())).await;
    let modulus = URL_SAFE_NO_PAD.decode(rsa.public["n"].as_str().expect("a modulus")).expect("base64url");
    for secret in [modulus, rsa.public.to_string().into_bytes()] {
        let confused = Pair { public: rsa.public.clone(), private: EncodingKey::from_secret(&secret), algorithm: Algorithm::HS256 };
        door.turns_away("HS256 with the public key", &sign(&confused, &idp.claims())).await;
    }
}

#[tokio::test]
async fn a_wrong_token_of_every_kind_is_turned_away_and_never_anonymous() {
    let idp = Idp::new().await;
    let (ed, other) = (ed25519("ed"), ed25519("ed"));
    idp.publish(&[&ed]);
    let door = Door::new(idp.settings()).await;
    let good = sign(&ed, &idp.claims());
    door.lets_in(&good).await;
    let now = clock::now().timestamp();

    for (what, more) in [
        ("expired", json!({ "exp": now - 120 })),
        ("no end", json!({ "exp": null })),
        ("an end that is no time", json!({ "exp": "never" })),
        ("not valid yet", json!({ "nbf": now + 120 })),
        ("for somebody else", json!({ "aud": "https://elsewhere.example.cn" })),
        ("for nobody", json!({ "aud": null })),
        ("from somebody else", json!({ "iss": "https://id.example.cn" })),
        ("from two at once", json!({ "iss": ["https://id.example.cn", idp.issuer] })),
        ("from nobody", json!({ "iss": null })),
        ("of nobody", json!({ "sub": null })),
        ("of an empty name", json!({ "sub": "" })),
    ] {
        door.turns_away(what, &sign(&ed, &idp.claims_with(more))).await;
    }
    // An ID token says so, if only between the lines.
    for more in [json!({ "nonce": "n" }), json!({ "at_hash": "h" }), json!({ "typ": "ID" }), json!({ "typ": "Refresh" })] {
        let token = sign_as(&ed, &idp.claims_with(more.clone()), |header| header.typ = Some("JWT".to_owned()));
        door.turns_away(&format!("an ID token {more}"), &token).await;
    }

    let header = |more: Value| {
        let mut header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "ed" });
        header.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        header
    };
    let signed = |header: &Value| {
        let message = format!("{}.{}", base64(header.to_string()), base64(idp.claims().to_string()));
        format!("{message}.{}", jsonwebtoken::crypto::sign(message.as_bytes(), &ed.private, Algorithm::EdDSA).expect("a signature"))
    };
    door.lets_in(&signed(&header(json!({})))).await;
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        for signature in [Vec::new(), b"x".to_vec()] {
            door.turns_away("no algorithm", &forge(&header(json!({ "alg": alg })), &idp.claims(), |_| signature)).await;
        }
    }
    let secret = ed.public["x"].as_str().expect("a key").to_owned();
    let confused = Pair { public: ed.public.clone(), private: EncodingKey::from_secret(secret.as_bytes()), algorithm: Algorithm::HS256 };
    door.turns_away("HS256 with the public key", &sign(&confused, &idp.claims())).await;
    for (what, more) in [
        ("an unknown key", json!({ "kid": "another" })),
        ("a path for a key", json!({ "kid": "../../../../etc/passwd" })),
        ("an address for a key", json!({ "kid": "https://evil.example/keys" })),
        ("a query for a key", json!({ "kid": "ed' OR '1'='1" })),
        ("an empty name of a key", json!({ "kid": "" })),
        ("another type", json!({ "typ": "logout+jwt" })),
        ("a demand that is not understood", json!({ "crit": ["exp"] })),
    ] {
        door.turns_away(what, &signed(&header(more))).await;
    }
    let nameless = json!({ "alg": "EdDSA", "typ": "at+jwt" });
    // The provider has one key, so a token needs not name it.
    door.lets_in(&signed(&nameless)).await;

    // A key that the token brings along, or says where to fetch.
    door.turns_away("another key of the same name", &sign(&other, &idp.claims())).await;
    let jwk = serde_json::from_value(other.public.clone()).expect("a key");
    door.turns_away("a key of its own", &sign_as(&other, &idp.claims(), |header| header.jwk = Some(jwk))).await;
    let evil = Idp::new().await;
    evil.publish(&[&other]);
    let address = format!("{}/keys", evil.issuer);
    door.turns_away("an address of keys", &sign_as(&other, &idp.claims(), |header| header.jku = Some(address.clone()))).await;
    door.turns_away("an address of certificates", &sign_as(&other, &idp.claims(), |header| header.x5u = Some(address))).await;
    assert_eq!(evil.fetches(), 0);

    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let (head, _) = message.split_once('.').expect("three parts");
    let steward = base64(idp.claims_with(json!({ "roles": ["STEWARD"] })).to_string());
    let cut = &good[..good.len() - 8];
    for (what, token) in [
        ("other claims under the signature", format!("{head}.{steward}.{signature}")),
        ("a cut signature", cut.to_owned()),
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("four parts", format!("{good}.x")),
        ("a doubled token", format!("{good}{good}")),
        ("nothing between the dots", "..".to_owned()),
        ("no token", "x".to_owned()),
        ("a key of ours that nobody has", "tb_nobody".to_owned()),
        ("something very long", "x".repeat(20_000)),
    ] {
        door.turns_away(what, &token).await;
    }
}

#[tokio::test]
async fn claims_make_the_bearer_what_the_settings_say() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let mut settings = idp.settings();
    settings.claims.roles = "realm_access.roles".to_owned();
    settings.claims.role_map = vec![("经办人".to_owned(), Role::Registrar), ("签发人".to_owned(), Role::Signatory)];
    let door = Door::new(settings).await;
    let is = async |more: Value| door.lets_in(&sign(&ed, &idp.claims_with(more))).await;
    let nobody = json!([]);

    let both = is(json!({ "realm_access": { "roles": ["签发人", "经办人", "经办人", "STEWARD", "offline_access"] } })).await;
    assert_eq!(both["roles"], json!(["REGISTRAR", "SIGNATORY"]), "where names are mapped, only those count");
    assert_eq!(is(json!({ "realm_access": { "roles": "经办人 别的" } })).await["roles"], json!(["REGISTRAR"]));

    // Signed in, and no more than that: what is public is answered, and nothing else.
    for more in
        [json!({}), json!({ "realm_access": { "roles": [] } }), json!({ "realm_access": 7 }), json!({ "realm_access": { "roles": [7, null] } })]
    {
        assert_eq!(is(more.clone()).await["roles"], nobody, "{more}");
    }
    for district in [json!("999999"), json!("南沙"), json!(7), json!(440_115.5), json!(null)] {
        assert_eq!(is(json!({ "district": district })).await["district"], Value::Null, "{district}");
    }
    for district in [json!("440115000000"), json!(440_115), json!(440_115_000_000_u64)] {
        assert_eq!(is(json!({ "district": district })).await["district"]["code"], "440115", "{district}");
    }
    assert_eq!(is(json!({ "name": null, "preferred_username": "wang" })).await["name"], "wang");
    assert_eq!(is(json!({ "name": null })).await["name"], "person-7");
}

#[tokio::test]
async fn a_bearer_has_one_reference_that_names_no_person() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let provider = Arc::new(Provider::new(idp.settings()).expect("the certificates of this machine"));
    let mut clients = BTreeMap::new();
    for (subject, subtree) in [("person-7", json!(true)), ("person-7", json!("no")), ("person-8", json!("SUBTREE"))] {
        let viewer = provider.viewer(&sign(&ed, &idp.claims_with(json!({ "sub": subject, "subtree": subtree })))).await.expect("it is good");
        let client = viewer.client.expect("a reference");
        assert!(client.len() == 21 && client.starts_with("oidc_") && !client.contains("person"), "{client}");
        clients.entry(client).or_insert_with(Vec::new).push(viewer.extent.name());
    }
    let mut extents: Vec<_> = clients.into_values().collect();
    extents.sort();
    assert_eq!(extents, [vec!["SUBTREE"], vec!["SUBTREE", "SELF"]]);
}

#[tokio::test]
async fn keys_may_change_and_the_provider_may_be_away() {
    let mut idp = Idp::new().await;
    let (old, new) = (ed25519("old"), p256("new"));
    idp.publish(&[&old]);
    idp.stop().await;
    let door = Door::new(idp.settings()).await;

    // Nobody can tell whether it is good: that is not the bearer's fault.
    let answer = door.show(&sign(&old, &idp.claims())).await;
    assert_eq!((answer.status, answer.code.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    door.turns_away("what needs no key to be refused", "x.y.z").await;
    idp.start_again().await;
    door.lets_in(&sign(&old, &idp.claims())).await;

    // A new key is found when it is first named; the old one is good for as long as it is published.
    idp.publish(&[&old, &new]);
    door.lets_in(&sign(&new, &idp.claims())).await;
    door.lets_in(&sign(&old, &idp.claims())).await;
    idp.publish(&[&new]);
    door.turns_away("an unknown key", &sign(&ed25519("third"), &idp.claims())).await;
    door.turns_away("a key that was withdrawn", &sign(&old, &idp.claims())).await;

    // What was known stays good while the provider is away.
    idp.stop().await;
    door.lets_in(&sign(&new, &idp.claims())).await;
    let answer = door.show(&sign(&ed25519("fourth"), &idp.claims())).await;
    assert_eq!((answer.status, answer.code.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
}

#[tokio::test]
async fn a_new_key_is_found_although_keys_were_fetched_just_now() {
    let idp = Idp::new().await;
    let (old, new) = (ed25519("old"), ed25519("new"));
    idp.publish(&[&old]);
    let door = Door::new(Settings { min_fetch_interval: Duration::from_secs(1), ..idp.settings() }).await;
    door.lets_in(&sign(&old, &idp.claims())).await;
    idp.publish(&[&old, &new]);
    door.lets_in(&sign(&new, &idp.claims())).await;
    assert_eq!(idp.fetches(), 2);
}

#[tokio::test]
async fn a_token_need_not_name_the_only_key() {
    let idp = Idp::new().await;
    let (one, two) = (ed25519("one"), ed25519("two"));
    let nameless = |pair: &Pair| sign_as(pair, &idp.claims(), |header| header.kid = None);
    idp.publish(&[&one]);
    Door::new(idp.settings()).await.lets_in(&nameless(&one)).await;
    Door::new(idp.settings()).await.turns_away("another key", &nameless(&two)).await;
    idp.publish(&[&one, &two]);
    Door::new(idp.settings()).await.turns_away("which of two?", &nameless(&one)).await;
    let mut bare = one.public.clone();
    bare.as_object_mut().expect("an object").remove("kid");
    idp.published.lock().expect("nobody panicked").keys = vec![bare];
    Door::new(idp.settings()).await.lets_in(&nameless(&one)).await;
}

#[tokio::test]
async fn an_issuer_that_differs_by_a_slash_is_told_with_both_names() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let slash = Settings { issuer: format!("{}/", idp.issuer), ..idp.settings() };
    let told = Provider::new(slash.clone()).expect("a provider").check().await.expect_err("another issuer").to_string();
    assert!(told.contains(&format!("{:?}", idp.issuer)) && told.contains(&format!("{:?}", slash.issuer)) && told.contains("slash"), "{told}");
    assert_eq!(Provider::new(idp.settings()).expect("a provider").check().await.expect("it answers"), 1);
    // The keys are right, and the token's own `iss` has the slash.
    let provider = Arc::new(Provider::new(idp.settings()).expect("a provider"));
    let refused = provider.viewer(&sign(&ed, &idp.claims_with(json!({ "iss": slash.issuer })))).await.expect_err("another issuer");
    let told = format!("{refused:?}");
    assert!(told.contains("iss") && told.contains("slash") && told.contains(&slash.issuer), "{told}");
}

#[tokio::test]
async fn unknown_keys_do_not_make_us_ask_the_provider_again_and_again() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let door = Door::new(Settings { min_fetch_interval: Duration::from_secs(3_600), ..idp.settings() }).await;
    for i in 0..20 {
        door.turns_away("an unknown key", &sign(&ed25519(&format!("unknown-{i}")), &idp.claims())).await;
    }
    door.lets_in(&sign(&ed, &idp.claims())).await;
    assert_eq!(idp.fetches(), 1);
}

#[tokio::test]
async fn keys_come_from_the_provider_that_was_named_or_from_a_file() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("keys.json");
    std::fs::write(&file, json!({ "keys": [ed.public] }).to_string()).expect("a file");
    let address = format!("{}/keys", idp.issuer).parse().expect("an address");
    for keys in [KeySource::File(file), KeySource::Address(address)] {
        let door = Door::new(Settings { keys, ..idp.settings() }).await;
        door.lets_in(&sign(&ed, &idp.claims())).await;
    }
    // A discovery document that speaks of somebody else is not for us.
    let door = Door::new(idp.settings()).await;
    idp.published.lock().expect("nobody panicked").issuer = format!("{}/other", idp.issuer);
    assert_eq!(door.show(&sign(&ed, &idp.claims())).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
