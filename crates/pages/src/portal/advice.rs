//! What a citizen can do about a reason. The reason's own remedy is for whoever can mend the cause, such as a registrar
//! or the parties; answers of the API have it.

use catalogue::{Reason, ReasonCode};
use domain::{Locale, Message};

/// The advice for people. The remedy of the reason itself, where citizens can follow it.
pub(crate) fn advice(reason: &Reason, locale: Locale) -> String {
    let told = match reason.code {
        ReasonCode::NoCommonBasis => Message::new(
            "两地还没有开通这件事的跨域办理。请到业务属地办理，或拨打业务属地的政务服务热线询问",
            "this is not open between the two districts: apply in the competent district, or call its service line",
        ),
        ReasonCode::OfferingMissing => Message::new(
            "业务属地还没有公布怎么办。请先打电话向业务属地的政务服务中心询问",
            "the competent district has not published how it is done: call its service hall first",
        ),
        ReasonCode::OnlyOtherDirection => Message::new(
            "请到业务属地办理；如果您要办的是另一地的业务，请查看反方向",
            "apply in the competent district; if your matter belongs to the other one, see the other direction",
        ),
        ReasonCode::BasisEnded => Message::new(
            "请到业务属地办理，或打电话询问是否还有其他办法",
            "apply in the competent district, or call and ask for another way",
        ),
        ReasonCode::MatterNotInSchedule => Message::new(
            "这件事请到业务属地办理；两地之间能办的其他事项见下面的链接",
            "apply for this in the competent district; what else can be done between the two is linked below",
        ),
        ReasonCode::SameParty => Message::new("请在当地的政务服务中心直接询问", "ask at the local service hall"),
        ReasonCode::ClauseNotInDate => Message::new(
            "这一天不能这样办。请换一天查询，或到业务属地办理",
            "not on this day: ask for another day, or apply in the competent district",
        ),
        ReasonCode::Malformed
        | ReasonCode::UnknownDistrict
        | ReasonCode::UnknownMatter
        | ReasonCode::SameDistrict
        | ReasonCode::DistrictRetired
        | ReasonCode::MatterRetired
        | ReasonCode::Suspended
        | ReasonCode::BasisNotYetInForce
        | ReasonCode::OfferingWithdrawn
        | ReasonCode::NoScheduleYet
        | ReasonCode::RecordedByOneSide
        | ReasonCode::GuideMissing
        | ReasonCode::GuideOld
        | ReasonCode::NoWindow
        | ReasonCode::DistrictSucceeded
        | ReasonCode::EndsSoon => return reason.remedy(locale).to_owned(),
    };
    told.text(locale).to_owned()
}
