//! Stops of the registry with a scope, of several agreements at once, and their end. All of them or none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::code::ListedCode as _;
use domain::journal::Action;
use domain::reading::Reader;
use domain::{
    Agreement, AgreementNumber, Message, NewSuspension, Problem, ProblemCode, RecordKind, Scope, StopScope, Suspension,
    SuspensionId,
};

use super::suspension::{Form, canonical};
use super::{MAX_REASON, reason};
use crate::acts::write::write;
use crate::acts::writing::{Writing, unknown};
use crate::acts::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::request_context::RequestContext;

/// The most agreements, and the most stops, of one request.
const MAX_AT_ONCE: usize = 100;

/// What was stopped, or is stopped no more.
#[derive(Debug, Clone, Default)]
pub struct Stopped {
    pub outcome: Outcome,
    pub suspensions: Vec<(SuspensionId, Suspension)>,
}

struct StopForm {
    numbers: Vec<AgreementNumber>,
    suspension: Form,
    suspensions: Arc<Mutex<Vec<(SuspensionId, Suspension)>>>,
}

impl StopForm {
    fn read(r: &mut Reader<'_>) -> Self {
        r.require("numbers");
        let numbers: Vec<AgreementNumber> = r.codes("numbers");
        check_count(r, "numbers", numbers.len());
        // For its problems; a stop needs a text for everybody.
        r.line("publicText", MAX_REASON);
        Self { numbers, suspension: Form::read(r), suspensions: Arc::default() }
    }
}

fn check_count(r: &mut Reader<'_>, field: &'static str, count: usize) {
    if r.has(field) && !(1..=MAX_AT_ONCE).contains(&count) {
        r.refuse(
            ProblemCode::Invalid,
            field,
            "COUNT",
            Message::new(
                format!("一次可填 1 至 {MAX_AT_ONCE} 项，不能是 {count} 项"),
                format!("1 to {MAX_AT_ONCE} can be named at once, not {count}"),
            ),
            Message::new("请分几次提交", "use several requests"),
        );
    }
}

/// The problem, at one entry of a list.
fn at_entry(field: &str, at: usize, problem: Problem) -> Problem {
    Problem { path: vec![field.to_owned(), at.to_string()], ..problem }
}

/// Stops a part of up to a hundred agreements, or predicts it.
pub async fn stop(request: &RequestContext, input: Input) -> Result<Stopped, Error> {
    let (mut repeated, made) = (None, Arc::default());
    let read = |r: &mut Reader<'_>| {
        let form = StopForm { suspensions: Arc::clone(&made), ..StopForm::read(r) };
        repeated = Some((form.numbers.clone(), form.suspension.clone()));
        form
    };
    let outcome = write(request, "stop", input, read, async |work, form| decide_stop(work, form).await).await?;
    let mut suspensions = std::mem::take(&mut *made.lock().unwrap_or_else(PoisonError::into_inner));
    if let (Some(_), [], Some((numbers, form))) = (&outcome.saved, &*suspensions, repeated) {
        // A repeated request.
        let after = request.after_write();
        let scope = canonical(request, &form.new.scope);
        let found = numbers.iter().filter_map(|number| after.snapshot.agreement(*number, &Scope::Steward));
        let on = form.new.from.unwrap_or(request.today);
        suspensions = found.filter_map(|agreement| the_stop(&agreement, &scope, on)).collect();
    }
    Ok(Stopped { outcome, suspensions })
}

/// The registry's stop with a scope that applies on a day.
fn the_stop(agreement: &Agreement, scope: &StopScope, on: domain::Date) -> Option<(SuspensionId, Suspension)> {
    let is_meant = |known: &Suspension| known.party.is_none() && known.scope == *scope && known.applies_on(on);
    let at = agreement.suspensions.iter().position(is_meant)?;
    Some((agreement.suspension_id(at), agreement.suspensions[at].clone()))
}

async fn decide_stop(work: &mut Writing<'_>, form: &StopForm) -> Result<Option<Saved>, Abort> {
    let StopForm { numbers, suspension: Form { new, is_preview }, suspensions } = form;
    let problems = new.out_of_order(work.today());
    work.note_all(problems);
    let mut held: Vec<(usize, Agreement)> = Vec::new();
    for (at, number) in numbers.iter().enumerate().filter(|(_, number)| **number != AgreementNumber::UNREAD) {
        match work.seen(*number).await? {
            Some(agreement) => held.push((at, agreement.record)),
            None => work.note(at_entry("numbers", at, unknown(RecordKind::Agreement, "numbers"))),
        }
    }
    let scope = work.scope_of(&new.scope, &held.iter().map(|(_, agreement)| agreement).collect::<Vec<_>>()).await?;
    let new = NewSuspension { scope, ..new.clone() };
    let (when, on) = (work.when(), new.from.unwrap_or(work.today()));
    let mut stopped = Vec::new();
    for (at, agreement) in held {
        match agreement.suspend(None, new.clone(), when) {
            Ok(agreement) => stopped.push(agreement),
            Err(problems) => {
                // The days are the same for all; the rest is about this agreement.
                let of_all =
                    |problem: &Problem| matches!(problem.path.first().map(String::as_str), Some("from" | "until"));
                work.note_all(
                    problems.into_iter().map(
                        |problem| {
                            if of_all(&problem) { problem } else { at_entry("numbers", at, problem) }
                        },
                    ),
                );
            }
        }
    }
    let made = stopped.iter().filter_map(|agreement| the_stop(agreement, &new.scope, on)).collect();
    *suspensions.lock().unwrap_or_else(PoisonError::into_inner) = if work.is_sound() { made } else { Vec::new() };
    if *is_preview {
        return work.preview(stopped, on);
    }
    save_all(work, stopped, Action::Stopped).await
}

/// Saves all agreements, if there are no problems; the result is that of the last.
async fn save_all(work: &mut Writing<'_>, agreements: Vec<Agreement>, action: Action) -> Result<Option<Saved>, Abort> {
    let mut saved = None;
    for agreement in agreements {
        saved = work.save_agreement(Some(agreement), action).await?;
    }
    Ok(saved)
}

struct EndForm {
    ids: Vec<Option<SuspensionId>>,
    reason: String,
    suspensions: Arc<Mutex<Vec<(SuspensionId, Suspension)>>>,
}

impl EndForm {
    fn read(r: &mut Reader<'_>) -> Self {
        r.require("ids");
        let ids = r.lines("ids", 100);
        check_count(r, "ids", ids.len());
        if r.repeats("ids") {
            r.refuse(
                ProblemCode::Invalid,
                "ids",
                "DUPLICATE",
                Message::new("同一停用重复出现", "a stop is named twice"),
                Message::new("请删去重复的一项", "remove one of the two"),
            );
        }
        let ids = ids.iter().map(|text| SuspensionId::parse(text)).collect();
        Self { ids, reason: reason(r), suspensions: Arc::default() }
    }
}

/// Ends up to a hundred stops of the registry.
pub async fn end_stop(request: &RequestContext, input: Input) -> Result<Stopped, Error> {
    let (mut repeated, ended) = (Vec::new(), Arc::default());
    let read = |r: &mut Reader<'_>| {
        let form = EndForm { suspensions: Arc::clone(&ended), ..EndForm::read(r) };
        repeated.clone_from(&form.ids);
        form
    };
    let outcome = write(request, "endStop", input, read, async |work, form| decide_end(work, form).await).await?;
    let mut suspensions = std::mem::take(&mut *ended.lock().unwrap_or_else(PoisonError::into_inner));
    if outcome.saved.is_some() && suspensions.is_empty() {
        // A repeated request. A stop that never applied is not there any more.
        let after = request.after_write();
        let found = |id: SuspensionId| {
            let agreement = after.snapshot.agreement(id.agreement, &Scope::Steward)?;
            Some((id, agreement.suspensions[agreement.suspension_at(id)?].clone()))
        };
        suspensions = repeated.into_iter().flatten().filter_map(found).collect();
    }
    Ok(Stopped { outcome, suspensions })
}

async fn decide_end(work: &mut Writing<'_>, form: &EndForm) -> Result<Option<Saved>, Abort> {
    let mut held: BTreeMap<AgreementNumber, Agreement> = BTreeMap::new();
    let mut found: Vec<(usize, SuspensionId)> = Vec::new();
    for (at, id) in form.ids.iter().enumerate() {
        let Some(id) = id else {
            work.note(at_entry("ids", at, no_such_stop()));
            continue;
        };
        if !held.contains_key(&id.agreement)
            && let Some(agreement) = work.seen(id.agreement).await?
        {
            held.insert(id.agreement, agreement.record);
        }
        match held.get(&id.agreement).and_then(|agreement| agreement.suspension_at(*id)) {
            Some(_) => found.push((at, *id)),
            None => work.note(at_entry("ids", at, no_such_stop())),
        }
    }
    let mut all = Vec::new();
    for (at, id) in found {
        let Some(agreement) = held.get(&id.agreement) else { continue };
        // Its index moves when a stop that never applied is removed.
        let Some(place) = agreement.suspension_at(id) else { continue };
        match agreement.clone().end_stop(place, &form.reason, work.when()) {
            Ok((agreement, suspension)) => {
                held.insert(id.agreement, agreement);
                all.push((id, suspension));
            }
            Err(problem) => work.note(at_entry("ids", at, problem)),
        }
    }
    if !work.is_sound() {
        return Ok(None);
    }
    *form.suspensions.lock().unwrap_or_else(PoisonError::into_inner) = all;
    save_all(work, held.into_values().collect(), Action::Released).await
}

fn no_such_stop() -> Problem {
    let problem = Problem {
        code: ProblemCode::NotFound,
        ..Problem::invalid(
            vec!["ids".to_owned()],
            "UNKNOWN_STOP",
            Message::new("没有这项停用", "there is no such stop"),
        )
    };
    problem.remedy("请核对 Suspension.id", "check Suspension.id")
}
