//! The answer as text for a person on a terminal.

use std::fmt::Write as _;

use catalogue::{Answer, Verdict};
use domain::{Actor, HandlingMode, Locale, Period};
use registry::presentation::{self, Say, sentence};
use registry::total_days::total_days;

use super::answer::{Basis, Duty, Handling, Offering, Place, Reason, Route};
use crate::command::terminal::{self, columns, entry, wrapped};

pub(super) fn bracketed(text: &str, more: &str, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("{text}（{more}）"),
        Locale::En => format!("{text} ({more})"),
    }
}

/// The column at which the texts of a route begin.
const COLUMN: usize = 16;

/// The answer as text. `has_guides`: the guides could be read.
pub(super) fn answer(handling: &Handling, has_guides: bool, locale: Locale) -> String {
    let mut out = String::new();
    head(&mut out, handling, locale);
    reasons(&mut out, &handling.reasons, locale);
    if !has_guides {
        let _ = writeln!(out, "\n{}", locale.say("办事指南暂时读不到。", "The guides cannot be read at the moment."));
    }
    for (at, route) in handling.routes.iter().enumerate() {
        way(&mut out, at + 1, route, locale);
    }
    let _ = writeln!(out);
    if handling.has_synthetic() {
        let warning = locale.say(
            "示例数据：部分记录是为演示编写的，不是官方清单。",
            "Sample data: some records were made up for a demonstration and are not an official list.",
        );
        let _ = writeln!(out, "{warning}");
    }
    let _ = match locale {
        Locale::Zh => writeln!(out, "数据版本 {}", handling.revision),
        Locale::En => writeln!(out, "data revision {}", handling.revision),
    };
    out
}

/// A name in a language.
fn named<'a>(name: &'a str, english: &'a Option<String>, locale: Locale) -> &'a str {
    match locale {
        Locale::Zh => name,
        Locale::En => english.as_deref().unwrap_or(name),
    }
}

fn head(out: &mut String, handling: &Handling, locale: Locale) {
    if let Some(matter) = &handling.matter {
        let name = named(&matter.name, &matter.english_name, locale);
        let _ = writeln!(out, "{}\n", bracketed(name, &matter.code, locale));
    }
    for (label, district) in [
        (locale.say("我现在在", "I am in"), &handling.receiving),
        (locale.say("要办哪里的业务", "my matter is in"), &handling.competent),
    ] {
        if let Some(district) = district {
            entry(out, 0, label, COLUMN + 4, &bracketed(&district.full_name, &district.code, locale));
        }
    }
    entry(out, 0, locale.say("办理日期", "on"), COLUMN + 4, &handling.on.to_string());
    let _ = writeln!(out, "\n{}", verdict(handling, locale));
}

/// The answer by its name. A newer server may have others, which are a no.
pub(super) fn answer_of(handling: &Handling) -> Answer {
    Answer::ALL.iter().copied().find(|answer| answer.name() == handling.answer).unwrap_or(Answer::NotCovered)
}

fn verdict(handling: &Handling, locale: Locale) -> String {
    let answer = answer_of(handling);
    let fallback = if answer == Answer::Available { Verdict::Available } else { Verdict::NotAvailable };
    let verdict = Verdict::ALL.iter().copied().find(|verdict| verdict.name() == handling.verdict).unwrap_or(fallback);
    let said = presentation::verdict_of(verdict, answer, Period::new(handling.from, handling.until), locale);
    match (handling.routes.len(), locale) {
        (0 | 1, Locale::Zh) => format!("{said}。"),
        (0 | 1, Locale::En) => format!("{said}."),
        (ways, Locale::Zh) => format!("{said}；有 {ways} 种办法。"),
        (ways, Locale::En) => format!("{said}, in {ways} ways."),
    }
}

fn reasons(out: &mut String, reasons: &[Reason], locale: Locale) {
    for (at, reason) in reasons.iter().enumerate() {
        let _ = writeln!(out);
        entry(out, 0, &format!("{}.", at + 1), 4, &sentence(&reason.message));
        if let Some(remedy) = &reason.remedy {
            entry(out, 4, "", 4, &format!("{}{remedy}", locale.say("怎么办：", "What to do: ")));
        }
    }
}

fn way(out: &mut String, number: usize, route: &Route, locale: Locale) {
    let mode = route.mode.parse::<HandlingMode>().ok();
    let in_chinese = mode.map(|mode| mode.label(Locale::Zh));
    let called = route.mode_label.as_deref().filter(|label| Some(*label) != in_chinese);
    let called = called.map_or_else(String::new, |label| match locale {
        Locale::Zh => format!("（原文称“{label}”）"),
        Locale::En => format!(" (called “{label}”)"),
    });
    let mode_name = mode.map_or(route.mode.as_str(), |mode| mode.label(locale));
    let title = format!("{number}. {}{called}", sentence(mode_name));
    let _ = writeln!(out, "\n{}\n{title}", "─".repeat(terminal::WIDTH));

    let mut section = Section { out, locale };
    basis(&mut section, route);
    for notice in &route.notices {
        section.begin(locale.say("提示", "note"));
        section.text(&sentence(&notice.message));
        section.text(&sentence(notice.remedy.as_deref().unwrap_or_default()));
    }
    online(&mut section, route, mode);
    windows(&mut section, route, mode);
    duties(&mut section, &route.duties);
    for offering in &route.offerings {
        guide(&mut section, offering, route.offerings.len());
    }
}

fn basis(section: &mut Section<'_>, route: &Route) {
    let locale = section.locale;
    let Basis { title, document_number, signed_on, agreement, issued_by, .. } = &route.basis;
    section.begin(locale.say("依据", "basis"));
    let mut facts = vec![presentation::period(Period::new(route.valid_from, route.valid_to), locale)];
    match agreement {
        Some(agreement) => {
            section.text(&presentation::agreement_line(&agreement.number, title, locale));
            facts.extend(signed_on.map(|signed| match locale {
                Locale::Zh => format!("{signed} 签署"),
                Locale::En => format!("signed on {signed}"),
            }));
            facts.extend(document_number.clone());
        }
        None => {
            section.text(&presentation::policy_line(title, document_number.as_deref(), locale));
            facts.extend((!issued_by.is_empty()).then(|| issued_by.join("、")));
        }
    }
    facts.extend(route.clause.batch.clone());
    section.text(&facts.join(locale.say("，", ", ")));
}

/// A part of a route: a label, and texts below each other.
struct Section<'a> {
    out: &'a mut String,
    locale: Locale,
}

impl Section<'_> {
    fn begin(&mut self, label: &str) {
        let _ = writeln!(self.out);
        let _ = write!(self.out, "{}", terminal::padded(&format!("   {label}"), COLUMN));
    }

    /// The first text follows the label; the next ones are below it.
    fn text(&mut self, text: &str) {
        let begun = !self.out.ends_with('\n');
        let lines = text.lines().flat_map(|line| wrapped(line, terminal::WIDTH - COLUMN));
        for (at, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let lead = if begun && at == 0 { String::new() } else { " ".repeat(COLUMN) };
            let _ = writeln!(self.out, "{lead}{line}");
        }
    }

    /// A text below the last one, indented.
    fn below(&mut self, text: &str) {
        entry(self.out, COLUMN + 3, "", COLUMN + 3, text);
    }

    /// A label and its text on one line, if there is a text.
    fn fact(&mut self, zh: &str, en: &str, value: Option<&str>) {
        if let Some(value) = value {
            entry(self.out, 3, self.locale.say(zh, en), COLUMN, value);
        }
    }
}

fn online(section: &mut Section<'_>, route: &Route, mode: Option<HandlingMode>) {
    let locale = section.locale;
    if mode != Some(HandlingMode::FullOnline) {
        return;
    }
    let terms = &route.terms;
    section.begin(locale.say("网上办", "online"));
    section.text(terms.url.as_deref().unwrap_or(locale.say("网址见办事指南", "the guide has the address")));
    if let Some(identity) = &terms.identity_level {
        section.text(&format!("{}{identity}", locale.say("身份核验：", "identity: ")));
    }
    if !terms.certificates_accepted.is_empty() {
        section.text(&format!(
            "{}{}",
            locale.say("认可的电子证照：", "certificates accepted: "),
            terms.certificates_accepted.join("、")
        ));
    }
}

fn windows(section: &mut Section<'_>, route: &Route, mode: Option<HandlingMode>) {
    let locale = section.locale;
    let has_windows = route.windows().next().is_some();
    if mode.is_some_and(|mode| !mode.needs_window()) && !has_windows {
        return;
    }
    section.begin(locale.say("窗口", "windows"));
    if !has_windows {
        section.text(locale.say(
            "本平台没有窗口信息，请先询问当地政务服务中心。",
            "none is known; please ask the local service hall first.",
        ));
    }
    for window in route.windows() {
        section.text(&bracketed(&window.name, presentation::window_kind(&window.kind, locale), locale));
        let facts = [Some(&window.address), window.hours.as_ref(), window.phone.as_ref()];
        section.text(&facts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(locale.say("；", "; ")));
    }
}

fn duties(section: &mut Section<'_>, duties: &[Duty]) {
    if duties.is_empty() {
        return;
    }
    let locale = section.locale;
    section.begin(locale.say("谁做什么", "duties"));
    let mut rows: Vec<[String; 3]> = Vec::new();
    for (at, duty) in duties.iter().enumerate() {
        let district =
            duty.district.as_ref().map(|Place { name, english_name }| named(name, english_name, locale).to_owned());
        let actor = duty.actor.parse::<Actor>().map_or(duty.actor.as_str(), |actor| actor.label(locale)).to_owned();
        let who = [district, Some(actor)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let days = presentation::days(duty.days, duty.day_kind.as_deref(), locale).unwrap_or_default();
        rows.push([format!("{}", at + 1), who, days]);
    }
    let limits = duties.iter().filter_map(|duty| Some((duty.days?, duty.day_kind.as_deref())));
    let is_unlimited = |duty: &Duty| duty.days.is_none() && duty.actor != Actor::Applicant.name();
    if let Some(sum) = domain::duty::sum(limits)
        && let Some(total) = total_days(sum, duties.iter().any(is_unlimited), locale)
    {
        rows.push([String::new(), locale.say("合计", "total").to_owned(), total]);
    }
    for (line, duty) in columns(&rows).iter().zip(duties.iter().map(Some).chain(std::iter::repeat(None))) {
        section.text(line);
        if let Some(duty) = duty {
            section.below(&sentence(&duty.task));
        }
    }
    let decides = |duty: &Duty| duty.actor == Actor::CompetentAuthority.name() && duty.days.is_some();
    if duties.iter().any(decides) {
        section.text(locale.say(
            "业务属地的时限自受理之日起算，不自收件之日起算。",
            "The competent district's days run from acceptance, not from receipt.",
        ));
    }
}

fn guide(section: &mut Section<'_>, offering: &Offering, of: usize) {
    let locale = section.locale;
    if !offering.materials.is_empty() {
        section.begin(locale.say("材料", "materials"));
        for (at, material) in offering.materials.iter().enumerate() {
            let medium = material.medium.as_deref().map(|medium| presentation::medium(medium, locale));
            let copies = material.copies.map(|copies| match locale {
                Locale::Zh => format!("{copies} 份"),
                Locale::En => format!("× {copies}"),
            });
            let form = [medium, copies.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let later = material.deferrable_days.map(|days| match locale {
                Locale::Zh => format!("{days} 日内补交"),
                Locale::En => format!("within {days} days"),
            });
            let facts = [
                Some(presentation::necessity(&material.necessity, locale)),
                later.as_deref(),
                Some(&*form).filter(|form| !form.is_empty()),
            ];
            let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(locale.say("，", ", "));
            section.text(&format!("{}. {}", at + 1, bracketed(&material.name, &facts, locale)));
            if let Some(check) = &material.check {
                section.below(&format!("{}{check}", locale.say("窗口核对：", "the window checks: ")));
            }
        }
    }
    let _ = writeln!(section.out);
    section.fact("指南", "guide", Some(offering.name.as_str()).filter(|_| of > 1));
    section.fact("审批部门", "decided by", offering.authority.as_ref().map(|authority| authority.name.as_str()));
    section.fact("申请条件", "conditions", offering.conditions.as_deref());
    let kind = offering.day_kind.as_deref();
    section.fact("承诺时限", "promised", presentation::days(offering.promised_days, kind, locale).as_deref());
    let statutory = offering
        .statutory_days
        .and_then(|days| presentation::days(Some(days), kind.filter(|kind| *kind != "AT_ONCE"), locale));
    section.fact("法定时限", "by law", statutory.as_deref());
    section.fact("到现场次数", "visits", Some(&presentation::visit_count(offering.visits, locale)));
    section.fact("收费", "fee", offering.fee.as_deref());
    section.fact("办理结果", "result", offering.result.as_deref());
    section.fact("结果送达", "delivery", offering.delivery.as_deref());
    section.fact("预约", "booking", offering.appointment.as_deref());
    section.fact("网上办理", "address", offering.url.as_deref());
    section.fact("指南核对日期", "verified", offering.verified_on.map(|on| on.to_string()).as_deref());
}
