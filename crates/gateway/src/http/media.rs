//! The media types of GraphQL responses, and content negotiation.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: the status is 200 whatever the errors of GraphQL are.
    Json,
    /// `application/graphql-response+json`: a request error is 400.
    GraphqlResponse,
    /// GraphiQL, for a browser.
    Html,
}

impl Media {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn header(self) -> &'static HeaderValue {
        static JSON: HeaderValue = HeaderValue::from_static(Media::Json.name());
        static GRAPHQL_RESPONSE: HeaderValue = HeaderValue::from_static(Media::GraphqlResponse.name());
        static HTML: HeaderValue = HeaderValue::from_static(Media::Html.name());
        match self {
            Self::Json => &JSON,
            Self::GraphqlResponse => &GRAPHQL_RESPONSE,
            Self::Html => &HTML,
        }
    }

    /// The best of the offered types that the client accepts. `None`: it accepts none of them.
    pub(super) fn negotiate(headers: &HeaderMap, offered: &[Self]) -> Option<Self> {
        let accepted: Vec<&str> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let accepted = accepted.join(",");
        if accepted.trim().is_empty() {
            return Some(Self::Json);
        }
        let quality = |media: Self| {
            let (wanted, _) = media.name().split_once(';').unwrap_or((media.name(), ""));
            let (family, _) = wanted.split_once('/').unwrap_or((wanted, ""));
            let ranges = accepted.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let range = parts.next()?.to_ascii_lowercase();
                let quality: f32 =
                    parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse).unwrap_or(0.0);
                // The most specific range counts.
                let specificity = if range == wanted {
                    3
                } else if range.strip_suffix("/*") == Some(family) {
                    2
                } else if range == "*/*" {
                    1
                } else {
                    return None;
                };
                Some((specificity, quality))
            });
            ranges.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).filter(|(_, quality)| *quality > 0.0)
        };
        // The higher quality wins, then a type that is named exactly, then our own order.
        let fitting = offered.iter().rev().filter_map(|media| quality(*media).map(|quality| (quality, *media)));
        let is_named = |specificity: u8| specificity == 3;
        fitting
            .max_by(|((a, x), _), ((b, y), _)| x.total_cmp(y).then(is_named(*a).cmp(&is_named(*b))))
            .map(|(_, media)| media)
    }
}

/// The request headers that a response depends on.
pub(super) static VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Language, Authorization");

/// Room for the headers that layers add.
const MAX_HEADERS: usize = 16;

/// A response that is not cached by anybody.
pub(crate) fn respond(status: StatusCode, media: Media, body: impl Into<Body>) -> Response {
    static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(MAX_HEADERS);
    headers.insert(header::CONTENT_TYPE, media.header().clone());
    headers.insert(header::CACHE_CONTROL, NO_STORE.clone());
    headers.insert(header::VARY, VARY.clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str, offered: &[Media]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).expect("a header"));
        Media::negotiate(&headers, offered)
    }

    #[test]
    fn the_media_type_is_negotiated() {
        let machine = &[Media::Json, Media::GraphqlResponse];
        let all = &[Media::Json, Media::GraphqlResponse, Media::Html];
        assert_eq!(negotiated("*/*", machine), Some(Media::Json));
        assert_eq!(negotiated("application/*", machine), Some(Media::Json));
        assert_eq!(negotiated("application/graphql-response+json", machine), Some(Media::GraphqlResponse));
        assert_eq!(
            negotiated(
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8;q=0.9",
                machine
            ),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            negotiated("application/json;q=0.5, application/graphql-response+json;q=0.4", machine),
            Some(Media::Json)
        );
        assert_eq!(
            negotiated("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", all),
            Some(Media::Html)
        );
        assert_eq!(negotiated("application/json, */*;q=0.1", all), Some(Media::Json));
        assert_eq!(negotiated("text/html", machine), None);
        assert_eq!(negotiated("application/json;q=0", machine), None);
        assert_eq!(Media::negotiate(&HeaderMap::new(), all), Some(Media::Json));
    }
}
