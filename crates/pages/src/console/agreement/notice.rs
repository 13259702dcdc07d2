//! Notice of a party that leaves, and revoking it.

use chrono::Days;
use domain::{Agreement, Locale, Message};
use maud::html;
use registry::acts::agreement::notice;
use registry::presentation::Say as _;

use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, Offer, common};
use super::{choices, preview};
use crate::console::act::{Acted, acted, after};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::workspace::Workspace;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const GIVE: &str = "give";
const REVOKE: &str = "revoke";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let (locale, today) = (visit.locale, visit.context.today);
    let agreement = found::agreement(visit)?;
    let standpoint = Standpoint::new(visit, &agreement);
    let mut failed = None;
    if let Some(submission) = &visit.submission {
        let mut fields = common(visit, &agreement, &standpoint);
        let act = submission.get(ACT);
        let outcome = if act == REVOKE {
            notice::revoke(&visit.context, fields).await
        } else {
            fields.extend(Form::new(fields_of_notice(visit, &agreement)).input(visit, submission));
            notice::give(&visit.context, fields).await
        };
        match acted(outcome) {
            Acted::Done(_) => {
                let done = if act == REVOKE { "revoked" } else { "given" };
                return Ok(PageResponse::redirect(after(visit, &found::path(&agreement), done)));
            }
            other => failed = Failed::of(act, other),
        }
    }
    let party = standpoint.party();
    let given = agreement.notices.iter().find(|notice| Some(notice.party) == party && notice.ends_on >= today);
    let mut give = Offer::new(
        GIVE,
        Message::new("发出退出通知", "Give notice"),
        Message::new(
            "最后一日之后本方不再是签约方，本方收件和业务属本方的事项都不能再按本协议办理；余下不足两方时协议终止。再次通知可更改最后一日。",
            "After its last day the party is no party any more, and nothing is handed in or decided there under this agreement. With fewer than two parties left the agreement ends. Giving notice again changes the day.",
        ),
    );
    give.why_not = choices::leaving(visit, &agreement, party);
    give.form = Form::new(fields_of_notice(visit, &agreement));
    if let Some(party) = party.filter(|_| give.why_not.is_empty()) {
        give.shown = preview::hit(visit, &agreement, party, None);
    }
    let mut revoke = Offer::new(
        REVOKE,
        Message::new("撤销退出通知", "Revoke the notice"),
        Message::new("撤销后本方继续是签约方。", "After that the party stays a party."),
    );
    revoke.why_not = choices::revoking(visit, &agreement, party);
    give.is_primary = true;
    give.take(visit, failed.as_ref());
    revoke.take(visit, failed.as_ref());
    let revision = found::revision(visit, &agreement).await;
    let content = html! {
        (standpoint.choice(visit))
        @if let Some(given) = given {
            p class="note" {
                (name::district_of(visit, given.party))
                @match locale {
                    Locale::Zh => { "已通知退出，最后一日 " (given.ends_on) "：" }
                    Locale::En => { " has given notice; its last day is " (given.ends_on) ": " }
                }
                (given.reason)
            }
        }
        (give.draw(visit, &standpoint, revision))
        (revoke.draw(visit, &standpoint, revision))
    };
    let path = found::path(&agreement);
    Ok(Workspace::new(visit, locale.say("退出通知", "Notice"))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(&agreement)))
}

fn fields_of_notice(visit: &Visit, agreement: &Agreement) -> Vec<Field> {
    let days = agreement.concluded(visit.context.today).map_or(0, |version| version.notice_days);
    let earliest = visit.context.today.checked_add_days(Days::new(u64::from(days)));
    let earliest = earliest.map_or_else(String::new, |earliest| earliest.to_string());
    vec![
        Field::new("endsOn", Kind::Date, "最后一日", "Last day").required().hint(
            &format!("约定提前 {days} 天通知，最早为 {earliest}。"),
            &format!("Notice is due {days} days ahead: {earliest} at the earliest."),
        ),
        Field::new(
            "lawChanged",
            Kind::Flag,
            "因法律法规变化退出，不受通知期限制",
            "The law has changed, so that no period of notice applies",
        ),
        Field::new("reason", Kind::Text, "原因", "Reason").required(),
    ]
}
