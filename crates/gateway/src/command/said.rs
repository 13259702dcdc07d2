//! Texts of the command line in both languages.

use std::io;
use std::{error, fmt};

use domain::{Locale, Message};

/// Why the value of an option is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said(Message);

impl Said {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Message::new(zh, en))
    }

    pub(super) fn text(&self, locale: Locale) -> &str {
        self.0.text(locale)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl error::Error for Said {}

/// An error of the system. Its English text is the system's.
pub(super) fn of_system(error: &io::Error) -> Message {
    use io::ErrorKind;
    let zh = match error.kind() {
        ErrorKind::NotFound => "不存在",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已存在；要覆盖请加 --force",
        ErrorKind::IsADirectory => "是目录，不是文件",
        ErrorKind::NotADirectory => "路径中有一段不是目录",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::ReadOnlyFilesystem => "文件系统只读",
        ErrorKind::AddrInUse => "地址或端口已被占用",
        ErrorKind::AddrNotAvailable => "本机没有这个地址",
        ErrorKind::ConnectionRefused => "连接被拒绝，该端口没有服务",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "连接中断",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "网络不可达",
        ErrorKind::TimedOut => "超时",
        ErrorKind::UnexpectedEof => "内容中断",
        _ => return Message::new(error.to_string(), error.to_string()),
    };
    Message::new(zh, error.to_string())
}
