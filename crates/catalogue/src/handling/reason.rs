//! Reasons for a no, and notices beside a yes: a stable code, the record concerned, a message and a remedy.

use std::sync::Arc;

use domain::{Agreement, Date, District, Id, Locale, Matter, Message, Offering, Period, Policy, Recorded};

use crate::handle::Kept;

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal, $zh:literal, $en:literal;)+) => {
        /// The stable code of a reason or a notice. Open: clients need a fallback.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ReasonCode { $($(#[$doc])* $variant,)+ }

        impl ReasonCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// The label for people. The reason's message has the details.
            pub fn label(self, locale: Locale) -> &'static str {
                match (self, locale) { $((Self::$variant, Locale::Zh) => $zh, (Self::$variant, Locale::En) => $en,)+ }
            }
        }
    };
}

reason_codes! {
    /// A code or the day of a question is malformed.
    Malformed = "MALFORMED", "格式不对", "malformed";
    UnknownDistrict = "UNKNOWN_DISTRICT", "没有这个区域", "unknown district";
    UnknownMatter = "UNKNOWN_MATTER", "没有这个事项", "unknown matter";
    // Reasons for a no, nearest to a yes first: the order in which reasons are listed.
    SameDistrict = "SAME_DISTRICT", "收件地与业务属地相同", "same district";
    DistrictRetired = "DISTRICT_RETIRED", "区域已撤销", "district retired";
    MatterRetired = "MATTER_RETIRED", "事项已取消", "matter retired";
    Suspended = "SUSPENDED", "已暂停", "suspended";
    ClauseNotInDate = "CLAUSE_NOT_IN_DATE", "不在条款有效期内", "clause not in date";
    BasisNotYetInForce = "BASIS_NOT_YET_IN_FORCE", "依据尚未生效", "basis not yet in force";
    OfferingWithdrawn = "OFFERING_WITHDRAWN", "实施清单已撤销", "offering withdrawn";
    OfferingMissing = "OFFERING_MISSING", "没有实施清单", "offering missing";
    OnlyOtherDirection = "ONLY_OTHER_DIRECTION", "只有相反方向", "only in the other direction";
    BasisEnded = "BASIS_ENDED", "依据已失效", "basis ended";
    NoScheduleYet = "NO_SCHEDULE_YET", "尚无事项清单", "no schedule yet";
    MatterNotInSchedule = "MATTER_NOT_IN_SCHEDULE", "事项未列入清单", "matter not in the schedule";
    /// Both districts belong to one party.
    SameParty = "SAME_PARTY", "同属一个签约方", "both under one party";
    NoCommonBasis = "NO_COMMON_BASIS", "没有共同的依据", "no common basis";
    // Notices beside a yes.
    RecordedByOneSide = "RECORDED_BY_ONE_SIDE", "单方登记", "recorded by one side";
    GuideMissing = "GUIDE_MISSING", "没有办事指南", "guide missing";
    GuideOld = "GUIDE_OLD", "办事指南久未核对", "guide not verified lately";
    NoWindow = "NO_WINDOW", "没有登记窗口", "no window registered";
    DistrictSucceeded = "DISTRICT_SUCCEEDED", "区域已由他区承继", "district succeeded";
    EndsSoon = "ENDS_SOON", "即将到期", "ends soon";
}

/// The record that a reason concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    District(Kept<District>),
    Matter(Kept<Matter>),
    Agreement(Kept<Agreement>),
    Policy(Kept<Policy>),
    Offering(Id<Offering>),
}

/// Maximum number of records of a reason.
const MAX_SUBJECTS: usize = 10;
/// Maximum number of characters of an input that a message quotes.
const MAX_QUOTED: usize = 60;

/// One reason or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: ReasonCode,
    pub message: Message,
    pub remedy: Message,
    /// The days that the reason is about: of a suspension its first and its last day, of a basis or clause the first day
    /// that is to come or the last day that has passed. Unbounded for others.
    pub days: Period,
    /// The number of bases with this reason; 1 for other reasons and for notices.
    pub count: usize,
    /// The records concerned, at most ten. The message is about the first.
    pub subjects: Vec<Subject>,
}

impl Reason {
    pub(crate) fn new(code: ReasonCode, subject: Option<Subject>, message: Message, remedy: Message) -> Self {
        Self { code, message, remedy, days: Period::ALWAYS, count: 1, subjects: Vec::from_iter(subject) }
    }

    pub(crate) fn about_days(self, from: Option<Date>, to: Option<Date>) -> Self {
        Self { days: Period::new(from, to), ..self }
    }

    /// A malformed field of a question.
    pub fn malformed(field: &str, given: &str, expected: &Message) -> Self {
        let shown: String = given.chars().take(MAX_QUOTED).collect();
        let message = Message::new(
            format!("{field}：“{shown}”格式不对；{}", expected.zh),
            format!("{field}: \"{shown}\" is malformed; {}", expected.en),
        );
        let remedy = Message::new(
            "请改正后重新查询；其他查询不受影响",
            "correct it and ask again; the other questions are answered",
        );
        Self::new(ReasonCode::Malformed, None, message, remedy)
    }

    pub fn message(&self, locale: Locale) -> &str {
        self.message.text(locale)
    }

    pub fn remedy(&self, locale: Locale) -> &str {
        self.remedy.text(locale)
    }

    /// The record that the message is about.
    pub fn subject(&self) -> Option<&Subject> {
        self.subjects.first()
    }

    fn is_of_a_basis(&self) -> bool {
        matches!(self.subject(), Some(Subject::Agreement(_) | Subject::Policy(_)))
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        let room = MAX_SUBJECTS.saturating_sub(self.subjects.len());
        self.subjects.extend(other.subjects.into_iter().take(room));
    }

    fn append_count(&mut self) {
        if let more @ 1.. = self.count - 1 {
            let bases = if more == 1 { "basis" } else { "bases" };
            self.message.zh.push_str(&format!("（另有 {more} 项依据同此）"));
            self.message.en.push_str(&format!(" (the same of {more} more {bases})"));
        }
    }
}

/// Groups equal reasons of several bases, and sorts reasons nearest to a yes first.
pub(crate) fn grouped(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut listed: Vec<Reason> = Vec::new();
    for reason in reasons {
        match listed
            .iter_mut()
            .find(|known| known.code == reason.code && known.is_of_a_basis() && reason.is_of_a_basis())
        {
            Some(known) => known.join(reason),
            None => listed.push(reason),
        }
    }
    listed.iter_mut().for_each(Reason::append_count);
    listed.sort_by_key(|reason| reason.code);
    listed
}

pub(crate) fn english(district: &Arc<Recorded<District>>) -> &str {
    district.english_name.as_deref().unwrap_or(&district.name)
}
