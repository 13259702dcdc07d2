//! The price of everything that is not GraphQL, and a permit to run. GraphQL is priced by its document, and takes its
//! permit when the whole request has arrived.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use registry::admission::Busy;
use registry::rate_limit::Client;

use crate::http::client_address::ClientAddress;
use crate::http::page::{self, AdditionalCost};
use crate::http::refusal::Refusal;
use crate::http::state::HttpState;

/// The points that a page costs at least.
pub(crate) const PAGE_COST: u64 = 50;

pub(crate) async fn charge(
    State((state, points)): State<(HttpState, u64)>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    let refused = |refusal: Refusal, request: &Request| {
        page::explain(&state.app, refusal.into_response(), request.uri(), request.headers())
    };
    let client = Client::at(address);
    if let Err(exceeded) = state.admission.spend(client.clone(), points).await {
        return refused(exceeded.into(), &request);
    }
    // A page that gets no permit pays the least; one whose client leaves while it is made pays for it.
    let mut prepayment = state.admission.prepayment(client, points, points);
    let Ok(_permit) = state.admission.run_permit().await else { return refused(Busy.into(), &request) };
    prepayment.begin();
    let mut response = next.run(request).await;
    let additional = response.extensions_mut().remove().map_or(0, |AdditionalCost(points)| points);
    prepayment.settle(points + additional);
    response
}
