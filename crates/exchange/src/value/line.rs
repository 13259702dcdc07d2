//! Texts of one line: names, remarks, labels.

use domain::text::{self, Layout};
use domain::{Problem, ProblemCode};

use super::apostrophe::unprotected;
use crate::sheet::cell::Value;

/// The text of a cell in one line, without what protects it and without its line breaks. `None` if it is blank.
/// Characters that may not be stored are refused with their cause.
pub fn line(value: &Value, most: usize) -> Result<Option<String>, Problem> {
    checked(&joined(&plain(value)?), most)
}

/// Like `line`, with a blank for each line break.
pub fn lines(value: &Value, most: usize) -> Result<Option<String>, Problem> {
    let text = plain(value)?;
    let parts: Vec<&str> = text.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect();
    checked(&parts.join(" "), most)
}

/// The text of a cell without what protects it, or why the cell has none.
pub fn plain(value: &Value) -> Result<String, Problem> {
    match value {
        Value::FormulaWithoutValue => Err(formula_without_value()),
        Value::Error(error) => Err(spreadsheet_error(error)),
        Value::Empty | Value::Text(_) | Value::Number(_) | Value::Date(_) | Value::Bool(_) => {
            Ok(unprotected(value.text().trim()).trim().to_owned())
        }
    }
}

fn joined(text: &str) -> String {
    text.split(['\n', '\r', '\t']).map(str::trim).collect()
}

fn checked(text: &str, most: usize) -> Result<Option<String>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    match text::fault(text, most, Layout::OneLine) {
        None => Ok(Some(text.to_owned())),
        Some(fault) => Err(Problem {
            code: ProblemCode::Invalid,
            path: Vec::new(),
            rule: fault.rule,
            message: fault.message,
            remedy: Some(fault.remedy),
        }),
    }
}

fn formula_without_value() -> Problem {
    Problem::invalid(
        Vec::new(),
        "FORMULA_WITHOUT_VALUE",
        domain::Message::new("公式没有保存结果", "the formula was saved without its result"),
    )
    .remedy(
        "请在 Excel 或 WPS 中重新计算（F9）后保存，或粘贴为值",
        "calculate it in Excel or WPS (F9) and save the file, or paste it as values",
    )
}

fn spreadsheet_error(error: &str) -> Problem {
    let message = domain::Message::new(
        format!("单元格是公式错误 {error}"),
        format!("the cell holds the error {error} of a formula"),
    );
    Problem::invalid(Vec::new(), "FORMULA_ERROR", message)
        .remedy("请改正公式，或直接填写内容", "correct the formula, or write the content itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, &'static str> {
        line(&Value::of_text(text), 100).map_err(|problem| problem.rule)
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(read(" 工伤职工\n异地居住申请\u{3000}"), Ok(Some("工伤职工异地居住申请".to_owned())));
        assert_eq!(read(" \u{3000}"), Ok(None));
        assert_eq!(read("'=1+1"), Ok(Some("=1+1".to_owned())));
        let remark = lines(&Value::of_text("一\n二"), 100).expect("text");
        assert_eq!(remark.as_deref(), Some("一 二"));
    }

    #[test]
    fn what_may_not_be_stored_is_refused_with_its_cause() {
        assert_eq!(read("登记\u{202E}记登"), Err("DIRECTION_CHARACTER"));
        assert_eq!(read("身份\u{FFFD}"), Err("BROKEN_CHARACTER"));
        assert_eq!(read("身份\u{200B}证"), Err("INVISIBLE_CHARACTER"));
        assert_eq!(line(&Value::FormulaWithoutValue, 9).expect_err("no value").rule, "FORMULA_WITHOUT_VALUE");
        assert_eq!(line(&Value::Error("#N/A".into()), 9).expect_err("an error").rule, "FORMULA_ERROR");
    }
}
