//! What stands in `errors`: one table from what went wrong to a code that a client can act on. What
//! happened inside goes to the log under an error id, never to the caller.

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use domain::{Locale, Message};
use persistence::UnavailableReason;

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
    EpochChanged,
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
            Self::EpochChanged => "EPOCH_CHANGED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }

    /// An answer that is this error alone, with no `data`.
    pub fn response(self, message: Message) -> Response {
        Response::from_errors(vec![self.error(message, None)])
    }

    /// An error with this code. `word` puts it in the caller's language.
    pub(crate) fn error(self, message: Message, at: Option<Pos>) -> ServerError {
        let mut error = ServerError::new(message.en.clone(), at);
        self.set(&mut error.extensions);
        error.source = Some(Arc::new(message));
        error
    }

    pub(crate) fn set(self, extensions: &mut Option<ErrorExtensionValues>) {
        extensions.get_or_insert_default().set("code", self.name());
    }
}

/// Why a field has no answer.
#[derive(Debug)]
pub enum Fault {
    /// An argument that cannot be answered, and what is expected instead; of a list, which of its values.
    BadInput { argument: String, index: Option<usize>, message: Message, expected: Message },
    /// The credential opens nothing any more.
    Unauthenticated,
    /// The caller may not do that, whatever there is.
    Forbidden(Forbidden),
    /// The revisions that the caller knows are of another journal than this one, which stands here.
    EpochChanged { epoch: String, revision: domain::Revision },
    /// The database cannot do it just now.
    Unavailable(UnavailableReason),
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
            Self::EpochChanged { .. } => Code::EpochChanged,
            Self::Unavailable(_) | Self::ReadOnly => Code::Unavailable,
            Self::Timeout => Code::Timeout,
            Self::Internal(_) => Code::Internal,
        }
    }

    pub(crate) fn bad_input(argument: impl Into<String>, expected: Message) -> Self {
        Self::BadInput { argument: argument.into(), index: None, message: expected.clone(), expected }
    }

    /// An argument is not written as it should be; the message repeats what was given.
    pub(crate) fn malformed(argument: impl Into<String>, message: &Message, expected: Message) -> Self {
        Self::BadInput { argument: argument.into(), index: None, message: message.clone(), expected }
    }

    /// A field of the object at this place of a list is wrong.
    pub(crate) fn bad_field(argument: &str, index: usize, field: &str, expected: Message) -> Self {
        let message = Message::new(format!("{field}：{}", expected.zh), format!("{field}: {}", expected.en));
        Self::BadInput { argument: argument.to_owned(), index: Some(index), message, expected }
    }

    /// The value at this place of a list is wrong.
    pub(crate) fn bad_item(argument: impl Into<String>, index: usize, expected: Message) -> Self {
        Self::BadInput { argument: argument.into(), index: Some(index), message: expected.clone(), expected }
    }

    /// What the caller is told.
    fn message(&self) -> Message {
        match self {
            Self::BadInput { argument, index, message, .. } => at_argument(argument, *index, message),
            Self::EpochChanged { epoch, revision } => Message::new(
                format!(
                    "变更日志的纪元为 {epoch}，最新版本为 {revision}，与所给的不符（本平台可能已从备份恢复）；请重新下载 /export 快照，并从那里接着读"
                ),
                format!(
                    "the journal is of epoch {epoch} and ends at revision {revision}, not as given (perhaps the registry was restored from a backup); load the snapshot of /export again and follow from there"
                ),
            ),
            Self::Unauthenticated => unauthenticated(),
            Self::Forbidden(forbidden) => forbidden.message(),
            Self::Unavailable(trouble) => unavailable(*trouble),
            Self::Timeout => Message::new("该操作超过了允许的时间", "the operation took longer than it may"),
            Self::ReadOnly => {
                Message::new("本网关只供查询：请把写操作发给可写入的网关", "this gateway only reads: send what changes something to one that writes")
            }
            Self::Internal(cause) => internal(cause, "a field could not be answered"),
        }
    }
}

impl From<Forbidden> for Fault {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden)
    }
}

impl From<persistence::Error> for Fault {
    fn from(error: persistence::Error) -> Self {
        match (error.unavailable_reason(), error) {
            (_, persistence::Error::ReadOnly) => Self::ReadOnly,
            (Some(trouble), error) => {
                tracing::warn!(reason = trouble.name(), %error, "the database cannot do it now");
                Self::Unavailable(trouble)
            }
            (None, inside) => Self::Internal(inside.to_string()),
        }
    }
}

/// The credential opens nothing. It does not say which part of it is wrong.
pub(crate) fn unauthenticated() -> Message {
    Message::new("凭证无效、已过期或已吊销", "the credential is not valid, has expired or was revoked")
}

/// Our own mistake: the cause stands in the log, under the id that the caller is told.
pub(crate) fn internal(cause: &str, what: &'static str) -> Message {
    let id = error_id();
    tracing::error!(error_id = id, cause, "{what}");
    Message::new(
        format!("平台内部出错；请告知平台管理员错误编号 {id}"),
        format!("something went wrong inside the registry; tell its steward the error id {id}"),
    )
}

/// What a caller is told, who can wait, ask elsewhere, or tell whoever runs the registry.
pub(crate) fn unavailable(trouble: UnavailableReason) -> Message {
    match trouble {
        UnavailableReason::Unreachable => {
            Message::new("目前无法连接平台的数据库，请稍后再试", "the registry's database cannot be reached now; ask again later")
        }
        UnavailableReason::Busy => Message::new(
            "平台正忙：其他人正在写入；请用同一 idempotencyKey 再试",
            "the registry is busy: others are writing; ask again, with the same idempotencyKey",
        ),
        UnavailableReason::Full => Message::new(
            "平台数据库的磁盘已满：运维人员腾出空间之前不能写入；查询不受影响",
            "the registry's database has no room left on its disk: nothing can be written until whoever runs it makes room; questions are answered",
        ),
        UnavailableReason::ReadOnly => Message::new(
            "平台的数据库目前不接受写入（备库，或设为只读），请稍后再试",
            "the registry's database takes no changes now (it is a standby, or was set to read-only); ask again later",
        ),
        UnavailableReason::Clock => Message::new(
            "本网关的时钟有误：运维人员校正之前不能写入；查询不受影响",
            "this gateway's clock is wrong: nothing is written until whoever runs it has put it right; questions are answered",
        ),
    }
}

fn at_argument(argument: &str, index: Option<usize>, expected: &Message) -> Message {
    let place = index.map_or_else(|| argument.to_owned(), |index| format!("{argument}[{index}]"));
    Message::new(format!("{place}：{}", expected.zh), format!("{place}: {}", expected.en))
}

/// What is expected, in both languages, as a program finds it.
pub(crate) fn in_both(message: &Message) -> Value {
    async_graphql::value!({ "zh": message.zh.clone(), "en": message.en.clone() })
}

/// Puts errors in a language. What the engine says about documents it says in English, after a word in Chinese.
pub(crate) fn word(errors: &mut [ServerError], locale: Locale) {
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

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let code = fault.code();
        let reason = if let Fault::Unavailable(trouble) = &fault { Some(trouble.name()) } else { None };
        let message = fault.message();
        let mut error = Self::new(message.en.clone());
        error.source = Some(Arc::new(message));
        code.set(&mut error.extensions);
        let extensions = error.extensions.get_or_insert_default();
        if let Some(reason) = reason {
            extensions.set("reason", reason);
        }
        match fault {
            Fault::BadInput { argument, index, expected, .. } => {
                extensions.set("argument", argument);
                extensions.set("expected", in_both(&expected));
                if let Some(index) = index {
                    extensions.set("index", index);
                }
            }
            Fault::EpochChanged { epoch, revision } => {
                extensions.set("epoch", epoch);
                extensions.set("revision", revision);
            }
            _ => {}
        }
        error
    }
}

/// Where a scalar of our own leaves its message in Chinese.
pub(crate) const IN_CHINESE: &str = "zh";

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
    let text = text.split_once(" (occurred while parsing").map_or(text, |(text, _)| text).to_owned();
    let extensions = error.extensions.get_or_insert_default();
    let index = match extensions.get("index") {
        Some(Value::Number(index)) => index.as_u64().and_then(|index| usize::try_from(index).ok()),
        Some(_) | None => None,
    };
    // What a scalar of our own says in Chinese comes beside its message.
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
