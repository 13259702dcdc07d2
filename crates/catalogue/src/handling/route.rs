//! Routes (办理途径): a matter, two districts, and the clause through which it can be handled. Routes are computed,
//! never stored.

use domain::{Agreement, Clause, District, HandlingMode, Matter, Period, Policy, Terms, Window};

use crate::between::{Between, number_of};
use crate::coverage::clauses::{ApplicableClause, Source};
use crate::entry::AgreementEntry;
use crate::handle::{Handle, Kept};
use crate::handling::reason::Reason;
use crate::offering_entry::OfferingBrief;
use crate::snapshot::Snapshot;
use crate::validity::Ancestry;

/// The agreement or policy of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    Agreement {
        agreement: Kept<Agreement>,
        /// The index of the version.
        version: usize,
    },
    Policy(Kept<Policy>),
}

impl Basis {
    /// The number by which people quote it: an agreement's number, a policy's document number.
    pub fn number(&self) -> String {
        match self {
            Self::Agreement { agreement, .. } => agreement.number.to_string(),
            Self::Policy(policy) => number_of(policy).to_owned(),
        }
    }

    fn clause(&self, at: usize) -> &Clause {
        match self {
            Self::Agreement { agreement, version } => &agreement.listed_clause(*version, at).clause,
            Self::Policy(policy) => &policy.schedule[at].clause,
        }
    }

    pub fn title(&self) -> &str {
        match self {
            Self::Agreement { agreement, version } => &agreement.versions[*version].title,
            Self::Policy(policy) => &policy.title,
        }
    }
}

/// How much of a route is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Without its validity, offerings, windows and notices.
    Bare,
    /// Without its offerings, windows and notices.
    Dated,
    Whole,
}

/// A route (办理途径).
#[derive(Debug, Clone)]
pub struct Route {
    pub matter: Kept<Matter>,
    pub receiving: Kept<District>,
    pub competent: Kept<District>,
    pub basis: Basis,
    /// The index of the clause in the basis: its schedule, then the carried clauses (`Agreement::clause_at`).
    pub clause: usize,
    pub mode: HandlingMode,
    /// The period around the day of the query in which the route exists; unbounded for a bare route.
    pub valid: Period,
    /// The competent district's offerings that are published on the day.
    pub offerings: Vec<OfferingBrief>,
    /// The receiving district's windows that serve it on the day; empty for full online.
    pub windows: Vec<Kept<Window>>,
    pub notices: Vec<Reason>,
}

impl Route {
    pub fn clause(&self) -> &Clause {
        self.basis.clause(self.clause)
    }

    pub fn terms(&self) -> &Terms {
        &self.clause().terms
    }
}

impl Snapshot {
    /// The route of a matter by an applicable clause.
    pub(crate) fn route(
        &self,
        by: &ApplicableClause<'_>,
        between: &Between<'_>,
        m: Handle,
        ancestry: &Ancestry,
        detail: Detail,
    ) -> Route {
        let Between { receiving, competent, on, .. } = *between;
        let basis = match by.source {
            Source::Agreement { at, version, .. } => {
                Basis::Agreement { agreement: self.published_at(at).agreement.clone(), version }
            }
            Source::Policy(entry) => Basis::Policy(entry.policy.clone()),
        };
        let mut route = Route {
            mode: by.mode,
            valid: Period::ALWAYS,
            matter: self.matter_at(m).matter.clone(),
            receiving: self.district_at(receiving).district.clone(),
            competent: self.district_at(competent).district.clone(),
            basis,
            clause: by.clause,
            offerings: Vec::new(),
            windows: Vec::new(),
            notices: Vec::new(),
        };
        if detail >= Detail::Dated {
            route.valid = self.validity(by, between, m, ancestry);
        }
        if detail < Detail::Whole {
            return route;
        }
        route.offerings = self.offerings_of(competent, m, on).published;
        if route.mode.needs_window() {
            route.windows = self.windows_for(receiving, route.mode, &route.matter, on);
        }
        route.notices = self.notices_of(&route, by, between, m);
        route
    }

    /// The published part of the agreement of an applicable clause.
    pub(crate) fn published_at(&self, at: Handle) -> &AgreementEntry {
        self.agreement_at(at).expect("applicable clauses are of published agreements")
    }
}
