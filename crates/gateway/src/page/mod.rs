//! The portal: pages that are rendered on the server. They work without scripts and load nothing from other sites.

mod frame;
mod link;
mod matter;
mod portal;
mod side;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::{Date, Locale, MatterCode, Message};
use maud::{Markup, html};

use crate::app::App;
use crate::http::language;
use crate::presentation::Say;
use crate::request_context::RequestContext;
use crate::viewer::Viewer;
use frame::Frame;
use link::{Link, Swap};
use side::Side;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/", get(portal)).route("/matter/{code}", get(matter))
}

/// A request for a page: its parameters, the districts that they name, and the language.
#[derive(Debug)]
struct Visit {
    context: RequestContext,
    locale: Locale,
    link: Link,
    /// Invalid parameters.
    faults: Vec<Message>,
    receiving: Side,
    competent: Side,
}

impl Visit {
    fn new(app: &App, query: Option<&str>, headers: &HeaderMap) -> Self {
        let context = app.request_context(Viewer::default());
        let (link, faults) = Link::read(query.unwrap_or_default());
        let locale = link.lang.unwrap_or_else(|| language::of(headers));
        let on = link.on.unwrap_or(context.today);
        let receiving = Side::read(&link.receiving, &context.snapshot, on);
        let competent = Side::read(&link.competent, &context.snapshot, on);
        Self { context, locale, link, faults, receiving, competent }
    }

    /// The day of the request; today by default.
    fn on(&self) -> Date {
        self.link.on.unwrap_or(self.context.today)
    }

    /// The canonical address: codes instead of names, no empty parameters. `None`: the address is canonical.
    fn canonical_address(&self, path: &str, query: &str) -> Option<String> {
        if !self.faults.is_empty() {
            return None;
        }
        let code = |side: &Side, written: &str| side.known().map_or_else(|| written.to_owned(), |district| district.code.to_string());
        let mut link = self.link.between(&code(&self.receiving, &self.link.receiving), &code(&self.competent, &self.link.competent));
        if link.swap == Swap::Turn {
            link = link.turned();
        }
        let has_blanks = query.split('&').any(|pair| pair.ends_with('='));
        (link != self.link || has_blanks).then(|| link.address(path))
    }

    /// The status of a page with invalid parameters or unknown districts.
    fn status(&self) -> StatusCode {
        let lost = |side: &Side| matches!(side, Side::Unknown);
        if !self.faults.is_empty() {
            StatusCode::BAD_REQUEST
        } else if lost(&self.receiving) || lost(&self.competent) {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::OK
        }
    }
}

async fn portal(State(app): State<Arc<App>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let visit = Visit::new(&app, query.as_deref(), &headers);
    if let Some(address) = visit.canonical_address("/", query.as_deref().unwrap_or_default()) {
        return Redirect::to(&address).into_response();
    }
    page(visit.status(), portal::page(&visit))
}

async fn matter(State(app): State<Arc<App>>, Path(code): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let visit = Visit::new(&app, query.as_deref(), &headers);
    let found = code.parse::<MatterCode>().map(|code| visit.context.snapshot.matter(code).cloned());
    let matter = match found {
        Ok(Some(matter)) => matter,
        Ok(None) => return page(StatusCode::NOT_FOUND, no_matter(&visit, &code)),
        Err(malformed) => return page(StatusCode::BAD_REQUEST, bad_matter(&visit, &code, &malformed.expected())),
    };
    if let Some(address) = visit.canonical_address(&format!("/matter/{}", matter.code), query.as_deref().unwrap_or_default()) {
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
