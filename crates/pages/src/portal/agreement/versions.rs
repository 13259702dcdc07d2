//! The versions of an agreement, with what each changed, and the digest that its parties signed.

use domain::agreement::diff::{ClauseChange, Difference, Edit, difference};
use domain::{Agreement, Locale, Party, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, period, sentence};

use crate::name;
use crate::visit::Visit;

/// How many versions are shown, and how many changes of each.
const MAX_VERSIONS: usize = 20;
const MAX_CHANGES: usize = 20;

pub(super) fn section(visit: &Visit, agreement: &Agreement, shown: &Version) -> Markup {
    let locale = visit.locale;
    let versions: Vec<&Version> = agreement.versions.iter().rev().take(MAX_VERSIONS).collect();
    html! {
        section {
            h2 { (locale.say("版本与摘要", "Versions and digests")) " " span class="count" { (agreement.versions.len()) } }
            ol class="versions" {
                @for version in versions { li { (entry(visit, agreement, version, version.number == shown.number)) } }
            }
            p class="quiet" {
                (locale.say(
                    "摘要是签署内容的 SHA-256（RFC 8785 规范 JSON），各方签的就是它。",
                    "The digest is SHA-256 over the canonical JSON (RFC 8785) of the agreed content; it is what the parties sign.",
                ))
            }
        }
    }
}

fn entry(visit: &Visit, agreement: &Agreement, version: &Version, is_shown: bool) -> Markup {
    let locale = visit.locale;
    let before = version.base_version.and_then(|base| agreement.version(base));
    let label = match locale {
        Locale::Zh => format!("第 {} 版", version.number),
        Locale::En => format!("Version {}", version.number),
    };
    html! {
        h3 {
            @if is_shown { (label) } @else { a href=(visit.address.clone().without("page").with("version", version.number.to_string())) { (label) } }
            " " span class="badge" { (sentence(version.state(visit.context.today).label(locale))) }
        }
        dl class="facts-list" {
            @if let Some(signed) = version.signed_on() { (name::fact(locale.say("签订日期", "Concluded on"), &html! { (signed) })) }
            @if let Some(term) = version.term() { (name::fact(locale.say("有效期", "Valid"), &html! { (sentence(&period(term, locale))) })) }
            (name::text_fact(locale.say("文号", "Document"), version.document_number.as_deref(), locale))
        }
        @if let Some(before) = before { (changes(visit, &difference(Some(before), version), before.number)) }
        details open[is_shown] {
            summary { (locale.say("摘要", "Digest")) }
            p { code class="digest" { (version.digest(agreement.number)) } }
        }
    }
}

/// What differs from the base.
pub(crate) fn changes(visit: &Visit, difference: &Difference<'_>, base: u32) -> Markup {
    let locale = visit.locale;
    let Difference { fields, parties, clauses } = difference;
    html! {
        details class="difference" {
            summary {
                @match locale {
                    Locale::Zh => { "与第 " (base) " 版的差别" }
                    Locale::En => { "Changes from version " (base) }
                }
            }
            ul class="links" {
                @if !fields.is_empty() {
                    li {
                        (locale.say("约定：", "Terms: "))
                        (fields.iter().map(|field| field.label(locale)).collect::<Vec<_>>().join(locale.say("、", ", ")))
                    }
                }
                @for edit in parties.iter().take(MAX_CHANGES) { li { (party(visit, edit)) } }
                @for change in clauses.iter().take(MAX_CHANGES) { li { (clause(visit, change)) } }
                @let rest = parties.len().saturating_sub(MAX_CHANGES) + clauses.len().saturating_sub(MAX_CHANGES);
                @if rest > 0 { li { @match locale { Locale::Zh => { "还有 " (rest) " 处" } Locale::En => { (rest) " more" } } } }
                @if fields.is_empty() && parties.is_empty() && clauses.is_empty() { li { (locale.say("没有差别", "none")) } }
            }
        }
    }
}

fn party(visit: &Visit, edit: &Edit<'_, Party>) -> Markup {
    let locale = visit.locale;
    html! {
        (locale.say("签约方", "Party ")) (sentence(edit.kind().label(locale))) (locale.say("：", ": "))
        @if let Some(party) = edit.after().or(edit.before()) {
            (name::district_of(visit, party.district)) (locale.say("，", ", ")) (party.extent.label(locale))
        }
    }
}

fn clause(visit: &Visit, change: &ClauseChange<'_>) -> Markup {
    let locale = visit.locale;
    let counted = |zh: &str, en: &str, count: usize| match locale {
        Locale::Zh => format!("；{zh} {count} 个事项"),
        Locale::En => format!("; {count} matters {en}"),
    };
    html! {
        (locale.say("条款 ", "Clause ")) code { (change.key) } " " (change.edit.kind().label(locale))
        @if !change.parts.is_empty() {
            (locale.say("：", ": ")) (change.parts.iter().map(|part| part.label(locale)).collect::<Vec<_>>().join(locale.say("、", ", ")))
        }
        @if !change.added_matters.is_empty() { (counted("增加", "added", change.added_matters.len())) }
        @if !change.removed_matters.is_empty() { (counted("减少", "removed", change.removed_matters.len())) }
    }
}
