//! Reports of imports by acts, as JSON: for `tongban import --kind schedule --json` and `POST /imports`.

use domain::import::Verdict;
use domain::{Locale, Problem};
use registry::acts::Outcome;
use registry::acts::agreement::import::Imported;
use registry::acts::import_records::ImportedRecords;
use serde_json::{Value as Json, json};

/// The report of a list for a schedule.
pub(crate) fn of_schedule(done: &Imported, file: &str, locale: Locale) -> Json {
    let Some(import) = &done.report else { return without_rows(&done.outcome, locale) };
    let report = &import.report;
    let rows = report.rows.iter().map(|row| {
        let problems = row.problems.iter().map(|found| {
            let mut told = problem(&found.problem, locale);
            told["column"] = json!(found.column);
            told["cell"] = json!(found.address);
            told
        });
        json!({
            "row": row.row, "verdict": row.verdict.name(), "text": row.text, "matter": row.matter,
            "candidates": row.candidates, "clauses": row.clauses,
            "changes": row.changes.iter().map(|change| change.field.name()).collect::<Vec<_>>(),
            "problems": problems.collect::<Vec<_>>(),
        })
    });
    let list = json!({
        "file": file, "form": report.form.to_string(), "sheet": report.sheet, "headerRow": report.header_row,
        "unreadColumns": report.unread_columns(),
    });
    let verdicts = report.rows.iter().map(|row| row.verdict);
    whole(&done.outcome, &list, &verdicts, &rows.collect::<Vec<_>>(), import.removed.len(), locale)
}

/// The report of a list of records.
pub(crate) fn of_records(done: &ImportedRecords, file: &str, locale: Locale) -> Json {
    let Some(import) = &done.report else { return without_rows(&done.outcome, locale) };
    let list = &import.list;
    let rows = import.rows.iter().map(|row| {
        json!({
            "row": row.row, "verdict": row.verdict.name(), "text": row.text, "matter": row.matter,
            "changes": row.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(),
            "problems": row.problems.iter().map(|found| problem(found, locale)).collect::<Vec<_>>(),
        })
    });
    let read = json!({
        "file": file, "form": list.form.to_string(), "sheet": list.sheet, "headerRow": list.header_row,
        "unreadColumns": list.unread_columns(),
    });
    let verdicts = import.rows.iter().map(|row| row.verdict);
    whole(&done.outcome, &read, &verdicts, &rows.collect::<Vec<_>>(), 0, locale)
}

fn whole(
    outcome: &Outcome,
    list: &Json,
    verdicts: &(impl Iterator<Item = Verdict> + Clone),
    rows: &[Json],
    removed: usize,
    locale: Locale,
) -> Json {
    let count = |of: Verdict| verdicts.clone().filter(|verdict| *verdict == of).count();
    json!({
        "written": outcome.saved.is_some(), "revision": outcome.saved.as_ref().map(|saved| saved.revision),
        "read": rows.len(), "registered": count(Verdict::Create), "revised": count(Verdict::Update),
        "unchanged": count(Verdict::Unchanged), "skipped": count(Verdict::Skip),
        "faultCount": verdicts.clone().filter(|verdict| verdict.is_fault()).count(), "removed": removed,
        "files": [list], "problems": problems(outcome, locale), "rows": rows,
    })
}

/// The file could not be read: there are problems only.
fn without_rows(outcome: &Outcome, locale: Locale) -> Json {
    json!({
        "written": outcome.saved.is_some(), "revision": outcome.saved.as_ref().map(|saved| saved.revision),
        "problems": problems(outcome, locale), "files": [], "rows": [],
    })
}

fn problems(outcome: &Outcome, locale: Locale) -> Vec<Json> {
    outcome.problems.iter().map(|found| problem(found, locale)).collect()
}

fn problem(problem: &Problem, locale: Locale) -> Json {
    json!({
        "code": problem.code.name(), "rule": problem.rule, "path": problem.path,
        "message": problem.message.text(locale), "remedy": problem.remedy.as_ref().map(|remedy| remedy.text(locale)),
    })
}
