//! Connects the mutations of the schema with the acts: the input as a map, and the view of the request after a write.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::registry::Registry;
use async_graphql::{Context, InputObjectType, InputType, InputValueError, InputValueResult, Value};
use bytes::Bytes;
use registry::acts::{Input, Outcome};
use registry::error::Error;
use serde_json::Value as Json;

use super::context::{Views, request_context};

/// The input of a mutation, unread. Validation has checked its types; the act reads it, so that all problems are found
/// at once, each with its path.
#[derive(Debug, Clone)]
pub struct Submitted<I> {
    fields: Input,
    /// Fields with a long text, which is shared with the variables.
    shared: Vec<(String, Bytes)>,
    shape: PhantomData<fn() -> I>,
}

impl<I> Submitted<I> {
    /// The fields, for an act.
    pub(crate) fn fields(self) -> Input {
        let Self { mut fields, shared, shape: _ } = self;
        fields.extend(shared.into_iter().map(|(name, text)| (name, in_text(&text))));
        fields
    }

    /// The fields, and apart from them the text of one within another, which may be a whole file.
    pub(crate) fn fields_and_text_of(self, field: &str, within: &str) -> (Input, Option<Bytes>) {
        let mut fields = self.fields();
        let text = match fields.get_mut(field) {
            Some(Json::Object(inner)) => inner.remove(within),
            Some(_) | None => None,
        };
        match text {
            Some(Json::String(text)) => (fields, Some(text.into())),
            Some(_) | None => (fields, None),
        }
    }

    /// The fields, and apart from them the text of one, which may be a whole file.
    pub(crate) fn fields_and_text(mut self, name: &str) -> (Input, Option<Bytes>) {
        let shared = self.shared.iter().position(|(known, _)| known == name).map(|at| self.shared.swap_remove(at).1);
        let text = shared.or_else(|| match self.fields.remove(name) {
            Some(Json::String(text)) => Some(text.into()),
            Some(_) | None => None,
        });
        (self.fields(), text)
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
        let expected = || InputValueError::custom("an object is expected");
        let Some(Value::Object(given)) = value else { return Err(expected()) };
        let (mut fields, mut shared) = (Input::new(), Vec::new());
        for (name, value) in given {
            match value {
                Value::Binary(text) => shared.push((name.to_string(), text)),
                value => drop(fields.insert(name.to_string(), in_json(value).map_err(|_| expected())?)),
            }
        }
        Ok(Self { fields, shared, shape: PhantomData })
    }

    fn to_value(&self) -> Value {
        let shared = self.shared.iter().map(|(name, text)| (name.clone(), in_text(text)));
        Value::from_json(Json::Object(self.fields.clone().into_iter().chain(shared).collect())).unwrap_or_default()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Runs several acts. Afterwards the request sees what they wrote.
pub(crate) async fn all_acted(
    ctx: &Context<'_>,
    acts: impl Future<Output = Result<Vec<Outcome>, Error>>,
) -> Result<Vec<Outcome>, Error> {
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
        Value::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(name, value)| Ok((name.to_string(), in_json(value)?)))
                .collect::<serde_json::Result<_>>()?,
        ),
        Value::Binary(text) => in_text(&text),
        other @ (Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_)) => other.into_json()?,
    })
}

fn in_text(text: &[u8]) -> Json {
    Json::String(String::from_utf8_lossy(text).into_owned())
}

/// Runs an act. Afterwards the request sees what it wrote.
pub(crate) async fn acted(
    ctx: &Context<'_>,
    act: impl Future<Output = Result<Outcome, Error>>,
) -> Result<Outcome, Error> {
    let outcome = act.await?;
    if outcome.saved.is_some() {
        ctx.data_unchecked::<Arc<Views>>().add(request_context(ctx).after_write());
    }
    Ok(outcome)
}
