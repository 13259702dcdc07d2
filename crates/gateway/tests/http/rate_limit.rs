//! Cost and rate limits.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use gateway::http::settings::Settings;
use persistence::{Mode, import};
use registry::clock;
use registry::limits::REFUSAL_DELAY;
use registry::limits::THROTTLE_DELAY;
use registry::rate_limit::RateLimits;
use serde_json::json;
use tempfile::TempDir;

use crate::{RESPONSE, TestServer};

#[tokio::test]
async fn every_response_has_its_cost() {
    let server = TestServer::new().await;
    let cost = async |query: &str| server.ask(&[], query).await.json()["extensions"]["cost"].clone();
    assert_eq!(cost("{ __typename }").await, json!({ "requested": 2, "actual": 2, "maximum": 50_000 }));
    assert_eq!(cost("{ changes(first: 3) { edges { cursor } } }").await["requested"], 20 + 1);
    let histories = (0..40).fold(String::new(), |text, at| text + &format!("h{at}: history {{ totalCount }} "));
    let wide = format!("{{ nodes(ids: [{}]) {{ ... on Matter {{ {histories} }} }} }}", "\"mat_1\" ".repeat(100));
    let refused = server.ask(&[("accept", RESPONSE)], &wide).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "OPERATION_TOO_COSTLY"));
    assert!(refused.json()["extensions"]["cost"]["requested"].as_u64().expect("a price") > 50_000);
    assert_eq!(refused.json()["extensions"]["cost"]["actual"], 2);
    for bomb in ["{ a: __typename ".repeat(3), format!("{{ {} }}", "__typename ".repeat(500)), "{".repeat(10_000)] {
        let refused = server.ask(&[], &bomb).await.json();
        assert!(refused.get("data").is_none() && refused["extensions"]["cost"]["requested"] == 2, "{refused}");
    }
    let limits =
        server.ask(&[], "{ registry { limits { maxDepth maxCost maxTokens maxAliases maxRootFields maxBodyBytes maxPageSize points } } }").await;
    assert_eq!(
        limits.json()["data"]["registry"]["limits"],
        json!({ "maxDepth": 20, "maxCost": 50_000, "maxTokens": 5_000, "maxAliases": 50, "maxRootFields": 20, "maxBodyBytes": 262_144, "maxPageSize": 100, "points": null })
    );
}

#[tokio::test]
async fn a_client_beyond_its_rate_limit_is_refused_and_others_are_not() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() })
            .await;
    server.key("tb_good", None).await;
    let first = server.ask(&[], "{ registry { limits { points pointsPerSecond } } }").await.json();
    assert_eq!(first["data"]["registry"]["limits"], json!({ "points": 120, "pointsPerSecond": 2 }));
    let cost = &first["extensions"]["cost"];
    let told = ["requested", "actual", "maximum", "limit", "restoreRate"].map(|name| cost[name].as_u64());
    assert_eq!(told, [2, 2, 120, 120, 2].map(Some));
    assert!(cost["remaining"].as_u64().is_some_and(|remaining| remaining >= 118), "{cost}");
    let feeds = |count: usize| {
        (0..count).fold(String::from("{"), |text, at| text + &format!(" f{at}: changes(first: 0) {{ readThrough }}"))
            + " }"
    };
    let page = &*feeds(5);
    assert_eq!(server.ask(&[], page).await.status, StatusCode::OK);
    let begun = Instant::now();
    let refused = server.ask(&[("accept", RESPONSE)], page).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
    assert!(begun.elapsed() >= REFUSAL_DELAY, "a client that retries waits");
    assert!(refused.header("retry-after").parse::<u64>().expect("seconds") > 30);
    assert_eq!(refused.json()["extensions"]["cost"]["requested"], 101);
    assert_eq!(
        server.ask(&[("authorization", "Bearer tb_good")], page).await.json()["extensions"]["cost"]["limit"],
        6_000
    );
    assert_eq!(server.get("/").await.status, StatusCode::TOO_MANY_REQUESTS);
    // An operation that can never be paid for has no retry-after.
    let never = server.ask(&[], &feeds(6)).await.json();
    assert_eq!(never["errors"][0]["extensions"]["code"], "OPERATION_TOO_COSTLY");
    assert_eq!(
        (&never["extensions"]["cost"]["requested"], &never["extensions"]["cost"]["actual"]),
        (&json!(122), &json!(2))
    );
    assert_eq!(server.get("/health/live").await.status, StatusCode::OK);
    let begun = Instant::now();
    assert_eq!(
        server.ask(&[("authorization", "Bearer tb_wrong")], "{ __typename }").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(begun.elapsed() >= REFUSAL_DELAY, "a client that guesses waits");
    assert_eq!(
        server.ask(&[("authorization", "Bearer tb_wrong")], "{ __typename }").await.code(),
        "RATE_LIMITED",
        "guessing costs points"
    );
}

#[tokio::test]
async fn a_page_that_counts_the_matters_of_partners_costs_a_point_for_each() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 3, signed_in: 100 }), ..Settings::default() })
            .await;
    let codes: Vec<_> = (0..40).map(|at| format!("4403{at:02}")).collect();
    let parties = codes.iter().map(String::as_str).chain(["440115"]).map(|code| json!({ "district": code }));
    let alliance = json!({
        "type": "agreement", "key": "alliance", "title": "示例联盟", "signedOn": "2021-05-31", "effectiveFrom": "2021-06-01",
        "parties": parties.collect::<Vec<_>>(), "schedule": [{ "matters": ["LYB000000001"], "mode": "FULL_ONLINE" }],
    });
    let districts =
        codes.iter().map(|code| json!({ "type": "district", "code": code, "name": code, "kind": "COUNTY" }));
    let lines: Vec<_> = districts.chain([alliance]).map(|line| line.to_string()).collect();
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("alliance.ndjson");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    let report = import(&server.store, &[file], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
    assert_eq!(report.faults, []);
    server.app.wait_for_revision(report.revision, Duration::from_secs(10)).await.expect("it arrives");

    let remaining = async || {
        server.ask(&[], "{ __typename }").await.json()["extensions"]["cost"]["remaining"].as_u64().expect("points")
    };
    let mut left = remaining().await;
    let mut spent = Vec::new();
    for page in ["/", "/?receiving=440115"] {
        assert_eq!(server.get(page).await.status, StatusCode::OK);
        let now = remaining().await;
        spent.push(left - now);
        left = now;
    }
    // The alliance has 40 partners; 闵行 is one more. Meanwhile some points have come back.
    let additional = spent[1].saturating_sub(spent[0]);
    assert!((31..=42).contains(&additional), "the points of each page: {spent:?}");
}

#[tokio::test]
async fn unused_points_are_refunded() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() })
            .await;
    server.key("tb_good", None).await;
    let good = [("authorization", "Bearer tb_good")];
    let query = format!(
        "{{ nodes(ids: [{}]) {{ ... on Matter {{ history {{ totalCount }} }} }} }}",
        "\"mat_ffff\" ".repeat(40)
    );
    let cost = server.ask(&good, &query).await.json()["extensions"]["cost"].clone();
    // Looking for the nodes was work; their histories were not resolved. Running on another thread costs a point.
    assert_eq!((&cost["requested"], &cost["actual"]), (&json!(40 * 25 + 9 + 1), &json!(40 * 5 + 1 + 1)));
    assert!(cost["remaining"].as_u64().expect("a number") >= 6_000 - 202, "{cost}");
}

#[tokio::test]
async fn an_address_that_spends_fast_is_throttled() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 5, signed_in: 5 }), ..Settings::default() })
            .await;
    let begun = Instant::now();
    let page = server.ask(&[], "{ a: changes(first: 0) { readThrough } b: changes(first: 0) { readThrough } }").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(begun.elapsed() >= THROTTLE_DELAY, "it costs more than comes back in five seconds");
}

#[tokio::test]
async fn reading_a_document_costs_points_once_and_also_when_it_is_refused() {
    let rates = Some(RateLimits { anonymous: 20, signed_in: 100 });
    let server = TestServer::with(Settings { rates, response_cache_bytes: 0, ..Settings::default() }).await;
    let long = format!("{{ registry {{ {} }} }}", "name ".repeat(295));
    let mut before = 1_200;
    let began = Instant::now();
    // 200 of its 300 tokens cost points until it is cached. Some points are refilled meanwhile.
    for reading in [25, 0, 0] {
        let cost = server.ask(&[], &long).await.json()["extensions"]["cost"].clone();
        let (requested, remaining) =
            (cost["requested"].as_i64().expect("a price"), cost["remaining"].as_i64().expect("a number"));
        let back = (began.elapsed().as_secs() as i64 + 1) * 20;
        assert!((reading - back..=reading).contains(&(before - remaining - requested)), "{cost}, and {before} before");
        before = remaining;
    }
    // A malformed document of 4,000 tokens and 20 KB.
    let unreadable = format!("{{ registry {{ {}", "name ".repeat(3_997));
    let server = TestServer::with(Settings { rates, ..Settings::default() }).await;
    for _ in 0..2 {
        assert_eq!(server.ask(&[], &unreadable).await.code(), "GRAPHQL_PARSE_FAILED");
    }
    assert_eq!(server.ask(&[], &unreadable).await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn an_exhausted_client_is_rejected_before_parsing() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 1, signed_in: 100 }), ..Settings::default() })
            .await;
    let never = || {
        Body::from_stream(futures::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> {
            panic!("the body was read")
        }))
    };
    let feeds = "{ a: changes(first: 0) { readThrough } b: changes(first: 0) { readThrough } }";
    let remaining = server.ask(&[], feeds).await.json()["extensions"]["cost"]["remaining"].as_u64();
    // On a busy machine some points are refilled meanwhile.
    assert!(remaining.is_some_and(|remaining| (60 - 41..60 - 30).contains(&remaining)), "{remaining:?}");
    // A wrong credential takes all points that are left.
    assert_eq!(
        server.ask(&[("authorization", "Bearer tb_wrong")], "{ __typename }").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(server.post(&[], never()).await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn concurrent_long_documents_are_answered_or_refused_as_busy() {
    let server = TestServer::new().await;
    let documents: Vec<String> =
        (0..30).map(|at| format!("{{ registry {{ {} }} }} # {at}", "name ".repeat(1_500))).collect();
    let answers = futures::future::join_all(documents.iter().map(|document| server.ask(&[], document))).await;
    for answer in answers {
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE), "{}", answer.text);
    }
}

#[tokio::test]
async fn more_requests_than_may_run_are_refused_with_retry_after() {
    let server = TestServer::with(Settings { max_running: 0, ..Settings::default() }).await;
    let answer = server.ask(&[], "{ __typename }").await;
    assert_eq!(
        (answer.status, answer.code().as_str(), answer.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "1")
    );
}
