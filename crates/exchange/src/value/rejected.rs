//! Problems of a value.

use domain::text::quoted;
use domain::{Message, Problem};

/// A problem whose message begins with the rejected text.
pub(crate) fn rejected(rule: &'static str, text: &str, zh: &str, en: &str) -> Problem {
    let text = quoted(text.trim());
    Problem::invalid(Vec::new(), rule, Message::new(format!("“{text}”{zh}"), format!("“{text}” {en}")))
}
