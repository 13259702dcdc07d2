//! Feedback (纠错) about the records of the caller's districts: open cases by their due day, the answer, and the cases
//! that are answered.

use domain::feedback::FeedbackState;
use domain::{Agreement, Feedback, Id, Matter, Offering, Policy, Role, Scope, Window, calendar};
use maud::{Markup, html};
use registry::acts::feedback as act;
use registry::feedback::{self, FeedbackCase};
use registry::presentation::Say as _;

use super::act::{Acted, DONE, acted, after, input};
use super::field::{Field, Kind};
use super::form::Form;
use super::home::due_text;
use super::refusal;
use super::workspace::Workspace;
use crate::language::chinese;
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

const PATH: &str = "/console/feedback";
/// The parameter of one case.
const CASE: &str = "case";
const PAGE_SIZE: usize = 30;
/// The points of a page: all cases are read.
const POINTS: u64 = 50;
/// How much of a text a list shows.
const SHOWN: usize = 200;

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let roles = &visit.context.viewer.roles;
    if !roles.contains(&Role::Registrar) && !roles.contains(&Role::Steward) {
        return refusal::not_yours(visit, Role::Registrar);
    }
    let case = visit.address.get(CASE);
    if case.is_empty() { list(visit).await } else { one(visit, case).await }
}

async fn list(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let cases = match feedback::list(&visit.context, None).await {
        Ok(cases) => cases,
        Err(error) => return refusal::failed(visit, &error),
    };
    let (mut open, mut answered): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| case.feedback.state() == FeedbackState::Open);
    open.sort_by_key(|case| (case.feedback.due, case.feedback.id));
    answered.sort_by_key(|case| std::cmp::Reverse((case.feedback.answered_on, case.feedback.id)));
    let waiting = open.len();
    let all: Vec<&FeedbackCase> = open.into_iter().chain(answered).collect();
    let pager = Pager::new(visit, all.len(), PAGE_SIZE);
    let (shown_open, shown_answered): (Vec<&FeedbackCase>, Vec<&FeedbackCase>) =
        pager.of(&all).iter().partition(|case| case.feedback.state() == FeedbackState::Open);
    let content = html! {
        section aria-labelledby="open" {
            h2 id="open" { (locale.say("待答复", "To answer")) " " span class="count" { (waiting) } }
            @if waiting == 0 { p { (locale.say("没有等待答复的纠错。", "No case waits for an answer.")) } }
            ul class="tasks" { @for case in shown_open { (entry(visit, case)) } }
        }
        @if !shown_answered.is_empty() {
            section aria-labelledby="answered" {
                h2 id="answered" { (locale.say("已答复", "Answered")) }
                ul class="tasks" { @for case in shown_answered { (entry(visit, case)) } }
            }
        }
        (pager.links(visit))
    };
    Workspace::new(visit, locale.say("纠错", "Feedback")).page(&content).costing(POINTS)
}

fn entry(visit: &Visit, case: &FeedbackCase) -> Markup {
    let locale = visit.locale;
    let to = visit.at(PATH).with(CASE, case.feedback.id.to_string());
    let mut characters = case.text.chars();
    let start: String = characters.by_ref().take(SHOWN).collect();
    let is_cut = characters.next().is_some();
    html! {
        li {
            a href=(to) { code { (case.feedback.case_number) } } " "
            @match case.feedback.answered_on {
                None => { span class={ "due" @if (case.feedback.due - visit.context.today).num_days() <= 2 { " soon" } } { (due_text(case.feedback.due, visit.context.today, locale)) } }
                Some(day) => { span class="due" { (locale.say("答复于 ", "answered on ")) (day) } }
            }
            p class="text" lang=[chinese(locale)] { (start) @if is_cut { "…" } }
            p class="facts" { (locale.say("关于 ", "about ")) (about(visit, &case.feedback.about)) }
        }
    }
}

async fn one(visit: &Visit, id: &str) -> PageResponse {
    let locale = visit.locale;
    let mut form = Form::new(vec![Field::new("reply", Kind::Text, "答复", "Answer").required().hint(
        "提交人凭受理编号可以看到；请勿写个人信息",
        "the sender reads it by the case number; write no personal data",
    )]);
    if let Some(submission) = &visit.submission {
        let fields = input([("id", id.into()), ("reply", submission.get("reply").into())]);
        match acted(act::answer(&visit.context, fields).await) {
            Acted::Done(_) => return PageResponse::redirect(after(visit, PATH, "answered")).costing(POINTS),
            other => {
                form.values = submission.clone();
                form.take(other);
            }
        }
    }
    let found = match id.parse::<Id<Feedback>>() {
        Ok(id) => feedback::case(&visit.context, id).await,
        Err(_) => Ok(None),
    };
    let case = match found {
        Ok(Some(case)) => case,
        Ok(None) => {
            let content = html! { p class="lead" { (locale.say("没有这件纠错，或它不属于您的区域。", "There is no such case, or it is not of your district.")) } };
            return Workspace::new(visit, locale.say("纠错", "Feedback")).response(404, &content);
        }
        Err(error) => return refusal::failed(visit, &error),
    };
    let phone = match feedback::phone(&visit.context, &case).await {
        Ok(phone) => phone,
        Err(error) => return refusal::failed(visit, &error),
    };
    let received = calendar::in_china(case.feedback.received_at).format("%Y-%m-%d %H:%M");
    let content = html! {
        dl class="facts-list" {
            (name::fact(locale.say("受理编号", "Case number"), &html! { code { (case.feedback.case_number) } }))
            (name::fact(locale.say("关于", "About"), &about(visit, &case.feedback.about)))
            (name::fact(locale.say("收到", "Received"), &html! { (received) }))
            (name::text_fact(locale.say("内容", "Text"), Some(&case.text), locale))
            @if let Some(phone) = &phone { (name::fact(locale.say("电话", "Telephone"), &name::phone(phone))) }
            @match case.feedback.answered_on {
                None => { (name::fact(locale.say("期限", "Due"), &html! { (due_text(case.feedback.due, visit.context.today, locale)) })) }
                Some(day) => {
                    (name::fact(locale.say("答复于", "Answered on"), &html! { (day) }))
                    (name::text_fact(locale.say("答复", "Answer"), case.reply.as_deref(), locale))
                }
            }
        }
        @if case.feedback.state() == FeedbackState::Open { (form.draw_act(visit, "answer", locale.say("答复", "Answer"))) }
        @else { (form.summary(locale)) p class="hint" { (locale.say("每件纠错只答复一次。", "A case is answered once.")) } }
    };
    let back = visit.address.clone().without(CASE).without(DONE).text();
    Workspace::new(visit, &case.feedback.case_number).below_page(back, locale.say("纠错", "Feedback")).page(&content)
}

/// The record that a case is about, with the page where it is mended if the caller does that.
fn about(visit: &Visit, id: &str) -> Markup {
    let (locale, snapshot) = (visit.locale, &visit.context.snapshot);
    let named = match id.split_once('_').map_or("", |(kind, _)| kind) {
        "dis" => id.parse().ok().and_then(|id| snapshot.district_by_id(id)).map(|found| name::district(visit, found)),
        "mat" => id.parse::<Id<Matter>>().ok().and_then(|id| snapshot.matter_by_id(id)).map(|found| name::matter(visit, found)),
        "off" => id.parse::<Id<Offering>>().ok().and_then(|id| snapshot.offering_by_id(id)).map(|placed| html! {
            (name::district(visit, placed.district))
            @if let Some(matter) = placed.matter { " " (name::matter(visit, matter)) }
            " " a href=(visit.at(&format!("/console/offerings/{}", placed.brief.id)).with("district", placed.district.code.to_string())) { (locale.say("改办事指南", "edit the guide")) }
        }),
        "win" => id.parse::<Id<Window>>().ok().and_then(|id| Some((id, snapshot.window_by_id(id)?))).map(|(id, window)| html! {
            (name::window(visit, id, window))
            " " a href=(visit.at(&format!("/console/windows/{id}")).with("district", window.district.to_string())) { (locale.say("改窗口", "edit the window")) }
        }),
        "pol" => id.parse::<Id<Policy>>().ok().and_then(|id| Some((id, snapshot.policy_by_id(id)?))).map(|(id, policy)| name::policy(visit, id, policy)),
        "agr" => id.parse::<Id<Agreement>>().ok().and_then(|id| snapshot.agreement_by_id(id, &Scope::Public)).map(|agreement| name::agreement(visit, agreement.number, &agreement.latest().title)),
        _ => None,
    };
    named.unwrap_or_else(|| html! { code { (id) } })
}
