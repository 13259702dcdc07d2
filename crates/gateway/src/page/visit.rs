//! A request for a page.

use axum::http::{HeaderMap, StatusCode};
use domain::{Date, Locale, Message};
use registry::request_context::RequestContext;
use registry::viewer::Viewer;

use super::link::{Link, Swap};
use super::side::Side;
use crate::app::App;
use crate::http::language;

/// A request for a page: its parameters, the districts that they name, and the language.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) context: RequestContext,
    pub(super) locale: Locale,
    pub(super) link: Link,
    /// Invalid parameters.
    pub(super) faults: Vec<Message>,
    pub(super) receiving: Side,
    pub(super) competent: Side,
}

impl Visit {
    pub(super) fn new(app: &App, query: Option<&str>, headers: &HeaderMap) -> Self {
        let context = app.request_context(Viewer::default());
        let (link, faults) = Link::read(query.unwrap_or_default());
        let locale = link.lang.unwrap_or_else(|| language::of(headers));
        let on = link.on.unwrap_or(context.today);
        let receiving = Side::read(&link.receiving, &context.snapshot, on);
        let competent = Side::read(&link.competent, &context.snapshot, on);
        Self { context, locale, link, faults, receiving, competent }
    }

    /// The day of the request; today by default.
    pub(super) fn on(&self) -> Date {
        self.link.on.unwrap_or(self.context.today)
    }

    /// The canonical address: codes instead of names, no empty parameters. `None`: the address is canonical.
    pub(super) fn canonical_address(&self, path: &str, query: &str) -> Option<String> {
        if !self.faults.is_empty() {
            return None;
        }
        let code = |side: &Side, written: &str| {
            side.known().map_or_else(|| written.to_owned(), |district| district.code.to_string())
        };
        let mut link = self
            .link
            .between(&code(&self.receiving, &self.link.receiving), &code(&self.competent, &self.link.competent));
        if link.swap == Swap::Turn {
            link = link.turned();
        }
        let has_blanks = query.split('&').any(|pair| pair.ends_with('='));
        (link != self.link || has_blanks).then(|| link.address(path))
    }

    /// The status of a page with invalid parameters or unknown districts.
    pub(super) fn status(&self) -> StatusCode {
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
