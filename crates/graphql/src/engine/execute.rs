//! The sequence of a request: look in the response cache; prepare the document; price it; spend; execute; settle;
//! store; return.

use std::sync::Arc;

use async_graphql::{Request, Response, Value, Variables};
use bytes::Bytes;
use domain::Message;
use persistence::SPAN_TARGET;
use registry::admission::Prepayment;
use registry::deadline::Deadline;
use registry::error::Code;
use registry::limits::{BYTES_PER_POINT, FREE_BYTES, FREE_TOKENS, MAX_REQUEST_BYTES, MAX_TOKENS, TOKENS_PER_POINT};
use registry::rate_limit::Quota;
use registry::request_context::RequestContext;
use registry::response_size::too_long;
use serde_json::Value as Json;
use tokio::sync::OwnedSemaphorePermit;
use tracing::{Instrument as _, Span};

use super::Engine;
use super::call::{Call, GraphqlRequest, Rejection};
use super::document_cache::DocumentHash;
use super::query_complexity;
use super::response::{self, GraphqlResponse};
use super::response_cache::CachedResponse;
use crate::engine::error::response as error_response;
use crate::engine::offload;
use crate::engine::prepared::Prepared;
use crate::engine::price::{Price, outline};
use crate::engine::run::Executed;
use crate::engine::variables::long_text::put_long_texts;

/// A document with the values of its variables, or the response that refuses it.
type PreparedRequest = Result<(Arc<Prepared>, Variables), Box<Response>>;

impl Engine {
    /// Answers a request from the response cache, or else parses and executes it. `check` is back-pressure: it refuses
    /// a client that has too many unread response bytes. It is called before parsing, and again after waiting for a
    /// permit, since the client may have been sent other responses meanwhile.
    pub async fn execute<E: From<Rejection>>(
        &self,
        call: Call,
        check: impl Fn() -> Result<(), E>,
        parse: impl FnOnce(&Bytes) -> Result<GraphqlRequest, E>,
    ) -> Result<GraphqlResponse, E> {
        if let Some(cached) = self.cached(&call).await? {
            return Ok(cached);
        }
        // On the heap: the future of a miss is much larger than that of a hit.
        Box::pin(self.execute_uncached(call, check, parse)).await
    }

    /// The response that was given to the same request.
    async fn cached(&self, call: &Call) -> Result<Option<GraphqlResponse>, Rejection> {
        let Some(cached) = call.key.as_ref().and_then(|key| self.responses.get(key, call.generation)) else {
            return Ok(None);
        };
        let quota = self.spend(call, cached.actual).await?;
        drop(self.times.start_timer(cached.label));
        Span::current().record("graphql.operation", cached.label);
        response::from_cache(&cached, self.cost(call, cached.requested, cached.actual, quota), call.revision())
            .map(Some)
    }

    async fn execute_uncached<E: From<Rejection>>(
        &self,
        mut call: Call,
        check: impl Fn() -> Result<(), E>,
        parse: impl FnOnce(&Bytes) -> Result<GraphqlRequest, E>,
    ) -> Result<GraphqlResponse, E> {
        // Reject before parsing when the rate limit is exhausted.
        self.admission.check(&call.client).map_err(Rejection::from)?;
        check()?;
        let request = parse(&call.request)?;
        let operation = request.operation.clone();
        let name = operation.as_deref();
        let prepared = self.prepare(&mut call, request).await?;

        let lengths = call.context.snapshot.lengths();
        let price =
            prepared.as_ref().map_or(Price::LEAST, |(prepared, variables)| prepared.price(name, variables, &lengths));
        let refusal = self.refusal(&call, prepared, price);
        // A refused operation pays for its reading alone.
        let paid = if refusal.is_err() { Price::LEAST.usual } else { price.usual };
        let quota = self.spend(&call, paid).await?;
        let (prepared, variables) = match refusal {
            Ok(accepted) => accepted,
            Err(refused) => {
                let cost = self.cost(&call, price.usual, paid, quota);
                return Ok(response::written((*refused).extension("cost", cost.into()), &call)?);
            }
        };
        let mut prepayment = self.admission.prepayment(call.client.clone(), paid, price.most);
        if call.queries_only && prepared.changes_something(name) {
            return Err(Rejection::NotAQuery.into());
        }

        let values = outline(&variables);
        let _permit = self.admission.run_permit().await.map_err(Rejection::from)?;
        let request = self.request(&call, variables, name, quota);
        // The permit to offload is held until the response is written: until then the response is in memory twice.
        let (Executed { response, direct_fields }, _offload_permit) =
            self.run(&call, &check, prepared.clone(), request, price, &mut prepayment).await?;
        if call.context.size.is_too_much() {
            let quota = prepayment.settle_at_most();
            let cost = self.cost(&call, price.usual, price.most, quota);
            let refused = with_revision(error_response(Code::TooCostly, too_long()), &call);
            return Ok(response::written(refused.extension("cost", cost.into()), &call)?);
        }
        let counted = prepared.actual(name, &values, &response.data, direct_fields).saturating_add(price.offloading);
        // An operation that failed is not refunded: it may have done its work before.
        let actual = if response.errors.is_empty() { counted } else { counted.max(price.usual) };
        let quota = prepayment.settle(actual);
        let cost = self.cost(&call, price.usual, actual, quota);

        let may_be_stored = response.errors.is_empty()
            && !response.extensions.contains_key("warnings")
            && prepared.is_about_the_registry(name);
        let key = call.key.clone().filter(|_| may_be_stored);
        let Some((key, beginning)) =
            key.and_then(|key| Some((key, response::beginning(&response.data, call.context.size.bytes())?)))
        else {
            let written = response::written(response.extension("cost", cost.into()), &call)?;
            if written.codes.iter().any(|code| code == Code::TooCostly.name()) {
                prepayment.settle_at_most();
            }
            return Ok(written);
        };
        let cached = CachedResponse { beginning, requested: price.usual, actual, label: prepared.label(name) };
        let answer = response::from_cache(&cached, cost, call.revision())?;
        self.responses.insert(key, call.generation, cached);
        Ok(answer)
    }

    /// Finds the document in the cache, or parses, measures and validates it; then coerces the variables. Reading costs
    /// points.
    async fn prepare(&self, call: &mut Call, request: GraphqlRequest) -> Result<PreparedRequest, Rejection> {
        let GraphqlRequest { query, hash, operation, variables, long_texts } = request;
        let bytes = call.request.len().min(MAX_REQUEST_BYTES).saturating_sub(FREE_BYTES) / BYTES_PER_POINT;
        if call.request.len() > MAX_REQUEST_BYTES {
            // It carries a file, which the variables hold: release the body, so that it lives no longer than they do.
            (call.request, call.key) = (Bytes::new(), None);
        }
        let cached = self.documents.get(&query, hash);
        let tokens = if cached.is_some() { Ok(0) } else { query_complexity::count_tokens(&query) };
        let reading = bytes + tokens.as_ref().unwrap_or(&MAX_TOKENS).saturating_sub(FREE_TOKENS) / TOKENS_PER_POINT;
        if reading > 0 {
            self.spend(call, reading as u64).await?;
        }
        let document = match (cached, tokens) {
            (Some(prepared), _) => Ok(prepared),
            (None, _) if query.is_empty() => Err(error_response(
                Code::PersistedQueryNotFound,
                Message::new("PersistedQueryNotFound", "PersistedQueryNotFound"),
            )
            .into()),
            (None, Ok(tokens)) => self.parse(query, tokens, hash).await?,
            (None, Err(excess)) => Err(Box::new(excess.into())),
        };
        let mut variables = Variables::from_json(Json::Object(variables));
        Ok(document.and_then(|prepared| {
            let name = operation.as_deref();
            put_long_texts(&mut variables, long_texts, prepared.changes_something(name));
            prepared.coerce(name, variables).map(|variables| (prepared, variables))
        }))
    }

    /// Prepares a document that is not in the cache. Long ones are prepared off the threads that answer, a few at a
    /// time.
    async fn parse(
        &self,
        document: String,
        tokens: usize,
        hash: Option<DocumentHash>,
    ) -> Result<Result<Arc<Prepared>, Box<Response>>, Rejection> {
        if document.len() <= FREE_BYTES {
            return Ok(self.documents.prepare(&document, tokens, hash));
        }
        let permit = self.admission.prepare_permit().await?;
        let documents = self.documents.clone();
        let preparing = tokio::task::spawn_blocking(move || {
            let prepared = documents.prepare(&document, tokens, hash);
            // The permit is held until the work is done, also when the client has gone.
            drop(permit);
            prepared
        });
        preparing.await.map_err(|error| Rejection::Internal(format!("a document could not be prepared: {error}")))
    }

    /// The request if it may run, else the response that refuses it.
    fn refusal(&self, call: &Call, prepared: PreparedRequest, price: Price) -> PreparedRequest {
        let (prepared, variables) = prepared.map_err(|refused| Box::new(with_revision(*refused, call)))?;
        if prepared.introspects() && !call.introspection {
            let message = Message::new(
                "未开放内省：模式文本见 /schema.graphql",
                "introspection is disabled: the text of the schema is at /schema.graphql",
            );
            return Err(with_revision(error_response(Code::Forbidden, message), call).into());
        }
        let (requested, most) = (price.usual, self.admission.max_cost(&call.client));
        if requested > most {
            let message = Message::new(
                format!("该操作需 {requested} 点，最多可用 {most} 点：请减少每页条数"),
                format!("the operation costs {requested} points, and may cost {most}: ask for shorter pages"),
            );
            return Err(with_revision(error_response(Code::TooCostly, message), call).into());
        }
        Ok((prepared, variables))
    }

    /// The request to the GraphQL engine.
    fn request(&self, call: &Call, variables: Variables, name: Option<&str>, quota: Option<Quota>) -> Request {
        let mut request = Request::new("").variables(variables);
        request.operation_name = name.map(str::to_owned);
        if !call.introspection {
            request = request.disable_introspection();
        }
        match quota {
            Some(quota) => request.data(quota.allowance),
            None => request,
        }
    }

    /// Runs the operation within its time. An expensive one runs on a low-priority thread of its own, so that its time
    /// limit holds and others are answered meanwhile.
    async fn run<E: From<Rejection>>(
        &self,
        call: &Call,
        check: &impl Fn() -> Result<(), E>,
        prepared: Arc<Prepared>,
        request: Request,
        price: Price,
        prepayment: &mut Prepayment<'_>,
    ) -> Result<(Executed, Option<OwnedSemaphorePermit>), E> {
        let label = prepared.label(request.operation_name.as_deref());
        let _timer = self.times.start_timer(label);
        Span::current().record("graphql.operation", label);
        let deadline = Deadline::after(self.timeout);
        let _cancel = deadline.cancel_on_drop();
        let context = RequestContext { deadline: deadline.clone(), ..call.context.clone() };
        let span = tracing::trace_span!(target: SPAN_TARGET, "graphql", graphql.operation = label);
        let running = async {
            if price.offloading == 0 {
                prepayment.begin();
                return Ok((self.schemas.run(&prepared, request, context, false).await, None));
            }
            let permit = self.admission.offload_permit(self.timeout).await.map_err(Rejection::from)?;
            check()?;
            prepayment.begin();
            let (schemas, span) = (self.schemas.clone(), Span::current());
            let running = async move {
                let executed = schemas.run(&prepared, request, context, price.checks_deadline).instrument(span).await;
                (executed, Some(permit))
            };
            offload::run(running)
                .await
                .map_err(|error| E::from(Rejection::Internal(format!("an operation was not executed: {error}"))))
        };
        match tokio::time::timeout(self.timeout, running.instrument(span)).await {
            Ok(Err(refused)) => Err(refused),
            Ok(Ok((executed, permit))) if executed.response.errors.is_empty() || !deadline.has_passed() => {
                Ok((executed, permit))
            }
            Ok(Ok(_)) | Err(_) => Err(Rejection::Timeout(self.timeout.as_secs()).into()),
        }
    }
}

fn with_revision(refused: Response, call: &Call) -> Response {
    refused.extension("revision", Value::Number(call.revision().into()))
}
