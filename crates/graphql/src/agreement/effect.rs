//! What a version or an act would change.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use catalogue::{Listed, Narrowing};
use graphql_macros::direct_json;
use registry::acts::Preview;
use registry::effect::{Computed, of_preview, of_version};
use registry::error::Error;
use registry::request_context::RequestContext;

use super::version::AgreementVersion;
use crate::connection::arguments::Paging;
use crate::connection::connection;
use crate::context::{Views, request_context};
use crate::district::District;
use crate::enums::handling::HandlingMode;
use crate::finding::Finding;
use crate::matter::{Matter, MatterConnection};
use crate::scalar::{Date, DistrictCode, int};

/// A comparison of two districts costs as much as so many fields.
const FIELDS_PER_PAIR: u64 = 3;

#[derive(Debug, Clone)]
pub struct Effect(Arc<catalogue::Effect>);

#[derive(Debug, Clone)]
pub struct EffectCell {
    effect: Arc<catalogue::Effect>,
    is_ending: bool,
    at: usize,
}

connection! {
    /// A page of changes between districts.
    EffectConnection,
    /// A change in a list.
    EffectEdge, EffectCell
}

/// The districts to which an effect is narrowed.
pub(crate) fn narrowing(receiving: Option<DistrictCode>, competent: Option<DistrictCode>) -> Narrowing {
    Narrowing { receiving: receiving.map(|code| code.0), competent: competent.map(|code| code.0) }
}

impl Effect {
    pub(super) async fn of_version(
        ctx: &Context<'_>,
        version: &AgreementVersion,
        on: Option<Date>,
        narrowing: Narrowing,
    ) -> Result<Self, Error> {
        let number = version.of().number;
        let computing = of_version(request_context(ctx), &version.agreement, number, on.map(|on| on.0), narrowing);
        Ok(Self::counted(ctx, computing.await?))
    }

    /// `None`: nothing was to be previewed.
    pub(crate) async fn of_preview(
        ctx: &Context<'_>,
        preview: Option<&Preview>,
        narrowing: Narrowing,
    ) -> Result<Option<Self>, Error> {
        let Some(preview) = preview else { return Ok(None) };
        let computing = of_preview(request_context(ctx), preview, narrowing);
        Ok(Some(Self::counted(ctx, computing.await?)))
    }

    fn counted(ctx: &Context<'_>, Computed { effect, pairs }: Computed) -> Self {
        ctx.data_unchecked::<Arc<Views>>().count(pairs as u64 * FIELDS_PER_PAIR);
        Self(Arc::new(effect))
    }

    fn page(&self, is_ending: bool, paging: &Paging) -> Result<EffectConnection, Error> {
        let cells = if is_ending { &self.0.ending } else { &self.0.starting };
        let entry = |at: usize| {
            let cell = &cells[at];
            let code = format!("{} {} {}", cell.receiving.code, cell.competent.code, cell.mode.name());
            let item = EffectCell { effect: self.0.clone(), is_ending, at };
            Some(Listed { rank: u32::try_from(at).ok()?, code, item })
        };
        Ok(paging.cut_from(cells.len(), entry)?.into())
    }
}

/// What a version or an act would change on a day (影响): the matters that can, and that can no longer, be submitted
/// across districts.
#[Object(serial)]
impl Effect {
    /// The day of the comparison.
    async fn on(&self) -> Date {
        Date(self.0.on)
    }

    /// The number of different matters that start or end somewhere.
    async fn matters(&self) -> i32 {
        int(self.0.matters)
    }

    /// The number of routes (办理途径) that start or end: matters by direction and mode.
    async fn routes(&self) -> i32 {
        int(self.0.routes())
    }

    /// What starts, by receiving district, competent district and mode.
    async fn starting(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<EffectConnection, Error> {
        self.page(false, &Paging::new(first, after, last, before)?)
    }

    /// What ends, in the same order.
    async fn ending(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<EffectConnection, Error> {
        self.page(true, &Paging::new(first, after, last, before)?)
    }

    /// The contradictions with other agreements that begin: other terms for the same parties, matters and mode. They are
    /// findings only once the change is made.
    async fn contradictions(&self) -> Vec<Finding> {
        self.0.contradictions.iter().cloned().map(Finding::of).collect()
    }
}

impl EffectCell {
    fn of(&self) -> &catalogue::EffectCell {
        if self.is_ending { &self.effect.ending[self.at] } else { &self.effect.starting[self.at] }
    }
}

/// The matters that start or end between two districts in one mode.
#[direct_json]
#[Object(serial)]
impl EffectCell {
    /// The id of the change, made from its content. An effect is computed and not kept, so `node` gives null for it.
    #[graphql(name = "id")]
    pub(crate) async fn resolve_id(&self) -> ID {
        let catalogue::EffectCell { receiving, competent, mode, .. } = self.of();
        let side = if self.is_ending { "ending" } else { "starting" };
        ID(format!("eff_{side}_{}_{}_{}", receiving.id, competent.id, mode.name()))
    }

    /// The receiving district (收件地): where applicants submit.
    fn receiving(&self) -> District {
        District(self.of().receiving.clone())
    }

    /// The competent district (业务属地): whose authority decides.
    fn competent(&self) -> District {
        District(self.of().competent.clone())
    }

    /// The handling mode.
    fn mode(&self) -> HandlingMode {
        self.of().mode.into()
    }

    /// The number of matters.
    fn matters(&self) -> i32 {
        int(self.of().matters.len())
    }

    /// The matters, by code.
    fn list(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<MatterConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        Ok(Matter::page(request, &self.of().matters, &paging)?.into())
    }
}
