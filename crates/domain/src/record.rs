//! Records, and their lines of JSON. Import, journal, change feed and export all use the same line.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::agreement::clause::AgreementClause;
use crate::agreement::version::Version;
use crate::agreement::{Agreement, Submission};
use crate::derived;
use crate::district::District;
use crate::document::Document;
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::matter::Matter;
use crate::offering::Offering;
use crate::policy::Policy;
use crate::problem::{Message, Problem, Problems};
use crate::reading::shape::{Field, Form, shape};
use crate::reading::{self, Reader};
use crate::reference::Reference;
use crate::text::quoted;
use crate::window::Window;

/// A record of any kind that has lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    District(District),
    Matter(Matter),
    Offering(Box<Offering>),
    Window(Window),
    Agreement(Box<Agreement>),
    Policy(Box<Policy>),
    Document(Document),
}

/// A record read from an input line. An agreement may not have its number yet.
#[derive(Debug, Clone)]
pub enum Submitted {
    District(District),
    Matter(Matter),
    Offering(Box<Offering>),
    Window(Window),
    Agreement(Box<Submission>),
    Policy(Box<Policy>),
    Document(Document),
}

/// The value of `type` in the lines of a kind; `None` for kinds without lines.
pub fn line_type(kind: RecordKind) -> Option<&'static str> {
    match kind {
        RecordKind::District => Some("district"),
        RecordKind::Matter => Some("matter"),
        RecordKind::Offering => Some("offering"),
        RecordKind::Window => Some("window"),
        RecordKind::Agreement => Some("agreement"),
        RecordKind::Policy => Some("policy"),
        RecordKind::Document => Some("document"),
        RecordKind::ApiKey | RecordKind::Finding => None,
    }
}

impl Submitted {
    /// Reads a line of `{"type": …}` and adds its problems to `problems`. A flat `clause` line is not a record: import adds it
    /// to its agreement first.
    pub fn read(line: &Value, problems: &mut Problems) -> Option<Self> {
        let before = problems.len();
        Self::read_partly(line, problems).filter(|_| problems.len() == before)
    }

    /// Like `read`, but returns the record as far as it can be read even if there are problems. Codes that cannot be parsed are
    /// `UNREAD`.
    pub fn read_partly(line: &Value, problems: &mut Problems) -> Option<Self> {
        let kind = line.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "district" => reading::read(line, problems, typed(District::read)).map(Self::District),
            "matter" => reading::read(line, problems, typed(Matter::read)).map(Self::Matter),
            "offering" => reading::read(line, problems, typed(Offering::read)).map(|record| Self::Offering(Box::new(record))),
            "window" => reading::read(line, problems, typed(Window::read)).map(Self::Window),
            "agreement" => reading::read(line, problems, typed(Agreement::read)).flatten().map(|record| Self::Agreement(Box::new(record))),
            "policy" => reading::read(line, problems, typed(Policy::read)).map(|record| Self::Policy(Box::new(record))),
            "document" => reading::read(line, problems, typed(Document::read)).flatten().map(Self::Document),
            other => {
                let given = quoted(other);
                let message = Message::new(format!("没有“{given}”这种记录"), format!("there is no record of the type “{given}”"));
                let remedy = "type: district, matter, offering, window, agreement, clause, policy, document";
                problems.push(Problem::invalid(vec!["type".to_owned()], "RECORD_TYPE", message).remedy(remedy, remedy));
                None
            }
        }
    }
}

/// The top-level fields of records, in the order in which their readers request them: the columns of a table.
pub fn columns() -> Vec<&'static str> {
    let mut columns = vec!["type"];
    for field in shapes().into_iter().filter(|(kind, _)| *kind != "clause").flat_map(|(_, fields)| fields) {
        if !columns.contains(&field.name) {
            columns.push(field.name);
        }
    }
    columns
}

/// The top-level fields of lines of any type. Derived fields are accepted and ignored.
pub fn fields() -> BTreeSet<&'static str> {
    let derived = [&derived::OF_LINES[..], &derived::OF_AGREEMENTS, &derived::OF_VERSIONS, &derived::OF_CLAUSES].concat();
    shapes().into_iter().flat_map(|(_, fields)| fields).map(|field| field.name).chain(["type"]).chain(derived).collect()
}

/// The fields of a line of each type, in the order in which they are read.
pub fn shapes() -> Vec<(&'static str, Vec<Field>)> {
    let mut agreement = shape(Agreement::read);
    agreement.push(Field { name: "versions", form: Form::Objects(shape(Version::read)), is_required: false });
    let mut clause = shape(AgreementClause::read);
    clause.insert(0, Field { name: "agreement", form: Form::Line(200), is_required: true });
    vec![
        ("district", shape(District::read)),
        ("matter", shape(Matter::read)),
        ("offering", shape(Offering::read)),
        ("window", shape(Window::read)),
        ("agreement", agreement),
        ("clause", clause),
        ("policy", shape(Policy::read)),
        ("document", shape(Document::read)),
    ]
}

fn typed<T>(read: impl FnOnce(&mut Reader<'_>) -> T) -> impl FnOnce(&mut Reader<'_>) -> T {
    |r| {
        r.has("type");
        read(r)
    }
}

impl Record {
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::District(_) => District::KIND,
            Self::Matter(_) => Matter::KIND,
            Self::Offering(_) => Offering::KIND,
            Self::Window(_) => Window::KIND,
            Self::Agreement(_) => Agreement::KIND,
            Self::Policy(_) => Policy::KIND,
            Self::Document(_) => Document::KIND,
        }
    }

    /// The record as one line of JSON. Equal records have equal lines.
    pub fn line(&self) -> String {
        fn fields<T: serde::Serialize>(record: &T, kind: RecordKind) -> String {
            #[derive(serde::Serialize)]
            struct Line<'a, T> {
                r#type: &'static str,
                #[serde(flatten)]
                record: &'a T,
            }
            let line = Line { r#type: line_type(kind).expect("a kind that lines carry"), record };
            serde_json::to_string(&line).expect("a record is text, numbers and lists")
        }
        let kind = self.kind();
        match self {
            Self::District(record) => fields(record, kind),
            Self::Matter(record) => fields(record, kind),
            Self::Offering(record) => fields(record, kind),
            Self::Window(record) => fields(record, kind),
            Self::Agreement(record) => fields(record, kind),
            Self::Policy(record) => fields(record, kind),
            Self::Document(record) => fields(record, kind),
        }
    }

    /// Reads a line that the registry wrote.
    pub fn from_line(line: &str) -> Result<Self, Problems> {
        let garbled = |_| vec![Problem::invalid(Vec::new(), "JSON", Message::new("不是 JSON", "it is not JSON"))];
        let value: Value = serde_json::from_str(line).map_err(garbled)?;
        let mut problems = Problems::new();
        let submitted = Submitted::read(&value, &mut problems);
        let record = match submitted {
            Some(Submitted::District(record)) => Some(Self::District(record)),
            Some(Submitted::Matter(record)) => Some(Self::Matter(record)),
            Some(Submitted::Offering(record)) => Some(Self::Offering(record)),
            Some(Submitted::Window(record)) => Some(Self::Window(record)),
            Some(Submitted::Agreement(record)) => {
                let number = record.number;
                if number.is_none() {
                    problems.push(Problem::invalid(vec!["number".to_owned()], "REQUIRED", Message::new("缺少协议编号", "it has no number")));
                }
                number.map(|number| Self::Agreement(Box::new(record.numbered(number))))
            }
            Some(Submitted::Policy(record)) => Some(Self::Policy(record)),
            Some(Submitted::Document(record)) => Some(Self::Document(record)),
            None => None,
        };
        record.ok_or(problems)
    }
}

impl Record {
    /// The references of the record.
    pub fn references(&self) -> Vec<Reference> {
        match self {
            Self::District(record) => record.references(),
            Self::Matter(_) => Vec::new(),
            Self::Offering(record) => record.references(),
            Self::Window(record) => record.references(),
            Self::Agreement(record) => record.references(),
            Self::Policy(record) => record.references(),
            Self::Document(record) => record.references(),
        }
    }
}
