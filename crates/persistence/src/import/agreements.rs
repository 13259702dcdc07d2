//! Finds the registered agreement that a line means: by number, else by key, else by title, parties and day of signing.
//! An import does not change what was agreed: other content is a conflict. Later acts are compared only where the line
//! states them.

use std::collections::HashMap;

use domain::agreement::Submission;
use domain::{Agreement, AgreementNumber, Message, Problem, ProblemCode, Version};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::{Map, Value};

use super::batch::ParsedLine;
use super::stated_fields::{ACTS, ACTS_OF_PARTY, ACTS_OF_VERSION, METADATA, StatedFields};
use crate::agreement::{self, IdentifiedAgreement, fingerprint};
use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::imported_line::{self, LineDigest};
use crate::table::{self, StoredRecord};

/// How a line relates to the registry.
#[derive(Debug)]
pub(crate) enum Match {
    /// A new agreement.
    New(Submission),
    /// A registered agreement that the line does not contradict.
    Same(Agreement, StoredRecord),
    Conflict(Vec<Problem>),
}

/// Registered agreements that the lines of a batch may mean.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    by_number: HashMap<String, IdentifiedAgreement>,
    by_key: HashMap<String, IdentifiedAgreement>,
    by_fingerprint: HashMap<String, IdentifiedAgreement>,
    /// By their last imported line.
    by_line: HashMap<LineDigest, StoredRecord>,
    last_lines: HashMap<i64, LineDigest>,
}

impl Candidates {
    pub(crate) async fn of<'a>(
        db: &impl ConnectionTrait,
        lines: impl Iterator<Item = &'a ParsedLine<Submission>> + Clone,
        code_index: &CodeIndex,
    ) -> Result<Self> {
        let submissions = lines.clone().map(|line| &line.record);
        let numbers = submissions.clone().filter_map(|submission| Some(submission.number?.to_string())).collect();
        let keys = submissions.clone().filter_map(|submission| submission.key().map(str::to_owned)).collect();
        let fingerprints = submissions
            .filter(|submission| is_nameless(submission))
            .map(|submission| fingerprint(submission.content(), code_index))
            .collect();
        let mut candidates = Self::default();
        for known in agreement::find_any(db, numbers, keys, fingerprints).await? {
            candidates.by_number.insert(known.number.clone(), known.clone());
            if let Some(key) = &known.key {
                candidates.by_key.insert(key.clone(), known.clone());
            }
            candidates.by_fingerprint.entry(known.fingerprint.clone()).or_insert(known);
        }
        candidates.last_lines =
            imported_line::by_record(db, candidates.by_number.values().map(|known| known.stored.id)).await?;
        // A correction may have changed the fields that identify an agreement without number and key.
        let nameless = lines.filter(|line| is_nameless(&line.record)).map(|line| line.digest);
        let by_line = imported_line::agreements(db, nameless).await?;
        let mut stored = table::by_id::<Agreement>(db, by_line.values().copied()).await?;
        candidates.by_line =
            by_line.into_iter().filter_map(|(digest, id)| Some((digest, stored.remove(&id)?))).collect();
        Ok(candidates)
    }

    pub(crate) fn match_line(&self, line: ParsedLine<Submission>, code_index: &CodeIndex) -> Result<Match> {
        let ParsedLine { record: submission, digest, stated, .. } = line;
        let by_key = submission.key().and_then(|key| self.by_key.get(key));
        let known = match submission.number {
            Some(number) => match (self.by_number.get(&number.to_string()), by_key) {
                (None, Some(other)) => return Ok(Match::Conflict(vec![key_taken(other)])),
                (known, _) => known.map(|known| &known.stored),
            },
            None if submission.key().is_some() => by_key.map(|known| &known.stored),
            None => self
                .by_line
                .get(&digest)
                .or_else(|| Some(&self.by_fingerprint.get(&fingerprint(submission.content(), code_index))?.stored)),
        };
        let Some(stored) = known.cloned() else { return Ok(Match::New(submission)) };
        let registered: Agreement = stored.clone().read()?.record;
        let last_line = self
            .last_lines
            .get(&stored.id)
            .copied()
            .or_else(|| self.by_line.get(&digest).filter(|it| it.id == stored.id).map(|_| digest));
        if last_line == Some(digest) {
            return Ok(Match::Same(registered, stored));
        }
        let problems = differences(&registered, &submission.numbered(registered.number), &stated);
        Ok(if problems.is_empty() { Match::Same(registered, stored) } else { Match::Conflict(problems) })
    }
}

pub(crate) fn is_nameless(submission: &Submission) -> bool {
    submission.number.is_none() && submission.key().is_none()
}

fn key_taken(other: &IdentifiedAgreement) -> Problem {
    let number = &other.number;
    let message =
        Message::new(format!("该 key 属于协议 {number}"), format!("the key belongs to the agreement {number}"));
    Problem::new(ProblemCode::Conflict, vec!["key".to_owned()], "AGREEMENT_KEY_TAKEN", message)
        .remedy("请更正 number 或 key", "correct number or key")
}

fn fields(of: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => Map::new(),
    }
}

/// A problem for each field in which a line differs from the registered agreement.
fn differences(registered: &Agreement, submitted: &Agreement, stated: &StatedFields) -> Vec<Problem> {
    let number = registered.number;
    let mut problems = Vec::new();
    let (new, old) = (fields(submitted), fields(registered));
    let around = ACTS.into_iter().chain(METADATA).filter(|field| stated.fields.contains(field));
    problems.extend(
        around
            .filter(|field| new.get(*field) != old.get(*field))
            .map(|field| conflict(number, vec![field.to_owned()], old.get(field), new.get(field))),
    );
    if stated.versions && submitted.versions.len() != registered.versions.len() {
        let count = |agreement: &Agreement| Value::from(agreement.versions.len());
        problems.push(conflict(number, vec!["versions".to_owned()], Some(&count(registered)), Some(&count(submitted))));
    }
    for (at, version) in submitted.versions.iter().enumerate() {
        let path = if stated.versions { vec!["versions".to_owned(), at.to_string()] } else { Vec::new() };
        let within = |field: &str| path.iter().cloned().chain([field.to_owned()]).collect::<Vec<_>>();
        let Some(known) = registered.version(version.number) else {
            problems.push(conflict(number, within("version"), None, Some(&Value::from(version.number))));
            continue;
        };
        let (new, old) = (compared(version, stated), compared(known, stated));
        let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
        let differs = names.filter(|name| new.get(*name) != old.get(*name));
        problems.extend(differs.map(|name| conflict(number, within(name), old.get(name), new.get(name))));
    }
    problems
}

/// The fields of a version that are compared: the agreed content, and the acts that the line states. If the line lists
/// versions, they are compared completely.
fn compared(version: &Version, stated: &StatedFields) -> Map<String, Value> {
    let mut compared = fields(version);
    if !stated.versions {
        compared
            .retain(|field, _| !ACTS_OF_VERSION.contains(&field.as_str()) || stated.fields.contains(field.as_str()));
    }
    let is_named = |field: &str| stated.versions || stated.of_parties.contains(field);
    let all = is_named("joinedOn") || is_named("earlier");
    let mut parties: Vec<Map<String, Value>> =
        version.parties.iter().filter(|party| all || version.is_by_text(party)).map(fields).collect();
    for party in &mut parties {
        party.retain(|field, _| !ACTS_OF_PARTY.contains(&field.as_str()) || is_named(field));
    }
    // Parties and the sides of a clause have no order.
    parties.sort_by_key(|party| party.get("district").and_then(Value::as_str).map(str::to_owned));
    compared.insert("parties".to_owned(), parties.into_iter().map(Value::Object).collect());
    for clause in compared.get_mut("schedule").and_then(Value::as_array_mut).into_iter().flatten() {
        for side in ["receiving", "competent"] {
            if let Some(Value::Array(codes)) = clause.get_mut(side) {
                codes.sort_by_key(|code| code.as_str().map(str::to_owned));
            }
        }
    }
    compared
}

fn conflict(
    number: AgreementNumber,
    path: Vec<String>,
    registered: Option<&Value>,
    submitted: Option<&Value>,
) -> Problem {
    let (registered, submitted) = (shown(registered), shown(submitted));
    let message = Message::new(
        format!("协议 {number} 已登记，内容不同：登记为 {registered}，此处为 {submitted}"),
        format!("the agreement {number} is registered with other content: {registered} there, {submitted} here"),
    );
    Problem::new(ProblemCode::Conflict, path, "AGREEMENT_DIFFERS", message).remedy(
        "导入不修改已签协议：请更正此行，或另行登记新版本",
        "an import does not change what was agreed: correct the line, or record a new version",
    )
}

/// A value, shortened for a message.
fn shown(value: Option<&Value>) -> String {
    const MOST: usize = 80;
    let text = value.map_or_else(|| "—".to_owned(), Value::to_string);
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}
