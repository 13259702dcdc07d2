//! Suspensions by a party, and stops of a whole agreement by the registry. Stops with a scope: `stop`.

use domain::journal::Action;
use domain::reading::Reader;
use domain::{Agreement, Date, NewSuspension, StopScope};

use super::{MAX_REASON, number, party, reason};
use crate::acts::write::write;
use crate::acts::writing::Writing;
use crate::acts::{Abort, Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// A day of a suspension that may be left out. One that cannot be read becomes the last of all days, which no
/// suspension has.
fn day(r: &mut Reader<'_>, field: &'static str) -> Option<Date> {
    let day = r.date(field);
    if r.has(field) { Some(day.unwrap_or(Date::MAX)) } else { None }
}

/// The form of a suspension.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) new: NewSuspension,
    pub(super) is_preview: bool,
}

impl Form {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let new = NewSuspension {
            scope: r.object("scope", StopScope::read).unwrap_or_default(),
            reason: reason(r).into(),
            public_text: r.optional_line("publicText", MAX_REASON).map(Into::into),
            from: day(r, "from"),
            until: day(r, "until"),
        };
        Self { new, is_preview: r.flag("preview") }
    }
}

impl Writing<'_> {
    /// A scope whose districts have their current codes. Checks everything that it names; its clauses are those of one
    /// of the agreements.
    pub(super) async fn scope_of(&mut self, scope: &StopScope, of: &[&Agreement]) -> Result<StopScope, Abort> {
        let references: Vec<_> = scope.references().into_iter().map(|reference| reference.within("scope")).collect();
        self.names(&references, None).await?;
        let has = |key: &str| {
            let clauses = of.iter().flat_map(|agreement| &agreement.versions).flat_map(|version| &version.schedule);
            clauses.into_iter().any(|clause| *clause.key == *key)
        };
        let unknown = scope.clauses.iter().enumerate().filter(|(_, key)| !of.is_empty() && !has(key));
        let unknown: Vec<_> = unknown.map(|(at, key)| domain::agreement::refusal::no_such_clause(at, key)).collect();
        self.note_all(unknown);
        Ok(canonical(self.request, scope))
    }
}

/// The scope with the current codes of its districts.
pub(super) fn canonical(request: &RequestContext, scope: &StopScope) -> StopScope {
    let current = |code: &_| request.snapshot.district(*code).map_or(*code, |district| district.code);
    let StopScope { clauses, matters, receiving, competent } = scope.clone();
    let [receiving, competent] = [receiving, competent].map(|codes| codes.iter().map(current).collect());
    StopScope { clauses, matters, receiving, competent }.sorted()
}

pub async fn suspend(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "suspendAgreement",
        input,
        |r| (number(r), party(r), Form::read(r)),
        async |work, (number, party, form)| {
            let problems = form.new.out_of_order(work.today());
            work.note_all(problems);
            let Some(agreement) = work.agreement(*number).await? else {
                work.scope_of(&form.new.scope, &[]).await?;
                return Ok(None);
            };
            let party = work.party(&agreement, *party);
            let scope = work.scope_of(&form.new.scope, &[&agreement]).await?;
            let new = NewSuspension { scope, ..form.new.clone() };
            let suspended = work.noted(agreement.suspend(Some(party), new, work.when()));
            if form.is_preview {
                return work.preview(suspended.into_iter().collect(), form.new.from.unwrap_or(work.today()));
            }
            work.save_standing(suspended, Action::Suspended).await
        },
    )
    .await
}

pub async fn resume(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "resumeAgreement",
        input,
        |r| (number(r), party(r)),
        async |work, (number, party)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let resumed = work.noted(agreement.resume(Some(party), None, work.when()));
            work.save_standing(resumed, Action::Resumed).await
        },
    )
    .await
}

pub async fn stop_whole(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "stopAgreement",
        input,
        |r| (number(r), reason(r)),
        async |work, (number, reason)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let new = NewSuspension::whole(reason.as_str(), None);
            let stopped = work.noted(agreement.suspend(None, new, work.when()));
            work.save_standing(stopped, Action::Stopped).await
        },
    )
    .await
}

pub async fn release_whole(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "releaseAgreement",
        input,
        |r| (number(r), reason(r)),
        async |work, (number, reason)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let released = work.noted(agreement.resume(None, Some(reason.as_str()), work.when()));
            work.save_standing(released, Action::Released).await
        },
    )
    .await
}
