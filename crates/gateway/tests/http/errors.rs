//! Internal errors: the cause is logged, and the caller gets an id.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{ServerResult, Value};
use axum::http::StatusCode;
use gateway::http::settings::Settings;
use graphql::engine::run::Engines;
use registry::error::Error;
use registry::rate_limit::RateLimits;
use serde_json::Value as Json;

use crate::log::Log;
use crate::{RESPONSE, TestResponse, TestServer};

/// How many fields have computed without yielding.
static SPUN: AtomicUsize = AtomicUsize::new(0);

/// Makes fields fail by their aliases.
struct Failing;

impl ExtensionFactory for Failing {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Failing {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        match info.alias {
            Some("panics") => panic!("canary of a panic"),
            Some("spins") => {
                let value = next.run(ctx, info).await?;
                SPUN.fetch_add(1, Ordering::Relaxed);
                let began = Instant::now();
                while began.elapsed() < Duration::from_millis(5) {
                    std::hint::spin_loop();
                }
                return Ok(value);
            }
            Some("sleeps") => tokio::time::sleep(Duration::from_secs(60)).await,
            Some("fails") => {
                let error: async_graphql::Error = Error::Internal("canary of a cause".to_owned()).into();
                return Err(error.into_server_error(info.field.name.pos));
            }
            Some(_) | None => {}
        }
        next.run(ctx, info).await
    }
}

pub(crate) fn failing() -> Engines {
    Engines::of(|| graphql::schema::building().extension(Failing))
}

/// The id in the message, which is logged with the cause.
fn error_id(answer: &TestResponse) -> String {
    let message = answer.json()["errors"][0]["message"].as_str().expect("a message").to_owned();
    let (_, id) = message.rsplit_once("错误编号 ").expect("an id");
    id.split_whitespace().next().expect("an id").to_owned()
}

#[tokio::test]
async fn an_operation_that_takes_too_long_times_out() {
    let server = TestServer::failing(Settings { timeout: Duration::from_millis(300), ..Settings::default() }).await;
    let slow = server.ask(&[("accept", RESPONSE)], "{ sleeps: registry { name } }").await;
    assert_eq!((slow.status, slow.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"));
    assert!(slow.json().get("data").is_none());
    assert_eq!(server.ask(&[], "{ registry { name } }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_busy_operation_times_out_and_others_are_answered_meanwhile() {
    let server = TestServer::failing(Settings { timeout: Duration::from_millis(500), ..Settings::default() }).await;
    let ids: Json =
        server.ask(&[], "{ districts(first: 1) { edges { node { id } } } }").await.json()["data"]["districts"]["edges"]
            [0]["node"]["id"]
            .clone();
    let ids = format!("{ids} ").repeat(100);
    // It would take ten seconds.
    let nodes = (0..20).fold(String::new(), |text, at| text + &format!("n{at}: nodes(ids: [{ids}]) {{ spins: id }} "));
    let began = Instant::now();
    let quick = async {
        let mut slowest = Duration::ZERO;
        while began.elapsed() < Duration::from_millis(450) {
            let asked = Instant::now();
            assert_eq!(server.ask(&[], "{ registry { name } }").await.status, StatusCode::OK);
            slowest = slowest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        slowest
    };
    let query = format!("{{ {nodes} }}");
    let (slow, slowest) = futures::join!(server.ask(&[("accept", RESPONSE)], &query), quick);
    assert_eq!((slow.status, slow.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"), "{}", slow.text);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(slowest < Duration::from_millis(400), "{slowest:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let spun = SPUN.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(SPUN.load(Ordering::Relaxed), spun, "the operation was cancelled");
}

#[tokio::test]
async fn an_operation_that_was_cut_off_is_paid_in_full() {
    let rates = Some(RateLimits { anonymous: 10, signed_in: 10 });
    let server =
        TestServer::failing(Settings { rates, timeout: Duration::from_millis(200), ..Settings::default() }).await;
    let cut = "{ changes(first: 0) { readThrough } districts(first: 100) { edges { sleeps: cursor node { code name aliases } } } sleeps: registry { name } }";
    assert_eq!(server.ask(&[], cut).await.status, StatusCode::GATEWAY_TIMEOUT);
    let remaining =
        server.ask(&[], "{ __typename }").await.json()["extensions"]["cost"]["remaining"].as_u64().expect("a number");
    // The price of a hundred districts with five fields each, and a few points were refilled.
    assert!(remaining <= 600 - (20 + 51) + 30, "{remaining}");
}

#[tokio::test]
async fn a_panic_is_an_error_with_an_id_and_its_cause_is_logged() {
    let log = Log::new("info");
    let server = TestServer::failing(Settings { max_running: 1, ..Settings::default() }).await;
    for _ in 0..3 {
        let answer = server.ask(&[], "{ panics: registry { name } }").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR")
        );
        assert!(!answer.text.contains("canary"), "{}", answer.text);
        let [line] = &*log.lines(&error_id(&answer)) else { panic!("not one line: {}", log.text()) };
        assert!(line.contains("canary of a panic"), "{line}");
    }
    // Its permit is released.
    assert_eq!(server.ask(&[], "{ registry { name } }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_internal_error_is_masked_and_its_cause_is_logged() {
    let log = Log::new("info");
    let server = TestServer::failing(Settings::default()).await;
    let answer = server.ask(&[], "{ fails: registry { name } __typename }").await;
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR");
    assert!(!answer.text.contains("canary"), "{}", answer.text);
    let [line] = &*log.lines(&error_id(&answer)) else { panic!("not one line: {}", log.text()) };
    assert!(line.contains("canary of a cause"), "{line}");
}
