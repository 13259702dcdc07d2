//! Withdrawing a proposal.

use domain::Message;
use maud::html;
use registry::acts::agreement::proposal;
use registry::presentation::Say as _;

use super::choices;
use super::found::{self, Standpoint};
use super::offer::{Failed, Offer, common};
use crate::console::act::{Acted, acted, after};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

const WITHDRAW: &str = "withdraw";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let standpoint = Standpoint::new(visit, &agreement);
    let mut offer = Offer::new(
        WITHDRAW,
        Message::new("撤回", "Withdraw"),
        Message::new(
            "撤回后该版本不能再签署，已有的签署不再有效；各方会看到撤回。撤回不能收回，可以另行起草。",
            "After that the version cannot be signed, and signatures given so far do not count. All parties see it. It cannot be taken back; a new draft can be made.",
        ),
    );
    offer.is_primary = true;
    offer.why_not = choices::withdrawal(visit, &agreement, version.number);
    offer.form = Form::new(vec![
        Field::new("reason", Kind::Text, "理由", "Reason").hint("平台管理员撤回时必填。", "Required of a steward."),
    ]);
    let mut failed = None;
    if let Some(submission) = &visit.submission {
        let mut fields = common(visit, &agreement, &standpoint);
        fields.remove("party");
        fields.insert("version".to_owned(), version.number.into());
        fields.extend(offer.form.input(visit, submission));
        match acted(proposal::withdraw(&visit.context, fields).await) {
            Acted::Done(_) => return Ok(PageResponse::redirect(after(visit, &found::path(&agreement), "withdrawn"))),
            other => failed = Failed::of(WITHDRAW, other),
        }
    }
    offer.take(visit, failed.as_ref());
    let revision = found::revision(visit, &agreement).await;
    let path = found::path(&agreement);
    let content = html! {
        p class="lead" { (version.title) " · " (version_name(version.number, locale)) }
        (offer.draw(visit, &standpoint, revision))
    };
    Ok(Workspace::new(visit, locale.say("撤回已发送签约方的版本", "Withdraw a proposal"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(&agreement)))
}
