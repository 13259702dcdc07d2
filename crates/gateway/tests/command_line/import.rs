//! `tongban import`, `plan` and `apply`.

use crate::{Serving, Shell};

fn write(shell: &Shell, name: &str, content: &str) {
    std::fs::write(shell.0.path().join(name), content).expect("a file");
}

/// The exit code, and everything that was printed.
fn run(shell: &Shell, arguments: &[&str]) -> (i32, String) {
    let output = shell.run(&[arguments, &["--log", "error"]].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().unwrap_or(-1), text(output.stdout) + &text(output.stderr))
}

const WINDOW: &str =
    "{\"type\":\"window\",\"district\":\"440115\",\"name\":\"二号窗\",\"address\":\"凤凰大道1号二楼\"}\n";

#[test]
fn a_plan_says_what_would_change_by_its_exit_code_and_writes_nothing() {
    let shell = Shell::filled();
    let before = shell.answer(&["export"]);
    write(&shell, "new.ndjson", WINDOW);
    let (code, told) = run(&shell, &["plan", "new.ndjson"]);
    assert!(code == 2 && told.contains("new.ndjson 第 1 行：新增") && told.contains("没有写入"), "{told}");
    assert_eq!(shell.answer(&["export"]), before);
    let (code, told) = run(&shell, &["plan", "new.ndjson", "--report", "plan.xlsx", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((code, json["registered"].as_u64(), json["written"].as_bool()), (2, Some(1), Some(false)));
    assert!(shell.0.path().join("plan.xlsx").exists());
    let (code, told) = run(&shell, &["plan", "new.ndjson", "--report", "plan.xlsx"]);
    assert!(code == 1 && told.contains("--force"), "{told}");
    write(&shell, "wrong.ndjson", &WINDOW.replace("440115", "999999"));
    assert_eq!(run(&shell, &["plan", "wrong.ndjson"]).0, 1);

    let (code, told) = run(&shell, &["apply", "new.ndjson"]);
    assert!(code == 1 && told.contains("--yes"), "{told}");
    assert_eq!(run(&shell, &["apply", "new.ndjson", "--yes"]).0, 0);
    let (code, told) = run(&shell, &["plan", "new.ndjson"]);
    assert!(code == 0 && told.contains("未变 1"), "{told}");
}

#[test]
fn a_filled_template_for_a_schedule_is_named_for_what_it_is() {
    let shell = Shell::filled();
    write(&shell, "list.csv", "事项名称,通办方式,收件地,业务属地\n居民身份证换领,全程网办,南沙区,闵行区\n");
    for arguments in [&["import", "list.csv"][..], &["plan", "list.csv"]] {
        let (code, told) = run(&shell, arguments);
        assert!(code == 1 && told.contains("FILE_IS_SCHEDULE") && told.contains("--kind schedule"), "{told}");
    }
    let (code, told) = run(&shell, &["import", "list.csv", "--kind", "schedule"]);
    assert!(code == 1 && told.contains("--agreement"), "{told}");
}

#[test]
fn an_offering_may_name_its_matter() {
    let shell = Shell::filled();
    let rows = "区域代码,事项名称,到现场次数,承诺办结时限\n440115,居民身份证换领,1,20\n";
    write(&shell, "named.csv", rows);
    let (code, told) = run(&shell, &["import", "named.csv", "--kind", "offering"]);
    assert!(code == 0 && told.contains("新增 1"), "{told}");
    assert!(shell.answer(&["export"]).contains("\"district\":\"440115\",\"matter\":\"LGA000000001\""));
    write(&shell, "unclear.csv", &rows.replace("居民身份证换领", "身份证换领"));
    let (code, told) = run(&shell, &["import", "unclear.csv", "--kind", "offering"]);
    assert!(code == 1 && told.contains("unclear.csv 第 2 行，matter：“身份证换领”"), "{told}");
    assert!(told.contains("居民身份证换领 LGA000000001"), "{told}");
}

#[test]
fn codes_of_towns_and_invisible_characters_are_named() {
    let shell = Shell::filled();
    let wrong = WINDOW.replace("440115", "440115001000") + &WINDOW.replace("440115", "440115\u{200B}");
    write(&shell, "wrong.ndjson", &wrong);
    let (_, told) = run(&shell, &["import", "wrong.ndjson"]);
    assert!(told.contains("没有代码为 440115001 的区域"), "{told}");
    assert!(told.contains("第 7 个字是看不见的字符 U+200B"), "{told}");
}

/// A mutation over HTTP, with a key.
fn mutate(serving: &Serving, key: &str, query: &str) -> serde_json::Value {
    let body = serde_json::json!({ "query": query }).to_string();
    let answer = serving.exchange(&format!(
        "POST /graphql HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {key}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect(&answer)
}

#[test]
fn a_schedule_is_imported_into_a_draft() {
    let shell = Shell::filled();
    let key = shell.answer(&["key", "issue", "--role", "registrar", "--district", "440115", "--name", "王芳"]);
    let serving = Serving::new(&shell, &[]);
    let drafted = mutate(
        &serving,
        key.trim_end(),
        r#"mutation { draftAgreement(input: { title: "合作协议", proposer: "440115", parties: [{ district: "440115" }, { district: "310112" }], schedule: [] })
            { agreement { number } problems { rule message } } }"#,
    );
    let number = drafted["data"]["draftAgreement"]["agreement"]["number"]
        .as_str()
        .unwrap_or_else(|| panic!("{drafted}"))
        .to_owned();
    drop(serving);
    let header = "事项名称,领域,通办方式,收件地,业务属地,办理时限\n";
    write(&shell, "list.csv", &format!("{header}居民身份证换领,公安,全程网办,南沙区,闵行区,20个工作日\n"));
    let into =
        ["import", "list.csv", "--kind", "schedule", "--agreement", &number, "--draft", "1", "--party", "440115"];
    let (code, told) = run(&shell, &[&into[..], &["--check"]].concat());
    assert!(code == 0 && told.contains("list.csv 第 2 行：新增 居民身份证换领"), "{told}");
    assert!(told.contains("未采用的列：领域、办理时限") && told.contains("没有写入"), "{told}");
    let (code, told) = run(&shell, &into);
    assert!(code == 0 && told.contains("新增 1") && told.contains("数据版本"), "{told}");
    let (code, told) = run(&shell, &[&into[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&told).expect(&told);
    assert_eq!(
        (code, json["unchanged"].as_u64(), json["problems"][0]["rule"].as_str()),
        (1, Some(1), Some("NOTHING_CHANGED"))
    );
}
