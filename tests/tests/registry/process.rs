//! The binary from outside: its commands, and the state of the registry after a kill.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database, tongban};

on_every_database! {
    a_killed_import_leaves_the_registry_unchanged,
    the_command_line_answers_the_question,
    the_command_line_lists_all_faults_of_a_file,
    a_changed_byte_makes_verify_fail,
    an_export_goes_from_one_registry_to_the_next,
}

async fn a_killed_import_leaves_the_registry_unchanged(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let (revision, before) = (registry.revision(), registry.export().await);
    let mut lines = String::new();
    for number in 0..40_000 {
        writeln!(lines, r#"{{"type":"matter","code":"L{number:011}","name":"事项第 {number} 号","domain":"OTHER"}}"#)
            .expect("memory");
    }
    let file = registry.file("many.ndjson", lines);

    let size = registry.stored_bytes().await;
    let mut import = tongban().args(["import", "--database", registry.url()]).arg(&file).spawn().expect("it starts");
    let began = Instant::now();
    // It is writing when the stored data grows; nothing is committed before the last line.
    while registry.stored_bytes().await < size + 1_000_000 {
        assert!(began.elapsed() < Duration::from_secs(60), "it never began to write");
        assert!(import.try_wait().expect("a status").is_none(), "it was done before it could be killed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    import.kill().expect("kill -9");
    import.wait().expect("it is gone");

    let after = registry.second_reader().await;
    assert_eq!((after.revision(), after.export().await), (revision, before));
    after.verify().await.expect("the journal and the records agree");
    // No lock is left: the next import succeeds.
    after.import(r#"{"type":"matter","code":"000109003000","name":"户口迁移","domain":"PUBLIC_SECURITY"}"#).await;
    assert_eq!(after.revision(), revision + 1);
}

async fn the_command_line_answers_the_question(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let ask = |on, code| {
        let question =
            ["ask", "--matter", "000109001000", "--receiving", "440115", "--competent", "310112", "--on", on];
        tongban_exits(&registry, &question, code)
    };
    let yes = ask("2021-07-01", 0);
    for told in ["居民身份证换领", "跨域通办专窗", "居民户口簿", "框架合作协议", "20"] {
        assert!(yes.contains(told), "{told} is missing in:\n{yes}");
    }
    let no = ask("2021-05-01", 3);
    assert!(no.contains("BASIS_NOT_YET_IN_FORCE") || no.contains("2021-06-01"), "{no}");
}

async fn the_command_line_lists_all_faults_of_a_file(registry: TestRegistry) {
    let file = registry.file(
        "matters.ndjson",
        "{\"type\":\"matter\",\"code\":\"12345\",\"name\":\"x\",\"domain\":\"OTHER\"}\n{\"type\":\"window\"\n",
    );
    let import = tongban().args(["import", "--database", registry.url()]).arg(&file).output().expect("it runs");
    assert_eq!(import.status.code(), Some(1));
    let told = format!("{}{}", String::from_utf8_lossy(&import.stdout), String::from_utf8_lossy(&import.stderr));
    for place in ["matters.ndjson 第 1 行", "matters.ndjson 第 2 行", "code"] {
        assert!(told.contains(place), "{place} is missing in:\n{told}");
    }
}

async fn an_export_goes_from_one_registry_to_the_next(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let export = tongban_says(&registry, &["export"]);
    let copy = registry.another().await;
    let file = copy.file("export.ndjson", &export);
    tongban_says(&copy, &["import", file.to_str().expect("a path")]);
    assert_eq!(tongban_says(&copy, &["export"]), export);
    tongban_says(&copy, &["verify"]);
}

async fn a_changed_byte_makes_verify_fail(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let forger = registry.forger().await;
    let cells = forger.cells().await;
    let name = cells.iter().find(|cell| cell.table == "matter" && cell.column == "body").expect("a matter");
    assert!(forger.change(name).await);
    let verify = tongban().args(["verify", "--database", registry.url()]).output().expect("it runs");
    assert_eq!(verify.status.code(), Some(1));
    let told = String::from_utf8_lossy(&verify.stderr).into_owned() + &String::from_utf8_lossy(&verify.stdout);
    assert!(told.contains("matter 6"), "the table and the row are missing in:\n{told}");
}

/// The standard output of the binary for this registry.
fn tongban_says(registry: &TestRegistry, arguments: &[&str]) -> String {
    tongban_exits(registry, arguments, 0)
}

/// The same of a command that exits with this code.
fn tongban_exits(registry: &TestRegistry, arguments: &[&str], code: i32) -> String {
    let (command, rest) = arguments.split_first().expect("a command");
    let output = tongban().arg(command).args(["--database", registry.url()]).args(rest).output().expect("it runs");
    assert_eq!(output.status.code(), Some(code), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
