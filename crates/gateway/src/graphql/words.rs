//! The enums of the schema. Each has one value for each value of the domain's enum.

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

/// A handling mode (通办方式): how a matter is handled across districts, as 国办发〔2020〕35号 defines it. In order of
/// preference. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::HandlingMode")]
pub enum HandlingMode {
    /// Full online (全程网办): the applicant submits on the website of the competent district and never travels.
    FullOnline,
    /// Multi-site joint (多地联办): one place takes the application, several work on it.
    MultiSiteJoint,
    /// Proxy collection (异地代收代办): a window of the receiving district takes the materials and forwards them. The
    /// competent district decides.
    ProxyCollection,
}

/// Kinds of districts. The kind is stated in the record and never deduced from the code.
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

/// Whether the districts below a district are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Extent")]
pub enum Extent {
    /// The district alone (仅本级).
    #[graphql(name = "SELF")]
    Itself,
    /// The district and all districts below it (含下辖).
    #[graphql(name = "SUBTREE")]
    Subtree,
}

/// The state of a version of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::lifecycle::VersionState")]
pub enum VersionState {
    /// A draft (起草). Only the drafting party sees it.
    Draft,
    /// Frozen and sent to all parties for signature (送签).
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::lifecycle::LapseReason")]
pub enum LapseReason {
    /// The answer-by date passed before all required answers were given (逾期未答复).
    AnswerByPassed,
    /// Another version with the same base was concluded first (基准版本已变更).
    Superseded,
}

/// The standing of an agreement on a day, computed from its dates and suspensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::version::AmendmentRule")]
pub enum AmendmentRule {
    /// All parties.
    All,
    /// The parties of the clauses that were added, removed or changed.
    Affected,
    /// The lead party.
    Lead,
    /// None but the proposer. The other parties are informed; a change does not apply to a party that objects in time.
    NoObjection,
}

/// When the first version of an agreement is concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::version::ConclusionRule")]
pub enum ConclusionRule {
    /// When all parties have signed.
    All,
    /// On the answer-by date, between the parties that have signed by then. For alliances.
    Signatories,
}

/// Which consent a newcomer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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

/// Between which districts a clause of a policy applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Reach")]
pub enum Reach {
    /// Between any two districts.
    Any,
    /// Between districts of different provinces (跨省).
    AcrossProvinces,
    /// Between districts of the same province (省内).
    WithinProvince,
    /// Between districts of the same prefecture (市内). A municipality counts as one prefecture.
    WithinPrefecture,
}

/// The importance of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Severity")]
pub enum Severity {
    /// Records contradict each other: answers may be wrong.
    Error,
    /// Something is missing or old: answers are less complete than they could be.
    Warning,
    /// For information.
    Note,
}

/// The rules for findings. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Rule")]
pub enum FindingRule {
    /// Matters of the clause have no published offering in the competent district (清单所列事项在业务属地没有已发布的实施清单).
    #[graphql(name = "R101_MATTER_WITHOUT_OFFERING")]
    MatterWithoutOffering,
    /// Proxy collection is agreed, but the receiving district has no window for it (约定异地代收代办，但收件地没有登记通办窗口).
    #[graphql(name = "R102_PROXY_WITHOUT_WINDOW")]
    ProxyWithoutWindow,
    /// Full online is agreed, but the offering requires a visit or has no address (约定全程网办，但实施清单要求到现场或没有网址).
    #[graphql(name = "R103_ONLINE_AGAINST_OFFERING")]
    OnlineAgainstOffering,
    /// The dates of the clause lie outside those of the agreement (条款的有效期超出协议的有效期).
    #[graphql(name = "R104_CLAUSE_OUTSIDE_AGREEMENT")]
    ClauseOutsideAgreement,
    /// A party is a retired district (签约方是已撤销的区域).
    #[graphql(name = "R105_PARTY_RETIRED")]
    PartyRetired,
    /// Two agreements differ about the same matters between the same parties (相同两地、相同事项在不同协议中的通办条件不一致).
    #[graphql(name = "R106_CONTRADICTORY_TERMS")]
    ContradictoryTerms,
    /// No signing body of the competent party is responsible for a domain of the schedule (清单涉及的领域没有签署部门确认（部门未确认）).
    #[graphql(name = "R107_DOMAIN_WITHOUT_BODY")]
    DomainWithoutBody,
    /// The agreement ends within 90 days (协议将在 90 天内到期).
    #[graphql(name = "R108_AGREEMENT_ENDS_SOON")]
    AgreementEndsSoon,
    /// A paper record is not confirmed by its parties 30 days after signing (协议按纸质文本登记，签署满 30 天仍未由签约方确认).
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
    /// A proposed version was not concluded by the answer-by date (送签的版本已过答复期限，仍未签订).
    #[graphql(name = "R114_UNANSWERED_PAST_ITS_DATE")]
    Unanswered,
    /// Offerings are not matched with a matter (实施清单尚未匹配事项（未匹配）).
    #[graphql(name = "R115_OFFERING_WITHOUT_MATTER")]
    OfferingWithoutMatter,
    /// The code of a province does not end in 0000 (省级区域的代码不以 0000 结尾).
    #[graphql(name = "R116_PROVINCE_CODE_FORM")]
    ProvinceCodeForm,
    /// The event type of the matter is an administrative power, not a service (事项的类型是行政处罚、强制、征收或检查，不属于通办事项).
    #[graphql(name = "R117_MATTER_IS_POWER")]
    MatterIsPower,
    /// A clause lists retired matters (清单列有已取消的事项).
    #[graphql(name = "R118_RETIRED_MATTER_IN_CLAUSE")]
    MatterRetired,
    /// A renewal is agreed without a last day, so it has no effect (约定了自动续期，但没有截止日，续期不起作用).
    #[graphql(name = "R119_RENEWAL_WITHOUT_END")]
    RenewalWithoutEnd,
    /// Both sides of the clause are the same single party, so the clause applies to nobody
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
    /// A finding (自查问题).
    Finding,
}

/// Kinds of applicants. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Audience")]
pub enum Audience {
    /// Natural persons (个人).
    NaturalPerson,
    /// Companies and other organisations (法人和其他组织).
    Organisation,
}

/// The short answer to the question whether a matter can be handled across two districts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Answer")]
pub enum HandlingAnswer {
    /// Yes: there is at least one route.
    Available,
    /// No: a basis covers the matter, but the competent district does not offer it on that day.
    NotOffered,
    /// No: no basis covers the matter on that day. `reasons` say why.
    NotCovered,
    /// No matter has this code.
    UnknownMatter,
    /// No district has one of these codes.
    UnknownDistrict,
    /// A code or the day of the question is malformed. `reasons` name the field and the expected form. Only `handlings`
    /// gives this answer.
    Malformed,
}

/// The field of administration of a matter. More may be added: clients need a fallback.
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
    /// Any other field (其他).
    Other,
}

/// The roles of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role")]
pub enum Role {
    /// Asks many questions and mirrors the registry (通办合作方).
    Partner,
    /// Drafts agreements and keeps the records of its district (经办人).
    Registrar,
    /// Acts with binding effect for its district: signs, rejects, suspends, gives notice (签发人).
    Signatory,
    /// Operates the registry (平台管理员).
    Steward,
}

/// The tasks of a window. The competent authority decides in any case. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::handling::WindowTask")]
pub enum WindowTask {
    /// Guides the applicant (咨询引导).
    Guide,
    /// Receives the application (收件).
    Receive,
    /// Checks the form of the materials (形式审查).
    FormalCheck,
    /// Checks the identity of the applicant (身份核验).
    IdentityCheck,
    /// Gives one notice of everything that is missing (一次性告知补正).
    OneTimeNotice,
    /// Hands over the result (送达结果).
    DeliverResult,
}

/// Who pays a cost. More may be added: clients need a fallback.
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

/// The values of a list in the domain, without duplicates, so that the list is not longer than the enum.
pub(crate) fn domain<G: Into<D>, D: PartialEq>(values: Option<Vec<G>>) -> Vec<D> {
    let mut once = Vec::new();
    for value in values.into_iter().flatten().map(Into::into) {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    once
}

/// The values of a list in the schema.
pub(crate) fn schema<D: Copy + Into<G>, G>(values: &[D]) -> Vec<G> {
    values.iter().map(|value| (*value).into()).collect()
}

/// The classes of problems. Each calls for a different reaction of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ProblemCode")]
pub enum ProblemCode {
    /// A field is missing or malformed: correct it.
    Invalid,
    /// The input is well-formed, but a rule forbids the change.
    Refused,
    /// The named record does not exist, or the caller may not see it.
    NotFound,
    /// The input conflicts with an existing record.
    Conflict,
    /// The record has changed since it was read: read it again.
    Stale,
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
    /// A draft was proposed to the parties (送签).
    Proposed,
    /// A proposal was withdrawn (撤回送签).
    ProposalWithdrawn,
    /// A party signed (签署).
    Signed,
    /// All required signatures were given, and the version is concluded (签订).
    Concluded,
    /// A party rejected a version (退回).
    Rejected,
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
    /// A party gave notice (告知退出).
    NoticeGiven,
    /// A notice was revoked (撤销退出告知).
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
    /// The last day of a suspension passed (暂停期满).
    SuspensionEnded,
}

/// The codes of reasons (why a matter cannot be handled) and of notices (about a route). More may be added: clients
/// need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::ReasonCode")]
pub enum ReasonCode {
    /// A code or the day of the question is malformed (格式不对).
    Malformed,
    /// No district has the code (没有这个区域).
    UnknownDistrict,
    /// No matter has the code (没有这个事项).
    UnknownMatter,
    /// The receiving and the competent district are the same (收件地与业务属地相同).
    SameDistrict,
    /// The district is retired on the day (区域已撤销).
    DistrictRetired,
    /// The matter is retired on the day (事项已取消).
    MatterRetired,
    /// The agreement is suspended on the day (已暂停).
    Suspended,
    /// The day lies outside the dates of the clause (不在条款有效期内).
    ClauseNotInDate,
    /// The basis is not yet in force (依据尚未生效).
    BasisNotYetInForce,
    /// The competent district has withdrawn its offering (实施清单已撤销).
    OfferingWithdrawn,
    /// The competent district has published no offering, which a policy requires (没有实施清单).
    OfferingMissing,
    /// The basis covers only the opposite direction (只有相反方向).
    OnlyOtherDirection,
    /// The basis is no longer in force (依据已失效).
    BasisEnded,
    /// The agreement has no schedule yet (尚无事项清单).
    NoScheduleYet,
    /// The matter is not in the schedule of the basis (事项未列入清单).
    MatterNotInSchedule,
    /// Both districts belong to the same party (同属一个签约方).
    SameParty,
    /// No agreement or policy connects the two districts (没有共同的依据).
    NoCommonBasis,
    /// Notice: the agreement was recorded by one side and is not yet confirmed (单方登记).
    RecordedByOneSide,
    /// Notice: the competent district has published no offering for the matter (没有办事指南).
    GuideMissing,
    /// Notice: the offering has not been verified for a long time (办事指南久未核对).
    GuideOld,
    /// Notice: no window is registered for the matter in the receiving district (没有登记窗口).
    NoWindow,
    /// Notice: a retired district was replaced by its successor (区域已由他区承继).
    DistrictSucceeded,
    /// Notice: the route ends soon (即将到期).
    EndsSoon,
}

/// How a clause or a party differs between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::diff::DifferenceKind")]
pub enum DifferenceKind {
    /// Only the later version has it (新增).
    Added,
    /// Only the earlier version has it (删除).
    Removed,
    /// Both versions have it, with differences (变更).
    Changed,
}

/// The actors of the duty table. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Actor")]
pub enum DutyActor {
    /// The applicant (申请人).
    Applicant,
    /// A window of the receiving district (收件地窗口).
    ReceivingWindow,
    /// The authority of the competent district that decides (业务属地审批部门).
    CompetentAuthority,
    /// The leading district of joint handling (牵头地).
    Lead,
    /// A cooperating district of joint handling (协同地).
    Cooperating,
}

/// Units of time limits. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::DayKind")]
pub enum DayKind {
    /// Working days (工作日).
    WorkingDay,
    /// Calendar days (自然日).
    CalendarDay,
    /// At once (即办). The number of days does not count.
    AtOnce,
    /// Another unit (其他). The line of the record in `/export` contains it.
    Other,
}

/// Whether a material is required. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Necessity")]
pub enum MaterialNecessity {
    /// Required (必要).
    Required,
    /// Optional (非必要).
    Optional,
    /// Required, but may be supplied later, within `deferrableDays` (可容缺后补).
    Deferrable,
    /// Another rule (其他). The line of the record in `/export` contains it.
    Other,
}

/// The form in which a material is submitted. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Medium")]
pub enum MaterialMedium {
    /// The original (原件).
    Original,
    /// A copy (复印件).
    Copy,
    /// An electronic file (电子件).
    Electronic,
    /// Another form (其他). The line of the record in `/export` contains it.
    Other,
}

/// Kinds of windows. More may be added: clients need a fallback.
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
    /// Another kind (其他). The line of the record in `/export` contains it.
    Other,
}

/// Which parties must answer a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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
    /// Nobody must sign: the version is concluded between the parties that have signed by the answer-by date (已签署方).
    Signatories,
}

/// The text of a record as a value of the schema's enum.
pub(crate) fn stored<D, G>(word: &str, other: D) -> G
where
    D: std::str::FromStr + Into<G>,
{
    word.parse().unwrap_or(other).into()
}
