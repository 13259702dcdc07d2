//! Rows become the clauses of a draft.

mod support;

use domain::import::Verdict;
use domain::{AgreementClause, DistrictCode};
use exchange::header::field::Field;
use exchange::schedule::options::Options;
use exchange::schedule::plan::{Plan, Unnamed, plan};
use exchange::schedule::report::Report;
use serde_json::json;
use support::{KUNSHAN, NANSHA, code, data, read_bytes, read_with};

const HEAD: &str = "事项名称,通办方式,收件地,业务属地,批次,条款编号";

fn list(rows: &[&str]) -> Report {
    read_bytes(format!("{HEAD}\n{}\n", rows.join("\n")).into_bytes())
}

fn parties() -> [DistrictCode; 2] {
    [code(NANSHA), code(KUNSHAN)]
}

fn planned(report: &mut Report, draft: &[AgreementClause], unnamed: Unnamed) -> Plan {
    plan(&mut report.rows, draft, &parties(), unnamed)
}

fn clause(value: &serde_json::Value) -> AgreementClause {
    let mut problems = Vec::new();
    domain::reading::read(value, &mut problems, AgreementClause::read).unwrap_or_else(|| panic!("{problems:?}"))
}

fn keys_and_matters(plan: &Plan) -> Vec<(&str, Vec<String>)> {
    let matters = |clause: &AgreementClause| clause.matters.iter().map(ToString::to_string).collect();
    plan.clauses.iter().map(|clause| (clause.key.as_ref(), matters(clause))).collect()
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.rows.iter().map(|row| row.verdict).collect()
}

#[test]
fn rows_that_agree_form_one_clause_with_its_matters_by_code() {
    let mut report = list(&[
        "社会保障卡申领,全程网办,昆山,南沙,第一批,",
        "失业登记,全程网办,昆山,南沙,第一批,",
        "参保证明查询打印,全程网办,双方,双方,第一批,",
        "社会保障卡补换,全程网办,昆山,南沙,第二批,",
        "普通护照签发,全程网办、代收代办,昆山,南沙,第一批,",
    ]);
    let plan = planned(&mut report, &[], Unnamed::Keep);
    let expected = [
        ("r1", vec!["LGA000000012", "LRS000000001", "LRS000000006"]),
        ("r2", vec!["LRS000000009"]),
        ("r3", vec!["LRS000000007"]),
        ("r4", vec!["LGA000000012"]),
    ];
    assert_eq!(
        keys_and_matters(&plan),
        expected.map(|(key, matters)| (key, matters.iter().map(ToString::to_string).collect()))
    );
    assert_eq!(report.rows[4].clauses, ["r1".into(), "r4".into()]);
    assert_eq!(report.count(Verdict::Create), 5);
}

#[test]
fn the_same_list_again_changes_nothing_and_keeps_the_keys() {
    let mut first = read_bytes(data("20-clerk.xlsx"));
    let plan = planned(&mut first, &[], Unnamed::Keep);
    assert_eq!((first.count(Verdict::Create), plan.clauses.len()), (60, 9));
    let mut again = read_bytes(data("20-clerk-gbk.csv"));
    let same = planned(&mut again, &plan.clauses, Unnamed::Remove);
    assert_eq!(again.count(Verdict::Unchanged), 60);
    assert_eq!((same.clauses, same.removed), (plan.clauses, vec![]));
}

fn draft() -> Vec<AgreementClause> {
    vec![
        clause(&json!({ "key": "网办", "matters": ["LRS000000001", "LRS000000006"], "mode": "FULL_ONLINE" })),
        clause(&json!({
            "key": "代收", "receiving": [KUNSHAN], "competent": [NANSHA], "matters": ["LRS000000009"],
            "mode": "PROXY_COLLECTION", "batch": "第一批", "terms": { "proxyCollection": { "transferDays": 2 } }
        })),
    ]
}

#[test]
fn a_group_that_equals_a_clause_extends_it() {
    let mut report = list(&[
        "失业登记,全程网办,昆山,南沙,,",
        "社会保障卡补换,全程网办,双方,双方,,",
        "参保证明查询打印,代收代办,昆山,南沙,第一批,代收",
        "普通护照签发,代收代办,昆山,南沙,,代收",
    ]);
    let plan = planned(&mut report, &draft(), Unnamed::Keep);
    use Verdict::{Create, Unchanged};
    assert_eq!(verdicts(&report), [Unchanged, Create, Unchanged, Create]);
    let matters: Vec<usize> = plan.clauses.iter().map(|clause| clause.matters.len()).collect();
    assert_eq!((matters, plan.clauses[0].key.as_ref(), plan.clauses[1].key.as_ref()), (vec![3, 2], "网办", "代收"));
    // The terms and the batch of the clause stay.
    assert_eq!(plan.clauses[1].terms, draft()[1].terms);
    assert_eq!(report.rows[3].clauses, ["代收".into()]);
}

#[test]
fn replacing_removes_the_cells_without_a_row() {
    let mut report = list(&["失业登记,全程网办,昆山,南沙,,"]);
    let kept = planned(&mut report.clone(), &draft(), Unnamed::Keep);
    assert_eq!(kept.clauses, draft());
    let plan = planned(&mut report, &draft(), Unnamed::Remove);
    // One direction of one matter is left: the clause of both directions gives way to one of its own.
    assert_eq!(keys_and_matters(&plan), [("r1", vec!["LRS000000001".to_owned()])]);
    assert_eq!((plan.clauses[0].receiving.len(), plan.removed.len()), (1, 4));
    assert_eq!(verdicts(&report), [Verdict::Unchanged]);
}

#[test]
fn a_cell_with_other_conditions_moves_and_keeps_its_terms() {
    let mut report = list(&["参保证明查询打印,代收代办,昆山,南沙,第二批,"]);
    let plan = planned(&mut report, &draft(), Unnamed::Keep);
    assert_eq!(verdicts(&report), [Verdict::Update]);
    let change = &report.rows[0].changes[0];
    assert_eq!((change.field, report.rows[0].changes.len()), (Field::Batch, 1));
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("第一批"), Some("第二批")));
    let moved = plan.clauses.last().expect("a clause");
    assert_eq!((plan.clauses.len(), moved.key.as_ref(), moved.batch.as_deref()), (2, "r1", Some("第二批")));
    assert_eq!(moved.terms, draft()[1].terms);
    // With the key of its clause, the whole clause changes and keeps its key.
    let mut keyed = list(&["参保证明查询打印,代收代办,昆山,南沙,第二批,代收"]);
    let plan = planned(&mut keyed, &draft(), Unnamed::Keep);
    assert_eq!(plan.clauses.last().map(|clause| clause.key.as_ref()), Some("代收"));
    assert_eq!(keyed.rows[0].clauses, ["代收".into()]);
}

#[test]
fn rows_at_fault_are_not_planned() {
    let rows = format!("{HEAD}\n火星居留许可,全程网办,昆山,南沙,,\n失业登记,瞎填,昆山,南沙,,\n");
    let mut report = read_with(rows.into_bytes(), &Options::default()).expect("a list");
    let plan = planned(&mut report, &[], Unnamed::Keep);
    assert_eq!((plan.clauses.len(), report.is_faultless()), (0, false));
    assert_eq!(verdicts(&report), [Verdict::Unknown, Verdict::Error]);
}
