//! The difference of a version from another one: by field and clause, or by matter.

use std::collections::BTreeMap;

use domain::agreement::diff::{ClauseChange, Difference, DifferenceKind, Edit, Field, Part, difference};
use domain::{Agreement, AgreementClause, Locale, MatterCode, Message, Party, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use super::{found, text};
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::name;
use crate::pager::Pager;
use crate::portal::agreement::terms;
use crate::response::PageResponse;
use crate::visit::Visit;

const CLAUSES_PER_PAGE: usize = 20;
const MATTERS_PER_PAGE: usize = 150;
const MAX_MATTERS: usize = 40;
const MAX_PARTIES: usize = 100;
/// The points for each hundred clauses or matters that are compared.
const POINTS_PER_HUNDRED: u64 = 1;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    respond(visit).unwrap_or_else(|missing| missing)
}

fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let before = match visit.address.get("from") {
        "" => base(&agreement, version),
        asked => {
            let other = asked.parse().ok().and_then(|number| agreement.version(number));
            Some(other.ok_or_else(|| found::missing(visit, &Message::new("版本", "version")))?)
        }
    };
    let compared = difference(before, version);
    let by_matter = visit.address.get("by") == "matter";
    let title = match (before, locale) {
        (Some(before), Locale::Zh) => format!("第 {} 版与第 {} 版的差别", version.number, before.number),
        (Some(before), Locale::En) => format!("Version {} compared with version {}", version.number, before.number),
        (None, Locale::Zh) => format!("第 {} 版是第一版", version.number),
        (None, Locale::En) => format!("Version {} is the first one", version.number),
    };
    let content = html! {
        (others(visit, &agreement, version, before))
        p class="tabs" {
            @let tab = |chosen: bool, address: crate::address::Address, name: &str| html! {
                @if chosen { strong { (name) } } @else { a href=(address) { (name) } } " "
            };
            (tab(!by_matter, visit.address.clone().without("by").without("page"), locale.say("按约定和条款", "By term and clause")))
            (tab(by_matter, visit.address.clone().with("by", "matter").without("page"), locale.say("按事项", "By matter")))
        }
        @if by_matter { (matters(visit, &compared)) } @else { (by_field(visit, before, version, &compared)) }
    };
    let path = found::path(&agreement);
    let lines = compared.clauses.len() + version.schedule.iter().map(|clause| clause.matters.len()).sum::<usize>();
    Ok(Workspace::new(visit, &title)
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(lines as u64 * POINTS_PER_HUNDRED / 100))
}

/// The version that another is compared with: its base, else the one before.
pub(super) fn base<'a>(agreement: &'a Agreement, version: &Version) -> Option<&'a Version> {
    let stated = version.base_version.and_then(|base| agreement.version(base));
    stated.or_else(|| agreement.versions.iter().rev().find(|other| other.number < version.number))
}

/// The difference in a sentence, with a link to the page.
pub(super) fn summary(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let locale = visit.locale;
    let path = found::version_path(agreement, version.number);
    html! {
        section aria-labelledby="difference" {
            h2 id="difference" { (locale.say("与上一版的差别", "What changed")) }
            @match base(agreement, version) {
                None => { p { (locale.say("这是第一版，没有可比较的版本。", "This is the first version; there is none to compare it with.")) } }
                Some(before) => {
                    @let compared = difference(Some(before), version);
                    p { (counted(&compared, before, locale)) }
                    p { a href=(visit.to(&format!("{path}/diff"))) { (locale.say("逐项查看差别", "See each difference")) } }
                }
            }
        }
    }
}

fn counted(compared: &Difference<'_>, before: &Version, locale: Locale) -> String {
    let Difference { fields, parties, clauses } = compared;
    let added: usize = clauses.iter().map(|change| change.added_matters.len()).sum();
    let removed: usize = clauses.iter().map(|change| change.removed_matters.len()).sum();
    match locale {
        Locale::Zh => format!(
            "与第 {} 版相比：约定变更 {} 处，签约方变更 {} 处，条款变更 {} 个；增加事项 {added} 项，减少 {removed} 项。",
            before.number,
            fields.len(),
            parties.len(),
            clauses.len()
        ),
        Locale::En => format!(
            "Compared with version {}: {} terms, {} parties and {} clauses changed; {added} matters added, {removed} removed.",
            before.number,
            fields.len(),
            parties.len(),
            clauses.len()
        ),
    }
}

/// Links to the comparison with the other versions.
fn others(visit: &Visit, agreement: &Agreement, version: &Version, before: Option<&Version>) -> Markup {
    let locale = visit.locale;
    let is_other =
        |other: &&Version| other.number != version.number && before.is_none_or(|before| other.number != before.number);
    let others: Vec<&Version> = agreement.versions.iter().rev().filter(is_other).take(20).collect();
    html! {
        @if !others.is_empty() {
            p {
                (locale.say("与其他版本比较：", "Compare with: "))
                @for other in others {
                    a href=(visit.address.clone().with("from", other.number.to_string()).without("page")) { (version_name(other.number, locale)) } " "
                }
            }
        }
    }
}

fn kind(kind: DifferenceKind, locale: Locale) -> Markup {
    let class = match kind {
        DifferenceKind::Added => "added",
        DifferenceKind::Removed => "removed",
        DifferenceKind::Changed => "changed",
    };
    html! { span class={ "badge " (class) } { (sentence(kind.label(locale))) } " " }
}

fn by_field(visit: &Visit, before: Option<&Version>, version: &Version, compared: &Difference<'_>) -> Markup {
    let locale = visit.locale;
    let Difference { fields, parties, clauses } = compared;
    let pager = Pager::new(visit, clauses.len(), CLAUSES_PER_PAGE);
    html! {
        @if fields.is_empty() && parties.is_empty() && clauses.is_empty() {
            p { (locale.say("没有差别。", "There is no difference.")) }
        }
        @if let (Some(before), false) = (before, fields.is_empty()) {
            section {
                h2 { (locale.say("约定", "Terms")) " " span class="count" { (fields.len()) } }
                (table(locale, &html! { @for of in fields { (field(visit, before, version, *of)) } }))
            }
        }
        @if !parties.is_empty() {
            section {
                h2 { (locale.say("签约方", "Parties")) " " span class="count" { (parties.len()) } }
                ul class="plain" {
                    @for edit in parties.iter().take(MAX_PARTIES) { li { (party(visit, edit)) } }
                    @if parties.len() > MAX_PARTIES { li class="quiet" { @match locale { Locale::Zh => { "等 " (parties.len()) " 方" } Locale::En => { (parties.len()) " in all" } } } }
                }
            }
        }
        @if !clauses.is_empty() {
            section {
                h2 { (locale.say("条款", "Clauses")) " " span class="count" { (clauses.len()) } }
                @for change in pager.of(clauses) { (clause(visit, change)) }
                (pager.links(visit))
            }
        }
    }
}

fn table(locale: Locale, rows: &Markup) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(locale.say("差别", "Differences")) {
            table class="compared" {
                thead { tr {
                    th scope="col" { (locale.say("内容", "What")) }
                    th scope="col" { (locale.say("原来", "Before")) }
                    th scope="col" { (locale.say("现在", "After")) }
                } }
                tbody { (rows) }
            }
        }
    }
}

fn field(visit: &Visit, before: &Version, version: &Version, field: Field) -> Markup {
    html! {
        tr {
            th scope="row" { (sentence(field.label(visit.locale))) }
            td { (text::value(visit, before, field)) }
            td { (text::value(visit, version, field)) }
        }
    }
}

fn party(visit: &Visit, edit: &Edit<'_, Party>) -> Markup {
    let locale = visit.locale;
    html! {
        (kind(edit.kind(), locale))
        @match edit {
            Edit::Added(party) | Edit::Removed(party) => (text::party(visit, party)),
            Edit::Changed { before, after } => { (text::party(visit, after)) (locale.say("（原来：", " (before: ")) (before.extent.label(locale)) (locale.say("）", ")")) }
        }
    }
}

fn clause(visit: &Visit, change: &ClauseChange<'_>) -> Markup {
    let locale = visit.locale;
    html! {
        article class="clause" {
            h3 { (kind(change.edit.kind(), locale)) (locale.say("条款 ", "Clause ")) code { (change.key) } }
            @match change.edit {
                Edit::Changed { before, after } => {
                    (table(locale, &html! {
                        @for of in change.parts.iter().filter(|part| **part != Part::Matters) {
                            tr { th scope="row" { (sentence(of.label(locale))) } td { (part(visit, before, *of)) } td { (part(visit, after, *of)) } }
                        }
                        @if change.parts.contains(&Part::Matters) {
                            tr { th scope="row" { (sentence(Part::Matters.label(locale))) } td { (before.matters.len()) } td { (after.matters.len()) } }
                        }
                    }))
                }
                Edit::Added(only) | Edit::Removed(only) => {
                    dl {
                        (name::fact(&sentence(Part::Receiving.label(locale)), &text::side(visit, &only.receiving)))
                        (name::fact(&sentence(Part::Competent.label(locale)), &text::side(visit, &only.competent)))
                        (name::fact(&sentence(Part::Mode.label(locale)), &name::mode(only.mode, locale)))
                        (terms::of_clause(visit, only))
                    }
                }
            }
            (named(visit, DifferenceKind::Added, &change.added_matters))
            (named(visit, DifferenceKind::Removed, &change.removed_matters))
        }
    }
}

fn part(visit: &Visit, clause: &AgreementClause, part: Part) -> Markup {
    let locale = visit.locale;
    let text = |text: Option<&str>| html! { (text.unwrap_or("—")) };
    match part {
        Part::Receiving => text::side(visit, &clause.receiving),
        Part::Competent => text::side(visit, &clause.competent),
        Part::Matters => html! { (clause.matters.len()) },
        Part::Mode => name::mode(clause.mode, locale),
        Part::ModeLabel => text(clause.mode_label.as_deref()),
        Part::Terms => html! { dl { (terms::of_clause(visit, clause)) } },
        Part::Batch => text(clause.batch.as_deref()),
        Part::ValidFrom => text(clause.period.from.map(|from| from.to_string()).as_deref()),
        Part::ValidTo => text(clause.period.to.map(|to| to.to_string()).as_deref()),
    }
}

fn named(visit: &Visit, of: DifferenceKind, codes: &[MatterCode]) -> Markup {
    let locale = visit.locale;
    html! {
        @if !codes.is_empty() {
            details open[codes.len() <= MAX_MATTERS] {
                summary { (kind(of, locale)) (locale.say("事项 ", "matters ")) span class="count" { (codes.len()) } }
                ul class="plain" {
                    @for code in codes.iter().take(MAX_MATTERS) { li { (name::matter_of(visit, *code)) } }
                    @if codes.len() > MAX_MATTERS { li { a href=(visit.address.clone().with("by", "matter").without("page")) { (locale.say("按事项查看全部", "all of them, by matter")) } } }
                }
            }
        }
    }
}

/// The changes of each matter: in which clause it was added, removed, or meets other terms.
fn matters(visit: &Visit, compared: &Difference<'_>) -> Markup {
    let locale = visit.locale;
    let mut changed: BTreeMap<MatterCode, Vec<(DifferenceKind, &str)>> = BTreeMap::new();
    for change in &compared.clauses {
        let mut note = |code: MatterCode, kind| changed.entry(code).or_default().push((kind, change.key));
        change.added_matters.iter().for_each(|code| note(*code, DifferenceKind::Added));
        change.removed_matters.iter().for_each(|code| note(*code, DifferenceKind::Removed));
        if let Edit::Changed { before, after } = change.edit
            && change.parts.iter().any(|part| *part != Part::Matters)
        {
            after
                .matters
                .iter()
                .filter(|code| before.lists(**code))
                .for_each(|code| note(*code, DifferenceKind::Changed));
        }
    }
    let rows: Vec<_> = changed.into_iter().collect();
    let pager = Pager::new(visit, rows.len(), MATTERS_PER_PAGE);
    html! {
        section {
            h2 { (locale.say("有变化的事项", "Matters that change")) " " span class="count" { (rows.len()) } }
            @if rows.is_empty() { p { (locale.say("没有。", "None.")) } }
            ul class="plain" {
                @for (code, changes) in pager.of(&rows) {
                    li {
                        (name::matter_of(visit, *code)) " "
                        @for (of, key) in changes { (kind(*of, locale)) span class="quiet" { (locale.say("条款 ", "clause ")) (key) } " " }
                    }
                }
            }
            (pager.links(visit))
        }
    }
}
