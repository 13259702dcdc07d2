//! The enums of imports.

use async_graphql::Enum;

/// The kinds of records that a district imports as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::Kind")]
pub enum ImportKind {
    /// Offerings (实施清单).
    Offering,
    /// Windows (通办窗口).
    Window,
}

/// Which directions the rows of a list give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::Direction")]
pub enum ImportDirection {
    /// As the columns of the receiving and competent districts say (按清单所写).
    AsWritten,
    /// Both ways between the districts of a row, or between all parties when it names none (双向).
    Both,
    /// With the two sides exchanged: the list was written from the other side (互换).
    Reversed,
}

/// What becomes of the good rows of a list in which other rows are at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::Faults")]
pub enum ImportFaults {
    /// Nothing is written while a row is at fault, to be confirmed or unknown.
    Refuse,
    /// The good rows are written in one transaction, and the others are reported.
    LeaveOut,
}

/// What an import does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::Verdict")]
pub enum ImportVerdict {
    /// Its content is new (新增).
    Create,
    /// It changes what is there (变更).
    Update,
    /// Its content is there already (无变化).
    Unchanged,
    /// It is left out: chosen so, or the same as an earlier row (跳过).
    Skip,
    /// Several matters may be meant (待确认): `candidates` has them.
    Confirm,
    /// No matter is meant (未找到事项): `candidates` has the likeliest.
    Unknown,
    /// It has an error (有错误).
    Error,
}
