//! The guides of a district: matters without one first, then those that were not verified for long.

use std::collections::HashSet;

use catalogue::search::{Query, Text};
use catalogue::{Kept, OfferingBrief, Order};
use domain::{Id, Locale, Matter, Offering};
use maud::{Markup, html};
use registry::error::Error;
use registry::own_records;
use registry::presentation::{Say as _, matter_name, visit_count};
use serde_json::{Map, Value as Json};

use super::offering_fields::title;
use super::own::{DISTRICT, Own};
use crate::console::refusal;
use crate::console::workspace::Workspace;
use crate::language::{chinese, lang};
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(super) const PATH: &str = "/console/offerings";
pub(super) const PUBLISH: &str = "publishOffering";
const PAGE_SIZE: usize = 50;
/// The points of a page: all guides of a district are looked at.
const POINTS: u64 = 50;

/// What a guide needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Unverified,
    Unmatched,
    Ended,
    Fine,
}

const STATES: [(State, &str, &str, &str); 5] = [
    (State::Missing, "missing", "缺少指南", "no guide"),
    (State::Unverified, "unverified", "超过 12 个月未核对", "not verified for 12 months"),
    (State::Unmatched, "unmatched", "未匹配事项", "without a matter"),
    (State::Ended, "ended", "已撤销或已失效", "withdrawn or ended"),
    (State::Fine, "fine", "正常", "in order"),
];

/// A row: a guide, or a matter that needs one.
enum Row {
    Missing(Kept<Matter>),
    Guide(State, OfferingBrief),
}

impl Row {
    fn state(&self) -> State {
        match self {
            Self::Missing(_) => State::Missing,
            Self::Guide(state, _) => *state,
        }
    }
}

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("办事指南", "Guides");
    let own = match Own::of(visit, title, PUBLISH) {
        Ok(own) => own,
        Err(response) => return response,
    };
    if let Err(error) = visit.context.compute_findings().await {
        return refusal::failed(visit, &error);
    }
    let rows = match rows(visit, &own).await {
        Ok(rows) => rows,
        Err(error) => return refusal::failed(visit, &error),
    };
    let asked = visit.address.get("state");
    let is_asked = |row: &&Row| match STATES.iter().find(|(_, name, ..)| *name == asked) {
        Some((state, ..)) => row.state() == *state,
        None => true,
    };
    let found: Vec<&Row> = rows.iter().filter(is_asked).collect();
    let pager = Pager::new(visit, found.len(), PAGE_SIZE);
    let shown = pager.of(&found);
    let briefs: Vec<OfferingBrief> = shown
        .iter()
        .filter_map(|row| match row {
            Row::Guide(_, brief) => Some(*brief),
            Row::Missing(_) => None,
        })
        .collect();
    let lines = match own_records::offerings(&visit.context, &briefs).await {
        Ok(lines) => lines,
        Err(error) => return refusal::failed(visit, &error),
    };
    let mut lines = lines.iter();
    let content = html! {
        (own.chooser(visit))
        p class="lead" { (own.name(visit)) }
        p class="acts" {
            a class="button" href=(own.at(visit, &format!("{PATH}/new"))) { (locale.say("新增办事指南", "Publish a guide")) }
            a class="button quiet" href=(own.at(visit, &format!("{PATH}/sheet"))) { (locale.say("用表格导入导出", "By a spreadsheet")) }
        }
        (filters(visit, &rows))
        p role="status" class="count" { @match locale { Locale::Zh => { "共 " (found.len()) " 项" } Locale::En => { (found.len()) " entries" } } }
        @if found.is_empty() { p { (locale.say("没有这样的办事指南。", "There is no such guide.")) } }
        ul class="tasks" {
            @for row in shown {
                @match row {
                    Row::Missing(matter) => { (missing(visit, &own, matter)) }
                    Row::Guide(state, brief) => { @if let Some(line) = lines.next() { (guide(visit, &own, *state, brief, line)) } }
                }
            }
        }
        (pager.links(visit))
    };
    Workspace::new(visit, title).page(&content).costing(POINTS)
}

/// All rows that the search finds, by what they need.
async fn rows(visit: &Visit, own: &Own) -> Result<Vec<Row>, Error> {
    let context = &visit.context;
    let snapshot = &context.snapshot;
    let district = &own.district;
    let query = Query::new(visit.address.get("q"));
    let all = snapshot.offerings_of_district(district.code, &[], None, Order::Name);
    let found: Option<HashSet<Id<Offering>>> = match &query {
        None => None,
        Some(query) => {
            let by_matter = snapshot.offerings_of_district(district.code, &[], Some(query), Order::Name);
            let names = context.store.offering_names(district.id).await.map_err(Error::from)?;
            let by_name = names.into_iter().filter(|(_, name)| query.matches(&Text::new(name, []))).map(|(id, _)| id);
            Some(by_matter.into_iter().map(|listed| listed.code).chain(by_name).collect())
        }
    };
    let needed = snapshot.matters_to_offer(district.code).into_iter().filter(|matter| {
        let aliases = || matter.aliases.iter().map(|alias| &**alias);
        query.as_ref().is_none_or(|query| query.matches(&Text::new(&matter.name, aliases())))
    });
    let state = |brief: &OfferingBrief| {
        let is_matched = snapshot.offering_by_id(brief.id).is_some_and(|placed| placed.matter.is_some());
        if brief.period.ended_before(context.today) {
            State::Ended
        } else if snapshot.is_unverified(brief) {
            State::Unverified
        } else if !is_matched {
            State::Unmatched
        } else {
            State::Fine
        }
    };
    let wanted = all.into_iter().filter(|listed| found.as_ref().is_none_or(|found| found.contains(&listed.code)));
    let mut guides: Vec<Row> = wanted.map(|listed| Row::Guide(state(&listed.item), listed.item)).collect();
    let rank = |row: &Row| match row {
        Row::Missing(_) => (0, None),
        Row::Guide(State::Unverified, brief) => (1, brief.verified_on),
        Row::Guide(State::Unmatched, _) => (2, None),
        Row::Guide(State::Missing | State::Fine, _) => (3, None),
        Row::Guide(State::Ended, _) => (4, None),
    };
    guides.sort_by_key(rank);
    Ok(needed.map(Row::Missing).chain(guides).collect())
}

fn filters(visit: &Visit, rows: &[Row]) -> Markup {
    let locale = visit.locale;
    let address = &visit.address;
    html! {
        form class="filters" method="get" action=(PATH) {
            p class="field" {
                label for="q" { (locale.say("事项或指南名称", "Name of the matter or the guide")) }
                input id="q" name="q" type="text" value=(address.get("q")) {}
            }
            p class="field" {
                label for="state" { (locale.say("状态", "State")) }
                select id="state" name="state" {
                    option value="" { (locale.say("全部", "all")) }
                    @for (state, name, zh, en) in STATES {
                        @let count = rows.iter().filter(|row| row.state() == state).count();
                        option value=(name) selected[address.get("state") == name] { (locale.say(zh, en)) " (" (count) ")" }
                    }
                }
            }
            @if !address.get(DISTRICT).is_empty() { input type="hidden" name=(DISTRICT) value=(address.get(DISTRICT)) {} }
            @if let Some(language) = visit.link.lang { input type="hidden" name="lang" value=(lang(language)) {} }
            p class="buttons" { button class="button quiet" type="submit" { (locale.say("筛选", "Filter")) } }
        }
    }
}

fn badge(visit: &Visit, state: State) -> Markup {
    let (_, _, zh, en) = STATES[state as usize];
    html! { @if state != State::Fine { span class={ "badge " @if state == State::Missing { "finding" } @else { "task" } } { (visit.locale.say(zh, en)) } " " } }
}

fn missing(visit: &Visit, own: &Own, matter: &Matter) -> Markup {
    let locale = visit.locale;
    html! {
        li {
            (badge(visit, State::Missing))
            a href=(own.at(visit, &format!("{PATH}/{}", matter.code))) lang=[chinese(locale)] { (matter_name(matter, locale)) }
            p class="facts" { code { (matter.code) } " " (locale.say("生效的协议列出此事项，本区域还没有公布指南，外地无法办理。", "A schedule in force lists it; without a guide it cannot be handled elsewhere.")) }
        }
    }
}

fn guide(visit: &Visit, own: &Own, state: State, brief: &OfferingBrief, line: &Map<String, Json>) -> Markup {
    let locale = visit.locale;
    let placed = visit.context.snapshot.offering_by_id(brief.id);
    let matter = placed.and_then(|placed| placed.matter);
    let code = matter.map(|matter| matter.code.to_string());
    let known = code.as_deref().or_else(|| line.get("sourceCode").and_then(Json::as_str)).unwrap_or_default();
    html! {
        li {
            (badge(visit, state))
            a href=(own.at(visit, &format!("{PATH}/{}", brief.id))) lang=[chinese(locale)] { (title(line, matter.map(|matter| matter_name(matter, locale)), locale)) }
            p class="facts" {
                code { (known) } " · " span { (visit_count(brief.visits, locale)) }
                @if let Some(days) = brief.days { " · " @match locale { Locale::Zh => { (days) " 天" } Locale::En => { (days) " days" } } }
                " · "
                @match brief.verified_on {
                    Some(day) => { (locale.say("核对日期 ", "verified on ")) (day) }
                    None => { (locale.say("没有核对日期", "never verified")) }
                }
            }
        }
    }
}
