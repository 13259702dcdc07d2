//! What meets every request. Nearly all of them are questions by POST, and go straight to where they are answered: a router and
//! its layers would copy and box them a dozen times on the way, which is more than it takes to answer again. Everything else
//! goes through the router.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::{BoxError, Extension, Router};
use tower::Service;
use tower_http::compression::Compression;
use tower_http::compression::predicate::SizeAbove;
use tower_http::timeout::Timeout;

use super::guard::Door;
use super::origin::Origin;
use super::{graphql, observe};

/// The whole server as one service.
#[derive(Clone)]
pub struct HttpService {
    pub(super) router: Router,
    /// `None`: other sites may ask, and what they are told about that is for a layer of the router.
    pub(super) straight: Option<(Door, Straight)>,
}

impl fmt::Debug for HttpService {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("HttpService").finish_non_exhaustive()
    }
}

/// Where questions by POST are answered, in time and compressed for those who take it so.
pub(super) type Straight = Compression<Timeout<Questions>, SizeAbove>;

/// The address of the questions.
pub(super) const GRAPHQL: &str = "/graphql";
/// The same, as some write it.
pub(super) const GRAPHQL_SLASH: &str = "/graphql/";

type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

#[derive(Debug, Clone)]
pub(super) struct Questions(pub(super) Door);

impl Service<Request> for Questions {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let door = self.0.clone();
        Box::pin(async move {
            let origin = *request.extensions().get::<Origin>().expect("what is accompanied comes from somewhere");
            Ok(graphql::post(State(door), Extension(origin), request).await)
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
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // So are both.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::http::Request<B>) -> Self::Future {
        match &self.straight {
            Some((door, straight)) if request.method() == Method::POST && matches!(request.uri().path(), GRAPHQL | GRAPHQL_SLASH) => {
                let (door, mut straight) = (door.clone(), straight.clone());
                let request = request.map(Body::new);
                Box::pin(async move {
                    let answer = move |request| {
                        let answering = straight.call(request);
                        async move { answering.await.map_or_else(|never| match never {}, |answer| answer.map(Body::new)) }
                    };
                    Ok(observe::accompanied(&door, Some(GRAPHQL), request, answer).await)
                })
            }
            Some(_) | None => {
                let answering = self.router.call(request);
                Box::pin(answering)
            }
        }
    }
}
