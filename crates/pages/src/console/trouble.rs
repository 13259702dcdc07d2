//! What is wrong with a form that has fields beside those of `form`: each problem with the element that it is about.

use domain::{Locale, Problem, ProblemCode};
use maud::{Markup, html};
use registry::presentation::Say as _;

use super::act::Acted;

/// Problems by the ids of the elements that they are about; an empty id: the form as a whole.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    entries: Vec<(String, String)>,
}

impl Trouble {
    /// The problems of an act that was not done. `place` gives the id of the element of a problem.
    pub(super) fn of(acted: &Acted, locale: Locale, place: impl Fn(&Problem) -> String) -> Self {
        let entries = match acted {
            Acted::Done(_) => Vec::new(),
            Acted::Failed(message) => vec![(String::new(), message.text(locale).to_owned())],
            Acted::Problems(problems) => {
                problems.iter().map(|problem| (place(problem), text(problem, locale))).collect()
            }
        };
        let mut trouble = Self::default();
        // Many rows may have the same problem at the same element.
        entries.into_iter().for_each(|(id, text)| trouble.add(id, text));
        trouble
    }

    pub(super) fn add(&mut self, id: impl Into<String>, text: impl Into<String>) {
        let entry = (id.into(), text.into());
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        other.entries.into_iter().for_each(|(id, text)| self.add(id, text));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The texts of an element.
    pub(super) fn at(&self, id: &str) -> Vec<String> {
        self.entries.iter().filter(|(at, _)| at == id).map(|(_, text)| text.clone()).collect()
    }

    /// The notes beside an element, with the id `{id}-trouble`.
    pub(super) fn notes(&self, id: &str) -> Markup {
        let texts = self.at(id);
        html! { @if !texts.is_empty() { div class="trouble" id={ (id) "-trouble" } { @for text in texts { p { (text) } } } } }
    }

    /// All of them, above the form, each with a link to its element.
    pub(super) fn summary(&self, locale: Locale) -> Markup {
        html! {
            @if !self.entries.is_empty() {
                div class="summary" role="alert" tabindex="-1" id="summary" {
                    h2 { (locale.say("没有保存：请先更正", "Nothing was saved: correct this first")) }
                    ul { @for (id, text) in &self.entries { li { @if id.is_empty() { (text) } @else { a href={ "#" (id) } { (text) } } } } }
                }
            }
        }
    }
}

/// A problem in words, with its remedy.
fn text(problem: &Problem, locale: Locale) -> String {
    if problem.code == ProblemCode::Stale {
        let told = locale.say(
            "您打开本页后，他人修改了这份草稿。您填写的内容还在：请先核对最新内容，再保存一次，将以您填写的为准",
            "Somebody changed this draft after you opened the page. What you filled in is still here: compare it with the draft, then save again to keep yours",
        );
        return told.to_owned();
    }
    let message = problem.message.text(locale);
    match &problem.remedy {
        Some(remedy) => format!("{message}{}{}", locale.say("；", "; "), remedy.text(locale)),
        None => message.to_owned(),
    }
}
