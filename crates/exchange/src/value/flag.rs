//! Yes and no.

use domain::Problem;

use super::line::plain;
use super::narrow::narrow;
use super::rejected::rejected;
use crate::sheet::cell::Value;

/// Yes or no. `None` if the cell is blank.
pub fn flag(value: &Value) -> Result<Option<bool>, Problem> {
    match value {
        Value::Bool(flag) => return Ok(Some(*flag)),
        Value::Empty => return Ok(None),
        Value::Text(_) | Value::Number(_) | Value::Date(_) | Value::Error(_) | Value::FormulaWithoutValue => {}
    }
    let text = narrow(&plain(value)?).trim().to_lowercase();
    Ok(Some(match text.as_str() {
        "" | "-" | "—" | "——" | "/" => return Ok(None),
        "true" | "yes" | "y" | "1" | "是" | "有" | "√" | "✓" | "✔" | "☑" | "■" | "●" | "v" => true,
        "false" | "no" | "n" | "0" | "否" | "无" | "×" | "✗" | "✘" | "x" | "□" | "☐" | "○" => false,
        _ => {
            return Err(rejected("FLAG", &text, "不是“是”或“否”", "is neither yes nor no")
                .remedy("可填 √、是、1，或 ×、否、0，或留空", "write √, yes or 1, or ×, no or 0, or leave it blank"));
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_are_read_as_offices_write_them() {
        for text in ["是", "TRUE", "有", "1", "Y", "√", "✓", "１", "Ｙ", "■"] {
            assert_eq!(flag(&Value::of_text(text)).expect(text), Some(true), "{text}");
        }
        for text in ["否", "FALSE", "无", "0", "N", "×", "０", "□"] {
            assert_eq!(flag(&Value::of_text(text)).expect(text), Some(false), "{text}");
        }
        assert_eq!(flag(&Value::Bool(true)).expect("a flag"), Some(true));
        assert_eq!(flag(&Value::Number(1.0)).expect("a flag"), Some(true));
        assert_eq!(flag(&Value::of_text("也许")).expect_err("no flag").rule, "FLAG");
    }
}
