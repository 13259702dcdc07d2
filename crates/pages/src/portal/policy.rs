//! Policies: the list, and the page of one with its clauses, batches and matters.

use catalogue::Kept;
use domain::{Extent, Id, Locale, Message, Policy, PolicyClause, Reach, Territory};
use maud::{Markup, html};
use registry::presentation::{Say as _, period, sentence};

use super::agreement::terms;
use super::fault;
use crate::frame::{Frame, Sample, sample_badge};
use crate::language::chinese;
use crate::name::{self, fact, text_fact};
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many policies and matters one page shows, and how many matters of a clause are named in a list of clauses.
const PAGE_SIZE: usize = 40;
const MATTERS_PER_PAGE: usize = 200;
const MAX_NAMED: usize = 40;

pub(crate) fn list(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let all = visit.context.snapshot.list_policies(None);
    let pager = Pager::new(visit, all.len(), PAGE_SIZE);
    let synthetic = all.iter().any(|listed| listed.item.provenance.synthetic);
    let title = locale.say("政策依据", "Policies");
    let markup = Frame::new(visit, title).with(Sample::from(synthetic)).draw(&html! {
        h1 { (title) }
        p class="lead" { (locale.say("不需要两地签约就能办的依据，如国务院公布的“跨省通办”清单。", "Bases that need no agreement between two districts, such as the State Council's national lists.")) }
        @if all.is_empty() { div class="note" { p { (locale.say("还没有政策依据。", "There are none yet.")) } } }
        ol class="matters" {
            @for listed in pager.of(&all) {
                li {
                    span class="title" { (name::policy(visit, listed.item.id, &listed.item)) }
                    p class="facts" {
                        (standing(&listed.item, visit)) " "
                        @if let Some(number) = &listed.item.document_number { span lang=[chinese(locale)] { (number) } }
                        span { (sentence(&period(listed.item.period(), locale))) }
                        @if listed.item.provenance.synthetic { (sample_badge(locale)) }
                    }
                }
            }
        }
        (pager.links(visit))
    });
    PageResponse::page(200, markup)
}

fn standing(policy: &Policy, visit: &Visit) -> Markup {
    let locale = visit.locale;
    let (class, text) = match policy.period() {
        period if period.begins_after(visit.on()) => ("off", locale.say("尚未生效", "Not in force yet")),
        period if period.ended_before(visit.on()) => ("off", locale.say("已失效", "Ended")),
        _ => ("good", locale.say("有效", "In force")),
    };
    html! { strong class={ "badge standing " (class) } { (text) } }
}

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let found = visit.segment().parse::<Id<Policy>>().ok().and_then(|id| visit.context.snapshot.policy_by_id(id));
    let Some(policy) = found else {
        return fault::no_record(visit, &Message::new("政策依据", "policy"), visit.segment());
    };
    let asked = visit.address.get("clause");
    let markup = if asked.is_empty() {
        draw(visit, policy)
    } else {
        match policy.schedule.iter().find(|clause| &*clause.key == asked) {
            Some(clause) => one_clause(visit, policy, clause),
            None => return fault::no_record(visit, &Message::new("条款", "clause"), asked),
        }
    };
    let cells: usize = policy.schedule.iter().map(|clause| clause.matters.len().min(MAX_NAMED)).sum();
    PageResponse::page(200, markup).costing(cells as u64 / 10)
}

fn draw(visit: &Visit, policy: &Kept<Policy>) -> Markup {
    let locale = visit.locale;
    let pager = Pager::new(visit, policy.schedule.len(), PAGE_SIZE);
    Frame::new(visit, &policy.title).with(Sample::from(policy.provenance.synthetic)).about(policy.id).draw(&html! {
        p class="back" { a href=(visit.to("/policies")) { span aria-hidden="true" { "← " } (locale.say("返回政策依据", "Back to the policies")) } }
        h1 lang=[chinese(locale)] { (policy.title) }
        p { (standing(policy, visit)) @if policy.provenance.synthetic { " " (sample_badge(locale)) } }
        dl class="facts-list" {
            (text_fact(locale.say("发文字号", "Document"), policy.document_number.as_deref(), locale))
            @if !policy.issued_by.is_empty() { (text_fact(locale.say("发文机关", "Issued by"), Some(&policy.issued_by.join("、")), locale)) }
            (fact(locale.say("有效期", "Valid"), &html! { (sentence(&period(policy.period(), locale))) }))
            (fact(locale.say("收件地", "Receiving"), &territories(visit, &policy.receiving)))
            (fact(locale.say("业务属地", "Competent"), &territories(visit, &policy.competent)))
        }
        section {
            h2 { (locale.say("条款", "Clauses")) " " span class="count" { (policy.schedule.len()) } }
            @for clause in pager.of(&policy.schedule) { (clause_of(visit, policy, clause)) }
            (pager.links(visit))
        }
        @if let Some(source) = &policy.provenance.source {
            section class="sources" { h2 { (locale.say("数据来源", "Sources")) } p lang=[chinese(locale)] { (source) } }
        }
    })
}

fn territories(visit: &Visit, territories: &[Territory]) -> Markup {
    let locale = visit.locale;
    html! {
        @if territories.is_empty() { (locale.say("各地", "everywhere")) }
        @for (at, territory) in territories.iter().enumerate() {
            @if at > 0 { (locale.say("、", ", ")) }
            (name::district_of(visit, territory.district))
            @if territory.extent == Extent::Subtree { (locale.say("（含下辖）", " (with all below)")) }
        }
    }
}

/// Where a clause applies, in words.
fn reach(clause: &PolicyClause, locale: Locale) -> &'static str {
    match clause.reach {
        Reach::Any => locale.say("任何两地之间", "between any two districts"),
        Reach::AcrossProvinces => locale.say("跨省", "across provinces"),
        Reach::WithinProvince => locale.say("同一省内", "within one province"),
        Reach::WithinPrefecture => locale.say("同一市内", "within one prefecture"),
    }
}

fn clause_of(visit: &Visit, policy: &Kept<Policy>, clause: &PolicyClause) -> Markup {
    let locale = visit.locale;
    let rest = clause.matters.len().saturating_sub(MAX_NAMED);
    html! {
        section class="clause" id={ "clause-" (clause.key) } {
            h3 { @match &clause.batch { Some(batch) => { span lang=[chinese(locale)] { (batch) } } None => { (number_of(policy, clause, locale)) } } }
            p class="facts" { (name::mode(clause.mode, locale)) " " span { (sentence(reach(clause, locale))) } " " span { (sentence(&period(clause.period, locale))) } }
            ul class="names" { @for code in clause.matters.iter().take(MAX_NAMED) { li { (name::matter_of(visit, *code)) } } }
            @if rest > 0 {
                p { a href=(visit.at(&format!("/policy/{}", policy.id)).with("clause", &*clause.key)) { @match locale { Locale::Zh => { "还有 " (rest) " 个事项" } Locale::En => { (rest) " more matters" } } } }
            }
        }
    }
}

/// The place of a clause in its list, in words.
fn number_of(policy: &Policy, clause: &PolicyClause, locale: Locale) -> String {
    let at = policy.schedule.iter().position(|other| other.key == clause.key).unwrap_or_default() + 1;
    match locale {
        Locale::Zh => format!("第 {at} 条"),
        Locale::En => format!("Clause {at}"),
    }
}

fn one_clause(visit: &Visit, policy: &Kept<Policy>, clause: &PolicyClause) -> Markup {
    let locale = visit.locale;
    let pager = Pager::new(visit, clause.matters.len(), MATTERS_PER_PAGE);
    let title = number_of(policy, clause, locale);
    Frame::new(visit, &title).with(Sample::from(policy.provenance.synthetic)).about(policy.id).draw(&html! {
        p class="back" { span aria-hidden="true" { "← " } (name::policy(visit, policy.id, policy)) }
        h1 { (title) }
        p class="facts" { (name::mode(clause.mode, locale)) " " span { (sentence(reach(clause, locale))) } }
        dl class="facts-list" {
            (fact(locale.say("收件地", "Receiving"), &territories(visit, policy.receiving_of(clause))))
            (fact(locale.say("业务属地", "Competent"), &territories(visit, policy.competent_of(clause))))
            (terms::rows(visit, &clause.clause))
        }
        section {
            h2 { (locale.say("事项", "Matters")) " " span class="count" { (clause.matters.len()) } }
            ul class="names" { @for code in pager.of(&clause.matters) { li { (name::matter_of(visit, *code)) } } }
            (pager.links(visit))
        }
    })
}
