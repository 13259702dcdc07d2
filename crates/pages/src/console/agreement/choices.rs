//! The acts on an agreement: links to the pages where they are done, and why the others are off.

use domain::agreement::acts::{Leaving, Withdrawer};
use domain::agreement::lifecycle::{Life, VersionState};
use domain::agreement::suspension::NewSuspension;
use domain::{Agreement, Date, DistrictCode, Extent, Message, Party, Role, Version};
use maud::{Markup, html};
use registry::presentation::Say as _;

use super::found::{self, Standpoint};
use super::offer::{WhyNot, forbidden, problems, reasons, why_not};
use crate::visit::Visit;

/// An act with the page where it is done.
struct Choice {
    name: Message,
    address: String,
    why_not: WhyNot,
}

/// How many versions are offered with acts.
const MAX_VERSIONS: usize = 5;

/// The points for each hundred clauses and parties: an act is tried on a copy of the agreement.
pub(super) fn points(agreement: &Agreement) -> u64 {
    let size: usize = agreement.versions.iter().map(|version| version.schedule.len() + version.parties.len()).sum();
    size as u64 / 10
}

/// The acts on the agreement as a whole, and on its open versions.
pub(super) fn section(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint) -> Markup {
    let locale = visit.locale;
    let open = agreement.versions.iter().rev().take(MAX_VERSIONS);
    let mut choices: Vec<Choice> = open.flat_map(|version| of_version(visit, agreement, version, standpoint)).collect();
    choices.extend(of_agreement(visit, agreement, standpoint));
    let (possible, off): (Vec<Choice>, Vec<Choice>) = choices.into_iter().partition(|choice| choice.why_not.is_empty());
    html! {
        section aria-labelledby="acts" {
            h2 id="acts" { (locale.say("可以办理", "What you can do")) }
            (standpoint.choice(visit))
            @if possible.is_empty() { p { (locale.say("现在没有可以办理的事。", "There is nothing to do for you now.")) } }
            ul class="acts" {
                @for (at, choice) in possible.iter().enumerate() {
                    li { a class={ "button" @if at > 0 { " quiet" } } href=(choice.address) { (choice.name.text(locale)) } }
                }
            }
            @if !off.is_empty() {
                details {
                    summary { (locale.say("现在不能办理的，以及原因", "What cannot be done now, and why")) " " span class="count" { (off.len()) } }
                    dl class="off" {
                        @for choice in &off {
                            dt { (choice.name.text(locale)) }
                            dd { (reasons(&choice.why_not, locale)) }
                        }
                    }
                }
            }
        }
    }
}

fn of_version(visit: &Visit, agreement: &Agreement, version: &Version, standpoint: &Standpoint) -> Vec<Choice> {
    let number = version.number;
    let path = found::version_path(agreement, number);
    let choice = |zh: &str, en: &str, address: String, why_not: WhyNot| Choice {
        name: Message::new(format!("{zh}（第 {number} 版）"), format!("{en} (version {number})")),
        address,
        why_not,
    };
    let party = standpoint.party();
    let office = with_party(visit.at(&format!("{path}/office")), standpoint);
    match &version.life {
        Life::Draft(_) => {
            let may = forbidden(visit, "reviseDraft", party).map_or_else(
                || problems(agreement.ensure_own(number, &visit.context.scope)),
                |forbidden| vec![forbidden],
            );
            let to = visit.to(&format!("{}/draft/parties", found::path(agreement)));
            vec![
                choice("继续起草", "Continue the draft", to, may),
                choice("送审、审核与征求意见", "Approval and consultation", office, WhyNot::new()),
            ]
        }
        Life::Proposal(_) => match version.state(visit.context.today) {
            VersionState::Proposed | VersionState::Rejected | VersionState::Lapsed => {
                let to = visit.at(&format!("{path}/sign"));
                let to = with_party(to, standpoint);
                let digest = version.digest(agreement.number);
                let sign = why_not(visit, "signVersion", party, |party, when| {
                    agreement.clone().sign(number, party, digest, when)
                });
                let reject = why_not(visit, "rejectVersion", party, |party, when| {
                    agreement.clone().reject(number, party, "".into(), when)
                });
                let undo = why_not(visit, "undoRejection", party, |party, when| {
                    agreement.clone().undo_rejection(number, party, when)
                });
                vec![
                    choice("阅读并签署", "Read and sign", to.clone(), sign),
                    choice("退回修改", "Return for changes", format!("{to}#return-title"), reject.clone()),
                    choice("不同意", "Reject", format!("{to}#reject-title"), reject),
                    choice("收回不同意", "Take the rejection back", format!("{to}#undo-title"), undo),
                    choice(
                        "撤回",
                        "Withdraw",
                        visit.to(&format!("{path}/withdraw")),
                        withdrawal(visit, agreement, number),
                    ),
                    choice("催办、意见与会签", "Reminders, remarks and opinions", office, WhyNot::new()),
                ]
            }
            VersionState::Draft | VersionState::Withdrawn | VersionState::Concluded => Vec::new(),
        },
        Life::Paper(_) => {
            let to = visit.at(&format!("{}/confirm", found::path(agreement))).with("version", number.to_string());
            let to = with_party(to, standpoint);
            let confirm =
                why_not(visit, "confirmRecord", party, |party, when| agreement.clone().confirm(number, party, when));
            let contest = why_not(visit, "contestRecord", party, |party, when| {
                agreement.clone().contest(number, party, "".into(), when)
            });
            vec![
                choice("确认登记", "Confirm the record", to.clone(), confirm),
                choice("提出异议", "Contest the record", format!("{to}#contest-title"), contest),
            ]
        }
    }
}

fn with_party(address: crate::address::Address, standpoint: &Standpoint) -> String {
    match standpoint.parties() {
        [party, _, ..] => address.with("party", party.as_str()).text(),
        _ => address.text(),
    }
}

/// Why a proposal cannot be withdrawn by the caller.
pub(super) fn withdrawal(visit: &Visit, agreement: &Agreement, number: u32) -> WhyNot {
    if let Some(forbidden) = forbidden(visit, "withdrawProposal", visit.context.viewer.district) {
        return vec![forbidden];
    }
    if let Err(problem) = agreement.ensure_own(number, &visit.context.scope) {
        return problems::<(), _>(Err(problem));
    }
    let context = &visit.context;
    let is_author = context.viewer.roles.contains(&Role::Registrar)
        && agreement
            .version(number)
            .and_then(Version::author)
            .is_some_and(|author| context.viewer.districts(&context.snapshot, context.today).contains(&author));
    let by = if is_author { Withdrawer::Author } else { Withdrawer::Steward };
    problems(agreement.clone().withdraw_proposal(number, by, Some("".into()), super::offer::when(visit)))
}

fn of_agreement(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint) -> Vec<Choice> {
    let path = found::path(agreement);
    let party = standpoint.party();
    let to = |page: &str| with_party(visit.at(&format!("{path}/{page}")), standpoint);
    let choice =
        |zh: &str, en: &str, address: String, why_not: WhyNot| Choice { name: Message::new(zh, en), address, why_not };
    let mut choices = vec![
        choice("暂停", "Suspend", to("suspend"), suspending(visit, agreement, party)),
        choice("恢复", "Resume", format!("{}#resume-title", to("suspend")), resuming(visit, agreement, party)),
        choice("退出通知", "Give notice", to("notice"), leaving(visit, agreement, party)),
        choice(
            "撤销退出通知",
            "Revoke the notice",
            format!("{}#revoke-title", to("notice")),
            revoking(visit, agreement, party),
        ),
        choice("反对续期", "Oppose the renewal", to("renewal"), opposing(visit, agreement, party)),
        choice("申请加入", "Accede", to("accession"), acceding(visit, agreement, party)),
    ];
    for newcomer in newcomers(visit, agreement) {
        let name = Message::new(format!("同意 {newcomer} 加入"), format!("Admit {newcomer}"));
        choices.push(Choice { name, address: to("accession"), why_not: admitting(visit, agreement, party, newcomer) });
    }
    choices.push(Choice {
        name: Message::new("起草修订", "Draft an amendment"),
        address: visit.at("/console/agreements/new").with("amend", agreement.number.to_string()).text(),
        why_not: amending(visit, agreement, party),
    });
    choices
}

/// Any other last day than the one that a running suspension has.
pub(super) fn suspending(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    why_not(visit, "suspendAgreement", party, |party, when| {
        agreement.clone().suspend(Some(party), NewSuspension::whole("", Some(Date::MAX)), when)
    })
}

pub(super) fn resuming(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    why_not(visit, "resumeAgreement", party, |party, when| agreement.clone().resume(Some(party), None, when))
}

pub(super) fn leaving(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    why_not(visit, "giveNotice", party, |party, when| {
        agreement.clone().give_notice(party, Date::MAX, Leaving::InTime, "".into(), when)
    })
}

pub(super) fn revoking(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    why_not(visit, "revokeNotice", party, |party, when| agreement.clone().revoke_notice(party, when))
}

pub(super) fn opposing(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    why_not(visit, "opposeRenewal", party, |party, when| agreement.clone().oppose_renewal(party, when))
}

pub(super) fn acceding(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    let digest = agreement.concluded(visit.context.today).map(|version| version.digest(agreement.number));
    why_not(visit, "accedeToAgreement", party, |party, when| {
        agreement.clone().accede(newcomer(party, Extent::Itself), digest.unwrap_or(domain::Digest::GENESIS), when)
    })
}

pub(super) fn admitting(
    visit: &Visit,
    agreement: &Agreement,
    party: Option<DistrictCode>,
    newcomer: DistrictCode,
) -> WhyNot {
    why_not(visit, "admitParty", party, |party, when| agreement.clone().admit(party, newcomer, when))
}

fn amending(visit: &Visit, agreement: &Agreement, party: Option<DistrictCode>) -> WhyNot {
    let today = visit.context.today;
    let base = agreement.concluded(today).map_or(0, |version| version.number);
    why_not(visit, "amendAgreement", party, |party, _| {
        agreement.clone().amend(agreement.latest().clone(), base, party, today)
    })
}

/// A district as it accedes.
fn newcomer(district: DistrictCode, extent: Extent) -> Party {
    Party {
        district,
        extent,
        bodies: Vec::new(),
        joined_on: None,
        earlier: Vec::new(),
        confirmation: domain::Confirmation::Recorded,
    }
}

/// The districts that wait for consent.
pub(super) fn newcomers(visit: &Visit, agreement: &Agreement) -> Vec<DistrictCode> {
    let version = agreement.concluded(visit.context.today);
    version
        .map_or_else(Vec::new, |version| version.accessions.iter().map(|accession| accession.party.district).collect())
}
