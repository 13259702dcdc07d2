//! The portal: pages that are rendered on the server. They work without scripts and load nothing from other sites.

mod choice;
mod filter;
mod frame;
mod link;
mod list;
mod matter;
mod partners;
mod portal;
mod query;
mod reason;
mod side;
mod start;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::{Locale, MatterCode, Message};
use maud::{Markup, html};
use registry::presentation::Say;

use crate::app::App;
use crate::http::layers::admission::AdditionalCost;
use frame::Frame;
use visit::Visit;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/", get(portal)).route("/matter/{code}", get(matter))
}

async fn portal(State(app): State<Arc<App>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let visit = Visit::new(&app, query.as_deref(), &headers);
    if let Some(address) = visit.canonical_address("/", query.as_deref().unwrap_or_default()) {
        return Redirect::to(&address).into_response();
    }
    let mut response = page(visit.status(), portal::page(&visit));
    response.extensions_mut().insert(AdditionalCost(portal::additional_cost(&visit)));
    response
}

async fn matter(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::new(&app, query.as_deref(), &headers);
    let found = code.parse::<MatterCode>().map(|code| visit.context.snapshot.matter(code).cloned());
    let matter = match found {
        Ok(Some(matter)) => matter,
        Ok(None) => return page(StatusCode::NOT_FOUND, no_matter(&visit, &code)),
        Err(malformed) => return page(StatusCode::BAD_REQUEST, bad_matter(&visit, &code, &malformed.expected())),
    };
    if let Some(address) =
        visit.canonical_address(&format!("/matter/{}", matter.code), query.as_deref().unwrap_or_default())
    {
        return Redirect::to(&address).into_response();
    }
    let status = visit.status();
    page(status, matter::page(&visit, &matter).await)
}

fn page(status: StatusCode, markup: Markup) -> Response {
    (status, [(header::VARY, "Accept-Language")], markup).into_response()
}

fn no_matter(visit: &Visit, code: &str) -> Markup {
    let locale = visit.locale;
    let title = locale.say("没有这个事项", "There is no such matter");
    Frame::new(visit, title, "/").draw(&html! {
        h1 { (title) }
        p { (locale.say("本平台没有代码为", "The registry has no matter with the code")) " " code { (code) } (locale.say(" 的事项。", ".")) }
        p { (locale.say("请核对代码，或从事项列表中查找。", "Check the code, or look for it in the list of matters.")) }
        p { a class="button" href=(visit.link.to_list()) { (locale.say("返回查询", "Back to the search")) } }
    })
}

fn bad_matter(visit: &Visit, code: &str, expected: &Message) -> Markup {
    let locale = visit.locale;
    let title = locale.say("事项代码有误", "This is not the code of a matter");
    Frame::new(visit, title, "/").draw(&html! {
        h1 { (title) }
        p { code { (code) } }
        p { (expected.text(locale)) @if locale == Locale::Zh { "。" } @else { "." } }
        p { a class="button" href=(visit.link.to_list()) { (locale.say("返回查询", "Back to the search")) } }
    })
}

/// The page for an unknown address.
pub(crate) async fn not_found(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let visit = Visit::new(&app, None, &headers);
    let locale = visit.locale;
    let title = locale.say("没有这个页面", "There is no such page");
    let markup = Frame::new(&visit, title, "/").draw(&html! {
        h1 { (title) }
        p { (locale.say("地址可能写错了。请从首页查询。", "The address may be mistyped. Start from the search.")) }
        p { a class="button" href="/" { (locale.say("回到首页", "To the start page")) } }
    });
    page(StatusCode::NOT_FOUND, markup)
}
