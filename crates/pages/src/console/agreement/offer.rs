//! An act that a page offers: what it means, its form, or why it cannot be done. The rules are those of the domain: an
//! act is tried on the agreement as the caller sees it, and what forbids it is told.

use domain::agreement::acts::When;
use domain::{Agreement, DistrictCode, Locale, Message, Problems, Revision};
use maud::{Markup, html};
use registry::acts::Input;
use registry::permission;
use registry::presentation::Say as _;

use super::found::Standpoint;
use crate::console::act::{Acted, input};
use crate::console::form::{Form, text};
use crate::console::token::token;
use crate::visit::Visit;

/// The name of the buttons; their values say which act.
pub(super) const ACT: &str = "act";
/// A second confirmation of an act that cannot be taken back.
pub(super) const SURE: &str = "sure";

/// Why an act cannot be done now; empty: it can.
pub(super) type WhyNot = Vec<Message>;

/// Why the caller may not do this for a party: the permission first, then the rules of the domain.
pub(super) fn why_not<E: Into<Problems>>(
    visit: &Visit,
    mutation: &str,
    party: Option<DistrictCode>,
    attempt: impl FnOnce(DistrictCode, When) -> Result<Agreement, E>,
) -> WhyNot {
    if let Some(forbidden) = forbidden(visit, mutation, party) {
        return vec![forbidden];
    }
    let Some(party) = party else {
        return vec![Message::new("您没有代表的区域", "you act for no district")];
    };
    problems(attempt(party, when(visit)))
}

/// What the rules of the domain say to an act.
pub(super) fn problems<T, E: Into<Problems>>(attempted: Result<T, E>) -> WhyNot {
    let problems = attempted.err().map_or_else(Problems::new, Into::into);
    let told = |problem: &domain::Problem| Message::new(text(problem, Locale::Zh), text(problem, Locale::En));
    problems.iter().map(told).collect()
}

/// The role that the caller lacks; `None`: it may try.
pub(super) fn forbidden(visit: &Visit, mutation: &str, party: Option<DistrictCode>) -> Option<Message> {
    let context = &visit.context;
    let tried = permission::authorize(&context.viewer, mutation, party, &context.snapshot, context.today);
    tried.err().map(|forbidden| forbidden.lack())
}

pub(super) fn when(visit: &Visit) -> When {
    When { at: visit.context.now, today: visit.context.today }
}

/// The reasons why an act is off.
pub(super) fn reasons(why_not: &[Message], locale: Locale) -> Markup {
    html! { ul class="why-not" { @for reason in why_not { li { (reason.text(locale)) } } } }
}

/// An act on the page, with its form.
#[derive(Debug)]
pub(super) struct Offer {
    /// The value of its button.
    pub(super) act: &'static str,
    pub(super) title: Message,
    /// What it means, in a sentence.
    pub(super) meaning: Message,
    pub(super) button: Message,
    pub(super) why_not: WhyNot,
    pub(super) form: Form,
    /// What stands between the meaning and the form.
    pub(super) shown: Markup,
    /// Hidden fields.
    pub(super) hidden: Markup,
    /// Further buttons.
    pub(super) more: Markup,
    /// The primary act of the page.
    pub(super) is_primary: bool,
}

impl Offer {
    pub(super) fn new(act: &'static str, title: Message, meaning: Message) -> Self {
        Self {
            act,
            button: title.clone(),
            title,
            meaning,
            why_not: WhyNot::new(),
            form: Form::default(),
            shown: html! {},
            hidden: html! {},
            more: html! {},
            is_primary: false,
        }
    }

    /// Takes the outcome of this act into the form, with what was typed. An act of another form is left alone.
    pub(super) fn take(&mut self, visit: &Visit, failed: Option<&Failed>) {
        let (Some(failed), Some(submission)) = (failed, &visit.submission) else { return };
        if failed.act == self.act {
            self.form.values = submission.clone();
            self.form.problems = failed.problems.clone();
            self.form.failure.clone_from(&failed.failure);
        }
    }

    pub(super) fn draw(&self, visit: &Visit, standpoint: &Standpoint, revision: Option<Revision>) -> Markup {
        let locale = visit.locale;
        let Self { act, title, meaning, button, why_not, form, shown, hidden, more, is_primary } = self;
        let (heading, reason) = (format!("{act}-title"), format!("{act}-reason"));
        html! {
            section class="act" aria-labelledby=(heading) {
                h2 id=(heading) { (title.text(locale)) }
                p { (meaning.text(locale)) }
                (shown)
                @if why_not.is_empty() {
                    (form.summary(locale))
                    form method="post" action=(visit.address.clone().without(crate::console::act::DONE)) class="form" {
                        (token(visit))
                        (standpoint.hidden())
                        (hidden)
                        @if let Some(revision) = revision { input type="hidden" name="expectedRevision" value=(revision) {} }
                        (form.draw_fields(locale))
                        p class="buttons" {
                            button class={ "button" @if !*is_primary { " quiet" } } type="submit" name=(ACT) value=(act) { (button.text(locale)) }
                            (more)
                        }
                    }
                } @else {
                    div class="note" id=(reason) {
                        p { (locale.say("现在不能办理：", "It cannot be done now:")) }
                        (reasons(why_not, locale))
                    }
                    p class="buttons" { button class="button" type="button" disabled aria-describedby=(reason) { (button.text(locale)) } }
                }
            }
        }
    }
}

/// An act of the page that was not done.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) act: String,
    pub(super) problems: Problems,
    pub(super) failure: Option<Message>,
}

impl Failed {
    /// `None`: the act was done.
    pub(super) fn of(act: &str, acted: Acted) -> Option<Self> {
        let act = act.to_owned();
        match acted {
            Acted::Done(_) => None,
            Acted::Problems(problems) => Some(Self { act, problems, failure: None }),
            Acted::Failed(failure) => Some(Self { act, problems: Problems::new(), failure: Some(failure) }),
        }
    }
}

/// The fields that every act on an agreement has: its number, the party, and the revision that was read.
pub(super) fn common(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint) -> Input {
    let mut fields = input([("number", agreement.number.to_string().into())]);
    // The party for which the form was made, even if the caller has changed its capacity since: then it is refused.
    let stated = visit.submission.as_ref().map_or("", |form| form.get("party"));
    let party =
        if stated.is_empty() { standpoint.party().map(|party| party.to_string()) } else { Some(stated.to_owned()) };
    if let Some(party) = party {
        fields.insert("party".to_owned(), party.into());
    }
    let expected = visit.submission.as_ref().map_or("", |form| form.get("expectedRevision"));
    if let Ok(expected) = expected.parse::<Revision>() {
        fields.insert("expectedRevision".to_owned(), expected.into());
    }
    fields
}
