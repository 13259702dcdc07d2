//! Stops of the registry: `/console/stops`, for stewards. A stop is previewed first, and confirmed by typing.

mod running;

use domain::{Locale, Message, Problem, Role};
use maud::{Markup, html};
use registry::acts::Input;
use registry::acts::agreement::stop::{end_stop, stop};
use registry::presentation::Say as _;
use serde_json::Value as Json;

use super::act::{Acted, acted, after};
use super::effect::{self, Drawn};
use super::field::{Field, Kind};
use super::form::Form;
use super::token::token;
use super::workspace::Workspace;
use super::{refusal, scope};
use crate::response::PageResponse;
use crate::submission::{CSRF, Submission};
use crate::visit::Visit;

const PATH: &str = "/console/stops";
const CONFIRM: &str = "confirm";
/// The words that confirm a stop.
const WORDS: [&str; 2] = ["停用", "stop"];
/// The reason of the end; the form of a new stop has a field `reason`.
const END_REASON: &str = "endReason";

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    if !visit.context.viewer.roles.contains(&Role::Steward) {
        return refusal::not_yours(visit, Role::Steward);
    }
    let mut form = stop_form();
    let mut ending = Form::new(vec![Field::new(END_REASON, Kind::Text, "结束原因", "Reason of the end").required()]);
    if let Some(submission) = &visit.submission {
        match submission.get("act") {
            "end" => {
                ending.values = submission.clone();
                match end(visit, submission).await {
                    Acted::Done(_) => return PageResponse::redirect(after(visit, PATH, "stopEnded")),
                    other => ending.take(other),
                }
            }
            act => {
                form.values = submission.clone();
                if act != "edit" {
                    match try_stop(visit, &form, submission, act == "stop").await {
                        Ok(page) => return page,
                        Err(refused) => form.take(refused),
                    }
                }
            }
        }
    }
    draw(visit, &form, &ending)
}

fn stop_form() -> Form {
    let mut fields = vec![
        Field::new("numbers", Kind::Lines, "协议编号", "Numbers of agreements")
            .required()
            .hint("每行一个，最多 100 个，如 TB-2021-000001。", "One a line, at most 100, such as TB-2021-000001."),
    ];
    fields.extend(scope::fields());
    fields.extend(scope::texts_and_days(true));
    Form::new(fields)
}

fn draw(visit: &Visit, form: &Form, ending: &Form) -> PageResponse {
    let locale = visit.locale;
    let open = running::open(visit);
    let is_new = open.is_empty() || visit.submission.as_ref().is_some_and(|form| form.get("act") != "end");
    let content = html! {
        p class="lead" {
            (locale.say(
                "停用由平台设置：当日起门户上相应的办理途径显示为暂停，各方都会知道。签约方自己的暂停在协议的页面上设置。",
                "A stop is set by the registry: from its first day the routes are shown as stopped, and all are told. A party suspends on the page of the agreement.",
            ))
        }
        details class="act" open[is_new] {
            summary { (locale.say("新的停用", "A new stop")) }
            (form.draw_act(visit, "preview", locale.say("预览影响", "Preview")))
        }
        (running::section(visit, &open, ending))
    };
    let agreements = visit.context.snapshot.counts(&visit.context.scope).agreements as u64;
    Workspace::new(visit, locale.say("停用", "Stops")).page(&content).costing(agreements / 50)
}

/// Previews a stop, or does it when it was confirmed. `Err`: what keeps it from being done.
async fn try_stop(
    visit: &Visit,
    form: &Form,
    submission: &Submission,
    is_confirmed: bool,
) -> Result<PageResponse, Acted> {
    let mut fields = scope::gathered(visit, form.input(visit, submission));
    let count = fields.get("numbers").and_then(Json::as_array).map_or(0, Vec::len);
    let has_typed = is_word(submission.get(CONFIRM), count);
    if is_confirmed && has_typed {
        let outcome = stop(&visit.context, fields).await.map(|stopped| stopped.outcome);
        return match acted(outcome) {
            Acted::Done(_) => Ok(PageResponse::redirect(after(visit, PATH, "stopped"))),
            other => Err(scope::placed(other)),
        };
    }
    fields.insert("preview".to_owned(), true.into());
    let outcome = stop(&visit.context, fields).await.map(|stopped| stopped.outcome);
    match outcome {
        Ok(outcome) => match &outcome.preview {
            Some(preview) => {
                let effect = effect::preview(visit, preview).await;
                Ok(confirmation(visit, submission, count, effect, is_confirmed))
            }
            None => Err(scope::placed(acted(Ok(outcome)))),
        },
        Err(error) => Err(acted(Err(error))),
    }
}

fn is_word(typed: &str, count: usize) -> bool {
    WORDS.iter().any(|word| typed.eq_ignore_ascii_case(word)) || typed.parse() == Ok(count)
}

/// What would stop, and the confirmation by typing.
fn confirmation(
    visit: &Visit,
    submission: &Submission,
    count: usize,
    Drawn { markup, points }: Drawn,
    is_missing: bool,
) -> PageResponse {
    let locale = visit.locale;
    let mut form = Form::new(vec![Field::new(CONFIRM, Kind::Line, "确认", "Confirm").required().hint(
        &format!("请输入“停用”，或协议的个数（{count}）"),
        &format!("Type “stop”, or the number of agreements ({count})"),
    )]);
    if is_missing {
        let message = Message::new("没有停用：确认的文字不对", "nothing was stopped: the confirmation is another text");
        let problem = Problem::invalid(vec![CONFIRM.to_owned()], "NOT_CONFIRMED", message);
        form.problems = vec![problem.remedy(format!("请输入“停用”或 {count}"), format!("type “stop” or {count}"))];
    }
    let content = html! {
        p class="lead" {
            @match locale {
                Locale::Zh => { "将停用 " (count) " 个协议的下列办理途径。请核对后确认。" }
                Locale::En => { "This stops routes of " (count) " agreements. Check it, then confirm." }
            }
        }
        (markup)
        (told(visit, submission))
        (form.summary(locale))
        form method="post" action=(visit.address.clone().without(super::act::DONE)) class="form" {
            (token(visit))
            (carried(submission))
            (form.draw_fields(locale))
            p class="buttons" {
                button class="button" type="submit" name="act" value="stop" { (locale.say("停用", "Stop")) }
                button class="button quiet" type="submit" name="act" value="edit" formnovalidate { (locale.say("返回修改", "Change it")) }
            }
        }
    };
    Workspace::new(visit, locale.say("停用前的预览", "Before it stops"))
        .below(PATH, locale.say("停用", "Stops"))
        .page(&content)
        .costing(points)
}

/// What the public and the parties will read.
fn told(visit: &Visit, submission: &Submission) -> Markup {
    let locale = visit.locale;
    html! {
        dl class="about" {
            (crate::name::fact(locale.say("公开说明", "Public text"), &html! { (submission.get("publicText")) }))
            (crate::name::fact(locale.say("原因", "Reason"), &html! { (submission.get("reason")) }))
        }
    }
}

/// The fields of the first form, hidden.
fn carried(submission: &Submission) -> Markup {
    let is_carried = |name: &str| ![CSRF, "act", CONFIRM].contains(&name);
    html! {
        @for (name, value) in submission.fields.iter().filter(|(name, _)| is_carried(name)) {
            input type="hidden" name=(name) value=(value) {}
        }
    }
}

async fn end(visit: &Visit, submission: &Submission) -> Acted {
    let ids: Vec<&str> = submission.all("ids").collect();
    if ids.is_empty() {
        let message = Message::new("没有勾选任何一项停用", "no stop was ticked");
        let problem = Problem::invalid(vec!["ids".to_owned()], "NOTHING_CHOSEN", message);
        return Acted::Problems(vec![problem.remedy("请先勾选", "tick some first")]);
    }
    let mut fields = Input::new();
    fields.insert("ids".to_owned(), ids.into());
    fields.insert("reason".to_owned(), submission.get(END_REASON).into());
    let outcome = end_stop(&visit.context, fields).await.map(|stopped| stopped.outcome);
    super::act::renamed(acted(outcome), &[("reason", END_REASON)])
}
