//! Problems of inputs, as payloads contain them.

use async_graphql::{Context, Object};

use super::context::{language, request_context};
use super::enums::caller::Locale;
use super::enums::problem::ProblemCode;

/// A problem of an input.
#[derive(Debug, Clone)]
pub struct Problem(pub domain::Problem);

/// A problem of an input that the caller can correct: a wrong value, or a rule that forbids the change. A payload
/// contains all problems at once.
#[Object(serial)]
impl Problem {
    /// The class of the problem, by which a program decides what to do.
    async fn code(&self) -> ProblemCode {
        self.0.code.into()
    }

    /// The position in the input, step by step, such as `["schedule", "0", "matters", "3"]`.
    async fn path(&self) -> &[String] {
        &self.0.path
    }

    /// The violated rule: a stable name. More may be added: clients need a fallback.
    async fn rule(&self) -> &str {
        self.0.rule
    }

    /// The problem in one sentence.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.0.message.text(language(request_context(ctx), locale))
    }

    /// The remedy, in one sentence. Null when there is nothing to add.
    async fn remedy(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> Option<&str> {
        self.0.remedy.as_ref().map(|remedy| remedy.text(language(request_context(ctx), locale)))
    }
}
