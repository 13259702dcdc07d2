//! The schema: how the registry is asked by GraphQL. A file for each noun; an object wraps the domain's
//! value and copies nothing.

pub mod agreement;
pub mod api_key;
pub mod availability;
pub mod change;
pub mod clause;
pub mod district;
pub mod document;
pub mod error;
pub mod finding;
pub mod handling;
pub mod ids;
pub mod input;
pub mod matter;
pub mod mutation;
pub mod node;
mod nulls;
pub mod offering;
pub mod page;
pub mod policy;
mod price;
pub mod problem;
pub mod query;
pub mod registry;
pub mod scalar;
pub mod task;
pub mod terms;
pub mod window;
pub mod words;
pub mod write;

use std::sync::{Arc, LazyLock};

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, Selection};
use async_graphql::{Context, EmptySubscription, ObjectType, Request, Response, SDLExportOptions, Schema as Engine, SubscriptionType, Value};

use crate::asked::{Asked, Views};
use crate::limits::MOST_ERRORS;
use crate::permission;
use mutation::Mutation;
use nulls::Shapes;

pub use error::{Code, is_request_error};
pub use query::Query;

/// The registry's schema.
pub type Schema = Engine<Query, Mutation, EmptySubscription>;

/// Builds the schema.
pub fn schema() -> Schema {
    Engine::build(Query, Mutation::default(), EmptySubscription).disable_suggestions().finish()
}

/// The schema as text: `schema.graphql` is this.
pub fn sdl() -> String {
    let sdl = schema().sdl_with_options(SDLExportOptions::new().include_specified_by().use_space_ident());
    let lines: Vec<&str> = sdl.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// Read once, when the first error needs it.
static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::of(&sdl()));

/// Answers one request. Whether it was refused as a whole, and has no `data`, is for `is_request_error` to
/// say.
pub async fn execute(schema: &Schema, request: Request, asked: Asked) -> Response {
    let views = Arc::new(Views::new(asked));
    let response = answer(schema, request.data(views.clone()), &SHAPES).await;
    response.extension("revision", Value::Number(views.newest().snapshot.revision().into()))
}

/// What a request costs before it runs, in points. Of a document that is none, or does not say which of its
/// operations runs, nothing but the look at it.
pub fn price(request: &mut Request) -> u64 {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query().cloned() else { return 1 };
    let Some(operation) = operation(&document, name.as_deref()) else { return 1 };
    add_defaults(request, operation);
    price::of(&document, operation, &request.variables)
}

/// The engine's answer, with nulls and codes put right.
async fn answer<Q, M, S>(schema: &Engine<Q, M, S>, mut request: Request, shapes: &Shapes) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let mut document = match request.parsed_query() {
        Ok(document) => document.clone(),
        Err(error) => return error::unparsed(error),
    };
    let name = request.operation_name.clone();
    if let Some(operation) = operation(&document, name.as_deref()) {
        add_defaults(&mut request, operation);
    }
    let witnessed = nulls::add_witnesses(&mut document);
    if witnessed {
        request.set_parsed_query(document.clone());
    }
    let mut response = schema.execute(request).await;
    if !response.errors.is_empty() {
        error::code(&mut response.errors, &document);
        if let Some(operation) = operation(&document, name.as_deref()) {
            nulls::settle(&mut response, &document, operation, shapes);
        }
        response.errors.truncate(MOST_ERRORS);
    }
    if witnessed {
        nulls::remove_witnesses(&mut response.data);
    }
    response
}

/// By what an operation is known to those who count: the question or the mutation, of which there are as many as the
/// schema has. `introspection`: it asks about the schema itself; `other`: several things, or none.
pub fn operation_label(request: &mut Request) -> &'static str {
    let name = request.operation_name.clone();
    let Some(operation) = request.parsed_query().ok().and_then(|document| operation(document, name.as_deref())) else { return OTHER };
    let mut labels = operation.selection_set.node.items.iter().filter_map(|item| match &item.node {
        Selection::Field(field) if field.node.name.node == "__typename" => None,
        Selection::Field(field) => Some(label(field.node.name.node.as_str())),
        Selection::InlineFragment(_) | Selection::FragmentSpread(_) => Some(OTHER),
    });
    let Some(first) = labels.next() else { return OTHER };
    if labels.all(|label| label == first) { first } else { OTHER }
}

const OTHER: &str = "other";

fn label(field: &str) -> &'static str {
    if matches!(field, "__schema" | "__type") {
        return "introspection";
    }
    let questions = permission::TOLD.iter().filter_map(|(told, _)| told.strip_prefix("Query."));
    let mutations = permission::DONE.iter().map(|(mutation, ..)| *mutation);
    questions.chain(mutations).find(|known| *known == field).unwrap_or(OTHER)
}

fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|operation| &operation.node),
        (DocumentOperations::Multiple(operations), None) => {
            operations.values().next().filter(|_| operations.len() == 1).map(|operation| &operation.node)
        }
    }
}

/// Gives the variables that were left out their defaults: the engine forgets them in `@skip` and `@include`.
fn add_defaults(request: &mut Request, operation: &OperationDefinition) {
    for definition in &operation.variable_definitions {
        if let Some(default) = &definition.node.default_value {
            request.variables.entry(definition.node.name.node.clone()).or_insert_with(|| default.node.clone());
        }
    }
}

/// What this request may see, and when.
pub(crate) fn asked<'a>(ctx: &Context<'a>) -> &'a Asked {
    ctx.data_unchecked::<Arc<Views>>().newest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_schema_is_the_one_that_is_kept() {
        let kept = include_str!("../../../../schema.graphql");
        assert!(sdl() == kept, "print it: cargo run -- schema > schema.graphql");
    }

    #[tokio::test]
    async fn a_malformed_argument_is_named_with_what_is_expected() {
        let schema = schema();
        for (query, message) in [
            (r#"{ district(code: "44") { name } }"#, r#"code: "44" is malformed; a district code is 6 digits"#),
            (r#"{ ...F } fragment F on Query { coverage(districts: [1]) { total } }"#, "districts: 1 is malformed; a district code is 6 digits"),
            (
                r#"{ handlings(questions: { matter: "x", receiving: "440115", competent: "310112" }) { on } }"#,
                r#"questions: "x" is malformed; a matter code"#,
            ),
            (r#"{ agreements(on: "2021-5-28") { totalCount } }"#, r#"on: "2021-5-28" is malformed; a date is"#),
            ("{ changes(since: 9007199254740992) { totalCount } }", "since: 9007199254740992 is malformed; a revision is"),
            ("{ districts(first: 99999999999) { totalCount } }", "first: Only integers from"),
        ] {
            let response = answer(&schema, Request::new(query), &SHAPES).await;
            let [error] = &*response.errors else { panic!("{query}: {:?}", response.errors) };
            assert!(error.message.starts_with(message), "{query}: {}", error.message);
            let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
            assert_eq!(code, Some(&Value::from(Code::BadUserInput.name())), "{query}");
        }
    }

    #[tokio::test]
    async fn a_thousand_mistakes_are_told_by_ten() {
        let query = (0..1000).fold(String::from("{"), |query, at| query + &format!(" nobody{at}")) + " }";
        assert_eq!(answer(&schema(), Request::new(query), &SHAPES).await.errors.len(), MOST_ERRORS);
    }
}
