//! The fields of forms: how one is drawn, and how its value becomes a field of an act's input.

use std::borrow::Cow;

use domain::{Locale, Message};
use maud::{Markup, html};
use registry::presentation::Say as _;
use serde_json::Value as Json;

use crate::submission::Submission;

/// A field of a form. Its name is that of the act's input.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Cow<'static, str>,
    pub(super) label: Message,
    pub(super) hint: Option<Message>,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
}

/// How a field is filled in, and what it becomes.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A line of text.
    Line,
    /// Several lines of text.
    Text,
    /// A day.
    Date,
    /// A whole number.
    Number,
    /// A district: its name, its path or its code; becomes a code.
    District,
    /// Districts, one a line; becomes a list of codes.
    Districts,
    /// One of these: value and label.
    Choice(Vec<(String, String)>),
    /// Several of these; becomes a list.
    Choices(Vec<(String, String)>),
    /// Texts, one a line; becomes a list.
    Lines,
    /// Yes or no.
    Flag,
}

impl Field {
    pub(super) fn new(name: impl Into<Cow<'static, str>>, kind: Kind, zh: &str, en: &str) -> Self {
        Self { name: name.into(), label: Message::new(zh, en), hint: None, kind, is_required: false }
    }

    #[must_use]
    pub(super) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    #[must_use]
    pub(super) fn hint(self, zh: &str, en: &str) -> Self {
        Self { hint: Some(Message::new(zh, en)), ..self }
    }

    /// The value for the act. `None`: the field was left empty. `district`: finds the code of a district as people write
    /// it; what it does not find is passed on as it was written, so that the act names the problem.
    pub(super) fn read(&self, form: &Submission, district: impl Fn(&str) -> Option<String>) -> Option<Json> {
        let text = form.get(&self.name);
        let code = |written: &str| district(written).unwrap_or_else(|| written.to_owned());
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let list = |values: Vec<String>| (!values.is_empty()).then(|| Json::from(values));
        match &self.kind {
            Kind::Flag => Some(Json::Bool(!text.is_empty())),
            Kind::Choices(_) => {
                list(form.all(&self.name).filter(|value| !value.is_empty()).map(str::to_owned).collect())
            }
            Kind::Districts => list(lines().map(code).collect()),
            Kind::Lines => list(lines().map(str::to_owned).collect()),
            _ if text.is_empty() => None,
            Kind::Number => Some(text.parse::<i64>().map_or_else(|_| Json::from(text), Json::from)),
            Kind::District => Some(code(text).into()),
            Kind::Line | Kind::Text | Kind::Date | Kind::Choice(_) => Some(text.into()),
        }
    }

    /// Draws the field with its value and its problems.
    pub(super) fn draw(&self, form: &Submission, problems: &[String], locale: Locale) -> Markup {
        let Self { name, label, hint, kind, is_required } = self;
        let name: &str = name;
        let (hint_id, trouble_id) = (format!("{name}-hint"), format!("{name}-trouble"));
        let mut described = Vec::new();
        if hint.is_some() {
            described.push(hint_id.as_str());
        }
        if !problems.is_empty() {
            described.push(trouble_id.as_str());
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let invalid = (!problems.is_empty()).then_some("true");
        let notes = html! {
            @if let Some(hint) = hint { p class="hint" id=(hint_id) { (hint.text(locale)) } }
            @if !problems.is_empty() {
                div class="trouble" id=(trouble_id) { @for problem in problems { p { (problem) } } }
            }
        };
        let value = form.get(name);
        let optional = html! { @if !is_required { span class="optional" { (locale.say("（选填）", " (optional)")) } } };
        match kind {
            Kind::Choices(options) => html! {
                fieldset class="field" aria-invalid=[invalid] aria-describedby=[&described] {
                    legend { (label.text(locale)) (optional) }
                    (notes)
                    @for (at, (option, text)) in options.iter().enumerate() {
                        @let id = if at == 0 { name.to_owned() } else { format!("{name}-{at}") };
                        p class="check" {
                            input type="checkbox" id=(id) name=(name) value=(option) checked[form.all(name).any(|chosen| chosen == option)] {}
                            " " label for=(id) { (text) }
                        }
                    }
                }
            },
            Kind::Flag => html! {
                div class="field" {
                    p class="check" {
                        input type="checkbox" id=(name) name=(name) value="1" checked[!value.is_empty()] aria-invalid=[invalid] aria-describedby=[&described] {}
                        " " label for=(name) { (label.text(locale)) }
                    }
                    (notes)
                }
            },
            _ => html! {
                div class={ "field" @if matches!(kind, Kind::District) { " district" } } {
                    label for=(name) { (label.text(locale)) (optional) }
                    (notes)
                    @match kind {
                        Kind::Text => { textarea id=(name) name=(name) rows="4" required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] { (value) } }
                        Kind::Lines | Kind::Districts => { textarea id=(name) name=(name) rows="3" spellcheck="false" required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] { (value) } }
                        Kind::Choice(options) => {
                            select id=(name) name=(name) required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] {
                                @if !is_required || value.is_empty() { option value="" { (locale.say("请选择", "choose")) } }
                                @for (option, text) in options { option value=(option) selected[option == value] { (text) } }
                            }
                        }
                        Kind::District => { input id=(name) name=(name) type="text" value=(value) autocomplete="off" spellcheck="false" data-districts required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] {} }
                        Kind::Date => { input id=(name) name=(name) type="date" value=(value) required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] {} }
                        Kind::Number => { input id=(name) name=(name) type="text" inputmode="numeric" value=(value) required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] {} }
                        Kind::Line | Kind::Choices(_) | Kind::Flag => { input id=(name) name=(name) type="text" value=(value) required[*is_required] aria-invalid=[invalid] aria-describedby=[&described] {} }
                    }
                }
            },
        }
    }
}
