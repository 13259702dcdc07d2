//! Sessions of the console: signing in with a key, forms with their token, and the end of a session.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use domain::Role;
use registry::clock;

use crate::{TestResponse, TestServer};

/// The value of the cookie that a response sets.
fn cookie(response: &TestResponse) -> String {
    response.header(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned()
}

/// The token of the forms on a page.
fn csrf(page: &str) -> &str {
    let at = page.find("name=\"csrf\" value=\"").expect("a form with a token");
    page[at..].split('"').nth(3).expect("a value")
}

impl TestServer {
    async fn submit(&self, address: &str, cookie: &str, form: &str) -> TestResponse {
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie)
            .body(Body::from(form.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    async fn console(&self, address: &str, cookie: &str) -> TestResponse {
        let request = Request::get(address).header(header::COOKIE, cookie).body(Body::empty()).expect("a request");
        self.send(request).await
    }

    async fn signed_in(&self, secret: &str) -> String {
        let response = self.submit("/console/sign-in", "", &format!("key={secret}&to=/console")).await;
        assert_eq!((response.status, response.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/console"));
        cookie(&response)
    }
}

#[tokio::test]
async fn a_key_signs_in_and_out() {
    let server = TestServer::new().await;
    server.key_for("tb_steward", Role::Steward, None, None).await;
    let asked = server.get("/console/keys").await;
    assert_eq!(asked.header(header::LOCATION), "/console/sign-in?to=%2Fconsole%2Fkeys");
    let wrong = server.submit("/console/sign-in", "", "key=tb_wrong&to=/console").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text.contains("密钥无效") && !wrong.text.contains("tb_wrong"));
    // Only pages of this site are followed.
    let far = server.submit("/console/sign-in", "", "key=tb_steward&to=//evil.example").await;
    assert_eq!(far.header(header::LOCATION), "/console");
    let set = far.header(header::SET_COOKIE);
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");

    let session = server.signed_in("tb_steward").await;
    let page = server.console("/console/keys", &session).await;
    assert_eq!((page.status, page.header(header::CACHE_CONTROL)), (StatusCode::OK, "no-store"));
    assert!(page.text.contains("平台管理员"));
    let form = format!("csrf={}", csrf(&page.text));
    let out = server.submit("/console/sign-out", &session, &form).await;
    assert_eq!(out.header(header::LOCATION), "/console/sign-in");
    assert_eq!(server.console("/console/keys", &session).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_everywhere_ends_the_sessions_at_every_gateway() {
    let server = TestServer::new().await;
    server.key_for("tb_steward", Role::Steward, None, None).await;
    let (one, other) = (server.signed_in("tb_steward").await, server.signed_in("tb_steward").await);
    // Another gateway on the same database knows the session.
    let app = gateway::app::App::load(server.store.clone()).await.expect("it loads");
    let elsewhere = TestServer {
        router: gateway::http::router(app.clone(), gateway::http::settings::Settings::default()),
        app,
        ..server
    };
    let page = elsewhere.console("/console", &one).await;
    assert_eq!(page.status, StatusCode::OK);
    let form = format!("csrf={}&everywhere=1", csrf(&page.text));
    elsewhere.submit("/console/sign-out", &one, &form).await;
    for session in [one, other] {
        assert_eq!(elsewhere.console("/console", &session).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_form_without_the_token_or_from_another_site_does_nothing() {
    let server = TestServer::new().await;
    server.key_for("tb_steward", Role::Steward, None, None).await;
    let session = server.signed_in("tb_steward").await;
    let issue = "act=issue&name=伙伴系统&roles=PARTNER";
    let forged = server.submit("/console/keys", &session, issue).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    // What was typed is on the page, to be submitted with the right token.
    assert!(forged.text.contains("value=\"伙伴系统\""));
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let page = server.console("/console/keys", &session).await;
        let request = Request::post("/console/keys")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, &session)
            .header(name, value)
            .body(Body::from(format!("csrf={}&{issue}", csrf(&page.text))))
            .expect("a request");
        assert_eq!(server.send(request).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(server.store.keys().await.expect("keys").len(), 1, "no key was issued");
    let page = server.console("/console/keys", &session).await;
    let issued = server.submit("/console/keys", &session, &format!("csrf={}&{issue}", csrf(&page.text))).await;
    assert!(issued.text.contains("只显示这一次"), "{}", issued.text);
    assert_eq!(server.store.keys().await.expect("keys").len(), 2);
}

#[tokio::test]
async fn a_form_whose_session_has_ended_is_submitted_after_signing_in() {
    let server = TestServer::new().await;
    let key = server.key_for("tb_steward", Role::Steward, None, None).await;
    let session = server.signed_in("tb_steward").await;
    server.store.end_sessions_of(&key.to_string()).await.expect("they end");
    let kept = server.submit("/console/keys", &session, "act=issue&name=伙伴系统&roles=PARTNER&csrf=old").await;
    assert_eq!(kept.status, StatusCode::UNAUTHORIZED);
    assert!(kept.text.contains("您填写的内容没有丢失"));
    let at = kept.text.find("name=\"kept\" value=\"").expect("the form is kept");
    let form = kept.text[at..].split('"').nth(3).expect("a value").replace("&amp;", "&");
    let escaped: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
    let again = server.submit("/console/sign-in", "", &format!("key=tb_steward&to=/console/keys&kept={escaped}")).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.text.contains("value=\"伙伴系统\"") && again.text.contains("继续提交"));
    let form = format!("csrf={}&{form}", csrf(&again.text));
    let issued = server.submit("/console/keys", &cookie(&again), &form).await;
    assert!(issued.text.contains("只显示这一次"));
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_its_key_is_revoked() {
    let server = TestServer::new().await;
    server.key_for("tb_steward", Role::Steward, None, None).await;
    server.key_for("tb_soon", Role::Steward, None, Some(clock::now() + TimeDelta::milliseconds(1_500))).await;
    let soon = server.signed_in("tb_soon").await;
    assert_eq!(server.console("/console", &soon).await.status, StatusCode::OK);
    tokio::time::sleep(std::time::Duration::from_millis(1_600)).await;
    assert_eq!(server.console("/console", &soon).await.status, StatusCode::SEE_OTHER);

    let store = &server.store;
    let later = clock::now() + registry::session::IDLE_TIMEOUT + TimeDelta::seconds(1);
    let session = server.signed_in("tb_steward").await;
    let token = session.split('=').nth(1).expect("a token");
    let found = async |now| registry::session::find(store, token, now).await.expect("it is read").is_some();
    assert!(found(clock::now()).await && !found(later).await);
}

#[tokio::test]
async fn a_long_form_without_a_session_is_not_read() {
    let server = TestServer::new().await;
    let long = format!("name={}", "x".repeat(600 * 1024));
    let asked = server.submit("/console/keys", "", &long).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(asked.text.contains("登录已过期") && !asked.text.contains("name=\"kept\""));
    assert_eq!(server.submit("/console/sign-in", "", &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}
