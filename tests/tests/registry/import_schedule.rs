//! Imports of lists into the schedule of a draft.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, REPLACING, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, demo, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_clerks_list_becomes_a_schedule_and_again_changes_nothing,
    a_list_at_fault_writes_nothing_or_its_good_rows,
    what_a_list_does_not_name_stays_or_is_replaced,
    a_list_is_for_those_who_may_edit_the_draft,
    files_that_are_no_lists_are_refused,
}

const COUNTS: &str =
    "report { form sheet headerRow created updated unchanged skipped confirm unknown failed removed unreadColumns }";

fn clerks(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/exchange/tests/data");
    std::fs::read(folder.join(name)).expect("a file of the tests")
}

fn file(content: &[u8], more: &str) -> String {
    format!(r#"file: {{ name: "清单", content: "{}" {more} }}"#, STANDARD.encode(content))
}

/// A table of text with the usual header.
fn list(rows: &str) -> String {
    file(format!("事项名称,通办方式,收件地,业务属地,批次\n{rows}").as_bytes(), "")
}

fn input(number: &str, party: &str, file: &str, more: &str) -> String {
    format!(r#"number: "{number}", version: 1, party: "{party}", {file} {more}"#)
}

/// The parts of a report that are not zero.
fn counts(payload: &Value) -> Value {
    let report = payload["report"].as_object().expect("a report").iter();
    let told = report.filter(|(_, value)| **value != json!(0) && **value != json!([]));
    told.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn rules(payload: &Value) -> Vec<String> {
    let problems = payload["problems"].as_array().expect("a list").iter();
    problems.map(|problem| problem["rule"].as_str().expect("a rule").to_owned()).collect()
}

/// Each row as number, verdict, matter and clauses.
async fn rows(clerk: &Caller<'_>, input: &str) -> Vec<Value> {
    let selection = "report { rows(first: 100) { totalCount edges { node { row verdict matter { code } clauses } } } }";
    let payload = clerk.act("importSchedule", &format!("{input}, dryRun: true"), selection).await;
    let edges = payload["report"]["rows"]["edges"].as_array().expect("rows").iter();
    edges.map(|edge| edge["node"].clone()).collect()
}

async fn empty_draft(registry: &TestRegistry, parties: [&str; 2]) -> String {
    let draft = terms(&parties);
    let (without, _) = draft.split_once("schedule:").expect("a schedule");
    registry.drafted(&format!("{without} schedule: []")).await.number
}

async fn schedule(clerk: &Caller<'_>, number: &str) -> Value {
    let query = format!(
        r#"{{ agreement(number: "{number}") {{ latest {{ schedule(first: 100) {{ edges {{ node {{
            key mode batch receiving {{ edges {{ node {{ code }} }} }} competent {{ edges {{ node {{ code }} }} }}
            matters {{ totalCount }} }} }} }} }} }} }}"#
    );
    clerk.ask(&query).await["agreement"]["latest"]["schedule"]["edges"].take()
}

async fn a_clerks_list_becomes_a_schedule_and_again_changes_nothing(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    let number = empty_draft(&registry, [NANSHA, KUNSHAN]).await;
    let clerk = registry.registrar(NANSHA);
    let expected: Value = serde_json::from_slice(&clerks("20-expected.json")).expect("JSON");
    let choices = r#"choices: [{ text: "居民身份证办理", skip: true }, { text: "火星居留许可", skip: true }]"#;
    let left_out = input(&number, NANSHA, &file(&clerks("20-clerk.xlsx"), ""), "faults: LEAVE_OUT");
    let before = registry.revision();
    let told = rows(&clerk, &left_out).await;
    assert_eq!(registry.revision(), before, "a dry run writes nothing");
    let wanted = expected["rows"].as_array().expect("rows");
    assert_eq!(told.len(), wanted.len());
    for (row, wanted) in told.iter().zip(wanted) {
        assert_eq!((&row["row"], &row["verdict"]), (&wanted["row"], &wanted["verdict"]));
        assert_eq!(row["matter"]["code"], wanted["matter"], "{row}");
    }
    let payload = clerk
        .does(
            "importSchedule",
            &format!(r#"{left_out}, idempotencyKey: "1""#),
            &format!("version {{ state }} {COUNTS}"),
        )
        .await;
    assert_eq!(payload["version"]["state"], "DRAFT");
    assert_eq!(
        counts(&payload),
        json!({
            "form": "XLSX", "sheet": "清单", "headerRow": expected["headerRow"], "created": 60, "confirm": 1, "unknown": 1,
            "unreadColumns": ["领域", "办理时限", "备注"],
        })
    );
    let written = schedule(&clerk, &number).await;
    assert_eq!(written.as_array().map(Vec::len), Some(9));
    let repeated = clerk.does("importSchedule", &format!(r#"{left_out}, idempotencyKey: "1""#), COUNTS).await;
    assert_eq!(repeated["revision"], payload["revision"]);

    // The same list again, in any form.
    for (name, form) in [("20-clerk.xlsx", "XLSX"), ("20-clerk.xls", "XLS"), ("20-clerk-gbk.csv", "CSV GB18030")] {
        let again = input(&number, NANSHA, &file(&clerks(name), choices), "replace: true, faults: LEAVE_OUT");
        let payload = clerk.act("importSchedule", &again, COUNTS).await;
        let told = counts(&payload);
        assert_eq!((&told["form"], &told["unchanged"]), (&json!(form), &json!(60)), "{payload}");
        assert!(payload["revision"].is_null());
    }
    let again = clerk.act("importSchedule", &left_out, COUNTS).await;
    assert_eq!((rules(&again), &again["report"]["unchanged"]), (vec!["NOTHING_CHANGED".to_owned()], &json!(60)));
    assert_eq!(schedule(&clerk, &number).await, written);
    registry.verify().await.expect("the journal has all of it");
}

async fn a_list_at_fault_writes_nothing_or_its_good_rows(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let number = empty_draft(&registry, [NANSHA, MINHANG]).await;
    let clerk = registry.registrar(NANSHA);
    let faulty = list(
        "居民身份证换领,全程网办,南沙,闵行,\n火星居留许可,全程网办,南沙,闵行,\n居民身份证补领,同城办,南沙,闵行,\n居民身份证换证,代收代办,南沙,闵行,\n",
    );
    let refused = clerk.act("importSchedule", &input(&number, NANSHA, &faulty, ""), COUNTS).await;
    assert_eq!(rules(&refused), ["ROWS_AT_FAULT", "MATTER_UNKNOWN", "MODE_UNKNOWN", "MATTER_UNCLEAR"]);
    assert_eq!(refused["problems"][0]["message"], "4 行中有 1 行有错误、1 行待确认、1 行未找到事项");
    assert_eq!(schedule(&clerk, &number).await, json!([]));
    let selection = r#"report { rows(verdict: [CONFIRM, ERROR]) { edges { node { row text cells candidates { code } problems { path rule } } } } }"#;
    let payload = clerk.does("importSchedule", &input(&number, NANSHA, &faulty, "faults: LEAVE_OUT"), selection).await;
    let edges = &payload["report"]["rows"]["edges"];
    let error = json!({ "row": 4, "text": "居民身份证补领", "cells": ["B4"], "candidates": [], "problems": [{ "path": ["mode"], "rule": "MODE_UNKNOWN" }] });
    assert_eq!(edges[0]["node"], error);
    assert_eq!((&edges[1]["node"]["row"], &edges[1]["node"]["cells"]), (&json!(5), &json!(["A5"])));
    assert_eq!(edges[1]["node"]["candidates"][0]["code"], RENEWING);
    assert_eq!(schedule(&clerk, &number).await.as_array().map(Vec::len), Some(1));
    // The texts of a choice hold for all rows.
    let chosen = format!(
        r#"choices: [{{ text: "居民身份证换证", matter: "{REPLACING}" }}, {{ text: "火星居留许可", skip: true }}]"#
    );
    let text = "事项,方式\n居民身份证换证,代收代办\n火星居留许可,全程网办\n";
    let chosen = input(&number, NANSHA, &file(text.as_bytes(), &chosen), "direction: BOTH");
    let payload = clerk.does("importSchedule", &chosen, COUNTS).await;
    assert_eq!(
        counts(&payload),
        json!({ "form": "CSV UTF-8", "sheet": null, "headerRow": 1, "created": 1, "skipped": 1 })
    );
}

async fn what_a_list_does_not_name_stays_or_is_replaced(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let draft = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let clerk = registry.registrar(NANSHA);
    let rows = list("居民身份证补领,全程网办,闵行,南沙,第二批\n");
    let added = clerk.does("importSchedule", &input(&draft.number, NANSHA, &rows, ""), COUNTS).await;
    assert_eq!(counts(&added)["created"], json!(1));
    let kept = schedule(&clerk, &draft.number).await;
    assert_eq!(
        (kept[0]["node"]["key"].as_str(), kept[1]["node"]["key"].as_str(), kept[1]["node"]["batch"].as_str()),
        (Some("1"), Some("r1"), Some("第二批"))
    );
    let removals = "report { unchanged removed removals { matter { code } receiving { code } mode } }";
    let payload = clerk.does("importSchedule", &input(&draft.number, NANSHA, &rows, "replace: true"), removals).await;
    assert_eq!((&payload["report"]["unchanged"], &payload["report"]["removed"]), (&json!(1), &json!(2)));
    let first = json!({ "matter": { "code": RENEWING }, "receiving": { "code": MINHANG }, "mode": "PROXY_COLLECTION" });
    assert_eq!(payload["report"]["removals"][0], first);
    assert_eq!(schedule(&clerk, &draft.number).await.as_array().map(Vec::len), Some(1));
    let revised = list("居民身份证补领,全程网办,闵行,南沙,第三批\n");
    let changes =
        "report { rows { edges { node { verdict clauses changes { field label(locale: EN) before after } } } } }";
    let payload = clerk.does("importSchedule", &input(&draft.number, NANSHA, &revised, ""), changes).await;
    let change = json!({ "field": "batch", "label": "batch", "before": "第二批", "after": "第三批" });
    let row = json!({ "verdict": "UPDATE", "clauses": ["r2"], "changes": [change] });
    assert_eq!(payload["report"]["rows"]["edges"][0]["node"], row);
}

async fn a_list_is_for_those_who_may_edit_the_draft(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let draft = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let rows = list("居民身份证补领,全程网办,闵行,南沙,\n");
    let of = |party: &str| input(&draft.number, party, &rows, "");
    assert_eq!(registry.anybody().forbidden("importSchedule", &of(NANSHA)).await, "FORBIDDEN");
    assert_eq!(registry.signatory(NANSHA).forbidden("importSchedule", &of(NANSHA)).await, "FORBIDDEN");
    assert_eq!(registry.registrar(MINHANG).forbidden("importSchedule", &of(NANSHA)).await, "FORBIDDEN");
    // Another party's draft does not exist.
    let theirs = registry.registrar(MINHANG).act("importSchedule", &of(MINHANG), COUNTS).await;
    assert_eq!((rules(&theirs), &theirs["report"]), (vec!["NOT_FOUND".to_owned()], &json!(null)));
    let stale = format!("{}, expectedRevision: 1", of(NANSHA));
    assert_eq!(
        registry.registrar(NANSHA).refused("importSchedule", &stale).await,
        ["STALE expectedRevision RECORD_MOVED"]
    );
    registry.registrar(NANSHA).does("importSchedule", &of(NANSHA), "").await;
    draft.registrar(NANSHA).proposes(1).await;
    let proposed = registry.registrar(NANSHA).act("importSchedule", &of(NANSHA), "").await;
    assert_eq!(rules(&proposed), ["NOTHING_CHANGED", "WRONG_STATE"]);
    assert_eq!(
        registry.registrar(MINHANG).refused("importSchedule", &of(MINHANG)).await,
        ["REFUSED file NOTHING_CHANGED", "REFUSED version WRONG_STATE"]
    );
}

async fn files_that_are_no_lists_are_refused(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let number = empty_draft(&registry, [NANSHA, MINHANG]).await;
    let clerk = registry.registrar(NANSHA);
    let refused = async |file: &str| clerk.refused("importSchedule", &input(&number, NANSHA, file, "")).await;
    assert_eq!(refused(&file(b"<html><table></table></html>", "")).await, ["INVALID file FILE_IS_HTML"]);
    assert_eq!(refused(&file("甲,乙\n1,2\n".as_bytes(), "")).await, ["INVALID file.headerRow HEADER_NOT_FOUND"]);
    let stated = r#"columns: [{ header: "甲", field: "名称" }], defaults: [{ field: "mode", value: "网办" }]"#;
    assert_eq!(
        refused(&file("甲\n居民身份证补领\n".as_bytes(), stated)).await[0],
        "INVALID file.columns.0.field UNKNOWN_FIELD"
    );
    let both = format!(r#"choices: [{{ text: "甲", matter: "{RENEWING}", skip: true }}]"#);
    let rows = "事项名称,通办方式\n居民身份证补领,全程网办\n";
    let told = refused(&file(rows.as_bytes(), &both)).await;
    assert!(told.contains(&"INVALID file.choices.0.matter ONE_CHOICE".to_owned()), "{told:?}");
    let many = format!("事项名称,通办方式\n{}", "居民身份证补领,全程网办\n".repeat(5_001));
    assert_eq!(refused(&file(many.as_bytes(), "")).await, ["REFUSED file USE_UPLOAD"]);
    let large = vec![b'a'; (7 << 20) + 4];
    assert_eq!(refused(&file(&large, "")).await, ["REFUSED file.content USE_UPLOAD"]);
}
