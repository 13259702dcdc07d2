//! What stands in `errors`: one table from what went wrong to a code that a client can act on. What
//! happened inside goes to the log under an error id, never to the caller.

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use persistence::Trouble;

use crate::permission::Forbidden;

/// `extensions.code`: a new one is for a caller that would do something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    ParseFailed,
    ValidationFailed,
    BadUserInput,
    Unauthenticated,
    Forbidden,
    TooCostly,
    RateLimited,
    Timeout,
    PersistedQueryNotFound,
    Unavailable,
    Internal,
}

impl Code {
    /// The code on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::TooCostly => "OPERATION_TOO_COSTLY",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }

    /// An answer that is this error alone, with no `data`.
    pub fn response(self, message: impl Into<String>) -> Response {
        let mut error = ServerError::new(message, None);
        self.set(&mut error.extensions);
        Response::from_errors(vec![error])
    }

    /// The same, with the place in the document that it speaks of.
    pub(crate) fn response_at(self, message: impl Into<String>, at: Pos) -> Response {
        let mut error = ServerError::new(message, Some(at));
        self.set(&mut error.extensions);
        Response::from_errors(vec![error])
    }

    pub(crate) fn set(self, extensions: &mut Option<ErrorExtensionValues>) {
        extensions.get_or_insert_default().set("code", self.name());
    }
}

/// Why a field has no answer.
#[derive(Debug)]
pub enum Fault {
    /// An argument that cannot be answered, and what is expected instead.
    BadInput { argument: String, expected: String },
    /// The credential opens nothing any more.
    Unauthenticated,
    /// The caller may not do that, whatever there is.
    Forbidden(Forbidden),
    /// The database cannot do it just now.
    Unavailable(Trouble),
    /// The time that the operation has is over.
    Timeout,
    /// It was to be written where nothing is written.
    ReadOnly,
    /// Our own mistake; the text is for the log.
    Internal(String),
}

impl Fault {
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::BadInput { .. } => Code::BadUserInput,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden(_) => Code::Forbidden,
            Self::Unavailable(_) | Self::ReadOnly => Code::Unavailable,
            Self::Timeout => Code::Timeout,
            Self::Internal(_) => Code::Internal,
        }
    }

    pub(crate) fn bad_input(argument: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::BadInput { argument: argument.into(), expected: expected.into() }
    }
}

impl From<Forbidden> for Fault {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden)
    }
}

impl From<persistence::Error> for Fault {
    fn from(error: persistence::Error) -> Self {
        match (error.trouble(), error) {
            (_, persistence::Error::ReadOnly) => Self::ReadOnly,
            (Some(trouble), error) => {
                tracing::warn!(reason = trouble.name(), %error, "the database cannot do it now");
                Self::Unavailable(trouble)
            }
            (None, inside) => Self::Internal(inside.to_string()),
        }
    }
}

/// What a caller is told, who can wait, ask elsewhere, or tell whoever runs the registry.
pub(crate) fn unavailable(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unreachable => "the registry's database cannot be reached now; ask again later",
        Trouble::Busy => "the registry is busy: others are writing; ask again, with the same idempotencyKey",
        Trouble::Full => {
            "the registry's database has no room left on its disk: nothing can be written until whoever runs it makes room; questions are answered"
        }
        Trouble::ReadOnly => "the registry's database takes no changes now (it is a standby, or was set to read-only); ask again later",
        Trouble::Clock => "this gateway's clock is wrong: nothing is written until whoever runs it has put it right; questions are answered",
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let code = fault.code();
        let reason = if let Fault::Unavailable(trouble) = &fault { Some(trouble.name()) } else { None };
        let message = match fault {
            Fault::BadInput { argument, expected } => format!("{argument}: {expected}"),
            Fault::Unauthenticated => "the credential is not valid, has expired or was revoked".to_owned(),
            Fault::Forbidden(forbidden) => forbidden.to_string(),
            Fault::Unavailable(trouble) => unavailable(trouble).to_owned(),
            Fault::Timeout => "the operation took longer than it may".to_owned(),
            Fault::ReadOnly => "this gateway only reads: send what changes something to one that writes".to_owned(),
            Fault::Internal(cause) => {
                let id = error_id();
                tracing::error!(error_id = id, cause, "a field could not be answered");
                format!("something went wrong inside the registry; tell its steward the error id {id}")
            }
        };
        let mut error = Self::new(message);
        code.set(&mut error.extensions);
        if let Some(reason) = reason {
            error.extensions.get_or_insert_default().set("reason", reason);
        }
        error
    }
}

/// By which the caller's error and the line in the log find each other.
pub(crate) fn error_id() -> String {
    let mut bytes = [0; 6];
    // Without randomness the id is zeros: worth less, but no reason to fail twice.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}

/// Gives every error of the engine its code. Ours have one already, so what has none is the engine's:
/// with a path it speaks of an argument that could not be read, without one of the whole document.
pub(crate) fn code(errors: &mut [ServerError], document: &ExecutableDocument) {
    for error in errors {
        let coded = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
        if !error.path.is_empty() && error.source.is_none() {
            name_argument(error, document);
        }
        if coded {
            continue;
        }
        let code = if error.path.is_empty() { of_document(&error.message) } else { Code::BadUserInput };
        code.set(&mut error.extensions);
    }
}

fn of_document(message: &str) -> Code {
    if message.starts_with("The recursion depth of the query") { Code::TooCostly } else { Code::ValidationFailed }
}

/// Says which argument it was: the engine knows only where its value stands.
fn name_argument(error: &mut ServerError, document: &ExecutableDocument) {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let Some(at) = error.locations.first().copied() else { return };
    let Some(argument) = operations.chain(fragments).find_map(|set| argument_at(set, at)) else { return };
    // `Failed to parse "Date": …` is our own text behind the engine's preface.
    let text = error.message.strip_prefix("Failed to parse \"").and_then(|rest| rest.split_once("\": ")).map_or(&*error.message, |(_, text)| text);
    let text = text.split_once(" (occurred while parsing").map_or(text, |(text, _)| text);
    error.message = format!("{argument}: {text}");
}

fn argument_at(set: &SelectionSet, at: Pos) -> Option<String> {
    set.items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => of_field(&field.node, at).or_else(|| argument_at(&field.node.selection_set.node, at)),
        Selection::InlineFragment(fragment) => argument_at(&fragment.node.selection_set.node, at),
        Selection::FragmentSpread(_) => None,
    })
}

fn of_field(field: &Field, at: Pos) -> Option<String> {
    field.arguments.iter().find(|(_, value)| value.pos == at).map(|(name, _)| name.node.to_string())
}

/// Is the answer a refusal of the whole request? Then it has no `data` at all.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}
