//! Why a text is not a document.

use async_graphql::{Pos, ServerError};
use registry::error::Code;

use crate::engine::error::set_code;

/// A syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) at: Pos,
}

impl SyntaxError {
    pub(super) fn new(message: impl Into<String>, at: Pos) -> Self {
        Self { code: Code::ParseFailed, message: format!("the document is not GraphQL: {}", message.into()), at }
    }

    pub(super) fn invalid(message: impl Into<String>, at: Pos) -> Self {
        Self { code: Code::ValidationFailed, message: message.into(), at }
    }
}

impl From<SyntaxError> for ServerError {
    fn from(SyntaxError { code, message, at }: SyntaxError) -> Self {
        let mut error = Self::new(message, Some(at));
        set_code(code, &mut error.extensions);
        error
    }
}
