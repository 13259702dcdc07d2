//! Windows as they are shown everywhere: address, opening hours, whether open today, telephone numbers, appointments.

use catalogue::Kept;
use chrono::Datelike as _;
use domain::{Date, Locale, OpenDay, Opening, Window};
use maud::{Markup, html};
use registry::presentation::{self, Say as _, period, sentence};

use super::guide::outside;
use crate::frame::sample_badge;
use crate::name::{self, fact, text_fact};
use crate::visit::Visit;

/// A window in a list.
pub(crate) fn card(visit: &Visit, window: &Kept<Window>) -> Markup {
    let locale = visit.locale;
    html! {
        p class="name" {
            (name::window(visit, window.id, window)) " "
            span class="kind" { (presentation::window_kind(&window.kind, locale)) }
            @if window.provenance.synthetic { " " (sample_badge(locale)) }
            " " (badge(visit, window))
        }
        dl {
            (text_fact(locale.say("地址", "Address"), Some(&window.address), locale))
            (times(visit, window))
            @if let Some(phone) = &window.phone { (fact(locale.say("电话", "Phone"), &name::phone(phone))) }
            @if let Some(url) = &window.appointment_url { (fact(locale.say("预约", "Booking"), &outside(url))) }
        }
    }
}

/// The opening hours: the data, else the text.
pub(crate) fn times(visit: &Visit, window: &Window) -> Markup {
    let locale = visit.locale;
    let counting: Vec<&Opening> =
        window.opening.iter().filter(|entry| !entry.period.ended_before(visit.on())).collect();
    let closed: Vec<String> =
        window.closed_dates.iter().filter(|day| **day >= visit.on()).map(Date::to_string).collect();
    html! {
        @if counting.is_empty() {
            (text_fact(locale.say("开放时间", "Hours"), window.hours.as_deref(), locale))
        } @else {
            (fact(locale.say("开放时间", "Hours"), &html! { ul { @for line in lines(&counting, locale) { li { (line) } } } }))
        }
        @if !closed.is_empty() { (fact(locale.say("临时不开放", "Closed on"), &html! { (closed.join(locale.say("、", ", "))) })) }
    }
}

/// A line for each group of weekdays: 周一至周五 09:00–12:00、13:00–17:00.
fn lines(entries: &[&Opening], locale: Locale) -> Vec<String> {
    let mut groups: Vec<(&Opening, Vec<String>)> = Vec::new();
    for entry in entries {
        let range = format!("{}–{}", entry.from, entry.to);
        match groups.iter_mut().find(|(first, _)| (&first.days, first.period) == (&entry.days, entry.period)) {
            Some((_, ranges)) => ranges.push(range),
            None => groups.push((entry, vec![range])),
        }
    }
    let line = |(first, ranges): (&Opening, Vec<String>)| {
        let text = format!("{} {}", first.days_text(locale), ranges.join(locale.say("、", ", ")));
        let is_dated = first.period.from.is_some() || first.period.to.is_some();
        if !is_dated {
            return text;
        }
        let days = sentence(&period(first.period, locale));
        format!("{text}{}{days}{}", locale.say("（", " ("), locale.say("）", ")"))
    };
    groups.into_iter().map(line).collect()
}

/// Whether it is open on the day of the question. Nothing, where its hours are no data.
pub(crate) fn badge(visit: &Visit, window: &Window) -> Markup {
    let locale = visit.locale;
    let on = visit.on();
    let is_today = on == visit.context.today;
    if !window.open().includes(on) {
        return html! {};
    }
    match window.open_on(on, &visit.context.calendar) {
        OpenDay::Unknown => html! {},
        OpenDay::Closed => {
            html! { span class="badge standing warn" { @if is_today { (locale.say("今日休息", "Closed today")) } @else { (locale.say("当日休息", "Closed on that day")) } } }
        }
        OpenDay::Open(hours) => {
            let hours: Vec<String> = hours.iter().map(|entry| format!("{}–{}", entry.from, entry.to)).collect();
            html! {
                span class="badge standing good" {
                    @if is_today { (locale.say("今日开放", "Open today")) } @else { (locale.say("当日开放", "Open on that day")) }
                    " " (hours.join(locale.say("、", ", ")))
                }
            }
        }
    }
}

/// Where the holidays of the year are not known, the window's own announcement decides.
pub(crate) fn holidays(visit: &Visit, windows: &[&Window]) -> Markup {
    let has_hours = windows.iter().any(|window| window.hours.is_some() || !window.opening.is_empty());
    html! {
        @if has_hours && !visit.context.calendar.covers(visit.on().year()) {
            p class="quiet" { (visit.locale.say("节假日以窗口公告为准。", "On holidays, what the window announces decides.")) }
        }
    }
}
