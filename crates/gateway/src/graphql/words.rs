//! The office's words as the schema's enums: one value for each of the domain's, with what it means.

use async_graphql::Enum;

/// The language of a text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Locale")]
pub enum Locale {
    /// Chinese (中文).
    Zh,
    /// English.
    En,
}

/// How a matter is handled across districts (通办方式), after 国办发〔2020〕35号; best first. Open: clients need a
/// fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::HandlingMode")]
pub enum HandlingMode {
    /// Full online (全程网办): the applicant hands in on the competent district's own site and never travels.
    FullOnline,
    /// Multi-site joint (多地联办): one place takes the application, several work on it.
    MultiSiteJoint,
    /// Proxy collection (异地代收代办): a window of the receiving district takes the materials in and forwards them;
    /// who decides does not change.
    ProxyCollection,
}

/// Kinds of districts: stated, never deduced from the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::DistrictKind")]
pub enum DistrictKind {
    /// A province, autonomous region or municipality (省级).
    Province,
    /// A prefecture-level city, prefecture or league (地级).
    Prefecture,
    /// A county-level division: county, city district, county-level city (县级).
    County,
    /// A functional zone that can be party to an agreement: a high-tech, development or new area (功能区).
    FunctionalZone,
}

/// How far a district stands for those below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Extent")]
pub enum Extent {
    /// The district alone (仅本级).
    #[graphql(name = "SELF")]
    Itself,
    /// The district and all below it (含下辖).
    #[graphql(name = "SUBTREE")]
    Subtree,
}

/// Where a version of an agreement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::VersionState")]
pub enum VersionState {
    /// A draft (起草): only its author sees it.
    Draft,
    /// Frozen and sent to all parties for signature (送签).
    Proposed,
    /// A party rejected it, with a reason (退回).
    Rejected,
    /// Its author took the proposal back (撤回).
    Withdrawn,
    /// The answer-by date passed without all signatures (逾期未签), or another version was concluded over its base.
    Lapsed,
    /// All whose signature is needed have signed the same digest (已签订).
    Concluded,
}

/// Why a proposal has lapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::life::LapseReason")]
pub enum LapseReason {
    /// The day for answers passed without all that it needs (逾期未答复).
    AnswerByPassed,
    /// Another version was concluded over its base (基准版本已变更).
    Superseded,
}

/// Standing of an agreement on a day, computed from its dates and flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Standing")]
pub enum Standing {
    /// No version has been concluded (未签订).
    NotConcluded,
    /// Concluded, and not yet in force (待生效).
    Scheduled,
    /// In force (生效中).
    InForce,
    /// Stopped by the registry's flag, or fewer than two parties are without a flag (已暂停).
    Suspended,
    /// Its last day has passed (已到期).
    Expired,
    /// Fewer than two parties remain (已终止).
    Terminated,
    /// A record entered in error (已作废).
    Voided,
}

/// Whose signature a changed schedule needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::AmendmentRule")]
pub enum AmendmentRule {
    /// All parties sign.
    All,
    /// The parties of the clauses that were added, removed or changed sign.
    Affected,
    /// The lead party signs.
    Lead,
    /// All are told; who objects in time is left out of what changes.
    NoObjection,
}

/// When a first version is concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::ConclusionRule")]
pub enum ConclusionRule {
    /// When all parties have signed.
    All,
    /// At the answer-by date, between those who have signed: for alliances.
    Signatories,
}

/// How newcomers are admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::Admission")]
pub enum Admission {
    /// No consent is needed.
    Open,
    /// The lead party consents.
    Lead,
    /// All parties consent.
    All,
}

/// What a party says of the record of an agreement that was signed on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Confirmation")]
pub enum Confirmation {
    /// It has not answered yet (待确认).
    Recorded,
    /// It confirms the record, or signed it here (已确认).
    Confirmed,
    /// It contests the record (有异议).
    Contested,
}

/// What a district that the text of an agreement names is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Membership")]
pub enum Membership {
    /// It is a party (签约方); of an agreement that has ended it was one on the last day.
    Member,
    /// It is asked and has not answered, or its first day lies ahead (尚未加入).
    NotYet,
    /// The version was concluded without it (未加入).
    StayedOut,
    /// Its last day has passed (已退出).
    Left,
    /// A later version that has begun does not name it (已移出).
    Dropped,
}

/// Between which districts a clause of a policy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Reach")]
pub enum Reach {
    /// Between any two districts.
    Any,
    /// Between districts of two provinces (跨省).
    AcrossProvinces,
    /// Between districts of one province (省内).
    WithinProvince,
    /// Between districts of one prefecture (市内).
    WithinPrefecture,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Severity")]
pub enum Severity {
    /// Records contradict each other: answers may be wrong.
    Error,
    /// Something is missing or old: answers are poorer than they could be.
    Warning,
    /// Worth knowing.
    Note,
}

/// By which rule something was found, with its number. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Rule")]
pub enum FindingRule {
    /// Matters of the clause have no published offering in the competent district (清单所列事项在业务属地没有已发布的实施清单).
    #[graphql(name = "R101_MATTER_WITHOUT_OFFERING")]
    MatterWithoutOffering,
    /// Proxy collection is agreed, but the receiving district has no window for it (约定异地代收代办，但收件地没有登记通办窗口).
    #[graphql(name = "R102_PROXY_WITHOUT_WINDOW")]
    ProxyWithoutWindow,
    /// Full online is agreed, but the offering asks for a visit or has no address (约定全程网办，但实施清单要求到现场或没有网址).
    #[graphql(name = "R103_ONLINE_AGAINST_OFFERING")]
    OnlineAgainstOffering,
    /// The clause's dates lie outside the agreement's (条款的有效期超出协议的有效期).
    #[graphql(name = "R104_CLAUSE_OUTSIDE_AGREEMENT")]
    ClauseOutsideAgreement,
    /// A party is a retired district (签约方是已撤销的区域).
    #[graphql(name = "R105_PARTY_RETIRED")]
    PartyRetired,
    /// Two agreements say different things about the same matters between the same parties (相同两地、相同事项在不同协议中的通办条件不一致).
    #[graphql(name = "R106_CONTRADICTORY_TERMS")]
    ContradictoryTerms,
    /// No signing body of the competent party stands for a domain of the schedule (清单涉及的领域没有签署部门确认（部门未确认）).
    #[graphql(name = "R107_DOMAIN_WITHOUT_BODY")]
    DomainWithoutBody,
    /// The agreement ends within 90 days (协议将在 90 天内到期).
    #[graphql(name = "R108_AGREEMENT_ENDS_SOON")]
    AgreementEndsSoon,
    /// Recorded from paper, signed more than 30 days ago and not confirmed by its parties (协议按纸质文本登记，签署满 30 天仍未由签约方确认).
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
    /// Windows of a district have the same name or address, but for width, blanks and punctuation (同一区域有多个窗口的名称或地址相同（不计全角半角、空格和标点）).
    #[graphql(name = "R113_DUPLICATE_WINDOW")]
    DuplicateWindow,
    /// Proposed, and not concluded by the day for answers (送签的版本已过答复期限，仍未签订).
    #[graphql(name = "R114_UNANSWERED_PAST_ITS_DATE")]
    Unanswered,
    /// Offerings wait for their matter (实施清单尚未匹配事项（未匹配）).
    #[graphql(name = "R115_OFFERING_WITHOUT_MATTER")]
    OfferingWithoutMatter,
    /// The code of a province does not end in 0000 (省级区域的代码不以 0000 结尾).
    #[graphql(name = "R116_PROVINCE_CODE_FORM")]
    ProvinceCodeForm,
    /// The event type of the matter is a power, not a service (事项的类型是行政处罚、强制、征收或检查，不属于通办事项).
    #[graphql(name = "R117_MATTER_IS_POWER")]
    MatterIsPower,
    /// A clause lists retired matters (清单列有已取消的事项).
    #[graphql(name = "R118_RETIRED_MATTER_IN_CLAUSE")]
    MatterRetired,
    /// A renewal is agreed without a last day, so there is nothing to prolong (约定了自动续期，但没有截止日，续期不起作用).
    #[graphql(name = "R119_RENEWAL_WITHOUT_END")]
    RenewalWithoutEnd,
    /// Both sides of the clause are one and the same party, so it can hold for nobody (条款的收件地与业务属地只有同一个签约方，任何两地之间都不成立).
    #[graphql(name = "R120_CLAUSE_NEVER_HOLDS")]
    ClauseNeverHolds,
    /// A step of joint handling is for a district that is no party (多地联办的步骤由签约方以外的区域承担).
    #[graphql(name = "R121_JOINT_STEP_OF_NON_PARTY")]
    JointStepOfNonParty,
    /// It takes effect before it was signed (生效日早于签署日).
    #[graphql(name = "R122_EFFECTIVE_BEFORE_SIGNED")]
    EffectiveBeforeSigned,
    /// The matter does not say to whom it is open (事项没有写明服务对象).
    #[graphql(name = "R123_MATTER_WITHOUT_AUDIENCE")]
    MatterWithoutAudience,
    /// The policy does not say who issued it (政策没有写明发文机关).
    #[graphql(name = "R124_POLICY_WITHOUT_ISSUER")]
    PolicyWithoutIssuer,
    /// A revision of the policy took away what was in force, for past days too (修订政策时删去了当时有效的内容，过去日期的查询结果随之改变).
    #[graphql(name = "R125_POLICY_TAKEN_AWAY")]
    PolicyTakenAway,
}

/// Kind of record that a change is about. Open: clients need a fallback.
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
    /// A document attached to an agreement.
    Document,
    /// A key to the API; only stewards see these changes.
    ApiKey,
    /// A finding (自查问题).
    Finding,
}

/// Kinds of applicants. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Audience")]
pub enum Audience {
    /// A person (个人).
    NaturalPerson,
    /// A company or another organisation (法人和其他组织).
    Organisation,
}

/// The answer to whether a matter can be handled in one district for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Answer")]
pub enum HandlingAnswer {
    /// Yes: there is a route at least.
    Available,
    /// A basis covers it, but the competent district does not offer the matter now.
    NotOffered,
    /// No basis covers it on that day; the reasons say why.
    NotCovered,
    /// No matter has this code.
    UnknownMatter,
    /// No district has one of these codes.
    UnknownDistrict,
    /// A code or the day of the question is malformed: `reasons` name the field and what is expected. Only `handlings` answers so.
    Malformed,
}

/// The field of administration that a matter belongs to. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MatterDomain")]
pub enum MatterDomain {
    /// Public security (公安): identity cards, household registration, entry and exit.
    PublicSecurity,
    /// Medical insurance (医保).
    MedicalInsurance,
    /// Market regulation (市场监管): companies, licences.
    MarketRegulation,
    /// Real estate registration (不动产).
    RealEstate,
    /// Health (卫健).
    Health,
    /// Civil affairs (民政): marriage, social assistance.
    CivilAffairs,
    /// Transport (交通).
    Transport,
    /// Human resources and social security (人社).
    HumanResourcesSocialSecurity,
    /// Housing provident fund (公积金).
    HousingFund,
    /// Education (教育).
    Education,
    /// Justice (司法).
    Justice,
    /// Taxation (税务).
    Taxation,
    /// Housing and construction (住建).
    Construction,
    /// Natural resources (自然资源).
    NaturalResources,
    /// Ecology and environment (生态环境).
    Environment,
    /// Water (水利).
    Water,
    /// Agriculture and rural affairs (农业农村).
    Agriculture,
    /// Culture and tourism (文旅).
    CultureTourism,
    /// Emergency management (应急).
    Emergency,
    /// Veterans affairs (退役军人).
    Veterans,
    /// Affairs of people with disabilities (残联).
    Disability,
    /// None of the others (其他).
    Other,
}

/// Roles of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role")]
pub enum Role {
    /// Asks at volume and follows the change feed.
    Partner,
    /// Drafts, records and keeps records for its district (经办人).
    Registrar,
    /// Binds its district: signs, rejects, suspends, gives notice (签发人).
    Signatory,
    /// Runs the registry (平台管理员).
    Steward,
}

/// What a window may do for the competent authority, which keeps the decision. Open: clients need a
/// fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::handling::WindowTask")]
pub enum WindowTask {
    /// Guides the applicant (咨询引导).
    Guide,
    /// Receives the application (收件).
    Receive,
    /// Checks the form of the materials (形式审查).
    FormalCheck,
    /// Checks the applicant's identity (身份核验).
    IdentityCheck,
    /// Tells once all that is missing (一次性告知补正).
    OneTimeNotice,
    /// Hands over the result (送达结果).
    DeliverResult,
}

/// Payers of a cost. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::handling::Payer")]
pub enum Payer {
    /// The receiving district.
    Receiving,
    /// The competent district.
    Competent,
    /// The applicant.
    Applicant,
    /// Both districts.
    Shared,
}

/// The domain's values of a list, each once: so a list is no longer than the enum has values.
pub(crate) fn domain<G: Into<D>, D: PartialEq>(values: Option<Vec<G>>) -> Vec<D> {
    let mut once = Vec::new();
    for value in values.into_iter().flatten().map(Into::into) {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    once
}

/// The schema's values of a list.
pub(crate) fn schema<D: Copy + Into<G>, G>(values: &[D]) -> Vec<G> {
    values.iter().map(|value| (*value).into()).collect()
}

/// The remedy of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ProblemCode")]
pub enum ProblemCode {
    /// A field is malformed or missing: correct it.
    Invalid,
    /// Understood, but a rule forbids it.
    Refused,
    /// The named record does not exist, or the caller may not see it.
    NotFound,
    /// It conflicts with a record that exists.
    Conflict,
    /// The record has moved on since it was read: read it again.
    Stale,
}

/// Acts on records. New acts come with new releases: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::journal::Action")]
pub enum ChangeAction {
    /// Registered (登记).
    Registered,
    /// Revised (修订).
    Revised,
    /// Retired (取消).
    Retired,
    /// Withdrawn (撤销).
    Withdrawn,
    /// Closed (关闭).
    Closed,
    /// Issued (签发).
    Issued,
    /// Revoked (吊销).
    Revoked,
    /// Drafted (起草).
    Drafted,
    /// Amended (起草修订).
    Amended,
    /// Draft revised (修改草稿).
    DraftRevised,
    /// Draft discarded (删除草稿).
    DraftDiscarded,
    /// Proposed (送签).
    Proposed,
    /// Proposal withdrawn (撤回送签).
    ProposalWithdrawn,
    /// Signed (签署).
    Signed,
    /// Concluded (签订).
    Concluded,
    /// Rejected (退回).
    Rejected,
    /// Rejection taken back (收回退回).
    RejectionUndone,
    /// Acceded (申请加入).
    Acceded,
    /// Admitted (同意加入).
    Admitted,
    /// Recorded from paper (登记纸质协议).
    Recorded,
    /// Confirmed (确认).
    Confirmed,
    /// Contested (提出异议).
    Contested,
    /// Corrected (更正).
    Corrected,
    /// Voided (作废).
    Voided,
    /// Suspended (暂停).
    Suspended,
    /// Resumed (恢复).
    Resumed,
    /// Notice given (告知退出).
    NoticeGiven,
    /// Notice revoked (撤销退出告知).
    NoticeRevoked,
    /// Stopped by the registry (紧急停用).
    Stopped,
    /// Released by the registry (解除停用).
    Released,
    /// Renewal opposed (反对续期).
    RenewalOpposed,
    /// Attached (附上文件).
    Attached,
    /// Lapsed (逾期未签).
    Lapsed,
    /// Took effect (生效).
    TookEffect,
    /// Expired (到期).
    Expired,
    /// Terminated (终止).
    Terminated,
    /// Renewed (续期).
    Renewed,
    /// A party left (退出).
    Left,
    /// Suspension ended (暂停期满).
    SuspensionEnded,
}

/// Codes of reasons (a matter cannot be handled) and of notices (beside a yes). New codes come with new releases: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::ReasonCode")]
pub enum ReasonCode {
    /// Malformed (格式不对).
    Malformed,
    /// Unknown district (没有这个区域).
    UnknownDistrict,
    /// Unknown matter (没有这个事项).
    UnknownMatter,
    /// Same district (收件地与业务属地相同).
    SameDistrict,
    /// District retired (区域已撤销).
    DistrictRetired,
    /// Matter retired (事项已取消).
    MatterRetired,
    /// Suspended (已暂停).
    Suspended,
    /// Clause not in date (不在条款有效期内).
    ClauseNotInDate,
    /// Basis not yet in force (依据尚未生效).
    BasisNotYetInForce,
    /// Offering withdrawn (实施清单已撤销).
    OfferingWithdrawn,
    /// Offering missing (没有实施清单).
    OfferingMissing,
    /// Only in the other direction (只有相反方向).
    OnlyOtherDirection,
    /// Basis ended (依据已失效).
    BasisEnded,
    /// No schedule yet (尚无事项清单).
    NoScheduleYet,
    /// Matter not in the schedule (事项未列入清单).
    MatterNotInSchedule,
    /// Both under one party (同属一个签约方).
    SameParty,
    /// No common basis (没有共同的依据).
    NoCommonBasis,
    /// Recorded by one side (单方登记).
    RecordedByOneSide,
    /// Guide missing (没有办事指南).
    GuideMissing,
    /// Guide not verified lately (办事指南久未核对).
    GuideOld,
    /// No window registered (没有登记窗口).
    NoWindow,
    /// District succeeded (区域已由他区承继).
    DistrictSucceeded,
    /// Ends soon (即将到期).
    EndsSoon,
}

/// How a clause or a party differs between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::diff::DifferenceKind")]
pub enum DifferenceKind {
    /// It was not there before (新增).
    Added,
    /// It is not there any more (删除).
    Removed,
    /// It differs (变更).
    Changed,
}

/// Actors of duties. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Actor")]
pub enum DutyActor {
    /// The applicant (申请人).
    Applicant,
    /// A window of the receiving district (收件地窗口).
    ReceivingWindow,
    /// The authority of the competent district, which decides (业务属地审批部门).
    CompetentAuthority,
    /// The leading district of joint handling (牵头地).
    Lead,
    /// A cooperating district of joint handling (协同地).
    Cooperating,
}

/// Units of days. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::DayKind")]
pub enum DayKind {
    /// Working days (工作日).
    WorkingDay,
    /// Calendar days (自然日).
    CalendarDay,
    /// At once: the number of days does not matter (即办).
    AtOnce,
    /// A word that is not in this list; the line of `/export` has it (其他).
    Other,
}

/// Whether a material must be there. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Necessity")]
pub enum MaterialNecessity {
    /// Required (必要).
    Required,
    /// Optional (非必要).
    Optional,
    /// It may follow within `deferrableDays` (可容缺后补).
    Deferrable,
    /// A word that is not in this list; the line of `/export` has it (其他).
    Other,
}

/// In which form a material is handed in. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Medium")]
pub enum MaterialMedium {
    /// The original (原件).
    Original,
    /// A copy (复印件).
    Copy,
    /// An electronic file (电子件).
    Electronic,
    /// A word that is not in this list; the line of `/export` has it (其他).
    Other,
}

/// Kinds of windows. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::WindowKind")]
pub enum WindowKind {
    /// A service hall (政务服务大厅).
    Hall,
    /// The hall of a department (部门办事大厅).
    DepartmentHall,
    /// A township or subdistrict (乡镇（街道）便民服务中心).
    Township,
    /// A village or community (村（社区）便民服务站).
    Community,
    /// An outlet of a bank (银行网点).
    BankOutlet,
    /// A post office (邮政网点).
    PostOutlet,
    /// A self-service terminal (自助终端).
    SelfService,
    /// A remote video desk (远程视频).
    RemoteVideo,
    /// A word that is not in this list; the line of `/export` has it (其他).
    Other,
}

/// Whose answer a proposal needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::life::Needs")]
pub enum ProposalNeeds {
    /// All parties sign (全体签署).
    All,
    /// The parties of the clauses that changed sign (受影响方签署).
    Affected,
    /// The lead party signs (牵头方签署).
    Lead,
    /// Nobody needs to sign but the proposer; the others may object until `objectionsUntil` (无异议即生效).
    NoObjection,
    /// Whoever signs until the day for answers is in (已签署方).
    Signatories,
}

/// The word of a record as the schema's enum.
pub(crate) fn stored<D, G>(word: &str, other: D) -> G
where
    D: std::str::FromStr + Into<G>,
{
    word.parse().unwrap_or(other).into()
}
