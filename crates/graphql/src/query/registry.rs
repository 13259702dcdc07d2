//! Queries about the registry itself and the caller.

use async_graphql::{Context, Object};
use registry::rate_limit::Allowance;

use crate::context::{language, request_context};
use crate::enums::caller::Locale;
use crate::registry::{Registry, Viewer};
use crate::vocabulary::{SharedEnumDescriptions, Vocabulary};

#[derive(Debug, Clone, Copy, Default)]
pub struct RegistryQuery;

#[Object(serial)]
impl RegistryQuery {
    /// This registry: its software, the state of its journal, and its limits.
    async fn registry(&self, ctx: &Context<'_>) -> Registry {
        Registry::new(request_context(ctx), ctx.data_opt::<Allowance>().copied())
    }

    /// The caller: the API key of this request, its permissions and its tasks.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// The values of every enum with their labels, ordered by the name of the enum. A client can load them once and
    /// again when `registry.version` changes.
    async fn vocabularies(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> Vec<Vocabulary> {
        Vocabulary::all(language(request_context(ctx), locale), ctx.data_unchecked::<SharedEnumDescriptions>())
    }
}
