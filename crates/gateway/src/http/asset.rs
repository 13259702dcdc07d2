//! Static files. The address contains a hash of the content, so browsers may cache it for ever.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use pages::asset::{Asset, CONSOLE_SCRIPT, CONSOLE_STYLE, CSS, ICON, JAVASCRIPT, SCRIPT, SHEET_SCRIPT, STYLE};

pub static GRAPHIQL: Asset =
    Asset::new("graphiql/graphiql.min.js", JAVASCRIPT, include_bytes!("../../assets/graphiql/graphiql.min.js"));
pub static GRAPHIQL_STYLE: Asset =
    Asset::new("graphiql/graphiql.min.css", CSS, include_bytes!("../../assets/graphiql/graphiql.min.css"));
pub static GRAPHIQL_OPEN: Asset =
    Asset::new("graphiql/open.js", JAVASCRIPT, include_bytes!("../../assets/graphiql/open.js"));
pub static GRAPHIQL_FRAME: Asset =
    Asset::new("graphiql/open.css", CSS, include_bytes!("../../assets/graphiql/open.css"));
pub static REACT: Asset = Asset::new(
    "graphiql/react.production.min.js",
    JAVASCRIPT,
    include_bytes!("../../assets/graphiql/react.production.min.js"),
);
pub static REACT_DOM: Asset = Asset::new(
    "graphiql/react-dom.production.min.js",
    JAVASCRIPT,
    include_bytes!("../../assets/graphiql/react-dom.production.min.js"),
);
static LICENCE_GRAPHIQL: Asset =
    Asset::new("graphiql/LICENSE.graphiql", TEXT, include_bytes!("../../assets/graphiql/LICENSE.graphiql"));
static LICENCE_REACT: Asset =
    Asset::new("graphiql/LICENSE.react", TEXT, include_bytes!("../../assets/graphiql/LICENSE.react"));

const TEXT: &str = "text/plain; charset=utf-8";

static ALL: [&Asset; 14] = [
    &STYLE,
    &SCRIPT,
    &CONSOLE_STYLE,
    &CONSOLE_SCRIPT,
    &SHEET_SCRIPT,
    &ICON,
    &GRAPHIQL,
    &GRAPHIQL_STYLE,
    &GRAPHIQL_OPEN,
    &GRAPHIQL_FRAME,
    &REACT,
    &REACT_DOM,
    &LICENCE_GRAPHIQL,
    &LICENCE_REACT,
];

pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let address = format!("/assets/{hash}/{name}");
    match ALL.into_iter().find(|asset| asset.address() == address) {
        Some(asset) => {
            let headers =
                [(header::CONTENT_TYPE, asset.media), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The address that browsers try by default.
pub(crate) async fn icon() -> Redirect {
    Redirect::permanent(ICON.address())
}
