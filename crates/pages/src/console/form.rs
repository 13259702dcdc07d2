//! Forms: the fields of an act with what was typed, the problems that the act found, and one primary button.

use domain::{Locale, Message, Problem, Problems};
use maud::{Markup, html};
use registry::acts::Input;
use registry::presentation::Say as _;

use super::act::Acted;
use super::field::Field;
use super::token::token;
use crate::side::Side;
use crate::submission::Submission;
use crate::visit::Visit;

/// A form for an act.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) fields: Vec<Field>,
    /// What stands in the fields.
    pub(super) values: Submission,
    pub(super) problems: Problems,
    /// Why the act could not be tried.
    pub(super) failure: Option<Message>,
}

impl Form {
    pub(super) fn new(fields: Vec<Field>) -> Self {
        Self { fields, ..Self::default() }
    }

    /// Fills the fields.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.fields.push((name.to_owned(), value.into()));
        self
    }

    /// Takes over what kept an act from being done.
    pub(super) fn take(&mut self, acted: Acted) {
        match acted {
            Acted::Done(_) => {}
            Acted::Problems(problems) => self.problems = problems,
            Acted::Failed(message) => self.failure = Some(message),
        }
    }

    /// The input of the act, of what was submitted.
    pub(super) fn input(&self, visit: &Visit, submission: &Submission) -> Input {
        let district = |written: &str| {
            let side = Side::read(written, &visit.context.snapshot, visit.context.today);
            side.known().map(|district| district.code.to_string())
        };
        let read = |field: &Field| Some((field.name.to_string(), field.read(submission, district)?));
        self.fields.iter().filter_map(read).collect()
    }

    /// The problems of a field: those whose path begins with its name.
    pub(super) fn problems_of(&self, name: &str, locale: Locale) -> Vec<String> {
        let own = self.problems.iter().filter(|problem| problem.path.first().is_some_and(|first| first == name));
        own.map(|problem| text(problem, locale)).collect()
    }

    /// The problems above the form, each with a link to its field.
    pub(super) fn summary(&self, locale: Locale) -> Markup {
        if self.problems.is_empty() && self.failure.is_none() {
            return html! {};
        }
        let has = |name: &str| self.fields.iter().any(|field| field.name == name);
        html! {
            div class="summary" role="alert" tabindex="-1" id="summary" {
                h2 { (locale.say("没有保存：请先更正", "Nothing was saved: correct this first")) }
                ul {
                    @if let Some(failure) = &self.failure { li { (failure.text(locale)) } }
                    @for problem in &self.problems {
                        @let first = problem.path.first().map_or("", String::as_str);
                        li {
                            @if has(first) { a href={ "#" (first) } { (text(problem, locale)) } } @else { (text(problem, locale)) }
                        }
                    }
                }
            }
        }
    }

    /// The fields one below the other.
    pub(super) fn draw_fields(&self, locale: Locale) -> Markup {
        html! { @for field in &self.fields { (field.draw(&self.values, &self.problems_of(&field.name, locale), locale)) } }
    }

    /// The form of one of several acts on a page. The button names the act.
    pub(super) fn draw_act(&self, visit: &Visit, act: &str, button: &str) -> Markup {
        let locale = visit.locale;
        html! {
            (self.summary(locale))
            form method="post" action=(visit.address.clone().without(super::act::DONE)) class="form" {
                (token(visit))
                (self.draw_fields(locale))
                p class="buttons" { button class="button" type="submit" name="act" value=(act) { (button) } }
            }
        }
    }

    /// The whole form. `button`: the name of the primary button. `more`: further buttons and hidden fields.
    pub(super) fn draw(&self, visit: &Visit, button: &str, more: &Markup) -> Markup {
        let locale = visit.locale;
        html! {
            (self.summary(locale))
            form method="post" action=(visit.address.clone().without(super::act::DONE)) class="form" {
                (token(visit))
                (self.draw_fields(locale))
                p class="buttons" { button class="button" type="submit" { (button) } (more) }
            }
        }
    }
}

/// A problem with its remedy.
pub(super) fn text(problem: &Problem, locale: Locale) -> String {
    let message = problem.message.text(locale);
    let nested = if problem.path.len() > 1 { format!("{}：", problem.path[1..].join(".")) } else { String::new() };
    match &problem.remedy {
        Some(remedy) => format!("{nested}{message}{}{}", locale.say("；", "; "), remedy.text(locale)),
        None => format!("{nested}{message}"),
    }
}
