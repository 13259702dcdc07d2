//! Why a command fails.

use std::io;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Registry(#[from] persistence::Error),
    #[error(transparent)]
    Output(#[from] io::Error),
    #[error("{0}")]
    Message(String),
    /// An exit code of its own, with a message if it is not empty.
    #[error("{1}")]
    Exit(u8, String),
    /// The output on stdout shows the failure already.
    #[error("")]
    Reported,
}
