//! Queries about records by global id.

use async_graphql::{Context, ID, Object};
use registry::error::Error;
use registry::limits::MAX_PAGE_SIZE;

use super::arguments::at_most;
use crate::context::request_context;
use crate::engine::field_order::Serial;
use crate::engine::sequential::Sequential;
use crate::node::Node;
use crate::scalar::DateTime;

#[derive(Debug, Clone, Copy, Default)]
pub struct NodeQuery;

#[Object(serial)]
impl NodeQuery {
    // Relay's compiler expects this field to have one argument.
    /// The record with this global id. Null when there is none, and when the caller may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, as the field `id` returned it.")] id: ID,
    ) -> Result<Option<Serial<Node>>, Error> {
        Ok(Node::find(request_context(ctx), &[id]).await?.pop().flatten().map(Serial))
    }

    /// The record with this global id as it was recorded at a moment in the past. Null when it did not exist at that
    /// moment, and for keys, findings and tasks, which have no history. The record itself is the one of that moment;
    /// the records that it refers to are those of today.
    async fn node_as_recorded(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, as the field `id` returned it.")] id: ID,
        #[graphql(desc = "The moment in the past for which the record is returned.")] recorded_at: DateTime,
    ) -> Result<Option<Serial<Node>>, Error> {
        Ok(Node::as_recorded(request_context(ctx), &id, recorded_at.0).await?.map(Serial))
    }

    /// The records with these global ids, in the same order. Null in the place of a record that does not exist or that
    /// the caller may not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Sequential<Option<Serial<Node>>>, Error> {
        if ids.len() > MAX_PAGE_SIZE {
            return Err(Error::bad_input("ids", at_most(ids.len(), MAX_PAGE_SIZE, "个标识", "ids")));
        }
        Ok(Sequential(Node::find(request_context(ctx), &ids).await?.into_iter().map(|node| node.map(Serial)).collect()))
    }
}
