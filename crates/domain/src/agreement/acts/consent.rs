//! Consent: signatures and rejections, and whose consent a version needs.

use std::collections::BTreeSet;

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::clause::AgreementClause;
use crate::agreement::diff;
use crate::agreement::lifecycle::{
    LapseReason, Life, Needs, Proposal, Rejection, RejectionKind, Signature, VersionState,
};
use crate::agreement::refusal::{
    NOT_A_PARTY, not_a_party, not_asked, refused, stale, superseded, unknown_clauses, wrong_state,
};
use crate::agreement::remark::RemarkContent;
use crate::agreement::version::{AmendmentRule, ConclusionRule, Version};
use crate::clause::Extent;
use crate::code::DistrictCode;
use crate::journal::Digest;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};

/// What a party signs, and the internal approval behind it.
#[derive(Debug, Clone)]
pub struct Signing {
    pub digest: Digest,
    pub approval_number: Option<Box<str>>,
    pub approved_on: Option<Date>,
}

impl From<Digest> for Signing {
    fn from(digest: Digest) -> Self {
        Self { digest, approval_number: None, approved_on: None }
    }
}

/// How a party rejects, why, and what it wants changed.
#[derive(Debug, Clone)]
pub struct Rejecting {
    pub kind: RejectionKind,
    pub reason: Box<str>,
    pub remarks: Vec<RemarkContent>,
}

impl From<&str> for Rejecting {
    fn from(reason: &str) -> Self {
        Self { kind: RejectionKind::Refuse, reason: reason.into(), remarks: Vec::new() }
    }
}

impl Agreement {
    /// Signs a proposal. A signature over another digest is stale.
    pub fn sign(
        mut self,
        number: u32,
        party: DistrictCode,
        signing: impl Into<Signing>,
        when: When,
    ) -> Result<Self, Problems> {
        let Signing { digest, approval_number, approved_on } = signing.into();
        let at = self.index(number)?;
        let is_ahead = approved_on.filter(|approved| when.today < *approved).map(approved_in_the_future);
        let expected = self.versions[at].digest(self.number);
        let is_stale = (digest != expected).then(|| {
            stale(
                "digest",
                "OTHER_DIGEST",
                Message::new("所签摘要与已发送签约方的版本不一致", "the digest is not that of the proposed version"),
                Message::new(format!("请重新阅读，并签署 {expected}"), format!("read it again and sign {expected}")),
            )
        });
        let of_input: Problems = is_stale.into_iter().chain(is_ahead.clone()).collect();
        let proposal = match self.proposal_to_sign(at, party, when.today) {
            Ok(proposal) if of_input.is_empty() => proposal,
            Ok(_) => return Err(of_input),
            // A district that is not a party cannot sign, so a stale digest is not reported to it.
            Err(problem) if problem.rule == NOT_A_PARTY => {
                return Err(std::iter::once(problem).chain(is_ahead).collect());
            }
            Err(problem) => return Err(std::iter::once(problem).chain(of_input).collect()),
        };
        proposal.signatures.push(Signature {
            party,
            at: when.at,
            on: when.today,
            digest,
            approval_number,
            approved_on,
        });
        Ok(self.with_supersessions())
    }

    fn proposal_to_sign(&mut self, at: usize, party: DistrictCode, on: Date) -> Result<&mut Proposal, Problem> {
        self.ensure_not_voided()?;
        let number = self.versions[at].number;
        let is_party = self.versions[at].party(party).is_some();
        let over = self.superseded_by(at, on);
        let (proposal, state) = self.proposal_mut(number, "签署", "signed", on)?;
        if !is_party && !proposal.signers.contains(&party) {
            return Err(not_a_party(party));
        }
        if let Some(problem) = over {
            return Err(problem);
        }
        if proposal.has_signed(party) {
            return Err(refused(
                "party",
                "ALREADY_SIGNED",
                Message::new("该方已签署", "the party has signed"),
                Message::new("无需重复签署", "nothing to do"),
            ));
        }
        match state {
            VersionState::Proposed | VersionState::Rejected if proposal.has_rejected(party) => {
                let remedy = Message::new("请先收回退回意见", "take the rejection back first");
                return Err(refused(
                    "party",
                    "REJECTED_BEFORE",
                    Message::new("该方已退回该版本", "the party has rejected the version"),
                    remedy,
                ));
            }
            VersionState::Proposed => {}
            VersionState::Draft
            | VersionState::Rejected
            | VersionState::Withdrawn
            | VersionState::Lapsed
            | VersionState::Concluded => {
                return Err(wrong_state(state, "签署", "signed"));
            }
        }
        if proposal.signers.contains(&party) { Ok(proposal) } else { Err(not_asked(proposal.needs)) }
    }

    /// Rejects a proposal, or returns it for changes. Under the rule "no objection" both are an objection, and exclude
    /// the party from the changed clauses.
    pub fn reject(self, number: u32, party: DistrictCode, rejecting: Rejecting, when: When) -> Result<Self, Problems> {
        let unknown =
            self.version(number).map_or_else(Problems::new, |version| unknown_clauses(version, &rejecting.remarks));
        match self.rejected(number, party, rejecting, when) {
            Ok(rejected) if unknown.is_empty() => Ok(rejected),
            Ok(_) => Err(unknown),
            Err(problem) => Err(std::iter::once(problem).chain(unknown).collect()),
        }
    }

    fn rejected(mut self, number: u32, party: DistrictCode, rejecting: Rejecting, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let is_party = self.versions[at].party(party).is_some();
        let objections_until =
            self.versions[at].proposal().map(|proposal| proposal.objections_until(self.versions[at].objection_days));
        let over = self.superseded_by(at, when.today);
        let (proposal, state) = self.proposal_mut(number, "退回", "rejected", when.today)?;
        if !is_party && !proposal.signers.contains(&party) {
            return Err(not_a_party(party));
        }
        if let Some(problem) = over {
            return Err(problem);
        }
        if proposal.has_rejected(party) {
            return Err(refused(
                "party",
                "ALREADY_REJECTED",
                Message::new("该方已退回", "the party has rejected it"),
                Message::new("无需重复退回", "nothing to do"),
            ));
        }
        if proposal.has_signed(party) {
            let remedy = Message::new(
                "已签署的不能退回；可在签订后提出修订或退出",
                "a signed version cannot be rejected; once it is concluded, amend it or give notice",
            );
            return Err(refused("party", "ALREADY_SIGNED", Message::new("该方已签署", "the party has signed"), remedy));
        }
        match state {
            VersionState::Proposed | VersionState::Rejected => {}
            VersionState::Draft | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                return Err(wrong_state(state, "退回", "rejected"));
            }
        }
        let is_asked = proposal.signers.contains(&party);
        match (proposal.needs, objections_until.filter(|until| *until < when.today)) {
            (Needs::All | Needs::Affected | Needs::Lead | Needs::Signatories, _) if !is_asked => {
                return Err(not_asked(proposal.needs));
            }
            (Needs::NoObjection, _) if is_asked => {
                return Err(refused(
                    "party",
                    "OWN_PROPOSAL",
                    Message::new("该版本由本方发送签约方", "the version is the party's own proposal"),
                    Message::new("请撤回该版本", "withdraw it"),
                ));
            }
            (Needs::NoObjection, Some(until)) => {
                return Err(refused(
                    "version",
                    "OBJECTION_PERIOD_OVER",
                    Message::new(format!("异议期已于 {until} 届满"), format!("objections could be made until {until}")),
                    Message::new("可在签订后提出修订，或发出退出通知", "amend it once it is concluded, or give notice"),
                ));
            }
            (Needs::All | Needs::Affected | Needs::Lead | Needs::NoObjection | Needs::Signatories, _) => {}
        }
        let Rejecting { kind, reason, remarks } = rejecting;
        let remarks = remarks.into_iter().map(|remark| remark.by(party, when.at)).collect();
        proposal.rejections.push(Rejection { party, on: when.today, kind, reason, remarks });
        Ok(self.with_supersessions())
    }

    /// Takes a rejection back, up to the day for answers and unless the proposal was withdrawn.
    pub fn undo_rejection(mut self, number: u32, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let objection_days = self.versions[at].objection_days;
        let over = self.superseded_by(at, when.today);
        let (proposal, state) = self.proposal_mut(number, "收回退回", "accepted again", when.today)?;
        if let Some(problem) = over {
            return Err(problem);
        }
        match state {
            VersionState::Proposed | VersionState::Rejected | VersionState::Lapsed => {}
            VersionState::Draft | VersionState::Withdrawn | VersionState::Concluded => {
                return Err(wrong_state(state, "收回退回", "accepted again"));
            }
        }
        let until = match proposal.needs {
            Needs::All | Needs::Affected | Needs::Lead | Needs::Signatories => proposal.answer_by,
            Needs::NoObjection => proposal.answer_by.max(proposal.objections_until(objection_days)),
        };
        if until < when.today {
            let message = Message::new(
                format!("答复期限 {until} 已过"),
                format!("the last day for an answer, {until}, has passed"),
            );
            return Err(refused(
                "version",
                "ANSWER_BY_PAST",
                message,
                Message::new("请另行发送签约方", "have the version proposed again"),
            ));
        }
        if !proposal.has_rejected(party) {
            return Err(refused(
                "party",
                "NOT_REJECTED",
                Message::new("该方没有退回", "the party has not rejected it"),
                Message::new("无需收回", "nothing to do"),
            ));
        }
        proposal.rejections.retain(|rejection| rejection.party != party);
        Ok(self.with_supersessions())
    }

    /// The problem of a proposal that lapsed because another version was concluded over its base.
    fn superseded_by(&self, at: usize, on: Date) -> Option<Problem> {
        let is_over = self.versions[at].lapse_reason(on) == Some(LapseReason::Superseded);
        is_over.then(|| superseded("version", self.concluded(on).map(|concluded| concluded.number)))
    }

    /// The consent that a version needs, and its signers. A first version, or changed terms or parties, need all
    /// parties; a changed schedule follows the amendment rule. A counter-draft also needs the signers that it would
    /// need if the proposal that it answers were concluded first.
    pub(super) fn needed_consent(&self, at: usize, on: Date) -> (Needs, Vec<DistrictCode>) {
        let version = &self.versions[at];
        let base = version.base_version.and_then(|base| self.version(base));
        let below = base.and_then(|base| self.concluded_below(base, on));
        let (Some(base), Some(below)) = (base, below) else {
            return (first_needs(version.concludes), version.districts().collect());
        };
        let needed = self.needed_over(version, below, on);
        if base.number == below.number {
            return needed;
        }
        let also = self.needed_over(version, base, on);
        let needs = if needed.0 == also.0 { needed.0 } else { Needs::All };
        let mut signers = needed.1;
        match needs {
            Needs::All => signers.extend(version.districts().chain(self.members_of(below, on)).chain(base.districts())),
            Needs::Affected | Needs::Lead | Needs::NoObjection | Needs::Signatories => signers.extend(also.1),
        }
        signers.sort_unstable();
        signers.dedup();
        (needs, signers)
    }

    fn needed_over(&self, version: &Version, base: &Version, on: Date) -> (Needs, Vec<DistrictCode>) {
        let named = |version: &Version, member: &dyn Fn(DistrictCode) -> bool| -> BTreeSet<(DistrictCode, Extent)> {
            version
                .parties
                .iter()
                .filter(|party| member(party.district))
                .map(|party| (party.district, party.extent))
                .collect()
        };
        let members: BTreeSet<DistrictCode> = self.members_of(base, on).collect();
        let everyone: BTreeSet<DistrictCode> = version.districts().chain(members.iter().copied()).collect();
        let same_parties = named(version, &|_| true) == named(base, &|party| members.contains(&party));
        let changed = changed_clauses(&base.schedule, &version.schedule);
        if !same_parties || !version.has_terms_of(base) || changed.is_empty() {
            return (Needs::All, everyone.into_iter().collect());
        }
        let proposer = match &version.life {
            Life::Draft(draft) => Some(draft.author),
            Life::Proposal(proposal) => Some(proposal.by),
            Life::Paper(_) => None,
        };
        match (base.amendment_rule, proposer.filter(|proposer| members.contains(proposer))) {
            (AmendmentRule::Lead, _) if members.contains(&base.lead) => (Needs::Lead, vec![base.lead]),
            (AmendmentRule::NoObjection, Some(proposer)) => (Needs::NoObjection, vec![proposer]),
            (AmendmentRule::Affected, _) => (
                Needs::Affected,
                everyone.into_iter().filter(|party| changed.iter().any(|clause| clause.concerns(*party))).collect(),
            ),
            // Without a lead, or without a member as proposer, all parties decide.
            (AmendmentRule::All | AmendmentRule::Lead | AmendmentRule::NoObjection, _) => {
                (Needs::All, everyone.into_iter().collect())
            }
        }
    }

    /// The base itself if it is concluded, else the nearest concluded version among its own bases.
    pub(super) fn concluded_below<'a>(&'a self, base: &'a Version, on: Date) -> Option<&'a Version> {
        let mut at = Some(base);
        // Each base has a smaller number, so the loop ends.
        while let Some(version) = at {
            if version.state(on) == VersionState::Concluded {
                return Some(version);
            }
            at = version.base_version.filter(|base| *base < version.number).and_then(|base| self.version(base));
        }
        None
    }
}

fn approved_in_the_future(approved_on: Date) -> Problem {
    Problem {
        code: ProblemCode::Invalid,
        ..refused(
            "approvedOn",
            "APPROVED_IN_THE_FUTURE",
            Message::new(
                format!("批准日 {approved_on} 还没有到"),
                format!("the day of the approval, {approved_on}, is in the future"),
            ),
            Message::new("请填写实际批准日", "give the actual day of the approval"),
        )
    }
}

/// Whose consent a first version needs.
fn first_needs(concludes: ConclusionRule) -> Needs {
    match concludes {
        ConclusionRule::All => Needs::All,
        ConclusionRule::Signatories => Needs::Signatories,
    }
}

impl AgreementClause {
    /// Whether the party is on one of the sides. An empty side means all parties.
    pub(super) fn concerns(&self, party: DistrictCode) -> bool {
        [&self.receiving, &self.competent].into_iter().any(|side| side.is_empty() || side.contains(&party))
    }
}

/// The added, removed and changed clauses, as they were and as they are.
pub fn changed_clauses<'a>(before: &'a [AgreementClause], after: &'a [AgreementClause]) -> Vec<&'a AgreementClause> {
    diff::clauses(before, after)
        .iter()
        .flat_map(|change| [change.edit.before(), change.edit.after()])
        .flatten()
        .collect()
}
