//! The agreed terms in words: those of the agreement, and those of a clause.

use domain::handling::statement::{Stated, StatedStep, Statement};
use domain::{AgreementClause, Clause, Locale, Period, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, period, sentence};

use crate::language::chinese;
use crate::name::{self, fact, text_fact};
use crate::portal::guide::outside;
use crate::visit::Visit;

pub(crate) fn section(visit: &Visit, version: &Version) -> Markup {
    let locale = visit.locale;
    let days = |days: u32| match locale {
        Locale::Zh => format!("{days} 天"),
        Locale::En => format!("{days} days"),
    };
    html! {
        section {
            h2 { (locale.say("约定", "What was agreed")) }
            dl class="facts-list" {
                @if let Some(term) = version.term() { (fact(locale.say("有效期", "Valid"), &html! { (sentence(&period(term, locale))) })) }
                @if let Some(renewal) = version.renewal {
                    (fact(locale.say("自动续期", "Renewal"), &html! {
                        @match locale {
                            Locale::Zh => { "每次 " (renewal.months) " 个月；反对须在到期前 " (renewal.objection_days) " 天提出" }
                            Locale::En => { "by " (renewal.months) " months, unless a party objects " (renewal.objection_days) " days before the end" }
                        }
                    }))
                }
                (fact(locale.say("退出", "Leaving"), &html! { (locale.say("提前 ", "with notice of ")) (days(version.notice_days)) (locale.say("通知", "")) }))
                (fact(locale.say("清单修订", "Amendments"), &html! { (sentence(version.amendment_rule.label(locale))) }))
                (fact(locale.say("加入", "Accession"), &html! { (sentence(version.admission.label(locale))) }))
                (fact(locale.say("签订", "Conclusion"), &html! { (sentence(version.concludes.label(locale))) }))
                (text_fact(locale.say("到期后在办件", "Open cases at the end"), version.run_out.as_deref(), locale))
                @if version.run_out.is_none() {
                    (fact(locale.say("到期后在办件", "Open cases at the end"), &html! { (locale.say("按原约定办完", "are finished under the old terms")) }))
                }
            }
        }
    }
}

/// The rows of a clause of an agreement.
pub(crate) fn of_clause(visit: &Visit, clause: &AgreementClause) -> Markup {
    rows(visit, &clause.clause)
}

/// The rows of any clause: mode, dates, batch and terms.
pub(crate) fn rows(visit: &Visit, clause: &Clause) -> Markup {
    let locale = visit.locale;
    html! {
        (text_fact(locale.say("原文称", "Called"), clause.mode_label.as_deref(), locale))
        (text_fact(locale.say("批次", "Batch"), clause.batch.as_deref(), locale))
        @if clause.period != Period::ALWAYS { (fact(locale.say("起止", "Valid"), &html! { (sentence(&period(clause.period, locale))) })) }
        @for statement in clause.terms.statements() { (stated(visit, &statement)) }
    }
}

/// A point of the terms of a mode.
fn stated(visit: &Visit, statement: &Statement<'_>) -> Markup {
    let locale = visit.locale;
    let label = statement.label(locale);
    match &statement.value {
        Stated::Text(text) => text_fact(label, Some(text), locale),
        Stated::Url(url) => fact(label, &outside(url)),
        Stated::Words(words) => fact(label, &html! { (sentence(words.text(locale))) }),
        Stated::WorkingDays(days) => {
            let days = match locale {
                Locale::Zh => format!("{days} 个工作日"),
                Locale::En => format!("{days} working days"),
            };
            fact(label, &html! { (days) })
        }
        Stated::Steps(steps) => fact(label, &self::steps(visit, steps)),
    }
}

fn steps(visit: &Visit, steps: &[StatedStep<'_>]) -> Markup {
    let locale = visit.locale;
    html! {
        ol class="steps" {
            @for step in steps {
                li {
                    @if let Some(district) = step.district { (name::district_of(visit, district)) (locale.say("：", ": ")) }
                    span lang=[chinese(locale)] { (step.task) }
                    @if step.is_lead { (locale.say("，牵头地", ", lead")) }
                    @else if step.role == Some("COOPERATING") { (locale.say("，协同地", ", cooperating")) }
                    @else if let Some(role) = step.role { (locale.say("，", ", ")) span lang=[chinese(locale)] { (role) } }
                    @if let Some(days) = step.days { @match locale { Locale::Zh => { "（" (days) " 个工作日）" } Locale::En => { " (" (days) " working days)" } } }
                }
            }
        }
    }
}
