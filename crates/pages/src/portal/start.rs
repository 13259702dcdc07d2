//! The start page: pairs of districts to begin with, and examples.

use catalogue::Kept;
use chrono::Days;
use domain::{Agreement, District, Locale, Scope};
use maud::{Markup, html};
use registry::presentation::{Say, district_name, place};

use super::help::modes;
use super::network::computing_cost;
use super::network::matrix::Network;
use super::notices::newest;
use super::query::in_force;
use crate::form::{faults, question};
use crate::frame::{Frame, Sample};
use crate::link::MATTERS;
use crate::name;
use crate::visit::Visit;

/// How many pairs of districts the start page offers.
const MAX_PAIRS: usize = 12;

/// How many matters the start page offers.
const MAX_EXAMPLES: usize = 6;

/// How many notices the start page shows, and of how many days.
const MAX_NOTICES: usize = 5;
const RECENT_DAYS: u64 = 30;

/// The page, and what it costs in addition to other pages.
pub(crate) fn start(visit: &Visit) -> (Markup, u64) {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let pairs = pairs(visit);
    let synthetic = pairs.iter().any(|(agreement, ..)| agreement.provenance.synthetic);
    let (network, is_new) = visit.cache.network(snapshot);
    let month = visit.context.today - Days::new(RECENT_DAYS);
    let (news, news_cost) = newest(visit, month, MAX_NOTICES);
    let cost = news_cost + computing_cost(&network, is_new);
    let title = locale.say("通办", "Tongban");
    let markup = Frame::new(visit, title).with(Sample::from(synthetic)).draw(&html! {
        section class="hero" {
            h1 { (locale.say("人在这里，事归那里，能在这里办吗？", "You are here, your matter belongs there. Can it be done here?")) }
            p class="lead" {
                (locale.say(
                    "选两个区域，查哪些事能跨域通办：怎么办、在哪个窗口、带什么材料、要几天、依据是什么。不能办的，说明原因和办法。",
                    "Choose two districts and see what can be done across them: how, at which window, with which materials, in how many days, and on what basis. If it cannot be done, you are told why and what to do.",
                ))
            }
        }
        (popular(visit, &network))
        (faults(visit))
        (question(visit))
        @if snapshot.counts(&Scope::Public).districts == 0 {
            div class="note" {
                p { (locale.say("本平台还没有任何记录。", "The registry holds no records yet.")) }
                p { (locale.say("用 tongban import 导入，或用 tongban serve --demo 看示例。", "Bring some in with tongban import, or see the sample with tongban serve --demo.")) }
            }
        }
        @if !pairs.is_empty() {
            section {
                h2 { (locale.say("从这些区域开始", "Start with these districts")) }
                ul class="pairs" {
                    @for (_, receiving, competent) in &pairs {
                        li {
                            a href=(visit.link.between(receiving.code.as_str(), competent.code.as_str()).to_list()) title=(place(snapshot, competent, visit.on(), locale)) {
                                span class="from" { (match locale {
                                    Locale::Zh => format!("在{}办", receiving.name),
                                    Locale::En => format!("In {}, for", district_name(receiving, locale)),
                                }) }
                                span class="to" { (match locale {
                                    Locale::Zh => format!("{}的事", competent.name),
                                    Locale::En => district_name(competent, locale).to_owned(),
                                }) }
                            }
                        }
                    }
                }
            }
        }
        @if !news.0.is_empty() {
            section {
                h2 { (locale.say("近期公告", "Recent notices")) }
                (news)
                p class="change" { a href=(visit.to("/notices")) { (locale.say("全部公告", "All notices")) } }
            }
        }
        (modes(visit))
    });
    (markup, cost)
}

/// The matters that most directed pairs of districts have: no visitor is counted.
fn popular(visit: &Visit, network: &Network) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    html! {
        @if !network.popular.is_empty() {
            nav class="popular" aria-labelledby="popular" {
                h2 id="popular" { (locale.say("常办事项", "Popular matters")) }
                ul {
                    @for matter in network.popular.iter().filter_map(|code| snapshot.matter(*code)).take(MAX_EXAMPLES) { li { (name::matter(visit, matter)) } }
                    li { a href=(visit.to(MATTERS)) { (locale.say("全部事项", "All matters")) } }
                }
            }
        }
    }
}

type Pair<'a> = (Kept<Agreement>, &'a Kept<District>, &'a Kept<District>);

/// Pairs of districts with an agreement in force: the first party receives, the second is competent.
fn pairs(visit: &Visit) -> Vec<Pair<'_>> {
    let snapshot = &visit.context.snapshot;
    let pair = |agreement: &Agreement| {
        let version = agreement.version_in_force(visit.on()).filter(|version| !version.schedule.is_empty())?;
        let [first, second, ..] = &version.parties[..] else { return None };
        Some((first.district, second.district))
    };
    let listed = snapshot.list_agreements(&in_force(visit, None), &Scope::Public);
    let known = listed.iter().filter_map(|listed| {
        let (first, second) = pair(&listed.item)?;
        Some((listed.item, snapshot.district(first)?, snapshot.district(second)?))
    });
    known.take(MAX_PAIRS).collect()
}
