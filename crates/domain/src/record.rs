//! Records, and their lines of JSON. Import, journal, change feed and export all use the same line.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::agreement::{Agreement, Submission};
use crate::clause::AgreementClause;
use crate::code::{AgreementNumber, DistrictCode, MatterCode};
use crate::derived;
use crate::district::District;
use crate::document::Document;
use crate::id::RecordType;
use crate::journal::RecordKind;
use crate::matter::Matter;
use crate::offering::Offering;
use crate::policy::Policy;
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::reading::{self, asked_for};
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

/// The top-level fields of lines of any type.
pub fn fields() -> BTreeSet<&'static str> {
    let asked = [
        asked_for(District::read),
        asked_for(Matter::read),
        asked_for(Offering::read),
        asked_for(Window::read),
        asked_for(Agreement::read),
        asked_for(AgreementClause::read),
        asked_for(Policy::read),
        asked_for(Document::read),
    ];
    // A clause line has the number of its agreement. Derived fields are accepted and ignored.
    let derived = [&derived::OF_LINES[..], &derived::OF_AGREEMENTS, &derived::OF_VERSIONS, &derived::OF_CLAUSES].concat();
    asked.into_iter().flatten().chain(["type", "agreement"]).chain(derived).collect()
}

fn typed<T>(read: impl FnOnce(&mut reading::Reader<'_>) -> T) -> impl FnOnce(&mut reading::Reader<'_>) -> T {
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

/// A reference to another record, with the path of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The path of the field, with dots between its steps.
    pub path: String,
    pub to: Referent,
}

/// The record that a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referent {
    District(DistrictCode),
    Matter(MatterCode),
    Agreement(AgreementNumber),
}

impl Reference {
    /// Whether the code could not be parsed.
    pub fn is_unread(&self) -> bool {
        match self.to {
            Referent::District(code) => code.is_unread(),
            Referent::Matter(code) => code.is_unread(),
            Referent::Agreement(_) => false,
        }
    }

    pub fn district(path: impl Into<String>, code: DistrictCode) -> Self {
        Self { path: path.into(), to: Referent::District(code) }
    }

    pub fn matter(path: impl Into<String>, code: MatterCode) -> Self {
        Self { path: path.into(), to: Referent::Matter(code) }
    }

    pub fn agreement(path: impl Into<String>, number: AgreementNumber) -> Self {
        Self { path: path.into(), to: Referent::Agreement(number) }
    }

    /// The reference with its path prefixed by an outer field.
    #[must_use]
    pub fn within(self, outer: impl AsRef<str>) -> Self {
        Self { path: format!("{}.{}", outer.as_ref(), self.path), ..self }
    }

    /// The problem to report if there is no such record.
    pub fn dangling(&self) -> Problem {
        let path = self.path.split('.').map(Into::into).collect();
        let (rule, message, remedy) = match self.to {
            Referent::District(code) => (
                "UNKNOWN_DISTRICT",
                Message::new(format!("没有代码为 {code} 的区域"), format!("there is no district {code}")),
                Message::new("请先登记该区域，或更正代码", "register the district first, or correct the code"),
            ),
            Referent::Matter(code) => (
                "UNKNOWN_MATTER",
                Message::new(format!("没有代码为 {code} 的事项"), format!("there is no matter {code}")),
                Message::new("请先登记该事项，或更正代码", "register the matter first, or correct the code"),
            ),
            Referent::Agreement(number) => (
                "UNKNOWN_AGREEMENT",
                Message::new(format!("没有编号为 {number} 的协议"), format!("there is no agreement {number}")),
                Message::new("请更正协议编号", "correct the number"),
            ),
        };
        Problem { remedy: Some(remedy), ..Problem::new(ProblemCode::NotFound, path, rule, message) }
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
