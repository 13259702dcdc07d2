//! Why a command fails.

use std::fmt;
use std::io;

use domain::Message;

use super::said::of_system;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Registry(#[from] persistence::Error),
    #[error(transparent)]
    Output(#[from] io::Error),
    #[error("{}", .0.en)]
    Said(Message),
    /// An exit code of its own, with a message if it is not empty.
    #[error("{}", .1.en)]
    Exit(u8, Message),
    /// The output on stdout shows the failure already.
    #[error("")]
    Reported,
}

impl Failure {
    pub(super) fn said(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Said(Message::new(zh, en))
    }

    /// A failure that is told by the error of a library, in its language.
    pub(super) fn because(error: impl fmt::Display) -> Self {
        Self::said(error.to_string(), error.to_string())
    }

    /// An exit code without a message.
    pub(super) fn code(code: u8) -> Self {
        Self::Exit(code, Message::new("", ""))
    }

    /// The failure in both languages.
    pub(super) fn message(&self) -> Message {
        match self {
            Self::Registry(error) => of_registry(error),
            Self::Output(error) => of_system(error),
            Self::Said(message) | Self::Exit(_, message) => message.clone(),
            Self::Reported => Message::new("", ""),
        }
    }
}

fn of_registry(error: &persistence::Error) -> Message {
    use persistence::Error;
    let zh = match error {
        Error::Unavailable(error) => format!("数据库暂时不可用：{error}"),
        Error::Url(text) => format!("数据库地址有误：{text}"),
        Error::Open { database, source, hint } => format!("打不开数据库 {database}：{source}{hint}"),
        Error::NotADatabase { file, message } => format!("{}：{}", file.display(), message.zh),
        Error::Clock { now, reference_time, .. } => {
            format!("本机时钟为 {now}，而数据库或日志为 {reference_time}：两者一致之前不写入")
        }
        Error::ReadOnly => "平台以只读方式打开".to_owned(),
        Error::Refused(problem) => problem.message.zh.clone(),
        Error::Output(error) => format!("无法写出：{}", of_system(error).zh),
        Error::File { path, source } => format!("{}：{}", path.display(), of_system(source).zh),
        Error::Backup { path, what } => format!("{}：不是可以恢复的备份（{what}）", path.display()),
        Error::FileChanged(path) => format!("{}：读取期间文件有变更", path.display()),
        Error::Db(error) => format!("数据库拒绝了操作：{error}"),
        Error::Migration(text) => format!("数据表与本版本不符：{text}"),
        Error::Inconsistent(found) => format!("日志与记录不一致：{found}"),
        Error::Unreadable(text) => format!("无法由记录载入平台：{text}"),
        Error::Corrupt { .. } | Error::Aborted => format!("数据库中的数据有误：{error}"),
    };
    Message::new(zh, error.to_string())
}
