//! Can a matter be handled between two districts on a day? A yes lists the routes, a no the reasons.

pub mod notice;
pub mod reason;
pub mod route;
pub mod verdict;
pub(crate) mod why_not;

use domain::{Date, District, DistrictCode, Locale, Matter, MatterCode};

use crate::between::Between;
use crate::handle::{Handle, Kept};
use crate::handling::reason::{Reason, ReasonCode, grouped};
use crate::handling::route::{Detail, Route};
use crate::handling::why_not::text::{unknown_district, unknown_matter};
use crate::snapshot::Snapshot;

/// The short answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Available,
    /// A clause covers it, but the competent district does not offer it.
    NotOffered,
    NotCovered,
    UnknownMatter,
    UnknownDistrict,
    /// A code or the day of the question is malformed.
    Malformed,
}

impl Answer {
    pub const ALL: &'static [Self] = &[
        Self::Available,
        Self::NotOffered,
        Self::NotCovered,
        Self::UnknownMatter,
        Self::UnknownDistrict,
        Self::Malformed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::NotOffered => "NOT_OFFERED",
            Self::NotCovered => "NOT_COVERED",
            Self::UnknownMatter => "UNKNOWN_MATTER",
            Self::UnknownDistrict => "UNKNOWN_DISTRICT",
            Self::Malformed => "MALFORMED",
        }
    }

    pub fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Available, Locale::Zh) => "可以办理",
            (Self::Available, Locale::En) => "available",
            (Self::NotOffered, Locale::Zh) => "业务属地未提供",
            (Self::NotOffered, Locale::En) => "not offered by the competent district",
            (Self::NotCovered, Locale::Zh) => "未纳入通办",
            (Self::NotCovered, Locale::En) => "not covered",
            (Self::UnknownMatter, Locale::Zh) => "没有这个事项",
            (Self::UnknownMatter, Locale::En) => "unknown matter",
            (Self::UnknownDistrict, Locale::Zh) => "没有这个区域",
            (Self::UnknownDistrict, Locale::En) => "unknown district",
            (Self::Malformed, Locale::Zh) => "填写格式不对",
            (Self::Malformed, Locale::En) => "malformed question",
        }
    }
}

/// The answer to a question about one matter between two districts on a day.
#[derive(Debug, Clone)]
pub struct Handling {
    pub answer: Answer,
    pub on: Date,
    pub matter: Option<Kept<Matter>>,
    pub receiving: Option<Kept<District>>,
    pub competent: Option<Kept<District>>,
    /// Best first.
    pub routes: Vec<Route>,
    /// Why there is no route; empty when there is one.
    pub reasons: Vec<Reason>,
    /// Notices beside a yes: those of the routes, deduplicated.
    pub notices: Vec<Reason>,
}

impl Snapshot {
    /// Can the matter of the competent district be done in the receiving district on the day?
    pub fn handling(&self, matter: MatterCode, receiving: DistrictCode, competent: DistrictCode, on: Date) -> Handling {
        let (m, a, c) = (self.matter_handle(matter), self.district_handle(receiving), self.district_handle(competent));
        let mut handling = Handling {
            answer: Answer::NotCovered,
            on,
            matter: m.map(|at| self.matter_at(at).matter.clone()),
            receiving: a.map(|at| self.district_at(at).district.clone()),
            competent: c.map(|at| self.district_at(at).district.clone()),
            routes: Vec::new(),
            reasons: Vec::new(),
            notices: Vec::new(),
        };
        if let (Some(m), Some(a), Some(c)) = (m, a, c) {
            self.resolve(&mut handling, m, a, c);
            handling.reasons = grouped(handling.reasons);
            return handling;
        }
        for (found, code) in [(a, receiving), (c, competent)] {
            if found.is_none()
                && handling
                    .reasons
                    .iter()
                    .all(|reason| reason.code != ReasonCode::UnknownDistrict || receiving != competent)
            {
                handling.reasons.push(unknown_district(code));
            }
        }
        if m.is_none() {
            handling.reasons.push(unknown_matter(matter));
        }
        handling.answer = if a.is_none() || c.is_none() { Answer::UnknownDistrict } else { Answer::UnknownMatter };
        handling
    }

    fn resolve(&self, handling: &mut Handling, m: Handle, a: Handle, c: Handle) {
        let on = handling.on;
        if a == c {
            handling.reasons.push(self.same_district(a));
            return;
        }
        let (receiving_as, competent_as) = (self.participations(a, on), self.participations(c, on));
        let between =
            Between { receiving: a, competent: c, receiving_as: &receiving_as, competent_as: &competent_as, on };
        let is_active = self.matter_at(m).matter.is_active(on);
        let mut covering = if is_active { self.clauses_with(&between, m) } else { Vec::new() };
        if covering.is_empty() {
            handling.reasons = self.why_not_covered(&between, m);
            return;
        }
        let offerings = self.offerings_of(c, m, on);
        covering.retain(|clause| offerings.allow(clause.needs_offering()));
        if covering.is_empty() {
            handling.answer = Answer::NotOffered;
            handling.reasons = self.why_not_offered(&between, m, &offerings);
            return;
        }
        handling.answer = Answer::Available;
        let ancestry = self.ancestry(a, c);
        handling.routes =
            covering.iter().map(|clause| self.route(clause, &between, m, &ancestry, Detail::Whole)).collect();
        for notice in handling.routes.iter().flat_map(|route| &route.notices) {
            if !handling.notices.contains(notice) {
                handling.notices.push(notice.clone());
            }
        }
    }
}
