//! Requests beyond the limits, and requests in forms that are refused.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use persistence::{Mode, import};
use registry::clock;
use registry::limits::MAX_COST;
use serde_json::json;
use tempfile::TempDir;

use crate::TestServer;

#[tokio::test]
async fn a_document_beyond_a_limit_is_refused_at_once_and_others_are_answered() {
    let server = TestServer::new().await;
    let aliases = (0..101).fold(String::new(), |text, at| text + &format!("a{at}: name "));
    let bomb = |doublings: u32, on: &str, first: &str, last: &str| {
        let mut document = format!("{{ {first} }}");
        for at in 0..doublings {
            let _ = write!(document, " fragment f{at} on {on} {{ ...f{} ...f{} }}", at + 1, at + 1);
        }
        document + &format!(" fragment f{doublings} on {on} {{ {last} }}")
    };
    let too_much = [
        ("101 aliases", format!("{{ registry {{ {aliases} }} }}")),
        ("101 aliases in a fragment", format!("{{ registry {{ ...f }} }} fragment f on Registry {{ {aliases} }}")),
        ("2^16", bomb(16, "Query", "...f0", "__typename")),
        ("2^20", bomb(20, "Query", "...f0", "__typename")),
        ("2^28", bomb(28, "Registry", "registry { ...f0 }", "name")),
        ("500 fields", format!("{{ {} }}", "__typename ".repeat(500))),
        ("50 directives", format!("{{ __typename {} }}", "@skip(if: false) ".repeat(50))),
        ("1000 unknown directives", format!("{{ __typename {} }}", "@unknown ".repeat(1_000))),
        (
            "1000 operations",
            (0..1_000).fold(String::new(), |text, at| text + &format!("query q{at} {{ __typename }} ")),
        ),
        ("100000 tokens", "{".repeat(100_000)),
        ("30 deep", "{ registry ".repeat(30) + &"}".repeat(30)),
    ];
    for (what, document) in too_much {
        let began = Instant::now();
        let answer = server.ask(&[], &document).await;
        assert!(began.elapsed() < Duration::from_secs(2), "{what}: {:?}", began.elapsed());
        assert_eq!(answer.code(), "OPERATION_TOO_COSTLY", "{what}: {}", answer.text);
        assert!(answer.text.len() < 1_000 && answer.json().get("data").is_none(), "{what}: {}", answer.text);
    }
    assert_eq!(server.ask(&[], "{ __typename }").await.json()["data"]["__typename"], "Query");
}

#[tokio::test]
async fn a_circle_of_fragments_is_refused() {
    let server = TestServer::new().await;
    let circle = server.ask(&[], "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }").await;
    assert_eq!(circle.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn an_operation_of_the_maximum_cost_passes_and_a_more_expensive_one_does_not() {
    let server = TestServer::new().await;
    let histories =
        (0..25).fold(String::new(), |text, at| text + &format!("h{at}: history(first: 0) {{ readThrough }} "));
    // Five points for each node, and twenty for each of its histories.
    let ask = async |ids: usize| {
        let query =
            format!("{{ nodes(ids: [{}]) {{ ... on Matter {{ {histories} }} }} }}", "\"mat_ffff\" ".repeat(ids));
        let answer = server.ask(&[], &query).await;
        (answer.json()["extensions"]["cost"]["requested"].as_u64().expect("a price"), answer)
    };
    let (price, most) = ask(98).await;
    assert!(price <= MAX_COST && price + 505 > MAX_COST && most.json()["errors"].is_null(), "{price}");
    let (price, more) = ask(99).await;
    assert!(price > MAX_COST && more.code() == "OPERATION_TOO_COSTLY", "{price}");
}

#[tokio::test]
async fn a_response_that_would_be_too_long_is_refused() {
    let server = TestServer::new().await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("long.ndjson");
    let aliases: Vec<String> = (0..60).map(|at| format!("{at}{}", "别名".repeat(25))).collect();
    let line = json!({ "type": "matter", "code": "LYB000000099", "name": "很长的事项", "domain": "OTHER", "audience": ["NATURAL_PERSON"], "aliases": aliases });
    std::fs::write(&file, format!("{line}\n")).expect("it is written");
    let report = import(&server.store, &[file], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
    assert_eq!(report.faults, []);
    server.app.wait_for_revision(report.revision, Duration::from_secs(10)).await.expect("it arrives");
    let id = format!("chg_{:x}", report.revision);
    let fields = (0..40).fold(String::new(), |text, at| text + &format!("a{at}: document "));
    let ask = async |times: usize, fragment: &str| {
        let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Change {{ {fragment} }} }} }}");
        server.post(&[], json!({ "query": query, "variables": { "ids": vec![id.as_str(); times] } }).to_string()).await
    };
    let short = ask(1, "document").await.json();
    assert_eq!(short["data"]["nodes"][0]["document"]["aliases"].as_array().map(Vec::len), Some(60), "{short}");
    let long = ask(10, &fields).await;
    assert!(long.json()["errors"].is_null() && long.text.len() > 3_000_000, "{}", long.text.len());
    for times in [30, 100] {
        let too_long = ask(times, &fields).await;
        assert_eq!(too_long.code(), "OPERATION_TOO_COSTLY", "{times}");
        assert!(too_long.text.len() < 1_000 && too_long.json().get("data").is_none(), "{}", too_long.text.len());
        let beside = &too_long.json()["extensions"];
        assert!(beside["revision"].is_u64() && beside["cost"]["requested"].is_u64(), "{beside}");
    }
    // An alias is repeated in every entry of a list, so its length is limited.
    let named = |letters: usize| format!("{{ {}: registry {{ name }} }}", "x".repeat(letters));
    assert!(server.ask(&[], &named(128)).await.json()["errors"].is_null());
    assert_eq!(server.ask(&[], &named(129)).await.code(), "OPERATION_TOO_COSTLY");
}

#[tokio::test]
async fn uploads_are_refused() {
    let server = TestServer::new().await;
    let mut body = String::from(
        "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{__typename}\"}\r\n",
    );
    for at in 0..9 {
        let _ =
            write!(body, "--x\r\nContent-Disposition: form-data; name=\"{at}\"; filename=\"{at}.pdf\"\r\n\r\n%PDF\r\n");
    }
    for address in ["/graphql", "/documents/doc_1", "/"] {
        let request = Request::post(address)
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Body::from(body.clone() + "--x--"));
        let answer = server.send(request.expect("a request")).await;
        assert!(
            matches!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::METHOD_NOT_ALLOWED),
            "{address}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn requests_that_an_html_form_can_send_are_refused() {
    let server = TestServer::new().await;
    server.key("tb_good", None).await;
    let change = r#"mutation { retireMatter(input: { code: "LGA000000001", reason: "x" }) { revision } }"#;
    let before = server.app.revision();
    let kinds = [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/json; charset=utf-16"),
        Some("application/json, text/plain"),
        Some("application/graphql"),
        None,
    ];
    for kind in kinds {
        let request = Request::post("/graphql").header("authorization", "Bearer tb_good");
        let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
        let answer =
            server.send(request.body(Body::from(json!({ "query": change }).to_string())).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind:?}");
    }
    let query: String = form_urlencoded::byte_serialize(change.as_bytes()).collect();
    assert_eq!(server.get(&format!("/graphql?query={query}")).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.app.revision(), before);
}

#[tokio::test]
async fn search_words_are_text_and_never_a_pattern_or_sql() {
    let server = TestServer::new().await;
    let found = async |search: &str| {
        let query =
            "query($search: String) { districts(search: $search) { totalCount } matters(search: $search) { totalCount }
            offerings(district: \"310112\", search: $search) { totalCount } agreements(search: $search) { totalCount }
            availableMatters(receiving: \"440115\", search: $search) { totalCount } }";
        let answer =
            server.post(&[], json!({ "query": query, "variables": { "search": search } }).to_string()).await.json();
        assert!(answer["errors"].is_null(), "{search}: {answer}");
        let counts = ["districts", "matters", "offerings", "agreements", "availableMatters"]
            .map(|list| answer["data"][list]["totalCount"].as_u64());
        counts.map(|count| count.expect("a count"))
    };
    let all = found("").await;
    assert!(all.iter().all(|count| *count > 0), "{all:?}");
    assert!(found("身份证").await[1] > 0);
    let revision = server.app.revision();
    // Punctuation alone finds nothing.
    for signs in ["%", "_", "\\", "'", "%_\\'", "[-]*", "\u{202e}"] {
        assert_eq!(found(signs).await, [0; 5], "{signs:?}");
    }
    for hostile in ["身份%", "身_份", "'身份'", "\\身份;--"] {
        assert_eq!(found(hostile).await, found("身份").await, "{hostile:?}");
    }
    for hostile in ["' OR '1'='1", "'; DROP TABLE matter; --", "身%证", "[a-z]*", "$17", "?17", "\0x", "NULL"] {
        assert_eq!(found(hostile).await, [0; 5], "{hostile:?}");
    }
    // The same for codes and ids, which are parsed first.
    for hostile in ["' OR 1=1", "440115'--", "%", "../../etc/passwd"] {
        let query = "query($code: DistrictCode!, $id: ID!) { district(code: $code) { name } node(id: $id) { id } }";
        let answer = server
            .post(&[], json!({ "query": query, "variables": { "code": hostile, "id": hostile } }).to_string())
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{hostile}");
    }
    assert_eq!((server.app.revision(), found("").await), (revision, all));
}
