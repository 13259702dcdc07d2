//! All problems of a line are reported at once: any two faults are both reported.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::common::{Registry, everything};

/// A valid line with its possible changes: the changed fields (null: removed), and the fault that they cause.
struct Case {
    line: Value,
    faults: Vec<(Value, &'static str, &'static str)>,
}

fn cases() -> Vec<Case> {
    let case = |line: Value, faults: Vec<(Value, &'static str, &'static str)>| Case { line, faults };
    let clause = |more: Value| {
        let mut clause = json!({ "matters": ["000109001000"], "mode": "FULL_ONLINE" });
        clause.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "schedule": [clause] })
    };
    vec![
        case(
            json!({ "type": "district", "code": "440116", "name": "黄埔区", "kind": "COUNTY", "parent": "440000" }),
            vec![
                (json!({ "name": null }), "name", "REQUIRED"),
                (json!({ "kind": "CITY" }), "kind", "UNKNOWN_WORD"),
                (json!({ "parent": "449999" }), "parent", "UNKNOWN_DISTRICT"),
                (json!({ "parent": "440116" }), "parent", "OWN_ANCESTOR"),
                (json!({ "codes": [{ "scheme": "GB/T 2260", "value": "440115" }] }), "codes", "DISTRICT_CODE_TAKEN"),
                (json!({ "validFrom": "2021-02-30" }), "validFrom", "DATE"),
                (json!({ "administers": ["449998"] }), "administers", "UNKNOWN_DISTRICT"),
                (json!({ "retiredOn": "2030-01-01", "successors": ["449997"] }), "successors", "UNKNOWN_DISTRICT"),
                (json!({ "colour": "red" }), "colour", "UNKNOWN_FIELD"),
            ],
        ),
        case(
            json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 1 }),
            vec![
                (json!({ "district": "310119" }), "district", "UNKNOWN_DISTRICT"),
                (json!({ "matter": "000109001009" }), "matter", "UNKNOWN_MATTER"),
                (json!({ "visits": null }), "visits", "REQUIRED"),
                (json!({ "url": "pigeon" }), "url", "URL"),
                (json!({ "validFrom": "2022-01-02", "validTo": "2022-01-01" }), "validTo", "DATES_OUT_OF_ORDER"),
            ],
        ),
        case(
            json!({ "type": "window", "district": "440115", "name": "专窗", "address": "一楼" }),
            vec![
                (json!({ "district": "310119" }), "district", "UNKNOWN_DISTRICT"),
                (json!({ "matters": ["000109001009"] }), "matters", "UNKNOWN_MATTER"),
                (json!({ "address": null }), "address", "REQUIRED"),
                (json!({ "modes": ["BY_PIGEON"] }), "modes", "UNKNOWN_WORD"),
                (json!({ "closedReason": "装修" }), "closedOn", "REQUIRED"),
            ],
        ),
        case(
            json!({ "type": "policy", "key": "p", "title": "意见", "documentNumber": "国办发〔2022〕1号", "schedule": [] }),
            vec![
                (json!({ "title": null }), "title", "REQUIRED"),
                (json!({ "receiving": [{ "district": "310119" }] }), "receiving[0].district", "UNKNOWN_DISTRICT"),
                (clause(json!({ "matters": ["000109001009"] })), "schedule[0].matters", "UNKNOWN_MATTER"),
                (clause(json!({ "mode": "BY_PIGEON" })), "schedule[0].mode", "UNKNOWN_WORD"),
                (
                    json!({ "effectiveFrom": "2022-01-02", "effectiveTo": "2022-01-01" }),
                    "effectiveTo",
                    "DATES_OUT_OF_ORDER",
                ),
            ],
        ),
        case(
            json!({ "type": "agreement", "key": "n", "title": "议", "signedOn": "2021-01-01", "parties": [{ "district": "440115" }, { "district": "310112" }], "schedule": [] }),
            vec![
                (json!({ "title": null }), "title", "REQUIRED"),
                (json!({ "framework": "TB-2021-000777" }), "framework", "UNKNOWN_AGREEMENT"),
                (
                    json!({ "parties": [{ "district": "440115" }, { "district": "310119" }] }),
                    "parties[1].district",
                    "UNKNOWN_DISTRICT",
                ),
                (clause(json!({ "matters": ["000109001009"] })), "schedule[0].matters", "UNKNOWN_MATTER"),
                (clause(json!({ "receiving": ["440000"] })), "schedule[0].receiving", "NOT_A_PARTY"),
                (
                    json!({ "effectiveFrom": "2022-01-02", "effectiveTo": "2022-01-01" }),
                    "effectiveTo",
                    "DATES_OUT_OF_ORDER",
                ),
                (json!({ "noticeDays": "many" }), "noticeDays", "NUMBER"),
                (json!({ "recorder": "310119" }), "recorder", "UNKNOWN_DISTRICT"),
                (json!({ "signedOn": "2099-01-01" }), "signedOn", "SIGNED_IN_THE_FUTURE"),
            ],
        ),
        case(
            json!({ "type": "clause", "agreement": "a", "matters": ["000109001000"], "mode": "FULL_ONLINE" }),
            vec![
                (json!({ "agreement": "b" }), "agreement", "UNKNOWN_AGREEMENT"),
                (json!({ "agreement": null }), "agreement", "REQUIRED"),
                (json!({ "matters": ["000109001009"] }), "matters", "UNKNOWN_MATTER"),
                (json!({ "mode": "BY_PIGEON" }), "mode", "UNKNOWN_WORD"),
                (json!({ "validFrom": "2022-01-02", "validTo": "2022-01-01" }), "validTo", "DATES_OUT_OF_ORDER"),
            ],
        ),
        case(
            json!({ "type": "document", "agreement": "TB-2021-000001", "party": "440115", "name": "扫描件.pdf", "mediaType": "application/pdf", "size": 10, "attachedOn": "2021-06-01",
                    "digest": "sha-256:0000000000000000000000000000000000000000000000000000000000000000" }),
            vec![
                (json!({ "agreement": "TB-2021-000777" }), "agreement", "UNKNOWN_AGREEMENT"),
                (json!({ "party": "310119" }), "party", "UNKNOWN_DISTRICT"),
                (json!({ "name": "../扫描件.pdf" }), "name", "FILE_NAME"),
                (json!({ "attachedOn": null }), "attachedOn", "REQUIRED"),
            ],
        ),
    ]
}

fn with(line: &Value, changes: &[&Value]) -> Value {
    let mut line = line.as_object().unwrap().clone();
    for (field, value) in changes.iter().flat_map(|change| change.as_object().unwrap()) {
        match value {
            Value::Null => drop(line.remove(field)),
            value => drop(line.insert(field.clone(), value.clone())),
        }
    }
    Value::Object(line)
}

/// The faults of the last line, without indexes.
async fn told(registry: &Registry, lines: &[Value]) -> BTreeSet<(u64, String, &'static str)> {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let report = registry.import(&[registry.file("pair.ndjson", lines.join("\n"))]).await;
    let field = |field: String| {
        if field.starts_with("parties") || field.starts_with("receiving[") {
            field
        } else {
            field.trim_end_matches("[0]").to_owned()
        }
    };
    for fault in &report.faults {
        assert!(
            fault.problem.code == domain::ProblemCode::Invalid || fault.problem.remedy.is_some(),
            "{:?} has a remedy",
            fault.problem
        );
    }
    report.faults.into_iter().map(|fault| (fault.line, field(fault.problem.field()), fault.problem.rule)).collect()
}

#[tokio::test]
async fn any_two_faults_of_a_line_are_both_reported() {
    let registry = Registry::new().await.holding(&everything()).await;
    for Case { line, faults } in cases() {
        // A clause is added to the agreement with its key, whose line must be in the files too.
        let others: Vec<Value> = if line["type"] == "clause" {
            vec![
                json!({ "type": "agreement", "key": "a2", "title": "议", "signedOn": "2021-01-01", "parties": [{ "district": "440115" }, { "district": "310112" }], "schedule": [] }),
            ]
        } else {
            Vec::new()
        };
        let line = if line["type"] == "clause" { with(&line, &[&json!({ "agreement": "a2" })]) } else { line };
        let at = others.len() as u64 + 1;
        for (i, (one, one_field, one_rule)) in faults.iter().enumerate() {
            let alone = told(&registry, &[others.clone(), vec![with(&line, &[one])]].concat()).await;
            assert_eq!(alone, BTreeSet::from([(at, (*one_field).to_owned(), *one_rule)]), "{line} with {one}");
            for (other, other_field, other_rule) in &faults[..i] {
                let fields = |change: &Value| {
                    change
                        .as_object()
                        .cloned()
                        .unwrap_or_default()
                        .into_iter()
                        .map(|(field, _)| field)
                        .collect::<BTreeSet<_>>()
                };
                if !fields(one).is_disjoint(&fields(other)) {
                    continue;
                }
                let both = told(&registry, &[others.clone(), vec![with(&line, &[one, other])]].concat()).await;
                let expected = BTreeSet::from([
                    (at, (*one_field).to_owned(), *one_rule),
                    (at, (*other_field).to_owned(), *other_rule),
                ]);
                assert_eq!(both, expected, "{line} with {one} and {other}");
            }
        }
    }
}

#[tokio::test]
async fn a_duplicate_record_is_reported_even_if_one_line_is_faulty() {
    let registry = Registry::new().await.holding(&everything()).await;
    for Case { line, .. } in cases().into_iter().filter(|case| case.line["type"] != "clause") {
        let faulty = with(&line, &[&json!({ "colour": "red" })]);
        for lines in [[faulty.clone(), line.clone()], [line.clone(), faulty.clone()], [faulty.clone(), faulty.clone()]]
        {
            let told = told(&registry, &lines).await;
            let twice: Vec<_> =
                told.iter().filter(|(_, _, rule)| *rule == "DUPLICATE").map(|(line, ..)| *line).collect();
            assert_eq!(twice, [2], "{} {}", lines[0], lines[1]);
        }
    }
}

#[tokio::test]
async fn a_duplicate_json_key_is_reported_and_the_rest_is_read() {
    let registry = Registry::new().await;
    let lines = r#"{"type":"district","code":"440000","name":"广东省","name":"广西","kind":"PROVINCE","colour":"red"}
{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parent":"440000"}
{"type":"agreement","title":"议","parties":[{"district":"440115","district":"440000"},{"district":"440000"}],"schedule":[]}"#;
    let report = registry.import(&[registry.file("twice.ndjson", lines)]).await;
    let told: Vec<_> =
        report.faults.iter().map(|fault| (fault.line, fault.problem.field(), fault.problem.rule)).collect();
    let expected = [
        (1, "name", "KEY_TWICE"),
        (1, "colour", "UNKNOWN_FIELD"),
        (3, "parties[0].district", "KEY_TWICE"),
        (3, "parties[1].district", "PARTY_TWICE"),
        (3, "parties", "TOO_FEW_PARTIES"),
    ];
    assert_eq!(told, expected.map(|(line, field, rule)| (line, field.to_owned(), rule)));
    let table = "type,code,name,kind,provenance\ndistrict,440000,广东省,PROVINCE,\"{\"\"source\"\":\"\"a\"\",\"\"source\"\":\"\"b\"\"}\"\n";
    let report = registry.import(&[registry.file("twice.csv", table)]).await;
    assert_eq!(report.faults.iter().map(|fault| fault.problem.rule).collect::<Vec<_>>(), ["KEY_TWICE"]);
}
