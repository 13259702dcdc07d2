//! GraphiQL, served from the binary without a CDN.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, html};

use super::asset;
use pages::asset::ICON;

/// The editor needs inline styles, and its fonts are data URLs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The query that is shown first: `handling`, for the demo records.
const FIRST_QUERY: &str = include_str!("../../assets/graphiql/first.graphql");

pub(crate) fn page() -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="zh-Hans" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "GraphiQL · 通办 Tongban" }
                link rel="icon" type="image/svg+xml" href=(ICON.address());
                link rel="stylesheet" href=(asset::GRAPHIQL_STYLE.address());
                link rel="stylesheet" href=(asset::GRAPHIQL_FRAME.address());
                script src=(asset::REACT.address()) defer {}
                script src=(asset::REACT_DOM.address()) defer {}
                script src=(asset::GRAPHIQL.address()) defer {}
                script src=(asset::GRAPHIQL_OPEN.address()) defer {}
            }
            body {
                div id="graphiql" { p class="waiting" { "GraphiQL 需要启用脚本。GraphiQL needs scripts. " a href="/schema.graphql" { "schema.graphql" } } }
                pre id="first-query" hidden { (FIRST_QUERY) }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY), (header::VARY, "Accept")], page).into_response()
}
