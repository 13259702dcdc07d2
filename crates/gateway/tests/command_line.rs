//! The command line from outside: the binary itself, its answers and its exit codes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let database = format!("sqlite://{}", self.0.path().join("tongban.db").display());
        let mut tongban = Command::new(env!("CARGO_BIN_EXE_tongban"));
        tongban.env_clear().env("TONGBAN_DATABASE", database).current_dir(self.0.path()).args(arguments).output().expect("it runs")
    }

    /// What it answers, when it does what it should.
    fn answer(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    fn filled() -> Self {
        let shell = Self::new();
        let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson");
        shell.answer(&["import", records.to_str().expect("a path")]);
        shell
    }
}

const QUESTION: [&str; 9] = ["ask", "--matter", "LGA000000001", "--receiving", "440115", "--competent", "310112", "--on", "2026-11-23"];

#[test]
fn a_yes_on_the_terminal() {
    let shell = Shell::filled();
    insta::assert_snapshot!("yes_zh", shell.answer(&QUESTION));
    insta::assert_snapshot!("yes_en", shell.answer(&[&QUESTION[..], &["--locale", "en"]].concat()));
}

#[test]
fn a_no_on_the_terminal_says_why_and_what_to_do() {
    let shell = Shell::filled();
    let question = ["ask", "--matter", "LGA000000001", "--receiving", "310112", "--competent", "440115", "--on", "2026-11-23"];
    insta::assert_snapshot!("no_zh", shell.answer(&question));
}

#[test]
fn json_is_the_graphql_answer() {
    let shell = Shell::filled();
    let answer: serde_json::Value = serde_json::from_str(&shell.answer(&[&QUESTION[..], &["--json"]].concat())).expect("JSON");
    let route = &answer["data"]["handling"]["routes"][0];
    assert_eq!(answer["errors"], serde_json::Value::Null);
    assert_eq!((route["mode"].as_str(), route["duties"][3]["days"].as_u64()), (Some("PROXY_COLLECTION"), Some(20)));
}

#[test]
fn faults_are_listed_and_nothing_is_written() {
    let shell = Shell::filled();
    let wrong = "{\"type\":\"window\",\"district\":\"999999\",\"name\":\"w\",\"address\":\"a\"}\n{\"type\":\"matter\",\"code\":\"LX\",\"name\":\"x\",\"domain\":\"HEALTH\"}\n";
    std::fs::write(shell.0.path().join("wrong.ndjson"), wrong).expect("a file");
    let output = shell.run(&["import", "wrong.ndjson"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stdout).expect("text"), @r"
    wrong.ndjson:1: district: 没有代码为 999999 的区域 (NOT_FOUND/UNKNOWN_DISTRICT) — 请先登记该区域，或更正代码
    wrong.ndjson:2: code: “LX”格式不正确 (INVALID/MATTER_CODE) — 事项基本编码应为 12 位数字，或 L 加 11 位数字或大写字母
    读取 2 条记录，有 2 个问题，没有写入任何内容
    ");
    assert!(shell.answer(&["verify"]).starts_with("revision 15: 15 records"));
}

#[test]
fn a_secret_stands_alone_on_stdout() {
    let shell = Shell::filled();
    let secret = shell.answer(&["key", "issue", "--role", "partner", "--name", "伙伴"]);
    assert!(secret.starts_with("tb_") && secret.trim_end().len() == 46 && secret.lines().count() == 1);
    let list = shell.answer(&["key", "list", "--locale", "en"]);
    assert!(list.contains("伙伴") && !list.contains(secret.trim_end()));
    let id = list.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("an id");
    shell.answer(&["key", "revoke", id]);
    assert!(shell.answer(&["key", "list", "--locale", "en"]).contains("revoked"));
    assert_eq!(shell.run(&["key", "revoke", "key_fff"]).status.code(), Some(1));
}

#[test]
fn an_export_is_an_import() {
    let shell = Shell::filled();
    shell.answer(&["export", "--out", "all.ndjson"]);
    let other = Shell::new();
    let exported = shell.0.path().join("all.ndjson");
    other.answer(&["import", exported.to_str().expect("a path")]);
    assert_eq!(shell.answer(&["export"]), other.answer(&["export"]));
}

#[test]
fn wrong_usage_is_two_and_failure_is_one() {
    let shell = Shell::new();
    assert_eq!(shell.run(&["ask", "--matter", "x", "--receiving", "440115", "--competent", "310112"]).status.code(), Some(2));
    assert_eq!(shell.run(&["fly"]).status.code(), Some(2));
    assert_eq!(shell.run(&QUESTION).status.code(), Some(1));
    assert_eq!(shell.run(&["check-config", "--production", "--demo"]).status.code(), Some(1));
    assert_eq!(shell.run(&["--help"]).status.code(), Some(0));
    assert!(shell.answer(&["schema"]).contains("type Query"));
}

#[test]
fn a_gateway_is_ready_while_it_serves() {
    let shell = Shell::filled();
    let database = format!("sqlite://{}", shell.0.path().join("tongban.db").display());
    let mut serving = Command::new(env!("CARGO_BIN_EXE_tongban"))
        .env_clear()
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &database])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = String::new();
    BufReader::new(serving.stdout.as_mut().expect("its words")).read_line(&mut said).expect("a line");
    let listen = said.trim_end().strip_prefix("listening on http://").expect("an address");
    let ready: serde_json::Value = serde_json::from_str(&shell.answer(&["health", "--listen", listen])).expect("JSON");
    serving.kill().expect("it can be ended");
    serving.wait().expect("it ends");
    assert_eq!(ready["revision"].as_u64(), Some(15));
    assert_eq!(shell.run(&["health", "--listen", listen]).status.code(), Some(1));
}
