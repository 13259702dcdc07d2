//! The price of an operation in points. Work costs points: a search, a scan, a database query. Ten fields of the
//! response cost one point. Every operation costs two points at least.
//!
//! The estimate before execution takes lists at their usual length in this registry, at most that of the page. The
//! actual price counts the fields of the response; the work stays as estimated. Prices are derived from the schema, so
//! a new list has one from the start.

mod estimate;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use async_graphql::parser::types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Value, Variables};
use foldhash::HashMap;

use registry::limits::{DEADLINE_CHECK_COST, OFFLOAD_COST, OFFLOAD_WORK, OFFLOADING};
use table::{FIELDS_PER_POINT, LEAST, USUAL_LENGTH, work};

/// Longer texts have no influence on the price.
const LONG_TEXT: usize = 256;

/// The estimated price of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Price {
    /// With lists of their usual length.
    pub(crate) usual: u64,
    /// With every page at its full length.
    pub(crate) most: u64,
    /// The part of both that is for running on another thread; 0: it runs on the thread of its request.
    pub(crate) offloading: u64,
    /// Whether it may be long, so that its resolvers check the deadline.
    pub(crate) checks_deadline: bool,
}

impl Price {
    /// The price of a request that is refused before execution.
    pub(crate) const LEAST: Self = Self { usual: LEAST, most: LEAST, offloading: 0, checks_deadline: false };

    fn of(usual: Sum, most: Sum) -> Self {
        let work = usual.work;
        let (usual, most) = (usual.points(), most.points().max(usual.points()));
        let checks_deadline = most > DEADLINE_CHECK_COST;
        let is_offloaded = checks_deadline || usual > OFFLOAD_COST || work > OFFLOAD_WORK;
        let offloading = if is_offloaded { OFFLOADING } else { 0 };
        Self {
            usual: usual.saturating_add(offloading),
            most: most.saturating_add(offloading),
            offloading,
            checks_deadline,
        }
    }
}

/// The prices of all fields of a schema.
#[derive(Debug)]
pub(crate) struct Prices {
    pub(crate) fields: HashMap<String, HashMap<String, PricedField>>,
}

impl Prices {
    /// Reads the fields from the text of the schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let document =
            async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let fields = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let of = definition.node.name.node.to_string();
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
            };
            let priced = fields
                .into_iter()
                .map(|field| (field.node.name.node.to_string(), PricedField::new(&of, &field.node)))
                .collect();
            Some((of, priced))
        });
        Self { fields: fields.collect() }
    }
}

impl PricedField {
    fn new(of: &str, field: &FieldDefinition) -> Self {
        let name = field.name.node.as_str();
        let argument = |wanted: &str| {
            field.arguments.iter().find(|argument| argument.node.name.node == wanted).map(|argument| &argument.node)
        };
        let listed =
            field.arguments.iter().find(|argument| is_list(&argument.node.ty.node) && !argument.node.ty.node.nullable);
        let multiplicity = if argument("first").is_some() && !is_list(&field.ty.node) {
            Multiplicity::Page
        } else if let ("Mutation", Some(listed)) = (of, listed) {
            // A mutation with a list of inputs.
            Multiplicity::ForEach(listed.node.name.node.to_string())
        } else if !is_list(&field.ty.node) {
            Multiplicity::Once
        } else if name == "edges" {
            Multiplicity::PerEntry
        } else if let Some(limit) = argument("limit").or(argument("first")) {
            let default = limit.default_value.as_ref().and_then(|default| number(&default.node));
            Multiplicity::UpTo(limit.name.node.to_string(), default.unwrap_or(USUAL_LENGTH))
        } else if let Some(listed) = listed {
            let listed = listed.node.name.node.to_string();
            if (of, name) == ("Query", "coverage") {
                Multiplicity::ForEachPair(listed)
            } else {
                Multiplicity::ForEach(listed)
            }
        } else {
            Multiplicity::Unlimited
        };
        Self {
            of: named(&field.ty.node).to_owned(),
            work: work(of, name),
            multiplicity,
            searches: argument("search").is_some(),
        }
    }
}

/// How many times the selection of a field is repeated in the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Multiplicity {
    Once,
    /// Once for each entry of the page: edges.
    PerEntry,
    /// A page: once, but its edges per entry.
    Page,
    /// At most as many times as this argument says; with its default.
    UpTo(String, u64),
    /// Once for each value in this argument.
    ForEach(String),
    /// Once for each pair of values in this argument.
    ForEachPair(String),
    /// A list without any limit: its usual length.
    Unlimited,
}

#[derive(Debug)]
pub(crate) struct PricedField {
    /// The name of the field's type, without list brackets.
    pub(crate) of: String,
    pub(crate) work: u64,
    pub(crate) multiplicity: Multiplicity,
    /// It has an argument `search`.
    pub(crate) searches: bool,
}

/// Work in points, and a number of fields.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    pub(crate) work: u64,
    pub(crate) fields: u64,
}

impl Sum {
    pub(crate) fn and(self, other: Self) -> Self {
        Self { work: self.work.saturating_add(other.work), fields: self.fields.saturating_add(other.fields) }
    }

    pub(crate) fn times(self, times: u64) -> Self {
        Self { work: self.work.saturating_mul(times), fields: self.fields.saturating_mul(times) }
    }

    pub(crate) fn points(self) -> u64 {
        self.work.saturating_add(self.fields.div_ceil(FIELDS_PER_POINT)).max(LEAST)
    }
}

fn root(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::Null
        | Value::String(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_)
        | Value::Object(_) => None,
    }
}

/// The variables without long texts: everything that has an influence on the price.
pub(crate) fn outline(variables: &Variables) -> Variables {
    let mut outline = Variables::default();
    variables.iter().for_each(|(name, value)| {
        outline.insert(name.clone(), without_long_texts(value));
    });
    outline
}

fn without_long_texts(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONG_TEXT => Value::String(String::new()),
        Value::List(values) => Value::List(values.iter().map(without_long_texts).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), without_long_texts(value))).collect())
        }
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {
            value.clone()
        }
    }
}
