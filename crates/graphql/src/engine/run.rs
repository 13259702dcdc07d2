//! Executes prepared documents on async-graphql and corrects its answers: the order of fields, nulls, error codes.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    ObjectType, Request, Response, Schema as Engine, SubscriptionType, ValidationMode, Value, Variables,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use registry::limits::MAX_ERRORS;
use registry::request_context::RequestContext;
use serde_json::Value as Json;

use crate::context::Views;
use crate::engine::cooperative::Cooperative;
use crate::engine::error;
use crate::engine::field_order;
use crate::engine::null_propagation::{self, FieldTypes};
use crate::engine::prepared::Prepared;
use crate::schema::{Building, Schema, building, describe, plain_sdl, schema};

/// The field types of the schema. Read when the first error needs them.
static FIELD_TYPES: LazyLock<FieldTypes> = LazyLock::new(|| FieldTypes::of(&plain_sdl()));

/// Executes prepared documents. They were validated when they were prepared.
pub struct Engines {
    plain: Schema,
    /// For operations that may compute for long: checks the deadline and yields.
    cooperative: Schema,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("Engines")
    }
}

impl Default for Engines {
    fn default() -> Self {
        Self::of(building)
    }
}

impl Engines {
    pub fn of(building: impl Fn() -> Building) -> Self {
        let building = || building().validation_mode(ValidationMode::Fast);
        Self { plain: building().finish(), cooperative: building().extension(Cooperative).finish() }
    }

    /// Executes a document with coerced variables. `write_json` writes the response.
    pub async fn execute(&self, prepared: &Arc<Prepared>, request: Request, context: RequestContext) -> Response {
        self.run(prepared, request, context, false).await.response
    }

    /// The same, with the data for the actual cost. `is_long`: may compute for long. A boxed future keeps all
    /// resolvers in this crate: a caller would otherwise compile them again.
    pub fn run<'a>(
        &'a self,
        prepared: &'a Arc<Prepared>,
        request: Request,
        context: RequestContext,
        is_long: bool,
    ) -> BoxFuture<'a, Executed> {
        let run = async move {
            let views = Arc::new(Views::in_json(context, prepared.allows_direct_json().then(|| prepared.clone())));
            let schema = if is_long { &self.cooperative } else { &self.plain };
            let response = execute_prepared(schema, prepared, request, views.clone()).await;
            Executed { response, direct_fields: views.counted() }
        };
        run.boxed()
    }
}

/// A response, and how many of its fields were written as JSON directly.
#[derive(Debug)]
pub struct Executed {
    pub response: Response,
    pub direct_fields: u64,
}

/// Prepares and executes one document with its variables, as JSON has them.
pub async fn execute_document(document: &str, variables: Json, context: RequestContext) -> Response {
    // It takes a while to build, and the command line asks several times.
    static SCHEMA: LazyLock<Schema> = LazyLock::new(schema);
    execute(&SCHEMA, Request::new(document).variables(Variables::from_json(variables)), context).await
}

/// Prepares and executes one request.
pub fn execute<'a>(schema: &'a Schema, request: Request, context: RequestContext) -> BoxFuture<'a, Response> {
    prepare_and_execute(schema, request, context).boxed()
}

async fn prepare_and_execute(schema: &Schema, mut request: Request, context: RequestContext) -> Response {
    let read = Prepared::read(&request.query).and_then(|prepared| {
        let variables = std::mem::take(&mut request.variables);
        request.variables =
            prepared.coerce(request.operation_name.as_deref(), variables).map_err(|refused| *refused)?;
        Ok(prepared)
    });
    let locale = context.locale;
    let mut response = match read {
        Ok(prepared) => execute_prepared(schema, &prepared, request, Arc::new(Views::new(context, None))).await,
        Err(refused) => refused.extension("revision", Value::Number(context.snapshot.revision().into())),
    };
    error::translate(&mut response.errors, locale);
    response
}

async fn execute_prepared(schema: &Schema, prepared: &Prepared, request: Request, views: Arc<Views>) -> Response {
    let response = answer(schema, prepared, request.data(views.clone()), &FIELD_TYPES).await;
    let warnings = views.warnings();
    let response = if warnings.is_empty() {
        response
    } else {
        response.extension("warnings", Value::List(warnings.into_iter().map(Value::from).collect()))
    };
    response.extension("revision", Value::Number(views.newest().snapshot.revision().into()))
}

/// The engine's response, with the order of fields, nulls and error codes corrected.
pub(super) async fn answer<Q, M, S>(
    schema: &Engine<Q, M, S>,
    prepared: &Prepared,
    mut request: Request,
    types: &FieldTypes,
) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let name = request.operation_name.clone();
    request.set_parsed_query(prepared.run_with(name.as_deref(), &request.variables));
    let mut response = schema.execute(request).await;
    if let Some(operation) = prepared.operation(name.as_deref()) {
        field_order::arrange(&mut response.data, prepared.run(), operation);
    }
    if !response.errors.is_empty() {
        error::add_codes(&mut response.errors, &prepared.document);
        if let Some(operation) = prepared.operation(name.as_deref()) {
            null_propagation::propagate(&mut response, &prepared.document, operation, types);
        }
        response.errors.truncate(MAX_ERRORS);
    }
    if prepared.introspects() {
        describe(&mut response.data);
    }
    if prepared.has_placeholders() {
        null_propagation::remove_placeholders(&mut response.data);
    }
    response
}

#[cfg(test)]
mod tests {
    use domain::Locale;

    use super::*;
    use registry::error::Code;

    async fn answered(schema: &Schema, query: &str) -> Response {
        match Prepared::read(query) {
            Ok(prepared) => answer(schema, &prepared, Request::new(query), &FIELD_TYPES).await,
            Err(refused) => refused,
        }
    }

    #[tokio::test]
    async fn a_malformed_argument_is_named_with_what_is_expected() {
        let schema = schema();
        for (query, message) in [
            (r#"{ district(code: "44") { name } }"#, r#"code: "44" is malformed; a district code is 6 digits"#),
            (
                r#"{ ...F } fragment F on Query { coverage(districts: [1]) { total } }"#,
                "districts[0]: 1 is malformed; a district code is 6 digits",
            ),
            (
                r#"{ agreements(party: ["440115", "x"]) { totalCount } }"#,
                r#"party[1]: "x" is malformed; a district code"#,
            ),
            (
                r#"{ handling(matter: "x", receiving: "440115", competent: "310112") { on } }"#,
                r#"matter: "x" is malformed; a matter code"#,
            ),
            (r#"{ agreements(on: "2021-5-28") { totalCount } }"#, r#"on: "2021-5-28" is malformed; a date is"#),
            (
                "{ changes(since: 9007199254740992) { totalCount } }",
                "since: 9007199254740992 is malformed; a revision is",
            ),
        ] {
            let response = answered(&schema, query).await;
            let [error] = &*response.errors else { panic!("{query}: {:?}", response.errors) };
            assert!(error.message.starts_with(message), "{query}: {}", error.message);
            let extensions = error.extensions.as_ref().expect("extensions");
            assert_eq!(extensions.get("code"), Some(&Value::from(Code::BadUserInput.name())), "{query}");
            let (argument, _) = message.split_once([':', '[']).expect("an argument");
            assert_eq!(extensions.get("argument"), Some(&Value::from(argument)), "{query}");
            assert!(
                matches!(extensions.get("expected"), Some(Value::Object(both)) if both.len() == 2),
                "{query}: {extensions:?}"
            );
            assert_eq!(extensions.get("index").is_some(), message.contains('['), "{query}");
            let mut in_chinese = response.errors.clone();
            error::translate(&mut in_chinese, Locale::Zh);
            assert!(in_chinese[0].message.contains("格式不对"), "{query}: {}", in_chinese[0].message);
        }
    }

    #[tokio::test]
    async fn a_response_has_at_most_ten_errors() {
        let query = (0..1000).fold(String::from("{"), |query, at| query + &format!(" nobody{at}")) + " }";
        assert_eq!(answered(&schema(), &query).await.errors.len(), MAX_ERRORS);
    }
}
