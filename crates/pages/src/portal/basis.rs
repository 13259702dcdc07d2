//! The legal basis of a way: each agreement or policy, with its days.

use catalogue::{Basis, Route};
use domain::Locale;
use maud::{Markup, html};
use registry::presentation::{self, Say as _, basis_line, sentence};

use super::ways::Way;
use crate::frame::sample_badge;
use crate::language::chinese;
use crate::name::{self, fact};
use crate::visit::Visit;

/// The page of the basis.
fn to_basis(visit: &Visit, basis: &Basis) -> String {
    match basis {
        Basis::Agreement { agreement, .. } => name::to_agreement(visit, agreement.number),
        Basis::Policy(policy) => visit.to(&format!("/policy/{}", policy.id)),
    }
}

/// Every basis of a way.
pub(crate) fn basis(visit: &Visit, way: &Way<'_>) -> Markup {
    let locale = visit.locale;
    html! {
        section {
            h3 { (locale.say("依据", "Basis")) }
            @if !way.others.is_empty() {
                p class="quiet" {
                    @match locale {
                        Locale::Zh => { (way.others.len() + 1) " 个依据，办法相同，任一有效即可。" }
                        Locale::En => { (way.others.len() + 1) " bases with the same way; one in force is enough." }
                    }
                }
            }
            @for route in way.routes() { (one_basis(visit, route)) }
        }
    }
}

fn one_basis(visit: &Visit, route: &Route) -> Markup {
    let locale = visit.locale;
    let clause = route.clause();
    let synthetic = presentation::basis_provenance(&route.basis).synthetic;
    html! {
        p class="basis" lang=[chinese(locale)] { a href=(to_basis(visit, &route.basis)) { (basis_line(&route.basis, locale)) } @if synthetic { " " (sample_badge(locale)) } }
        dl {
            @match &route.basis {
                Basis::Agreement { agreement, version } => {
                    @let version = &agreement.versions[*version];
                    @if let Some(number) = &version.document_number { (fact(locale.say("发文字号", "Document"), &html! { span lang=[chinese(locale)] { (number) } })) }
                    @if let Some(signed) = version.signed_on() { (fact(locale.say("签署日期", "Signed on"), &html! { (signed) })) }
                }
                Basis::Policy(policy) => {
                    @if !policy.issued_by.is_empty() { (fact(locale.say("发文机关", "Issued by"), &html! { span lang=[chinese(locale)] { (policy.issued_by.join("、")) } })) }
                }
            }
            (fact(locale.say("有效期", "Valid"), &html! { (sentence(&presentation::period(route.valid, locale))) }))
            @if let Some(batch) = &clause.batch { (fact(locale.say("批次", "Batch"), &html! { span lang=[chinese(locale)] { (batch) } })) }
        }
        details class="codes" {
            summary { (locale.say("供系统对接的编号", "Codes for systems")) }
            p { (locale.say("清单条款 ", "Clause ")) code { (clause.key) } }
        }
    }
}
