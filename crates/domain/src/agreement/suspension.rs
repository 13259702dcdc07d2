//! Suspensions of an agreement: their days, their scope, and their ids.

use std::fmt;

use serde::Serialize;

use crate::agreement::Agreement;
use crate::code::{AgreementNumber, DistrictCode, MatterCode};
use crate::journal::Digest;
use crate::period::Date;
use crate::problem::{Message, ProblemCode};
use crate::reading::Reader;
use crate::reference::Reference;

/// A suspension (暂停) of a party, or a stop of the registry. It applies from `since` to `until`, and ends before the
/// day on which it is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// `None`: a stop of the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<DistrictCode>,
    #[serde(skip_serializing_if = "StopScope::is_everything")]
    pub scope: StopScope,
    pub since: Date,
    /// The day on which it was set, if that was before its first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_on: Option<Date>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared_on: Option<Date>,
    /// Set by contesting the paper record, and cleared by confirming it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contests: bool,
    /// For its author, the parties and stewards. Empty in what others see.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: Box<str>,
    /// For everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_text: Option<Box<str>>,
    /// Why it was cleared; for those who see the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<Box<str>>,
}

/// The routes that a suspension stops. A list means any of its entries; several lists together mean all of them;
/// nothing named means everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StopScope {
    /// The keys of clauses.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub clauses: Box<[Box<str>]>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub matters: Box<[MatterCode]>,
    /// The receiving districts, with all below them.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub receiving: Box<[DistrictCode]>,
    /// The competent districts, with all below them.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub competent: Box<[DistrictCode]>,
}

/// A suspension to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuspension {
    pub scope: StopScope,
    pub reason: Box<str>,
    pub public_text: Option<Box<str>>,
    /// The first day; `None`: today.
    pub from: Option<Date>,
    pub until: Option<Date>,
}

impl NewSuspension {
    /// A suspension of everything from today on.
    pub fn whole(reason: impl Into<Box<str>>, until: Option<Date>) -> Self {
        Self { scope: StopScope::default(), reason: reason.into(), public_text: None, from: None, until }
    }
}

impl Suspension {
    pub fn applies_on(&self, on: Date) -> bool {
        self.since <= on && !self.is_over(on)
    }

    /// Whether its last day has passed, or it was cleared.
    pub fn is_over(&self, on: Date) -> bool {
        self.until.is_some_and(|until| until < on) || self.cleared_on.is_some_and(|cleared| cleared <= on)
    }

    /// Whether it has a reason that only some may see.
    pub(crate) fn has_reasons(&self) -> bool {
        !self.reason.is_empty() || self.end_reason.is_some()
    }

    /// The part that everybody may see.
    pub(crate) fn without_reasons(&self) -> Self {
        Self { reason: "".into(), end_reason: None, ..self.clone() }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.optional_code("party");
        let scope = r.object("scope", StopScope::read).unwrap_or_default();
        r.require("since");
        let since = r.date("since");
        let set_on = r.date("setOn");
        let until = r.date("until");
        let cleared_on = r.date("clearedOn");
        let contests = r.flag("contests");
        let reason = r.optional_line("reason", MAX_REASON).unwrap_or_default().into();
        let public_text = r.optional_line("publicText", MAX_REASON).map(Into::into);
        let end_reason = r.optional_line("endReason", MAX_REASON).map(Into::into);
        Some(Self { party, scope, since: since?, set_on, until, cleared_on, contests, reason, public_text, end_reason })
    }
}

/// Maximum length of a reason and of a public text.
const MAX_REASON: usize = 2_000;
/// Maximum number of entries in a list of a scope.
const MAX_LISTED: usize = 1_000;

impl StopScope {
    /// Whether it names nothing, and so stops everything.
    pub fn is_everything(&self) -> bool {
        let Self { clauses, matters, receiving, competent } = self;
        clauses.is_empty() && matters.is_empty() && receiving.is_empty() && competent.is_empty()
    }

    /// Reads the scope; its lists become sets.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let scope = Self {
            clauses: r.lines("clauses", 80).into_iter().map(Into::into).collect(),
            matters: r.codes("matters").into(),
            receiving: r.codes("receiving").into(),
            competent: r.codes("competent").into(),
        };
        for field in ["clauses", "matters", "receiving", "competent"] {
            if r.is_empty(field) {
                r.refuse(
                    ProblemCode::Invalid,
                    field,
                    "EMPTY_LIST",
                    Message::new("列表为空", "the list is empty"),
                    Message::new("请列出内容；如不限，请不填此项", "name entries, or leave the field out to mean all"),
                );
            }
        }
        let Self { clauses, matters, receiving, competent } = &scope;
        let counts = [
            ("clauses", clauses.len()),
            ("matters", matters.len()),
            ("receiving", receiving.len()),
            ("competent", competent.len()),
        ];
        for (field, count) in counts.into_iter().filter(|(_, count)| *count > MAX_LISTED) {
            r.refuse(
                ProblemCode::Invalid,
                field,
                "TOO_MANY",
                Message::new(
                    format!("列了 {count} 项，最多 {MAX_LISTED} 项"),
                    format!("{count} entries are listed; at most {MAX_LISTED} can be"),
                ),
                Message::new("请分成几次，或扩大范围", "use several suspensions, or a wider scope"),
            );
        }
        scope.sorted()
    }

    /// The same scope with its lists in order, so that equal scopes are equal values.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        fn set<T: Ord>(list: &mut Box<[T]>) {
            let mut entries = std::mem::take(list).into_vec();
            entries.sort_unstable();
            entries.dedup();
            *list = entries.into();
        }
        set(&mut self.clauses);
        set(&mut self.matters);
        set(&mut self.receiving);
        set(&mut self.competent);
        self
    }

    /// The records that it names.
    pub fn references(&self) -> Vec<Reference> {
        let matters = self.matters.iter().enumerate().map(|(i, code)| Reference::matter(format!("matters.{i}"), *code));
        let districts = |field: &'static str, codes: &[DistrictCode]| {
            codes
                .iter()
                .enumerate()
                .map(|(i, code)| Reference::district(format!("{field}.{i}"), *code))
                .collect::<Vec<_>>()
        };
        matters.chain(districts("receiving", &self.receiving)).chain(districts("competent", &self.competent)).collect()
    }
}

/// The id of a suspension: its agreement, and a digest of what never changes of it. So records of every age have ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuspensionId {
    pub agreement: AgreementNumber,
    key: u64,
}

const PREFIX: &str = "sus_";

impl fmt::Display for SuspensionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_{:016x}", self.agreement, self.key)
    }
}

impl SuspensionId {
    /// `None`: the text is no such id.
    pub fn parse(text: &str) -> Option<Self> {
        let (agreement, key) = text.strip_prefix(PREFIX)?.rsplit_once('_')?;
        let is_lexical = key.len() == 16 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let key = u64::from_str_radix(key, 16).ok().filter(|_| is_lexical)?;
        Some(Self { agreement: agreement.parse().ok()?, key })
    }
}

impl Agreement {
    /// The id of the suspension at an index.
    pub fn suspension_id(&self, at: usize) -> SuspensionId {
        #[derive(Serialize)]
        struct Unchanging<'a> {
            number: AgreementNumber,
            party: Option<DistrictCode>,
            scope: &'a StopScope,
            since: Date,
            contests: bool,
            /// How many before it are alike.
            alike: usize,
        }
        let Suspension { party, scope, since, contests, .. } = &self.suspensions[at];
        let is_alike = |other: &&Suspension| {
            (other.party, &other.scope, other.since, other.contests) == (*party, scope, *since, *contests)
        };
        let alike = self.suspensions[..at].iter().filter(is_alike).count();
        let unchanging =
            Unchanging { number: self.number, party: *party, scope, since: *since, contests: *contests, alike };
        let line = serde_json::to_vec(&unchanging).expect("codes and days are JSON");
        SuspensionId { agreement: self.number, key: Digest::of(&line).first_word() }
    }

    /// The index of the suspension with an id.
    pub fn suspension_at(&self, id: SuspensionId) -> Option<usize> {
        (0..self.suspensions.len()).find(|at| self.suspension_id(*at) == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading;

    fn agreement(suspensions: &serde_json::Value) -> Agreement {
        let value = serde_json::json!({
            "title": "试点协议", "signedOn": "2021-05-28", "suspensions": suspensions,
            "parties": [{"district": "440115"}, {"district": "310112"}], "schedule": [],
        });
        let mut problems = Vec::new();
        let submission = reading::read(&value, &mut problems, Agreement::read).flatten().expect("it reads");
        assert_eq!(problems, []);
        submission.numbered("TB-2021-000001".parse().expect("a number"))
    }

    #[test]
    fn an_id_stays_while_the_days_and_texts_change() {
        let [was, is] = [
            serde_json::json!([{ "since": "2022-01-01", "scope": { "matters": ["000109002000", "000109001000"] }, "reason": "…" }]),
            serde_json::json!([{ "since": "2022-01-01", "scope": { "matters": ["000109001000", "000109002000"] }, "until": "2022-02-01", "clearedOn": "2022-01-20", "publicText": "系统升级" }]),
        ]
        .map(|suspensions| agreement(&suspensions));
        let id = was.suspension_id(0);
        assert_eq!(is.suspension_id(0), id);
        assert_eq!(SuspensionId::parse(&id.to_string()), Some(id));
        assert_eq!((is.suspension_at(id), agreement(&serde_json::json!([])).suspension_at(id)), (Some(0), None));
    }

    #[test]
    fn suspensions_of_one_agreement_have_different_ids() {
        let each = agreement(&serde_json::json!([
            { "since": "2022-01-01" }, { "since": "2022-01-01" }, { "since": "2022-01-02" },
            { "since": "2022-01-01", "party": "440115" }, { "since": "2022-01-01", "party": "440115", "contests": true },
            { "since": "2022-01-01", "scope": { "receiving": ["440115"] } }, { "since": "2022-01-01", "scope": { "competent": ["440115"] } },
        ]));
        let ids: std::collections::BTreeSet<_> = (0..each.suspensions.len()).map(|at| each.suspension_id(at)).collect();
        assert_eq!(ids.len(), each.suspensions.len());
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in ["", "sus_", "sus_TB-2021-000001", "sus_TB-2021-000001_+123456789abcdef", "sus_x_0123456789abcdef"]
        {
            assert_eq!(SuspensionId::parse(text), None, "{text}");
        }
    }
}
