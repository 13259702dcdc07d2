//! A request for a page, read.

use std::sync::Arc;

use catalogue::Kept;
use domain::{Date, District, Locale, Message};
use registry::request_context::RequestContext;

use crate::address::Address;
use crate::cache::Cache;
use crate::language::lang;
use crate::link::{Link, Swap};
use crate::request::PageRequest;
use crate::session::PageSession;
use crate::side::Side;
use crate::site::Site;
use crate::submission::Submission;
use crate::view::View;

/// A request for a page: its parameters, the districts that they name, and the language.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) context: RequestContext,
    pub(crate) site: Arc<Site>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) locale: Locale,
    pub(crate) view: View,
    /// The page's own address.
    pub(crate) address: Address,
    /// The variable segments of its path.
    pub(crate) segments: Vec<String>,
    /// The question: districts, words, filters and day.
    pub(crate) link: Link,
    pub(crate) session: Option<PageSession>,
    pub(crate) submission: Option<Submission>,
    /// Invalid parameters.
    pub(crate) faults: Vec<Message>,
    pub(crate) receiving: Side,
    pub(crate) competent: Side,
}

impl Visit {
    pub(crate) fn new(request: PageRequest) -> Self {
        let visit = Self::unresolved(request);
        let (snapshot, on) = (&visit.context.snapshot, visit.on());
        let receiving = Side::read(&visit.link.receiving, snapshot, on);
        let competent = Side::read(&visit.link.competent, snapshot, on);
        Self { receiving, competent, ..visit }
    }

    /// The same without looking up the districts: what was typed stays in the form.
    pub(crate) fn unresolved(request: PageRequest) -> Self {
        let PageRequest { context, site, cache, path, segments, query, locale, view, session, submission } = request;
        let (link, faults) = Link::read(&query);
        let locale = link.lang.unwrap_or(locale);
        let address = Address::read(&path, &query);
        let (receiving, competent) = (Side::Open, Side::Open);
        Self {
            context,
            site,
            cache,
            locale,
            view,
            address,
            segments,
            link,
            session,
            submission,
            faults,
            receiving,
            competent,
        }
    }

    /// The day of the request; today by default.
    pub(crate) fn on(&self) -> Date {
        self.link.on.unwrap_or(self.context.today)
    }

    /// The first variable segment of the path.
    pub(crate) fn segment(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// The address of another page, in the same language and for the same day.
    pub(crate) fn to(&self, path: &str) -> String {
        self.at(path).text()
    }

    /// The same, to add parameters.
    pub(crate) fn at(&self, path: &str) -> Address {
        let on = self.link.on.map_or_else(String::new, |on| on.to_string());
        Address::new(path).with("on", on).with("lang", self.link.lang.map_or("", lang))
    }

    /// The district that the receiving or the competent side names.
    pub(crate) fn districts(&self) -> (Option<&Kept<District>>, Option<&Kept<District>>) {
        (self.receiving.known(), self.competent.known())
    }

    /// The canonical address: codes instead of names, no empty parameters. `None`: the address is canonical.
    pub(crate) fn canonical_address(&self, path: &str, query: &str) -> Option<String> {
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
    pub(crate) fn status(&self) -> u16 {
        let lost = |side: &Side| matches!(side, Side::Unknown(_));
        if !self.faults.is_empty() {
            400
        } else if lost(&self.receiving) || lost(&self.competent) {
            404
        } else {
            200
        }
    }
}
