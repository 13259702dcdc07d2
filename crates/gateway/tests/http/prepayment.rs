//! An operation that is refused before it begins pays the least, since it did no work.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use graphql::engine::call::{GraphqlRequest, Rejection};
use graphql::engine::document_cache::DocumentCache;
use graphql::engine::response::GraphqlResponse;
use graphql::engine::response_cache::ResponseCache;
use graphql::engine::timing::OperationTimes;
use graphql::engine::{Engine, Introspection};
use registry::admission::Admission;
use registry::limits::MIN_COST;
use registry::rate_limit::{Client, RateLimits};
use registry::viewer::Viewer;

use crate::TestServer;

/// A full bucket holds the points of a minute.
const POINTS_PER_SECOND: u32 = 1_000;

/// An engine whose permits the test takes.
struct TestEngine {
    server: TestServer,
    engine: Engine,
}

impl TestEngine {
    async fn running(most: usize) -> Self {
        let server = TestServer::new().await;
        let rates = RateLimits { anonymous: POINTS_PER_SECOND, signed_in: POINTS_PER_SECOND };
        let engine = Engine {
            schemas: server.app.engines.clone(),
            admission: Arc::new(Admission::new(Some(rates), most)),
            times: OperationTimes::default(),
            documents: Arc::new(DocumentCache::default()),
            responses: ResponseCache::new(0),
            introspection: Introspection::Open,
            timeout: Duration::from_secs(30),
        };
        Self { server, engine }
    }

    /// Asks for a thousand histories, which costs 20,000 points and runs on a thread of its own.
    async fn ask(&self, check: impl Fn() -> Result<(), Rejection>) -> Result<GraphqlResponse, Rejection> {
        let histories =
            (0..10).fold(String::new(), |text, at| text + &format!("h{at}: history(first: 0) {{ readThrough }} "));
        let query =
            format!("{{ nodes(ids: [{}]) {{ ... on Matter {{ {histories} }} }} }}", "\"mat_ffff\" ".repeat(100));
        let context = self.server.app.request_context(Viewer::default());
        let call = self.engine.call(context, client(), Bytes::new(), true);
        let parse = |_: &Bytes| {
            Ok(GraphqlRequest {
                query,
                hash: None,
                operation: None,
                variables: serde_json::Map::default(),
                long_texts: Vec::new(),
            })
        };
        self.engine.execute(call, check, parse).await
    }

    /// The points that the client has paid, less those that were refilled.
    async fn paid(&self) -> u64 {
        let quota =
            self.engine.admission.spend(client(), 0).await.expect("nothing is spent").expect("there is a rate limit");
        u64::from(quota.allowance.points - quota.remaining)
    }
}

fn client() -> Client {
    Client::SignedIn("a client".to_owned())
}

#[tokio::test]
async fn an_operation_without_a_permit_to_run_pays_the_least() {
    let test = TestEngine::running(1).await;
    let _permit = test.engine.admission.run_permit().await.expect("the only one");
    let refused = test.ask(|| Ok(())).await;
    assert!(matches!(refused, Err(Rejection::Busy)), "{refused:?}");
    assert!(test.paid().await <= MIN_COST, "{}", test.paid().await);
}

#[tokio::test]
async fn an_operation_without_a_permit_to_offload_pays_the_least() {
    let mut test = TestEngine::running(1).await;
    test.engine.timeout = Duration::from_millis(100);
    let mut permits = Vec::new();
    while let Ok(permit) = test.engine.admission.offload_permit(Duration::ZERO).await {
        permits.push(permit);
    }
    let refused = test.ask(|| Ok(())).await;
    assert!(matches!(refused, Err(Rejection::Busy | Rejection::Timeout(_))), "{refused:?}");
    assert!(test.paid().await <= MIN_COST, "{}", test.paid().await);
}

/// While it waits, the client may have been sent other responses that it does not read.
#[tokio::test]
async fn back_pressure_is_checked_again_before_an_expensive_operation_begins() {
    let test = TestEngine::running(1).await;
    let checks = Cell::new(0);
    let check = |refused_at: usize| {
        checks.set(checks.get() + 1);
        if checks.get() == refused_at { Err(Rejection::Busy) } else { Ok(()) }
    };
    let refused = test.ask(|| check(2)).await;
    assert!(matches!(refused, Err(Rejection::Busy)), "{refused:?}");
    assert_eq!(checks.get(), 2);
    assert!(test.paid().await <= MIN_COST, "{}", test.paid().await);
    checks.set(0);
    assert!(test.ask(|| check(3)).await.is_ok());
    assert_eq!(checks.get(), 2);
}
