//! One request of GraphQL whose sender is known: answered again where the very same was asked before, else read, priced,
//! executed and written.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, mem};

use async_graphql::{Request, ServerError, Value, Variables};
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Locale, Message, Revision, Scope};
use http_body::{Frame, SizeHint};
use persistence::SPAN_TARGET;
use serde::Serialize;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use tracing::{Instrument as _, Span};

use super::answers::{Answer, Moment, Question};
use super::budget::{Client, Standing};
use super::graphql::{Asking, Media, VARY, Wording, respond};
use super::guard::Door;
use super::limit::{self, Excess};
use super::refusal::Refusal;
use crate::deadline::Deadline;
use crate::error::Code;
use crate::graphql::error::{response as error_response, translate};
use crate::graphql::response_size::too_long;
use crate::graphql::{Executed, Prepared, Price, is_request_error, outline, write_json};
use crate::limits::{
    BYTES_PER_POINT, DEADLINE_CHECK_COST, FREE_BYTES, FREE_TOKENS, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, MAX_TOKENS, OFFLOAD_COST, OFFLOAD_WORK,
    TOKENS_PER_POINT,
};
use crate::metrics::ResponseMetrics;
use crate::offload;
use crate::request_context::RequestContext;
use crate::viewer::Viewer;

/// What is asked, by whom, of which view of the registry.
pub(super) struct Inquiry<'a> {
    door: &'a Door,
    address: IpAddr,
    client: Client,
    /// May the caller ask about the schema?
    introspects: bool,
    asked: RequestContext,
    media: Media,
    wording: Wording,
    by_address: bool,
    moment: Moment,
    /// What may be answered again; `None`: what stewards see does not follow from the revision alone.
    question: Option<Question>,
    tag: Option<Tag>,
}

impl<'a> Inquiry<'a> {
    pub(super) fn new(door: &'a Door, address: IpAddr, viewer: Viewer, locale: Locale, media: Media, wording: Wording) -> Self {
        let client = Client::of(&viewer, address);
        let introspects = door.guard.may_introspect(&viewer);
        let asked = RequestContext { locale, ..door.app.request_context(viewer) };
        let by_address = matches!(wording, Wording::Address(_));
        let question = (asked.eyes != Scope::Steward && (by_address || door.guard.answers.are_kept())).then(|| Question {
            wording: wording.bytes().clone(),
            by_address,
            eyes: asked.eyes.clone(),
            locale,
            introspects,
        });
        let tag = question.as_ref().filter(|_| by_address).map(|question| Tag::of(question, &asked, media));
        Self { door, address, client, introspects, moment: Moment::of(&asked), asked, media, wording, by_address, question, tag }
    }

    fn revision(&self) -> Revision {
        self.asked.snapshot.revision()
    }

    async fn spend(&self, cost: u64) -> Result<Option<Standing>, Refusal> {
        self.door.guard.spend(self.client.clone(), cost).await.map_err(|spent| {
            let told = self.told(cost, 0, Some(spent.standing));
            Refusal::spent(spent).telling("cost", json!(told)).telling("revision", self.revision().into())
        })
    }

    fn told(&self, requested: u64, actual: u64, standing: Option<Standing>) -> Cost {
        Cost::new(requested, actual, self.door.guard.most(&self.client), standing)
    }

    /// The answer that was given to the same question; or that the caller has it.
    pub(super) async fn again(&self, headers: &HeaderMap) -> Result<Option<Response>, Refusal> {
        if let Some(tag) = &self.tag
            && tag.is_among(headers)
        {
            self.spend(1).await?;
            return Ok(Some(tagged(StatusCode::NOT_MODIFIED.into_response(), Some(tag))));
        }
        let Some(known) = self.question.as_ref().and_then(|question| self.door.guard.answers.find(question, self.moment)) else {
            return Ok(None);
        };
        let standing = self.spend(known.actual).await?;
        drop(self.door.app.metrics.begin(known.label));
        Span::current().record("graphql.operation", known.label);
        let response = again(self.media, &known, self.told(known.requested, known.actual, standing), self.revision())?;
        Ok(Some(tagged(response, self.tag.as_ref())))
    }

    /// Answers what nobody asked before.
    pub(super) async fn answer(mut self) -> Result<Response, Refusal> {
        let Door { app, guard } = self.door;
        let (media, locale, revision) = (self.media, self.asked.locale, self.revision());
        // Who has nothing left to spend is not even read.
        guard.check(&self.client).map_err(Refusal::spent)?;
        guard.unsent.check(self.address)?;
        let Asking { query, hash, operation, variables } = self.wording.read()?;
        let name = operation.as_deref();
        let variables = Variables::from_json(Json::Object(variables));
        let bytes = self.wording.bytes().len().min(MAX_REQUEST_BYTES).saturating_sub(FREE_BYTES) / BYTES_PER_POINT;
        if self.wording.bytes().len() > MAX_REQUEST_BYTES {
            // A file came with it, which is in the variables now: it is not kept twice.
            (self.wording, self.question) = (Wording::Body(Bytes::new()), None);
        }
        let known = guard.known.find(&query, hash);
        let tokens = if known.is_some() { Ok(0) } else { limit::check_text(&query) };
        let reading = bytes + tokens.as_ref().unwrap_or(&MAX_TOKENS).saturating_sub(FREE_TOKENS) / TOKENS_PER_POINT;
        if reading > 0 {
            self.spend(reading as u64).await?;
        }
        let read = match (known, tokens) {
            (Some(prepared), _) => Ok(prepared),
            (None, _) if query.is_empty() => {
                Err(error_response(Code::PersistedQueryNotFound, Message::new("PersistedQueryNotFound", "PersistedQueryNotFound")).into())
            }
            (None, Ok(tokens)) => guard.read(query, tokens, hash).await?,
            (None, Err(excess)) => Err(Box::new(excess.into())),
        };
        let read = read.and_then(|prepared| prepared.coerce(name, variables).map(|variables| (prepared, variables)));
        let lengths = self.asked.snapshot.lengths();
        let price = read.as_ref().map_or(Price::LEAST, |(prepared, variables)| prepared.price(name, variables, &lengths));
        let (requested, most) = (price.usual, guard.most(&self.client));
        let is_forbidden = read.as_ref().is_ok_and(|(prepared, _)| prepared.introspects() && !self.introspects);
        // What is refused pays for its reading alone.
        let is_refused = read.is_err() || is_forbidden || requested > most;
        let paid = if is_refused { Price::LEAST.usual } else { requested };
        let standing = self.spend(paid).await?;
        let refused = |response: async_graphql::Response| {
            let told = self.told(requested, paid, standing);
            Ok(write(media, locale, response.extension("revision", Value::Number(revision.into())).extension("cost", told.into())))
        };
        let (prepared, variables) = match read {
            Ok(read) => read,
            Err(response) => return refused(*response),
        };
        if is_forbidden {
            let message =
                Message::new("未开放内省：模式文本见 /schema.graphql", "introspection is disabled: the text of the schema is at /schema.graphql");
            return refused(error_response(Code::Forbidden, message));
        }
        if is_refused {
            let message = Message::new(
                format!("该操作需 {requested} 点，最多可用 {most} 点：请把每页要得短一些"),
                format!("the operation costs {requested} points, and may cost {most}: ask for shorter pages"),
            );
            return refused(error_response(Code::TooCostly, message));
        }
        if self.by_address && prepared.changes_something(name) {
            let refusal = Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::BadUserInput.name(),
                Message::new("写操作请用 POST", "what changes something is sent by POST"),
            );
            return Err(refusal.with(header::ALLOW, "POST"));
        }
        let mut bill = guard.bill(self.client.clone(), paid, price.most);
        let outline = outline(&variables);
        let mut request = Request::new("").variables(variables);
        request.operation_name = name.map(str::to_owned);
        if !self.introspects {
            request = request.disable_introspection();
        }
        if let Some(standing) = standing {
            request = request.data(standing.allowance);
        }
        let _turn = guard.turn().await?;
        let label = prepared.label(name);
        let timing = app.metrics.begin(label);
        Span::current().record("graphql.operation", label);
        let size = self.asked.size.clone();
        let patience = guard.settings.timeout;
        let deadline = Deadline::after(patience);
        let computing = deadline.guard();
        let asked = RequestContext { deadline: deadline.clone(), ..self.asked.clone() };
        let span = tracing::trace_span!(target: SPAN_TARGET, "graphql", graphql.operation = label);
        let executing = self.execute(prepared.clone(), request, asked, price).instrument(span);
        let executed = match tokio::time::timeout(patience, executing).await {
            Ok(executed) => Some(executed?).filter(|executed| executed.response.errors.is_empty() || !deadline.has_passed()),
            Err(_) => None,
        };
        let Some(Executed { response, direct_fields }) = executed else {
            let seconds = patience.as_secs();
            let message = Message::new(format!("该查询超过了 {seconds} 秒"), format!("the query took longer than {seconds} seconds"));
            return Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout.name(), message));
        };
        drop((timing, computing));
        if size.is_too_much() {
            let standing = bill.pay_in_full();
            let cost = self.told(requested, price.most, standing);
            let refused = error_response(Code::TooCostly, too_long()).extension("revision", Value::Number(revision.into()));
            return Ok(write(media, locale, refused.extension("cost", cost.into())));
        }
        let counted = prepared.actual(name, &outline, &response.data, direct_fields);
        // What failed may have been done before: it is not given back.
        let actual = if response.errors.is_empty() { counted } else { counted.max(requested) };
        let standing = bill.settle(actual);
        let cost = self.told(requested, actual, standing);
        let response = response.extension("cost", cost.into());
        let is_kept = response.errors.is_empty() && !response.extensions.contains_key("warnings");
        let question = self.question.as_ref().filter(|_| is_kept && prepared.is_about_the_registry(name));
        let Some((question, beginning)) = question.and_then(|question| Some((question.clone(), in_json(&response.data)?))) else {
            let answer = write(media, locale, response);
            let told = answer.extensions().get::<ResponseMetrics>();
            if told.is_some_and(|told| told.codes.iter().any(|code| code == Code::TooCostly.name())) {
                bill.pay_in_full();
            }
            return Ok(answer);
        };
        let known = Answer { beginning, requested, actual, label };
        let response = again(media, &known, cost, revision)?;
        guard.answers.keep(question, self.moment, known);
        Ok(tagged(response, self.tag.as_ref()))
    }

    /// Runs an operation. One that may compute for long does so beside the threads that answer everybody: so its time limit
    /// binds, and others are answered meanwhile.
    async fn execute(&self, prepared: Arc<Prepared>, request: Request, asked: RequestContext, price: Price) -> Result<Executed, Refusal> {
        let Door { app, guard } = self.door;
        let is_long = price.most > DEADLINE_CHECK_COST;
        if !is_long && price.usual <= OFFLOAD_COST && price.work <= OFFLOAD_WORK {
            return Ok(app.engines.run(&prepared, request, asked, false).await);
        }
        let turn = guard.turn_beside().await?;
        let (app, span) = (app.clone(), Span::current());
        let executing = async move {
            let executed = app.engines.run(&prepared, request, asked, is_long).instrument(span).await;
            drop(turn);
            executed
        };
        offload::run(executing).await.map_err(|error| Refusal::internal(&format!("an operation was not executed: {error}")))
    }
}

/// The JSON of an answer up to what is told beside the data, unless it is too long or cannot be written: then `write` says so.
fn in_json(data: &Value) -> Option<Bytes> {
    let mut body = Bounded::default();
    body.0.extend_from_slice(b"{\"data\":");
    write_json(&mut body, data).ok()?;
    body.0.extend_from_slice(b",\"extensions\":");
    Some(body.0.into())
}

/// An answer that may be given again, with what is told beside it now.
fn again(media: Media, known: &Answer, cost: Cost, revision: Revision) -> Result<Response, Refusal> {
    #[derive(Serialize)]
    struct Beside {
        cost: Cost,
        revision: Revision,
    }
    let mut rest = Vec::with_capacity(256);
    serde_json::to_writer(&mut rest, &Beside { cost, revision }).map_err(|error| Refusal::internal(&format!("the answer is no JSON: {error}")))?;
    rest.push(b'}');
    let mut response = respond(StatusCode::OK, media, Body::new(Halves([known.beginning.clone(), rest.into()])));
    response.extensions_mut().insert(ResponseMetrics { codes: Vec::new(), cost: Some(known.actual) });
    Ok(response)
}

/// By which a caller sees that the answer to a question in an address is still the same.
struct Tag {
    value: String,
    /// Whether others, between here and the caller, may keep the answer for everybody.
    is_for_everybody: bool,
}

impl Tag {
    /// Another one as soon as the answer may be another.
    fn of(question: &Question, asked: &RequestContext, media: Media) -> Self {
        let head = asked.snapshot.head();
        let mut digest = Sha256::new();
        let Question { wording, by_address: _, eyes, locale, introspects } = question;
        digest.update(format!("{}\n{}\n{}\n{eyes:?}\n{locale}\n{introspects}\n{media:?}\n", head.epoch, head.revision, asked.today));
        digest.update(wording);
        // The answer may be compressed on its way, so it is the same in what it says, not to the byte.
        Self { value: format!("W/\"{}\"", hex::encode(&digest.finalize()[..16])), is_for_everybody: *eyes == Scope::Public }
    }

    fn is_among(&self, headers: &HeaderMap) -> bool {
        let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        given.flat_map(|tags| tags.split(',')).map(str::trim).any(|tag| tag == self.value || tag == "*")
    }
}

/// Names the answer to a question in an address, so that whoever has it can ask whether it is still the same.
fn tagged(mut response: Response, tag: Option<&Tag>) -> Response {
    let Some(Tag { value, is_for_everybody }) = tag else { return response };
    let keeping = if *is_for_everybody { "public, no-cache" } else { "private, no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keeping));
    headers.insert(header::VARY, VARY.clone());
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(header::ETAG, value);
    }
    response
}

/// What `extensions.cost` tells: the price beforehand and afterwards, the most that it may be, and where the client stands.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    requested: u64,
    actual: u64,
    maximum: u64,
    #[serde(flatten)]
    standing: Option<CostStanding>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct CostStanding {
    limit: u32,
    remaining: u32,
    restore_rate: u32,
}

impl Cost {
    fn new(requested: u64, actual: u64, maximum: u64, standing: Option<Standing>) -> Self {
        let standing =
            standing.map(|Standing { allowance, remaining }| CostStanding { limit: allowance.points, remaining, restore_rate: allowance.per_second });
        Self { requested, actual, maximum, standing }
    }
}

impl From<Cost> for Value {
    fn from(cost: Cost) -> Self {
        async_graphql::to_value(cost).expect("numbers are JSON")
    }
}

impl From<Excess> for async_graphql::Response {
    fn from(excess: Excess) -> Self {
        let code = match excess {
            Excess::Tokens
            | Excess::Operations
            | Excess::RootFields
            | Excess::Fields
            | Excess::Aliases
            | Excess::Directives
            | Excess::Depth
            | Excess::Introspection => Code::TooCostly,
            Excess::Circle(_) => Code::ValidationFailed,
        };
        error_response(code, excess.message())
    }
}

fn write(media: Media, locale: Locale, mut response: async_graphql::Response) -> Response {
    translate(&mut response.errors, locale);
    let response = &response;
    // A refusal of the whole request has no `data`, not even null. Fields stay in the order they were asked in.
    let refused = is_request_error(response);
    let mut body = Bounded::default();
    let written = if refused {
        serde_json::to_writer(&mut body, &json!({ "errors": response.errors, "extensions": response.extensions }))
    } else {
        write_json(&mut body, response)
    };
    let mut answer = match written {
        Ok(()) if refused && media == Media::GraphqlResponse => respond(StatusCode::BAD_REQUEST, media, body.0),
        Ok(()) => respond(StatusCode::OK, media, body.0),
        Err(error) if error.is_io() => {
            // It says what an answer says beside its data.
            let mut refused = error_response(Code::TooCostly, too_long());
            refused.extensions.clone_from(&response.extensions);
            write(media, locale, refused)
        }
        Err(error) => Refusal::internal(&format!("the answer is no JSON: {error}")).in_form(media).into_response(),
    };
    if answer.extensions().get::<ResponseMetrics>().is_none() {
        answer.extensions_mut().insert(counted(response));
    }
    answer
}

/// What is counted of an answer.
fn counted(response: &async_graphql::Response) -> ResponseMetrics {
    let code = |error: &ServerError| match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => Some(code.clone()),
        Some(_) | None => None,
    };
    let cost = match response.extensions.get("cost") {
        Some(Value::Object(cost)) => cost.get("actual").and_then(|cost| if let Value::Number(cost) = cost { cost.as_u64() } else { None }),
        Some(_) | None => None,
    };
    ResponseMetrics { codes: response.errors.iter().filter_map(code).collect(), cost }
}

/// A body of two pieces that lie apart: what is kept of an answer is sent as it lies, without a copy.
#[derive(Debug)]
struct Halves([Bytes; 2]);

impl HttpBody for Halves {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.iter_mut().find(|piece| !piece.is_empty()).map(mem::take);
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

/// An answer, no longer than it may be.
#[derive(Debug, Default)]
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_RESPONSE_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
