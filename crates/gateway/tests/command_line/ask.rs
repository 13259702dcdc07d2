//! `tongban ask`.

use crate::{QUESTION, Serving, Shell};

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

#[test]
fn a_running_registry_gives_the_same_answer() {
    let shell = Shell::filled();
    let key = shell.answer(&["key", "issue", "--role", "partner", "--name", "伙伴"]);
    std::fs::write(shell.0.path().join("key"), &key).expect("a file");
    let serving = Serving::new(&shell, &[]);
    let at = ["--server", &serving.address];
    assert_ne!(shell.answer(&QUESTION), "");
    for more in [&[][..], &["--locale", "en"], &["--key", "@key"]] {
        let local = shell.answer(&[&QUESTION[..], more].concat());
        assert_eq!(shell.answer(&[&QUESTION[..], more, &at].concat()), local, "{more:?}");
    }
    let by_name = ["ask", "居民身份证换领", "--in", "南沙区", "--for", "上海 闵行", "--on", "2026-11-23"];
    assert_eq!(shell.answer(&[&by_name[..], &at].concat()), shell.answer(&by_name));
    let unclear = ["ask", "居民身份证换领", "--in", "鼓楼区", "--for", "闵行", "--log", "error"];
    let [there, here] = [shell.run(&[&unclear[..], &at].concat()), shell.run(&unclear)];
    assert_eq!((there.status.code(), there.stderr), (Some(4), here.stderr));

    let refused = shell.run(&[&QUESTION[..], &at, &["--key", "tb_wrong"]].concat());
    let told = String::from_utf8(refused.stderr).expect("text");
    assert!(refused.status.code() == Some(5) && told.contains(serving.listen()) && told.contains("401"), "{told}");
    let listen = serving.listen().to_owned();
    drop(serving);
    let gone = shell.run(&[&QUESTION[..], &["--server", &format!("http://{listen}")]].concat());
    let told = String::from_utf8(gone.stderr).expect("text");
    assert!(gone.status.code() == Some(5) && told.contains(&format!("{listen}：连不上")), "{told}");
}
