//! Runs an act of the registry for a form, and tells what came of it.

use domain::{Locale, Message, Problems};
use registry::acts::{Input, Outcome, Saved};
use registry::error::Error;
use registry::presentation::Say as _;

use crate::visit::Visit;

/// The parameter of the page that an act leads to; see `done_text`.
pub(super) const DONE: &str = "done";

/// What came of an act.
#[derive(Debug)]
pub(super) enum Acted {
    /// It was done.
    Done(Saved),
    /// It has problems, so nothing was written.
    Problems(Problems),
    /// It could not be tried.
    Failed(Message),
}

/// The outcome of an act.
pub(super) fn acted(outcome: Result<Outcome, Error>) -> Acted {
    match outcome {
        Ok(Outcome { saved: Some(saved), .. }) => Acted::Done(saved),
        Ok(Outcome { saved: None, problems }) => Acted::Problems(problems),
        Err(error) => Acted::Failed(error.message()),
    }
}

/// The texts after an act, by the value of `done`.
const TEXTS: [(&str, &str, &str); 5] = [
    ("saved", "已保存。", "Saved."),
    ("granted", "已授予角色。", "The role is granted."),
    ("revoked", "已撤销授权。", "The grant is revoked."),
    ("delegated", "已委托代签。", "Signing is delegated."),
    ("keyRevoked", "密钥已吊销。", "The key is revoked."),
];

pub(super) fn done_text(done: &str, locale: Locale) -> Option<&'static str> {
    TEXTS.iter().find(|(name, ..)| *name == done).map(|(_, zh, en)| locale.say(zh, en))
}

/// The address of a page after an act.
pub(super) fn after(visit: &Visit, path: &str, done: &str) -> String {
    visit.at(path).with(DONE, done).text()
}

/// An input with some fields.
pub(super) fn input<const N: usize>(fields: [(&str, serde_json::Value); N]) -> Input {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
