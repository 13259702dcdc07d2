//! The parties of an agreement: who they are, how far they bind, and whether they take part.

use domain::agreement::standing::Absence;
use domain::{Agreement, Extent, Locale, Party, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::language::chinese;
use crate::name;
use crate::visit::Visit;

/// How many parties are listed before the rest is folded.
const MAX_PARTIES: usize = 100;

pub(crate) fn table(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let locale = visit.locale;
    let (first, rest) = version.parties.split_at(version.parties.len().min(MAX_PARTIES));
    html! {
        section {
            h2 { (locale.say("签约方", "Parties")) " " span class="count" { (version.parties.len()) } }
            div class="scroll" tabindex="0" role="group" aria-label=(locale.say("签约方", "Parties")) {
                table {
                    thead { tr {
                        th scope="col" { (locale.say("区域", "District")) }
                        th scope="col" { (locale.say("范围", "Extent")) }
                        th scope="col" { (locale.say("签署机构", "Signed by")) }
                        th scope="col" { (locale.say("签署与参加", "Signature and participation")) }
                    } }
                    tbody { @for party in first { (row(visit, agreement, version, party)) } }
                }
            }
            @if !rest.is_empty() {
                p class="quiet" {
                    @match locale { Locale::Zh => { "还有 " (rest.len()) " 方：" } Locale::En => { (rest.len()) " more: " } }
                    @for (at, party) in rest.iter().enumerate() { @if at > 0 { (locale.say("、", ", ")) } (name::district_of(visit, party.district)) }
                }
            }
        }
    }
}

fn row(visit: &Visit, agreement: &Agreement, version: &Version, party: &Party) -> Markup {
    let locale = visit.locale;
    let signed = version.signatures().find(|signature| signature.party == party.district).map(|signature| signature.on);
    html! {
        tr {
            th scope="row" {
                @match visit.context.snapshot.district(party.district) {
                    Some(district) => (name::district_path(visit, district)),
                    None => { code { (party.district) } }
                }
                @if version.lead == party.district { " " span class="badge" { (locale.say("牵头方", "lead")) } }
            }
            td { (sentence(party.extent.label(locale))) @if party.extent == Extent::Subtree { " " a href=(visit.at("/districts").with("within", party.district.as_str())) { (locale.say("查看", "see")) } } }
            td lang=[chinese(locale)] {
                @for (at, body) in party.bodies.iter().enumerate() { @if at > 0 { (locale.say("、", ", ")) } (body.name) }
                @if party.bodies.is_empty() { "—" }
            }
            td {
                (sentence(version.confirmation_of(party).label(locale)))
                @if let Some(on) = signed { (locale.say("，", ", ")) (on) }
                @if let Some(on) = party.joined_on { (locale.say("，加入于 ", ", joined on ")) (on) }
                @if let Some(absence) = agreement.absence(version, party, visit.on()) {
                    (locale.say("；", "; ")) (absent(&absence, locale))
                }
            }
        }
    }
}

fn absent(absence: &Absence<'_>, locale: Locale) -> &'static str {
    match absence {
        Absence::NotBound => locale.say("未受约束", "not bound"),
        Absence::NotAMember => locale.say("当日不是成员", "not a member on that day"),
        Absence::Suspended(_) => locale.say("已暂停", "stopped"),
    }
}
