//! Why not, and what to know beside a yes: a stable code, the record it speaks of, and a remedy.

use domain::{Agreement, District, Id, Locale, Matter, Message, Offering, Policy};

use crate::snapshot::Kept;

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal;)+) => {
        /// The stable code of a reason or a notice. Open: clients need a fallback.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ReasonCode { $($(#[$doc])* $variant,)+ }

        impl ReasonCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }
        }
    };
}

reason_codes! {
    UnknownDistrict = "UNKNOWN_DISTRICT";
    UnknownMatter = "UNKNOWN_MATTER";
    // Why not, nearest to a yes first: the order in which reasons are listed.
    SameDistrict = "SAME_DISTRICT";
    DistrictRetired = "DISTRICT_RETIRED";
    MatterRetired = "MATTER_RETIRED";
    Suspended = "SUSPENDED";
    ClauseNotInDate = "CLAUSE_NOT_IN_DATE";
    BasisNotYetInForce = "BASIS_NOT_YET_IN_FORCE";
    OfferingWithdrawn = "OFFERING_WITHDRAWN";
    OfferingMissing = "OFFERING_MISSING";
    OnlyOtherDirection = "ONLY_OTHER_DIRECTION";
    BasisEnded = "BASIS_ENDED";
    NoScheduleYet = "NO_SCHEDULE_YET";
    MatterNotInSchedule = "MATTER_NOT_IN_SCHEDULE";
    /// Both stand under one party.
    SameParty = "SAME_PARTY";
    NoCommonBasis = "NO_COMMON_BASIS";
    // Notices beside a yes.
    RecordedByOneSide = "RECORDED_BY_ONE_SIDE";
    GuideMissing = "GUIDE_MISSING";
    GuideOld = "GUIDE_OLD";
    NoWindow = "NO_WINDOW";
    DistrictSucceeded = "DISTRICT_SUCCEEDED";
    EndsSoon = "ENDS_SOON";
}

/// The record that a reason speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    District(Kept<District>),
    Matter(Kept<Matter>),
    Agreement(Kept<Agreement>),
    Policy(Kept<Policy>),
    Offering(Id<Offering>),
}

/// How many records one reason names.
const MOST_SUBJECTS: usize = 10;

/// One reason or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: ReasonCode,
    pub message: Message,
    pub remedy: Message,
    /// Of how many bases it is the reason; 1 of every other reason and of notices.
    pub count: usize,
    /// The records that it speaks of, ten at the most. The message speaks of the first.
    pub subjects: Vec<Subject>,
}

impl Reason {
    pub(crate) fn new(code: ReasonCode, subject: Option<Subject>, message: Message, remedy: Message) -> Self {
        Self { code, message, remedy, count: 1, subjects: Vec::from_iter(subject) }
    }

    pub fn message(&self, locale: Locale) -> &str {
        self.message.text(locale)
    }

    pub fn remedy(&self, locale: Locale) -> &str {
        self.remedy.text(locale)
    }

    /// The record that the message speaks of.
    pub fn subject(&self) -> Option<&Subject> {
        self.subjects.first()
    }

    fn is_of_a_basis(&self) -> bool {
        matches!(self.subject(), Some(Subject::Agreement(_) | Subject::Policy(_)))
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        let room = MOST_SUBJECTS.saturating_sub(self.subjects.len());
        self.subjects.extend(other.subjects.into_iter().take(room));
    }

    fn tell_count(&mut self) {
        if let more @ 1.. = self.count - 1 {
            let bases = if more == 1 { "basis" } else { "bases" };
            self.message.zh.push_str(&format!("（另有 {more} 项依据同此）"));
            self.message.en.push_str(&format!(" (the same of {more} more {bases})"));
        }
    }
}

/// Reasons for a no as they are listed: nearest to a yes first, and bases that give the same reason are one.
pub(crate) fn listed(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut listed: Vec<Reason> = Vec::new();
    for reason in reasons {
        match listed.iter_mut().find(|known| known.code == reason.code && known.is_of_a_basis() && reason.is_of_a_basis()) {
            Some(known) => known.join(reason),
            None => listed.push(reason),
        }
    }
    listed.iter_mut().for_each(Reason::tell_count);
    listed.sort_by_key(|reason| reason.code);
    listed
}
