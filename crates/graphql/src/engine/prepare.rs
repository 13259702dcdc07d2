//! Prepares a document for execution: parse, validate, coerce variables, price. Only this step needs the whole schema.

use std::sync::{Arc, LazyLock};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument};
use async_graphql::{Request, Response, Value, Variables};
use catalogue::Lengths;
use futures::FutureExt as _;
use registry::limits::MAX_ERRORS;

use crate::engine::prepared::Prepared;
use crate::engine::price::{Price, Prices};
use crate::engine::variables::coerce::{self, coerce_variables};
use crate::engine::variables::types::InputTypes;
use crate::engine::variables::validate::validate;
use crate::engine::{error, syntax};
use crate::schema::{Schema, building, on_own_stack, plain_sdl};

static INPUT_TYPES: LazyLock<InputTypes> = LazyLock::new(|| InputTypes::of(&plain_sdl()));

static PRICES: LazyLock<Prices> = LazyLock::new(|| Prices::of(&plain_sdl()));

/// Validates documents by async-graphql's rules and executes nothing.
static VALIDATOR: LazyLock<Schema> = LazyLock::new(|| on_own_stack(|| building().extension(ValidateOnly).finish()));

struct ValidateOnly;

impl ExtensionFactory for ValidateOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for ValidateOnly {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

/// Parses a document.
pub(crate) fn parse(text: &str) -> Result<ExecutableDocument, Response> {
    syntax::parse(text).map_err(|error| Response::from_errors(vec![error.into()]))
}

impl Prepared {
    /// Parses and validates a document.
    pub fn read(text: &str) -> Result<Self, Response> {
        parse(text).and_then(Self::validated)
    }

    /// Validates a document, for all values that its variables may have.
    pub(crate) fn validated(mut document: ExecutableDocument) -> Result<Self, Response> {
        let mut request = Request::new("");
        request.operation_name = match &document.operations {
            DocumentOperations::Single(_) => None,
            // Any name will do: all operations are validated.
            DocumentOperations::Multiple(operations) => operations.keys().next().map(ToString::to_string),
        };
        request.set_parsed_query(document.clone());
        // Nothing is executed, so the future is ready at once.
        let mut response = Box::pin(VALIDATOR.execute(request)).now_or_never().unwrap_or_default();
        if response.errors.is_empty() {
            response.errors = validate(&INPUT_TYPES, &document);
        }
        if response.errors.is_empty() {
            coerce::add_brackets(&INPUT_TYPES, &mut document);
            return Ok(Self::of(document));
        }
        error::add_codes(&mut response.errors, &document);
        response.errors.truncate(MAX_ERRORS);
        Err(Response::from_errors(response.errors))
    }

    /// The variables of the operation, coerced and with defaults for those that were left out; or the errors.
    pub(crate) fn coerce(&self, name: Option<&str>, variables: Variables) -> Result<Variables, Box<Response>> {
        match self.operation(name) {
            Some(operation) => coerce_variables(&INPUT_TYPES, operation, variables),
            // The engine refuses a request that does not say which operation to execute.
            None => Ok(variables),
        }
    }

    /// The estimated price before execution. When the operation is not known: the least.
    pub(crate) fn price(&self, name: Option<&str>, variables: &Variables, lengths: &Lengths) -> Price {
        self.operation(name)
            .map_or(Price::LEAST, |operation| PRICES.estimate(&self.document, operation, variables, lengths))
    }

    /// The actual price in points, from the fields of the response and those that were written directly.
    pub(crate) fn actual(&self, name: Option<&str>, variables: &Variables, data: &Value, direct_fields: u64) -> u64 {
        self.operation(name)
            .map_or(1, |operation| PRICES.actual(&self.document, operation, variables, data, direct_fields))
    }
}
