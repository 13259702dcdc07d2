//! The enums of findings.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// The importance of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "catalogue::Severity")]
pub enum Severity {
    /// Records contradict each other: answers may be wrong.
    Error,
    /// Something is missing or outdated: answers are less complete than they could be.
    Warning,
    /// For information.
    Note,
}

/// The rules for findings. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "catalogue::Rule")]
pub enum FindingRule {
    /// Matters of the clause have no published offering in the competent district
    /// (清单所列事项在业务属地没有已发布的实施清单).
    #[graphql(name = "R101_MATTER_WITHOUT_OFFERING")]
    MatterWithoutOffering,
    /// Proxy collection is agreed, but the receiving district has no window for it
    /// (约定异地代收代办，但收件地没有登记通办窗口).
    #[graphql(name = "R102_PROXY_WITHOUT_WINDOW")]
    ProxyWithoutWindow,
    /// Full online is agreed, but the offering requires a visit or has no address
    /// (约定全程网办，但实施清单要求到现场或没有网址).
    #[graphql(name = "R103_ONLINE_AGAINST_OFFERING")]
    OnlineAgainstOffering,
    /// The dates of the clause lie outside those of the agreement (条款的有效期超出协议的有效期).
    #[graphql(name = "R104_CLAUSE_OUTSIDE_AGREEMENT")]
    ClauseOutsideAgreement,
    /// A party is a retired district (签约方是已撤销的区域).
    #[graphql(name = "R105_PARTY_RETIRED")]
    PartyRetired,
    /// Two agreements differ about the same matters between the same parties
    /// (相同两地、相同事项在不同协议中的通办条件不一致).
    #[graphql(name = "R106_CONTRADICTORY_TERMS")]
    ContradictoryTerms,
    /// No signing body of the competent party is responsible for a domain of the schedule
    /// (清单涉及的领域没有签署部门确认（部门未确认）).
    #[graphql(name = "R107_DOMAIN_WITHOUT_BODY")]
    DomainWithoutBody,
    /// The agreement ends within 90 days (协议将在 90 天内到期).
    #[graphql(name = "R108_AGREEMENT_ENDS_SOON")]
    AgreementEndsSoon,
    /// A paper record is not confirmed by its parties 30 days after signing (协议按纸质文本登记，签署满 30
    /// 天仍未由签约方确认).
    #[graphql(name = "R109_RECORDED_BY_ONE_SIDE")]
    OneSided,
    /// Offerings have not been verified for 12 months (实施清单超过 12 个月未核对).
    #[graphql(name = "R110_OFFERING_NOT_VERIFIED")]
    OfferingNotVerified,
    /// Implementing codes or agency codes fail their check (实施编码或实施主体代码校验不通过).
    #[graphql(name = "R111_INVALID_AGENCY_CODE")]
    InvalidAgencyCode,
    /// Joint handling needs exactly one lead (多地联办应有且仅有一个牵头地).
    #[graphql(name = "R112_JOINT_WITHOUT_ONE_LEAD")]
    JointWithoutOneLead,
    /// Windows of a district have the same name or address, apart from character width, spaces and punctuation
    /// (同一区域有多个窗口的名称或地址相同（不计全角半角、空格和标点）).
    #[graphql(name = "R113_DUPLICATE_WINDOW")]
    DuplicateWindow,
    /// A proposed version was not concluded by the answer-by date (已发送签约方的版本已过答复期限，仍未签订).
    #[graphql(name = "R114_UNANSWERED_PAST_ITS_DATE")]
    Unanswered,
    /// Offerings are not matched with a matter (实施清单尚未匹配事项（未匹配）).
    #[graphql(name = "R115_OFFERING_WITHOUT_MATTER")]
    OfferingWithoutMatter,
    /// The code of a province does not end in 0000 (省级区域的代码不以 0000 结尾).
    #[graphql(name = "R116_PROVINCE_CODE_FORM")]
    ProvinceCodeForm,
    /// The event type of the matter is an administrative power, not a service
    /// (事项的类型是行政处罚、强制、征收或检查，不属于通办事项).
    #[graphql(name = "R117_MATTER_IS_POWER")]
    MatterIsPower,
    /// A clause lists retired matters (清单列有已取消的事项).
    #[graphql(name = "R118_RETIRED_MATTER_IN_CLAUSE")]
    MatterRetired,
    /// A renewal is agreed without a last day, so it has no effect (约定了自动续期，但没有截止日，续期不起作用).
    #[graphql(name = "R119_RENEWAL_WITHOUT_END")]
    RenewalWithoutEnd,
    /// Both sides of the clause are the same single party, so the clause never applies
    /// (条款的收件地与业务属地只有同一个签约方，任何两地之间都不成立).
    #[graphql(name = "R120_CLAUSE_NEVER_HOLDS")]
    ClauseNeverHolds,
    /// A step of joint handling is assigned to a district that is not a party (多地联办的步骤由签约方以外的区域承担).
    #[graphql(name = "R121_JOINT_STEP_OF_NON_PARTY")]
    JointStepOfNonParty,
    /// The agreement takes effect before it was signed (生效日早于签署日).
    #[graphql(name = "R122_EFFECTIVE_BEFORE_SIGNED")]
    EffectiveBeforeSigned,
    /// The matter does not name its applicants (事项没有写明服务对象).
    #[graphql(name = "R123_MATTER_WITHOUT_AUDIENCE")]
    MatterWithoutAudience,
    /// The policy does not name the body that issued it (政策没有写明发文机关).
    #[graphql(name = "R124_POLICY_WITHOUT_ISSUER")]
    PolicyWithoutIssuer,
    /// A revision of the policy removed clauses that were in force, which changes answers about past days
    /// (修订政策时删去了当时有效的内容，过去日期的查询结果随之改变).
    #[graphql(name = "R125_POLICY_TAKEN_AWAY")]
    PolicyTakenAway,
}
