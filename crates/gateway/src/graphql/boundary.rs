//! Where an answer may have a gap. A field that fails is null at the nearest place that may be null, and takes all beside it
//! along up to there; so what can fail by itself may be null: every field at the top but those that only read memory, every
//! page, what is asked with a number that may be out of range, and what is read from the database. Leaves may not.
//!
//! The rule stands here once, and is applied to the engine's description of the schema; `nulls` then follows that.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::resolver_utils::{ContainerType, resolve_container, resolve_container_serial};
use async_graphql::{Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value};

/// Fields at the top that cannot fail: they read what is in memory.
const SURE: [&str; 3] = ["registry", "viewer", "vocabularies"];
/// Arguments that can be out of range, in themselves or for the record that is asked.
const RISKY: [&str; 3] = ["first", "limit", "from"];
/// What is read from the database without such an argument.
const READ: [(&str, &str); 2] = [("Reason", "subjects"), ("Agreement", "revision")];
/// Where the form of a scalar is written down that the engine brings along.
const JSON: &str = "https://www.rfc-editor.org/rfc/rfc8259";

/// The root of queries or of mutations, with the boundaries drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Root<T>(pub T);

impl<T: ObjectType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let root = T::create_type_info(registry);
        draw(registry);
        root
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        if T::type_name() == "Mutation" { resolve_container_serial(ctx, self).await } else { resolve_container(ctx, self).await }
    }
}

impl<T: ObjectType> ContainerType for Root<T> {
    fn is_empty() -> bool {
        T::is_empty()
    }

    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }

    async fn find_entity(&self, ctx: &Context<'_>, params: &Value) -> ServerResult<Option<Value>> {
        self.0.find_entity(ctx, params).await
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}

/// Draws them in all that is described so far.
fn draw(registry: &mut Registry) {
    for (name, ty) in &mut registry.types {
        match ty {
            MetaType::Object { fields, .. } => {
                for field in fields.values_mut().filter(|field| may_fail(name, field)) {
                    field.ty.truncate(field.ty.trim_end_matches('!').len());
                }
            }
            MetaType::Scalar { specified_by_url, .. } if name == "JSON" => *specified_by_url = Some(JSON.to_owned()),
            MetaType::Scalar { .. } | MetaType::Interface { .. } | MetaType::Union { .. } | MetaType::Enum { .. } | MetaType::InputObject { .. } => {}
        }
    }
}

fn may_fail(of: &str, field: &MetaField) -> bool {
    match of {
        "Query" | "Mutation" => !SURE.contains(&field.name.as_str()),
        // Of the engine's own.
        of if of.starts_with("__") => false,
        _ => RISKY.iter().any(|argument| field.args.contains_key(*argument)) || READ.contains(&(of, field.name.as_str())),
    }
}
