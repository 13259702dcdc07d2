//! Errors as GraphQL's `errors` has them: each has a code, and a message in the language of the caller.

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use domain::{Locale, Message};
use registry::error::{Code, Error, at_argument};

/// A response that consists of one error, without `data`.
pub(crate) fn response(code: Code, message: Message) -> Response {
    Response::from_errors(vec![error(code, message, None)])
}

/// An error with a code. `translate` puts its message into the caller's language.
pub(crate) fn error(code: Code, message: Message, at: Option<Pos>) -> ServerError {
    let mut error = ServerError::new(message.en.clone(), at);
    set_code(code, &mut error.extensions);
    error.source = Some(Arc::new(message));
    error
}

pub(crate) fn set_code(code: Code, extensions: &mut Option<ErrorExtensionValues>) {
    extensions.get_or_insert_default().set("code", code.name());
}

/// A message in both languages, for extensions that programs read.
pub(crate) fn in_both(message: &Message) -> Value {
    async_graphql::value!({ "zh": message.zh.clone(), "en": message.en.clone() })
}

/// Puts the messages of errors into a language. Messages of async-graphql are English; in Chinese they get a Chinese
/// prefix.
pub(crate) fn translate(errors: &mut [ServerError], locale: Locale) {
    for error in errors {
        if let Some(message) = error.source::<Message>() {
            let text = message.text(locale).to_owned();
            error.message = text;
            continue;
        }
        let about = match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
            Some(Value::String(code)) if code == Code::ParseFailed.name() => "查询文档不是 GraphQL",
            Some(Value::String(code)) if code == Code::ValidationFailed.name() => "查询文档不合模式",
            Some(_) | None => "请求有误",
        };
        let message = Message::new(format!("{about}：{}", error.message), error.message.clone());
        error.message = message.text(locale).to_owned();
        error.source = Some(Arc::new(message));
    }
}

/// Writes the message, code and extensions of an error that a resolver returned: async-graphql keeps the error as the
/// source.
fn describe(error: &mut ServerError) {
    let Some(source) = error.source.clone() else { return };
    let Some(cause) = source.downcast_ref::<Error>() else { return };
    let message = cause.message();
    error.message.clone_from(&message.en);
    error.source = Some(Arc::new(message));
    set_code(cause.code(), &mut error.extensions);
    let extensions = error.extensions.get_or_insert_default();
    match cause {
        Error::Unavailable(reason) => extensions.set("reason", reason.name()),
        Error::BadInput { argument, index, expected, .. } => {
            extensions.set("argument", argument.as_str());
            extensions.set("expected", in_both(expected));
            if let Some(index) = index {
                extensions.set("index", *index);
            }
        }
        Error::EpochChanged { epoch, revision } => {
            extensions.set("epoch", epoch.as_str());
            extensions.set("revision", *revision);
        }
        Error::Unauthenticated | Error::Forbidden(_) | Error::Timeout | Error::ReadOnly | Error::Internal(_) => {}
    }
}

/// The extension in which our scalars pass on their Chinese message.
pub(crate) const IN_CHINESE: &str = "zh";

/// Adds codes to errors without one. Of async-graphql's errors, one with a path is about an argument
/// that could not be parsed, one without a path about the whole document.
pub(crate) fn add_codes(errors: &mut [ServerError], document: &ExecutableDocument) {
    for error in errors {
        describe(error);
        let coded = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
        if !error.path.is_empty() && error.source.is_none() {
            name_argument(error, document);
        }
        if coded {
            continue;
        }
        let code = if error.path.is_empty() { of_document(&error.message) } else { Code::BadUserInput };
        set_code(code, &mut error.extensions);
    }
}

fn of_document(message: &str) -> Code {
    if message.starts_with("The recursion depth of the query") { Code::TooCostly } else { Code::ValidationFailed }
}

/// Adds the name of the argument: async-graphql reports only the position of its value.
fn name_argument(error: &mut ServerError, document: &ExecutableDocument) {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let Some(at) = error.locations.first().copied() else { return };
    let Some(argument) = operations.chain(fragments).find_map(|set| argument_at(set, at)) else { return };
    // `Failed to parse "Date": …`: our own text after async-graphql's prefix.
    let text = error
        .message
        .strip_prefix("Failed to parse \"")
        .and_then(|rest| rest.split_once("\": "))
        .map_or(&*error.message, |(_, text)| text);
    let text = text.split_once(" (occurred while parsing").map_or(text, |(text, _)| text).to_owned();
    let extensions = error.extensions.get_or_insert_default();
    let index = match extensions.get("index") {
        Some(Value::Number(index)) => index.as_u64().and_then(|index| usize::try_from(index).ok()),
        Some(_) | None => None,
    };
    // The Chinese message of one of our scalars.
    let zh = match extensions.get(IN_CHINESE) {
        Some(Value::String(zh)) => zh.clone(),
        Some(_) | None => format!("填写有误：{text}"),
    };
    extensions.unset(IN_CHINESE);
    extensions.set("argument", argument.as_str());
    let message = at_argument(&argument, index, &Message::new(zh, text));
    error.message.clone_from(&message.en);
    error.source = Some(Arc::new(message));
}

fn argument_at(set: &SelectionSet, at: Pos) -> Option<String> {
    set.items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => {
            of_field(&field.node, at).or_else(|| argument_at(&field.node.selection_set.node, at))
        }
        Selection::InlineFragment(fragment) => argument_at(&fragment.node.selection_set.node, at),
        Selection::FragmentSpread(_) => None,
    })
}

fn of_field(field: &Field, at: Pos) -> Option<String> {
    field.arguments.iter().find(|(_, value)| value.pos == at).map(|(name, _)| name.node.to_string())
}

/// Was the request refused as a whole? Such a response has no `data`.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}
