//! Routes (办理途径).

use async_graphql::{Context, Lookahead, Object};
use catalogue::{Detail, Route};
use domain::duty;
use futures::FutureExt as _;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::duty::Duty;
use super::reason::Reason;
use crate::agreement::basis::Basis;
use crate::clause::Clause;
use crate::connection::arguments::Paging;
use crate::context::{language, request_context};
use crate::district::District;
use crate::engine::field_order::Serial;
use crate::enums::caller::Locale;
use crate::enums::handling::HandlingMode;
use crate::matter::Matter;
use crate::offering::Offering;
use crate::scalar::{Date, int};
use crate::terms::ModeTerms;
use crate::window::{Window, WindowConnection};

/// A route, with the offerings of the competent district if they are selected.
#[derive(Debug, Clone)]
pub struct HandlingRoute {
    pub(super) route: Route,
    pub(super) offerings: Vec<Offering>,
}

/// Fields that need the offerings of the competent district.
const READS_OFFERINGS: [&str; 3] = ["offerings", "duties", "totalDays"];

impl HandlingRoute {
    /// How much of a route is selected.
    pub(crate) fn detail(looked_at: &Lookahead<'_>) -> Detail {
        let any = |fields: &[&str]| fields.iter().any(|field| looked_at.field(field).exists());
        if any(&READS_OFFERINGS) || any(&["windows", "notices"]) {
            Detail::Whole
        } else if any(&["validFrom", "validTo"]) {
            Detail::Dated
        } else {
            Detail::Bare
        }
    }

    /// The routes of several answers with their offerings, in one statement.
    pub(crate) async fn load(
        request: &RequestContext,
        routes: Vec<Vec<Route>>,
        looked_at: &Lookahead<'_>,
    ) -> Result<Vec<Vec<Self>>, Error> {
        let bodies = READS_OFFERINGS.iter().any(|field| looked_at.field(field).exists());
        let briefs = if bodies {
            routes.iter().flatten().flat_map(|route| route.offerings.iter().copied()).collect()
        } else {
            Vec::new()
        };
        let offerings = Offering::fetch_by_id(request, briefs).boxed().await?;
        let with = |route: Route| {
            let offerings = route.offerings.iter().filter_map(|brief| offerings.get(&brief.id).cloned()).collect();
            Self { route, offerings }
        };
        Ok(routes.into_iter().map(|routes| routes.into_iter().map(with).collect()).collect())
    }

    fn duty_table(&self) -> Vec<duty::Duty> {
        let offering = self.shortest().map(|offering| &offering.0.record);
        self.route.terms().duties(self.route.receiving.code, self.route.competent.code, offering)
    }

    /// The offering with the shortest promised limit, which the duty table is about.
    fn shortest(&self) -> Option<&Offering> {
        let records = self.offerings.iter().map(|offering| &offering.0.record);
        duty::shortest(records).and_then(|at| self.offerings.get(at))
    }
}

/// A route (办理途径): one way in which an applicant in the receiving district can have a matter handled on which the
/// competent district decides.
#[direct_json]
#[Object(serial)]
impl HandlingRoute {
    /// The matter.
    fn matter(&self) -> Matter {
        Matter(self.route.matter.clone())
    }

    /// The receiving district (收件地): where the applicant submits.
    fn receiving(&self) -> District {
        District(self.route.receiving.clone())
    }

    /// The competent district (业务属地): whose authority decides.
    fn competent(&self) -> District {
        District(self.route.competent.clone())
    }

    /// The handling mode (通办方式).
    fn mode(&self) -> HandlingMode {
        self.route.mode.into()
    }

    /// The label of the mode.
    fn mode_name(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.route.mode.label(language(request, locale))
    }

    /// The name that the parties themselves use for the mode. Null when it is the usual one.
    fn mode_label(&self) -> Option<&str> {
        self.route.clause().mode_label.as_deref()
    }

    /// The basis (依据) of the route: a version of an agreement, or a policy.
    fn basis(&self, request: &RequestContext) -> Serial<Basis> {
        Serial(Basis::new(request, &self.route.basis))
    }

    /// The clause (清单条款) of the basis.
    fn clause(&self) -> Clause {
        let clause = self.route.clause;
        match &self.route.basis {
            catalogue::Basis::Agreement { agreement, version } => {
                let domain::agreement::objection::ClausePosition { version, clause } =
                    agreement.clause_at(*version, clause);
                Clause::Agreement { agreement: agreement.clone(), version, clause }
            }
            catalogue::Basis::Policy(policy) => Clause::Policy { policy: policy.clone(), clause },
        }
    }

    /// The terms of the mode.
    async fn terms(&self) -> Serial<ModeTerms> {
        Serial(self.route.terms().into())
    }

    /// The offerings (实施清单) of the competent district for the matter, with materials, limits and visits. Empty when
    /// the district has published none.
    fn offerings(&self) -> &[Offering] {
        &self.offerings
    }

    /// The windows (通办窗口) of the receiving district for the matter and mode, by name. Empty for the mode full
    /// online.
    async fn windows(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<WindowConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(Window::by_name(self.route.windows.iter().cloned()))?.into())
    }

    /// The steps of handling in order, each with the party responsible and its limit in days. The days of the competent
    /// district count from acceptance (受理), not from receipt (收件). When there are several offerings, the table is
    /// about the one with the shortest promised limit.
    async fn duties(&self, ctx: &Context<'_>) -> Result<Vec<Duty>, Error> {
        let duty = |(order, duty): (i32, duty::Duty)| {
            let district = duty.district.map(|code| District::named(request_context(ctx), code)).transpose()?;
            let offering = if duty.decides { self.shortest().cloned() } else { None };
            Ok(Duty { order, duty, district, offering })
        };
        (1..).zip(self.duty_table()).map(duty).collect()
    }

    /// The sum of the days of the duties that have a limit; duties without one are not counted. Null when no duty has a
    /// limit, and when the units differ. At once counts as 0 days.
    fn total_days(&self) -> Option<i32> {
        duty::total(&self.duty_table()).map(|(days, _)| int(days))
    }

    /// The first day of the unbroken period around the day in question in which the route exists. Null: no start.
    fn valid_from(&self) -> Option<Date> {
        self.route.valid.from.map(Date)
    }

    /// The last day of that period, for any cause of end: its basis, a later version, a leaving party, a suspension,
    /// a retirement, an offering. Null: no end.
    fn valid_to(&self) -> Option<Date> {
        self.route.valid.to.map(Date)
    }

    /// Notices about this route.
    async fn notices(&self) -> Vec<Reason> {
        Reason::list(self.route.notices.clone())
    }
}
