//! The duty table of a route.

use async_graphql::{Context, Object};
use domain::duty;

use crate::context::{language, request_context};
use crate::district::District;
use crate::enums;
use crate::enums::caller::Locale;
use crate::enums::handling::DutyActor;
use crate::enums::offering::DayKind;
use crate::offering::Offering;
use crate::scalar::int;

#[derive(Debug)]
pub struct Duty {
    pub(super) order: i32,
    pub(super) duty: duty::Duty,
    pub(super) district: Option<District>,
    pub(super) offering: Option<Offering>,
}

/// One row of the duty table.
#[Object(serial)]
impl Duty {
    /// The position in the table, from 1.
    async fn order(&self) -> i32 {
        self.order
    }

    /// The party responsible for the duty.
    async fn actor(&self) -> DutyActor {
        self.duty.actor.into()
    }

    /// The label of the actor.
    async fn actor_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.duty.actor.label(language(request_context(ctx), locale))
    }

    /// The district of the actor. Null for the applicant, and where only a role is agreed.
    async fn district(&self) -> Option<&District> {
        self.district.as_ref()
    }

    /// The duty in one sentence.
    async fn task(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.duty.task.text(language(request_context(ctx), locale))
    }

    /// The time limit in days of `dayKind`; 0: at once. Null when no limit is stated.
    async fn days(&self) -> Option<i32> {
        self.duty.days.map(int)
    }

    /// The offering that the time limit comes from. Null for every duty but the decision.
    async fn offering(&self) -> Option<&Offering> {
        self.offering.as_ref()
    }

    /// The unit of the time limit. Null when no limit is stated.
    async fn day_kind(&self) -> Option<DayKind> {
        self.duty.day_kind.as_deref().map(|kind| enums::from_text(kind, domain::DayKind::Other))
    }
}
