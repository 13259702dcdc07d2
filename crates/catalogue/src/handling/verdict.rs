//! The verdict of an answer: what a page says first.

use domain::{Locale, Period};

use crate::handling::Handling;
use crate::handling::reason::ReasonCode;
use crate::handling::route::Route;

/// The verdict. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Available,
    /// Every route needs a window, and none is registered.
    AvailableWindowUnknown,
    Suspended,
    /// The basis, or its clause, has not begun or has ended.
    NotInDate,
    NotAvailable,
}

impl Verdict {
    pub const ALL: &'static [Self] =
        &[Self::Available, Self::AvailableWindowUnknown, Self::Suspended, Self::NotInDate, Self::NotAvailable];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::AvailableWindowUnknown => "AVAILABLE_WINDOW_UNKNOWN",
            Self::Suspended => "SUSPENDED",
            Self::NotInDate => "NOT_IN_DATE",
            Self::NotAvailable => "NOT_AVAILABLE",
        }
    }

    pub fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Available, Locale::Zh) => "可以办",
            (Self::Available, Locale::En) => "available",
            (Self::AvailableWindowUnknown, Locale::Zh) => "可以办，请先电话确认窗口",
            (Self::AvailableWindowUnknown, Locale::En) => "available; no window is registered",
            (Self::Suspended, Locale::Zh) => "暂停",
            (Self::Suspended, Locale::En) => "suspended",
            (Self::NotInDate, Locale::Zh) => "尚未开始或已到期",
            (Self::NotInDate, Locale::En) => "not begun or ended",
            (Self::NotAvailable, Locale::Zh) => "不能办",
            (Self::NotAvailable, Locale::En) => "not available",
        }
    }
}

impl Handling {
    /// The verdict. Of a no, the first reason decides.
    pub fn verdict(&self) -> Verdict {
        let lacks_window = |route: &Route| route.mode.needs_window() && route.windows.is_empty();
        if !self.routes.is_empty() {
            let verdict =
                if self.routes.iter().all(lacks_window) { Verdict::AvailableWindowUnknown } else { Verdict::Available };
            return verdict;
        }
        match self.reasons.first().map(|reason| reason.code) {
            Some(ReasonCode::Suspended) => Verdict::Suspended,
            Some(ReasonCode::ClauseNotInDate | ReasonCode::BasisNotYetInForce | ReasonCode::BasisEnded) => {
                Verdict::NotInDate
            }
            Some(_) | None => Verdict::NotAvailable,
        }
    }

    /// The days of the first reason: of a suspension its first and its last day; of a basis or clause the first day that
    /// is to come, or the last day that has passed. Unbounded for others.
    pub fn verdict_days(&self) -> Period {
        self.reasons.first().map_or(Period::ALWAYS, |reason| reason.days)
    }
}
