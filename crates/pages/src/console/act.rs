//! Runs an act of the registry for a form, and tells what came of it.

use domain::{Locale, Message, Problems};
use registry::acts::{Input, Outcome, Saved};
use registry::error::{Error, internal, unavailable};
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
        Err(error) => Acted::Failed(message(&error)),
    }
}

fn message(error: &Error) -> Message {
    match error {
        Error::Forbidden(forbidden) => forbidden.message(),
        Error::BadInput { message, .. } => message.clone(),
        Error::Unauthenticated => {
            Message::new("凭证已失效，请重新登录", "the credential is no longer valid; sign in again")
        }
        Error::ReadOnly => Message::new("本服务只读，不能写入", "this gateway is read-only"),
        Error::Unavailable(trouble) => unavailable(*trouble),
        Error::Timeout => Message::new("处理超时，请再试一次", "it took too long; try again"),
        Error::EpochChanged { .. } | Error::Internal(_) => {
            internal(&format!("{error:?}"), "an act of the console failed")
        }
    }
}

/// The texts after an act, by the value of `done`.
const TEXTS: [(&str, &str, &str); 7] = [
    ("saved", "已保存", "saved"),
    ("drafted", "草稿已保存", "the draft is saved"),
    ("imported", "清单已写入草稿", "the list is in the draft"),
    ("proposed", "已发送签约方，等待各方签署", "proposed: it waits for the signatures of the parties"),
    ("discarded", "草稿已删除", "the draft is discarded"),
    ("recorded", "已补录，等待其他签约方确认", "recorded: it waits for the other parties to confirm"),
    (
        "recordedWithoutFile",
        "已补录，但扫描件没有保存，请在协议页重新上传",
        "recorded, but the scan was not kept: attach it again",
    ),
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
