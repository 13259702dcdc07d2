//! Why a search for matters finds nothing, and what to do about it. There are four different reasons.

use catalogue::{Kept, MatterFilter, Order, Slice, Snapshot};
use domain::{Locale, Matter, MatterCode};
use maud::{Markup, html};
use registry::presentation::Say as _;

use crate::name;
use crate::visit::Visit;

/// How many matters are named that exist elsewhere.
const MAX_ELSEWHERE: usize = 8;

#[derive(Debug)]
pub(crate) enum Nothing {
    /// The words are a code that no matter has.
    NoSuchCode(MatterCode),
    /// Matters with these words exist, but not with the districts or filters.
    Elsewhere(Vec<Kept<Matter>>),
    NotRegistered,
    /// Signs alone, which no search can use.
    NotSearchable,
}

impl Nothing {
    pub(crate) fn of(snapshot: &Snapshot, typed: &str) -> Self {
        if let Ok(code) = typed.to_uppercase().parse::<MatterCode>()
            && snapshot.matter(code).is_none()
        {
            return Self::NoSuchCode(code);
        }
        if !typed.chars().any(char::is_alphanumeric) {
            return Self::NotSearchable;
        }
        let filter = MatterFilter { search: snapshot.matter_query(typed), ..MatterFilter::default() };
        let found = snapshot.list_matters(&filter, &Slice::first(MAX_ELSEWHERE, Order::Relevance));
        let found: Vec<Kept<Matter>> = found.items().cloned().collect();
        if found.is_empty() { Self::NotRegistered } else { Self::Elsewhere(found) }
    }

    pub(crate) fn draw(&self, visit: &Visit) -> Markup {
        let locale = visit.locale;
        let typed = &visit.link.search;
        html! {
            div class="note" {
                @match self {
                    Self::NoSuchCode(code) => {
                        p { @match locale { Locale::Zh => { "没有代码为 " code { (code) } " 的事项。请核对 12 位代码，或写事项名称。" } Locale::En => { "No matter has the code " code { (code) } ". Check its 12 characters, or write the name." } } }
                    }
                    Self::Elsewhere(matters) => {
                        p { (locale.say("本平台有这样的事项，但不在这两地之间或这些条件之内：", "The registry has such matters, but not with these districts or filters:")) }
                        ul class="links" { @for matter in matters { li { (name::matter(visit, matter)) } } }
                    }
                    Self::NotRegistered => {
                        p { @match locale { Locale::Zh => { "本平台没有登记“" (typed) "”。换个说法试试（如“身份证”“落户”“公积金”），也可以写拼音首字母；或者按领域查找。" } Locale::En => { "The registry has nothing like “" (typed) "”. Try other words, such as “identity card” or “housing fund”, or look through the domains." } } }
                    }
                    Self::NotSearchable => {
                        p { @match locale { Locale::Zh => { "“" (typed) "”里没有可以查找的字。请写事项名称、拼音首字母或代码。" } Locale::En => { "“" (typed) "” has no word to search for. Write a name or a code." } } }
                    }
                }
                p { a class="button" href=(visit.link.without_filters().to_any_list()) { (locale.say("看全部事项", "See all matters")) } }
            }
        }
    }
}
