//! `POST /imports`: a file of a list, by a signed-in caller. It is the act of `importRecords` or `importSchedule`, with the
//! same permissions, for files that are too long for GraphQL; the answer is the report of a command line import.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Message;
use registry::acts::agreement::import::import_schedule;
use registry::acts::import_file::{FileContent, MAX_UPLOADED_BYTES};
use registry::acts::import_records::import_records;
use registry::error::{Code, Error};
use registry::rate_limit::Client;
use registry::request_context::RequestContext;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::client_address::ClientAddress;
use super::graphql::body::{self, Encoding};
use super::graphql::{unsupported_encoding, viewer};
use super::language;
use super::media::{Media, respond};
use super::refusal::Refusal;
use super::state::HttpState;
use crate::import_report;
use crate::metrics::ResponseMetrics;

/// The points of an import, and how many bytes cost another one. A row takes about as long as a point may.
const COST: u64 = 200;
const BYTES_PER_POINT: u64 = 2 * 1024;

/// How long a file may take to arrive.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The parameters, by the names of the inputs of the mutations.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// `offering`, `window` or `schedule`.
    kind: String,
    /// The file's name, for the report.
    #[serde(default)]
    name: String,
    district: Option<String>,
    number: Option<String>,
    version: Option<u32>,
    party: Option<String>,
    direction: Option<String>,
    replace: Option<bool>,
    faults: Option<String>,
    dry_run: Option<bool>,
    expected_revision: Option<u64>,
    sheet: Option<String>,
    header_row: Option<u32>,
    fill_down: Option<bool>,
}

impl Parameters {
    fn is_schedule(&self) -> bool {
        self.kind.eq_ignore_ascii_case("schedule")
    }

    /// The input of the mutation, without the file's content.
    fn into_input(self) -> Map<String, Json> {
        let is_schedule = self.is_schedule();
        let upper = |text: String| Json::from(text.to_ascii_uppercase());
        let file = [
            ("name", Some(Json::from(if self.name.is_empty() { "upload".to_owned() } else { self.name }))),
            ("sheet", self.sheet.map(Json::from)),
            ("headerRow", self.header_row.map(Json::from)),
            ("fillDown", self.fill_down.map(Json::from)),
        ];
        let input = [
            ("kind", (!is_schedule).then(|| upper(self.kind))),
            ("district", self.district.map(Json::from)),
            ("number", self.number.map(Json::from)),
            ("version", self.version.map(Json::from)),
            ("party", self.party.map(Json::from)),
            ("direction", self.direction.map(upper)),
            ("replace", self.replace.map(Json::from)),
            ("faults", self.faults.map(upper)),
            ("dryRun", self.dry_run.map(Json::from)),
            ("expectedRevision", self.expected_revision.map(Json::from)),
            ("file", Some(Json::Object(given(file)))),
        ];
        given(input)
    }
}

fn given<const N: usize>(fields: [(&str, Option<Json>); N]) -> Map<String, Json> {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

pub(crate) async fn import(
    State(state): State<HttpState>,
    Extension(address): Extension<ClientAddress>,
    parameters: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    request: axum::extract::Request,
) -> Result<Response, Refusal> {
    let (Parts { headers, .. }, body) = request.into_parts();
    let encoding = Encoding::of(&headers).ok_or_else(unsupported_encoding)?;
    // The caller and its quota come before the body.
    let viewer = viewer(&state, address, &headers).await?;
    if viewer.client.is_none() {
        return Err(sign_in());
    }
    let Query(parameters) = parameters.map_err(|rejection| bad_parameters(&rejection.body_text()))?;
    let client = Client::of(&viewer, address.0);
    state.admission.check(&client)?;
    // Few at once: each holds its file and its rows in memory.
    let _permit = state.admission.prepare_permit().await?;
    let file = read(body, encoding).await?;
    state.admission.spend(client, COST + file.len() as u64 / BYTES_PER_POINT).await?;

    let locale = language::of(&headers);
    let context = RequestContext { locale, ..state.app.request_context(viewer) };
    let (name, is_schedule) = (parameters.name.clone(), parameters.is_schedule());
    let input = parameters.into_input();
    let file = FileContent::Uploaded(file);
    let (outcome, report) = if is_schedule {
        let done = import_schedule(&context, input, file).await.map_err(of_act)?;
        let report = import_report::of_schedule(&done, &name, locale);
        (done.outcome, report)
    } else {
        let done = import_records(&context, input, file).await.map_err(of_act)?;
        let report = import_report::of_records(&done, &name, locale);
        (done.outcome, report)
    };
    let status = if outcome.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut response = respond(status, Media::Json, report.to_string());
    let codes = outcome.problems.iter().map(|problem| problem.rule.to_owned()).collect();
    response.extensions_mut().insert(ResponseMetrics { codes, cost: None });
    Ok(response)
}

async fn read(body: Body, encoding: Encoding) -> Result<Vec<u8>, Refusal> {
    Ok(Vec::from(body::read(body, encoding, MAX_UPLOADED_BYTES, UPLOAD_TIMEOUT).await?))
}

fn of_act(error: Error) -> Refusal {
    match error {
        Error::Internal(cause) => Refusal::internal(&cause),
        Error::Unauthenticated => Refusal::unauthenticated(),
        Error::Unavailable(_) => Refusal::unavailable(error.message()),
        Error::Forbidden(_) => Refusal::new(StatusCode::FORBIDDEN, error.code().name(), error.message()),
        Error::ReadOnly => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.code().name(), error.message()),
        Error::Timeout => Refusal::new(StatusCode::GATEWAY_TIMEOUT, error.code().name(), error.message()),
        Error::BadInput { .. } | Error::EpochChanged { .. } => Refusal::bad_request(error.message()),
    }
}

fn sign_in() -> Refusal {
    let message = Message::new(
        "导入须带密钥：Authorization: Bearer 密钥",
        "an import requires a credential: Authorization: Bearer KEY",
    );
    Refusal::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated.name(), message)
        .with(header::WWW_AUTHENTICATE, "Bearer realm=\"tongban\"")
}

fn bad_parameters(told: &str) -> Refusal {
    Refusal::bad_request(Message::new(
        format!("参数有误：{told}；kind 应为 offering、window 或 schedule"),
        format!("the parameters are wrong: {told}; kind is offering, window or schedule"),
    ))
}

/// Any other method than POST.
pub(crate) async fn other() -> Response {
    let message = Message::new("导入请用 POST", "send imports by POST");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput.name(), message)
        .with(header::ALLOW, "POST")
        .into_response()
}
