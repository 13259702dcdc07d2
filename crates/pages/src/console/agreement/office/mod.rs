//! The work of an office on a version: approval, consultation, remarks, opinions of signing bodies, reminders.

mod offers;
mod so_far;

use catalogue::Kept;
use domain::agreement::lifecycle::Life;
use domain::{Agreement, Message, Version};
use maud::html;
use registry::acts::agreement::office;
use registry::presentation::{Say as _, sentence};
use serde_json::Value as Json;

use self::offers::{APPROVE, AWAITED, BODY, CONSULT, END_CONSULTATION, GIVE_BACK, NOTE, REMARK, REMIND, SUBMIT};
use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, Offer, common};
use super::{choices, remarks};
use crate::console::act::{Acted, acted, renamed};
use crate::console::home::{due_text, version_name};
use crate::console::workspace::Workspace;
use crate::language::chinese;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let (locale, today) = (visit.locale, visit.context.today);
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let standpoint = Standpoint::new(visit, &agreement);
    let path = found::version_path(&agreement, version.number);
    let mut failed = None;
    if let Some(submission) = &visit.submission {
        let act = submission.get(ACT);
        match run(visit, &agreement, version, &standpoint).await {
            Acted::Done(_) => return Ok(PageResponse::redirect(done(visit, &path, act))),
            other => failed = Failed::of(act, other),
        }
    }
    let revision = found::revision(visit, &agreement).await;
    let offers = offers::all(visit, &agreement, version, &standpoint, failed.as_ref());
    let content = html! {
        p class="facts" {
            span lang=[chinese(locale)] { (version.title) } " " code { (agreement.number) } " "
            span class="badge" { (sentence(version.state(today).label(locale))) }
            @if let Some(proposal) = version.proposal() { " " span class="due" { (due_text(proposal.answer_by, today, locale)) } }
        }
        p {
            a href=(visit.to(&path)) { (locale.say("阅读全文", "Read the text")) } " · "
            a href=(visit.to(&format!("{path}/diff"))) { (locale.say("与上一版的差别", "What changed")) }
            @if version.proposal().is_some() {
                " · " a href=(visit.to(&format!("{path}/sign"))) { (locale.say("签署、退回修改或不同意", "Sign, return or reject it")) }
            }
        }
        (standpoint.choice(visit))
        @if let Some(failed) = &failed {
            p class="note" { a href={ "#" (failed.act) "-title" } { (locale.say("没有办成，原因见表单处。", "It was not done; the reason stands at the form.")) } }
        }
        (so_far::section(visit, version))
        @for offer in &offers { (offer.draw(visit, &standpoint, revision.filter(|_| is_about_the_draft(offer)))) }
    };
    let title = match locale {
        domain::Locale::Zh => format!("审核与意见：{}", version_name(version.number, locale)),
        domain::Locale::En => format!("Approval and remarks: {}", version_name(version.number, locale)),
    };
    Ok(Workspace::new(visit, &title)
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&found::path(&agreement), &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(&agreement)))
}

/// Whoever decides about a draft has to have read the newest one; remarks of others do no harm.
fn is_about_the_draft(offer: &Offer) -> bool {
    [SUBMIT, APPROVE, GIVE_BACK].contains(&offer.act)
}

fn done(visit: &Visit, path: &str, act: &str) -> String {
    let done = match act {
        SUBMIT => "submitted",
        APPROVE => "approved",
        GIVE_BACK => "givenBack",
        CONSULT => "consulted",
        END_CONSULTATION => "consultationEnded",
        BODY => "bodyConfirmed",
        REMIND => "reminded",
        _ => "remarked",
    };
    let party = visit.submission.as_ref().map_or("", |form| form.get("party")).to_owned();
    visit.at(&format!("{path}/office")).with("party", party).with(crate::console::act::DONE, done).text()
}

/// Runs the act of the button.
async fn run(visit: &Visit, agreement: &Kept<Agreement>, version: &Version, standpoint: &Standpoint) -> Acted {
    let Some(form) = &visit.submission else {
        return Acted::Failed(Message::new("没有提交表单", "no form was submitted"));
    };
    let context = &visit.context;
    let mut fields = common(visit, agreement, standpoint);
    fields.insert("version".to_owned(), version.number.into());
    let act = form.get(ACT);
    if matches!(act, SUBMIT | APPROVE | GIVE_BACK | CONSULT | END_CONSULTATION) {
        fields.remove("party");
    }
    // The same fields as on the page; nothing of another form is read.
    let offers = offers::all(visit, agreement, version, standpoint, None);
    if let Some(offer) = offers.iter().find(|offer| offer.act == act) {
        fields.extend(offer.form.input(visit, form));
    }
    match act {
        SUBMIT => acted(office::submit(context, fields).await),
        APPROVE => {
            fields.insert("approve".to_owned(), true.into());
            if let Some(note) = fields.remove(NOTE) {
                fields.insert("reason".to_owned(), note);
            }
            renamed(acted(office::approve(context, fields).await), &[("reason", NOTE)])
        }
        GIVE_BACK => {
            fields.insert("approve".to_owned(), false.into());
            acted(office::approve(context, fields).await)
        }
        CONSULT => acted(office::consult(context, fields).await),
        END_CONSULTATION => {
            fields.insert("with".to_owned(), Json::Array(Vec::new()));
            fields.insert("answerBy".to_owned(), context.today.to_string().into());
            acted(office::consult(context, fields).await)
        }
        REMARK => {
            fields.insert("remarks".to_owned(), remarks::read(visit, form));
            remarks::placed(acted(office::remark(context, fields).await), form)
        }
        BODY => acted(office::confirm_body(context, fields).await),
        REMIND => {
            let awaited = fields.remove(AWAITED).unwrap_or(Json::Null);
            fields.insert("party".to_owned(), awaited);
            renamed(acted(office::remind(context, fields).await), &[("party", AWAITED)])
        }
        _ => Acted::Failed(Message::new("没有这项办理", "there is no such act")),
    }
}

/// The name of the link to the page.
pub(super) fn link_name(version: &Version) -> Message {
    match version.life {
        Life::Draft(_) => Message::new("送审、审核与征求意见", "Approval and consultation"),
        Life::Proposal(_) => Message::new("催办、意见与会签", "Reminders, remarks and opinions"),
        Life::Paper(_) => Message::new("催办", "Reminders"),
    }
}
