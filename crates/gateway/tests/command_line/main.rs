//! The command line: the output of the binary and its exit codes.

mod ask;
mod help;
mod import;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let database = format!("sqlite://{}", self.0.path().join("tongban.db").display());
        let mut tongban = Command::new(env!("CARGO_BIN_EXE_tongban"));
        tongban
            .env_clear()
            .env("TONGBAN_DATABASE", database)
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .expect("it runs")
    }

    /// Runs a command that must succeed, and returns stdout.
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

const QUESTION: [&str; 9] =
    ["ask", "--matter", "LGA000000001", "--receiving", "440115", "--competent", "310112", "--on", "2026-11-23"];

#[test]
fn completions_and_a_manual_page_are_printed() {
    let shell = Shell::new();
    for name in ["bash", "zsh", "fish"] {
        assert!(shell.answer(&["completion", name]).contains("tongban"), "{name}");
    }
    let manual = shell.answer(&["man"]);
    assert!(manual.starts_with(".ie") || manual.contains(".TH tongban"), "{manual}");
    assert!(manual.contains("命令 import") && manual.contains("check\\-config"), "{manual}");
}

#[test]
fn faults_are_listed_and_nothing_is_written() {
    let shell = Shell::filled();
    let wrong = "{\"type\":\"window\",\"district\":\"999999\",\"name\":\"w\",\"address\":\"a\"}\n{\"type\":\"matter\",\"code\":\"LX\",\"name\":\"x\",\"domain\":\"HEALTH\"}\n";
    std::fs::write(shell.0.path().join("wrong.ndjson"), wrong).expect("a file");
    let output = shell.run(&["import", "wrong.ndjson"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stdout).expect("text"), @r"
    wrong.ndjson 第 1 行，district：没有代码为 999999 的区域（NOT_FOUND/UNKNOWN_DISTRICT）。请先登记该区域，或更正代码
    wrong.ndjson 第 2 行，code：“LX”格式不正确（INVALID/MATTER_CODE）。事项基本编码应为 12 位数字，或 L 加 11 位数字或大写字母
    读取 2 条记录，有 2 个问题，没有写入任何内容
    ");
    assert!(shell.answer(&["verify"]).starts_with("revision 15: 15 records"));
}

#[test]
fn control_characters_are_printed_as_their_codes() {
    let shell = Shell::filled();
    let wrong = "{\"type\":\"district\",\"code\":\"44\\u001b[2J\\u001b]0;x\\u0007\u{200b}\",\"name\":\"x\",\"kind\":\"COUNTY\"}\n";
    std::fs::write(shell.0.path().join("a\u{1b}b.ndjson"), wrong).expect("a file");
    let output = shell.run(&["import", "a\u{1b}b.ndjson"]);
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.starts_with("a<U+001B>b.ndjson 第 1 行，code：“44<U+001B>[2J<U+001B>]0;x<U+0007><U+200B>”"), "{said}");
    let missing = shell.run(&["import", "b\u{1b}.ndjson"]);
    assert!(
        !missing.stderr.contains(&0x1B) || !String::from_utf8_lossy(&missing.stderr).contains("b\u{1b}.ndjson"),
        "{missing:?}"
    );
}

#[test]
fn an_import_reports_what_it_skipped_and_reads_a_spreadsheet_table_again() {
    let shell = Shell::filled();
    let table = "type,code,name,domain,\r\nmatter,'000100000001,⽣育登记,OTHER,\r\n,,,,\r\n";
    std::fs::write(shell.0.path().join("t.csv"), table).expect("a file");
    insta::assert_snapshot!(shell.answer(&["import", "t.csv", "--check"]), @r"
    提醒：t.csv 第 2 行，name：“⽣”（U+2F63）是部首符号，形似“生”，但不是该字（INVALID/RADICAL）。多由 PDF 复制而来：请改为“生”
    t.csv 第 2 行：新增
    跳过：空行 1，无列名的空列 1
    读取 1 条记录：新增 1，修订 0，未变 0；只核对，没有写入
    ");
    std::fs::write(shell.0.path().join("empty.ndjson"), "").expect("a file");
    assert_eq!(shell.run(&["import", "empty.ndjson"]).status.code(), Some(1));
    shell.answer(&["export", "--format", "csv", "--for-excel", "--out", "excel.csv"]);
    assert!(std::fs::read_to_string(shell.0.path().join("excel.csv")).expect("a file").starts_with("\u{feff}type,"));
    let other = Shell::new();
    other.answer(&["import", shell.0.path().join("excel.csv").to_str().expect("a path")]);
    assert_eq!(shell.answer(&["export"]), other.answer(&["export"]));
    assert_eq!(shell.run(&["export", "--for-excel"]).status.code(), Some(1));
    let asked = shell.run(&[
        "ask",
        "--matter",
        "LGA000000001",
        "--receiving",
        "440115",
        "--competent",
        "310112",
        "--on",
        "2026/10/1",
    ]);
    assert!(String::from_utf8_lossy(&asked.stderr).contains("2026-10-01"), "{asked:?}");
}

#[test]
fn a_secret_is_alone_on_stdout() {
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
fn an_export_can_be_imported() {
    let shell = Shell::filled();
    shell.answer(&["export", "--out", "all.ndjson"]);
    let other = Shell::new();
    let exported = shell.0.path().join("all.ndjson");
    other.answer(&["import", exported.to_str().expect("a path")]);
    assert_eq!(shell.answer(&["export"]), other.answer(&["export"]));
}

#[test]
fn the_exit_code_is_2_for_wrong_usage_and_1_for_failure() {
    let shell = Shell::new();
    assert_eq!(
        shell.run(&["ask", "--matter", "x", "--receiving", "440115", "--competent", "310112"]).status.code(),
        Some(2)
    );
    assert_eq!(shell.run(&["fly"]).status.code(), Some(2));
    assert_eq!(shell.run(&QUESTION).status.code(), Some(1));
    assert_eq!(shell.run(&["check-config", "--production", "--demo"]).status.code(), Some(1));
    assert_eq!(shell.run(&["--help"]).status.code(), Some(0));
    assert!(shell.answer(&["schema"]).contains("type Query"));
}

/// `tongban serve` as a process, until it is dropped.
struct Serving {
    process: Child,
    /// The address that it printed.
    address: String,
    log: PathBuf,
}

impl Serving {
    fn new(shell: &Shell, arguments: &[&str]) -> Self {
        let database = format!("sqlite://{}", shell.0.path().join("tongban.db").display());
        let log = shell.0.path().join("log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_tongban"))
            .env_clear()
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a file"))
            .spawn()
            .expect("it starts");
        let mut said = String::new();
        BufReader::new(process.stdout.as_mut().expect("its words")).read_line(&mut said).expect("a line");
        let address = said.trim_end().strip_prefix("listening on ").expect("an address").to_owned();
        Self { process, address, log }
    }

    fn listen(&self) -> &str {
        self.address.split_once("://").expect("a scheme").1
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// Sends a request, and returns the response.
    fn exchange(&self, said: &str) -> String {
        let mut stream = TcpStream::connect(self.listen()).expect("it listens");
        stream.write_all(said.as_bytes()).expect("it is heard");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn a_gateway_is_ready_while_it_serves() {
    let shell = Shell::filled();
    let serving = Serving::new(&shell, &[]);
    let listen = serving.listen().to_owned();
    let ready: serde_json::Value = serde_json::from_str(&shell.answer(&["health", "--listen", &listen])).expect("JSON");
    assert_eq!(ready["revision"].as_u64(), Some(15));
    drop(serving);
    assert_eq!(shell.run(&["health", "--listen", &listen]).status.code(), Some(1));
}

/// Writes a new certificate for a name and its key, and returns the arguments with their files.
fn certify(shell: &Shell, name: &str) -> [String; 4] {
    let certified = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let files = [shell.0.path().join("certificates.pem"), shell.0.path().join("key.pem")];
    std::fs::write(&files[0], certified.cert.pem()).expect("a file");
    std::fs::write(&files[1], certified.signing_key.serialize_pem()).expect("a file");
    let [certificates, key] = files.map(|file| file.display().to_string());
    ["--tls-cert".to_owned(), certificates, "--tls-key".to_owned(), key]
}

#[test]
fn health_works_with_tls_and_a_new_certificate_is_loaded() {
    let shell = Shell::filled();
    // The certificate names another machine.
    let arguments = certify(&shell, "tongban.example.cn");
    let serving = Serving::new(&shell, &arguments.each_ref().map(String::as_str));
    assert!(serving.address.starts_with("https://"), "{}", serving.address);
    let healthy = || {
        let ready: serde_json::Value =
            serde_json::from_str(&shell.answer(&["health", "--listen", serving.listen()])).expect("JSON");
        assert_eq!(ready["status"], "ready");
    };
    healthy();
    assert!(shell.answer(&["health", "--help", "--locale", "en"]).contains("takes whatever certificate it has"));
    certify(&shell, "tongban.example.cn");
    let began = Instant::now();
    while !serving.log().contains("encrypting with a new certificate") {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody looks for it:\n{}", serving.log());
        std::thread::sleep(Duration::from_millis(200));
    }
    healthy();
}

#[test]
fn production_does_not_start_with_unsafe_settings() {
    let shell = Shell::filled();
    let tls = certify(&shell, "tongban.example.cn");
    let tls = tls.each_ref().map(String::as_str);
    let begin = |arguments: &[&str]| {
        let output = shell.run(&[&["check-config", "--locale", "en", "--production"], arguments].concat());
        (
            output.status.code(),
            String::from_utf8(output.stderr).expect("text") + &String::from_utf8(output.stdout).expect("text"),
        )
    };
    for (arguments, why) in [
        (&["--listen", "127.0.0.1:0", "--demo"][..], "--demo"),
        (&["--listen", "0.0.0.0:0"], "without encryption"),
        (&["--listen", "[::]:0"], "without encryption"),
        (&["--listen", "0.0.0.0:0", tls[0], tls[1], tls[2], "nowhere.pem"], "nowhere.pem"),
        (&["--listen", "127.0.0.1:0", "--database", "tongban.db"], "--database"),
    ] {
        let (status, said) = begin(arguments);
        assert!(status == Some(1) && said.contains(why), "{arguments:?}: {status:?} {said}");
    }
    for arguments in [
        &["--listen", "127.0.0.1:0"][..],
        &["--listen", "0.0.0.0:0", "--trusted-proxy", "10.0.0.0/8"],
        &["--listen", "0.0.0.0:0", tls[0], tls[1], tls[2], tls[3]],
    ] {
        let (status, said) = begin(arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        for safe in ["2000 and 20000 points", "signed-in", "off"] {
            assert!(said.contains(safe), "{arguments:?}: {said}");
        }
    }
    for half in [[tls[0], tls[1]], [tls[2], tls[3]]] {
        assert_eq!(begin(&half).0, Some(2), "a certificate without its key, or a key without its certificate");
    }
}

#[test]
fn no_secret_is_logged_at_any_level() {
    let shell = Shell::filled();
    let secret = shell.answer(&["key", "issue", "--role", "steward", "--name", "伙伴"]).trim_end().to_owned();
    let serving = Serving::new(&shell, &["--log", "trace"]);
    let ask = |credential: &str, query: &str| {
        let body = serde_json::json!({ "query": query }).to_string();
        serving.exchange(&format!(
            "POST /graphql HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {credential}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let issue = r#"mutation { issueApiKey(input: { name: "新", roles: [PARTNER] }) { secret problems { rule } } }"#;
    let answer = ask(&secret, issue);
    let issued =
        answer.split_once("\"secret\":\"").and_then(|(_, rest)| rest.split_once('"')).expect(&answer).0.to_owned();
    let wrong = "tb_canary-of-a-key-that-opens-nothing";
    let token = "eyJhbGciOiJub25lIn0.canary-of-a-token.";
    for credential in [wrong, token] {
        assert!(ask(credential, "{ __typename }").starts_with("HTTP/1.1 401"));
    }
    serving.exchange("GET /graphql?query=%7B__typename%7D&access_token=canary-in-an-address HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    let log = serving.log();
    assert!(log.contains("issueApiKey") && log.contains("/graphql"), "it logs");
    for canary in [&*secret, &*issued, wrong, token, "canary-in-an-address"] {
        assert!(!log.contains(canary), "{canary} stands in the log");
    }
}

#[test]
fn the_password_of_the_database_is_never_shown() {
    let shell = Shell::new();
    let url = "postgres://tongban:canary-of-a-password@127.0.0.1:1/tongban";
    std::fs::write(shell.0.path().join("url"), format!("{url}\n")).expect("a file");
    let told = &|command: &str, database: &str| {
        let arguments: &[&str] =
            if matches!(command, "serve" | "check-config") { &["--listen", "127.0.0.1:0"] } else { &[] };
        let output = shell.run(&[&[command, "--log", "trace", "--database", database], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{command}: nobody listens there");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains("canary-of-a-password"), "{command} {database}: {said}");
    };
    // Each command waits for the database for a while, so they run at the same time.
    std::thread::scope(|scope| {
        for command in ["serve", "check-config", "verify", "migrate"] {
            scope.spawn(move || told(command, url));
            scope.spawn(move || told(command, "@url"));
        }
    });
    let output = shell.run(&["check-config", "--listen", "127.0.0.1:0", "--database", "@nowhere"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn each_log_line_is_json_and_has_the_request_id() {
    let shell = Shell::filled();
    let serving = Serving::new(&shell, &["--log-format", "json", "--log", "info,gateway=debug"]);
    let answer = serving.exchange("GET /health/live HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");
    let log = serving.log();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for word in ["timestamp", "level", "message", "target"] {
        assert!(lines.iter().all(|line| line[word].is_string()), "{word} is missing in\n{log}");
    }
    let tells = |line: &serde_json::Value| {
        line["span"]["id"] == *id && line["span"]["path"] == "/health/live" && line["status"] == 200
    };
    assert!(lines.iter().any(tells), "{id} is missing in\n{log}");
    assert!(lines.iter().any(|line| line["message"] == "serving" && line["revision"].is_u64()), "{log}");
}

#[test]
fn an_invalid_collector_is_refused_at_start() {
    let shell = Shell::filled();
    let check = |arguments: &[&str]| shell.run(&[&["check-config", "--listen", "127.0.0.1:0"], arguments].concat());
    let set = String::from_utf8(check(&["--otlp-endpoint", "http://127.0.0.1:4318"]).stdout).expect("text");
    assert!(set.lines().any(|line| line.starts_with("traces ") && line.ends_with("http://127.0.0.1:4318/")), "{set}");
    for wrong in ["127.0.0.1:4318", "ftp://127.0.0.1", "nowhere"] {
        assert_eq!(check(&["--otlp-endpoint", wrong]).status.code(), Some(1), "{wrong}");
        assert_eq!(shell.run(&["serve", "--otlp-endpoint", wrong]).status.code(), Some(2), "{wrong}");
    }
    assert_eq!(check(&["--trust-traceparent"]).status.code(), Some(1));
    assert_eq!(check(&["--trust-traceparent", "--trusted-proxy", "10.0.0.0/8"]).status.code(), Some(0));
}
