//! The public acts of an agreement, in the order of their days.

use domain::agreement::lifecycle::{Life, Paper, Proposal};
use domain::{Agreement, Date, DistrictCode, Locale, Version};
use maud::{Markup, html};
use registry::presentation::Say as _;

use crate::language::chinese;
use crate::name;
use crate::visit::Visit;

/// How many acts are shown, the newest first.
const MAX_ACTS: usize = 60;

/// An act of a day: what happened, by which party, and its reason.
struct Act {
    on: Date,
    party: Option<DistrictCode>,
    zh: String,
    en: String,
    reason: String,
}

impl Act {
    fn new(on: Date, party: Option<DistrictCode>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { on, party, zh: zh.into(), en: en.into(), reason: String::new() }
    }

    fn because(self, reason: &str) -> Self {
        Self { reason: reason.to_owned(), ..self }
    }
}

pub(super) fn timeline(visit: &Visit, agreement: &Agreement) -> Markup {
    let locale = visit.locale;
    let mut acts = acts(agreement);
    acts.retain(|act| act.on <= visit.context.today);
    acts.sort_by_key(|act| std::cmp::Reverse(act.on));
    html! {
        @if !acts.is_empty() {
            section {
                h2 { (locale.say("经过", "History")) }
                ol class="news" {
                    @for act in acts.iter().take(MAX_ACTS) {
                        li {
                            time datetime=(act.on) { (act.on) } " "
                            @if let Some(party) = act.party { (name::district_of(visit, party)) (locale.say("", " ")) }
                            @match locale { Locale::Zh => { (act.zh) } Locale::En => { (act.en) } }
                            @if !act.reason.is_empty() { (locale.say("：", ": ")) span lang=[chinese(locale)] { (act.reason) } }
                        }
                    }
                }
                @if acts.len() > MAX_ACTS {
                    p class="quiet" { @match locale { Locale::Zh => { "更早的 " (acts.len() - MAX_ACTS) " 项略" } Locale::En => { (acts.len() - MAX_ACTS) " earlier ones are left out" } } }
                }
            }
        }
    }
}

fn acts(agreement: &Agreement) -> Vec<Act> {
    let mut acts: Vec<Act> = agreement.versions.iter().flat_map(of_version).collect();
    for suspension in &agreement.suspensions {
        let is_part = !suspension.scope.is_everything();
        let (zh, en) = match (suspension.party, is_part) {
            (Some(_), false) => ("暂停", "is stopped"),
            (Some(_), true) => ("部分暂停", "is stopped in part"),
            (None, false) => ("全部暂停", "The whole agreement is stopped"),
            (None, true) => ("部分暂停", "A part of the agreement is stopped"),
        };
        let told = suspension.public_text.as_deref().unwrap_or_default();
        acts.push(Act::new(suspension.since, suspension.party, zh, en).because(told));
        if let Some(cleared) = suspension.cleared_on {
            let (zh, en) = match (suspension.party, is_part) {
                (Some(_), _) => ("恢复", "is resumed"),
                (None, false) => ("全部恢复", "The whole agreement is resumed"),
                (None, true) => ("停用的部分恢复", "The stopped part is resumed"),
            };
            acts.push(Act::new(cleared, suspension.party, zh, en));
        }
    }
    for notice in &agreement.notices {
        acts.push(
            Act::new(notice.ends_on, Some(notice.party), "退出前的最后一日", "has its last day")
                .because(&notice.reason),
        );
    }
    if let Some(voided) = &agreement.voided {
        acts.push(Act::new(voided.on, None, "作废", "Voided").because(&voided.reason));
    }
    acts
}

fn of_version(version: &Version) -> Vec<Act> {
    let number = version.number;
    let mut acts = match &version.life {
        Life::Draft(_) => Vec::new(),
        Life::Proposal(proposal) => of_proposal(proposal, version),
        Life::Paper(paper) => of_paper(paper, number),
    };
    let joined = version.parties.iter().filter_map(|party| Some((party.district, party.joined_on?)));
    acts.extend(joined.map(|(district, on)| Act::new(on, Some(district), "加入", "joins")));
    if let Some(from) = version.term().and_then(|term| term.from) {
        acts.push(Act::new(from, None, format!("第 {number} 版生效"), format!("Version {number} takes effect")));
    }
    if let Some(to) = version.term().and_then(|term| term.to) {
        acts.push(Act::new(to, None, format!("第 {number} 版的最后一日"), format!("Last day of version {number}")));
    }
    acts
}

fn of_proposal(proposal: &Proposal, version: &Version) -> Vec<Act> {
    let number = version.number;
    let proposed =
        Act::new(proposal.on, Some(proposal.by), format!("发送第 {number} 版"), format!("proposes version {number}"));
    let signed = version.signatures().map(|signature| {
        Act::new(signature.on, Some(signature.party), format!("签署第 {number} 版"), format!("signs version {number}"))
    });
    let rejected = proposal.rejections.iter().map(|rejection| {
        Act::new(
            rejection.on,
            Some(rejection.party),
            format!("退回第 {number} 版"),
            format!("rejects version {number}"),
        )
        .because(&rejection.reason)
    });
    let concluded = version
        .signed_on()
        .map(|on| Act::new(on, None, format!("第 {number} 版签订"), format!("Version {number} is concluded")));
    std::iter::once(proposed).chain(signed).chain(rejected).chain(concluded).collect()
}

fn of_paper(paper: &Paper, number: u32) -> Vec<Act> {
    let signed = paper.signed_on.map(|on| {
        Act::new(on, None, format!("第 {number} 版在纸质文件上签署"), format!("Version {number} is signed on paper"))
    });
    let recorded = paper
        .recorded_on
        .map(|on| Act::new(on, paper.recorder, format!("补录第 {number} 版"), format!("Version {number} is recorded")));
    let corrected = paper.corrections.iter().map(|correction| {
        Act::new(correction.on, None, format!("更正第 {number} 版"), format!("Version {number} is corrected"))
            .because(&correction.reason)
    });
    signed.into_iter().chain(recorded).chain(corrected).collect()
}
