//! Reads one JSON object into a typed record. Import lines and GraphQL inputs both use it, so that a problem has the
//! same words everywhere. Reading continues after a problem and reports all of them.

mod contact;
mod fields;
pub mod format;
mod malformed;
pub mod shape;
mod spreadsheet;

use std::collections::BTreeSet;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::problem::{Malformed, Message, Problem, ProblemCode, Problems};
use crate::reading::shape::{Form, Shape, shape, type_name};
use crate::reading::spreadsheet::changed_by_spreadsheet;
use crate::text::quoting;

/// Whether an input states the act that ended its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndField {
    /// The field is present: with the day of the act, or with `null`, which takes the act back.
    Stated,
    LeftOut,
}

impl EndField {
    fn when(stated: bool) -> Self {
        if stated { Self::Stated } else { Self::LeftOut }
    }

    /// Whether a line states it.
    pub fn of(line: &Value) -> Self {
        let has = |field: &str| line.get(field).is_some();
        Self::when(match line.get("type").and_then(Value::as_str) {
            Some("district" | "matter") => has("retiredOn"),
            // Lines of earlier releases state the act by its reason alone.
            Some("offering") => {
                has("withdrawnOn") || line.get("withdrawnReason").is_some_and(|reason| !reason.is_null())
            }
            Some("window") => has("closedOn") || line.get("closedReason").is_some_and(|reason| !reason.is_null()),
            Some(_) | None => false,
        })
    }
}

/// Reads the fields of one JSON object and records which fields were requested, so that unknown fields can be reported.
#[derive(Debug)]
pub struct Reader<'a> {
    fields: &'a Map<String, Value>,
    path: Vec<String>,
    /// In the order of the requests.
    requested: Vec<&'static str>,
    problems: &'a mut Problems,
    /// Where the forms of the fields are noted.
    shape: Option<&'a mut Shape>,
}

/// Reads a whole object. A field that `read` does not request is a problem.
pub fn read<T>(value: &Value, problems: &mut Problems, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
    read_at(value, Vec::new(), problems, read)
}

fn read_at<T>(
    value: &Value,
    path: Vec<String>,
    problems: &mut Problems,
    read: impl FnOnce(&mut Reader<'_>) -> T,
) -> Option<T> {
    let Value::Object(fields) = value else {
        problems.push(wrong_type(path, "对象", "an object"));
        return None;
    };
    let mut reader = Reader { fields, path, requested: Vec::new(), problems, shape: None };
    let read = read(&mut reader);
    reader.refuse_unknown_fields();
    Some(read)
}

fn wrong_type(path: Vec<String>, zh: &str, en: &str) -> Problem {
    Problem::invalid(path, "TYPE", Message::new(format!("此处应为{zh}"), format!("{en} is expected here")))
        .remedy(format!("请改填{zh}"), format!("give {en} instead"))
}

impl Reader<'_> {
    /// The path of a field; a nested field has dots between its steps.
    fn at(&self, field: &str) -> Vec<String> {
        self.path.iter().map(String::as_str).chain(field.split('.')).map(Into::into).collect()
    }

    /// Reports a problem of this object.
    pub(crate) fn report(&mut self, problem: Problem) {
        let path = self.path.iter().cloned().chain(problem.path).collect();
        self.problems.push(Problem { path, ..problem });
    }

    /// Reports a problem of a field.
    pub fn refuse(&mut self, code: ProblemCode, field: &str, rule: &'static str, message: Message, remedy: Message) {
        let path = self.at(field);
        self.problems.push(Problem { code, path, rule, message, remedy: Some(remedy) });
    }

    fn request(&mut self, field: &'static str) {
        if !self.requested.contains(&field) {
            self.requested.push(field);
        }
    }

    /// The value of a field; `null` counts as absent.
    fn value(&mut self, field: &'static str) -> Option<&Value> {
        self.request(field);
        self.fields.get(field).filter(|value| !value.is_null())
    }

    pub fn has(&mut self, field: &'static str) -> bool {
        self.value(field).is_some()
    }

    /// Whether the field is present with the value `null`.
    pub fn is_null(&mut self, field: &'static str) -> bool {
        self.request(field);
        self.fields.get(field).is_some_and(Value::is_null)
    }

    /// Whether the field is an empty list.
    pub fn is_empty(&mut self, field: &'static str) -> bool {
        self.value(field).is_some_and(|value| value.as_array().is_some_and(Vec::is_empty))
    }

    fn missing(&mut self, field: &'static str) {
        self.note_required(field);
        let path = self.at(field);
        self.problems.push(
            Problem::invalid(path, "REQUIRED", Message::new("缺少必填项", "this field is required"))
                .remedy(format!("请补填 {field}"), format!("add {field}")),
        );
    }

    fn refuse_unknown_fields(&mut self) {
        for field in self.fields.keys().filter(|field| !self.requested.contains(&field.as_str())) {
            let path = self.path.iter().chain([field]).cloned().collect();
            let known =
                self.requested.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
            self.problems.push(
                Problem::invalid(path, "UNKNOWN_FIELD", Message::new("没有这个字段", "there is no such field"))
                    .remedy(format!("可用字段：{known}"), format!("known fields: {known}")),
            );
        }
    }

    fn string(&mut self, field: &'static str) -> Option<String> {
        match self.value(field)? {
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                let path = self.at(field);
                self.problems.push(wrong_type(path, "文本", "text"));
                None
            }
        }
    }

    /// Whether the input states the act whose day is in this field. `null` states it, too: it takes the act back.
    pub fn end(&mut self, field: &'static str) -> EndField {
        self.request(field);
        EndField::when(self.fields.contains_key(field))
    }

    /// A nested object.
    pub fn object<T>(&mut self, field: &'static str, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
        self.request(field);
        if self.shape.is_some() {
            self.note(field, || Form::Object(shape(read)));
            return None;
        }
        let value = self.fields.get(field).filter(|value| !value.is_null())?;
        let path = self.at(field);
        read_at(value, path, self.problems, read)
    }

    /// A list of nested objects.
    pub fn objects<T>(&mut self, field: &'static str, mut read: impl FnMut(&mut Reader<'_>) -> T) -> Vec<T> {
        self.note(field, || Form::Objects(shape(&mut read)));
        self.list(field, |value, path, problems| read_at(value, path, problems, &mut read))
    }

    fn list<T>(
        &mut self,
        field: &'static str,
        mut each: impl FnMut(&Value, Vec<String>, &mut Problems) -> Option<T>,
    ) -> Vec<T> {
        self.request(field);
        let path = self.at(field);
        match self.fields.get(field) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => {
                let step = |i: usize| path.iter().cloned().chain([i.to_string()]).collect();
                let mut list: Vec<T> =
                    values.iter().enumerate().filter_map(|(i, value)| each(value, step(i), self.problems)).collect();
                // Records stay in memory by the thousands: give spare capacity back.
                list.shrink_to_fit();
                list
            }
            Some(_) => {
                self.problems.push(wrong_type(path, "列表", "a list"));
                Vec::new()
            }
        }
    }

    /// A list whose entries are codes or nested objects. `of_code` gets `None` for a code that cannot be parsed.
    pub(crate) fn codes_or_objects<C: FromStr<Err = Malformed>, T>(
        &mut self,
        field: &'static str,
        mut of_code: impl FnMut(Option<C>) -> T,
        mut read: impl FnMut(&mut Reader<'_>) -> T,
    ) -> Vec<T> {
        self.note(field, || Form::CodesOrObjects(type_name::<C>(), shape(&mut read)));
        self.list(field, |value, path, problems| match value {
            Value::String(text) => Some(of_code(parsed(text, path, problems))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                read_at(value, path, problems, &mut read)
            }
        })
    }

    pub fn require(&mut self, field: &'static str) {
        if !self.has(field) {
            self.missing(field);
        }
    }
}

fn parsed<T: FromStr<Err = Malformed>>(text: &str, path: Vec<String>, problems: &mut Problems) -> Option<T> {
    match text.parse() {
        Ok(code) => Some(code),
        Err(malformed) => {
            let (message, remedy) = changed_by_spreadsheet(text, malformed)
                .or_else(|| malformed::cause(text, malformed))
                .unwrap_or_else(|| (quoting(text, "格式不正确", "is malformed"), malformed.expected()));
            problems.push(Problem { remedy: Some(remedy), ..Problem::invalid(path, malformed.rule(), message) });
            None
        }
    }
}
