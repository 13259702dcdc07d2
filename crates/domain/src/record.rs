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

/// Defines `Record` and `Submitted` from one list of the kinds that have lines: the value of `type`, the reader of a
/// line, and the step from a line that was read to a record.
macro_rules! records {
    ($($kind:ident ($held:ty, from $submitted:ty) = $word:literal, $read:expr, $complete:expr;)*) => {
        /// A record of any kind that has lines.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Record {
            $($kind($held),)*
        }

        /// A record read from an input line. An agreement may not have its number yet.
        #[derive(Debug, Clone)]
        pub enum Submitted {
            $($kind($submitted),)*
        }

        impl Submitted {
            /// Reads a line of a kind. The outer `None`: there is no such kind.
            fn read_as(kind: &str, line: &Value, problems: &mut Problems) -> Option<Option<Self>> {
                match kind {
                    $($word => Some(reading::read(line, problems, typed($read)).flatten().map(Self::$kind)),)*
                    _ => None,
                }
            }

            /// The record, if nothing is missing.
            fn complete(self, problems: &mut Problems) -> Option<Record> {
                match self {
                    $(Self::$kind(submitted) => $complete(submitted, problems).map(Record::$kind),)*
                }
            }
        }

        impl Record {
            pub fn kind(&self) -> RecordKind {
                match self {
                    $(Self::$kind(_) => RecordKind::$kind,)*
                }
            }

            /// The record as one line of JSON. Equal records have equal lines.
            pub fn line(&self) -> String {
                match self {
                    $(Self::$kind(record) => write_line($word, record),)*
                }
            }

            /// The references of the record.
            pub fn references(&self) -> Vec<Reference> {
                match self {
                    $(Self::$kind(record) => record.references(),)*
                }
            }
        }

        $(impl InRecord for $kind {
            fn of(record: &Record) -> Option<&Self> {
                if let Record::$kind(record) = record { Some(record) } else { None }
            }

            fn from_record(record: Record) -> Option<Self> {
                if let Record::$kind(record) = record { Some(record.take()) } else { None }
            }

            fn into_record(self) -> Record {
                Record::$kind(self.into())
            }
        })*
    };
}

records! {
    District (District, from District) = "district", |r| Some(District::read(r)), complete;
    Matter (Matter, from Matter) = "matter", |r| Some(Matter::read(r)), complete;
    Offering (Box<Offering>, from Box<Offering>) = "offering", |r| Some(Box::new(Offering::read(r))), complete;
    Window (Window, from Window) = "window", |r| Some(Window::read(r)), complete;
    Agreement (Box<Agreement>, from Box<Submission>) = "agreement", |r| Agreement::read(r).map(Box::new), numbered;
    Policy (Box<Policy>, from Box<Policy>) = "policy", |r| Some(Box::new(Policy::read(r))), complete;
    Document (Document, from Document) = "document", Document::read, complete;
}

/// A type whose values are records of one kind.
pub trait InRecord: RecordType + Sized {
    /// `None`: the record is of another kind.
    fn of(record: &Record) -> Option<&Self>;
    fn from_record(record: Record) -> Option<Self>;
    fn into_record(self) -> Record;
}

/// Takes a record out of `Record`, where large ones are boxed.
trait Take<T> {
    fn take(self) -> T;
}

impl<T> Take<T> for T {
    fn take(self) -> T {
        self
    }
}

impl<T> Take<T> for Box<T> {
    fn take(self) -> T {
        *self
    }
}

/// Nothing can be missing.
fn complete<T>(record: T, _: &mut Problems) -> Option<T> {
    Some(record)
}

/// An agreement that the registry wrote has a number.
fn numbered(submission: Box<Submission>, problems: &mut Problems) -> Option<Box<Agreement>> {
    let number = submission.number;
    if number.is_none() {
        problems.push(Problem::invalid(
            vec!["number".to_owned()],
            "REQUIRED",
            Message::new("缺少协议编号", "the agreement has no number"),
        ));
    }
    number.map(|number| Box::new(submission.numbered(number)))
}

fn write_line<T: serde::Serialize>(r#type: &'static str, record: &T) -> String {
    #[derive(serde::Serialize)]
    struct Line<'a, T> {
        r#type: &'static str,
        #[serde(flatten)]
        record: &'a T,
    }
    serde_json::to_string(&Line { r#type, record }).expect("a record is text, numbers and lists")
}

impl Submitted {
    /// Reads a line of `{"type": …}` and adds its problems to `problems`. A flat `clause` line is not a record: import
    /// adds it to its agreement first.
    pub fn read(line: &Value, problems: &mut Problems) -> Option<Self> {
        let before = problems.len();
        Self::read_partly(line, problems).filter(|_| problems.len() == before)
    }

    /// An agreement, which may have no number yet.
    pub fn into_submission(self) -> Option<Submission> {
        if let Self::Agreement(submission) = self { Some(*submission) } else { None }
    }

    /// The record, unless it is an agreement.
    pub fn into_numbered(self) -> Option<Record> {
        if matches!(self, Self::Agreement(_)) { None } else { self.complete(&mut Problems::new()) }
    }

    /// Like `read`, but returns the record as far as it can be read even if there are problems. Codes that cannot be
    /// parsed are `UNREAD`.
    pub fn read_partly(line: &Value, problems: &mut Problems) -> Option<Self> {
        let kind = line.get("type").and_then(Value::as_str).unwrap_or_default();
        Self::read_as(kind, line, problems).unwrap_or_else(|| {
            let given = quoted(kind);
            let message =
                Message::new(format!("没有“{given}”这种记录"), format!("there is no record of the type “{given}”"));
            let remedy = "type: district, matter, offering, window, agreement, clause, policy, document";
            problems.push(Problem::invalid(vec!["type".to_owned()], "RECORD_TYPE", message).remedy(remedy, remedy));
            None
        })
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
    let derived =
        [&derived::OF_LINES[..], &derived::OF_AGREEMENTS, &derived::OF_VERSIONS, &derived::OF_CLAUSES].concat();
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
    /// Reads a line that the registry wrote.
    pub fn from_line(line: &str) -> Result<Self, Problems> {
        let garbled = |_| vec![Problem::invalid(Vec::new(), "JSON", Message::new("不是 JSON", "it is not JSON"))];
        let value: Value = serde_json::from_str(line).map_err(garbled)?;
        let mut problems = Problems::new();
        let record = Submitted::read(&value, &mut problems).and_then(|submitted| submitted.complete(&mut problems));
        record.ok_or(problems)
    }
}
