//! Which agreement a line means: by number, else by key, else by title, parties and day of signing. What is
//! agreed is not changed by an import: other content is a conflict.

use std::collections::HashMap;

use domain::agreement::Submission;
use domain::{Agreement, AgreementNumber, Message, Problem, ProblemCode, Record};
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value};

use crate::agreement::{self, Known, fingerprint};
use crate::error::Result;
use crate::places::Places;
use crate::table::Held;

/// What a line means for the registry.
#[derive(Debug)]
pub(crate) enum Meaning {
    /// An agreement that it does not have.
    New(Submission),
    /// One that it has, word for word.
    Same(Agreement, Held),
    Conflict(Vec<Problem>),
}

/// The agreements that a batch of lines may mean.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    by_number: HashMap<String, Known>,
    by_key: HashMap<String, Known>,
    by_fingerprint: HashMap<String, Known>,
}

impl Candidates {
    pub(crate) async fn of(db: &impl ConnectionTrait, submissions: impl Iterator<Item = &Submission> + Clone, places: &Places) -> Result<Self> {
        let numbers = submissions.clone().filter_map(|submission| Some(submission.number?.to_string())).collect();
        let keys = submissions.clone().filter_map(|submission| submission.key().map(str::to_owned)).collect();
        let fingerprints =
            submissions.filter(|submission| is_nameless(submission)).map(|submission| fingerprint(submission.content(), places)).collect();
        let mut candidates = Self::default();
        for known in agreement::known(db, numbers, keys, fingerprints).await? {
            candidates.by_number.insert(known.number.clone(), known.clone());
            if let Some(key) = &known.key {
                candidates.by_key.insert(key.clone(), known.clone());
            }
            candidates.by_fingerprint.entry(known.fingerprint.clone()).or_insert(known);
        }
        Ok(candidates)
    }

    pub(crate) fn meaning(&self, submission: Submission, places: &Places) -> Result<Meaning> {
        let by_key = submission.key().and_then(|key| self.by_key.get(key));
        let known = match submission.number {
            Some(number) => match (self.by_number.get(&number.to_string()), by_key) {
                (None, Some(other)) => return Ok(Meaning::Conflict(vec![key_taken(other)])),
                (known, _) => known,
            },
            None if submission.key().is_some() => by_key,
            None => self.by_fingerprint.get(&fingerprint(submission.content(), places)),
        };
        let Some(known) = known else { return Ok(Meaning::New(submission)) };
        let held = known.held.clone();
        let registered: Agreement = held.clone().read()?.record;
        let mut handed_in = submission.numbered(registered.number);
        // The key is kept.
        handed_in.key = handed_in.key.or_else(|| registered.key.clone());
        if handed_in == registered {
            return Ok(Meaning::Same(handed_in, held));
        }
        Ok(Meaning::Conflict(differences(registered, handed_in)))
    }
}

pub(crate) fn is_nameless(submission: &Submission) -> bool {
    submission.number.is_none() && submission.key().is_none()
}

fn key_taken(other: &Known) -> Problem {
    let number = &other.number;
    let message = Message::new(format!("该 key 属于协议 {number}"), format!("the key belongs to the agreement {number}"));
    Problem::new(ProblemCode::Conflict, vec!["key".to_owned()], "AGREEMENT_KEY_TAKEN", message)
        .remedy("请更正 number 或 key", "correct number or key")
}

/// One problem for each field in which a line differs from what is registered.
fn differences(registered: Agreement, handed_in: Agreement) -> Vec<Problem> {
    let number = registered.number;
    let fields = |agreement| serde_json::from_str::<Map<String, Value>>(&Record::Agreement(Box::new(agreement)).line()).unwrap_or_default();
    let (registered, handed_in) = (fields(registered), fields(handed_in));
    let names = registered.keys().chain(handed_in.keys().filter(|name| !registered.contains_key(*name)));
    let differs = names.filter(|name| registered.get(*name) != handed_in.get(*name));
    differs.map(|name| conflict(number, name, registered.get(name), handed_in.get(name))).collect()
}

fn conflict(number: AgreementNumber, field: &str, registered: Option<&Value>, handed_in: Option<&Value>) -> Problem {
    let (registered, handed_in) = (shown(registered), shown(handed_in));
    let message = Message::new(
        format!("协议 {number} 已登记，内容不同：登记为 {registered}，此处为 {handed_in}"),
        format!("the agreement {number} is registered with other content: {registered} there, {handed_in} here"),
    );
    Problem::new(ProblemCode::Conflict, vec![field.to_owned()], "AGREEMENT_DIFFERS", message).remedy(
        "导入不修改已签协议：请更正此行，或另行登记新版本",
        "an import does not change what was agreed: correct the line, or record a new version",
    )
}

/// A value, shortened so that a person reads it.
fn shown(value: Option<&Value>) -> String {
    const MOST: usize = 80;
    let text = value.map_or_else(|| "—".to_owned(), Value::to_string);
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}
