//! What a user can do wrong, as a payload tells it.

use async_graphql::Object;

use super::words::{Locale, ProblemCode};

/// One thing that is wrong with an input.
#[derive(Debug, Clone)]
pub struct Problem(pub domain::Problem);

/// One thing that a caller can mend: what is wrong with an input, or which rule forbids the act. A payload has all
/// of them at once.
#[Object(serial)]
impl Problem {
    /// What the caller can do about it.
    async fn code(&self) -> ProblemCode {
        self.0.code.into()
    }

    /// Where in the input, step by step: `["schedule", "0", "matters", "3"]`.
    async fn path(&self) -> &[String] {
        &self.0.path
    }

    /// The rule that was broken: a stable word. Open: clients need a fallback.
    async fn rule(&self) -> &str {
        self.0.rule
    }

    /// What is wrong, in a sentence for people.
    async fn message(&self, #[graphql(default_with = "Some(Locale::Zh)", desc = "In which language.")] locale: Option<Locale>) -> &str {
        self.0.message.text(locale.unwrap_or(Locale::Zh).into())
    }

    /// What to do about it.
    async fn remedy(&self, #[graphql(default_with = "Some(Locale::Zh)", desc = "In which language.")] locale: Option<Locale>) -> Option<&str> {
        self.0.remedy.as_ref().map(|remedy| remedy.text(locale.unwrap_or(Locale::Zh).into()))
    }
}
