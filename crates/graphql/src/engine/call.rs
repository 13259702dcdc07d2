//! One GraphQL request of a known caller, and why it may be rejected before there is a response.

use async_graphql::Value;
use bytes::Bytes;
use domain::{Revision, Scope};
use registry::admission::Busy;
use registry::rate_limit::{Client, Quota, QuotaExceeded};
use registry::request_context::RequestContext;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Engine;
use super::document_cache::DocumentHash;
use super::response_cache::{CacheKey, Generation};

/// A request before it is parsed.
#[derive(Debug)]
pub struct Call {
    pub context: RequestContext,
    pub client: Client,
    /// As it came: a body, or the query of an address.
    pub request: Bytes,
    /// Only queries are taken, as by GET.
    pub queries_only: bool,
    /// May the caller introspect the schema?
    pub(super) introspection: bool,
    pub(super) generation: Generation,
    /// `None`: the response is not cached. What stewards see does not follow from the revision alone.
    pub key: Option<CacheKey>,
}

/// A request after it is parsed.
#[derive(Debug)]
pub struct GraphqlRequest {
    /// Empty: the document with this hash.
    pub query: String,
    pub hash: Option<DocumentHash>,
    pub operation: Option<String>,
    pub variables: Map<String, Json>,
    /// Texts that were left in the body. In the variables they are empty.
    pub long_texts: Vec<LongText>,
}

/// A long text in a field of a variable, such as a file in base64.
#[derive(Debug)]
pub struct LongText {
    pub variable: String,
    pub field: String,
    /// UTF-8.
    pub text: Bytes,
}

/// Why a request gets no response of GraphQL.
#[derive(Debug)]
pub enum Rejection {
    /// With what it would have cost, once that is known.
    RateLimited(QuotaExceeded, Option<(Cost, Revision)>),
    Busy,
    /// The operation took longer than so many seconds.
    Timeout(u64),
    /// It is a mutation or a subscription, where only queries are taken.
    NotAQuery,
    /// Our own mistake; the text is for the log.
    Internal(String),
}

impl From<QuotaExceeded> for Rejection {
    fn from(exceeded: QuotaExceeded) -> Self {
        Self::RateLimited(exceeded, None)
    }
}

impl From<Busy> for Rejection {
    fn from(Busy: Busy) -> Self {
        Self::Busy
    }
}

impl Engine {
    pub fn call(&self, context: RequestContext, client: Client, request: Bytes, queries_only: bool) -> Call {
        let introspection = self.introspection.is_open_to(&context.viewer);
        // Without a cache a query by GET still has a key: its entity tag is made of it.
        let has_key = context.scope != Scope::Steward && (queries_only || self.responses.is_on());
        let key = has_key.then(|| CacheKey {
            request: request.clone(),
            queries_only,
            scope: context.scope.clone(),
            locale: context.locale,
            introspection,
        });
        Call { generation: Generation::of(&context), client, request, queries_only, introspection, key, context }
    }

    /// Spends points of the caller.
    pub async fn spend(&self, call: &Call, points: u64) -> Result<Option<Quota>, Rejection> {
        self.admission.spend(call.client.clone(), points).await.map_err(|exceeded| {
            let cost = self.cost(call, points, 0, Some(exceeded.quota));
            Rejection::RateLimited(exceeded, Some((cost, call.revision())))
        })
    }

    pub(super) fn cost(&self, call: &Call, requested: u64, actual: u64, quota: Option<Quota>) -> Cost {
        let maximum = self.admission.max_cost(&call.client);
        let quota = quota.map(|Quota { allowance, remaining }| CostQuota {
            limit: allowance.points,
            remaining,
            restore_rate: allowance.per_second,
        });
        Cost { requested, actual, maximum, quota }
    }
}

impl Call {
    pub(super) fn revision(&self) -> Revision {
        self.context.snapshot.revision()
    }
}

/// `extensions.cost`: the price beforehand, the actual cost, the most that it may be, and the client's quota.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    requested: u64,
    actual: u64,
    maximum: u64,
    #[serde(flatten)]
    quota: Option<CostQuota>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct CostQuota {
    limit: u32,
    remaining: u32,
    restore_rate: u32,
}

impl From<Cost> for Value {
    fn from(cost: Cost) -> Self {
        async_graphql::to_value(cost).expect("numbers are JSON")
    }
}
