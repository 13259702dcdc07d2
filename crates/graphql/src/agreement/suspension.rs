//! Suspensions (暂停).

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, SimpleObject, Value};
use catalogue::Kept;
use domain::SuspensionId;
use graphql_macros::DirectJson;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::Agreement;
use crate::district::District;
use crate::engine::direct_json::{JsonWriter, WriteValue};
use crate::matter::Matter;
use crate::scalar::Date;

/// A suspension (暂停): routes of the agreement do not exist from `since` to `until`.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Suspension {
    /// The id, for `endStop`. It stays the same when the last day or the texts change.
    pub(super) id: StopId,
    /// The party that set the suspension: it affects the routes in which that party takes part. Null when the registry
    /// set it: it affects the routes of all parties.
    pub(super) party: Option<District>,
    /// The part of these routes that it stops.
    pub(super) scope: StopScope,
    /// The first day. It may lie ahead.
    pub(super) since: Date,
    /// The last day: the stated one, or the day before the suspension was ended. Null: it lasts until it is ended.
    pub(super) until: Option<Date>,
    /// The reason. Empty for callers who are neither a party nor stewards.
    pub(super) reason: String,
    /// The text for everybody. Null when there is none.
    pub(super) public_text: Option<String>,
    /// The day on which it was ended by an act: from this day on it does not apply. Null when it was not.
    pub(super) ended_on: Option<Date>,
    /// Why it was ended. Null when none was given, and for callers who do not see the reason.
    pub(super) end_reason: Option<String>,
}

/// The scope of a suspension (停办范围). A list means any of its entries; several lists together mean all of them;
/// when nothing is named, everything is stopped.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct StopScope {
    /// The keys of clauses. Empty: all clauses.
    clauses: Vec<String>,
    /// The matters. Empty: all matters.
    matters: Vec<Matter>,
    /// The receiving districts, with all districts below them. Empty: all.
    receiving: Vec<District>,
    /// The competent districts, with all districts below them. Empty: all.
    competent: Vec<District>,
}

/// The id of a suspension. In the schema it is an `ID`.
#[derive(Debug, Clone, Copy)]
pub struct StopId(SuspensionId);

impl OutputType for StopId {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_string()))
    }
}

impl WriteValue for StopId {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.code(self.0)
    }
}

impl Suspension {
    /// The suspension at an index of an agreement. `None` for one that was ended before it covered a day.
    pub(crate) fn of(
        request: &RequestContext,
        agreement: &domain::Agreement,
        at: usize,
    ) -> Result<Option<Self>, Error> {
        let suspension = &agreement.suspensions[at];
        if days(suspension).is_backwards() {
            return Ok(None);
        }
        Self::with_id(request, agreement.suspension_id(at), suspension).map(Some)
    }

    /// The same of a published agreement, with what the caller may see of it.
    pub(crate) fn seen(
        request: &RequestContext,
        published: &Kept<domain::Agreement>,
        at: usize,
    ) -> Result<Option<Self>, Error> {
        // Every caller sees all suspensions, in the same order.
        Self::of(request, &Agreement::through(request, published).0, at)
    }

    pub(crate) fn with_id(
        request: &RequestContext,
        id: SuspensionId,
        suspension: &domain::Suspension,
    ) -> Result<Self, Error> {
        let days = days(suspension);
        let domain::Suspension {
            party,
            scope,
            since,
            set_on: _,
            until: _,
            cleared_on,
            contests: _,
            reason,
            public_text,
            end_reason,
        } = suspension;
        Ok(Self {
            id: StopId(id),
            party: party.map(|code| District::named(request, code)).transpose()?,
            scope: StopScope::of(request, scope)?,
            since: Date(*since),
            until: days.to.map(Date),
            reason: reason.to_string(),
            public_text: public_text.as_deref().map(str::to_owned),
            ended_on: cleared_on.map(Date),
            end_reason: end_reason.as_deref().map(str::to_owned),
        })
    }
}

/// The days that it covers.
fn days(suspension: &domain::Suspension) -> domain::Period {
    let domain::Suspension { since, until, cleared_on, .. } = suspension;
    let before_clearing = cleared_on.and_then(|cleared| cleared.pred_opt());
    domain::Period::new(Some(*since), *until).and(domain::Period::new(None, before_clearing))
}

impl StopScope {
    fn of(request: &RequestContext, scope: &domain::StopScope) -> Result<Self, Error> {
        let domain::StopScope { clauses, matters, receiving, competent } = scope;
        let districts = |codes: &[domain::DistrictCode]| {
            codes.iter().map(|code| District::named(request, *code)).collect::<Result<_, Error>>()
        };
        Ok(Self {
            clauses: clauses.iter().map(ToString::to_string).collect(),
            matters: matters.iter().map(|code| Matter::named(request, *code)).collect::<Result<_, _>>()?,
            receiving: districts(receiving)?,
            competent: districts(competent)?,
        })
    }
}
