//! The lifecycle of a version: draft, proposal, conclusion, or paper record. Acts are stored with their days, and the
//! state on a day is derived from them, so no scheduled job is needed.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, Utc};
use serde::Serialize;

use crate::agreement::remark::Remark;
use crate::code::DistrictCode;
use crate::journal::Digest;
use crate::period::Date;
use crate::reading::Reader;
use crate::words::words;

words! {
    /// Whose consent a proposal needs.
    Needs {
        /// Every party signs.
        All = "ALL", "全体签署", "all parties";
        /// The parties of the clauses that change sign.
        Affected = "AFFECTED", "受影响方签署", "the parties affected";
        /// The lead party signs.
        Lead = "LEAD", "牵头方签署", "the lead party";
        /// Parties that do not object consent; only the proposer signs.
        NoObjection = "NO_OBJECTION", "无异议即生效", "no objection";
        /// Those who sign in time become parties.
        Signatories = "SIGNATORIES", "已签署方", "those who sign in time";
    }
}

words! {
    /// The state of a version.
    VersionState {
        Draft = "DRAFT", "草稿", "draft";
        Proposed = "PROPOSED", "已发送签约方", "proposed";
        Rejected = "REJECTED", "已退回", "rejected";
        Withdrawn = "WITHDRAWN", "已撤回", "withdrawn";
        Lapsed = "LAPSED", "逾期未签", "lapsed";
        Concluded = "CONCLUDED", "已签订", "concluded";
    }
}

words! {
    /// Why a proposal has lapsed.
    LapseReason {
        AnswerByPassed = "ANSWER_BY_PASSED", "逾期未答复", "not answered in time";
        Superseded = "SUPERSEDED", "基准版本已变更", "another version was concluded over its base";
    }
}

words! {
    /// How a party rejects a proposal.
    RejectionKind {
        /// It does not agree.
        Refuse = "REFUSE", "不同意", "refused";
        /// It asks for changes.
        Return = "RETURN", "退回修改", "returned for changes";
    }
}

/// The origin of a version, with its acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Life {
    /// Still editable, and visible to its author alone.
    Draft(Draft),
    /// Frozen and submitted to the parties.
    Proposal(Proposal),
    /// Signed on paper and recorded in the registry.
    #[serde(untagged)]
    Paper(Paper),
}

/// A draft (草稿).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    pub author: DistrictCode,
}

/// The record of an agreement signed on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Paper {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<Date>,
    /// The day on which it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_on: Option<Date>,
    /// The party whose registrar recorded it; `None`: a steward, whose record is effective at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorder: Option<DistrictCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
}

/// A correction of a paper record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    pub on: Date,
    pub reason: Box<str>,
}

/// A proposal (发送签约方) with the answers of the parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    pub by: DistrictCode,
    pub on: Date,
    /// The last day for an answer.
    pub answer_by: Date,
    pub needs: Needs,
    /// The districts whose signatures count towards the conclusion.
    pub signers: Vec<DistrictCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejections: Vec<Rejection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_on: Option<Date>,
    /// Why it was withdrawn; required of a steward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_reason: Option<Box<str>>,
    /// The day on which another version was, or will be, concluded over the same base: this one lapses then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_on: Option<Date>,
}

/// A party's signature over one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    pub party: DistrictCode,
    pub at: DateTime<Utc>,
    /// The day in China.
    pub on: Date,
    pub digest: Digest,
    /// The internal approval behind it, for its own district alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_number: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_on: Option<Date>,
}

/// A party's rejection of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    pub party: DistrictCode,
    pub on: Date,
    #[serde(skip_serializing_if = "RejectionKind::is_refusal")]
    pub kind: RejectionKind,
    /// Empty in the published part: only the parties see it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: Box<str>,
    /// Seen by the same callers as the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

impl RejectionKind {
    // serde calls it with a reference.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_refusal(&self) -> bool {
        *self == Self::Refuse
    }
}

/// A party's objection to the renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Objection {
    pub party: DistrictCode,
    pub on: Date,
}

/// Automatic renewal, unless a party objects in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Renewal {
    pub months: u32,
    /// The number of days before the end by which a party must object.
    pub objection_days: u32,
}

impl Proposal {
    pub fn has_signed(&self, party: DistrictCode) -> bool {
        self.signatures.iter().any(|signature| signature.party == party)
    }

    pub fn has_rejected(&self, party: DistrictCode) -> bool {
        self.rejections.iter().any(|rejection| rejection.party == party)
    }

    /// The signers that have not signed yet.
    pub fn outstanding(&self) -> Vec<DistrictCode> {
        let signed: BTreeSet<DistrictCode> = self.signatures.iter().map(|signature| signature.party).collect();
        self.signers.iter().copied().filter(|signer| !signed.contains(signer)).collect()
    }

    /// The day on which a party signed.
    pub fn signed_by(&self, party: DistrictCode) -> Option<Date> {
        self.signatures.iter().find(|signature| signature.party == party).map(|signature| signature.on)
    }

    fn last_signature(&self) -> Option<Date> {
        self.signatures.iter().map(|signature| signature.on).max()
    }

    /// The day of the newest answer, a signature or a rejection.
    pub fn last_answer(&self) -> Option<Date> {
        self.last_signature().max(self.rejections.iter().map(|rejection| rejection.on).max())
    }

    /// The last day for an objection under the rule "no objection".
    pub fn objections_until(&self, objection_days: u32) -> Date {
        self.on.checked_add_days(Days::new(u64::from(objection_days))).unwrap_or(Date::MAX)
    }

    /// The day on which it is concluded. It may lie ahead, if only the date is missing.
    pub fn concluded_on(&self, objection_days: u32) -> Option<Date> {
        if self.withdrawn_on.is_some() {
            return None;
        }
        self.consented_on(objection_days)
            .filter(|consented| self.superseded_on.is_none_or(|superseded| *consented < superseded))
    }

    /// The day on which it has the consent that it needs.
    fn consented_on(&self, objection_days: u32) -> Option<Date> {
        match self.needs {
            Needs::All | Needs::Affected | Needs::Lead => {
                (self.rejections.is_empty() && self.outstanding().is_empty()).then(|| self.last_signature()).flatten()
            }
            Needs::NoObjection => {
                let signed = self.outstanding().is_empty().then(|| self.last_signature()).flatten()?;
                Some(signed.max(self.objections_until(objection_days).succ_opt()?))
            }
            Needs::Signatories if self.signatures.len() < 2 => None,
            Needs::Signatories if self.outstanding().is_empty() => self.last_signature(),
            // A rejection can be taken back until then.
            Needs::Signatories => self.answer_by.succ_opt(),
        }
    }

    /// Whether another version was concluded over its base.
    pub fn is_superseded(&self, on: Date) -> bool {
        self.superseded_on.is_some_and(|superseded| superseded <= on)
    }

    pub(super) fn state(&self, objection_days: u32, on: Date) -> VersionState {
        let refuses = match self.needs {
            Needs::All | Needs::Affected | Needs::Lead => !self.rejections.is_empty(),
            // Here a rejection only excludes the party that rejects.
            Needs::NoObjection | Needs::Signatories => false,
        };
        if self.withdrawn_on.is_some() {
            VersionState::Withdrawn
        } else if self.concluded_on(objection_days).is_some_and(|concluded| concluded <= on) {
            VersionState::Concluded
        } else if self.is_superseded(on) {
            VersionState::Lapsed
        } else if refuses {
            VersionState::Rejected
        } else if self.answer_by < on && self.concluded_on(objection_days).is_none() {
            VersionState::Lapsed
        } else {
            VersionState::Proposed
        }
    }
}

impl Life {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let draft = r.object("draft", |r| Some(Draft { author: r.code("author")? }));
        let proposal = r.object("proposal", Proposal::read);
        let signed_on = r.date("signedOn");
        let recorded_on = r.date("recordedOn");
        let recorder = r.optional_code("recorder");
        let corrections = r.objects("corrections", |r| {
            r.require("on");
            let on = r.date("on");
            let reason = r.line("reason", 2_000).into();
            Some(Correction { on: on?, reason })
        });
        let corrections = corrections.into_iter().flatten().collect();
        match (draft, proposal) {
            (Some(draft), _) => draft.map(Self::Draft),
            (None, Some(proposal)) => proposal.map(Self::Proposal),
            (None, None) => Some(Self::Paper(Paper { signed_on, recorded_on, recorder, corrections })),
        }
    }
}

impl Proposal {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let by = r.code("by");
        r.require("on");
        let on = r.date("on");
        r.require("answerBy");
        let answer_by = r.date("answerBy");
        let needs = r.word("needs");
        let signers = r.codes("signers");
        let signatures = r.objects("signatures", Signature::read).into_iter().flatten().collect();
        let rejections = r.objects("rejections", Rejection::read).into_iter().flatten().collect();
        let withdrawn_on = r.date("withdrawnOn");
        let withdrawn_reason = r.optional_line("withdrawnReason", 2_000).map(Into::into);
        let superseded_on = r.date("supersededOn");
        let (by, on, answer_by, needs) = (by?, on?, answer_by?, needs?);
        Some(Self {
            by,
            on,
            answer_by,
            needs,
            signers,
            signatures,
            rejections,
            withdrawn_on,
            withdrawn_reason,
            superseded_on,
        })
    }
}

impl Signature {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("at");
        let at = r.moment("at");
        r.require("on");
        let on = r.date("on");
        let digest = r.code("digest");
        let (approval_number, approved_on) = Self::read_paper(r);
        Some(Self { party: party?, at: at?, on: on?, digest: digest?, approval_number, approved_on })
    }

    /// The number and the day of the approval behind a signature.
    pub fn read_paper(r: &mut Reader<'_>) -> (Option<Box<str>>, Option<Date>) {
        (r.optional_number_text("approvalNumber", 120).map(Into::into), r.date("approvedOn"))
    }

    pub(super) fn has_paper(&self) -> bool {
        self.approval_number.is_some() || self.approved_on.is_some()
    }
}

impl Objection {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("on");
        let on = r.date("on");
        Some(Self { party: party?, on: on? })
    }
}

impl Rejection {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("on");
        let on = r.date("on");
        let kind = r.optional_word("kind").unwrap_or(RejectionKind::Refuse);
        let reason = r.optional_line("reason", 2_000).unwrap_or_default().into();
        let remarks = r.objects("remarks", Remark::read).into_iter().flatten().collect();
        Some(Self { party: party?, on: on?, kind, reason, remarks })
    }
}

impl Renewal {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            months: r.required_number("months", 1_200),
            objection_days: r.number("objectionDays", 3_660).unwrap_or(30),
        }
    }

    /// The last day of each renewal period, starting with the current one. A period that begins on the first of a month
    /// ends on the last of a month.
    pub fn ends_from(self, first: Date, on: Date) -> impl Iterator<Item = Date> {
        let end = move |periods: u32| {
            let months = Months::new(self.months.checked_mul(periods)?);
            first.succ_opt()?.checked_add_months(months)?.pred_opt()
        };
        let months = (on.year() - first.year()).saturating_mul(12).max(0).unsigned_abs();
        // Start up to a year early, and skip the periods that ended before.
        let before = (months / self.months.max(1)).saturating_sub(12 / self.months.max(1) + 1);
        (before..).map_while(end).skip_while(move |end| *end < on)
    }

    /// The first end that an objection on this day is in time for.
    pub fn end_after_objection(self, first: Date, objected: Date) -> Option<Date> {
        self.ends_from(first, objected.checked_add_days(Days::new(u64::from(self.objection_days)))?).next()
    }
}
