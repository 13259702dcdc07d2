//! What an agreement is worth on a day, and why; with what stops it and what ends it.

use domain::{Agreement, Date, Life, Locale, Message, Standing, StopScope, Suspension, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, matter_name, sentence};

use crate::language::chinese;
use crate::name;
use crate::portal::notices::notice::expected_end;
use crate::visit::Visit;

/// The badge of a standing.
pub(crate) fn badge(agreement: &Agreement, on: Date, locale: Locale) -> Markup {
    let standing = agreement.standing(on);
    html! { strong class={ "badge standing " (class_of(standing)) } { (sentence(standing.label(locale))) } }
}

fn class_of(standing: Standing) -> &'static str {
    match standing {
        Standing::InForce => "good",
        Standing::Suspended => "warn",
        Standing::NotConcluded | Standing::Scheduled | Standing::Expired | Standing::Terminated | Standing::Voided => {
            "off"
        }
    }
}

pub(crate) fn answer(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let locale = visit.locale;
    let on = visit.on();
    let standing = agreement.standing(on);
    let stops: Vec<&Suspension> = agreement.suspensions.iter().filter(|suspension| suspension.applies_on(on)).collect();
    let leaving: Vec<_> = agreement.notices.iter().filter(|notice| notice.ends_on >= on).collect();
    html! {
        section class={ "answer" @if standing == Standing::InForce { " yes" } } aria-labelledby="standing" {
            h2 id="standing" { (sentence(standing.label(locale))) }
            p { (why(agreement, version, standing, on).text(locale)) }
            @if !stops.is_empty() {
                ul class="notices" { @for stop in stops { li { (suspension(visit, stop)) } } }
            }
            @if !leaving.is_empty() {
                ul class="notices" {
                    @for notice in leaving {
                        li {
                            @match locale {
                                Locale::Zh => { (name::district_of(visit, notice.party)) "已通知退出，最后一日 " (notice.ends_on) }
                                Locale::En => { (name::district_of(visit, notice.party)) " has given notice; its last day is " (notice.ends_on) }
                            }
                        }
                    }
                }
            }
            @if standing == Standing::Expired || standing == Standing::Terminated {
                p class="next" { a class="button quiet" href=(visit.at("/agreements").with("standing", Standing::InForce.name()).with("party", version.lead.as_str())) { (locale.say("看牵头方现在生效的协议", "The lead party's agreements in force")) } }
            }
        }
    }
}

/// The reason for a standing, in a sentence.
fn why(agreement: &Agreement, version: &Version, standing: Standing, on: Date) -> Message {
    let term = version.term();
    let from = term.and_then(|term| term.from);
    let last = term.and_then(|term| term.to);
    let since = from.map_or_else(
        || Message::new("未写明起始日", "no first day is stated"),
        |from| Message::new(format!("{from} 起生效"), format!("in force since {from}")),
    );
    match standing {
        Standing::InForce => match (version.current_end(on), version.renewal) {
            (None, _) => Message::new(
                format!("{}，未写明截止日。", since.zh),
                format!("{}; no end is stated.", sentence(&since.en)),
            ),
            (Some(end), None) => {
                Message::new(format!("{}，{end} 截止。", since.zh), format!("{}, until {end}.", sentence(&since.en)))
            }
            (Some(end), Some(_)) => Message::new(
                format!("{}，本期到 {end}，无人反对即自动续期。", since.zh),
                format!(
                    "{}. The current period ends on {end}, and is renewed unless a party objects.",
                    sentence(&since.en)
                ),
            ),
        },
        Standing::Suspended => Message::new(
            "有效期内，但已暂停，参加办理的不足两方。",
            "Within its term, but stopped: fewer than two parties take part.",
        ),
        Standing::Scheduled => {
            let begins =
                agreement.versions.iter().filter_map(|version| version.term()?.from).filter(|from| on < *from).min();
            begins.map_or_else(
                || Message::new("已签订，尚未生效。", "Concluded, and not in force yet."),
                |from| {
                    Message::new(
                        format!("已签订，{from} 起生效。"),
                        format!("Concluded; it comes into force on {from}."),
                    )
                },
            )
        }
        Standing::Expired => last.map_or_else(
            || Message::new("有效期已过。", "Its term is over."),
            |last| Message::new(format!("有效期到 {last} 为止。"), format!("Its last day was {last}.")),
        ),
        Standing::Terminated => {
            Message::new("退出之后不足两方，协议终止。", "After parties left, fewer than two remained.")
        }
        Standing::Voided => agreement.voided.as_ref().map_or_else(
            || Message::new("登记有误，已作废。", "Recorded in error, and void."),
            |voided| {
                Message::new(
                    format!("登记有误，{} 作废：{}", voided.on, voided.reason),
                    format!("Recorded in error, and void since {}: {}", voided.on, voided.reason),
                )
            },
        ),
        Standing::NotConcluded if matches!(version.life, Life::Draft(_)) => {
            Message::new("还在起草，没有发送签约方。", "It is a draft, and was not proposed yet.")
        }
        Standing::NotConcluded if version.proposal().is_some() => Message::new(
            "已发送签约方，约定的签署还没有齐全。",
            "It was proposed, and does not have all the signatures that it needs.",
        ),
        Standing::NotConcluded => {
            Message::new("尚未签订：确认的不足两方。", "Not concluded: fewer than two parties are bound.")
        }
    }
}

/// A stop: of whom and what, since when, until when, and the public text.
pub(crate) fn suspension(visit: &Visit, stop: &Suspension) -> Markup {
    let locale = visit.locale;
    let is_part = !stop.scope.is_everything();
    html! {
        p {
            @match (stop.party, is_part) {
                (Some(party), false) => { (name::district_of(visit, party)) (locale.say("暂停，自 ", " is stopped since ")) }
                (Some(party), true) => { (name::district_of(visit, party)) (locale.say("部分暂停，自 ", " is stopped in part since ")) }
                (None, false) => { (locale.say("全部暂停，自 ", "The whole agreement is stopped since ")) }
                (None, true) => { (locale.say("部分暂停，自 ", "A part of the agreement is stopped since ")) }
            }
            (stop.since) (locale.say(" 起", ""))
            (locale.say("；", "; ")) (expected_end(stop.until, locale))
        }
        @if is_part { (scope(visit, &stop.scope)) }
        @if let Some(told) = &stop.public_text { p class="remedy" lang=[chinese(locale)] { (told) } }
        // Callers that may not see the reason have a record without it.
        @if !stop.reason.is_empty() { p class="remedy" { (locale.say("原因：", "Reason: ")) span lang=[chinese(locale)] { (stop.reason) } } }
    }
}

/// Most entries of a list that are shown.
const MAX_SHOWN: usize = 10;

/// What a stop stops.
fn scope(visit: &Visit, scope: &StopScope) -> Markup {
    let locale = visit.locale;
    let StopScope { clauses, matters, receiving, competent } = scope;
    let separator = locale.say("、", ", ");
    let matter = |code: &domain::MatterCode| {
        let known = visit.context.snapshot.matter(*code);
        known.map_or_else(|| code.to_string(), |matter| matter_name(matter, locale).to_owned())
    };
    let districts = |codes: &[domain::DistrictCode]| codes.iter().map(|code| name::district_of(visit, *code)).collect();
    let lists: [(&str, &str, Vec<Markup>); 4] = [
        ("条款", "clauses", clauses.iter().map(|key| html! { (key) }).collect()),
        ("事项", "matters", matters.iter().map(|code| html! { (matter(code)) }).collect()),
        ("收件地", "receiving", districts(receiving)),
        ("业务属地", "competent", districts(competent)),
    ];
    html! {
        p class="quiet" {
            (locale.say("范围：", "Scope: "))
            @for (zh, en, entries) in lists.iter().filter(|(.., entries)| !entries.is_empty()) {
                (locale.say(zh, en)) " "
                @for (at, entry) in entries.iter().take(MAX_SHOWN).enumerate() { @if at > 0 { (separator) } (entry) }
                @if entries.len() > MAX_SHOWN { (locale.say(" 等 ", " and others, ")) (entries.len()) (locale.say(" 项", " in all")) }
                (locale.say("；", "; "))
            }
        }
    }
}
