//! The server as one service. Nearly all requests are GraphQL by POST. They take a fast path around the router, whose
//! layers would copy and box a request a dozen times, which costs more than a response from the cache.

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
use tower_http::cors::{Cors, CorsLayer};
use tower_http::timeout::{Timeout, TimeoutLayer};

use super::client_address::ClientAddress;
use super::graphql;
use super::layers::telemetry;
use super::state::HttpState;

/// The whole server as one service.
#[derive(Clone)]
pub struct HttpService {
    pub(super) router: Router,
    pub(super) fast_path: GraphqlFastPath,
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

impl HttpService {
    /// Does this request go around the router?
    pub fn takes_fast_path<B>(&self, request: &axum::http::Request<B>) -> bool {
        request.method() == Method::POST && matches!(request.uri().path(), GRAPHQL | GRAPHQL_SLASH)
    }
}

/// Answers GraphQL requests by POST.
#[derive(Clone)]
pub(super) struct GraphqlFastPath {
    state: HttpState,
    post: Layered,
}

/// Within a time limit, and compressed.
type TimedPost = Compression<Timeout<Post>, SizeAbove>;

/// The layers of the router that a GraphQL request needs.
#[derive(Clone)]
enum Layered {
    SameSite(TimedPost),
    // Boxed, since its layer is six times as large.
    CrossSite(Box<Cors<TimedPost>>),
}

impl GraphqlFastPath {
    pub(super) fn new(
        state: HttpState,
        (compression, timeout): (CompressionLayer<SizeAbove>, TimeoutLayer),
        cors: Option<CorsLayer>,
    ) -> Self {
        let post = compression.layer(timeout.layer(Post(state.clone())));
        let post = match cors {
            Some(cors) => Layered::CrossSite(Box::new(cors.layer(post))),
            None => Layered::SameSite(post),
        };
        Self { state, post }
    }

    async fn respond(self, request: Request) -> Response {
        match self.post {
            Layered::SameSite(post) => traced(&self.state, post, request).await,
            Layered::CrossSite(post) => traced(&self.state, *post, request).await,
        }
    }
}

async fn traced<S, B>(state: &HttpState, mut service: S, request: Request) -> Response
where
    S: Service<Request, Response = axum::http::Response<B>, Error = Infallible>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let respond = move |request| {
        let responding = service.call(request);
        async move { responding.await.map_or_else(|never| match never {}, |response| response.map(Body::new)) }
    };
    telemetry::traced(state, Some(GRAPHQL), request, respond).await
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
        if self.takes_fast_path(&request) {
            let (fast_path, request) = (self.fast_path.clone(), request.map(Body::new));
            Box::pin(async move { Ok(fast_path.respond(request).await) })
        } else {
            Box::pin(self.router.call(request))
        }
    }
}
