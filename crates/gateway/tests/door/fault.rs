//! What goes wrong inside: it is told to the log, and to the caller only by an id.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{EmptySubscription, Schema, ServerResult, Value};
use axum::http::StatusCode;
use gateway::graphql::mutation::Mutation;
use gateway::graphql::{Engines, Query, error::Fault};
use gateway::http::Settings;

use crate::log::Log;
use crate::{Answer, Door, RESPONSE};

/// Makes fields stumble that are asked for under certain names.
struct Stumbling;

impl ExtensionFactory for Stumbling {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Stumbling {
    async fn resolve(&self, ctx: &ExtensionContext<'_>, info: ResolveInfo<'_>, next: NextResolve<'_>) -> ServerResult<Option<Value>> {
        match info.alias {
            Some("panics") => panic!("canary of a panic"),
            Some("sleeps") => tokio::time::sleep(Duration::from_secs(60)).await,
            Some("fails") => {
                let error: async_graphql::Error = Fault::Internal("canary of a cause".to_owned()).into();
                return Err(error.into_server_error(info.field.name.pos));
            }
            Some(_) | None => {}
        }
        next.run(ctx, info).await
    }
}

pub(crate) fn stumbling() -> Engines {
    Engines::of(|| Schema::build(Query, Mutation::default(), EmptySubscription).extension(Stumbling))
}

/// The id that a caller is told, which must stand in the log beside the cause.
fn error_id(answer: &Answer) -> String {
    let message = answer.json()["errors"][0]["message"].as_str().expect("a message").to_owned();
    message.rsplit_once("error id ").expect("an id").1.to_owned()
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_told_so() {
    let door = Door::stumbling(Settings { patience: Duration::from_millis(300), ..Settings::default() }).await;
    let slow = door.ask(&[("accept", RESPONSE)], "{ sleeps: registry { name } }").await;
    assert_eq!((slow.status, slow.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"));
    assert!(slow.json().get("data").is_none());
    assert_eq!(door.ask(&[], "{ registry { name } }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_panic_is_an_error_with_an_id_whose_cause_stands_in_the_log() {
    let log = Log::new("info");
    let door = Door::stumbling(Settings { most_running: 1, ..Settings::default() }).await;
    for _ in 0..3 {
        let answer = door.ask(&[], "{ panics: registry { name } }").await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR"));
        assert!(!answer.text.contains("canary"), "{}", answer.text);
        let [line] = &*log.lines(&error_id(&answer)) else { panic!("not one line: {}", log.text()) };
        assert!(line.contains("canary of a panic"), "{line}");
    }
    // The place that it took is free again.
    assert_eq!(door.ask(&[], "{ registry { name } }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_error_inside_is_masked_and_its_cause_stands_in_the_log() {
    let log = Log::new("info");
    let door = Door::stumbling(Settings::default()).await;
    let answer = door.ask(&[], "{ fails: registry { name } __typename }").await;
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR");
    assert!(!answer.text.contains("canary"), "{}", answer.text);
    let [line] = &*log.lines(&error_id(&answer)) else { panic!("not one line: {}", log.text()) };
    assert!(line.contains("canary of a cause"), "{line}");
}
