//! `tongban ask`.

use crate::{QUESTION, Shell};

#[test]
fn an_available_answer_is_printed() {
    let shell = Shell::filled();
    insta::assert_snapshot!("yes_zh", shell.answer(&QUESTION));
    insta::assert_snapshot!("yes_en", shell.answer(&[&QUESTION[..], &["--locale", "en"]].concat()));
}

#[test]
fn a_negative_answer_is_printed_with_reasons_and_remedies() {
    let shell = Shell::filled();
    let question =
        ["ask", "--matter", "LGA000000001", "--receiving", "310112", "--competent", "440115", "--on", "2026-11-23"];
    let answer = shell.run(&question);
    assert_eq!(answer.status.code(), Some(3));
    insta::assert_snapshot!("no_zh", String::from_utf8(answer.stdout).expect("text"));
}

#[test]
fn names_are_as_good_as_codes() {
    let shell = Shell::filled();
    let by_name = ["ask", "居民身份证换领", "--in", "南沙区", "--for", "上海 闵行", "--on", "2026-11-23"];
    assert_eq!(shell.answer(&by_name), shell.answer(&QUESTION));
    let unknown = shell.run(&["ask", "居民身份证换领", "--in", "南纱", "--for", "不知道的地方", "--log", "error"]);
    assert_eq!(unknown.status.code(), Some(4));
    insta::assert_snapshot!(String::from_utf8(unknown.stderr).expect("text"), @r"
    没有找到“南纱”。是否要找：
      南沙
    没有找到“不知道的地方”
    ");
}

#[test]
fn json_is_the_graphql_answer() {
    let shell = Shell::filled();
    let answer: serde_json::Value =
        serde_json::from_str(&shell.answer(&[&QUESTION[..], &["--json"]].concat())).expect("JSON");
    let route = &answer["data"]["handling"]["routes"][0];
    assert_eq!(answer["errors"], serde_json::Value::Null);
    assert_eq!((route["mode"].as_str(), route["duties"][3]["days"].as_u64()), (Some("PROXY_COLLECTION"), Some(20)));
}
