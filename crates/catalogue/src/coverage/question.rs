//! Questions about available matters, and their resolution to districts.

use domain::{Audience, Date, DistrictCode, HandlingMode, MatterDomain};

use crate::between::{Between, Participation};
use crate::coverage::one_sided::{OneSided, OneSidedClause, Role};
use crate::handle::Handle;
use crate::handling::reason::Reason;
use crate::handling::why_not::text::unknown_district;
use crate::search::query::Query;
use crate::snapshot::Snapshot;

/// A query for available matters. At least one of the two districts is given.
#[derive(Debug, Clone)]
pub struct Question {
    pub receiving: Option<DistrictCode>,
    pub competent: Option<DistrictCode>,
    pub on: Date,
    /// Empty: any.
    pub modes: Vec<HandlingMode>,
    pub domains: Vec<MatterDomain>,
    pub audiences: Vec<Audience>,
    pub search: Option<Query>,
    /// Only matters with a published offering of the competent district.
    pub with_guide: bool,
}

impl Question {
    /// The question about two districts, or about one, without filters.
    pub fn unfiltered(receiving: Option<DistrictCode>, competent: Option<DistrictCode>, on: Date) -> Self {
        Self {
            receiving,
            competent,
            on,
            modes: Vec::new(),
            domains: Vec::new(),
            audiences: Vec::new(),
            search: None,
            with_guide: false,
        }
    }

    pub(super) fn wants(&self, mode: HandlingMode) -> bool {
        self.modes.is_empty() || self.modes.contains(&mode)
    }
}

/// A query with resolved codes.
pub(crate) struct ResolvedQuestion {
    pub(super) receiving: Option<(Handle, Vec<Participation>)>,
    pub(super) competent: Option<(Handle, Vec<Participation>)>,
    pub(super) on: Date,
}

/// The districts that a query is about.
pub(crate) enum QuestionScope<'a> {
    Two(Between<'a>),
    One(OneSided<'a>),
    Nobody,
}

impl ResolvedQuestion {
    pub(crate) fn scope_of_question(&self) -> QuestionScope<'_> {
        let one = |(district, participations), role| {
            QuestionScope::One(OneSided { district, participations, role, on: self.on })
        };
        match (&self.receiving, &self.competent) {
            (Some((receiving, receiving_as)), Some((competent, competent_as))) => QuestionScope::Two(Between {
                receiving: *receiving,
                competent: *competent,
                receiving_as,
                competent_as,
                on: self.on,
            }),
            (Some((district, participations)), None) => one((*district, participations), Role::Receiving),
            (None, Some((district, participations))) => one((*district, participations), Role::Competent),
            (None, None) => QuestionScope::Nobody,
        }
    }
}

impl OneSidedClause<'_> {
    /// Whether the clause has a requested mode and lists the matter.
    pub(super) fn is_about(&self, question: &Question, matter: Handle) -> bool {
        question.wants(self.mode) && self.matters().contains(matter)
    }
}

impl Snapshot {
    pub(crate) fn resolve_question(&self, question: &Question) -> Result<ResolvedQuestion, Vec<Reason>> {
        let mut unknown = Vec::new();
        let mut known = |code: Option<DistrictCode>| {
            let code = code?;
            match self.district_handle(code) {
                Some(handle) => Some((handle, self.participations(handle, question.on))),
                None => {
                    unknown.push(unknown_district(code));
                    None
                }
            }
        };
        let resolved = ResolvedQuestion {
            receiving: known(question.receiving),
            competent: known(question.competent),
            on: question.on,
        };
        if unknown.is_empty() { Ok(resolved) } else { Err(unknown) }
    }
}
