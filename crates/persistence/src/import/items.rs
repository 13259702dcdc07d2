//! Lines of one kind as batches of records, read on a thread of their own while the batch before is
//! looked up or written.

use std::collections::HashMap;
use std::sync::Arc;

use domain::record::{Reference, Submitted};
use domain::{Message, Problem, ProblemCode, radical};
use serde_json::Value;
use tokio::sync::mpsc;

use super::fault::{Faults, Place};
use super::plan::{Kind, Plan};
use crate::error::{Error, Result};

/// Records a batch at most, and bytes of their lines.
const RECORDS: usize = 1_000;
const BYTES: usize = 8 << 20;

#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) records: Vec<(Place, Submitted)>,
    pub(crate) faults: Faults,
    pub(crate) warnings: Faults,
    /// The lines at fault: what names them is not.
    pub(crate) faulty: Vec<Faulty>,
    /// Lines that it was read from.
    pub(crate) lines: u64,
    bytes: usize,
}

/// A line at fault.
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) at: Place,
    pub(crate) line: Value,
    /// How many clauses were its own.
    pub(crate) own: usize,
}

impl Faulty {
    /// What the line names, as far as it can be read: that much can be looked up before the rest is mended.
    pub(crate) fn names(&self) -> Vec<Reference> {
        let mut named = Vec::new();
        name(&self.line, &mut Vec::new(), "", &mut named);
        named
    }
}

fn name(value: &Value, path: &mut Vec<String>, field: &str, named: &mut Vec<Reference>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                path.push(field.clone());
                name(value, path, field, named);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                path.push(i.to_string());
                name(item, path, field, named);
                path.pop();
            }
        }
        Value::String(code) => named.extend(match field {
            "district" | "parent" | "parents" | "administers" | "successors" => {
                code.parse().ok().map(|code| Reference::district(path.join("."), code))
            }
            "matter" | "matters" => code.parse().ok().map(|code| Reference::matter(path.join("."), code)),
            _ => None,
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The records of one kind, batch by batch.
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
                let full = batch.records.len() + batch.faulty.len() >= RECORDS || batch.bytes >= BYTES;
                !full || send.blocking_send(Ok(std::mem::take(&mut batch))).is_ok()
            });
            // Whoever asked may have gone: then there is nobody to tell.
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
    fn add(&mut self, at: Place, mut value: Value, clauses: &Clauses) {
        let own = match clauses.join(&mut value) {
            Ok(own) => own,
            Err(problem) => {
                self.faulty.push(Faulty { at, line: value, own: usize::MAX });
                return self.faults.push(at, problem);
            }
        };
        if let Some(problem) = radical_in(&value, &mut Vec::new()) {
            self.warnings.push(at, problem);
        }
        let mut problems = Vec::new();
        match Submitted::read(&value, &mut problems) {
            Some(record) => self.records.push((at, record)),
            None => {
                for problem in problems {
                    let (at, problem) = clauses.locate(at, &value, own, problem);
                    self.faults.push(at, problem);
                }
                self.faulty.push(Faulty { at, line: value, own });
            }
        }
    }
}

/// A warning of the first text in a line that holds a radical in place of a character.
fn radical_in(value: &Value, path: &mut Vec<String>) -> Option<Problem> {
    let within = |value: &Value, step: String, path: &mut Vec<String>| {
        path.push(step);
        let found = radical_in(value, path);
        path.pop();
        found
    };
    match value {
        Value::Object(fields) => fields.iter().find_map(|(field, value)| within(value, field.clone(), path)),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| within(item, i.to_string(), path)),
        Value::String(text) => {
            let (radical, character) = text.chars().find_map(|character| Some((character, radical::unified(character)?)))?;
            let code = u32::from(radical);
            let message = Message::new(
                format!("“{radical}”（U+{code:04X}）是部首符号，看似“{character}”而不是这个字"),
                format!("“{radical}” (U+{code:04X}) is the sign of a radical, which looks like the character “{character}” and is not"),
            );
            Some(
                Problem::invalid(path.clone(), "RADICAL", message)
                    .remedy(format!("多由 PDF 复制而来：请改为“{character}”"), format!("it mostly comes from a PDF: write “{character}”")),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Flat lines with one clause each, by the agreement that they name.
#[derive(Debug, Default)]
pub(crate) struct Clauses(HashMap<String, Vec<(Place, Value)>>);

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

    fn add(&mut self, at: Place, mut value: Value, faults: &mut Faults) {
        let Value::Object(fields) = &mut value else { return };
        fields.remove("type");
        match fields.remove("agreement") {
            Some(Value::String(name)) if !name.trim().is_empty() => self.0.entry(name.trim().to_owned()).or_default().push((at, value)),
            _ => {
                let message = Message::new("条款未写明属于哪个协议", "the clause does not say to which agreement it belongs");
                let problem = Problem::invalid(vec!["agreement".to_owned()], "REQUIRED", message);
                faults.push(at, problem.remedy("请填写协议的 key 或编号", "give the key or the number of the agreement"));
            }
        }
    }

    /// The names by which an agreement's clauses may know it.
    fn names(value: &Value) -> impl Iterator<Item = &str> {
        let name = |field| value.get(field).and_then(Value::as_str).map(str::trim);
        let (key, number) = (name("key"), name("number"));
        key.into_iter().chain(number.filter(move |number| key != Some(number)))
    }

    fn of<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = &'a (Place, Value)> {
        Self::names(value).filter_map(|name| self.0.get(name)).flatten()
    }

    /// Adds to the schedule of an agreement the clauses that belong to it; gives back how many were its own.
    fn join(&self, value: &mut Value) -> Result<usize, Problem> {
        let added: Vec<Value> = self.of(value).map(|(_, clause)| clause.clone()).collect();
        let is_agreement = value.get("type").and_then(Value::as_str) == Some("agreement");
        let Some(fields) = value.as_object_mut().filter(|_| is_agreement && !added.is_empty()) else { return Ok(usize::MAX) };
        if fields.get("versions").is_some_and(|versions| !versions.is_null()) {
            let message = Message::new("协议已列出各版本，条款行无从归属", "the agreement lists its versions, so clause lines belong to none");
            let problem = Problem::new(ProblemCode::Conflict, vec!["versions".to_owned()], "CLAUSE_OF_VERSIONS", message);
            return Err(problem.remedy("请把条款写入对应版本的 schedule", "write the clauses into the schedule of their version"));
        }
        match fields.entry("schedule").or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(schedule) => {
                let own = schedule.len();
                schedule.extend(added);
                Ok(own)
            }
            null @ Value::Null => {
                *null = Value::Array(added);
                Ok(0)
            }
            // The reader says what is wrong with it.
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Ok(usize::MAX),
        }
    }

    /// A problem of a clause that was added is one of the clause's own line.
    pub(crate) fn locate(&self, at: Place, value: &Value, own: usize, problem: Problem) -> (Place, Problem) {
        let [schedule, index, rest @ ..] = problem.path.as_slice() else { return (at, problem) };
        let added = index.parse::<usize>().ok().filter(|_| schedule == "schedule").and_then(|index| index.checked_sub(own));
        match added.and_then(|index| self.of(value).nth(index)) {
            Some((place, _)) => (*place, Problem { path: rest.to_vec(), ..problem }),
            None => (at, problem),
        }
    }

    /// How many clauses belong to the agreement of that key and number, and where they stand.
    pub(crate) fn places(&self, key: Option<&str>, number: Option<&str>) -> Vec<Place> {
        let names = key.into_iter().chain(number.filter(|number| key != Some(number)));
        names.filter_map(|name| self.0.get(name)).flatten().map(|(at, _)| *at).collect()
    }

    /// Every name with its first line.
    pub(crate) fn agreements(&self) -> impl Iterator<Item = (&str, &[(Place, Value)])> {
        self.0.iter().map(|(name, clauses)| (name.as_str(), clauses.as_slice()))
    }
}

/// The file was read without a fault before.
pub(crate) fn whole(plan: &Plan, batch: &Batch) -> Result<()> {
    match batch.faults.first() {
        Some(at) => Err(Error::FileChanged(plan.path(at.file()).to_owned())),
        None => Ok(()),
    }
}
