//! Reasons of a no, and notices beside a yes.

use async_graphql::{Context, Object};
use futures::FutureExt as _;
use registry::error::Error;
use registry::request_context::RequestContext;

use crate::context::{language, request_context};
use crate::engine::field_order::Serial;
use crate::enums::caller::Locale;
use crate::enums::handling::ReasonCode;
use crate::node::Node;
use crate::offering::Offering;
use crate::scalar::int;

#[derive(Debug, Clone)]
pub struct Reason(pub(super) catalogue::Reason);

impl Reason {
    pub(crate) fn list(reasons: Vec<catalogue::Reason>) -> Vec<Self> {
        reasons.into_iter().map(Self).collect()
    }
}

/// A reason why a matter cannot be handled, or a notice about a route.
#[Object(serial)]
impl Reason {
    /// The stable code, by which a program decides.
    async fn code(&self) -> ReasonCode {
        self.0.code.into()
    }

    /// The reason in one sentence.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.0.message(language(request_context(ctx), locale))
    }

    /// The remedy, in one sentence. Null when there is nothing to add.
    async fn remedy(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> Option<&str> {
        Some(self.0.remedy(language(request_context(ctx), locale))).filter(|remedy| !remedy.is_empty())
    }

    /// The record that the reason is about. Null when there is none.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Serial<Node>>, Error> {
        match self.0.subject() {
            Some(subject) => Ok(node(request_context(ctx), subject).await?.map(Serial)),
            None => Ok(None),
        }
    }

    /// The number of bases with this reason; 1 for a reason that is not about a basis.
    async fn count(&self) -> i32 {
        int(self.0.count)
    }

    /// The records that the reason is about: `subject` and at most nine more.
    async fn subjects(&self, ctx: &Context<'_>) -> Result<Vec<Serial<Node>>, Error> {
        let mut nodes = Vec::with_capacity(self.0.subjects.len());
        for subject in &self.0.subjects {
            nodes.extend(node(request_context(ctx), subject).await?.map(Serial));
        }
        Ok(nodes)
    }
}

/// The record that a reason is about. An offering is fetched: the catalogue has only a part of it.
async fn node(request: &RequestContext, subject: &catalogue::Subject) -> Result<Option<Node>, Error> {
    match subject {
        catalogue::Subject::Offering(id) => {
            Ok(Offering::fetch_known(request, vec![*id]).boxed().await?.into_values().next().map(Node::Offering))
        }
        catalogue::Subject::District(_)
        | catalogue::Subject::Matter(_)
        | catalogue::Subject::Agreement(_)
        | catalogue::Subject::Policy(_) => Ok(Node::of_subject(request, subject)),
    }
}
