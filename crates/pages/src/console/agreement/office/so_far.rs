//! What an office has done on a version so far: approval, consultation, remarks, opinions, reminders.

use domain::agreement::lifecycle::RejectionKind;
use domain::agreement::office::{Approval, BodyOpinion, Consultation};
use domain::{Version, calendar};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::console::agreement::remarks;
use crate::language::chinese;
use crate::name::{self, fact};
use crate::visit::Visit;

/// How many entries of each kind are shown.
const MAX_SHOWN: usize = 100;

pub(super) fn section(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    let office = version.office();
    let remarks = version.remarks();
    let rejections = version.proposal().map_or(&[][..], |proposal| &proposal.rejections);
    let is_empty = office.approval.is_none()
        && office.consultation.is_none()
        && remarks.is_empty()
        && office.body_opinions.is_empty()
        && office.reminders.is_empty()
        && rejections.is_empty();
    html! {
        section aria-labelledby="so-far" {
            h2 id="so-far" { (locale.say("办理经过", "What happened so far")) }
            @if is_empty { p { (locale.say("还没有送审、征求意见或会签。", "Nothing yet.")) } }
            dl class="facts-list" {
                @if let Some(given) = &office.approval { (fact(locale.say("审核", "Approval"), &approval(visit, given))) }
                @if let Some(asked) = &office.consultation { (fact(locale.say("征求意见", "Consultation"), &consultation(visit, asked))) }
            }
            @if !office.body_opinions.is_empty() {
                h3 { (locale.say("部门会签", "Opinions of signing bodies")) }
                ul class="plain" {
                    @for given in office.body_opinions.iter().take(MAX_SHOWN) {
                        li {
                            (name::district_of(visit, given.party)) " " span lang=[chinese(locale)] { (given.body) } " "
                            span class={ "badge " @if given.opinion == BodyOpinion::Agree { "added" } @else { "removed" } } { (sentence(given.opinion.label(locale))) } " "
                            span class="quiet" { (moment(given.at)) }
                            @if let Some(remark) = &given.remark { p class="text" lang=[chinese(locale)] { (remark) } }
                        }
                    }
                }
            }
            @if !rejections.is_empty() {
                h3 { (locale.say("退回和不同意", "Returned and rejected")) }
                ul class="plain" {
                    @for rejection in rejections.iter().take(MAX_SHOWN) {
                        li {
                            (name::district_of(visit, rejection.party)) " "
                            span class={ "badge " @if rejection.kind == RejectionKind::Return { "changed" } @else { "removed" } } { (sentence(rejection.kind.label(locale))) } " "
                            span class="quiet" { (rejection.on) }
                            p class="text" lang=[chinese(locale)] { (rejection.reason) }
                        }
                    }
                }
            }
            @if !remarks.is_empty() {
                h3 { (locale.say("意见", "Remarks")) " " span class="count" { (remarks.len()) } }
                ol class="plain" { @for remark in remarks.iter().take(MAX_SHOWN) { li { (remarks::shown(visit, remark)) } } }
                @if remarks.len() > MAX_SHOWN { p class="quiet" { (locale.say("其余意见请用接口读取。", "The API tells the others.")) } }
            }
            @if !office.reminders.is_empty() {
                h3 { (locale.say("催办", "Reminders")) }
                ul class="plain" {
                    @for sent in office.reminders.iter().take(MAX_SHOWN) { li { (name::district_of(visit, sent.party)) " " (sent.on) } }
                }
            }
        }
    }
}

fn approval(visit: &Visit, approval: &Approval) -> Markup {
    let locale = visit.locale;
    html! {
        (sentence(approval.state.label(locale))) " " span class="quiet" { (moment(approval.at)) }
        @if let Some(number) = &approval.number { " " (locale.say("批准文号 ", "number ")) (number) }
        @if let Some(reason) = &approval.reason { p class="text" lang=[chinese(locale)] { (reason) } }
    }
}

fn consultation(visit: &Visit, consultation: &Consultation) -> Markup {
    let locale = visit.locale;
    html! {
        (name::districts(visit, &consultation.with, MAX_SHOWN))
        (locale.say("，", ", ")) (consultation.since) (locale.say(" 至 ", " to ")) (consultation.answer_by)
        @if !consultation.runs(visit.context.today) { " " span class="badge" { (locale.say("已结束", "over")) } }
    }
}

fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    calendar::in_china(at).format("%Y-%m-%d %H:%M").to_string()
}
