//! The contents of documents, and the long requests that attach them.

use axum::body::Body;
use axum::http::Request;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Role;
use serde_json::{Value, json};

use crate::TestServer;

const ATTACH: &str = "mutation($input: AttachDocumentInput!) { attachDocument(input: $input) { problems { rule } agreement { documents { id url digest } } } }";

fn attaching(content: &[u8], released: bool) -> String {
    let input = json!({
        "number": "TB-2021-000001", "party": "440115", "name": "协议 扫描件.pdf", "mediaType": "application/pdf",
        "content": STANDARD.encode(content), "released": released,
    });
    json!({ "query": ATTACH, "variables": { "input": input } }).to_string()
}

#[tokio::test]
async fn a_document_is_sent_only_to_callers_who_may_see_it() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    server.key_for("tb_minhang", Role::Signatory, Some("310112"), None).await;
    server.key("tb_partner", None).await;
    let (nansha, minhang) = ([("authorization", "Bearer tb_nansha")], [("authorization", "Bearer tb_minhang")]);
    let attached = server.post(&nansha, attaching(b"%PDF-1.7", false)).await.json();
    let document = &attached["data"]["attachDocument"]["agreement"]["documents"][0];
    let url = document["url"].as_str().expect("an address").to_owned();
    let fetch = async |header: Option<(&str, &str)>| {
        let request = header.into_iter().fold(Request::get(&url), |request, (name, value)| request.header(name, value));
        server.send(request.body(Body::empty()).expect("a request")).await
    };

    let fetched = fetch(Some(minhang[0])).await;
    assert_eq!((fetched.status, fetched.text.as_str()), (StatusCode::OK, "%PDF-1.7"));
    let expected = [
        ("content-type", "application/pdf"),
        ("content-disposition", "attachment; filename*=UTF-8''%E5%8D%8F%E8%AE%AE%20%E6%89%AB%E6%8F%8F%E4%BB%B6.pdf"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "private, no-store"),
        ("etag", &format!("\"{}\"", document["digest"].as_str().expect("a digest"))),
    ];
    for (name, value) in expected {
        assert_eq!(fetched.header(name), value, "{name}");
    }
    // For other callers it looks like a document that never existed.
    let never = server.get("/documents/doc_fffff").await;
    assert_eq!((never.status, never.code().as_str()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    assert_eq!(server.get("/documents/doc_0f").await.text, never.text);
    for header in [None, Some(("authorization", "Bearer tb_partner"))] {
        let hidden = fetch(header).await;
        assert_eq!((hidden.status, hidden.text), (never.status, never.text.clone()));
        assert_eq!(hidden.headers, never.headers);
    }
    assert_eq!(fetch(Some(("authorization", "Bearer tb_nobody"))).await.status, StatusCode::UNAUTHORIZED);

    server.post(&nansha, attaching(b"%PDF-1.7", true)).await;
    let released = fetch(None).await;
    assert_eq!((released.status, released.header("cache-control")), (StatusCode::OK, "no-cache"));
    let etag = released.header("etag").to_owned();
    let known = fetch(Some(("if-none-match", &etag))).await;
    assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test]
async fn a_large_document_is_sent_with_its_length() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let nansha = [("authorization", "Bearer tb_nansha")];
    let content: String =
        ["%PDF-1.7".to_owned()].into_iter().chain((0..400_000).map(|number| format!("{number:07}"))).collect();
    let attached = server.post(&nansha, attaching(content.as_bytes(), true)).await.json();
    let url =
        attached["data"]["attachDocument"]["agreement"]["documents"][0]["url"].as_str().expect("an address").to_owned();
    let fetched = server.get(&url).await;
    assert_eq!(
        (fetched.status, fetched.header("content-length")),
        (StatusCode::OK, content.len().to_string().as_str())
    );
    assert!(fetched.text == content);
}

#[tokio::test]
async fn a_long_request_requires_a_credential() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let nansha = [("authorization", "Bearer tb_nansha")];
    let with = |bytes: usize| attaching(&[b"%PDF-1.7".to_vec(), vec![b' '; bytes - 8]].concat(), false);
    let whole = with(10 << 20);
    assert_eq!(server.post(&[], whole.clone()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        server.post(&[("authorization", "Bearer tb_nobody")], whole.clone()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let attached = server.post(&nansha, whole).await.json();
    assert_eq!(attached["data"]["attachDocument"]["problems"], json!([]), "{attached}");
    let problems = &server.post(&nansha, with((10 << 20) + 1)).await.json()["data"]["attachDocument"]["problems"];
    assert_eq!(*problems, json!([{ "rule": "TOO_LARGE" }]));
    assert_eq!(server.post(&nansha, with(11 << 20)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // The limit of the document itself is the same for all callers.
    let long = format!("{{__typename}}{}", " ".repeat(256 * 1024));
    assert_eq!(server.ask(&nansha, &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_file_may_come_in_any_form_of_request() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let nansha = [("authorization", "Bearer tb_nansha")];
    // Bytes that are slashes in base64.
    let file = |last: u8| STANDARD.encode([b"%PDF-1.7 ".to_vec(), vec![0xFF; 300_000], vec![last]].concat());
    let input = |content: &str, key: &str| json!({ "number": "TB-2021-000001", "party": "440115", "name": "a.pdf", "mediaType": "application/pdf", "content": content, "idempotencyKey": key });
    let sent = async |query: &str, variables: Value, escaped: bool| {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer = server.post(&nansha, if escaped { body.replace('/', "\\/") } else { body }).await.json();
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].clone()
    };
    const ONE: &str =
        "mutation($i: AttachDocumentInput!) { a: attachDocument(input: $i) { revision problems { rule } } }";
    let first = sent(ONE, json!({ "i": input(&file(1), "一") }), false).await;
    assert_eq!(first["a"]["problems"], json!([]));
    // The same input again, with escapes or in parts, is the same request; another content is not.
    assert_eq!(sent(ONE, json!({ "i": input(&file(1), "一") }), true).await, first);
    let in_parts = r#"mutation($c: String!) { a: attachDocument(input: { number: "TB-2021-000001", party: "440115", name: "a.pdf",
        mediaType: "application/pdf", content: $c, idempotencyKey: "一" }) { revision problems { rule } } }"#;
    assert_eq!(sent(in_parts, json!({ "c": file(1) }), false).await, first);
    let other = sent(ONE, json!({ "i": input(&file(2), "一") }), false).await;
    assert_eq!(other["a"]["problems"], json!([{ "rule": "IDEMPOTENCY_KEY_USED" }]));
    let twice = "mutation($i: AttachDocumentInput!) { a: attachDocument(input: $i) { revision } b: attachDocument(input: $i) { revision } }";
    let both = sent(twice, json!({ "i": input(&file(3), "三") }), false).await;
    assert!(both["a"]["revision"].is_u64() && both["a"] == both["b"], "{both}");
    // A long text in another field is refused as such.
    let long_name = json!({ "i": { "number": "TB-2021-000001", "party": file(1), "name": file(1), "mediaType": "application/pdf", "content": file(1) } });
    let refused = sent(ONE, long_name, false).await;
    assert_eq!(refused["a"]["problems"], json!([{ "rule": "TOO_LONG" }, { "rule": "DISTRICT_CODE" }]), "{refused}");
    let query = "query($q: HandlingQuestion!) { handlings(questions: [$q]) { answer } }";
    let asked = json!({ "q": { "matter": file(1), "receiving": "440115", "competent": "310112" } });
    let answer = server.post(&nansha, json!({ "query": query, "variables": asked }).to_string()).await.json();
    assert_eq!(answer["data"]["handlings"][0]["answer"], "MALFORMED", "{answer}");
    // A wrong value is shown by its beginning.
    let wrong = json!({ "query": ONE, "variables": { "i": { "released": file(1) } } }).to_string();
    let refused = server.post(&nansha, wrong).await;
    assert!(refused.text.contains("JVBERi0x") && refused.text.len() < 10_000, "{}", refused.text.len());
}

#[tokio::test]
async fn a_long_request_may_have_few_bytes_outside_of_strings() {
    let server = TestServer::new().await;
    server.key("tb_nansha", None).await;
    let nansha = [("authorization", "Bearer tb_nansha")];
    let with = |variable: &str| format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"x\":{variable}}}}}");
    // Six million numbers would be a gigabyte of values.
    for many in [
        format!("[{}1]", "1,".repeat(500_000)),
        format!("{}{}", "[".repeat(300_000), "]".repeat(300_000)),
        format!("[{}1]", "\"\",".repeat(200_000)),
    ] {
        let refused = server.post(&nansha, with(&many)).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT"));
    }
    let text = format!("\"{}\"", "\\\" , \\\\".repeat(100_000));
    assert_eq!(server.post(&nansha, with(&text)).await.status, StatusCode::OK);
}
