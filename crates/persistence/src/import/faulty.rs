//! Faulty lines. Their references and keys are checked anyway, so that all problems can be corrected at once.

use std::collections::BTreeSet;

use domain::Problem;
use domain::record::Submitted;
use domain::reference::Reference;
use serde_json::Value;

/// A line with problems.
#[derive(Debug)]
pub(crate) struct FaultyLine {
    pub(crate) line: Value,
    /// How many clauses the line had itself; `None`: no clauses were added from other lines.
    pub(crate) own: Option<usize>,
    /// The top-level fields with problems.
    fields: BTreeSet<String>,
    /// The record as far as it can be read.
    partly: Option<Submitted>,
}

impl FaultyLine {
    pub(crate) fn new(line: Value, own: Option<usize>, problems: &[Problem]) -> Self {
        let fields = problems.iter().filter_map(|problem| problem.path.first().cloned()).collect();
        let partly = Submitted::read_partly(&line, &mut Vec::new());
        Self { line, own, fields, partly }
    }

    /// The record as far as it can be read, if none of these fields is at fault.
    pub(crate) fn reads(&self, fields: &[&str]) -> Option<&Submitted> {
        self.partly.as_ref().filter(|_| fields.iter().all(|field| !self.fields.contains(*field)))
    }

    /// The references of the line, as far as they can be read.
    pub(crate) fn references(&self) -> Vec<Reference> {
        references(&self.line)
    }

    /// A text field of the line.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.line.get(field)?.as_str().map(str::trim)
    }
}

/// The references of a line or a clause.
pub(crate) fn references(line: &Value) -> Vec<Reference> {
    let mut named = Vec::new();
    let of_document = line.get("type").and_then(Value::as_str) == Some("document");
    walk(line, &mut Vec::new(), "", of_document, &mut named);
    named
}

fn walk(value: &Value, path: &mut Vec<String>, field: &str, of_document: bool, named: &mut Vec<Reference>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                path.push(field.clone());
                walk(value, path, field, of_document, named);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                path.push(i.to_string());
                walk(item, path, field, of_document, named);
                path.pop();
            }
        }
        Value::String(code) => {
            let district = || code.parse().ok().map(|code| Reference::district(path.join("."), code));
            let agreement = || code.parse().ok().map(|number| Reference::agreement(path.join("."), number));
            named.extend(match field {
                "district" | "parent" | "parents" | "administers" | "successors" | "recorder" | "author" | "by"
                | "signers" => district(),
                "matter" | "matters" => code.parse().ok().map(|code| Reference::matter(path.join("."), code)),
                "framework" | "replaces" => agreement(),
                "party" if of_document => district(),
                "agreement" if of_document => agreement(),
                _ => None,
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
