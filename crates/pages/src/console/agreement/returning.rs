//! Returning a proposal for changes (退回修改), with remarks.

use domain::agreement::acts::Rejecting;
use domain::agreement::lifecycle::RejectionKind;
use domain::{Agreement, DistrictCode, Message, Version};
use registry::acts::Input;
use registry::acts::agreement::proposal;

use super::offer::{Failed, Offer, why_not};
use super::remarks;
use crate::console::act::{Acted, acted, renamed};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::visit::Visit;

pub(super) const RETURN: &str = "return";
/// The field of the reason; another form of the page has a field `reason`.
const REASON: &str = "returnReason";

pub(super) fn offer(
    visit: &Visit,
    agreement: &Agreement,
    version: &Version,
    party: Option<DistrictCode>,
    failed: Option<&Failed>,
) -> Offer {
    let number = version.number;
    let mut offer = Offer::new(
        RETURN,
        Message::new("退回修改", "Return for changes"),
        Message::new(
            "写明哪些要改，起草方据此修改后重新发送；各签约方都能看到。答复期限之前可以收回。",
            "Say what has to change; its author corrects it and proposes it again. All parties can read it. It can be taken back until the last day for answers.",
        ),
    );
    offer.why_not = why_not(visit, "rejectVersion", party, |party, when| {
        let rejecting = Rejecting { kind: RejectionKind::Return, reason: "".into(), remarks: Vec::new() };
        agreement.clone().reject(number, party, rejecting, when)
    });
    offer.form = Form::new(vec![Field::new(REASON, Kind::Text, "退回理由", "Reason").required()]);
    let typed = visit.submission.as_ref().filter(|_| failed.is_some_and(|failed| failed.act == RETURN));
    offer.hidden = remarks::rows(visit, version, typed);
    offer.take(visit, failed);
    offer
}

/// Returns the proposal. `fields`: the agreement, the version and the party.
pub(super) async fn run(visit: &Visit, mut fields: Input) -> Acted {
    let Some(form) = &visit.submission else {
        return Acted::Failed(Message::new("没有提交表单", "no form was submitted"));
    };
    fields.insert("kind".to_owned(), RejectionKind::Return.name().into());
    fields.insert("reason".to_owned(), form.get(REASON).into());
    let remarks = remarks::read(visit, form);
    if remarks.as_array().is_some_and(|remarks| !remarks.is_empty()) {
        fields.insert("remarks".to_owned(), remarks);
    }
    let outcome = acted(proposal::reject(&visit.context, fields).await);
    remarks::placed(renamed(outcome, &[("reason", REASON)]), form)
}
