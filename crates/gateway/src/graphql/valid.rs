//! Whether a document that has been found valid still is with other variables. All rules of validation but one ask about the
//! document alone; the one that looks at variables too is about the form of their values.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{BaseType, OperationDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Value, Variables};

/// What stands for a leaf of the schema: a scalar, or an enum with its values.
#[derive(Debug)]
pub(super) struct Leaves {
    of: HashMap<String, Leaf>,
}

#[derive(Debug)]
enum Leaf {
    String,
    Int,
    Boolean,
    Id,
    /// Reads what it is given itself, and says what is wrong with it.
    Own,
    Enum(HashSet<String>),
}

impl Leaves {
    /// Reads them from the schema's own text.
    pub(super) fn of(sdl: &str) -> Self {
        let document = async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let builtin = [("String", Leaf::String), ("Int", Leaf::Int), ("Boolean", Leaf::Boolean), ("ID", Leaf::Id)];
        let own = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let leaf = match definition.node.kind {
                TypeKind::Scalar => Leaf::Own,
                TypeKind::Enum(values) => Leaf::Enum(values.values.into_iter().map(|value| value.node.value.node.to_string()).collect()),
                TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_) | TypeKind::InputObject(_) => return None,
            };
            Some((definition.node.name.node.to_string(), leaf))
        });
        Self { of: builtin.into_iter().map(|(name, leaf)| (name.to_owned(), leaf)).chain(own).collect() }
    }

    /// Is every variable of the operation a leaf or a list of leaves, of the form that its type has? What is neither, and what
    /// is given as null, is for the engine to look at.
    pub(super) fn take(&self, operation: &OperationDefinition, variables: &Variables) -> bool {
        operation.variable_definitions.iter().all(|definition| {
            let definition = &definition.node;
            match variables.get(&definition.name.node) {
                Some(value) => self.takes(&definition.var_type.node, value),
                None => definition.var_type.node.nullable || definition.default_value.is_some(),
            }
        })
    }

    fn takes(&self, ty: &Type, value: &Value) -> bool {
        match (&ty.base, value) {
            (BaseType::List(item), Value::List(values)) => values.iter().all(|value| self.takes(item, value)),
            (BaseType::List(_), _) => false,
            (BaseType::Named(name), value) => match (self.of.get(name.as_str()), value) {
                (Some(Leaf::String | Leaf::Id | Leaf::Own), Value::String(_)) | (Some(Leaf::Boolean), Value::Boolean(_)) => true,
                (Some(Leaf::Int), Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                (Some(Leaf::Enum(values)), Value::String(name)) => values.contains(name),
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::{Prepared, sdl};
    use super::*;

    #[test]
    fn a_valid_document_stays_valid_with_leaves_of_the_right_form() {
        let leaves = Leaves::of(&sdl());
        let takes = |declared: &str, given: Json| {
            let prepared = Prepared::read(&format!("query ($x: {declared}) {{ __typename }}")).expect("a document");
            leaves.take(prepared.operation(None).expect("an operation"), &Variables::from_json(given))
        };
        for (declared, given) in [
            ("String!", json!({ "x": "文" })),
            ("ID", json!({ "x": "key_1" })),
            ("Int", json!({ "x": -2_147_483_648_i64 })),
            ("Boolean!", json!({ "x": false })),
            ("Int", json!({})),
            ("Int! = 3", json!({})),
            ("MatterCode!", json!({ "x": "not a code: the resolver says so" })),
            ("[HandlingMode!]!", json!({ "x": ["FULL_ONLINE", "PROXY_COLLECTION"] })),
            ("[[Date]]", json!({ "x": [["2021-05-28"], []] })),
            ("Int", json!({ "x": 1, "another": {} })),
        ] {
            assert!(takes(declared, given.clone()), "{declared} {given}");
        }
        for (declared, given) in [
            ("String!", json!({})),
            ("String", json!({ "x": null })),
            ("String", json!({ "x": 1 })),
            ("Int", json!({ "x": 2_147_483_648_i64 })),
            ("Int", json!({ "x": 1.5 })),
            ("Int", json!({ "x": "1" })),
            ("Boolean", json!({ "x": "true" })),
            ("HandlingMode", json!({ "x": "BY_POST" })),
            ("[HandlingMode!]", json!({ "x": "FULL_ONLINE" })),
            ("[HandlingMode]", json!({ "x": [null] })),
            ("HandlingMode", json!({ "x": ["FULL_ONLINE"] })),
            ("MatterCode", json!({ "x": { "code": 1 } })),
            ("AgreementInput", json!({ "x": {} })),
            ("Nothing", json!({ "x": "there" })),
        ] {
            assert!(!takes(declared, given.clone()), "{declared} {given}");
        }
    }
}
