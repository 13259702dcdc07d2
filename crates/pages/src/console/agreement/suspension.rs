//! Suspending an agreement for a party, and resuming it.

use catalogue::Kept;
use domain::agreement::suspension::NewSuspension;
use domain::{Agreement, Message, Suspension};
use maud::{Markup, html};
use registry::acts::Outcome;
use registry::acts::agreement::suspension;
use registry::presentation::Say as _;

use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, Offer, common, when};
use super::{choices, preview};
use crate::console::act::{Acted, acted, after};
use crate::console::effect::{self, Drawn};
use crate::console::field::Field;
use crate::console::form::Form;
use crate::console::scope;
use crate::console::workspace::Workspace;
use crate::portal::agreement::standing;
use crate::response::PageResponse;
use crate::visit::Visit;

const SUSPEND: &str = "suspend";
/// Shows what a suspension would change, and writes nothing.
const PREVIEW: &str = "preview";
const RESUME: &str = "resume";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let standpoint = Standpoint::new(visit, &agreement);
    let mut failed = None;
    let mut previewed = None;
    if let Some(submission) = &visit.submission {
        let mut fields = common(visit, &agreement, &standpoint);
        let act = submission.get(ACT);
        let outcome = if act == RESUME {
            suspension::resume(&visit.context, fields).await
        } else {
            fields.extend(scope::gathered(visit, Form::new(fields_of_suspension()).input(visit, submission)));
            if act == PREVIEW {
                fields.insert("preview".to_owned(), true.into());
            }
            suspension::suspend(&visit.context, fields).await
        };
        if let Ok(Outcome { preview: Some(preview), .. }) = &outcome {
            previewed = Some(effect::preview(visit, preview).await);
        }
        match scope::placed(acted(outcome)) {
            Acted::Done(_) => {
                let done = if act == RESUME { "resumed" } else { "suspended" };
                return Ok(PageResponse::redirect(after(visit, &found::path(&agreement), done)));
            }
            // The preview belongs to the form of the suspension.
            other => failed = Failed::of(if act == PREVIEW { SUSPEND } else { act }, other),
        }
    }
    let revision = found::revision(visit, &agreement).await;
    let running = running(visit, &agreement, &standpoint);
    let (mut suspend, resume) = offers(visit, &agreement, &standpoint, failed.as_ref());
    let mut points = choices::points(&agreement);
    if let Some(Drawn { markup, points: of_preview }) = previewed {
        suspend.shown = told(visit, &markup);
        points += of_preview;
    }
    let content = html! {
        (standpoint.choice(visit))
        @if !running.is_empty() {
            section {
                h2 { (locale.say("正在暂停", "Running suspensions")) }
                ul class="plain" { @for suspension in running { li { (standing::suspension(visit, suspension)) } } }
            }
        }
        // What is likely to be done comes first: Enter does what the primary button says.
        @if resume.is_primary { (resume.draw(visit, &standpoint, revision)) }
        (suspend.draw(visit, &standpoint, revision))
        @if !resume.is_primary { (resume.draw(visit, &standpoint, revision)) }
    };
    let path = found::path(&agreement);
    Ok(Workspace::new(visit, locale.say("暂停与恢复", "Suspend and resume"))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(points))
}

fn fields_of_suspension() -> Vec<Field> {
    let mut fields = scope::fields();
    fields.extend(scope::texts_and_days(false));
    fields
}

/// The preview of what was typed.
fn told(visit: &Visit, effect: &Markup) -> Markup {
    html! {
        p role="status" { (visit.locale.say("还没有暂停。按下面的内容暂停后：", "Nothing is suspended yet. With what is typed below:")) }
        (effect)
    }
}

/// The running suspensions of the party.
fn running<'a>(visit: &Visit, agreement: &'a Agreement, standpoint: &Standpoint) -> Vec<&'a Suspension> {
    let is_own = |suspension: &&Suspension| {
        suspension.party.is_some()
            && suspension.party == standpoint.party()
            && suspension.applies_on(visit.context.today)
    };
    agreement.suspensions.iter().filter(is_own).collect()
}

fn offers(
    visit: &Visit,
    agreement: &Kept<Agreement>,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
) -> (Offer, Offer) {
    let party = standpoint.party();
    let mut suspend = Offer::new(
        SUSPEND,
        Message::new("暂停", "Suspend"),
        Message::new(
            "自所填日期起，范围内由本方收件和业务属本方的事项都不能再按本协议办理；其他签约方之间照常。只有本方能恢复。再次暂停可更改截止日和原因。",
            "From the first day on nothing in its scope is handed in here or decided here under this agreement; the other parties go on among themselves. Only this party can resume it. Suspending again changes the last day and the reason.",
        ),
    );
    suspend.more = html! {
        button class="button quiet" type="submit" name=(ACT) value=(PREVIEW) formnovalidate { (visit.locale.say("预览影响", "Preview")) }
    };
    suspend.why_not = choices::suspending(visit, agreement, party);
    suspend.form = Form::new(fields_of_suspension());
    let mut resume = Offer::new(
        RESUME,
        Message::new("恢复", "Resume"),
        Message::new(
            "恢复当日起照常办理；其他签约方设置的暂停不受影响。",
            "From today on it works again. Suspensions of other parties stay.",
        ),
    );
    resume.why_not = choices::resuming(visit, agreement, party);
    resume.is_primary = resume.why_not.is_empty();
    suspend.is_primary = !resume.is_primary;
    if let Some(party) = party.filter(|_| suspend.why_not.is_empty()) {
        let after = agreement.record.clone().suspend(Some(party), NewSuspension::whole("", None), when(visit)).ok();
        suspend.shown = preview::hit(visit, agreement, party, after.as_ref());
    }
    suspend.take(visit, failed);
    resume.take(visit, failed);
    (suspend, resume)
}
