//! The list of agreements, by party, standing, mode and words.

use catalogue::search::Query;
use catalogue::{AgreementFilter, Kept};
use domain::{Agreement, Date, HandlingMode, Locale, Scope, Standing};
use maud::{Markup, html};
use registry::presentation::{Say as _, period, sentence};

use super::agreement::standing::badge;
use super::agreement::{listed_version, member_codes};
use crate::form;
use crate::frame::{Frame, Sample, sample_badge};
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;

/// How many agreements one page shows.
const PAGE_SIZE: usize = 30;

/// The points for every hundred agreements that are searched.
const POINTS_PER_HUNDRED: u64 = 2;

/// How many parties are named in a row.
const MAX_PARTIES: usize = 6;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let written = visit.address.get("party");
    let party = Side::read(written, snapshot, visit.on());
    let standing = visit.address.get("standing").parse::<Standing>().ok();
    let search = Query::new(&visit.link.search);
    let is_nothing = matches!(party, Side::Unknown(_));
    let filter = AgreementFilter {
        parties: Vec::new(),
        covering: party.known().map(|district| district.code),
        standing: standing.into_iter().collect(),
        on: visit.on(),
        matter: None,
        modes: visit.link.modes.clone(),
        search,
        ending_before: None,
    };
    let list = snapshot.list_agreements(&filter, &Scope::Public);
    let total = if is_nothing { 0 } else { list.len() };
    let pager = Pager::new(visit, total, PAGE_SIZE);
    // Without words the newest numbers come first.
    let place = |at: usize| if filter.search.is_some() { at } else { total - 1 - at };
    let shown: Vec<Kept<Agreement>> =
        pager.places().filter_map(|at| list.get(place(at))).map(|listed| listed.item).collect();
    let synthetic = shown.iter().any(|agreement| agreement.provenance.synthetic);
    let title = locale.say("协议", "Agreements");
    let markup = Frame::new(visit, title).with(Sample::from(synthetic)).draw(&html! {
        h1 { (title) }
        (form::faults(visit))
        (filters(visit, written, standing))
        (several(visit, &party))
        p class="verdict" role="status" {
            @match (total, locale) {
                (0, _) => { (locale.say("没有符合条件的协议", "No agreement fits")) }
                (_, Locale::Zh) => { strong { (total) } " 份协议" }
                (1, Locale::En) => { strong { "1" } " agreement" }
                (_, Locale::En) => { strong { (total) } " agreements" }
            }
        }
        @if total == 0 {
            div class="note" {
                p { (locale.say("换一个区域或说法试试，或者去掉条件。", "Try another district or other words, or take the conditions away.")) }
                p { a class="button" href=(visit.to("/agreements")) { (locale.say("看全部协议", "See all agreements")) } }
            }
        }
        ol class="matters" { @for agreement in &shown { (entry(visit, agreement, visit.on())) } }
        (pager.links(visit))
    });
    let status = if matches!(party, Side::Unknown(_)) { 404 } else { visit.status() };
    let searched = snapshot.counts(&Scope::Public).agreements as u64;
    PageResponse::page(status, markup).costing(searched * POINTS_PER_HUNDRED / 100)
}

fn filters(visit: &Visit, party: &str, standing: Option<Standing>) -> Markup {
    let locale = visit.locale;
    let any = locale.say("不限", "any");
    let standings = Standing::ALL.iter().filter(|standing| **standing != Standing::NotConcluded);
    let standings: Vec<(&str, String)> =
        standings.map(|standing| (standing.name(), sentence(standing.label(locale)))).collect();
    let modes: Vec<(&str, String)> =
        HandlingMode::ALL.iter().map(|mode| (mode.name(), sentence(mode.label(locale)))).collect();
    let fields = html! {
        div class="field district" {
            label for="party" { (locale.say("区域", "District")) }
            input id="party" name="party" type="text" value=(party) autocomplete="off" spellcheck="false" data-districts
                placeholder=(locale.say("区县名称或代码", "name or code of a district")) {}
        }
        (form::choice("standing", locale.say("状态", "Standing"), any, standings.iter().map(|(name, label)| (*name, label.as_str())), standing.map_or("", Standing::name)))
        (form::choice("mode", locale.say("通办方式", "Handling mode"), any, modes.iter().map(|(name, label)| (*name, label.as_str())), visit.link.modes.first().map_or("", |mode| mode.name())))
    };
    form::search(
        visit,
        locale.say("名称、编号或文号", "Title, number or document"),
        &fields,
        &["party", "standing", "mode"],
    )
}

/// A choice between the districts that a name means.
fn several(visit: &Visit, party: &Side) -> Markup {
    let locale = visit.locale;
    html! {
        @match party {
            Side::Several(found) => {
                section class="choices" {
                    h2 { (locale.say("您说的是哪一个区域？", "Which district do you mean?")) }
                    ul { @for district in found { li { a href=(visit.address.clone().without("page").with("party", district.code.as_str())) { (name::district_with_path(visit, district)) } " " code { (district.code) } } } }
                }
            }
            Side::Unknown(guesses) => {
                p class="trouble" role="alert" {
                    (locale.say("没有找到这个区域。", "This district is not known."))
                    @if !guesses.is_empty() { " " (locale.say("是否要找：", "Did you mean: ")) (guesses.join(locale.say("、", ", "))) }
                }
            }
            Side::Open | Side::Known(_) => {}
        }
    }
}

/// An agreement in a list.
pub(crate) fn entry(visit: &Visit, agreement: &Agreement, on: Date) -> Markup {
    let locale = visit.locale;
    let version = listed_version(agreement, on);
    let matters: std::collections::BTreeSet<_> =
        version.schedule.iter().flat_map(|clause| clause.matters.iter()).collect();
    let modes: std::collections::BTreeSet<_> = version.schedule.iter().map(|clause| clause.mode).collect();
    html! {
        li {
            span class="title" { (name::agreement(visit, agreement.number, &version.title)) }
            p class="facts" {
                (badge(agreement, on, locale)) " "
                code { (agreement.number) } " "
                span { (name::districts(visit, &member_codes(version), MAX_PARTIES)) }
                @if let Some(term) = version.term() { span { (sentence(&period(term, locale))) } }
                span { @match locale { Locale::Zh => { (matters.len()) " 个事项" } Locale::En => { (matters.len()) @if matters.len() == 1 { " matter" } @else { " matters" } } } }
                @for mode in modes { (name::mode(mode, locale)) " " }
                @if agreement.provenance.synthetic { (sample_badge(locale)) }
            }
        }
    }
}
