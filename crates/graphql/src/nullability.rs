//! Which fields are nullable because they can fail. A failed field makes the nearest nullable field above it null, with
//! everything in it. So whatever can fail by itself is nullable: root fields except those that only read memory, pages,
//! fields with a number that may be out of range, and fields that are read from the database. Leaves are not.
//!
//! The rule is applied to async-graphql's registry of types; `null_propagation` follows the printed schema.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::resolver_utils::{ContainerType, resolve_container, resolve_container_serial};
use async_graphql::{Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value};

/// Root fields that cannot fail: they read memory only.
const INFALLIBLE: [&str; 3] = ["registry", "viewer", "vocabularies"];
/// Arguments that can be out of range.
const FALLIBLE_ARGUMENTS: [&str; 3] = ["first", "limit", "from"];
/// Fields without such an argument that are read from the database.
const FROM_DATABASE: [(&str, &str); 2] = [("Reason", "subjects"), ("Agreement", "revision")];
/// The specification of async-graphql's scalar `JSON`.
const JSON_SPECIFICATION: &str = "https://www.rfc-editor.org/rfc/rfc8259";

/// The root of queries or of mutations. Makes the fields that can fail nullable.
#[derive(Debug, Clone, Copy, Default)]
pub struct Root<T>(pub T);

impl<T: ObjectType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let root = T::create_type_info(registry);
        make_nullable(registry);
        root
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        if T::type_name() == "Mutation" {
            resolve_container_serial(ctx, self).await
        } else {
            resolve_container(ctx, self).await
        }
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

fn make_nullable(registry: &mut Registry) {
    for (name, ty) in &mut registry.types {
        match ty {
            MetaType::Object { fields, .. } => {
                for field in fields.values_mut().filter(|field| may_fail(name, field)) {
                    field.ty.truncate(field.ty.trim_end_matches('!').len());
                }
            }
            MetaType::Scalar { specified_by_url, .. } if name == "JSON" => {
                *specified_by_url = Some(JSON_SPECIFICATION.to_owned());
            }
            MetaType::Scalar { .. }
            | MetaType::Interface { .. }
            | MetaType::Union { .. }
            | MetaType::Enum { .. }
            | MetaType::InputObject { .. } => {}
        }
    }
}

fn may_fail(of: &str, field: &MetaField) -> bool {
    match of {
        "Query" | "Mutation" => !INFALLIBLE.contains(&field.name.as_str()),
        // Introspection.
        of if of.starts_with("__") => false,
        _ => {
            FALLIBLE_ARGUMENTS.iter().any(|argument| field.args.contains_key(*argument))
                || FROM_DATABASE.contains(&(of, field.name.as_str()))
        }
    }
}
