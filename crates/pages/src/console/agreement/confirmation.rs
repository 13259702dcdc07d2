//! Confirming or contesting the record of an agreement that was signed on paper.

use domain::agreement::lifecycle::Life;
use domain::{Agreement, Message, Version};
use maud::{Markup, html};
use registry::acts::agreement::paper;
use registry::presentation::{Say as _, sentence};

use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, Offer, common, why_not};
use super::{choices, text};
use crate::console::act::{Acted, acted, after};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::language::chinese;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const CONFIRM: &str = "confirm";
const CONTEST: &str = "contest";
const MAX_PARTIES: usize = 100;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let version = recorded(visit, &agreement).ok_or_else(|| none(visit, &agreement))?;
    let number = version.number;
    let standpoint = Standpoint::new(visit, &agreement);
    let mut failed = None;
    if let Some(submission) = &visit.submission {
        let mut fields = common(visit, &agreement, &standpoint);
        fields.insert("version".to_owned(), number.into());
        let act = submission.get(ACT);
        let outcome = if act == CONTEST {
            fields.insert("reason".to_owned(), submission.get("reason").into());
            paper::contest(&visit.context, fields).await
        } else {
            paper::confirm(&visit.context, fields).await
        };
        match acted(outcome) {
            Acted::Done(_) => {
                let done = if act == CONTEST { "contested" } else { "confirmed" };
                return Ok(PageResponse::redirect(after(visit, &found::path(&agreement), done)));
            }
            other => failed = Failed::of(act, other),
        }
    }
    let party = standpoint.party();
    let mut confirm = Offer::new(
        CONFIRM,
        Message::new("确认登记", "Confirm the record"),
        Message::new(
            "确认表示登记的文本与本方签署的纸质协议一致；由签约方登记的，确认后本方开始按它办理。",
            "It says that the record has the text that this party signed on paper. A record that a party made works for this party from then on.",
        ),
    );
    confirm.is_primary = true;
    confirm.why_not =
        why_not(visit, "confirmRecord", party, |party, when| agreement.record.clone().confirm(number, party, when));
    confirm.take(visit, failed.as_ref());
    let mut contest = Offer::new(
        CONTEST,
        Message::new("提出异议", "Contest the record"),
        Message::new(
            "登记与纸质协议不一致时提出；提出当日起暂停本方按它办理，更正后确认即恢复。",
            "For a record that differs from the paper. From today on nothing is handed in or decided at this party under it, until the record is corrected and confirmed.",
        ),
    );
    contest.why_not = why_not(visit, "contestRecord", party, |party, when| {
        agreement.record.clone().contest(number, party, "".into(), when)
    });
    contest.form = Form::new(vec![Field::new("reason", Kind::Text, "哪里不一致", "What differs").required()]);
    contest.take(visit, failed.as_ref());
    let revision = found::revision(visit, &agreement).await;
    let path = found::path(&agreement);
    let content = html! {
        p class="lead" lang=[chinese(locale)] { (version.title) " · " (version_name(number, locale)) }
        (standpoint.choice(visit))
        (origin(visit, version))
        (answers(visit, version))
        p { a href={ (visit.to(&path)) "#documents" } { (locale.say("查看扫描件等文件", "See the scan and other documents")) } }
        (text::whole(visit, version))
        (confirm.draw(visit, &standpoint, revision))
        (contest.draw(visit, &standpoint, revision))
    };
    Ok(Workspace::new(visit, locale.say("确认纸质协议的登记", "Confirm a record from paper"))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(&agreement) + text::points(version)))
}

/// The paper record that the address names, else the newest one.
fn recorded<'a>(visit: &Visit, agreement: &'a Agreement) -> Option<&'a Version> {
    let is_paper = |version: &&Version| matches!(version.life, Life::Paper(_));
    match visit.address.get("version") {
        "" => agreement.versions.iter().rev().find(is_paper),
        asked => asked.parse().ok().and_then(|number| agreement.version(number)).filter(is_paper),
    }
}

/// The agreement has no record from paper.
fn none(visit: &Visit, agreement: &Agreement) -> PageResponse {
    let locale = visit.locale;
    let path = found::path(agreement);
    let content = html! {
        p class="lead" { (locale.say("这份协议是在本平台上签署的，没有纸质登记，无需确认。", "This agreement was signed here. It has no record from paper, and nothing to confirm.")) }
        p { a href=(visit.to(&path)) { (locale.say("返回协议", "Back to the agreement")) } }
    };
    Workspace::new(visit, locale.say("没有纸质登记", "No record from paper")).response(404, &content)
}

/// Who recorded it, and when it was signed.
fn origin(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    let Life::Paper(paper) = &version.life else { return html! {} };
    html! {
        dl class="about" {
            @if let Some(signed) = paper.signed_on { (name::fact(locale.say("签署日期", "Signed on"), &html! { (signed) })) }
            @if let Some(recorded) = paper.recorded_on { (name::fact(locale.say("登记日期", "Recorded on"), &html! { (recorded) })) }
            (name::fact(locale.say("登记方", "Recorded by"), &html! {
                @match paper.recorder { Some(recorder) => (name::district_of(visit, recorder)), None => { (locale.say("平台管理员", "a steward")) } }
            }))
            @for correction in &paper.corrections {
                (name::fact(locale.say("更正", "Corrected"), &html! { (correction.on) (locale.say("：", ": ")) span lang=[chinese(locale)] { (correction.reason) } }))
            }
        }
    }
}

fn answers(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    html! {
        section aria-labelledby="answers" {
            h2 id="answers" { (locale.say("各方的答复", "The answers")) }
            ul class="plain" {
                @for party in version.parties.iter().take(MAX_PARTIES) {
                    li { (name::district_of(visit, party.district)) " " span class="badge" { (sentence(party.confirmation.label(locale))) } }
                }
            }
        }
    }
}
