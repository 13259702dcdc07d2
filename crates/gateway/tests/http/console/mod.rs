//! The console: agreements are read, signed, rejected, suspended and confirmed by a browser with a session.

mod acts;
mod office;
mod read;
mod records;
mod steward;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use domain::Role;
use registry::clock;
use registry::session::{self, Session};

use crate::{TestResponse, TestServer};

/// The agreement of the records, recorded from paper.
const PAPER: &str = "TB-2021-000001";

/// A browser that has signed in with a key.
struct Browser<'a> {
    server: &'a TestServer,
    cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    /// Issues a key, and signs in with it.
    async fn new(server: &'a TestServer, secret: &str, role: Role, district: Option<&str>) -> Self {
        server.key_for(secret, role, district, None).await;
        let mut browser = Self { server, cookie: String::new(), csrf: String::new() };
        browser.sign_in(secret, "/console").await;
        browser
    }

    /// Signs in, and returns the address that it leads to.
    async fn sign_in(&mut self, secret: &str, to: &str) -> String {
        let signed_in = self.post_as_is("/console/sign-in", &[("key", secret), ("to", to)]).await;
        assert_eq!(signed_in.status, StatusCode::SEE_OTHER, "{}", signed_in.text);
        self.cookie = signed_in.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        let page = self.get("/console/settings").await.text;
        self.csrf = between(&page, "name=\"csrf\" value=\"", "\"").to_owned();
        signed_in.header("location").to_owned()
    }

    async fn get(&self, address: &str) -> TestResponse {
        let request = Request::get(address).header(header::COOKIE, &self.cookie).body(Body::empty());
        self.server.send(request.expect("a request")).await
    }

    /// A page that must be there, in Chinese.
    async fn page(&self, address: &str) -> String {
        let separator = if address.contains('?') { '&' } else { '?' };
        let page = self.get(&format!("{address}{separator}lang=zh")).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        page.text
    }

    async fn post_as_is(&self, address: &str, fields: &[(&str, &str)]) -> TestResponse {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(address)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.server.send(request.expect("a request")).await
    }

    /// Submits a form of this session.
    async fn post(&self, address: &str, fields: &[(&str, &str)]) -> TestResponse {
        let fields: Vec<_> = [("csrf", self.csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.post_as_is(&format!("{address}?lang=zh"), &fields).await
    }

    /// Submits a form that is accepted, and returns the page that it leads to.
    async fn done(&self, address: &str, fields: &[(&str, &str)]) -> String {
        let response = self.post(address, fields).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{address}: {}", problems(&response.text));
        let to = response.header("location").to_owned();
        let page = self.get(&to).await;
        assert_eq!(page.status, StatusCode::OK, "{to}");
        page.text
    }

    /// Makes the last proof of the identity old.
    async fn grow_old(&self) {
        let token = self.cookie.split_once('=').expect("a cookie").1;
        let store = &self.server.store;
        let found = session::find(store, token, clock::now()).await.expect("it reads").expect("a session");
        let old = Session { confirmed_at: found.confirmed_at - TimeDelta::minutes(6), ..found };
        session::change(store, token, &old).await.expect("it changes");
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("{before} is missing"));
    rest.split(after).next().unwrap_or(rest)
}

/// The summary of a form that was not accepted.
fn problems(page: &str) -> &str {
    page.split("class=\"summary\"").nth(1).map_or("", |rest| rest.split("</div>").next().unwrap_or(rest))
}

fn has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is missing:\n{page}");
    }
}

/// Drafts an agreement of Nansha and Minhang by the API, and returns its number.
async fn draft(server: &TestServer, secret: &str) -> String {
    let draft = r#"mutation { draftAgreement(input: { proposer: "440115", title: "南沙、闵行补充协议", parties: [{ district: "440115" }, { district: "310112" }],
        schedule: [{ key: "户政", receiving: ["440115"], competent: ["310112"], matters: ["LGA000000001", "LYB000000001"], mode: PROXY_COLLECTION, terms: { proxyCollection: { transferDays: 3 } } }] })
        { agreement { number } problems { rule } } }"#;
    let credential = format!("Bearer {secret}");
    let drafted = server.ask(&[("authorization", &credential)], draft).await.json();
    drafted["data"]["draftAgreement"]["agreement"]["number"].as_str().unwrap_or_else(|| panic!("{drafted}")).to_owned()
}

/// The same, proposed to both.
async fn proposal(server: &TestServer) -> String {
    server.key_for("tb_drafting", Role::Registrar, Some("440115"), None).await;
    let number = draft(server, "tb_drafting").await;
    let propose = format!(
        r#"mutation {{ proposeVersion(input: {{ number: "{number}", version: 1, answerBy: "2098-12-31" }}) {{ problems {{ rule }} }} }}"#
    );
    let proposed = server.ask(&[("authorization", "Bearer tb_drafting")], &propose).await.json();
    assert_eq!(proposed["data"]["proposeVersion"]["problems"], serde_json::json!([]), "{proposed}");
    number
}
