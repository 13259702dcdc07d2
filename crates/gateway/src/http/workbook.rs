//! `GET /templates/{kind}.xlsx` and `GET /agreements/{number}/versions/{n}/schedule.xlsx`: workbooks to fill in, to print
//! and to import again. Who sees an agreement by GraphQL sees its schedule here.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{AgreementNumber, DistrictCode, Message};
use exchange::workbook::template::Template;
use registry::error::Error;
use registry::workbook;
use serde::Deserialize;

use super::page::AdditionalCost;
use super::refusal::Refusal;
use super::state::HttpState;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// So many bytes of a workbook cost another point.
const BYTES_PER_POINT: u64 = 8 * 1024;

#[derive(Debug, Deserialize)]
pub(crate) struct TemplateQuery {
    /// The district that fills the template in.
    district: Option<String>,
}

pub(crate) async fn template(
    State(state): State<HttpState>,
    Path(file): Path<String>,
    Query(query): Query<TemplateQuery>,
) -> Result<Response, Refusal> {
    let kind: Template = file.strip_suffix(".xlsx").and_then(|kind| kind.parse().ok()).ok_or_else(no_such_template)?;
    let district: Option<DistrictCode> = match &query.district {
        None => None,
        Some(code) => Some(
            code.parse().map_err(|malformed: domain::problem::Malformed| Refusal::bad_request(malformed.expected()))?,
        ),
    };
    let context = state.app.request_context(registry::viewer::Viewer::default());
    let written = run(move || workbook::template(&context.snapshot, kind, district, context.today)).await?;
    Ok(download(written, &format!("tongban-{}.xlsx", kind.name()), "public, max-age=300"))
}

pub(crate) async fn schedule(
    State(state): State<HttpState>,
    Path((number, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let context = state.app.request_context(super::console::session::viewer(&state, &headers).await?);
    let number: AgreementNumber = number.parse().map_err(|_| no_such_version())?;
    let version: u32 = version.parse().map_err(|_| no_such_version())?;
    let written = run(move || workbook::schedule(&context, number, version).transpose()).await?;
    let written = written.ok_or_else(no_such_version)?;
    Ok(download(written, &format!("{number}-{version}.xlsx"), "private, no-store"))
}

#[derive(Debug, Deserialize)]
pub(crate) struct BetweenQuery {
    /// The day of the question; today by default.
    on: Option<String>,
}

/// What can be done between two districts.
pub(crate) async fn between(
    State(state): State<HttpState>,
    Path((receiving, competent)): Path<(String, String)>,
    Query(query): Query<BetweenQuery>,
) -> Result<Response, Refusal> {
    let context = state.app.request_context(registry::viewer::Viewer::default());
    let code =
        |text: &str| text.parse::<DistrictCode>().map_err(|malformed| Refusal::bad_request(malformed.expected()));
    let (receiving, competent) = (code(&receiving)?, code(&competent)?);
    let day = |text: &String| domain::reading::format::parse_date(text).ok_or_else(not_a_day);
    let on = query.on.as_ref().map(day).transpose()?.unwrap_or(context.today);
    let written = run(move || workbook::between(&context, receiving, competent, on)).await?;
    Ok(download(written, &format!("tongban-{receiving}-{competent}.xlsx"), "public, max-age=300"))
}

fn not_a_day() -> Refusal {
    Refusal::bad_request(Message::new("日期应写成 2026-11-23 的形式", "a day is written like 2026-11-23"))
}

/// Writing a long list takes a while.
async fn run<T: Send + 'static>(write: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Refusal> {
    let written = tokio::task::spawn_blocking(write).await;
    let written = written.map_err(|error| Refusal::internal(&format!("a workbook was not written: {error}")))?;
    written.map_err(|error| Refusal::internal(&format!("{error:?}")))
}

fn download(workbook: Vec<u8>, name: &str, caching: &'static str) -> Response {
    let points = workbook.len() as u64 / BYTES_PER_POINT;
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, caching.to_owned()),
        (header::VARY, "Authorization, Cookie".to_owned()),
    ];
    let mut response = (headers, workbook).into_response();
    response.extensions_mut().insert(AdditionalCost(points));
    response
}

fn no_such_template() -> Refusal {
    let kinds = Template::ALL.map(Template::name).join("、");
    let message = Message::new(
        format!("没有这个模板；模板有：{kinds}"),
        format!("there is no such template; there are: {}", Template::ALL.map(Template::name).join(", ")),
    );
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

/// The same response for a version that does not exist and one that the caller may not see.
fn no_such_version() -> Refusal {
    let message = Message::new(
        "没有这个协议版本，或您无权查看",
        "there is no such version of an agreement, or you may not see it",
    );
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}
