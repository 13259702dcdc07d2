//! The response to a request for a page, free of its transport.

use maud::Markup;

use crate::view::View;

/// What the gateway sends, and the cost in points in addition to that of every page.
#[derive(Debug)]
pub struct PageResponse {
    pub status: u16,
    pub body: Body,
    pub additional_cost: u64,
}

#[derive(Debug)]
pub enum Body {
    Page(Markup),
    /// Another media type than HTML.
    Text {
        media: &'static str,
        text: String,
    },
    /// A file to save.
    File {
        media: &'static str,
        name: String,
        content: Vec<u8>,
    },
    /// The page is at another address.
    Redirect(String),
    /// The same page in another view, which a cookie remembers.
    Switch(View, String),
}

impl PageResponse {
    pub(crate) fn page(status: u16, markup: Markup) -> Self {
        Self { status, body: Body::Page(markup), additional_cost: 0 }
    }

    pub(crate) fn text(media: &'static str, text: String) -> Self {
        Self { status: 200, body: Body::Text { media, text }, additional_cost: 0 }
    }

    pub(crate) fn file(media: &'static str, name: String, content: Vec<u8>) -> Self {
        Self { status: 200, body: Body::File { media, name, content }, additional_cost: 0 }
    }

    pub(crate) fn redirect(address: String) -> Self {
        Self { status: 303, body: Body::Redirect(address), additional_cost: 0 }
    }

    pub(crate) fn switch(view: View, address: String) -> Self {
        Self { status: 303, body: Body::Switch(view, address), additional_cost: 0 }
    }

    #[must_use]
    pub(crate) fn costing(self, additional_cost: u64) -> Self {
        Self { additional_cost, ..self }
    }
}
