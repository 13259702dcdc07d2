//! The table of permissions has a row for everything of the schema.

use std::collections::{BTreeSet, HashMap};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use registry::permission::{MUTATION_RULES, READ_RULES};

/// The fields of every object and input, with their types.
pub(crate) fn schema() -> HashMap<String, HashMap<String, String>> {
    let document = parse_schema(crate::schema::plain_sdl()).expect("the schema parses");
    let definitions = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    let fields = definitions.filter_map(|definition| {
        let fields = match definition.kind {
            TypeKind::Object(object) => {
                // For a mutation, the type of its input.
                let is_mutation = definition.name.node == "Mutation";
                let input = |field: &async_graphql::parser::types::FieldDefinition| {
                    field.arguments.first().map(|input| input.node.ty.to_string())
                };
                let ty = |field: &async_graphql::parser::types::FieldDefinition| {
                    if is_mutation { input(field).unwrap_or_default() } else { field.ty.to_string() }
                };
                object.fields.iter().map(|field| (field.node.name.to_string(), ty(&field.node))).collect()
            }
            TypeKind::InputObject(input) => {
                input.fields.iter().map(|field| (field.node.name.to_string(), field.node.ty.to_string())).collect()
            }
            TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) | TypeKind::Enum(_) => return None,
        };
        Some((definition.name.to_string(), fields))
    });
    fields.collect()
}

fn shows_its_nodes(name: &str) -> bool {
    name.ends_with("Connection") || name.ends_with("Edge")
}

#[test]
fn every_type_has_a_row_and_every_row_a_type() {
    let schema = schema();
    let rows: BTreeSet<&str> = READ_RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows.len(), READ_RULES.len(), "a row stands twice");
    let document = parse_schema(crate::schema::plain_sdl()).expect("the schema parses");
    let unions = document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => match &definition.node.kind {
            TypeKind::Union(union) => Some((definition.node.name.node.as_str(), union)),
            _ => None,
        },
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    let unions: Vec<_> = unions.filter(|(name, _)| rows.contains(name)).collect();
    let members: BTreeSet<&str> =
        unions.iter().flat_map(|(_, union)| &union.members).map(|member| member.node.as_str()).collect();
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let TypeKind::Object(object) = &definition.node.kind else { continue };
        let name = definition.node.name.node.as_str();
        if name == "Query" {
            for field in &object.fields {
                let row = format!("Query.{}", field.node.name);
                assert!(rows.contains(row.as_str()), "{row} has no row in permission.rs");
            }
        } else if name != "Mutation" && !name.ends_with("Payload") && !shows_its_nodes(name) && !members.contains(name)
        {
            assert!(rows.contains(name), "{name} has no row in permission.rs");
        }
    }
    for row in rows {
        if unions.iter().any(|(name, _)| *name == row) {
            continue;
        }
        let (name, field) = row.split_once('.').map_or((row, None), |(name, field)| (name, Some(field)));
        let fields = schema.get(name).unwrap_or_else(|| panic!("{row} is not in the schema"));
        assert!(field.is_none_or(|field| fields.contains_key(field)), "{row} is not in the schema");
    }
}

#[test]
fn every_mutation_has_a_row_with_the_field_of_its_district() {
    let schema = schema();
    let rows: HashMap<&str, Option<&str>> = MUTATION_RULES.iter().map(|(name, _, named)| (*name, *named)).collect();
    assert_eq!(rows.len(), MUTATION_RULES.len(), "a row stands twice");
    for row in rows.keys() {
        assert!(schema["Mutation"].contains_key(*row), "{row} is not in the schema");
    }
    for (mutation, input) in &schema["Mutation"] {
        let Some(named) = rows.get(mutation.as_str()) else { panic!("{mutation} has no row in permission.rs") };
        // A mutation of several records takes a list of inputs.
        let input = &schema[input.trim_matches(['[', ']', '!'])];
        if let Some(named) = named {
            assert_eq!(input.get(*named).map(String::as_str), Some("DistrictCode!"), "{mutation}: {named}");
        }
    }
}
