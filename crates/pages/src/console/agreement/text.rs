//! The text of a version as it is signed: every field that the digest covers, in words.

use std::ops::Range;

use domain::agreement::diff::{Field, Part};
use domain::{AgreementClause, DistrictCode, Locale, Party, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::language::chinese;
use crate::name;
use crate::pager::Pager;
use crate::portal::agreement::terms;
use crate::visit::Visit;

/// How many parties are shown before the rest is folded.
const MAX_PARTIES: usize = 100;
/// The lines of the schedule on one page: a matter is one, the head of a clause counts as some.
const LINES_PER_PAGE: usize = 200;
const LINES_OF_HEAD: usize = 8;
/// The most lines of a page to print.
const MAX_LINES: usize = 20_000;

/// A part of a clause on one page: the index of the clause, and its matters.
type Piece = (usize, Range<usize>);

/// The whole text. A long schedule has pages.
pub(super) fn whole(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    html! {
        section class="text-as-signed" aria-labelledby="text" {
            h2 id="text" { (locale.say("全文", "The text")) }
            dl class="facts-list" {
                (name::fact(locale.say("版本", "Version"), &html! { (version.number) @if let Some(base) = version.base_version { (based_on(base, locale)) } }))
                @for field in Field::ALL { (name::fact(&sentence(field.label(locale)), &value(visit, version, *field))) }
            }
            (parties(visit, version))
            (schedule(visit, version))
        }
    }
}

/// The points of a text, by its length.
pub(super) fn points(version: &Version) -> u64 {
    let matters: usize = version.schedule.iter().map(|clause| clause.matters.len()).sum();
    (version.parties.len() + version.schedule.len() * LINES_OF_HEAD + matters.min(MAX_LINES)) as u64 / 50
}

fn based_on(base: u32, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("（以第 {base} 版为基准）"),
        Locale::En => format!(" (based on version {base})"),
    }
}

/// The value of a field in words.
pub(super) fn value(visit: &Visit, version: &Version, field: Field) -> Markup {
    let locale = visit.locale;
    let none = || html! { span class="quiet" { (locale.say("未约定", "not stated")) } };
    let days = |days: u32| match locale {
        Locale::Zh => html! { (days) " 天" },
        Locale::En => html! { (days) " days" },
    };
    let stated = |text: Option<&str>| {
        text.map_or_else(none, |text| html! { span class="text" lang=[chinese(locale)] { (text) } })
    };
    match field {
        Field::Title => stated(Some(&version.title)),
        Field::DocumentNumber => stated(version.document_number.as_deref()),
        Field::EffectiveFrom => version.effective_from.map_or_else(
            || html! { (locale.say("最后一方签署之日", "the day of the last signature")) },
            |from| html! { (from) },
        ),
        Field::EffectiveTo => version.effective_to.map_or_else(none, |to| html! { (to) }),
        Field::AmendmentRule => html! { (sentence(version.amendment_rule.label(locale))) },
        Field::Concludes => html! { (sentence(version.concludes.label(locale))) },
        Field::Admission => html! { (sentence(version.admission.label(locale))) },
        Field::NoticeDays => days(version.notice_days),
        Field::ObjectionDays => days(version.objection_days),
        Field::Renewal => version.renewal.map_or_else(none, |renewal| match locale {
            Locale::Zh => html! { "每次 " (renewal.months) " 个月；反对须在到期前 " (renewal.objection_days) " 天提出" },
            Locale::En => {
                html! { "by " (renewal.months) " months, unless a party objects " (renewal.objection_days) " days before the end" }
            }
        }),
        Field::RunOut => match version.run_out.as_deref() {
            None => html! { (locale.say("按原约定办完", "finished under the old terms")) },
            stated_text => stated(stated_text),
        },
        Field::Framework => version.framework.map_or_else(none, |number| html! { code { (number) } }),
        Field::Replaces => version.replaces.map_or_else(none, |number| html! { code { (number) } }),
        Field::Lead => name::district_of(visit, version.lead),
    }
}

fn parties(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    let (first, rest) = version.parties.split_at(version.parties.len().min(MAX_PARTIES));
    html! {
        h3 { (locale.say("签约方", "Parties")) " " span class="count" { (version.parties.len()) } }
        ul class="plain" { @for of in first { li { (party(visit, of)) } } }
        @if !rest.is_empty() {
            details {
                summary { @match locale { Locale::Zh => { "其余 " (rest.len()) " 方" } Locale::En => { (rest.len()) " more" } } }
                ul class="plain" { @for of in rest { li { (party(visit, of)) } } }
            }
        }
    }
}

/// A party with its extent, as the text names it.
pub(super) fn party(visit: &Visit, party: &Party) -> Markup {
    let locale = visit.locale;
    html! { (name::district_of(visit, party.district)) " " code { (party.district) } (locale.say("，", ", ")) (party.extent.label(locale)) }
}

fn schedule(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    let is_whole = visit.link.show.is_some();
    let pages = pages(&version.schedule, if is_whole { MAX_LINES } else { LINES_PER_PAGE });
    let pager = Pager::new(visit, pages.len(), 1);
    let matters: usize = version.schedule.iter().map(|clause| clause.matters.len()).sum();
    html! {
        h3 id="schedule" { (locale.say("通办事项清单", "Schedule")) }
        p class="quiet" {
            @match locale {
                Locale::Zh => { (version.schedule.len()) " 个条款，" (matters) " 个事项" }
                Locale::En => { (version.schedule.len()) " clauses, " (matters) " matters" }
            }
            @if pages.len() > 1 {
                (locale.say("；分页显示，请逐页阅读，或 ", "; shown on several pages: read each of them, or "))
                a href=(visit.address.clone().without("page").with("show", "2000")) { (locale.say("整页显示", "show all on one page")) }
            }
        }
        @if version.schedule.is_empty() { p { (locale.say("没有事项：先签框架，清单分批公布。", "No matters: the framework comes first, the lists follow in batches.")) } }
        @for piece in pager.of(&pages).iter().flatten() { (clause(visit, version, piece)) }
        (pager.links(visit))
    }
}

/// Divides a schedule into pages of about so many lines.
fn pages(schedule: &[AgreementClause], lines: usize) -> Vec<Vec<Piece>> {
    let mut pages: Vec<Vec<Piece>> = Vec::new();
    let mut room = 0;
    for (at, clause) in schedule.iter().enumerate() {
        let mut from = 0;
        loop {
            if room <= LINES_OF_HEAD {
                pages.push(Vec::new());
                room = lines;
            }
            room -= LINES_OF_HEAD.min(room);
            let to = clause.matters.len().min(from + room.max(1));
            room = room.saturating_sub(to - from);
            if let Some(page) = pages.last_mut() {
                page.push((at, from..to));
            }
            from = to;
            if from >= clause.matters.len() {
                break;
            }
        }
    }
    pages
}

fn clause(visit: &Visit, version: &Version, (at, matters): &Piece) -> Markup {
    let locale = visit.locale;
    let clause = &version.schedule[*at];
    html! {
        article class="clause" {
            h4 {
                (locale.say("条款 ", "Clause ")) code { (clause.key) } " " (name::mode(clause.mode, locale))
                @if matters.start > 0 { " " span class="quiet" { (locale.say("（续）", "(continued)")) } }
            }
            @if matters.start == 0 {
                dl {
                    (name::fact(&sentence(Part::Receiving.label(locale)), &side(visit, &clause.receiving)))
                    (name::fact(&sentence(Part::Competent.label(locale)), &side(visit, &clause.competent)))
                    (terms::of_clause(visit, clause))
                }
            }
            ol class="matters-in-clause" start=(matters.start + 1) {
                @for code in &clause.matters[matters.clone()] { li { (name::matter_of(visit, *code)) " " code { (code) } } }
            }
        }
    }
}

/// The parties of one side. An empty side is every party.
pub(super) fn side(visit: &Visit, codes: &[DistrictCode]) -> Markup {
    html! { @if codes.is_empty() { (visit.locale.say("各签约方", "all parties")) } @else { (name::districts(visit, codes, codes.len())) } }
}

#[cfg(test)]
mod tests {
    use domain::agreement::form;
    use domain::reading;
    use serde_json::json;

    use super::pages;

    #[test]
    fn a_long_schedule_is_divided_and_nothing_is_left_out() {
        let matters: Vec<String> = (0..450).map(|number| format!("LGA{number:09}")).collect();
        let clause =
            |key: &str, matters: &[String]| json!({ "key": key, "matters": matters, "mode": "PROXY_COLLECTION" });
        let form = json!({ "proposer": "440115", "title": "协议", "parties": [{ "district": "440115" }, { "district": "310112" }],
            "schedule": [clause("a", &matters), clause("b", &matters[..3]), clause("c", &matters[..1])] });
        let mut problems = Vec::new();
        let draft = reading::read(&form, &mut problems, form::read_draft);
        assert_eq!(problems, []);
        let schedule = draft.expect("a draft").1.schedule;
        let pages = pages(&schedule, 200);
        assert_eq!(pages.len(), 3);
        let shown: Vec<usize> = (0..3)
            .map(|at| {
                pages.iter().flatten().filter(|(clause, _)| *clause == at).map(|(_, matters)| matters.len()).sum()
            })
            .collect();
        assert_eq!(shown, [450, 3, 1]);
        assert!(pages.iter().all(|page| page.iter().map(|(_, matters)| matters.len()).sum::<usize>() <= 200));
    }
}
