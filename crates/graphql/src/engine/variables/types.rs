//! The input types of the schema: types of arguments and of the fields of input objects.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Number, Positioned};

/// The input types of a schema, and the arguments of its fields.
#[derive(Debug)]
pub(crate) struct InputTypes {
    inputs: HashMap<String, InputKind>,
    fields: HashMap<String, HashMap<String, OutputField>>,
    /// The arguments of `@skip` and `@include`.
    conditions: HashMap<String, Slot>,
}

/// The type of an argument.
#[derive(Debug)]
pub(super) enum InputKind {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// One of our scalars. The field that takes it checks its form.
    CustomScalar,
    Enum(HashSet<String>),
    Object {
        fields: HashMap<String, Slot>,
        /// `@oneOf`: exactly one field is given.
        is_one_of: bool,
    },
}

/// A field of an object type.
#[derive(Debug)]
pub(super) struct OutputField {
    /// The name of its type, without list brackets.
    pub(super) of: String,
    pub(super) arguments: HashMap<String, Slot>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) ty: Type,
    pub(super) has_default: bool,
}

impl Slot {
    fn of(definition: &InputValueDefinition) -> Self {
        Self { ty: definition.ty.node.clone(), has_default: definition.default_value.is_some() }
    }

    pub(super) fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

impl InputTypes {
    /// Reads them from the text of the schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let document =
            async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let builtin = [
            ("Int", InputKind::Int),
            ("Float", InputKind::Float),
            ("String", InputKind::String),
            ("Boolean", InputKind::Boolean),
            ("ID", InputKind::Id),
        ];
        let mut inputs: HashMap<String, InputKind> =
            builtin.into_iter().map(|(name, input)| (name.to_owned(), input)).collect();
        let mut fields = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let outputs = match definition.node.kind {
                TypeKind::Scalar => {
                    inputs.insert(name, InputKind::CustomScalar);
                    continue;
                }
                TypeKind::Enum(values) => {
                    inputs.insert(
                        name,
                        InputKind::Enum(
                            values.values.into_iter().map(|value| value.node.value.node.to_string()).collect(),
                        ),
                    );
                    continue;
                }
                TypeKind::InputObject(object) => {
                    let is_one_of =
                        definition.node.directives.iter().any(|directive| directive.node.name.node == "oneOf");
                    inputs.insert(name, InputKind::Object { fields: slots(&object.fields), is_one_of });
                    continue;
                }
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Union(_) => continue,
            };
            let output = |ty: &Type, arguments| OutputField { of: named(ty).to_string(), arguments };
            let of = outputs.iter().map(|field| {
                (field.node.name.node.to_string(), output(&field.node.ty.node, slots(&field.node.arguments)))
            });
            fields.insert(name, of.collect());
        }
        let condition = Slot { ty: Type::new("Boolean!").expect("a type"), has_default: false };
        Self { inputs, fields, conditions: HashMap::from([("if".to_owned(), condition)]) }
    }

    pub(super) fn input(&self, name: &str) -> Option<&InputKind> {
        self.inputs.get(name)
    }

    pub(super) fn field(&self, of: &str, name: &str) -> Option<&OutputField> {
        self.fields.get(of)?.get(name)
    }

    /// The arguments of a directive that documents may use.
    pub(super) fn directive(&self, name: &str) -> Option<&HashMap<String, Slot>> {
        matches!(name, "skip" | "include").then_some(&self.conditions)
    }
}

fn slots(definitions: &[Positioned<InputValueDefinition>]) -> HashMap<String, Slot> {
    definitions.iter().map(|definition| (definition.node.name.node.to_string(), Slot::of(&definition.node))).collect()
}

pub(super) fn named(ty: &Type) -> &Name {
    use async_graphql::parser::types::BaseType;
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

/// A number without a fraction as an integer. Some languages write 10 as 10.0.
pub(super) fn whole(number: &Number) -> Option<i64> {
    /// Up to this number a float represents every integer exactly.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is within range")]
    number.as_i64().or_else(|| {
        number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < EXACT).map(|number| number as i64)
    })
}
