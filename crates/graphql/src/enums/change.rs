//! The enums of changes.

use async_graphql::Enum;

/// The kind of a record. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::RecordKind")]
pub enum RecordKind {
    /// A district (区域).
    District,
    /// A matter (事项).
    Matter,
    /// An offering (实施清单).
    Offering,
    /// A window (通办窗口).
    Window,
    /// An agreement (协议).
    Agreement,
    /// A policy (政策依据).
    Policy,
    /// A document attached to an agreement (附件).
    Document,
    /// An API key. Only stewards see these changes.
    ApiKey,
    /// A person who signs in by an identity provider (人员). Only stewards see these changes.
    Person,
    /// A role of a person for a district (授权). Only stewards see these changes.
    Grant,
    /// Feedback (纠错). Only stewards see these changes.
    Feedback,
    /// A finding (数据问题).
    Finding,
}

/// The acts that change records. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::journal::Action")]
pub enum ChangeAction {
    /// A record was registered (登记).
    Registered,
    /// A record was revised (修订).
    Revised,
    /// A matter or a district was retired (取消).
    Retired,
    /// An offering was withdrawn (撤销).
    Withdrawn,
    /// A window was closed (关闭).
    Closed,
    /// An API key was issued (签发).
    Issued,
    /// An API key was revoked (吊销).
    Revoked,
    /// A first draft was made (起草).
    Drafted,
    /// A draft of a further version was made (起草修订).
    Amended,
    /// A draft was revised (修改草稿).
    DraftRevised,
    /// A draft was discarded (删除草稿).
    DraftDiscarded,
    /// A draft was submitted to the signatory of its own district (送审).
    Submitted,
    /// The signatory approved a draft of its own district (审核通过).
    Approved,
    /// The signatory gave a draft of its own district back (审核退回).
    GivenBack,
    /// Districts may read a draft and remark on it (征求意见).
    Consulted,
    /// A district remarked on a version (提出意见).
    Remarked,
    /// A signing body gave its opinion (部门会签).
    BodyConfirmed,
    /// A district was reminded of its answer (催办).
    Reminded,
    /// A draft was proposed to the parties (发送签约方).
    Proposed,
    /// A proposal was withdrawn (撤回已发送签约方的版本).
    ProposalWithdrawn,
    /// A party signed (签署).
    Signed,
    /// All required signatures were given, and the version is concluded (签订).
    Concluded,
    /// A party rejected a version (不同意).
    Rejected,
    /// A party returned a version for changes (退回修改).
    Returned,
    /// A rejection was taken back (收回退回).
    RejectionUndone,
    /// A newcomer signed and waits for consent (申请加入).
    Acceded,
    /// A newcomer became a party (同意加入).
    Admitted,
    /// A paper agreement was recorded (登记纸质协议).
    Recorded,
    /// A party confirmed a paper record (确认).
    Confirmed,
    /// A party contested a paper record (提出异议).
    Contested,
    /// A paper record was corrected (更正).
    Corrected,
    /// A record was voided (作废).
    Voided,
    /// A party suspended the agreement (暂停).
    Suspended,
    /// A suspension by a party ended (恢复).
    Resumed,
    /// A party gave notice (发出退出通知).
    NoticeGiven,
    /// A notice was revoked (撤销退出通知).
    NoticeRevoked,
    /// The registry suspended the agreement (紧急停用).
    Stopped,
    /// The suspension by the registry ended (解除停用).
    Released,
    /// A party objected to the renewal (反对续期).
    RenewalOpposed,
    /// A document was attached (附上文件).
    Attached,
    /// A proposal lapsed (逾期未签).
    Lapsed,
    /// A version took effect (生效).
    TookEffect,
    /// The agreement expired (到期).
    Expired,
    /// The agreement ended because fewer than two parties remained (终止).
    Terminated,
    /// The agreement was renewed for another period (续期).
    Renewed,
    /// The last day of a leaving party passed (退出).
    Left,
    /// The last day for remarks on a draft passed (征求意见结束).
    ConsultationEnded,
    /// The first day of a suspension that was set before (暂停开始).
    SuspensionBegan,
    /// The last day of a suspension passed (暂停期满).
    SuspensionEnded,
}
