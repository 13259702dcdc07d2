//! The unit of work of one mutation. It collects what is wrong: first what the form has, then what each look-up and each rule
//! notes. With a problem nothing is saved.

use std::collections::HashSet;

use domain::agreement::acts::When;
use domain::journal::Action;
use domain::{Agreement, Date, Message, Problem, ProblemCode, Problems, Record, RecordKind, RecordType, Recorded, Reference, Revision};
use persistence::{Put, SharedWork};

use super::{Refusal, Saved};
use crate::request_context::RequestContext;

/// A unit of work with what decides in it.
pub(crate) struct Writing<'a> {
    pub(crate) work: SharedWork,
    pub(crate) asked: &'a RequestContext,
    expected: Option<Revision>,
    /// The fields of the form that have a problem.
    faulty: HashSet<Vec<String>>,
    problems: Problems,
}

impl<'a> Writing<'a> {
    /// Begins with what is wrong with the form.
    pub(crate) fn new(work: SharedWork, asked: &'a RequestContext, expected: Option<Revision>, of_form: &Problems) -> Self {
        let faulty = of_form.iter().map(|problem| problem.path.clone()).collect();
        Self { work, asked, expected, faulty, problems: of_form.clone() }
    }

    pub(crate) fn today(&self) -> Date {
        self.asked.today
    }

    pub(crate) fn when(&self) -> When {
        When { at: self.asked.now, today: self.asked.today }
    }

    /// Notes what is wrong. Of a field that could not be read nothing more is said: what was looked at stood in for it.
    pub(crate) fn note(&mut self, problem: Problem) {
        if !self.faulty.contains(&problem.path) {
            self.problems.push(problem);
        }
    }

    pub(crate) fn note_all(&mut self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.note(problem));
    }

    /// The result of a rule; what it forbids is noted.
    pub(crate) fn noted<T>(&mut self, result: Result<T, impl Into<Problems>>) -> Option<T> {
        result.map_err(|problems| self.note_all(problems.into())).ok()
    }

    /// Is nothing wrong so far?
    pub(crate) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// Could these fields of the form be read?
    pub(crate) fn reads(&self, fields: &[&str]) -> bool {
        !self.faulty.iter().any(|path| path.first().is_some_and(|first| fields.contains(&first.as_str())))
    }

    /// All that is wrong, once nothing more is looked at.
    pub(super) fn take_problems(&mut self) -> Problems {
        std::mem::take(&mut self.problems)
    }

    /// A record that must not be there yet. `known_by`: the fields of its key; where one of them cannot be read nobody knows which
    /// record is meant.
    pub(crate) fn is_new<T: RecordType>(&mut self, found: Option<&Recorded<T>>, known_by: &[&str]) {
        let (zh, en) = (T::KIND.label(domain::Locale::Zh), T::KIND.label(domain::Locale::En));
        match found {
            None if !self.reads(known_by) => {}
            None => self.expect(0),
            Some(_) => self.note(Problem {
                code: ProblemCode::Conflict,
                ..Problem::invalid(
                    vec![known_by.last().copied().unwrap_or_default().to_owned()],
                    "ALREADY_REGISTERED",
                    Message::new(format!("该{zh}已登记"), format!("the {en} is registered already")),
                )
                .remedy("如需更改，请修订该记录", "revise the record instead")
            }),
        }
    }

    /// The record that must be there, as the caller last saw it.
    pub(crate) fn held<T: RecordType>(&mut self, found: Option<Recorded<T>>, known_by: &[&str]) -> Option<Recorded<T>> {
        if !self.reads(known_by) {
            return None;
        }
        match &found {
            Some(held) => self.expect(held.revision),
            None => self.note(unknown(T::KIND, known_by.last().copied().unwrap_or_default())),
        }
        found
    }

    /// The record that is there or not, as the caller last saw it: one that is not there was seen at 0.
    pub(crate) fn seen_before<T: RecordType>(&mut self, found: Option<Recorded<T>>, known_by: &[&str]) -> Option<Recorded<T>> {
        if !self.reads(known_by) {
            return None;
        }
        self.expect(found.as_ref().map_or(0, |held| held.revision));
        found
    }

    /// Does the caller say as what it last saw the record?
    pub(crate) fn expects(&self) -> bool {
        self.expected.is_some()
    }

    /// Is the record as the caller last saw it? One that is not there yet was seen at 0.
    pub(crate) fn expect(&mut self, revision: Revision) {
        if self.expected.is_some_and(|expected| expected != revision) {
            self.note(Problem {
                code: ProblemCode::Stale,
                remedy: Some(Message::new("请重新读取该记录后再修订", "read the record again, then revise it")),
                ..Problem::invalid(
                    vec!["expectedRevision".to_owned()],
                    "RECORD_MOVED",
                    Message::new(format!("该记录已更新到数据版本 {revision}"), format!("the record has moved on to revision {revision}")),
                )
            });
        }
    }

    /// Notes what is named in vain. `before`: the agreement that names it, as it is held.
    pub(crate) async fn names(&mut self, references: &[Reference], before: Option<&Agreement>) -> Result<(), Refusal> {
        let dangling = self.work.dangling(references, before).await?;
        self.note_all(dangling);
        Ok(())
    }

    /// Writes a record, unless something is wrong. What it names was looked up.
    pub(crate) async fn save(&mut self, record: Option<Record>, action: Action) -> Result<Option<Saved>, Refusal> {
        let Some(record) = record.filter(|_| self.is_sound()) else { return Ok(None) };
        let kind = record.kind();
        let version = match &record {
            Record::Agreement(agreement) => Some(agreement.latest().number),
            Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_) => None,
        };
        let put = self.work.act(record, action).await?;
        Ok(Some(saved(kind, &put, version)))
    }
}

pub(super) fn saved(kind: RecordKind, put: &Put, version: Option<u32>) -> Saved {
    let (record, revision) = match put {
        Put::Changed(change) => (change.record, change.revision),
        Put::Unchanged { id, revision } => (*id, *revision),
    };
    Saved { kind, record, revision, version, secret: None }
}

/// There is no such record, or the caller may not see it: both look the same.
pub(crate) fn unknown(kind: RecordKind, field: &str) -> Problem {
    let (zh, en) = (kind.label(domain::Locale::Zh), kind.label(domain::Locale::En));
    Problem {
        code: ProblemCode::NotFound,
        ..Problem::invalid(vec![field.to_owned()], "NOT_FOUND", Message::new(format!("没有这个{zh}"), format!("there is no such {en}")))
            .remedy("请核对填写的内容；也可能您无权查看", "check what you filled in; or it is not yours to see")
    }
}
