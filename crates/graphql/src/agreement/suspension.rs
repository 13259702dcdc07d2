//! Suspensions (暂停).

use async_graphql::SimpleObject;
use graphql_macros::DirectJson;
use registry::error::Error;
use registry::request_context::RequestContext;

use crate::district::District;
use crate::scalar::Date;

/// A suspension (暂停): routes of the agreement do not exist from `since` to `until`.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Suspension {
    /// The party that set the suspension: it affects the routes in which that party takes part. Null when the registry
    /// set it: it affects all routes.
    pub(super) party: Option<District>,
    /// The first day.
    pub(super) since: Date,
    /// The last day: the stated one, or the day before the suspension was ended. Null: it lasts until it is ended.
    pub(super) until: Option<Date>,
    /// The reason.
    pub(super) reason: String,
}

impl Suspension {
    /// `None` for a suspension that was ended before it covered a day.
    pub(crate) fn of(request: &RequestContext, suspension: &domain::Suspension) -> Result<Option<Self>, Error> {
        let domain::Suspension { party, since, until, cleared_on, contests: _, reason } = suspension;
        let before_clearing = cleared_on.and_then(|cleared| cleared.pred_opt());
        let covers = domain::Period::new(Some(*since), *until).and(domain::Period::new(None, before_clearing));
        if covers.is_backwards() {
            return Ok(None);
        }
        let party = party.map(|code| District::named(request, code)).transpose()?;
        Ok(Some(Self { party, since: Date(*since), until: covers.to.map(Date), reason: reason.to_string() }))
    }
}
