//! The page of a matter without a pair of districts: the rule of competence, the agreements and policies that list the
//! matter today, and the districts that publish a guide for it.

use std::collections::BTreeMap;

use catalogue::{AgreementFilter, Answer, Kept};
use domain::{
    Agreement, Date, District, DistrictCode, HandlingMode, Locale, Matter, Policy, PolicyClause, Scope, Version,
};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name};

use super::query::in_force;
use crate::language::chinese;
use crate::name;
use crate::visit::Visit;

/// How many agreements, pairs and guides are looked at.
const MAX_AGREEMENTS: usize = 20;
const MAX_PAIRS: usize = 24;
const MAX_GUIDES: usize = 400;
const MAX_NAMED: usize = 40;

/// The points of the page in addition to that of other pages: a point for each pair that is answered.
pub(crate) const ADDITIONAL_COST: u64 = 40;

/// The districts of a way, with the mode.
struct Way {
    receiving: DistrictCode,
    competent: DistrictCode,
    mode: HandlingMode,
}

/// The places, and whether they rest on synthetic records.
pub(crate) fn places(visit: &Visit, matter: &Kept<Matter>) -> (Markup, bool) {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let filter = AgreementFilter { matter: Some(matter.code), ..in_force(visit, None) };
    let agreements = snapshot.list_agreements(&filter, &Scope::Public);
    let mut left = MAX_PAIRS;
    let ways: Vec<(Kept<Agreement>, Vec<Way>)> = agreements
        .iter()
        .take(MAX_AGREEMENTS)
        .map(|listed| {
            let ways = open_ways(visit, &listed.item, matter, &mut left);
            (listed.item, ways)
        })
        .filter(|(_, ways)| !ways.is_empty())
        .collect();
    let policies = snapshot.list_policies(Some(visit.on()));
    let policies: Vec<_> = policies
        .iter()
        .filter_map(|listed| Some((&listed.item, clause_of(&listed.item, matter, visit.on())?)))
        .collect();
    let synthetic = ways.iter().any(|(agreement, _)| agreement.provenance.synthetic)
        || policies.iter().any(|(policy, _)| policy.provenance.synthetic);
    let markup = html! {
        (competent(matter, locale))
        section {
            h2 { (locale.say("现在在哪里能办", "Where it can be done now")) }
            @if ways.is_empty() && policies.is_empty() {
                p { (locale.say("目前没有生效的协议或政策列出这个事项。请向业务属地的政务服务中心询问。", "No agreement or policy in force lists this matter. Please ask the competent district's service hall.")) }
            }
            @for (policy, clause) in policies {
                p {
                    (name::mode(clause.mode, locale)) " "
                    (locale.say("按", "By ")) (name::policy(visit, policy.id, policy))
                    (locale.say("：业务属地公布办事指南后，外地即可办理。", ": wherever the competent district has published its guide."))
                }
            }
            @for (agreement, ways) in &ways { (by_agreement(visit, matter, agreement, ways)) }
            @if agreements.len() > MAX_AGREEMENTS {
                p class="quiet" { @match locale { Locale::Zh => { "共有 " (agreements.len()) " 份协议列出这个事项，请选好两地查询。" } Locale::En => { (agreements.len()) " agreements list this matter: choose both districts above." } } }
            }
        }
        (guides(visit, matter))
    };
    (markup, synthetic)
}

/// The rule that makes a district competent for the matter.
fn competent(matter: &Matter, locale: Locale) -> Markup {
    html! {
        section {
            h2 { (locale.say("谁来办理", "Who decides")) }
            @if matter.competent_by.is_empty() {
                p { (locale.say("由业务属地的主管部门决定；哪里是业务属地，请看当地的办事指南。", "The competent district's authority decides; its guide says which district is competent.")) }
            } @else {
                p {
                    @match locale {
                        Locale::Zh => { "由您的" strong { (matter.competent_by.join("或")) } "决定；您在别处时，可以请所在地的窗口代收，或在网上申请。" }
                        Locale::En => { "The district of your " strong lang=[chinese(locale)] { (matter.competent_by.join(" / ")) } " decides. Elsewhere a window may take your application, or you apply online." }
                    }
                }
            }
        }
    }
}

/// The ways of an agreement that are really open: each pair is answered.
fn open_ways(visit: &Visit, agreement: &Agreement, matter: &Matter, left: &mut usize) -> Vec<Way> {
    let Some(version) = agreement.version_in_force(visit.on()) else { return Vec::new() };
    let mut ways = Vec::new();
    for (receiving, competent) in pairs(version, matter) {
        if *left == 0 {
            break;
        }
        *left -= 1;
        let handling = visit.context.snapshot.handling(matter.code, receiving, competent, visit.on());
        if let (Answer::Available, Some(route)) = (handling.answer, handling.routes.first()) {
            ways.push(Way { receiving, competent, mode: route.mode });
        }
    }
    ways
}

/// The pairs of parties between which a version lists a matter.
fn pairs(version: &Version, matter: &Matter) -> Vec<(DistrictCode, DistrictCode)> {
    let all: Vec<DistrictCode> = version.parties.iter().map(|party| party.district).collect();
    let side = |named: &[DistrictCode]| if named.is_empty() { all.clone() } else { named.to_vec() };
    let mut pairs = Vec::new();
    for clause in version.schedule.iter().filter(|clause| clause.lists(matter.code)) {
        for receiving in side(&clause.receiving).into_iter().take(MAX_PAIRS) {
            let others = side(&clause.competent).into_iter().filter(|competent| *competent != receiving);
            pairs.extend(others.take(MAX_PAIRS).map(|competent| (receiving, competent)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn clause_of<'a>(policy: &'a Policy, matter: &Matter, on: Date) -> Option<&'a PolicyClause> {
    policy.schedule.iter().find(|clause| clause.period.includes(on) && clause.lists(matter.code))
}

fn by_agreement(visit: &Visit, matter: &Matter, agreement: &Agreement, ways: &[Way]) -> Markup {
    let locale = visit.locale;
    let named = |code: DistrictCode| {
        visit
            .context
            .snapshot
            .district(code)
            .map_or_else(|| code.to_string(), |found| district_name(found, locale).to_owned())
    };
    html! {
        h3 { (name::agreement(visit, agreement.number, &agreement.latest().title)) }
        ul class="links" {
            @for way in ways {
                li {
                    a href=(visit.link.between(way.receiving.as_str(), way.competent.as_str()).to_matter(matter.code)) {
                        @match locale {
                            Locale::Zh => { "在" (named(way.receiving)) "办" (named(way.competent)) "的业务" }
                            Locale::En => { "In " (named(way.receiving)) ", for " (named(way.competent)) }
                        }
                    } " "
                    (name::mode(way.mode, locale))
                }
            }
        }
    }
}

/// The districts that have published a guide.
fn guides(visit: &Visit, matter: &Matter) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let offerings = snapshot.offerings_of_matter(matter.code);
    let mut districts: BTreeMap<DistrictCode, &Kept<District>> = BTreeMap::new();
    for offering in (0..offerings.len().min(MAX_GUIDES)).filter_map(|place| offerings.get(place)) {
        if offering.item.period.includes(visit.on())
            && let Some(placed) = snapshot.offering_by_id(offering.code)
        {
            districts.insert(placed.district.code, placed.district);
        }
    }
    html! {
        @if !districts.is_empty() {
            section {
                h2 { (locale.say("公布了办事指南的业务属地", "Districts with a published guide")) " " span class="count" { (snapshot.districts_offering(matter.code)) } }
                ul class="names" {
                    @for district in districts.values().take(MAX_NAMED) {
                        li { a href=(visit.link.between(&visit.link.receiving, district.code.as_str()).to_matter(matter.code)) { (district_name(district, locale)) } }
                    }
                }
            }
        }
    }
}
