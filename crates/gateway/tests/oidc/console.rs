//! People who sign in to the console: to the provider and back with a code, PKCE and a nonce.

use std::sync::Arc;

use axum::body::Bytes;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::http::oidc::application::Application;
use gateway::http::oidc::provider::Settings;
use registry::clock;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::net::TcpListener;

use crate::provider::{Idp, Pair, ed25519, sign, sign_as};
use crate::server::TestServer;

const CLIENT: &str = "tongban-console";

/// What the last visit of the authorization endpoint asked for, and the claims of the next ID token.
type Asked = Arc<Mutex<(HashMap<String, String>, Value)>>;

/// The token endpoint of a provider. It issues ID tokens with the claims that are set, without asking for a password.
struct SignIn {
    token_address: String,
    asked: Asked,
}

impl SignIn {
    async fn new(pair: Arc<Pair>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let token_address = format!("http://{}/token", listener.local_addr().expect("an address"));
        let asked: Asked = Arc::default();
        let token = async |State((asked, pair)): State<(Asked, Arc<Pair>)>, form: Bytes| {
            let form: HashMap<String, String> = form_urlencoded::parse(&form).into_owned().collect();
            let (query, claims) = asked.lock().expect("the lock").clone();
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
            assert_eq!(challenge, query["code_challenge"], "PKCE");
            assert_eq!((&form["client_id"], &form["code"]), (&CLIENT.to_owned(), &"the-code".to_owned()));
            let id_token = sign_as(&pair, &claims, |header| header.typ = Some("JWT".to_owned()));
            Json(json!({ "id_token": id_token, "access_token": "opaque", "token_type": "Bearer" }))
        };
        let router = Router::new().route("/token", post(token)).with_state((asked.clone(), pair));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { token_address, asked }
    }
}

struct Browser<'a> {
    server: &'a TestServer,
    cookie: String,
}

struct Page {
    status: StatusCode,
    location: String,
    text: String,
}

impl Browser<'_> {
    async fn open(&mut self, request: Request<Body>) -> Page {
        let (mut parts, body) = self.server.send(request).await.into_parts();
        if let Some(set) = parts.headers.remove(header::SET_COOKIE) {
            self.cookie = set.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        }
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let location = parts.headers.get(header::LOCATION).map_or("", |to| to.to_str().expect("text")).to_owned();
        Page { status: parts.status, location, text: String::from_utf8(body.to_vec()).expect("text") }
    }

    async fn get(&mut self, address: &str) -> Page {
        let request = Request::get(address).header(header::COOKIE, &self.cookie);
        self.open(request.body(Body::empty()).expect("a request")).await
    }

    async fn post(&mut self, address: &str, form: &str) -> Page {
        let request = Request::post(address)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.open(request.body(Body::from(form.to_owned())).expect("a request")).await
    }

    /// Goes to the provider; returns what it is asked for.
    async fn go_to_provider(&mut self) -> HashMap<String, String> {
        let page = self.post("/console/sign-in/provider", "to=/console/people").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let (_, query) = page.location.split_once('?').expect("a query");
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}

/// A provider, a registry, and the claims that the provider puts into the next ID token.
async fn set_up() -> (Idp, Arc<Pair>, SignIn, TestServer) {
    let idp = Idp::new().await;
    let pair = Arc::new(ed25519("ed"));
    idp.publish(&[&pair]);
    let sign_in = SignIn::new(pair.clone()).await;
    idp.published.lock().expect("the lock").token_endpoint = Some(sign_in.token_address.clone());
    let application =
        Application { client_id: CLIENT.to_owned(), client_secret: None, scopes: "openid profile".to_owned() };
    let mut settings = Settings { application: Some(application), ..idp.settings() };
    settings.claims.roles = None;
    let server = TestServer::new(settings).await;
    (idp, pair, sign_in, server)
}

#[tokio::test]
async fn a_person_signs_in_by_code_and_acts_by_the_grants_of_the_registry() {
    let (idp, pair, sign_in, server) = set_up().await;
    let mut browser = Browser { server: &server, cookie: String::new() };
    let page = browser.get("/console/sign-in?to=/console/people").await;
    assert!(page.text.contains("统一身份认证登录"));
    let query = browser.go_to_provider().await;
    assert_eq!(query["redirect_uri"], "http://127.0.0.1:8080/console/signed-in");
    let claims = idp.claims_with(json!({ "aud": CLIENT, "nonce": query["nonce"], "roles": ["STEWARD"] }));
    *sign_in.asked.lock().expect("the lock") = (query.clone(), claims);
    let back = format!("/console/signed-in?code=the-code&state={}", query["state"]);
    let page = browser.get(&back).await;
    assert_eq!((page.status, &*page.location), (StatusCode::SEE_OTHER, "/console/people"));
    // No claim grants anything here: the person is signed in without a role.
    let home = browser.get("/console").await;
    assert!(home.text.contains("王小明") && home.text.contains("还没有任何授权"));
    server.grant(&idp.issuer, "person-7", "REGISTRAR", "440115").await;
    server.grant(&idp.issuer, "person-7", "SIGNATORY", "310112").await;
    let home = browser.get("/console").await;
    assert!(home.text.contains("南沙区 · 经办人"), "{}", home.text);
    // The person has two capacities, and changes to the other.
    let at = home.text.find("name=\"csrf\" value=\"").expect("a form");
    let csrf = home.text[at..].split('"').nth(3).expect("a token").to_owned();
    browser.post("/console/capacity", &format!("csrf={csrf}&capacity=310112&to=/console")).await;
    assert!(browser.get("/console").await.text.contains("闵行区 · 签发人"));
    // The same person with an access token has the same grants.
    let token = sign(&pair, &idp.claims());
    let seen = server.show(&token).await.viewer;
    assert_eq!((&seen["roles"], &seen["district"]["code"]), (&json!(["REGISTRAR"]), &json!("440115")));
}

#[tokio::test]
async fn a_sign_in_that_was_not_begun_here_is_refused() {
    let (idp, _, sign_in, server) = set_up().await;
    let mut browser = Browser { server: &server, cookie: String::new() };
    let query = browser.go_to_provider().await;
    let good = idp.claims_with(json!({ "aud": CLIENT, "nonce": query["nonce"] }));
    let state = &query["state"];
    let mut wrong = Vec::new();
    for (what, claims, address) in [
        ("another state", good.clone(), "/console/signed-in?code=the-code&state=other".to_owned()),
        ("no code", good.clone(), format!("/console/signed-in?error=access_denied&state={state}")),
        (
            "another nonce",
            idp.claims_with(json!({ "aud": CLIENT, "nonce": "other" })),
            format!("/console/signed-in?code=the-code&state={state}"),
        ),
        (
            "another audience",
            idp.claims_with(json!({ "nonce": query["nonce"] })),
            format!("/console/signed-in?code=the-code&state={state}"),
        ),
        (
            "expired",
            idp.claims_with(json!({ "aud": CLIENT, "nonce": query["nonce"], "exp": clock::now().timestamp() - 600 })),
            format!("/console/signed-in?code=the-code&state={state}"),
        ),
    ] {
        *sign_in.asked.lock().expect("the lock") = (query.clone(), claims);
        let page = browser.get(&address).await;
        assert!(page.status.is_client_error(), "{what}: {}", page.status);
        assert!(page.text.contains("没有登录成功"), "{what}");
        wrong.push(what);
    }
    assert_eq!(wrong.len(), 5);
    // Another browser has not begun it.
    *sign_in.asked.lock().expect("the lock") = (query.clone(), good);
    let mut other = Browser { server: &server, cookie: String::new() };
    assert!(other.get(&format!("/console/signed-in?code=the-code&state={state}")).await.status.is_client_error());
    let page = browser.get(&format!("/console/signed-in?code=the-code&state={state}")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}
