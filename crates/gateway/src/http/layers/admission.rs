//! The price of everything that is not GraphQL, and a permit to run. GraphQL is priced by its document, and takes its permit when the
//! whole request has arrived.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use registry::rate_limit::Client;

use crate::http::client_address::ClientAddress;
use crate::http::refusal::Refusal;
use crate::http::state::HttpState;

/// The points that a page costs.
pub(crate) const PAGE_COST: u64 = 50;

pub(crate) async fn charge(
    State((state, points)): State<(HttpState, u64)>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    if let Err(exceeded) = state.admission.spend(Client::at(address), points).await {
        return Refusal::from(exceeded).into_response();
    }
    match state.admission.run_permit().await {
        Ok(_permit) => next.run(request).await,
        Err(busy) => Refusal::from(busy).into_response(),
    }
}
