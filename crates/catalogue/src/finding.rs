//! Findings (数据问题): contradictions and gaps in the records, by numbered rules, each with a remedy. There is one
//! finding for a rule and a record, district, or clause and district, with a count.

pub(crate) mod cache;
mod check;
mod clause;
mod compute;
mod contradiction;
pub(crate) mod draft;
mod guides;
pub(crate) mod list;
mod policy;
mod readiness;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use domain::{District, Locale, Message, Revision};

use crate::handle::{Handle, Kept};
use crate::handling::reason::Subject;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub const ALL: &'static [Self] = &[Self::Error, Self::Warning, Self::Note];

    pub fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Error, Locale::Zh) => "错误",
            (Self::Error, Locale::En) => "error",
            (Self::Warning, Locale::Zh) => "警告",
            (Self::Warning, Locale::En) => "warning",
            (Self::Note, Locale::Zh) => "提示",
            (Self::Note, Locale::En) => "note",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Note => "NOTE",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $wire:literal, $severity:ident, $zh:literal, $en:literal, $remedy_zh:literal, $remedy_en:literal;)+) => {
        /// A numbered rule. New rules start as warnings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$doc])* $variant,)+ }

        impl Rule {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub fn number(self) -> u32 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// The stable name: the number and a keyword.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => concat!("R", $number, "_", $wire),)+ }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// The label for people.
            pub fn label(self, locale: Locale) -> &'static str {
                match (self, locale) { $((Self::$variant, Locale::Zh) => $zh, (Self::$variant, Locale::En) => $en,)+ }
            }

            pub(crate) const COUNT: usize = Self::ALL.len();

            fn message(self) -> Message {
                match self { $(Self::$variant => Message::new($zh, $en),)+ }
            }

            fn remedy(self) -> Message {
                match self { $(Self::$variant => Message::new($remedy_zh, $remedy_en),)+ }
            }
        }
    };
}

rules! {
    MatterWithoutOffering = 101, "MATTER_WITHOUT_OFFERING", Warning,
        "清单所列事项在业务属地没有已发布的实施清单", "matters of the clause have no published offering in the competent district",
        "请业务属地发布实施清单（办事指南）", "the competent district publishes its offerings";
    ProxyWithoutWindow = 102, "PROXY_WITHOUT_WINDOW", Warning,
        "约定异地代收代办，但收件地没有登记通办窗口", "proxy collection is agreed, but the receiving district has no window for it",
        "请收件地登记通办窗口", "the receiving district registers a window";
    OnlineAgainstOffering = 103, "ONLINE_AGAINST_OFFERING", Warning,
        "约定全程网办，但实施清单要求到现场或没有网址", "full online is agreed, but the offering asks for a visit or has no address",
        "请更正实施清单的到现场次数、网址，或改用其他通办方式", "correct the offering's visits and address, or agree another mode";
    ClauseOutsideAgreement = 104, "CLAUSE_OUTSIDE_AGREEMENT", Warning,
        "条款的有效期超出协议的有效期", "the clause's dates lie outside the agreement's",
        "请调整条款的有效期", "adjust the clause's dates";
    PartyRetired = 105, "PARTY_RETIRED", Warning,
        "签约方是已撤销的区域", "a party is a retired district",
        "请由承继区域确认或修订协议", "have the successor confirm, or amend the agreement";
    ContradictoryTerms = 106, "CONTRADICTORY_TERMS", Warning,
        "相同两地、相同事项在不同协议中的通办条件不一致", "two agreements differ about the same matters between the same parties",
        "请双方确认以哪一份为准，并修订另一份", "have the parties confirm which one applies, and amend the other";
    DomainWithoutBody = 107, "DOMAIN_WITHOUT_BODY", Warning,
        "清单涉及的领域没有签署部门确认（部门未确认）", "no signing body of the competent party is responsible for a domain of the schedule",
        "请补登签署部门及其领域", "register the signing body and its domains";
    AgreementEndsSoon = 108, "AGREEMENT_ENDS_SOON", Note,
        "协议将在 90 天内到期", "the agreement ends within 90 days",
        "请及时续签", "renew it in time";
    OneSided = 109, "RECORDED_BY_ONE_SIDE", Warning,
        "协议按纸质文本登记，签署满 30 天仍未由签约方确认", "recorded from paper, signed more than 30 days ago and not confirmed by its parties",
        "请签约方确认或提出异议", "have the parties confirm or contest the record";
    OfferingNotVerified = 110, "OFFERING_NOT_VERIFIED", Warning,
        "实施清单超过 12 个月未核对", "offerings have not been verified for 12 months",
        "请核对并更新指南核对日期", "verify them, and update the day of verification";
    InvalidAgencyCode = 111, "INVALID_AGENCY_CODE", Warning,
        "实施编码或实施主体代码校验不通过", "implementing codes or agency codes fail their check",
        "请核对统一社会信用代码（GB 32100）和基本编码", "check the credit code (GB 32100) and the basic code";
    JointWithoutOneLead = 112, "JOINT_WITHOUT_ONE_LEAD", Error,
        "多地联办应有且仅有一个牵头地", "joint handling needs exactly one lead",
        "请在步骤中指定一个牵头地", "name one lead among the steps";
    DuplicateWindow = 113, "DUPLICATE_WINDOW", Note,
        "同一区域有多个窗口的名称或地址相同（不计全角半角、空格和标点）",
        "windows of a district have the same name or address, apart from character width, blanks and punctuation",
        "请合并重复窗口，或写明区别", "merge them, or say how they differ";
    Unanswered = 114, "UNANSWERED_PAST_ITS_DATE", Warning,
        "已发送签约方的版本已过答复期限，仍未签订", "a proposed version was not concluded by the last day for answers",
        "请撤回，或修订后另行发送签约方", "withdraw it, or propose it anew";
    OfferingWithoutMatter = 115, "OFFERING_WITHOUT_MATTER", Warning,
        "实施清单尚未匹配事项（未匹配）", "offerings are not matched with a matter",
        "请匹配基本目录中的事项", "match them to matters of the common catalogue";
    ProvinceCodeForm = 116, "PROVINCE_CODE_FORM", Warning,
        "省级区域的代码不以 0000 结尾", "the code of a province does not end in 0000",
        "请核对代码与区域类别", "check the code and the kind";
    MatterIsPower = 117, "MATTER_IS_POWER", Warning,
        "事项的类型是行政处罚、强制、征收或检查，不属于通办事项", "the event type of the matter is a power, not a service",
        "请核对基本编码，或取消该事项", "check the basic code, or retire the matter";
    MatterRetired = 118, "RETIRED_MATTER_IN_CLAUSE", Warning,
        "清单列有已取消的事项", "a clause lists retired matters",
        "请修订清单", "amend the schedule";
    RenewalWithoutEnd = 119, "RENEWAL_WITHOUT_END", Warning,
        "约定了自动续期，但没有截止日，续期不起作用", "a renewal is agreed without a last day, so it has no effect",
        "请补填截止日，或去掉自动续期", "state the last day, or remove the renewal";
    ClauseNeverHolds = 120, "CLAUSE_NEVER_HOLDS", Warning,
        "条款的收件地与业务属地只有同一个签约方，任何两地之间都不成立", "both sides of the clause are the same single party, so it never applies",
        "请补充另一方的签约方", "name another party on one of the sides";
    JointStepOfNonParty = 121, "JOINT_STEP_OF_NON_PARTY", Warning,
        "多地联办的步骤由签约方以外的区域承担", "a step of joint handling is for a district that is no party",
        "请更正步骤的区域，或将其列为签约方", "correct the step's district, or make it a party";
    EffectiveBeforeSigned = 122, "EFFECTIVE_BEFORE_SIGNED", Warning,
        "生效日早于签署日", "it takes effect before it was signed",
        "请核对生效日与签署日", "check both days";
    MatterWithoutAudience = 123, "MATTER_WITHOUT_AUDIENCE", Warning,
        "事项没有写明服务对象", "the matter does not state its audience",
        "请填写 audience（个人、法人和其他组织）", "state the audience: persons, organisations, or both";
    PolicyWithoutIssuer = 124, "POLICY_WITHOUT_ISSUER", Warning,
        "政策没有写明发文机关", "the policy does not say who issued it",
        "请填写 issuedBy（发文机关）", "state who issued it (issuedBy)";
    PolicyTakenAway = 125, "POLICY_TAKEN_AWAY", Warning,
        "修订政策时删去了当时有效的内容，过去日期的查询结果随之改变",
        "a revision of the policy removed content that was in force, which changes answers for past days",
        "如自某日起才不再适用，请恢复该条款并填写截止日 validTo；如为更正错误则无需处理，本提示 90 天后消失",
        "if it no longer applies from a day on, restore the clause and state its last day (validTo); for a correction nothing is needed: the finding disappears after 90 days";
}

impl Rule {
    /// Errors first, then by number.
    pub(crate) fn rank(self) -> u32 {
        (self.severity() as u32) << 16 | self.number()
    }

    /// The kind of record that the rule checks.
    fn about(self) -> About {
        match self {
            Self::OfferingNotVerified
            | Self::InvalidAgencyCode
            | Self::DuplicateWindow
            | Self::OfferingWithoutMatter
            | Self::ProvinceCodeForm => About::District,
            Self::MatterIsPower | Self::MatterWithoutAudience => About::Matter,
            Self::PolicyWithoutIssuer | Self::PolicyTakenAway => About::Policy,
            Self::MatterWithoutOffering
            | Self::ProxyWithoutWindow
            | Self::OnlineAgainstOffering
            | Self::ClauseOutsideAgreement
            | Self::PartyRetired
            | Self::ContradictoryTerms
            | Self::DomainWithoutBody
            | Self::AgreementEndsSoon
            | Self::OneSided
            | Self::JointWithoutOneLead
            | Self::MatterRetired
            | Self::RenewalWithoutEnd
            | Self::ClauseNeverHolds
            | Self::JointStepOfNonParty
            | Self::EffectiveBeforeSigned => About::Agreement,
            Self::Unanswered => About::Proposal,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    District,
    Matter,
    Policy,
    /// The published part of an agreement.
    Agreement,
    /// A proposal, which is not public.
    Proposal,
}

/// A compact finding, stored with its record. Its texts are made on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompactFinding {
    rule: Rule,
    /// The index of the clause in the schedule, for rules about clauses.
    clause: u16,
    /// The district that should fix it, or [`NOBODY`].
    owner: Handle,
    /// The party, the other agreement or the number of the version, for rules about these.
    other: u32,
    count: u32,
}

/// Stands for no district.
const NOBODY: Handle = Handle::MAX;

/// The stable key of a finding: its rule, its record, and the part of the record. Within a rule findings are sorted by
/// record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FindingKey {
    record: Revision,
    text: Box<str>,
}

impl Ord for FindingKey {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.record, &self.text).cmp(&(other.record, &other.text))
    }
}

impl PartialOrd for FindingKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for FindingKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.text)
    }
}

impl FromStr for FindingKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let record = text.split('/').nth(1).and_then(|id| id.split_once('_')).ok_or(())?.1;
        Ok(Self { record: Revision::from_str_radix(record, 16).map_err(|_| ())?, text: text.into() })
    }
}

impl FindingKey {
    fn rule(&self) -> Option<Rule> {
        let number: u32 = self.text.split('/').next()?.parse().ok()?;
        Rule::ALL.iter().copied().find(|rule| rule.number() == number)
    }
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    pub key: FindingKey,
    pub rule: Rule,
    pub severity: Severity,
    /// The district that should fix it.
    pub district: Option<Kept<District>>,
    /// Another district concerned: the successor of a retired party.
    pub concerns: Option<Kept<District>>,
    pub subject: Option<Subject>,
    pub count: usize,
    pub message: Message,
    pub remedy: Message,
}
