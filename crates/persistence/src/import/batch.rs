//! Reads the lines of one kind as batches of records, on a thread of its own, while the previous batch is checked or
//! written.

use std::collections::HashMap;
use std::sync::Arc;

use domain::agreement::Submission;
use domain::derived;
use domain::reading::EndField;
use domain::record::Submitted;
use domain::{Message, Problem, ProblemCode, radical};
use serde_json::Value;
use tokio::sync::mpsc;

use super::fault::{Faults, Location};
use super::faulty::FaultyLine;
use super::kind::Kind;
use super::plan::Plan;
use super::stated_fields::StatedFields;
use crate::error::{Error, Result};
use crate::imported_line::LineDigest;

/// The largest batch, in records and in bytes of lines.
const BATCH_RECORDS: usize = 1_000;
const BATCH_BYTES: usize = 8 << 20;

#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// In the order of the lines.
    pub(crate) items: Vec<(Location, Item)>,
    pub(crate) faults: Faults,
    pub(crate) warnings: Faults,
    /// Number of lines.
    pub(crate) lines: u64,
    bytes: usize,
}

/// The result of reading a line.
#[derive(Debug)]
pub(crate) enum Item {
    Valid(ParsedLine<Submitted>),
    Faulty(FaultyLine),
}

impl Item {
    /// The record as far as it can be read, if none of these fields is at fault.
    pub(crate) fn reads(&self, fields: &[&str]) -> Option<&Submitted> {
        match self {
            Self::Valid(line) => Some(&line.record),
            Self::Faulty(faulty) => faulty.reads(fields),
        }
    }

    /// A valid agreement.
    pub(crate) fn submission(&self) -> Option<ParsedLine<Submission>> {
        match self {
            Self::Valid(line) => line.clone().filter_map(Submitted::into_submission),
            Self::Faulty(_) => None,
        }
    }
}

/// A record with further facts about its line.
#[derive(Debug, Clone)]
pub(crate) struct ParsedLine<T> {
    pub(crate) at: Location,
    pub(crate) record: T,
    pub(crate) digest: LineDigest,
    /// Whether the line states the end of the record.
    pub(crate) end: EndField,
    /// Which acts on an agreement the line states.
    pub(crate) stated: StatedFields,
}

impl<T> ParsedLine<T> {
    /// The same line with its record converted.
    pub(crate) fn filter_map<U>(self, to: impl FnOnce(T) -> Option<U>) -> Option<ParsedLine<U>> {
        let Self { at, record, digest, end, stated } = self;
        Some(ParsedLine { at, record: to(record)?, digest, end, stated })
    }
}

/// Batches of the records of one kind.
pub(crate) struct Batches(mpsc::Receiver<Result<Batch>>);

impl Batches {
    pub(crate) fn read(plan: &Arc<Plan>, kind: Kind, clauses: &Arc<Clauses>) -> Self {
        let (plan, clauses) = (plan.clone(), clauses.clone());
        let (send, batches) = mpsc::channel(2);
        tokio::task::spawn_blocking(move || {
            let mut batch = Batch::default();
            let read = plan.each(kind, |at, size, value| {
                batch.add(at, value, &clauses);
                batch.lines += 1;
                batch.bytes += size;
                let full = batch.items.len() >= BATCH_RECORDS || batch.bytes >= BATCH_BYTES;
                !full || send.blocking_send(Ok(std::mem::take(&mut batch))).is_ok()
            });
            // The receiver was dropped: the rest is not needed.
            let _ = match read {
                Ok(()) => send.blocking_send(Ok(batch)),
                Err(error) => send.blocking_send(Err(error)),
            };
        });
        Self(batches)
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Batch>> {
        self.0.recv().await.transpose()
    }
}

impl Batch {
    fn add(&mut self, at: Location, mut value: Value, clauses: &Clauses) {
        // Derived fields, which the feed and exports add, are not part of the record.
        derived::strip(&mut value);
        let (own, mut problems) = match clauses.join(&mut value) {
            Ok(own) => (own, Vec::new()),
            Err(problem) => (None, vec![problem]),
        };
        if let Some(problem) = doubtful(&value, &mut Vec::new()) {
            self.warnings.push(at, problem);
        }
        let record = Submitted::read_partly(&value, &mut problems);
        let item = match record.filter(|_| problems.is_empty()) {
            Some(record) => {
                let (digest, end, stated) = (LineDigest::of(&value), EndField::of(&value), StatedFields::of(&value));
                Item::Valid(ParsedLine { at, record, digest, end, stated })
            }
            None => {
                let faulty = FaultyLine::new(value, own, &problems);
                for problem in problems {
                    let (at, problem) = clauses.locate(at, &faulty, problem);
                    self.faults.push(at, problem);
                }
                Item::Faulty(faulty)
            }
        };
        self.items.push((at, item));
    }
}

/// A warning for the first damaged text in a line: a radical symbol in place of a character, or a question mark in
/// place of a lost character.
fn doubtful(value: &Value, path: &mut Vec<String>) -> Option<Problem> {
    let within = |value: &Value, step: String, path: &mut Vec<String>| {
        path.push(step);
        let found = doubtful(value, path);
        path.pop();
        found
    };
    match value {
        Value::Object(fields) => fields.iter().find_map(|(field, value)| within(value, field.clone(), path)),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| within(item, i.to_string(), path)),
        Value::String(text) => {
            let Some((radical, character)) =
                text.chars().find_map(|character| Some((character, radical::unified(character)?)))
            else {
                return lost_character(text, path);
            };
            let code = u32::from(radical);
            let message = Message::new(
                format!("“{radical}”（U+{code:04X}）是部首符号，形似“{character}”，但不是该字"),
                format!("“{radical}” (U+{code:04X}) is a radical symbol that looks like the character “{character}”"),
            );
            Some(Problem::invalid(path.clone(), "RADICAL", message).remedy(
                format!("多由 PDF 复制而来：请改为“{character}”"),
                format!("such symbols mostly come from PDF files: write “{character}”"),
            ))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Encoders write `?` for a character that the target encoding lacks; Chinese texts use ？.
fn lost_character(text: &str, path: &[String]) -> Option<Problem> {
    let is_han = |character: char| matches!(character, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    let characters: Vec<char> = text.chars().collect();
    let place = characters.windows(2).position(|pair| {
        matches!(pair, ['?', next] if is_han(*next)) || matches!(pair, [before, '?'] if is_han(*before))
    })?;
    let message = Message::new(
        format!("第 {} 个字前后有半角问号，可能是转换编码时丢失的字", place + 1),
        format!(
            "there is a question mark at character {}, perhaps of a character that was lost when the encoding was converted",
            place + 1
        ),
    );
    let remedy = (
        "请对照原件补上该字；如确为问号，请用全角？",
        "correct it after the original; a real question mark in Chinese is ？",
    );
    Some(Problem::invalid(path.to_vec(), "LOST_CHARACTER", message).remedy(remedy.0, remedy.1))
}

/// Clauses with lines of their own, by the name of their agreement.
#[derive(Debug, Default)]
pub(crate) struct Clauses {
    named: HashMap<String, Vec<(Location, Value)>>,
    /// Clauses that name no agreement.
    nameless: Vec<(Location, Value)>,
}

impl Clauses {
    pub(crate) async fn read(plan: &Arc<Plan>) -> Result<(Self, Faults)> {
        let plan = plan.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let (mut clauses, mut faults) = (Self::default(), Faults::default());
            plan.each(Kind::Clause, |at, _, value| {
                clauses.add(at, value, &mut faults);
                true
            })?;
            Ok((clauses, faults))
        });
        reading.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    fn add(&mut self, at: Location, mut value: Value, faults: &mut Faults) {
        derived::strip(&mut value);
        let Value::Object(fields) = &mut value else { return };
        fields.remove("type");
        match fields.remove("agreement") {
            Some(Value::String(name)) if !name.trim().is_empty() => {
                self.named.entry(name.trim().to_owned()).or_default().push((at, value));
            }
            _ => {
                let message = Message::new("条款未写明属于哪个协议", "the clause does not name its agreement");
                let problem = Problem::invalid(vec!["agreement".to_owned()], "REQUIRED", message);
                faults
                    .push(at, problem.remedy("请填写协议的 key 或编号", "give the key or the number of the agreement"));
                self.nameless.push((at, value));
            }
        }
    }

    /// Key and number of an agreement, by which clauses name it.
    fn names(value: &Value) -> impl Iterator<Item = &str> {
        let name = |field| value.get(field).and_then(Value::as_str).map(str::trim);
        let (key, number) = (name("key"), name("number"));
        key.into_iter().chain(number.filter(move |number| key != Some(number)))
    }

    /// The clauses of an agreement.
    pub(crate) fn of<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = &'a (Location, Value)> {
        Self::names(value).filter_map(|name| self.named.get(name)).flatten()
    }

    /// Adds the clauses of an agreement to its schedule. Returns how many it had itself, if any were added.
    fn join(&self, value: &mut Value) -> Result<Option<usize>, Problem> {
        let added: Vec<Value> = self.of(value).map(|(_, clause)| clause.clone()).collect();
        let is_agreement = value.get("type").and_then(Value::as_str) == Some("agreement");
        let Some(fields) = value.as_object_mut().filter(|_| is_agreement && !added.is_empty()) else { return Ok(None) };
        if fields.get("versions").is_some_and(|versions| !versions.is_null()) {
            let message = Message::new(
                "协议已列出各版本，条款行无从归属",
                "the agreement lists its versions, so clause lines belong to none",
            );
            let problem =
                Problem::new(ProblemCode::Conflict, vec!["versions".to_owned()], "CLAUSE_OF_VERSIONS", message);
            return Err(problem
                .remedy("请把条款写入对应版本的 schedule", "write the clauses into the schedule of their version"));
        }
        match fields.entry("schedule").or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(schedule) => {
                let own = schedule.len();
                schedule.extend(added);
                Ok(Some(own))
            }
            null @ Value::Null => {
                *null = Value::Array(added);
                Ok(Some(0))
            }
            // The parser reports what is wrong with it.
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Ok(None),
        }
    }

    /// Moves a problem of an added clause to the clause's own line.
    pub(crate) fn locate(&self, at: Location, faulty: &FaultyLine, problem: Problem) -> (Location, Problem) {
        let [schedule, index, rest @ ..] = problem.path.as_slice() else { return (at, problem) };
        let added = index
            .parse::<usize>()
            .ok()
            .filter(|_| schedule == "schedule")
            .and_then(|index| index.checked_sub(faulty.own?));
        match added.and_then(|index| self.of(&faulty.line).nth(index)) {
            Some((place, _)) => (*place, Problem { path: rest.to_vec(), ..problem }),
            None => (at, problem),
        }
    }

    /// Where the clauses of the agreement with this key or number stand.
    pub(crate) fn locations(&self, key: Option<&str>, number: Option<&str>) -> Vec<Location> {
        let names = key.into_iter().chain(number.filter(|number| key != Some(number)));
        names.filter_map(|name| self.named.get(name)).flatten().map(|(at, _)| *at).collect()
    }

    /// All clauses, with the name of their agreement if they state one.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Option<&str>, Location, &Value)> {
        let named = self
            .named
            .iter()
            .flat_map(|(name, clauses)| clauses.iter().map(move |(at, clause)| (Some(name.as_str()), *at, clause)));
        named.chain(self.nameless.iter().map(|(at, clause)| (None, *at, clause)))
    }
}

/// Fails if a file changed: it had no faults when it was checked.
pub(crate) fn ensure_unchanged(plan: &Plan, batch: &Batch) -> Result<()> {
    match batch.faults.first() {
        Some(at) => Err(Error::FileChanged(plan.path(at.file()).to_owned())),
        None => Ok(()),
    }
}
