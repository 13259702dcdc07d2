//! Help and usage errors in both languages.

use crate::Shell;

fn said(shell: &Shell, arguments: &[&str]) -> (i32, String, String) {
    let output = shell.run(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn help_is_in_the_language_of_the_locale_and_grouped() {
    let shell = Shell::new();
    let (code, zh, _) = said(&shell, &["--help"]);
    assert!(code == 0 && zh.contains("用法：tongban") && zh.contains("查询与数据：\n  ask "), "{zh}");
    let (code, en, _) = said(&shell, &["--locale", "en", "--help"]);
    assert!(code == 0 && en.contains("Usage: tongban") && en.contains("Backup and proof:\n  backup "), "{en}");
    let (_, import, _) = said(&shell, &["help", "import"]);
    assert!(import.contains("参数：") && import.contains("[环境变量：TONGBAN_KIND]"), "{import}");
    assert!(!import.contains('\u{1b}'), "colours are for terminals");
    let manual = shell.answer(&["man"]);
    assert!(manual.contains(".SH 用法") && manual.contains("命令 import"), "{manual}");
    let english = shell.answer(&["man", "--locale", "en"]);
    assert!(english.contains(".SH SYNOPSIS") && english.contains("COMMAND IMPORT"), "{english}");
    assert!(shell.answer(&["completion", "fish"]).contains("查询某地的事项"));
    assert!(shell.answer(&["completion", "fish", "--locale", "en"]).contains("Ask whether a matter"));
}

#[test]
fn a_usage_error_is_in_the_language_of_the_locale_and_has_exit_code_2() {
    let shell = Shell::new();
    let (code, out, zh) = said(&shell, &["export", "--format", "xml"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(zh.starts_with("错误：“--format <FORMAT>”的值“xml”无效\n  [可选：ndjson、csv]"), "{zh}");
    let (code, _, en) = said(&shell, &["export", "--format", "xml", "--locale", "en"]);
    assert!(code == 2 && en.starts_with("error: invalid value 'xml'"), "{en}");
}

#[test]
fn a_file_that_is_no_database_is_named_for_what_it_is() {
    let shell = Shell::filled();
    shell.answer(&["backup", "copy.backup"]);
    let (code, _, zh) = said(&shell, &["verify", "--database", "sqlite://copy.backup"]);
    assert!(code == 1 && zh.contains("copy.backup：这是 tongban backup 的备份，不是数据库"), "{zh}");
    std::fs::write(shell.0.path().join("list.xlsx"), "PK\u{3}\u{4}rest").expect("a file");
    let (_, _, en) = said(&shell, &["verify", "--database", "sqlite://list.xlsx", "--locale", "en"]);
    assert!(en.contains("a workbook or an archive, not a database"), "{en}");
}
