//! The server as one service. Nearly all requests are GraphQL by POST. They take a fast path around the router, whose layers would
//! copy and box a request a dozen times, which costs more than a response from the cache.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::{BoxError, Extension, Router};
use tower::{Layer as _, Service};
use tower_http::compression::predicate::SizeAbove;
use tower_http::compression::{Compression, CompressionLayer};
use tower_http::timeout::{Timeout, TimeoutLayer};

use super::client_address::ClientAddress;
use super::graphql;
use super::layers::telemetry;
use super::state::HttpState;

/// The whole server as one service.
#[derive(Clone)]
pub struct HttpService {
    pub(super) router: Router,
    pub(super) fast_path: Option<GraphqlFastPath>,
}

impl fmt::Debug for HttpService {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("HttpService").finish_non_exhaustive()
    }
}

pub(super) const GRAPHQL: &str = "/graphql";
/// Some clients write the address like this.
pub(super) const GRAPHQL_SLASH: &str = "/graphql/";

type Responding = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Answers GraphQL requests by POST, within a time limit and compressed.
#[derive(Clone)]
pub(super) struct GraphqlFastPath {
    state: HttpState,
    post: Compression<Timeout<Post>, SizeAbove>,
}

impl GraphqlFastPath {
    pub(super) fn new(state: HttpState, (compression, timeout): (CompressionLayer<SizeAbove>, TimeoutLayer)) -> Self {
        let post = compression.layer(timeout.layer(Post(state.clone())));
        Self { state, post }
    }

    fn takes<B>(&self, request: &axum::http::Request<B>) -> bool {
        request.method() == Method::POST && matches!(request.uri().path(), GRAPHQL | GRAPHQL_SLASH)
    }

    async fn respond(self, request: Request) -> Response {
        let mut post = self.post;
        let respond = move |request| {
            let responding = post.call(request);
            async move { responding.await.map_or_else(|never| match never {}, |response| response.map(Body::new)) }
        };
        telemetry::traced(&self.state, Some(GRAPHQL), request, respond).await
    }
}

#[derive(Debug, Clone)]
struct Post(HttpState);

impl Service<Request> for Post {
    type Response = Response;
    type Error = Infallible;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let state = self.0.clone();
        Box::pin(async move {
            let address = *request.extensions().get::<ClientAddress>().expect("telemetry has set it");
            Ok(graphql::post(State(state), Extension(address), request).await)
        })
    }
}

impl<B> Service<axum::http::Request<B>> for HttpService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Both paths are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::http::Request<B>) -> Self::Future {
        match &self.fast_path {
            Some(fast_path) if fast_path.takes(&request) => {
                let (fast_path, request) = (fast_path.clone(), request.map(Body::new));
                Box::pin(async move { Ok(fast_path.respond(request).await) })
            }
            Some(_) | None => Box::pin(self.router.call(request)),
        }
    }
}
