//! Connects the mutations of the schema with the acts: the input as a map, and the view of the request after a write.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::registry::Registry;
use async_graphql::{Context, InputObjectType, InputType, InputValueError, InputValueResult, Value};
use registry::acts::{Input, Outcome};
use registry::error::Error;
use serde_json::Value as Json;

use super::context::{Views, request_context};

/// The input of a mutation, unread. Validation has checked its types; the act reads it, so that all problems are found at once,
/// each with its path.
#[derive(Debug, Clone)]
pub struct Submitted<I> {
    fields: Input,
    shape: PhantomData<fn() -> I>,
}

impl<I> Submitted<I> {
    /// The fields, for an act.
    pub(crate) fn fields(self) -> Input {
        self.fields
    }
}

impl<I: InputObjectType> InputType for Submitted<I> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        I::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        I::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match in_json(value.unwrap_or_default()) {
            Ok(Json::Object(fields)) => Ok(Self { fields, shape: PhantomData }),
            Ok(_) | Err(_) => Err(InputValueError::custom("an object is expected")),
        }
    }

    fn to_value(&self) -> Value {
        Value::from_json(Json::Object(self.fields.clone())).unwrap_or_default()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Runs several acts. Afterwards the request sees what they wrote.
pub(crate) async fn all_acted(ctx: &Context<'_>, acts: impl Future<Output = Result<Vec<Outcome>, Error>>) -> Result<Vec<Outcome>, Error> {
    let outcomes = acts.await?;
    if outcomes.iter().any(|outcome| outcome.saved.is_some()) {
        ctx.data_unchecked::<Arc<Views>>().add(request_context(ctx).after_write());
    }
    Ok(outcomes)
}

/// A value as JSON. Texts are moved, not copied: one may be a whole file.
fn in_json(value: Value) -> serde_json::Result<Json> {
    Ok(match value {
        Value::String(text) => Json::String(text),
        Value::List(values) => Json::Array(values.into_iter().map(in_json).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            Json::Object(fields.into_iter().map(|(name, value)| Ok((name.to_string(), in_json(value)?))).collect::<serde_json::Result<_>>()?)
        }
        other @ (Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_)) => other.into_json()?,
    })
}

/// Runs an act. Afterwards the request sees what it wrote.
pub(crate) async fn acted(ctx: &Context<'_>, act: impl Future<Output = Result<Outcome, Error>>) -> Result<Outcome, Error> {
    let outcome = act.await?;
    if outcome.saved.is_some() {
        ctx.data_unchecked::<Arc<Views>>().add(request_context(ctx).after_write());
    }
    Ok(outcome)
}
