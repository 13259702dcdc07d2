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
    // Of a basis, in the order in which it is tested.
    SameDistrict = "SAME_DISTRICT";
    NoCommonBasis = "NO_COMMON_BASIS";
    /// Both stand under one party.
    SameParty = "SAME_PARTY";
    NoScheduleYet = "NO_SCHEDULE_YET";
    BasisNotYetInForce = "BASIS_NOT_YET_IN_FORCE";
    BasisEnded = "BASIS_ENDED";
    Suspended = "SUSPENDED";
    MatterNotInSchedule = "MATTER_NOT_IN_SCHEDULE";
    OnlyOtherDirection = "ONLY_OTHER_DIRECTION";
    ClauseNotInDate = "CLAUSE_NOT_IN_DATE";
    // Of matter, offering and districts.
    OfferingMissing = "OFFERING_MISSING";
    OfferingWithdrawn = "OFFERING_WITHDRAWN";
    MatterRetired = "MATTER_RETIRED";
    DistrictRetired = "DISTRICT_RETIRED";
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

/// One reason or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: ReasonCode,
    pub message: Message,
    pub remedy: Message,
    pub subject: Option<Subject>,
}

impl Reason {
    pub(crate) fn new(code: ReasonCode, subject: Option<Subject>, message: Message, remedy: Message) -> Self {
        Self { code, message, remedy, subject }
    }

    pub fn message(&self, locale: Locale) -> &str {
        self.message.text(locale)
    }

    pub fn remedy(&self, locale: Locale) -> &str {
        self.remedy.text(locale)
    }
}
