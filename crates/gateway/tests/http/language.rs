//! The language of texts: the one that is named, else that of the request, else Chinese.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::TestServer;

const ZH: (&str, &str) = ("accept-language", "zh-CN,zh;q=0.9,en;q=0.5");
const EN: (&str, &str) = ("accept-language", "en-GB");

fn is_chinese(text: &str) -> bool {
    text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign))
}

#[tokio::test]
async fn errors_are_in_the_language_of_the_request() {
    let server = TestServer::new().await;
    for (query, argument) in [
        (r#"{ matter(code: "12") { name } }"#, Some("code")),
        ("{ matters(first: 101) { totalCount } }", Some("first")),
        ("{ nothing }", None),
        ("{", None),
    ] {
        for (headers, chinese) in
            [(vec![ZH], true), (vec![EN], false), (vec![], true), (vec![("accept-language", "*")], true)]
        {
            let answer = server.ask(&headers, query).await;
            let error = &answer.json()["errors"][0];
            assert_eq!(is_chinese(error["message"].as_str().expect("a message")), chinese, "{query} {error}");
            assert!(answer.header("vary").contains("Accept-Language"));
            assert_eq!(error["extensions"]["argument"].as_str(), argument, "{error}");
            if argument.is_some() {
                let expected = &error["extensions"]["expected"];
                assert!(
                    is_chinese(expected["zh"].as_str().expect("Chinese"))
                        && !is_chinese(expected["en"].as_str().expect("English"))
                );
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_is_in_the_language_of_the_request() {
    let server = TestServer::new().await;
    for (headers, chinese) in [(vec![ZH], true), (vec![EN], false), (vec![], true)] {
        let mut answers = vec![server.post(&headers, "{").await];
        answers.push(
            server.ask(&[&headers[..], &[("authorization", "Bearer tb_wrong")]].concat(), "{ __typename }").await,
        );
        answers
            .push(server.ask(&[&headers[..], &[("tongban-min-revision", "99999")]].concat(), "{ __typename }").await);
        for answer in answers {
            assert_ne!(answer.status, StatusCode::OK);
            let error = &answer.json()["errors"][0];
            assert_eq!(is_chinese(error["message"].as_str().expect("a message")), chinese, "{error}");
            if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                assert_eq!(error["extensions"]["retryAfter"], json!(1));
            }
        }
    }
}

#[tokio::test]
async fn texts_are_in_the_named_language_else_in_that_of_the_request() {
    let server = TestServer::new().await;
    let question = r#"handling(matter: "000109009999", receiving: "440115", competent: "310112")"#;
    let query = format!("{{ {question} {{ reasons {{ message named: message(locale: EN) }} }} }}");
    // The second response comes from the cache.
    for _ in 0..2 {
        for (headers, chinese) in [(vec![ZH], true), (vec![EN], false), (vec![], true)] {
            let answer = server.ask(&headers, &query).await.json();
            let reason = &answer["data"]["handling"]["reasons"][0];
            assert_eq!(is_chinese(reason["message"].as_str().expect("a message")), chinese, "{answer}");
            assert!(!is_chinese(reason["named"].as_str().expect("a message")));
        }
    }
}

#[tokio::test]
async fn responses_in_two_languages_have_two_entity_tags() {
    let server = TestServer::new().await;
    let address = "/graphql?query=%7Bmatters%7BtotalCount%7D%7D";
    let tagged = async |language: &str, tag: &str| {
        let request =
            axum::http::Request::get(address).header("accept-language", language).header("if-none-match", tag);
        server.send(request.body(axum::body::Body::empty()).expect("a request")).await
    };
    let chinese = tagged("zh", "").await;
    assert_eq!(tagged("zh", chinese.header("etag")).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(tagged("en", chinese.header("etag")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_malformed_entry_is_reported_and_the_others_are_answered() {
    let server = TestServer::new().await;
    let question = |matter: Value, receiving: &str, on: Value, key: &str| json!({ "matter": matter, "receiving": receiving, "competent": "310112", "on": on, "key": key });
    let known = "LGA000000001";
    let questions = json!([
        question(known.into(), "440115000000", "2026-01-01".into(), "a"),
        question("12".into(), "44011", "2026-02-30".into(), "b"),
        question("000109009999".into(), "440115", Value::Null, "c"),
    ]);
    let fields = "answer question { matter receiving competent on key } matter { code } competent { code }";
    let query = format!(
        "query ($q: [HandlingQuestion!]!) {{ handlings(questions: $q) {{ {fields} reasons {{ code message }} }} }}"
    );
    let answer =
        server.post(&[EN], json!({ "query": query, "variables": { "q": questions } }).to_string()).await.json();
    assert_eq!(answer.get("errors"), None, "{answer}");
    let [first, second, third] = answer["data"]["handlings"].as_array().expect("a list").as_slice() else {
        panic!("{answer}")
    };
    assert_eq!(first["answer"], "AVAILABLE");
    assert_eq!(
        first["question"],
        json!({ "matter": known, "receiving": "440115000000", "competent": "310112", "on": "2026-01-01", "key": "a" })
    );
    assert_eq!(
        (&second["answer"], &second["matter"], &second["competent"]["code"]),
        (&json!("MALFORMED"), &Value::Null, &json!("310112"))
    );
    assert_eq!(
        second["question"],
        json!({ "matter": "12", "receiving": "44011", "competent": "310112", "on": "2026-02-30", "key": "b" })
    );
    let named: Vec<&str> =
        second["reasons"].as_array().expect("reasons").iter().filter_map(|reason| reason["message"].as_str()).collect();
    assert!(
        ["matter: ", "receiving: ", "on: "].iter().zip(&named).all(|(field, message)| message.starts_with(field)),
        "{named:?}"
    );
    assert_eq!(third["answer"], "UNKNOWN_MATTER");
    assert_eq!((&third["question"]["matter"], &third["question"]["key"]), (&json!("000109009999"), &json!("c")));

    // If the reasons are not selected, there are errors, and the other entries are answered.
    let query = "query ($q: [HandlingQuestion!]!) { handlings(questions: $q) { answer } }";
    let answer = server.post(&[], json!({ "query": query, "variables": { "q": questions } }).to_string()).await.json();
    let words: Vec<&str> = answer["data"]["handlings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|answer| answer["answer"].as_str())
        .collect();
    assert_eq!(words, ["AVAILABLE", "MALFORMED", "UNKNOWN_MATTER"]);
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 3, "{answer}");
    for error in errors {
        assert_eq!(error["path"], json!(["handlings", 1]));
        assert_eq!((&error["extensions"]["argument"], &error["extensions"]["index"]), (&json!("questions"), &json!(1)));
        assert!(error["message"].as_str().is_some_and(|message| message.starts_with("questions[1]：")), "{error}");
    }
    let alone = r#"{ handling(matter: "12", receiving: "440115", competent: "310112") { answer } }"#;
    assert_eq!(server.ask(&[], alone).await.code(), "BAD_USER_INPUT");
}
