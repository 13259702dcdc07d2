//! The remedies of reasons and notices as links: each leads to where one can do what the remedy says.

use catalogue::{Reason, ReasonCode, Subject};
use domain::{Locale, MatterCode};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name};

use crate::address::Address;
use crate::link::MATTERS;
use crate::name;
use crate::visit::Visit;

/// How many of the records that a reason concerns are linked.
const MAX_SUBJECTS: usize = 3;

/// The links of a reason, the most useful first. On the page of a matter the links keep it.
pub(crate) fn links(visit: &Visit, reason: &Reason, matter: Option<MatterCode>) -> Markup {
    let links: Vec<(String, String)> = of_code(visit, reason.code, matter)
        .into_iter()
        .chain(of_first_day(visit, reason, matter))
        .chain(reason.subjects.iter().take(MAX_SUBJECTS).filter_map(|subject| of_subject(visit, subject)))
        .collect();
    html! {
        @if !links.is_empty() {
            p class="remedies" { @for (address, label) in links { a class="button quiet" href=(address) { (label) } " " } }
        }
    }
}

/// What to do about a reason, whatever record it concerns.
fn of_code(visit: &Visit, code: ReasonCode, matter: Option<MatterCode>) -> Option<(String, String)> {
    let (locale, link) = (visit.locale, &visit.link);
    let say = |address: String, zh: &str, en: &str| Some((address, locale.say(zh, en).to_owned()));
    let text = |address: Address, zh: &str, en: &str| say(address.text(), zh, en);
    match code {
        ReasonCode::OnlyOtherDirection => {
            let turned = link.turned();
            say(
                matter.map_or_else(|| turned.to_list(), |code| turned.to_matter(code)),
                "查看反方向",
                "See the other direction",
            )
        }
        ReasonCode::Suspended => say(visit.to("/notices"), "看暂停公告", "See the notices of stops"),
        ReasonCode::OfferingWithdrawn
        | ReasonCode::OfferingMissing
        | ReasonCode::GuideMissing
        | ReasonCode::GuideOld
        | ReasonCode::SameDistrict
        | ReasonCode::SameParty => of_side(visit, link.competent.as_str()),
        ReasonCode::NoWindow => of_side(visit, link.receiving.as_str()),
        ReasonCode::BasisEnded => {
            let agreements =
                visit.at("/agreements").with("party", link.competent.as_str()).with("standing", "IN_FORCE");
            text(agreements, "看现在生效的协议", "See the agreements in force")
        }
        ReasonCode::MatterNotInSchedule => {
            say(link.without_filters().to_list(), "看两地之间能办的事项", "See what can be done between the two")
        }
        ReasonCode::NoCommonBasis => match matter {
            Some(code) => say(link.between("", "").to_matter(code), "看这件事在哪里能办", "See where it can be done"),
            None => say(
                link.between(&link.receiving, "").to_list(),
                "看在这里能办哪里的事",
                "See whose matters can be done here",
            ),
        },
        ReasonCode::UnknownDistrict => say(visit.to("/districts"), "查找区域", "Look up a district"),
        ReasonCode::UnknownMatter | ReasonCode::MatterRetired => say(visit.to(MATTERS), "查找事项", "Look up a matter"),
        // The record that the reason concerns is the way on.
        ReasonCode::Malformed
        | ReasonCode::DistrictRetired
        | ReasonCode::ClauseNotInDate
        | ReasonCode::BasisNotYetInForce
        | ReasonCode::NoScheduleYet
        | ReasonCode::RecordedByOneSide
        | ReasonCode::DistrictSucceeded
        | ReasonCode::EndsSoon => None,
    }
}

/// The same question on the first day of a basis or clause that is to come.
fn of_first_day(visit: &Visit, reason: &Reason, matter: Option<MatterCode>) -> Option<(String, String)> {
    let is_to_come = matches!(reason.code, ReasonCode::BasisNotYetInForce | ReasonCode::ClauseNotInDate);
    let from = reason.days.from.filter(|_| is_to_come)?;
    let link = visit.link.on_day(from);
    let address = matter.map_or_else(|| link.to_list(), |code| link.to_matter(code));
    let label = match visit.locale {
        Locale::Zh => format!("查 {from}"),
        Locale::En => format!("Ask for {from}"),
    };
    Some((address, label))
}

/// The page of a district of the question, with its windows and telephone numbers.
fn of_side(visit: &Visit, code: &str) -> Option<(String, String)> {
    let district = visit.context.snapshot.district(code.parse().ok()?)?;
    let name = district_name(district, visit.locale);
    let label = match visit.locale {
        Locale::Zh => format!("看{name}的窗口和电话"),
        Locale::En => format!("Windows and phones of {name}"),
    };
    Some((name::to_district(visit, district.code), label))
}

fn of_subject(visit: &Visit, subject: &Subject) -> Option<(String, String)> {
    let locale = visit.locale;
    match subject {
        Subject::Agreement(agreement) => {
            let label = format!("{} {}", locale.say("看协议", "Agreement"), agreement.number);
            Some((name::to_agreement(visit, agreement.number), label))
        }
        Subject::Policy(policy) => {
            let number = policy.document_number.as_deref().unwrap_or(&policy.title);
            Some((visit.to(&format!("/policy/{}", policy.id)), format!("{} {number}", locale.say("看依据", "Policy"))))
        }
        Subject::District(district) => {
            let label = format!("{}{}", locale.say("看", "See "), district_name(district, locale));
            Some((name::to_district(visit, district.code), label))
        }
        Subject::Matter(_) | Subject::Offering(_) => None,
    }
}
