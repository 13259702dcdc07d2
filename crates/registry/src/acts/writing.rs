//! The unit of work of one act. It collects problems: first those of the form, then those of look-ups and rules. With a
//! problem nothing is saved.

use std::collections::HashSet;

use domain::agreement::acts::When;
use domain::journal::Action;
use domain::reference::Referent;
use domain::{
    Agreement, Date, InRecord as _, Locale, Message, Problem, ProblemCode, Problems, Record, RecordKind, RecordType,
    Recorded, Reference, Revision,
};
use persistence::{Put, SharedWork};

use super::{Abort, Preview, Saved};
use crate::request_context::RequestContext;

/// A unit of work, with the request and the problems so far.
pub(crate) struct Writing<'a> {
    pub work: SharedWork,
    pub request: &'a RequestContext,
    expected: Option<Revision>,
    /// The paths of fields that could not be read.
    unreadable: HashSet<Vec<String>>,
    problems: Problems,
}

impl<'a> Writing<'a> {
    /// Begins with the problems of the form.
    pub(crate) fn new(
        work: SharedWork,
        request: &'a RequestContext,
        expected: Option<Revision>,
        of_form: &Problems,
    ) -> Self {
        let unreadable = of_form.iter().map(|problem| problem.path.clone()).collect();
        Self { work, request, expected, unreadable, problems: of_form.clone() }
    }

    pub(crate) fn today(&self) -> Date {
        self.request.today
    }

    pub(crate) fn when(&self) -> When {
        When { at: self.request.now, today: self.request.today }
    }

    /// Notes a problem. A field that could not be read gets no further problems, since rules saw a substitute for it.
    pub(crate) fn note(&mut self, problem: Problem) {
        if !self.unreadable.contains(&problem.path) {
            self.problems.push(problem);
        }
    }

    pub(crate) fn note_all(&mut self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.note(problem));
    }

    /// Notes the problems of a rule, or returns its result.
    pub(crate) fn noted<T>(&mut self, result: Result<T, impl Into<Problems>>) -> Option<T> {
        result.map_err(|problems| self.note_all(problems.into())).ok()
    }

    /// Are there no problems so far?
    pub(crate) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// Could these fields be read?
    pub(crate) fn reads(&self, fields: &[&str]) -> bool {
        !self.unreadable.iter().any(|path| path.first().is_some_and(|first| fields.contains(&first.as_str())))
    }

    /// Takes all problems, at the end.
    pub(super) fn take_problems(&mut self) -> Problems {
        std::mem::take(&mut self.problems)
    }

    /// Checks that a record does not exist yet. `known_by`: the fields of its key. If one of them could not be read,
    /// the record is not known.
    pub(crate) fn is_new<T: RecordType>(&mut self, found: Option<&Recorded<T>>, known_by: &[&str]) {
        let (zh, en) = (T::KIND.label(Locale::Zh), T::KIND.label(Locale::En));
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

    /// Checks that a record exists and is unchanged since the caller read it.
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

    /// Checks that a record is unchanged since the caller read it. It need not exist: its revision is then 0.
    pub(crate) fn seen_before<T: RecordType>(
        &mut self,
        found: Option<Recorded<T>>,
        known_by: &[&str],
    ) -> Option<Recorded<T>> {
        if !self.reads(known_by) {
            return None;
        }
        self.expect(found.as_ref().map_or(0, |held| held.revision));
        found
    }

    /// Did the caller give an expected revision?
    pub(crate) fn expects(&self) -> bool {
        self.expected.is_some()
    }

    /// Checks the expected revision. A record that does not exist has revision 0.
    pub(crate) fn expect(&mut self, revision: Revision) {
        if self.expected.is_some_and(|expected| expected != revision) {
            self.note(Problem {
                code: ProblemCode::Stale,
                remedy: Some(Message::new("请重新读取该记录后再修订", "read the record again, then revise it")),
                ..Problem::invalid(
                    vec!["expectedRevision".to_owned()],
                    "RECORD_MOVED",
                    Message::new(
                        format!("该记录已更新到数据版本 {revision}"),
                        format!("the record has moved on to revision {revision}"),
                    ),
                )
            });
        }
    }

    /// Checks that none of several records has changed since the expected revision.
    pub(crate) fn expect_unchanged(&mut self, newest: Revision) {
        if self.expected.is_some_and(|expected| expected < newest) {
            self.expect(newest);
        }
    }

    /// Notes references to records that do not exist. `before`: the stored agreement that contains the references.
    pub(crate) async fn names(&mut self, references: &[Reference], before: Option<&Agreement>) -> Result<(), Abort> {
        let dangling = self.work.dangling(references, before).await?;
        self.note_all(dangling);
        self.note_all(outside_domains(self.request, references));
        Ok(())
    }

    /// Ends an act that was to be previewed alone, unless there are problems.
    pub(crate) fn preview(&self, agreements: Vec<Agreement>, on: Date) -> Result<Option<Saved>, Abort> {
        if self.is_sound() { Err(Abort::Preview(Box::new(Preview { agreements, on }))) } else { Ok(None) }
    }

    /// Writes a record, unless there are problems. Its references were checked before.
    pub(crate) async fn save(&mut self, record: Option<Record>, action: Action) -> Result<Option<Saved>, Abort> {
        let Some(record) = record.filter(|_| self.is_sound()) else { return Ok(None) };
        let kind = record.kind();
        let version = Agreement::of(&record).map(|agreement| agreement.latest().number);
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

/// The problems of matters of other domains than those that the caller maintains. A caller without domains maintains all.
pub(super) fn outside_domains(request: &RequestContext, references: &[Reference]) -> Problems {
    let domains = &request.viewer.domains;
    if domains.is_empty() {
        return Problems::new();
    }
    let outside = references.iter().filter_map(|reference| {
        let Referent::Matter(code) = reference.to else { return None };
        let matter = request.snapshot.matter(code).filter(|matter| !domains.contains(&matter.domain))?;
        let (zh, en) = (matter.domain.label(Locale::Zh), matter.domain.label(Locale::En));
        let path = reference.path.split('.').map(str::to_owned).collect();
        let message = Message::new(
            format!("事项 {code} 属于{zh}领域，不在您的授权范围内"),
            format!("the matter {code} is of the domain {en}, which your grant does not cover"),
        );
        let problem = Problem { code: ProblemCode::Refused, ..Problem::invalid(path, "OTHER_DOMAIN", message) };
        Some(problem.remedy("请由该领域的经办人办理", "ask a registrar of that domain"))
    });
    outside.collect()
}

/// The problem of a record that does not exist or that the caller may not see. The two are not told apart.
pub(crate) fn unknown(kind: RecordKind, field: &str) -> Problem {
    let (zh, en) = (kind.label(Locale::Zh), kind.label(Locale::En));
    Problem {
        code: ProblemCode::NotFound,
        ..Problem::invalid(
            vec![field.to_owned()],
            "NOT_FOUND",
            Message::new(format!("没有这个{zh}"), format!("there is no such {en}")),
        )
        .remedy("请核对填写的内容；也可能您无权查看", "check what you filled in; or it is not yours to see")
    }
}
