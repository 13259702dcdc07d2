//! The fields that a list for a schedule can give.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use domain::{HandlingMode, Locale};

/// A field of a row. Its name is what mappings of columns and defaults say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// 序号: the number of the row in the list, which is not kept.
    Ordinal,
    Name,
    /// The code of the matter.
    Matter,
    Domain,
    Mode,
    /// A column of marks, one for each mode.
    ModeMark(HandlingMode),
    ModeLabel,
    Receiving,
    Competent,
    PromisedDays,
    Remark,
    /// The key of the clause.
    Key,
    Batch,
    ValidFrom,
    ValidTo,
}

const FIRST: [Field; 5] = [Field::Ordinal, Field::Name, Field::Matter, Field::Domain, Field::Mode];
const LAST: [Field; 9] = [
    Field::ModeLabel,
    Field::Receiving,
    Field::Competent,
    Field::PromisedDays,
    Field::Remark,
    Field::Key,
    Field::Batch,
    Field::ValidFrom,
    Field::ValidTo,
];

/// The names of the marks, by mode.
static MARKS: LazyLock<Vec<String>> =
    LazyLock::new(|| HandlingMode::ALL.iter().map(|mode| format!("mode.{mode}")).collect());

impl Field {
    /// Every field, in the order of a template. A mark for each mode comes after the mode.
    pub const ALL: [Self; FIRST.len() + HandlingMode::ALL.len() + LAST.len()] = {
        let mut all = [Self::Ordinal; FIRST.len() + HandlingMode::ALL.len() + LAST.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = if at < FIRST.len() {
                FIRST[at]
            } else if at < FIRST.len() + HandlingMode::ALL.len() {
                Self::ModeMark(HandlingMode::ALL[at - FIRST.len()])
            } else {
                LAST[at - FIRST.len() - HandlingMode::ALL.len()]
            };
            at += 1;
        }
        all
    };

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordinal => "ordinal",
            Self::Name => "name",
            Self::Matter => "matter",
            Self::Domain => "domain",
            Self::Mode => "mode",
            Self::ModeMark(mode) => HandlingMode::ALL
                .iter()
                .zip(&*MARKS)
                .find_map(|(known, name)| (*known == mode).then_some(name.as_str()))
                .unwrap_or_default(),
            Self::ModeLabel => "modeLabel",
            Self::Receiving => "receiving",
            Self::Competent => "competent",
            Self::PromisedDays => "promisedDays",
            Self::Remark => "remark",
            Self::Key => "key",
            Self::Batch => "batch",
            Self::ValidFrom => "validFrom",
            Self::ValidTo => "validTo",
        }
    }

    /// The label for people, which is also the header in templates.
    pub fn label(self, locale: Locale) -> &'static str {
        let (zh, en) = match self {
            Self::Ordinal => ("序号", "no."),
            Self::Name => ("事项名称", "matter"),
            Self::Matter => ("基本编码", "matter code"),
            Self::Domain => ("领域", "domain"),
            Self::Mode => ("通办方式", "handling mode"),
            Self::ModeMark(mode) => return mode.label(locale),
            Self::ModeLabel => ("方式名称", "name of the mode"),
            Self::Receiving => ("收件地", "receiving district"),
            Self::Competent => ("业务属地", "competent district"),
            Self::PromisedDays => ("办理时限", "promised days"),
            Self::Remark => ("备注", "remark"),
            Self::Key => ("条款编号", "clause key"),
            Self::Batch => ("批次", "batch"),
            Self::ValidFrom => ("生效日期", "valid from"),
            Self::ValidTo => ("失效日期", "valid to"),
        };
        match locale {
            Locale::Zh => zh,
            Locale::En => en,
        }
    }

    /// Whether a column is for reading only: a schedule keeps nothing of it.
    pub fn is_for_reading(self) -> bool {
        matches!(self, Self::Domain | Self::PromisedDays | Self::Remark)
    }

    /// Whether a blank cell below a value may mean the same value.
    pub fn spans_rows(self) -> bool {
        matches!(self, Self::Domain | Self::Mode | Self::Receiving | Self::Competent | Self::Batch)
    }
}

impl FromStr for Field {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|field| field.name().eq_ignore_ascii_case(text.trim())).ok_or(())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
