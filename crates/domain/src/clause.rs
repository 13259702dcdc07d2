//! Clauses (清单条款): receiving parties × competent parties × matters × one mode. A clause is a cross product, not a
//! list of pairs.

use std::sync::Arc;

use serde::Serialize;

use crate::code::{DistrictCode, MatterCode};
use crate::handling::{HandlingMode, Terms};
use crate::period::Period;
use crate::problem::{Message, ProblemCode};
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// Whether a district includes the districts below it.
    Extent {
        Itself = "SELF", "仅本级", "itself alone";
        Subtree = "SUBTREE", "含下辖", "with all below it";
    }
}

words! {
    /// Between which districts a clause of a policy applies.
    Reach {
        Any = "ANY", "不限", "any";
        AcrossProvinces = "ACROSS_PROVINCES", "跨省", "across provinces";
        WithinProvince = "WITHIN_PROVINCE", "省内", "within one province";
        WithinPrefecture = "WITHIN_PREFECTURE", "市内", "within one prefecture";
    }
}

/// Maximum number of matters of a clause, and of clauses of a schedule.
pub const MAX_MATTERS: usize = 10_000;
pub const MAX_CLAUSES: usize = 1_000;

/// The common part of clauses of agreements and of policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    /// Stable across versions.
    pub key: Box<str>,
    /// Sorted, without duplicates. Shared, since many clauses and versions have equal lists.
    pub matters: Arc<[MatterCode]>,
    pub mode: HandlingMode,
    /// The partners' own name for the mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode_label: Option<Box<str>>,
    pub terms: Terms,
    /// 批次: number, document or day of publication, as stated in the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Box<str>>,
    #[serde(flatten)]
    pub period: Period,
}

impl Clause {
    pub fn mode(&self) -> HandlingMode {
        self.mode
    }

    pub fn lists(&self, matter: MatterCode) -> bool {
        self.matters.binary_search(&matter).is_ok()
    }

    /// Refuses an empty list. An omitted side means all parties, so an empty list is more likely a mistake.
    pub(crate) fn check_side(r: &mut Reader<'_>, side: &'static str) {
        if r.is_empty(side) {
            r.refuse(
                ProblemCode::Invalid,
                side,
                "EMPTY_LIST",
                Message::new("列表为空", "the list is empty"),
                Message::new("请列出区域；如指全部，请不填此项", "name districts, or leave the field out to mean all"),
            );
        }
    }

    /// If `key` is absent, the caller assigns one by position.
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let key = r.optional_number_text("key", 80).unwrap_or_default().into();
        r.require("matters");
        let mut matters = r.codes("matters");
        if r.is_empty("matters") {
            r.refuse(
                ProblemCode::Invalid,
                "matters",
                "NO_MATTERS",
                Message::new("条款没有列出事项", "the clause lists no matter"),
                Message::new("至少列出一个事项，或删去该条款", "list one at least, or leave the clause out"),
            );
        }
        if matters.len() > MAX_MATTERS {
            r.refuse(
                ProblemCode::Invalid,
                "matters",
                "TOO_MANY",
                Message::new(format!("事项超过 {MAX_MATTERS} 项"), format!("more than {MAX_MATTERS} matters")),
                Message::new("请把事项分到几个条款", "spread the matters over several clauses"),
            );
        }
        matters.sort_unstable();
        let terms = Terms::read(r);
        let mode_label = r.optional_line("modeLabel", 60).map(Into::into);
        let batch = r.optional_line("batch", 200).map(Into::into);
        let period = r.period("validFrom", "validTo");
        Self { key, matters: matters.into(), mode: terms.mode(), mode_label, terms, batch, period }
    }

    pub(crate) fn references(&self) -> Vec<Reference> {
        let matters = self.matters.iter().map(|code| Reference::matter("matters", *code));
        matters.chain(self.terms.references()).collect()
    }
}

/// A district, alone or with all districts below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Territory {
    pub district: DistrictCode,
    pub extent: Extent,
}

impl Territory {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
        Self { district, extent: r.optional_word("extent").unwrap_or(Extent::Itself) }
    }
}

/// A clause of a policy. Its sides are territories; empty: those of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyClause {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub receiving: Box<[Territory]>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub competent: Box<[Territory]>,
    pub reach: Reach,
    #[serde(flatten)]
    pub clause: Clause,
}

impl std::ops::Deref for PolicyClause {
    type Target = Clause;
    fn deref(&self) -> &Clause {
        &self.clause
    }
}

impl PolicyClause {
    pub fn read(r: &mut Reader<'_>) -> Self {
        Clause::check_side(r, "receiving");
        Clause::check_side(r, "competent");
        let receiving = r.objects("receiving", Territory::read).into();
        let competent = r.objects("competent", Territory::read).into();
        let reach = r.optional_word("reach").unwrap_or(Reach::Any);
        Self { receiving, competent, reach, clause: Clause::read(r) }
    }

    pub fn references(&self) -> Vec<Reference> {
        territories("receiving", &self.receiving)
            .chain(territories("competent", &self.competent))
            .chain(self.clause.references())
            .collect()
    }
}

pub(crate) fn territories<'a>(field: &'a str, territories: &'a [Territory]) -> impl Iterator<Item = Reference> + 'a {
    territories
        .iter()
        .enumerate()
        .map(move |(i, territory)| Reference::district(format!("{field}.{i}.district"), territory.district))
}

/// Assigns keys by position to clauses without one, and reports duplicate keys.
pub(crate) fn key_clauses<'a>(clauses: impl Iterator<Item = &'a mut Clause>, r: &mut Reader<'_>) {
    let mut keys = std::collections::BTreeSet::new();
    for (i, clause) in clauses.enumerate() {
        if clause.key.is_empty() {
            clause.key = (i + 1).to_string().into();
        }
        if !keys.insert(clause.key.clone()) {
            r.refuse(
                ProblemCode::Invalid,
                "schedule",
                "CLAUSE_KEY_TWICE",
                Message::new(
                    format!("条款编号“{}”重复", clause.key),
                    format!("two clauses have the key “{}”", clause.key),
                ),
                Message::new("每个条款的 key 应唯一", "give every clause a key of its own"),
            );
        }
    }
}
