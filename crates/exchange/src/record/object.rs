//! Puts the values of cells into the JSON of a line.

use domain::{Message, Problem};
use serde_json::{Map, Value};

/// Sets a field at a path, or tells that another column has set it.
pub fn put(fields: &mut Map<String, Value>, steps: &[String], value: Value, column: &[String]) -> Option<Problem> {
    let [step, rest @ ..] = steps else { return None };
    if rest.is_empty() {
        return fields.insert(step.clone(), value).map(|_| clash(column));
    }
    match fields.entry(step.clone()).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => put(inner, rest, value, column),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Some(clash(column)),
    }
}

/// Sets `dayKind` from the unit beside a number of days, unless the row states it.
pub fn count_in(fields: &mut Map<String, Value>, column: &[String], unit: &str) -> Option<Problem> {
    match fields.get("dayKind").and_then(Value::as_str) {
        None => {
            fields.insert("dayKind".to_owned(), unit.into());
            None
        }
        Some(stated) if stated == unit => None,
        Some(stated) => {
            let message = Message::new(
                format!("期限的单位与 dayKind（{stated}）不一致"),
                format!("the unit of the days is not that of dayKind, {stated}"),
            );
            let remedy = format!("dayKind: {unit}");
            Some(Problem::invalid(column.to_vec(), "DAY_KIND", message).remedy(remedy.clone(), remedy))
        }
    }
}

fn clash(column: &[String]) -> Problem {
    let message = Message::new("此字段由两列给出", "two columns give this field");
    Problem::invalid(column.to_vec(), "COLUMN_TWICE", message).remedy(
        "请只用一列填写整体，或分列填写各部分",
        "use either one column for the whole value or a column for each part",
    )
}
