//! The acts of an office on a version, each with its form or why it is off.

use domain::agreement::acts::{Decision, Opinion};
use domain::agreement::lifecycle::{Life, VersionState};
use domain::agreement::office::{ApprovalState, BodyOpinion};
use domain::{Agreement, Date, DistrictCode, Message, Role, Scope, Version};
use maud::html;
use registry::presentation::{Say as _, district_name, sentence};

use crate::console::agreement::found::Standpoint;
use crate::console::agreement::offer::{Failed, Offer, WhyNot, forbidden, problems, when, why_not};
use crate::console::agreement::remarks;
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::visit::Visit;

pub(super) const SUBMIT: &str = "submit";
pub(super) const APPROVE: &str = "approve";
pub(super) const GIVE_BACK: &str = "giveBack";
pub(super) const CONSULT: &str = "consult";
pub(super) const END_CONSULTATION: &str = "endConsultation";
pub(super) const REMARK: &str = "makeRemarks";
pub(super) const BODY: &str = "confirmBody";
pub(super) const REMIND: &str = "remind";

/// The note of an approval; the form beside it has a field `reason`.
pub(super) const NOTE: &str = "note";
/// The district to remind; `party` is the one that acts.
pub(super) const AWAITED: &str = "awaited";

/// What an offer is made of.
struct Of<'a> {
    visit: &'a Visit,
    agreement: &'a Agreement,
    version: &'a Version,
    standpoint: &'a Standpoint,
}

/// The acts, those that can be done first. The first one is the primary act of the page.
pub(super) fn all(
    visit: &Visit,
    agreement: &Agreement,
    version: &Version,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
) -> Vec<Offer> {
    let of = Of { visit, agreement, version, standpoint };
    let offers = match &version.life {
        Life::Draft(_) => {
            let mut offers =
                vec![of.approving(), of.giving_back(), of.submitting(), of.remarking(failed), of.consulting()];
            if version.office().consultation.is_some() {
                offers.push(of.ending_consultation());
            }
            offers.extend([of.confirming_body(), of.reminding()]);
            if version.office().approval.as_ref().is_none_or(|approval| approval.state != ApprovalState::Submitted) {
                // Nothing waits for the signatory: submitting comes first.
                offers.swap(0, 2);
            }
            offers
        }
        Life::Proposal(_) => vec![of.reminding(), of.remarking(failed), of.confirming_body()],
        Life::Paper(_) => vec![of.reminding()],
    };
    let (mut can, off): (Vec<Offer>, Vec<Offer>) = offers.into_iter().partition(|offer| offer.why_not.is_empty());
    if let Some(first) = can.first_mut() {
        first.is_primary = true;
    }
    can.extend(off);
    for offer in &mut can {
        offer.take(visit, failed);
    }
    can
}

/// The districts whose answer is missing.
pub(super) fn awaited(version: &Version, on: Date) -> Vec<DistrictCode> {
    match &version.life {
        Life::Draft(_) => {
            let has_remarked = |code: &DistrictCode| version.office().remarks.iter().any(|made| made.party == *code);
            version.consulted().filter(|code| version.consults(*code, on) && !has_remarked(code)).collect()
        }
        Life::Proposal(proposal) if version.state(on) == VersionState::Proposed => {
            proposal.outstanding().into_iter().filter(|party| !proposal.has_rejected(*party)).collect()
        }
        Life::Proposal(_) => Vec::new(),
        Life::Paper(_) => version.unconfirmed().map(|party| party.district).collect(),
    }
}

impl Of<'_> {
    /// The permission, then that the version is the caller's own, then the rule of the act.
    fn why_not_own(&self, mutation: &str, scope: &Scope, rule: impl FnOnce() -> WhyNot) -> WhyNot {
        if let Some(forbidden) = forbidden(self.visit, mutation, self.standpoint.party()) {
            return vec![forbidden];
        }
        match self.agreement.ensure_own(self.version.number, scope) {
            Ok(()) => rule(),
            Err(problem) => problems::<(), _>(Err(problem)),
        }
    }

    fn submitting(&self) -> Offer {
        let mut offer = Offer::new(
            SUBMIT,
            Message::new("送审", "Submit for approval"),
            Message::new(
                "送本区域签发人审核；审核通过后再发送签约方。之后再修改草稿，须重新送审。",
                "To the own signatory, before the draft is proposed. After an edit it has to be submitted again.",
            ),
        );
        offer.why_not = self.why_not_own("submitDraft", &self.visit.context.scope, || {
            problems(self.agreement.clone().submit(self.version.number, when(self.visit)))
        });
        offer
    }

    /// Why a draft can be neither approved nor given back.
    fn deciding(&self, approve: bool) -> WhyNot {
        let context = &self.visit.context;
        let own = Scope::Districts(context.viewer.districts(&context.snapshot, context.today));
        self.why_not_own("approveDraft", &own, || {
            let decision = Decision { approve, reason: Some("".into()), number: None };
            problems(self.agreement.clone().approve(self.version.number, decision, when(self.visit)))
        })
    }

    fn approving(&self) -> Offer {
        let mut offer = Offer::new(
            APPROVE,
            Message::new("审核通过", "Approve"),
            Message::new(
                "通过后经办人可以发送签约方。批准文号和说明只有本区域能看到。",
                "After that a registrar may propose it. Number and note are seen by the own district alone.",
            ),
        );
        offer.why_not = self.deciding(true);
        offer.form = Form::new(vec![
            Field::new("approvalNumber", Kind::Line, "批准文号", "Approval number"),
            Field::new(NOTE, Kind::Text, "说明", "Note"),
        ]);
        offer
    }

    fn giving_back(&self) -> Offer {
        let mut offer = Offer::new(
            GIVE_BACK,
            Message::new("审核退回", "Give back"),
            Message::new("退给经办人修改，须说明理由。", "Back to the registrar, with a reason."),
        );
        offer.why_not = self.deciding(false);
        offer.form = Form::new(vec![Field::new("reason", Kind::Text, "退回理由", "Reason").required()]);
        offer
    }

    fn consulting(&self) -> Offer {
        let visit = self.visit;
        let mut offer = Offer::new(
            CONSULT,
            Message::new("征求意见", "Consult"),
            Message::new(
                "所列区域在期限内可以阅读草稿、提出意见，文本不冻结。再次征求意见会替换区域和期限。",
                "The districts named may read the draft and remark until the last day; nothing is frozen. Consulting again replaces districts and day.",
            ),
        );
        offer.why_not = self.why_not_own("consultOnDraft", &visit.context.scope, || {
            let anybody = vec![DistrictCode::UNREAD];
            problems(self.agreement.clone().consult(self.version.number, anybody, Date::MAX, when(visit)))
        });
        let running = self.version.office().consultation.as_ref();
        let others: Vec<String> = match running {
            Some(running) => running.with.iter().map(ToString::to_string).collect(),
            None => {
                let author = self.version.author();
                let named = self.version.parties.iter().map(|party| party.district);
                named.filter(|code| Some(*code) != author).map(|code| code.to_string()).collect()
            }
        };
        let until = running.map_or_else(String::new, |running| running.answer_by.to_string());
        offer.form = Form::new(vec![
            Field::new("with", Kind::Districts, "征求意见的区域", "Districts")
                .required()
                .hint("名称或区划代码，每行一个。", "Names or codes, one a line."),
            Field::new("answerBy", Kind::Date, "答复期限", "Last day").required(),
        ])
        .with("with", others.join("\n"))
        .with("answerBy", until);
        offer
    }

    fn ending_consultation(&self) -> Offer {
        let visit = self.visit;
        let mut offer = Offer::new(
            END_CONSULTATION,
            Message::new("结束征求意见", "End the consultation"),
            Message::new("其他区域不再看到草稿；已提的意见保留。", "Others no longer see the draft; remarks stay."),
        );
        offer.why_not = self.why_not_own("consultOnDraft", &visit.context.scope, || {
            problems(self.agreement.clone().consult(self.version.number, Vec::new(), Date::MAX, when(visit)))
        });
        offer
    }

    fn remarking(&self, failed: Option<&Failed>) -> Offer {
        let visit = self.visit;
        let mut offer = Offer::new(
            REMARK,
            Message::new("提出意见", "Remark"),
            Message::new(
                "对草稿的意见只有起草方能看到；对已发送签约方的版本，各签约方都能看到。",
                "Remarks on a draft are for its author alone; those on a proposal are seen by all parties.",
            ),
        );
        offer.why_not = why_not(visit, "remarkOnVersion", self.standpoint.party(), |party, when| {
            self.agreement.clone().remark(self.version.number, party, Vec::new(), when)
        });
        let typed = visit.submission.as_ref().filter(|_| failed.is_some_and(|failed| failed.act == REMARK));
        offer.hidden = remarks::rows(visit, self.version, typed);
        offer
    }

    fn confirming_body(&self) -> Offer {
        let locale = self.visit.locale;
        let mut offer = Offer::new(
            BODY,
            Message::new("部门会签", "Opinion of a signing body"),
            Message::new(
                "登记签署部门的意见，只有本区域能看到。同一部门再次登记会替换原意见。",
                "Notes the opinion of a signing body, for the own district alone. A new one of the same body replaces it.",
            ),
        );
        let party = self.standpoint.party();
        let named = party.and_then(|party| self.version.party(party));
        let bodies: Vec<String> =
            named.map_or_else(Vec::new, |party| party.bodies.iter().map(|body| body.name.to_string()).collect());
        offer.why_not = why_not(self.visit, "confirmBody", party, |party, when| {
            let body = bodies.first().map_or("", String::as_str).into();
            let given = Opinion { body, opinion: BodyOpinion::Agree, remark: None };
            self.agreement.clone().confirm_body(self.version.number, party, given, when)
        });
        let body = if bodies.is_empty() {
            Kind::Line
        } else {
            Kind::Choice(bodies.into_iter().map(|body| (body.clone(), body)).collect())
        };
        let opinions =
            BodyOpinion::ALL.iter().map(|opinion| (opinion.name().to_owned(), sentence(opinion.label(locale))));
        offer.form = Form::new(vec![
            Field::new("body", body, "部门", "Body").required(),
            Field::new("opinion", Kind::Choice(opinions.collect()), "意见", "Opinion").required(),
            Field::new("remark", Kind::Text, "说明", "Remark"),
        ]);
        offer
    }

    fn reminding(&self) -> Offer {
        let visit = self.visit;
        let (locale, context) = (visit.locale, &visit.context);
        let mut offer = Offer::new(
            REMIND,
            Message::new("催办", "Remind"),
            Message::new(
                "提醒没有答复的一方，每天每方一次，各方能看到。",
                "Reminds a district whose answer is missing, once a day each. The parties see it.",
            ),
        );
        let missing = awaited(self.version, context.today);
        let remind =
            |party: DistrictCode| problems(self.agreement.clone().remind(self.version.number, party, when(visit)));
        offer.why_not = self.why_not_own("remindParty", &context.scope, || {
            if matches!(self.version.life, Life::Paper(_)) && !self.is_party() {
                let refused = domain::agreement::refusal::not_the_author_of_a_record();
                return problems::<(), _>(Err(refused));
            }
            match missing.first() {
                None => vec![Message::new("没有等待答复的一方", "no answer is awaited")],
                // Only when none of them can be reminded is the act off.
                Some(first) if missing.iter().all(|party| !remind(*party).is_empty()) => remind(*first),
                Some(_) => WhyNot::new(),
            }
        });
        let open = missing.into_iter().filter(|party| remind(*party).is_empty());
        let options = open.map(|code| {
            let known = context.snapshot.district(code);
            let name = known.map_or_else(String::new, |district| format!(" {}", district_name(district, locale)));
            (code.to_string(), format!("{code}{name}"))
        });
        offer.form =
            Form::new(vec![Field::new(AWAITED, Kind::Choice(options.collect()), "催办哪一方", "Whom").required()]);
        if let Life::Proposal(proposal) = &self.version.life {
            offer.shown =
                html! { p class="quiet" { (locale.say("答复期限：", "Last day for answers: ")) (proposal.answer_by) } };
        }
        offer
    }

    /// Does the caller act for a party of the record?
    fn is_party(&self) -> bool {
        let context = &self.visit.context;
        let own = context.viewer.districts(&context.snapshot, context.today);
        context.viewer.roles.contains(&Role::Steward)
            || self.version.parties.iter().any(|party| own.contains(&party.district))
    }
}
