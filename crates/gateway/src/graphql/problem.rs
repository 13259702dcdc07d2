//! What a user can do wrong, as a payload tells it.

use async_graphql::{Context, Object};

use super::language;
use super::words::{Locale, ProblemCode};

/// One thing that is wrong with an input.
#[derive(Debug, Clone)]
pub struct Problem(pub domain::Problem);

/// One thing that a caller can mend: what is wrong with an input, or which rule forbids the act. A payload has all
/// of them at once.
#[Object(serial)]
impl Problem {
    /// The remedy.
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

    /// The problem in a sentence.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.0.message.text(language(ctx, locale))
    }

    /// The remedy.
    async fn remedy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> Option<&str> {
        self.0.remedy.as_ref().map(|remedy| remedy.text(language(ctx, locale)))
    }
}
