//! Opposing the automatic renewal.

use domain::{Locale, Message};
use maud::html;
use registry::acts::agreement::notice;
use registry::presentation::Say as _;

use super::choices;
use super::found::{self, Standpoint};
use super::offer::{Failed, Offer, common};
use crate::console::act::{Acted, acted, after};
use crate::console::workspace::Workspace;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const OPPOSE: &str = "oppose";

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
    if visit.submission.is_some() {
        let fields = common(visit, &agreement, &standpoint);
        match acted(notice::oppose_renewal(&visit.context, fields).await) {
            Acted::Done(_) => return Ok(PageResponse::redirect(after(visit, &found::path(&agreement), "opposed"))),
            other => failed = Failed::of(OPPOSE, other),
        }
    }
    let version = agreement.version_begun(today).or_else(|| agreement.concluded(today));
    let mut offer = Offer::new(
        OPPOSE,
        Message::new("反对续期", "Oppose the renewal"),
        Message::new(
            "反对后协议到本期届满为止，不再自动续期，对各签约方都一样。反对不能收回，可以另行签订。",
            "The agreement then ends with the current period, for all parties. An objection cannot be taken back; another agreement can be concluded.",
        ),
    );
    offer.is_primary = true;
    offer.why_not = choices::opposing(visit, &agreement, standpoint.party());
    offer.take(visit, failed.as_ref());
    let revision = found::revision(visit, &agreement).await;
    let content = html! {
        (standpoint.choice(visit))
        @if let Some((version, renewal)) = version.and_then(|version| Some((version, version.renewal?))) {
            dl class="about" {
                (name::fact(locale.say("自动续期", "Renewal"), &html! {
                    @match locale { Locale::Zh => { "每次 " (renewal.months) " 个月" } Locale::En => { "by " (renewal.months) " months" } }
                }))
                @if let Some(end) = version.current_end(today) { (name::fact(locale.say("本期到", "The current period ends on"), &html! { (end) })) }
                (name::fact(locale.say("须提前", "An objection is due"), &html! {
                    @match locale { Locale::Zh => { (renewal.objection_days) " 天提出" } Locale::En => { (renewal.objection_days) " days before the end" } }
                }))
            }
        }
        (offer.draw(visit, &standpoint, revision))
    };
    let path = found::path(&agreement);
    Ok(Workspace::new(visit, locale.say("自动续期", "Renewal"))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(&agreement)))
}
