//! Errors, and the codes by which a client reacts to them. Causes go to the log under an error id,
//! never to the caller.

use std::fmt;

use domain::Message;
use persistence::UnavailableReason;

use crate::permission::Forbidden;

/// The code of an error, `extensions.code` in GraphQL. A new one is only for errors to which a client reacts
/// differently.
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
    /// The code as clients see it.
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
}

/// Why a request, or a field of it, has no answer.
#[derive(Debug)]
pub enum Error {
    /// An argument has an invalid value. `index` is the position in a list.
    BadInput { argument: String, index: Option<usize>, message: Message, expected: Message },
    /// The credential is no longer valid.
    Unauthenticated,
    /// The caller has no permission, whether or not the record exists.
    Forbidden(Forbidden),
    /// The caller's revisions belong to another journal. These are the epoch and the newest revision of this one.
    EpochChanged { epoch: String, revision: domain::Revision },
    /// The database is not available now.
    Unavailable(UnavailableReason),
    /// The operation took longer than allowed.
    Timeout,
    /// A write on a read-only gateway.
    ReadOnly,
    /// A fault of the program. The text goes to the log.
    Internal(String),
}

impl Error {
    pub fn code(&self) -> Code {
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

    pub fn bad_input(argument: impl Into<String>, expected: Message) -> Self {
        Self::BadInput { argument: argument.into(), index: None, message: expected.clone(), expected }
    }

    /// An argument is malformed. The message repeats the given value.
    pub fn malformed(argument: impl Into<String>, message: &Message, expected: Message) -> Self {
        Self::BadInput { argument: argument.into(), index: None, message: message.clone(), expected }
    }

    /// A field of the object at this position of a list is invalid.
    pub fn bad_field(argument: &str, index: usize, field: &str, expected: Message) -> Self {
        let message = Message::new(format!("{field}：{}", expected.zh), format!("{field}: {}", expected.en));
        Self::BadInput { argument: argument.to_owned(), index: Some(index), message, expected }
    }

    /// The value at this position of a list is invalid.
    pub fn bad_item(argument: impl Into<String>, index: usize, expected: Message) -> Self {
        Self::BadInput { argument: argument.into(), index: Some(index), message: expected.clone(), expected }
    }

    /// The message for the caller.
    pub fn message(&self) -> Message {
        match self {
            Self::BadInput { argument, index, message, .. } => at_argument(argument, *index, message),
            Self::EpochChanged { epoch, revision } => Message::new(
                format!(
                    "变更日志的纪元为 {epoch}，最新版本为 {revision}，与所给的不符（本平台可能已从备份恢复）；请重新下载 /export 快照，并从那里接着读"
                ),
                format!(
                    "the journal has epoch {epoch} and ends at revision {revision}, which does not match the request (the registry may have been restored from a backup); download the snapshot of /export again and read on from there"
                ),
            ),
            Self::Unauthenticated => unauthenticated(),
            Self::Forbidden(forbidden) => forbidden.message(),
            Self::Unavailable(trouble) => unavailable(*trouble),
            Self::Timeout => Message::new("该操作超过了允许的时间", "the operation took longer than allowed"),
            Self::ReadOnly => Message::new(
                "本网关只供查询：请把写操作发给可写入的网关",
                "this gateway is read-only: send mutations to a gateway that accepts writes",
            ),
            Self::Internal(cause) => internal(cause, "a field could not be answered"),
        }
    }
}

/// For logs. `message` is for the caller.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Its message is made once, since that writes the cause to the log.
            Self::Internal(_) => f.write_str("internal error"),
            error => f.write_str(&error.message().en),
        }
    }
}

impl From<Forbidden> for Error {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden)
    }
}

impl From<persistence::Error> for Error {
    fn from(error: persistence::Error) -> Self {
        match (error.unavailable_reason(), error) {
            (_, persistence::Error::ReadOnly) => Self::ReadOnly,
            (Some(trouble), error) => {
                tracing::warn!(reason = trouble.name(), %error, "the database is not available");
                Self::Unavailable(trouble)
            }
            (None, inside) => Self::Internal(inside.to_string()),
        }
    }
}

/// The message does not say what is wrong with the credential.
pub fn unauthenticated() -> Message {
    Message::new("凭证无效、已过期或已吊销", "the credential is not valid, has expired or was revoked")
}

/// The message for a fault of the program. The cause is logged under the id that the message contains.
pub fn internal(cause: &str, what: &'static str) -> Message {
    let id = error_id();
    tracing::error!(error_id = id, cause, "{what}");
    Message::new(
        format!("平台内部出错；请告知平台管理员错误编号 {id}"),
        format!("internal error; report the error id {id} to the steward of the registry"),
    )
}

/// The message when the database is not available.
pub fn unavailable(trouble: UnavailableReason) -> Message {
    match trouble {
        UnavailableReason::Unreachable => Message::new(
            "目前无法连接平台的数据库，请稍后再试",
            "the database of the registry cannot be reached now; try again later",
        ),
        UnavailableReason::Busy => Message::new(
            "平台正忙：有其他写入正在进行；请用同一 idempotencyKey 再试",
            "the registry is busy with other writes; try again with the same idempotencyKey",
        ),
        UnavailableReason::Full => Message::new(
            "平台数据库的磁盘已满：运维人员腾出空间之前不能写入；查询不受影响",
            "the disk of the database is full: writes fail until the operator frees space; queries still work",
        ),
        UnavailableReason::ReadOnly => Message::new(
            "平台的数据库目前不接受写入（备库，或设为只读），请稍后再试",
            "the database accepts no writes now (it is a standby, or read-only); try again later",
        ),
        UnavailableReason::Clock => Message::new(
            "本网关的时钟有误：运维人员校正之前不能写入；查询不受影响",
            "the clock of this gateway is wrong: writes fail until the operator corrects it; queries still work",
        ),
    }
}

pub fn at_argument(argument: &str, index: Option<usize>, expected: &Message) -> Message {
    let place = index.map_or_else(|| argument.to_owned(), |index| format!("{argument}[{index}]"));
    Message::new(format!("{place}：{}", expected.zh), format!("{place}: {}", expected.en))
}

/// A random id that connects the caller's error with the line in the log.
pub fn error_id() -> String {
    let mut bytes = [0; 6];
    // Without randomness the id is zeros. That is no reason to fail again.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}
