//! Feedback (纠错): the form, the case number, and the answer by that number.

use domain::feedback::MAX_TEXT;
use domain::{Digest, Locale, Message, Problems};
use maud::{Markup, html};
use registry::acts::{Input, feedback as act};
use registry::error::Error;
use registry::feedback::{self, FeedbackCase};
use registry::presentation::{Say as _, sentence};

use super::fault;
use crate::frame::Frame;
use crate::language::chinese;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

/// What sending the form costs in addition to a page: more than reading, since it is written.
const WRITE_COST: u64 = 250;

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    of: String,
    text: String,
    phone: String,
}

/// The form, or the case that the address names.
pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let number = visit.address.get("case").trim().to_ascii_uppercase();
    if !number.is_empty() {
        return match feedback::by_case_number(&visit.context, &number).await {
            Ok(Some(case)) => PageResponse::page(200, draw_case(visit, &case)),
            Ok(None) => fault::no_record(visit, &Message::new("受理编号", "case number"), &number),
            Err(error) => failed(visit, &error),
        };
    }
    let typed = Typed { of: visit.address.get("of").to_owned(), ..Typed::default() };
    let is_known = typed.of.is_empty() || about(visit, &typed.of).is_some();
    PageResponse::page(if is_known { 200 } else { 404 }, draw(visit, &typed, &Problems::new()))
}

/// Submits the form. The answer leads to the page of the case, so that loading it again sends nothing again.
pub(crate) async fn submit(visit: &Visit, form: &[u8]) -> PageResponse {
    let mut typed = Typed::default();
    for (field, value) in form_urlencoded::parse(form) {
        match &*field {
            "of" => typed.of = value.trim().to_owned(),
            "text" => typed.text = value.into_owned(),
            "phone" => typed.phone = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut input = Input::new();
    let mut put = |field: &str, value: &str| input.insert(field.to_owned(), value.into());
    put("about", &typed.of);
    put("text", &typed.text);
    if !typed.phone.is_empty() {
        put("phone", &typed.phone);
    }
    // The same form sent twice is one case.
    let whole = Digest::of(format!("{}\n{}\n{}", typed.of, typed.text, typed.phone).as_bytes());
    put("idempotencyKey", &whole.to_string());
    let outcome = match act::submit(&visit.context, input).await {
        Ok(outcome) => outcome,
        Err(error) => return failed(visit, &error),
    };
    let Some(saved) = outcome.saved else {
        return PageResponse::page(400, draw(visit, &typed, &outcome.problems)).costing(WRITE_COST);
    };
    match feedback::written(&visit.context, domain::Id::new(saved.record)).await {
        Ok(Some(case)) => PageResponse::redirect(to_case(visit, &case.feedback.case_number)).costing(WRITE_COST),
        Ok(None) => failed(visit, &Error::Internal("feedback was not stored".to_owned())),
        Err(error) => failed(visit, &error),
    }
}

/// The page for a form that another site sent.
pub(crate) fn foreign(visit: &Visit) -> PageResponse {
    let reason = Message::new(
        "这份表单不是从本平台的页面提交的，没有受理。请从有误的页面点“纠错”重新填写。",
        "This form was not sent from a page of this site and was not taken. Come here by the link on the page that is wrong.",
    );
    fault::page(visit, 403, &Message::new("没有受理", "Not taken"), &reason)
}

fn failed(visit: &Visit, error: &Error) -> PageResponse {
    let reason = Message::new(
        "现在不能受理纠错，请稍后再试。您填写的内容请先自行保存。",
        "Feedback cannot be taken at the moment. Please keep what you typed and try again later.",
    );
    let status = match error {
        Error::Unavailable(_) => 503,
        error => {
            registry::error::internal(&format!("{error:?}"), "feedback could not be taken or shown");
            500
        }
    };
    fault::page(visit, status, &Message::new("暂时不能受理", "Not at the moment"), &reason)
}

fn to_case(visit: &Visit, number: &str) -> String {
    visit.at("/feedback").with("case", number).text()
}

/// The record with a global id, by its name.
fn about(visit: &Visit, id: &str) -> Option<Markup> {
    let snapshot = &visit.context.snapshot;
    feedback::districts_of(snapshot, id)?;
    Some(match id.split_once('_')?.0 {
        "dis" => name::district_path(visit, snapshot.district_by_id(id.parse().ok()?)?),
        "mat" => name::matter(visit, snapshot.matter_by_id(id.parse().ok()?)?),
        "off" => {
            let placed = snapshot.offering_by_id(id.parse().ok()?)?;
            html! {
                (name::district(visit, placed.district))
                (visit.locale.say("的办事指南", ", guide"))
                @if let Some(matter) = placed.matter { (visit.locale.say("：", ": ")) (name::matter(visit, matter)) }
            }
        }
        "win" => {
            let window = snapshot.window_by_id(id.parse().ok()?)?;
            html! { (name::district_of(visit, window.district)) " " (name::window(visit, window.id, window)) }
        }
        "agr" => {
            let agreement = snapshot.agreement_by_id(id.parse().ok()?, &domain::Scope::Public)?;
            name::agreement(visit, agreement.number, &agreement.latest().title)
        }
        "pol" => {
            let policy = snapshot.policy_by_id(id.parse().ok()?)?;
            name::policy(visit, policy.id, policy)
        }
        _ => return None,
    })
}

fn draw(visit: &Visit, typed: &Typed, problems: &Problems) -> Markup {
    let locale = visit.locale;
    let title = locale.say("纠错", "Report a mistake");
    let record = about(visit, &typed.of);
    Frame::new(visit, title).hidden_from_search_engines().draw(&html! {
        h1 { (title) }
        (summary(problems, locale))
        @if let Some(record) = &record {
            p class="lead" { (locale.say("您要纠正的是：", "You report a mistake in: ")) (record) }
            (form(visit, typed, problems))
        } @else {
            @if !typed.of.is_empty() { div class="note" role="alert" { p { (locale.say("没有这条记录。", "There is no such record.")) } } }
            p class="lead" { (locale.say("发现哪一页有误，请点那一页下面的“本页有误？纠错”。本平台会在五个工作日内答复。", "Where a page is wrong, follow the link “Report a mistake” at its foot. You get an answer within five working days.")) }
            p { a class="button" href=(visit.to("/matters")) { (locale.say("查找事项", "Look up a matter")) } }
        }
        (by_number(visit))
    })
}

/// What is wrong with the form, with links to the fields.
fn summary(problems: &Problems, locale: Locale) -> Markup {
    html! {
        @if !problems.is_empty() {
            div class="note" role="alert" tabindex="-1" {
                p { strong { (locale.say("请改正后再提交：", "Please correct this first:")) } }
                ul class="links" {
                    @for problem in problems {
                        li {
                            a href={ "#" (problem.path.first().map_or("text", String::as_str)) } { (sentence(problem.message.text(locale))) }
                            @if let Some(remedy) = &problem.remedy { (locale.say("。", ". ")) (sentence(remedy.text(locale))) }
                        }
                    }
                }
            }
        }
    }
}

fn form(visit: &Visit, typed: &Typed, problems: &Problems) -> Markup {
    let locale = visit.locale;
    let is_wrong =
        |field: &str| problems.iter().any(|problem| problem.path.first().is_some_and(|first| first == field));
    html! {
        form class="feedback" action=(visit.to("/feedback")) method="post" {
            input type="hidden" name="of" value=(typed.of) {}
            p class="field" {
                label for="text" { (locale.say("哪里有误，应当是什么", "What is wrong, and how should it be")) }
                textarea id="text" name="text" rows="6" required maxlength=(MAX_TEXT) aria-describedby="text-help" aria-invalid=[is_wrong("text").then_some("true")] { (typed.text) }
                span id="text-help" class="quiet" { (locale.say("不用写姓名，请勿填写身份证号码。", "No name, and no number of an identity card, please.")) }
            }
            p class="field" {
                label for="phone" { (locale.say("联系电话（可不填）", "Telephone (optional)")) }
                input id="phone" name="phone" type="text" inputmode="tel" autocomplete="tel" maxlength="40" value=(typed.phone) aria-describedby="phone-help" aria-invalid=[is_wrong("phone").then_some("true")] {}
                span id="phone-help" class="quiet" { (locale.say("只供核实时联系，不公开，答复后 90 天删除。", "For questions only; not published, and erased 90 days after the answer.")) }
            }
            p { button class="button" type="submit" { (locale.say("提交", "Send")) } }
        }
    }
}

/// The form to look up a case.
fn by_number(visit: &Visit) -> Markup {
    let locale = visit.locale;
    html! {
        section {
            h2 { (locale.say("查询答复", "Look up an answer")) }
            form class="search" action="/feedback" method="get" {
                p class="field" {
                    label for="case" { (locale.say("受理编号", "Case number")) }
                    input id="case" name="case" type="text" autocomplete="off" spellcheck="false" placeholder="JC…" {}
                }
                (visit.address.hidden_except(&["case", "of"]))
                button class="button" type="submit" { (locale.say("查询", "Look up")) }
            }
        }
    }
}

fn draw_case(visit: &Visit, case: &FeedbackCase) -> Markup {
    let locale = visit.locale;
    let record = &case.feedback.record;
    let title = match locale {
        Locale::Zh => format!("纠错 {}", record.case_number),
        Locale::En => format!("Case {}", record.case_number),
    };
    let received = domain::calendar::in_china(record.received_at).format("%Y-%m-%d %H:%M");
    Frame::new(visit, &title).hidden_from_search_engines().draw(&html! {
        h1 { (title) }
        div class="answer" {
            h2 { (sentence(record.state().label(locale))) }
            @if record.answered_on.is_none() {
                p {
                    @match locale {
                        Locale::Zh => { "已受理，将在 " strong { (record.due) } " 前答复。请记下受理编号 " strong { (record.case_number) } "，凭编号在本页查询。" }
                        Locale::En => { "It was received and is answered by " strong { (record.due) } ". Note the case number " strong { (record.case_number) } ": the answer will be on this page." }
                    }
                }
            }
        }
        dl class="facts-list" {
            @if let Some(about) = about(visit, &record.about) { (name::fact(locale.say("有误的记录", "Record"), &about)) }
            (name::fact(locale.say("受理时间", "Received"), &html! { (received) }))
            (name::text_fact(locale.say("您写的内容", "What you wrote"), Some(&case.text), locale))
            @if let Some(day) = record.answered_on { (name::fact(locale.say("答复日期", "Answered on"), &html! { (day) })) }
            @if let Some(reply) = &case.reply { (name::fact(locale.say("答复", "Answer"), &html! { span class="text" lang=[chinese(locale)] { (reply) } })) }
        }
    })
}
