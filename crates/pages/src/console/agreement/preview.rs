//! Who is hit when a party does not take part: the matters and the partners, in each direction.

use std::collections::BTreeSet;

use domain::{Agreement, DistrictCode, Locale, MatterCode};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::name;
use crate::visit::Visit;

const MAX_PARTNERS: usize = 20;
const MAX_MATTERS: usize = 60;

/// What a party does in one direction.
#[derive(Debug, Default)]
struct Direction {
    partners: BTreeSet<DistrictCode>,
    matters: BTreeSet<MatterCode>,
}

/// The routes that rest on a party today, and what the agreement is worth after the act.
pub(super) fn hit(visit: &Visit, agreement: &Agreement, party: DistrictCode, after: Option<&Agreement>) -> Markup {
    let (locale, today) = (visit.locale, visit.context.today);
    let Some((receiving, competent)) = directions(visit, agreement, party) else {
        return html! { p class="quiet" { (locale.say("协议今天没有生效的版本，不影响办理。", "No version is in force today, so no answer changes.")) } };
    };
    let is_empty = receiving.matters.is_empty() && competent.matters.is_empty();
    html! {
        div class="preview" {
            p { strong { (locale.say("影响范围", "Who is hit")) } }
            @if is_empty { p { (locale.say("清单中没有涉及本方的事项。", "The schedule has no matter for this party.")) } }
            (direction(visit, &receiving, |partners, matters| match locale {
                Locale::Zh => format!("本方收件：{partners} 个区域的 {matters} 个事项不能再在本方办理"),
                Locale::En => format!("Handed in here: {} of {}", counted(matters, "matter"), counted(partners, "district")),
            }))
            (direction(visit, &competent, |partners, matters| match locale {
                Locale::Zh => format!("业务属本方：{matters} 个事项不能再在 {partners} 个区域办理"),
                Locale::En => format!("Decided here: {}, handed in at {}", counted(matters, "matter"), counted(partners, "district")),
            }))
            @if let Some(after) = after.filter(|after| after.standing(today) != agreement.standing(today)) {
                p {
                    (locale.say("办理后协议的状态：", "The agreement will be: "))
                    strong { (sentence(after.standing(today).label(locale))) }
                }
            }
        }
    }
}

/// What the party receives, and what it decides. `None`: no version is in force today.
fn directions(visit: &Visit, agreement: &Agreement, party: DistrictCode) -> Option<(Direction, Direction)> {
    let today = visit.context.today;
    let version = agreement.version_in_force(today)?;
    let others: BTreeSet<DistrictCode> =
        agreement.members_on(version, today).map(|member| member.district).filter(|member| *member != party).collect();
    let (mut receiving, mut competent) = (Direction::default(), Direction::default());
    for clause in version.schedule.iter().filter(|clause| !clause.period.ended_before(today)) {
        let is_on = |side: &[DistrictCode]| side.is_empty() || side.contains(&party);
        let partners = |side: &[DistrictCode]| -> Vec<DistrictCode> {
            others.iter().copied().filter(|other| side.is_empty() || side.contains(other)).collect()
        };
        for (direction, own, other) in [
            (&mut receiving, &clause.receiving, &clause.competent),
            (&mut competent, &clause.competent, &clause.receiving),
        ] {
            let partners = if is_on(own) { partners(other) } else { Vec::new() };
            if !partners.is_empty() {
                direction.partners.extend(partners);
                direction.matters.extend(clause.matters.iter().copied());
            }
        }
    }
    Some((receiving, competent))
}

fn direction(visit: &Visit, direction: &Direction, says: impl Fn(usize, usize) -> String) -> Markup {
    let Direction { partners, matters } = direction;
    let named: Vec<DistrictCode> = partners.iter().copied().collect();
    html! {
        @if !matters.is_empty() {
            details {
                summary { (says(partners.len(), matters.len())) }
                p { (name::districts(visit, &named, MAX_PARTNERS)) }
                ul class="plain" {
                    @for code in matters.iter().take(MAX_MATTERS) { li { (name::matter_of(visit, *code)) } }
                    @if matters.len() > MAX_MATTERS {
                        li class="quiet" { @match visit.locale { Locale::Zh => { "等 " (matters.len()) " 个" } Locale::En => { "and " (matters.len() - MAX_MATTERS) " more" } } }
                    }
                }
            }
        }
    }
}

/// A number with its noun in English.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
