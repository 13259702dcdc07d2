//! The schema: how the registry is asked by GraphQL. A file for each noun; an object wraps the domain's
//! value and copies nothing.

pub mod agreement;
pub mod api_key;
mod at_once;
pub mod availability;
mod boundary;
mod careful;
pub mod change;
pub mod clause;
mod coerce;
pub(crate) mod context;
pub mod district;
pub mod document;
pub mod error;
pub mod finding;
pub mod handling;
pub mod ids;
pub mod in_order;
pub mod input;
pub mod matter;
pub mod mutation;
pub mod node;
mod nulls;
pub mod offering;
pub mod page;
pub mod policy;
mod prepared;
mod price;
pub mod problem;
pub mod query;
pub mod registry;
pub mod scalar;
pub mod search;
mod size;
mod syntax;
pub mod task;
pub mod terms;
mod types;
mod valid;
pub mod vocabulary;
pub mod window;
pub mod words;
pub mod write;

use std::sync::{Arc, LazyLock};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{
    ContextBase, EmptySubscription, ObjectType, Request, Response, SDLExportOptions, Schema as Engine, SchemaBuilder, SubscriptionType,
    ValidationMode, Value,
};

use crate::limits::MAX_ERRORS;
use crate::request_context::RequestContext;
use context::Views;
use mutation::Mutation;
use nulls::Shapes;
use types::Types;

pub(crate) use at_once::write_json;
pub use boundary::Root;
pub use error::{Code, is_request_error};
pub use prepared::Prepared;
pub(crate) use prepared::parse;
pub(crate) use price::{Price, outline};
pub use query::Query;
pub(crate) use size::{Size, too_long};

/// The registry's schema.
pub type Schema = Engine<Root<Query>, Root<Mutation>, EmptySubscription>;

/// Builds the schema.
pub fn schema() -> Schema {
    building().finish()
}

/// The schema with what else is to be said of it, before it is finished.
pub type Building = SchemaBuilder<Root<Query>, Root<Mutation>, EmptySubscription>;

/// Begins the schema.
pub fn building() -> Building {
    Engine::build(Root(Query), Root::default(), EmptySubscription).disable_suggestions()
}

/// What executes documents. They are valid: that was looked at when they were read.
pub struct Engines {
    brisk: Schema,
    /// Under a watch: for what may compute for long.
    careful: Schema,
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
        Self { brisk: building().finish(), careful: building().extension(careful::Careful).finish() }
    }

    /// Answers a document with variables that it took. It is for `write_json` to write the answer.
    pub async fn execute(&self, prepared: &Arc<Prepared>, request: Request, asked: RequestContext) -> Response {
        self.run(prepared, request, asked, false).await.response
    }

    /// The same, with what it takes to know what it cost. What may compute for long is watched.
    pub(crate) async fn run(&self, prepared: &Arc<Prepared>, request: Request, asked: RequestContext, is_long: bool) -> Executed {
        let views = Arc::new(Views::in_json(asked, prepared.is_told_at_once().then(|| prepared.clone())));
        let schema = if is_long { &self.careful } else { &self.brisk };
        let response = execute_prepared(schema, prepared, request, views.clone()).await;
        Executed { response, told: views.counted() }
    }
}

/// An answer, and how many fields of it were told at once.
#[derive(Debug)]
pub(crate) struct Executed {
    pub(crate) response: Response,
    pub(crate) told: u64,
}

/// What the schema is.
const DESCRIPTION: &str = "Tongban (通办): a registry of the agreements by which districts of China handle matters for each other. Its main query is \
`handling`: can a matter that one district decides on be submitted in another district on a given day, and if so, by which handling mode, at which \
window, with which materials, in how many days and on what basis; and if not, why not? Every answer is computed from one revision of the registry, \
which `extensions.revision` names.";

/// What the engine says of every schema.
const DESCRIPTION_OF_THE_ENGINE: &str = "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available types and directives on the server, as well as the entry points for query, mutation, and subscription operations.";

/// Puts the schema's own description where the engine has one for all.
fn describe(data: &mut Value) {
    let Value::Object(fields) = data else { return };
    for field in fields.values_mut() {
        let Value::Object(asked) = field else { continue };
        for value in asked.values_mut().filter(|value| **value == Value::String(DESCRIPTION_OF_THE_ENGINE.to_owned())) {
            *value = Value::String(DESCRIPTION.to_owned());
        }
    }
}

/// The schema as text: `schema.graphql` is this.
pub fn sdl() -> String {
    plain_sdl().replace("\nschema {\n", &format!("\n\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{\n"))
}

/// The same for the engine's own reader, which knows no description of a schema.
pub fn plain_sdl() -> String {
    let sdl = on_a_stack_of_its_own(|| schema().sdl_with_options(SDLExportOptions::new().include_specified_by().use_space_ident()));
    let lines: Vec<&str> = sdl.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// Read once, when the first error needs it.
static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::of(&plain_sdl()));

static TYPES: LazyLock<Types> = LazyLock::new(|| Types::of(&plain_sdl()));

/// Validates documents by the engine's own rules, and runs none.
static JUDGE: LazyLock<Schema> = LazyLock::new(|| on_a_stack_of_its_own(|| building().extension(Unexecuted).finish()));

/// Does what follows the whole schema, type by type: how deep the stack is already where it is first needed is not known.
fn on_a_stack_of_its_own<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join()).expect("the schema is sound")
}

struct Unexecuted;

impl ExtensionFactory for Unexecuted {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Unexecuted {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

/// Answers one request. Whether it was refused as a whole, and has no `data`, is for `is_request_error` to
/// say.
pub async fn execute(schema: &Schema, mut request: Request, asked: RequestContext) -> Response {
    let read = Prepared::read(&request.query).and_then(|prepared| {
        let variables = std::mem::take(&mut request.variables);
        request.variables = prepared.coerce(request.operation_name.as_deref(), variables).map_err(|refused| *refused)?;
        Ok(prepared)
    });
    let locale = asked.locale;
    let mut response = match read {
        // On the heap: futures that ask many questions hold one of these for each.
        Ok(prepared) => Box::pin(execute_prepared(schema, &prepared, request, Arc::new(Views::new(asked, None)))).await,
        Err(refused) => refused.extension("revision", Value::Number(asked.snapshot.revision().into())),
    };
    error::word(&mut response.errors, locale);
    response
}

/// The same with a document that was read before.
async fn execute_prepared(schema: &Schema, prepared: &Prepared, request: Request, views: Arc<Views>) -> Response {
    let response = answer(schema, prepared, request.data(views.clone()), &SHAPES).await;
    let warnings = views.warnings();
    let response =
        if warnings.is_empty() { response } else { response.extension("warnings", Value::List(warnings.into_iter().map(Value::from).collect())) };
    response.extension("revision", Value::Number(views.newest().snapshot.revision().into()))
}

/// The engine's answer, with nulls and codes put right.
async fn answer<Q, M, S>(schema: &Engine<Q, M, S>, prepared: &Prepared, mut request: Request, shapes: &Shapes) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let name = request.operation_name.clone();
    request.set_parsed_query(prepared.run_with(name.as_deref(), &request.variables));
    let mut response = schema.execute(request).await;
    if let Some(operation) = prepared.operation(name.as_deref()) {
        in_order::arrange(&mut response.data, prepared.run(), operation);
    }
    if !response.errors.is_empty() {
        error::code(&mut response.errors, &prepared.document);
        if let Some(operation) = prepared.operation(name.as_deref()) {
            nulls::settle(&mut response, &prepared.document, operation, shapes);
        }
        response.errors.truncate(MAX_ERRORS);
    }
    if prepared.introspects() {
        describe(&mut response.data);
    }
    if prepared.has_witnesses() {
        nulls::remove_witnesses(&mut response.data);
    }
    response
}

/// The document and what the request may see, where parts of the answer may be told at once.
fn told_at_once<'a, T>(ctx: &ContextBase<'a, T>) -> Option<(&'a Views, &'a Arc<Prepared>)> {
    let views = ctx.data_unchecked::<Arc<Views>>();
    Some((views, views.told_at_once.as_ref()?))
}

/// The language of a text: the one that the argument `locale` names, else the request's.
pub(crate) fn language<'a, T>(ctx: &ContextBase<'a, T>, given: Option<words::Locale>) -> domain::Locale {
    given.map_or_else(|| asked(ctx).locale, Into::into)
}

/// What this request may see, and when.
pub(crate) fn asked<'a, T>(ctx: &ContextBase<'a, T>) -> &'a RequestContext {
    ctx.data_unchecked::<Arc<Views>>().newest()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(schema: &Schema, query: &str) -> Response {
        match Prepared::read(query) {
            Ok(prepared) => answer(schema, &prepared, Request::new(query), &SHAPES).await,
            Err(refused) => refused,
        }
    }

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
            (r#"{ ...F } fragment F on Query { coverage(districts: [1]) { total } }"#, "districts[0]: 1 is malformed; a district code is 6 digits"),
            (r#"{ agreements(party: ["440115", "x"]) { totalCount } }"#, r#"party[1]: "x" is malformed; a district code"#),
            (r#"{ handling(matter: "x", receiving: "440115", competent: "310112") { on } }"#, r#"matter: "x" is malformed; a matter code"#),
            (r#"{ agreements(on: "2021-5-28") { totalCount } }"#, r#"on: "2021-5-28" is malformed; a date is"#),
            ("{ changes(since: 9007199254740992) { totalCount } }", "since: 9007199254740992 is malformed; a revision is"),
        ] {
            let response = answered(&schema, query).await;
            let [error] = &*response.errors else { panic!("{query}: {:?}", response.errors) };
            assert!(error.message.starts_with(message), "{query}: {}", error.message);
            let extensions = error.extensions.as_ref().expect("extensions");
            assert_eq!(extensions.get("code"), Some(&Value::from(Code::BadUserInput.name())), "{query}");
            let (argument, _) = message.split_once([':', '[']).expect("an argument");
            assert_eq!(extensions.get("argument"), Some(&Value::from(argument)), "{query}");
            assert!(matches!(extensions.get("expected"), Some(Value::Object(both)) if both.len() == 2), "{query}: {extensions:?}");
            assert_eq!(extensions.get("index").is_some(), message.contains('['), "{query}");
            let mut in_chinese = response.errors.clone();
            error::word(&mut in_chinese, domain::Locale::Zh);
            assert!(in_chinese[0].message.contains("格式不对"), "{query}: {}", in_chinese[0].message);
        }
    }

    #[tokio::test]
    async fn a_thousand_mistakes_are_told_by_ten() {
        let query = (0..1000).fold(String::from("{"), |query, at| query + &format!(" nobody{at}")) + " }";
        assert_eq!(answered(&schema(), &query).await.errors.len(), MAX_ERRORS);
    }
}
