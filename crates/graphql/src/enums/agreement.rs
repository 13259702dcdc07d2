//! The enums of agreements, their versions and parties.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// The state of a version of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::lifecycle::VersionState")]
pub enum VersionState {
    /// A draft (起草). Only the drafting party sees it.
    Draft,
    /// Frozen and sent to all parties for signature (发送签约方).
    Proposed,
    /// A party has rejected it, with a reason (退回).
    Rejected,
    /// The drafting party has withdrawn the proposal (撤回).
    Withdrawn,
    /// The answer-by date passed before all required signatures were given (逾期未签), or another version with the same
    /// base was concluded first.
    Lapsed,
    /// All required signatures were given, over the same digest (已签订).
    Concluded,
}

/// Why a proposal has lapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::lifecycle::LapseReason")]
pub enum LapseReason {
    /// The answer-by date passed before all required answers were given (逾期未答复).
    AnswerByPassed,
    /// Another version with the same base was concluded first (基准版本已变更).
    Superseded,
}

/// The standing of an agreement on a day, computed from its dates and suspensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Standing")]
pub enum Standing {
    /// No version has been concluded (未签订).
    NotConcluded,
    /// Concluded, but not yet in force (待生效).
    Scheduled,
    /// In force (生效中).
    InForce,
    /// Suspended (已暂停): by the registry, or because fewer than two parties are without a suspension of their own.
    Suspended,
    /// The last day of validity has passed (已到期).
    Expired,
    /// Fewer than two parties remain (已终止).
    Terminated,
    /// The record was entered in error (已作废).
    Voided,
}

/// Which parties must sign a changed schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::version::AmendmentRule")]
pub enum AmendmentRule {
    /// All parties.
    All,
    /// The parties of the clauses that were added, removed or changed.
    Affected,
    /// The lead party.
    Lead,
    /// Only the proposer. The other parties are informed; a change does not apply to a party that objects in time.
    NoObjection,
}

/// When the first version of an agreement is concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::version::ConclusionRule")]
pub enum ConclusionRule {
    /// When all parties have signed.
    All,
    /// On the answer-by date, between the parties that have signed by then. For alliances.
    Signatories,
}

/// Which consent a newcomer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::version::Admission")]
pub enum Admission {
    /// None.
    Open,
    /// The consent of the lead party.
    Lead,
    /// The consent of all parties.
    All,
}

/// The answer of a party to the record of an agreement that was signed on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Confirmation")]
pub enum Confirmation {
    /// No answer yet (待确认).
    Recorded,
    /// The party has confirmed the record, or has signed the agreement in this registry (已确认).
    Confirmed,
    /// The party contests the record (有异议).
    Contested,
}

/// The relation of a district to an agreement whose text names it, on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Membership")]
pub enum Membership {
    /// A party (签约方). For an agreement that has ended: a party on its last day.
    Member,
    /// Not a party yet: it has not answered, or its first day lies ahead (尚未加入).
    NotYet,
    /// Never a party: the version was concluded without it (未加入).
    StayedOut,
    /// No longer a party: its last day has passed (已退出).
    Left,
    /// No longer a party: a later version in force does not name it (已移出).
    Dropped,
}

/// How a clause or a party differs between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::diff::DifferenceKind")]
pub enum DifferenceKind {
    /// Only the later version has it (新增).
    Added,
    /// Only the earlier version has it (删除).
    Removed,
    /// Both versions have it, with differences (变更).
    Changed,
}

/// Which parties must answer a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::lifecycle::Needs")]
pub enum ProposalNeeds {
    /// All parties must sign (全体签署).
    All,
    /// The parties of the changed clauses must sign (受影响方签署).
    Affected,
    /// The lead party must sign (牵头方签署).
    Lead,
    /// Only the proposer must sign. The other parties may object until `objectionsUntil` (无异议即生效).
    NoObjection,
    /// No signature is required: the version is concluded between the parties that have signed by the answer-by date
    /// (已签署方).
    Signatories,
}

/// How a party rejects a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::lifecycle::RejectionKind")]
pub enum RejectionKind {
    /// It does not agree (不同意).
    Refuse,
    /// It asks for changes (退回修改).
    Return,
}

/// The state of the approval of a draft by the signatory of its own district.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::office::ApprovalState")]
pub enum DraftApprovalState {
    /// It waits for the signatory (送审中).
    Submitted,
    /// The signatory has approved it (审核通过).
    Approved,
    /// The signatory has given it back, with a reason (审核退回).
    GivenBack,
}

/// The opinion of a signing body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::agreement::office::BodyOpinion")]
pub enum BodyOpinion {
    /// It agrees (同意).
    Agree,
    /// It objects (不同意).
    Object,
}

/// The kind of a document. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::document::DocumentKind")]
pub enum DocumentKind {
    /// The signed text (签署件).
    SignedCopy,
    /// The text with the seals (用印件).
    SealedCopy,
    /// An annex (附件).
    Annex,
    /// A request for approval, and the answer to it (请示批复).
    Approval,
    /// The document with which it was published (公布文件).
    Publication,
    /// Another document (其他).
    Other,
}
