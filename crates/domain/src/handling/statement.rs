//! Agreed terms point by point, for people.

use std::borrow::Cow;

use crate::code::DistrictCode;
use crate::problem::{Locale, Message};

/// One point of the terms: a label in both languages, and what was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    label: [&'static str; 2],
    pub value: Stated<'a>,
}

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated<'a> {
    /// The partners' own words.
    Text(Cow<'a, str>),
    Url(&'a str),
    /// Words of a vocabulary.
    Words(Message),
    WorkingDays(u32),
    Steps(Vec<StatedStep<'a>>),
}

/// A step, with its limit in working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedStep<'a> {
    pub district: Option<DistrictCode>,
    /// As it was agreed, such as `LEAD`.
    pub role: Option<&'a str>,
    pub is_lead: bool,
    pub task: &'a str,
    pub days: Option<u32>,
}

impl<'a> Statement<'a> {
    pub fn label(&self, locale: Locale) -> &'static str {
        let [zh, en] = self.label;
        match locale {
            Locale::Zh => zh,
            Locale::En => en,
        }
    }

    pub(super) fn text(label: [&'static str; 2], text: impl Into<Cow<'a, str>>) -> Self {
        Self { label, value: Stated::Text(text.into()) }
    }

    pub(super) fn url(label: [&'static str; 2], url: &'a str) -> Self {
        Self { label, value: Stated::Url(url) }
    }

    pub(super) fn words(label: [&'static str; 2], words: Message) -> Self {
        Self { label, value: Stated::Words(words) }
    }

    pub(super) fn working_days(label: [&'static str; 2], days: u32) -> Self {
        Self { label, value: Stated::WorkingDays(days) }
    }

    pub(super) fn steps(label: [&'static str; 2], steps: Vec<StatedStep<'a>>) -> Self {
        Self { label, value: Stated::Steps(steps) }
    }
}
