//! The enums of handling, its terms and answers.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// A handling mode (通办方式): how a matter is handled across districts, as 国办发〔2020〕35号 defines it. In order of
/// preference. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
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

/// The short answer to the question whether a matter can be handled across two districts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "catalogue::Answer")]
pub enum HandlingAnswer {
    /// Yes: there is at least one route.
    Available,
    /// No: a basis covers the matter, but the competent district does not offer it on that day.
    NotOffered,
    /// No: no basis covers the matter on that day. `reasons` lists the causes.
    NotCovered,
    /// No matter has this code.
    UnknownMatter,
    /// No district has one of these codes.
    UnknownDistrict,
    /// A code or the day of the question is malformed. `reasons` name the field and the expected form. Only `handlings`
    /// gives this answer.
    Malformed,
}

/// The verdict of an answer. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "catalogue::Verdict")]
pub enum Verdict {
    /// It can be done here (可以办).
    Available,
    /// It can be done here, but every route needs a window and none is registered (可以办，请先电话确认窗口).
    AvailableWindowUnknown,
    /// It is suspended on the day (暂停).
    Suspended,
    /// The basis, or its clause, has not begun or has ended (尚未开始或已到期).
    NotInDate,
    /// It cannot be done here (不能办).
    NotAvailable,
}

/// The codes of reasons (why a matter cannot be handled) and of notices (about a route). More may be added: clients
/// need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
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

/// The actors of the duty table. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
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

/// Between which districts a clause of a policy applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
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

/// The tasks of a window. The competent authority decides in any case. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::handling::actor::WindowTask")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::handling::actor::Payer")]
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
