//! Whose turn it is: what an agreement waits for, and by whom.

use domain::agreement::lifecycle::{Life, Needs, Proposal, VersionState};
use domain::{Agreement, DistrictCode, Locale, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use super::found;
use crate::console::home::{due_text, version_name};
use crate::name;
use crate::visit::Visit;

/// How many districts are named.
const MAX_NAMED: usize = 10;

pub(super) fn section(visit: &Visit, agreement: &Agreement) -> Markup {
    let locale = visit.locale;
    let waiting: Vec<Markup> =
        agreement.versions.iter().rev().flat_map(|version| of_version(visit, agreement, version)).collect();
    html! {
        section aria-labelledby="turn" {
            h2 id="turn" { (locale.say("轮到谁", "Whose turn it is")) }
            @if waiting.is_empty() { p { (locale.say("没有等待答复的事。", "Nobody is waited for.")) } }
            ul class="tasks" { @for line in waiting { li { (line) } } }
        }
    }
}

fn of_version(visit: &Visit, agreement: &Agreement, version: &Version) -> Vec<Markup> {
    let locale = visit.locale;
    let today = visit.context.today;
    let own = visit.context.viewer.districts(&visit.context.snapshot, today);
    let mut waiting = match &version.life {
        Life::Draft(draft) => vec![html! {
            (sentence(&version_name(version.number, locale))) (locale.say("：", ": "))
            (name::district_of(visit, draft.author)) (locale.say("起草中", " is drafting"))
        }],
        Life::Proposal(proposal) if version.known_until.is_none() && version.state(today) == VersionState::Proposed => {
            of_proposal(visit, version, proposal)
        }
        Life::Proposal(_) => Vec::new(),
        Life::Paper(_) => {
            let silent: Vec<DistrictCode> = version.unconfirmed().map(|party| party.district).collect();
            let has_ended = agreement.has_ended(today).is_some();
            let waits = !silent.is_empty() && !has_ended;
            waits.then(|| html! {
                (sentence(&version_name(version.number, locale))) (locale.say("（纸质登记）：等待", " (from paper): waits for "))
                (name::districts(visit, &silent, MAX_NAMED)) (locale.say("确认或提出异议", " to confirm or contest it"))
                @if silent.iter().any(|party| own.contains(party)) { (mine(visit)) }
            })
            .into_iter()
            .collect()
        }
    };
    if agreement.concluded(today).is_some_and(|concluded| concluded.number == version.number) {
        waiting.extend(version.accessions.iter().map(|accession| {
            html! {
                (name::district_of(visit, accession.party.district))
                (locale.say("申请加入：", " asks to join: "))
                (sentence(version.admission.label(locale))) " "
                a href=(visit.to(&format!("{}/accession", found::path(agreement)))) { (locale.say("查看", "see")) }
            }
        }));
    }
    waiting
}

fn of_proposal(visit: &Visit, version: &Version, proposal: &Proposal) -> Vec<Markup> {
    let locale = visit.locale;
    let today = visit.context.today;
    let own = visit.context.viewer.districts(&visit.context.snapshot, today);
    let outstanding: Vec<DistrictCode> =
        proposal.outstanding().into_iter().filter(|signer| !proposal.has_rejected(*signer)).collect();
    let mut waiting = Vec::new();
    if !outstanding.is_empty() {
        waiting.push(html! {
            (sentence(&version_name(version.number, locale))) (locale.say("：等待", ": waits for "))
            (name::districts(visit, &outstanding, MAX_NAMED)) (locale.say("签署", " to sign")) " "
            span class="due" { (due_text(proposal.answer_by, today, locale)) }
            @if outstanding.iter().any(|party| own.contains(party)) { (mine(visit)) }
        });
    }
    if proposal.needs == Needs::NoObjection {
        let until = proposal.objections_until(version.objection_days);
        if today <= until {
            waiting.push(html! {
                (sentence(&version_name(version.number, locale)))
                @match locale {
                    Locale::Zh => { "：其他签约方可在 " (until) "（含当日）前提出异议，逾期视为同意" }
                    Locale::En => { ": the other parties may object until " (until) ", else they consent" }
                }
            });
        }
    }
    waiting
}

fn mine(visit: &Visit) -> Markup {
    html! { " " strong class="badge task" { (visit.locale.say("轮到本方", "your turn")) } }
}
