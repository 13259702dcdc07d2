//! Matches the matters of a list with those of a registry: by code, by name, by alias, else by likeness.

use std::collections::HashMap;

use domain::{MatterCode, Message, Problem, ProblemCode};

use crate::similarity::similarity;
use crate::value::narrow::folded;

/// The matters of a registry, as far as lists need them. Names are folded by [`folded`].
pub trait MatterIndex {
    fn exists(&self, code: MatterCode) -> bool;
    fn by_folded_name(&self, name: &str) -> Vec<MatterCode>;
    fn by_folded_alias(&self, alias: &str) -> Vec<MatterCode>;
    /// The matters whose names are most like the text, best first.
    fn likeliest(&self, text: &str, most: usize) -> Vec<Likely>;
}

/// A matter whose name is like a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likely {
    pub code: MatterCode,
    pub name: String,
}

/// What a text in the file means, once for all its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Matter(MatterCode),
    Skip,
}

/// The choices of a caller, by folded text.
#[derive(Debug, Clone, Default)]
pub struct Choices(HashMap<String, Choice>);

impl Choices {
    pub fn new<'a>(choices: impl IntoIterator<Item = (&'a str, Choice)>) -> Self {
        Self(choices.into_iter().map(|(text, choice)| (folded(text), choice)).collect())
    }

    fn of(&self, text: Option<&str>) -> Option<Choice> {
        self.0.get(&folded(text?)).copied()
    }
}

/// Which matter a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    Found {
        code: MatterCode,
        /// What should be looked at all the same.
        notice: Option<Problem>,
    },
    Skipped,
    /// Several matters may be meant.
    Confirm {
        candidates: Vec<MatterCode>,
        problem: Problem,
    },
    /// No matter is meant; the likeliest ones.
    Unknown {
        candidates: Vec<MatterCode>,
        problem: Problem,
    },
}

/// Candidates that are listed.
const CANDIDATES: usize = 3;
/// From this likeness on a name may be meant.
const ALIKE: f64 = 0.5;

/// The matter of a row with a code, a name, or both.
pub fn matter(index: &dyn MatterIndex, choices: &Choices, code: Option<&str>, name: Option<&str>) -> Match {
    match choices.of(name).or_else(|| choices.of(code)) {
        Some(Choice::Skip) => return Match::Skipped,
        Some(Choice::Matter(code)) if index.exists(code) => return Match::Found { code, notice: None },
        Some(Choice::Matter(code)) => {
            return Match::Unknown { candidates: Vec::new(), problem: chosen_unknown(code) };
        }
        None => {}
    }
    let known = code.and_then(|code| code.parse().ok()).filter(|code| index.exists(*code));
    let by_name = name.map(|name| by_name(index, name)).unwrap_or_default();
    match (known, by_name.as_slice()) {
        (Some(code), []) => Match::Found { code, notice: None },
        (Some(code), named) if named.contains(&code) => Match::Found { code, notice: None },
        (Some(code), named) => {
            let candidates: Vec<MatterCode> = std::iter::once(code).chain(named.iter().copied()).collect();
            Match::Confirm { problem: code_and_name_differ(code, name.unwrap_or_default()), candidates }
        }
        (None, [one]) => {
            let notice = code.filter(|code| code.parse::<MatterCode>().is_ok()).map(code_unknown);
            Match::Found { code: *one, notice }
        }
        (None, []) => by_likeness(index, name.or(code).unwrap_or_default()),
        (None, several) => {
            Match::Confirm { problem: ambiguous(name.unwrap_or_default()), candidates: several.to_vec() }
        }
    }
}

fn by_name(index: &dyn MatterIndex, name: &str) -> Vec<MatterCode> {
    let folded = folded(name);
    let named = index.by_folded_name(&folded);
    if named.is_empty() { index.by_folded_alias(&folded) } else { named }
}

fn by_likeness(index: &dyn MatterIndex, text: &str) -> Match {
    let likely = index.likeliest(text, CANDIDATES);
    let asked = folded(text);
    let alike = likely.iter().filter(|likely| similarity(&asked, &folded(&likely.name)) >= ALIKE);
    let alike: Vec<MatterCode> = alike.map(|likely| likely.code).collect();
    if alike.is_empty() {
        let candidates = likely.into_iter().map(|likely| likely.code).collect();
        return Match::Unknown { candidates, problem: unknown(text) };
    }
    let problem = if alike.len() == 1 { resembling(text) } else { ambiguous(text) };
    Match::Confirm { candidates: alike, problem }
}

fn problem(code: ProblemCode, rule: &'static str, zh: String, en: String) -> Problem {
    Problem::new(code, vec!["matter".to_owned()], rule, Message::new(zh, en))
}

fn quoted(text: &str) -> String {
    domain::text::quoted(text).into_owned()
}

fn unknown(text: &str) -> Problem {
    let text = quoted(text);
    problem(
        ProblemCode::NotFound,
        "MATTER_UNKNOWN",
        format!("没有名为“{text}”的事项"),
        format!("there is no matter “{text}”"),
    )
    .remedy(
        "请从候选中选择、改正名称或填写基本编码；目录中没有的事项请先由管理员登记，或选择跳过",
        "choose a candidate, correct the name or give the code; a matter that the catalogue lacks is registered first, or skip the row",
    )
}

fn ambiguous(text: &str) -> Problem {
    let text = quoted(text);
    problem(
        ProblemCode::Conflict,
        "MATTER_UNCLEAR",
        format!("“{text}”可能指几个事项"),
        format!("“{text}” may mean several matters"),
    )
    .remedy("请从候选中确认一个，或填写基本编码", "confirm one of the candidates, or give the code")
}

fn chosen_unknown(code: MatterCode) -> Problem {
    problem(
        ProblemCode::NotFound,
        "CHOICE_UNKNOWN",
        format!("所选编码 {code} 不在目录中"),
        format!("the catalogue has no code {code}, which was chosen for this text"),
    )
    .remedy("请改选其他事项", "choose another matter")
}

fn resembling(text: &str) -> Problem {
    let text = quoted(text);
    problem(
        ProblemCode::Conflict,
        "MATTER_UNCLEAR",
        format!("“{text}”与一个事项的名称相近，但不相同"),
        format!("“{text}” is like the name of a matter, but not the same"),
    )
    .remedy(
        "请确认是否为该事项，或改正名称、填写基本编码",
        "confirm that it is meant, or correct the name, or give the code",
    )
}

fn code_and_name_differ(code: MatterCode, name: &str) -> Problem {
    let name = quoted(name);
    problem(
        ProblemCode::Conflict,
        "CODE_AND_NAME_DIFFER",
        format!("编码 {code} 与名称“{name}”不是同一事项"),
        format!("the code {code} and the name “{name}” are of different matters"),
    )
    .remedy("请确认是哪一个，并改正编码或名称", "confirm which is meant, and correct the code or the name")
}

fn code_unknown(code: &str) -> Problem {
    let code = quoted(code);
    problem(
        ProblemCode::NotFound,
        "CODE_UNKNOWN",
        format!("目录中没有编码 {code}，已按名称对应"),
        format!("the catalogue has no code {code}; the matter was found by its name"),
    )
    .remedy("请核对编码，或删去", "check the code, or delete it")
}
