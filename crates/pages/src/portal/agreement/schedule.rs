//! The schedule (通办事项清单) as a matrix: a row for each matter, a column for each direction, and in the cells the
//! modes. The clauses with their terms stand below it.

use std::collections::BTreeMap;

use domain::{Agreement, AgreementClause, DistrictCode, Locale, MatterCode, MatterDomain, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, sentence};

use super::terms;
use crate::name;
use crate::pager::Pager;
use crate::visit::Visit;

/// How many matters one page shows, and how many directions are columns.
const PAGE_SIZE: usize = 60;
const MAX_DIRECTIONS: usize = 6;

/// How many districts the head of a column names.
const MAX_NAMED: usize = 3;

/// Who takes applications, for whose matters. An empty side is every party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Direction {
    receiving: Vec<DistrictCode>,
    competent: Vec<DistrictCode>,
}

/// A matter with the clauses that list it. Rows are sorted by domain and code.
struct Row<'a> {
    domain: Option<MatterDomain>,
    code: MatterCode,
    clauses: Vec<&'a AgreementClause>,
}

pub(crate) fn section(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let mut listed: BTreeMap<(Option<MatterDomain>, MatterCode), Vec<&AgreementClause>> = BTreeMap::new();
    for clause in &version.schedule {
        for code in clause.matters.iter() {
            let domain = snapshot.matter(*code).map(|matter| matter.domain);
            listed.entry((domain, *code)).or_default().push(clause);
        }
    }
    let rows: Vec<Row<'_>> =
        listed.into_iter().map(|((domain, code), clauses)| Row { domain, code, clauses }).collect();
    let mut directions: Vec<Direction> =
        version.schedule.iter().flat_map(|clause| directions_of(clause, version)).collect();
    directions.sort();
    directions.dedup();
    let pager = Pager::new(visit, rows.len(), visit.link.show.unwrap_or(PAGE_SIZE));
    html! {
        section id="schedule" {
            h2 { (locale.say("通办事项清单", "Schedule")) " " span class="count" { (rows.len()) } }
            @if rows.is_empty() {
                div class="note" { p { (locale.say("本协议还没有列出事项：先签框架，清单分批公布。", "No matter is listed yet: the framework comes first, the lists follow in batches.")) } }
            } @else {
                @if directions.len() <= MAX_DIRECTIONS { (matrix(visit, version, &directions, pager.of(&rows))) }
                @else { (by_clause(visit, version, pager.of(&rows))) }
                (pager.links(visit))
                @if rows.len() > PAGE_SIZE && visit.link.show.is_none() {
                    p class="change" { a href=(visit.address.clone().without("page").with("show", rows.len().min(2_000).to_string())) { (locale.say("整页显示，便于打印", "All on one page, to print")) } }
                }
                p class="change" { a href={ "/agreements/" (agreement.number) "/versions/" (version.number) "/schedule.xlsx" } { (locale.say("下载清单（XLSX）", "Download the schedule (XLSX)")) } }
                (clauses(visit, agreement, version))
            }
        }
    }
}

/// The directions of a clause. Between two parties each is a pair.
fn directions_of(clause: &AgreementClause, version: &Version) -> Vec<Direction> {
    let [first, second] = &version.parties[..] else {
        return vec![Direction { receiving: clause.receiving.to_vec(), competent: clause.competent.to_vec() }];
    };
    let on = |side: &[DistrictCode], code: DistrictCode| side.is_empty() || side.contains(&code);
    let pairs = [(first.district, second.district), (second.district, first.district)];
    let listed = pairs.into_iter().filter(|(from, to)| on(&clause.receiving, *from) && on(&clause.competent, *to));
    listed.map(|(from, to)| Direction { receiving: vec![from], competent: vec![to] }).collect()
}

fn matrix(visit: &Visit, version: &Version, directions: &[Direction], rows: &[Row<'_>]) -> Markup {
    let locale = visit.locale;
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(locale.say("通办事项清单", "Schedule")) {
            table class="matrix" {
                thead { tr {
                    th scope="col" { (locale.say("事项", "Matter")) }
                    @for direction in directions { th scope="col" { (head(visit, direction)) } }
                } }
                tbody {
                    @for Row { domain, code, clauses } in rows {
                        tr {
                            th scope="row" {
                                (name::matter_of(visit, *code))
                                @if let Some(domain) = domain { " " span class="quiet" { (sentence(domain.label(locale))) } }
                            }
                            @for direction in directions { td data-head=(head_text(visit, direction)) { (cell(visit, version, direction, *code, clauses)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The head of a column, in words.
fn head(visit: &Visit, direction: &Direction) -> Markup {
    let locale = visit.locale;
    let side = |codes: &[DistrictCode], all: &'static str| {
        html! {
            @if codes.is_empty() { (all) } @else { (name::districts(visit, codes, MAX_NAMED)) }
        }
    };
    html! {
        @match locale {
            Locale::Zh => { "在" (side(&direction.receiving, "任一方")) "办" (side(&direction.competent, "其他各方")) "的业务" }
            Locale::En => { "In " (side(&direction.receiving, "any party")) ", for " (side(&direction.competent, "any other")) }
        }
    }
}

/// The same without links, for the cards that rows become on a phone.
fn head_text(visit: &Visit, direction: &Direction) -> String {
    let locale = visit.locale;
    let side = |codes: &[DistrictCode], all: &str| {
        let named = codes.iter().take(MAX_NAMED).map(|code| {
            let found = visit.context.snapshot.district(*code);
            found.map_or_else(|| code.to_string(), |found| district_name(found, locale).to_owned())
        });
        let named: Vec<String> = named.collect();
        if named.is_empty() { all.to_owned() } else { named.join(locale.say("、", ", ")) }
    };
    let (receiving, competent) = (&direction.receiving, &direction.competent);
    match locale {
        Locale::Zh => format!("在{}办{}的业务", side(receiving, "任一方"), side(competent, "其他各方")),
        Locale::En => format!("In {}, for {}", side(receiving, "any party"), side(competent, "any other")),
    }
}

/// The modes in a direction. Between two districts each leads to the answer.
fn cell(
    visit: &Visit,
    version: &Version,
    direction: &Direction,
    code: MatterCode,
    clauses: &[&AgreementClause],
) -> Markup {
    let locale = visit.locale;
    let listed = clauses.iter().filter(|clause| directions_of(clause, version).contains(direction));
    let listed: Vec<_> = listed.collect();
    let answer = match (&direction.receiving[..], &direction.competent[..]) {
        ([receiving], [competent]) => Some(visit.link.between(receiving.as_str(), competent.as_str()).to_matter(code)),
        _ => None,
    };
    html! {
        @if listed.is_empty() { span class="quiet" { "—" } }
        @for clause in listed {
            @match &answer {
                Some(address) => { a href=(address) class="badge mode" { (sentence(clause.mode.label(locale))) } " " }
                None => { (name::mode(clause.mode, locale)) " " }
            }
        }
    }
}

/// The matters with the clauses that list them, when there are too many directions for columns.
fn by_clause(visit: &Visit, version: &Version, rows: &[Row<'_>]) -> Markup {
    let locale = visit.locale;
    html! {
        ul class="partners" {
            @for Row { code, clauses, .. } in rows {
                li {
                    (name::matter_of(visit, *code))
                    span {
                        @for clause in clauses { (name::mode(clause.mode, locale)) " " a href={ "#clause-" (clause.key) } { (number_of(version, clause, locale)) } " " }
                    }
                }
            }
        }
    }
}

/// The clauses: sides, mode, dates, batch, and terms in words.
fn clauses(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let locale = visit.locale;
    let place = agreement.versions.iter().position(|other| other.number == version.number);
    html! {
        h3 { (locale.say("条款与办理条件", "Clauses and terms")) }
        @for clause in &version.schedule {
            @let excluded = agreement.excluded(version, clause);
            details class="clause" id={ "clause-" (clause.key) } open {
                summary {
                    (number_of(version, clause, locale)) " " (name::mode(clause.mode, locale)) " "
                    span class="count" { @match locale { Locale::Zh => { (clause.matters.len()) " 个事项" } Locale::En => { (clause.matters.len()) " matters" } } }
                }
                dl {
                    (name::fact(locale.say("收件地", "Receiving"), &side(visit, &clause.receiving)))
                    (name::fact(locale.say("业务属地", "Competent"), &side(visit, &clause.competent)))
                    @if !excluded.is_empty() { (name::fact(locale.say("不适用于", "Left out"), &name::districts(visit, &excluded.into_iter().collect::<Vec<_>>(), 20))) }
                    (terms::of_clause(visit, clause))
                }
                details class="codes" { summary { (locale.say("供系统对接的编号", "Code for systems")) } p { code { (clause.key) } } }
            }
        }
        @if let Some(place) = place { (carried(visit, agreement, place)) }
    }
}

/// The place of a clause in its schedule, in words.
fn number_of(version: &Version, clause: &AgreementClause, locale: Locale) -> String {
    let at = version.schedule.iter().position(|other| other.key == clause.key).unwrap_or_default() + 1;
    match locale {
        Locale::Zh => format!("第 {at} 条"),
        Locale::En => format!("Clause {at}"),
    }
}

fn side(visit: &Visit, codes: &[DistrictCode]) -> Markup {
    html! { @if codes.is_empty() { (visit.locale.say("各签约方", "all parties")) } @else { (name::districts(visit, codes, 40)) } }
}

/// Old terms that go on for parties that objected to a change.
fn carried(visit: &Visit, agreement: &Agreement, place: usize) -> Markup {
    let locale = visit.locale;
    let carried = agreement.carried(place);
    html! {
        @if !carried.is_empty() {
            p class="quiet" {
                @match locale {
                    Locale::Zh => { "另有 " (carried.len()) " 个旧条款，对提出异议的签约方继续有效。" }
                    Locale::En => { (carried.len()) " older clauses go on for the parties that objected." }
                }
            }
        }
    }
}
