//! All stops and suspensions that run or are planned, with the form that ends those of the registry.

use catalogue::{AgreementFilter, Kept};
use domain::{Agreement, Suspension, SuspensionId};
use maud::{Markup, html};
use registry::presentation::Say as _;

use crate::console::form::Form;
use crate::console::token::token;
use crate::language::chinese;
use crate::pager::Pager;
use crate::portal::agreement::standing;
use crate::visit::Visit;

const PAGE_SIZE: usize = 50;

/// A stop with its agreement.
pub(super) struct Open {
    agreement: Kept<Agreement>,
    at: usize,
}

impl Open {
    fn suspension(&self) -> &Suspension {
        &self.agreement.suspensions[self.at]
    }

    fn id(&self) -> SuspensionId {
        self.agreement.suspension_id(self.at)
    }
}

/// Those of all agreements, the registry's first, then the newest.
pub(super) fn open(visit: &Visit) -> Vec<Open> {
    let context = &visit.context;
    let filter = AgreementFilter { on: context.today, ..AgreementFilter::default() };
    let mut open = Vec::new();
    for listed in context.snapshot.list_agreements(&filter, &context.scope).iter() {
        let agreement = listed.item;
        if agreement.voided.is_some() {
            continue;
        }
        let is_open = |at: &usize| !agreement.suspensions[*at].is_over(context.today);
        for at in (0..agreement.suspensions.len()).filter(is_open) {
            open.push(Open { agreement: agreement.clone(), at });
        }
    }
    open.sort_by_key(|open| {
        let suspension = open.suspension();
        (suspension.party.is_some(), std::cmp::Reverse(suspension.since), open.agreement.number)
    });
    open
}

/// The list. `ending`: the form with the reason; its boxes are ticked as they were.
pub(super) fn section(visit: &Visit, open: &[Open], ending: &Form) -> Markup {
    let locale = visit.locale;
    let pager = Pager::new(visit, open.len(), PAGE_SIZE);
    let shown = pager.of(open);
    let ends = shown.iter().any(|open| open.suspension().party.is_none());
    let trouble = ending.problems.iter().any(|problem| problem.path.first().is_some_and(|first| first == "ids"));
    html! {
        section aria-labelledby="running" {
            h2 id="running" { (locale.say("正在停用和计划停用", "Running and planned")) " " span class="count" { (open.len()) } }
            @if open.is_empty() { p { (locale.say("没有停用或暂停。", "Nothing is stopped.")) } }
            (ending.summary(locale))
            form method="post" action=(visit.address.clone().without(crate::console::act::DONE)) class="form" {
                (token(visit))
                ul class="tasks" id="ids" { @for open in shown { (entry(visit, open, ending, trouble)) } }
                @if ends {
                    (ending.draw_fields(locale))
                    p class="buttons" { button class="button quiet" type="submit" name="act" value="end" { (locale.say("结束所选停用", "End those ticked")) } }
                }
            }
            (pager.links(visit))
        }
    }
}

fn entry(visit: &Visit, open: &Open, ending: &Form, trouble: bool) -> Markup {
    let (locale, today) = (visit.locale, visit.context.today);
    let suspension = open.suspension();
    let id = open.id().to_string();
    let number = open.agreement.number;
    let title = &open.agreement.latest().title;
    html! {
        li class="tickable" {
            span class="check" {
                @if suspension.party.is_none() {
                    input type="checkbox" name="ids" value=(id) aria-label={ (locale.say("结束停用：", "End: ")) (title) " " (suspension.since) }
                        checked[ending.values.all("ids").any(|chosen| chosen == id)] aria-invalid=[trouble.then_some("true")] {}
                }
            }
            div {
                a href=(visit.to(&format!("/console/agreements/{number}"))) lang=[chinese(locale)] { (title) } " " code { (number) } " "
                @if suspension.applies_on(today) { span class="badge warn" { (locale.say("停用中", "running")) } }
                @else { span class="badge" { (locale.say("计划中", "planned")) } }
                (standing::suspension(visit, suspension))
                @if !suspension.reason.is_empty() { p class="quiet" { (locale.say("原因：", "Reason: ")) span lang=[chinese(locale)] { (suspension.reason) } } }
                @if suspension.party.is_some() { p class="quiet" { (locale.say("由签约方设置，只能由该方恢复。", "Set by a party; that party alone resumes it.")) } }
            }
        }
    }
}
