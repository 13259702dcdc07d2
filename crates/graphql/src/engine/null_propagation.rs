//! Null propagation as the specification has it (6.4.4). async-graphql leaves a failed field out, whether or not it is
//! nullable, and turns an object without fields into null. So each selection that may turn out empty gets a placeholder
//! field, and afterwards each error sets the nearest nullable field above it to null.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Pos, Positioned, Response, Value};

/// The alias of the placeholder: a `__typename` that keeps an object from being empty.
pub(super) const PLACEHOLDER: &str = "__witness";

/// Adds the placeholder to every selection in which all fields are conditional. Returns whether there is any.
pub(crate) fn add_placeholders(document: &mut ExecutableDocument) -> bool {
    let operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().map(|operation| &mut operation.node).collect()
        }
    };
    // The root of a subscription has exactly one field.
    let answered = operations.into_iter().filter(|operation| operation.ty != OperationType::Subscription);
    let of_operations = answered.map(|operation| &mut operation.selection_set.node);
    let of_fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set.node);
    of_operations.chain(of_fragments).fold(false, |added, set| add_placeholder(set) | added)
}

fn add_placeholder(set: &mut SelectionSet) -> bool {
    let mut added = false;
    let mut certain = false;
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                certain |= field.node.directives.is_empty();
                if !field.node.selection_set.node.items.is_empty() {
                    added |= add_placeholder(&mut field.node.selection_set.node);
                }
            }
            Selection::InlineFragment(fragment) => added |= add_placeholder(&mut fragment.node.selection_set.node),
            // The selection of the fragment gets its own placeholder. Whether the fragment applies is not known here.
            Selection::FragmentSpread(_) => {}
        }
    }
    if !certain {
        let at = Pos::default();
        let field = Field {
            alias: Some(Positioned::new(Name::new(PLACEHOLDER), at)),
            name: Positioned::new(Name::new("__typename"), at),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        set.items.push(Positioned::new(Selection::Field(Positioned::new(field, at)), at));
    }
    added | !certain
}

/// Removes the placeholders from a response.
pub(crate) fn remove_placeholders(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove(PLACEHOLDER);
            fields.values_mut().for_each(remove_placeholders);
        }
        Value::List(items) => items.iter_mut().for_each(remove_placeholders),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {}
    }
}

/// The type of every field of a schema.
#[derive(Debug)]
pub(crate) struct FieldTypes {
    fields: HashMap<String, HashMap<String, Type>>,
}

impl FieldTypes {
    /// Reads them from the text of the schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let document =
            async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let fields = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
            };
            let types =
                fields.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node)).collect();
            Some((definition.node.name.node.to_string(), types))
        });
        Self { fields: fields.collect() }
    }
}

/// Sets the nearest nullable field above each error of a response to null.
pub(crate) fn propagate(
    response: &mut Response,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    types: &FieldTypes,
) {
    let root = operation.ty.to_string();
    let root = root[..1].to_uppercase() + &root[1..];
    let mut nulls: Vec<Vec<PathSegment>> = Vec::new();
    for error in &response.errors {
        if error.path.is_empty() || nulls.iter().any(|null| error.path.starts_with(null)) {
            continue;
        }
        let mut propagation = Propagation { document, types, path: &error.path, null: None };
        if propagation.object(&mut response.data, &[(root.clone(), &operation.selection_set.node)], 0) == Fate::Null {
            response.data = Value::Null;
            return;
        }
        nulls.extend(propagation.null.map(|depth| error.path[..depth].to_vec()));
    }
}

/// The effect of an error on the value that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    /// The value is not nullable: its parent becomes null.
    Null,
}

/// A selection, with the name of its type.
type Selected<'a> = (String, &'a SelectionSet);

struct Propagation<'a> {
    document: &'a ExecutableDocument,
    types: &'a FieldTypes,
    path: &'a [PathSegment],
    /// The length of the path to the value that was set to null.
    null: Option<usize>,
}

impl<'a> Propagation<'a> {
    fn object(&mut self, value: &mut Value, selected: &[Selected<'a>], depth: usize) -> Fate {
        let Some(PathSegment::Field(key)) = self.path.get(depth) else { return Fate::Kept };
        // async-graphql turns an object of which every field failed into null.
        if *value == Value::Null {
            *value = Value::Object(Default::default());
        }
        let Value::Object(fields) = value else { return Fate::Kept };
        let mut of_key = Vec::new();
        for (of, set) in selected {
            self.find(of, set, key, &mut of_key);
        }
        let Some(ty) = of_key.iter().find_map(|(of, field)| self.types.fields.get(of)?.get(field.name.node.as_str()))
        else {
            return Fate::Kept;
        };
        let inner: Vec<Selected<'a>> =
            of_key.iter().map(|(_, field)| (named(ty).to_owned(), &field.selection_set.node)).collect();
        let slot = fields.entry(Name::new(key)).or_insert(Value::Null);
        self.value(slot, ty, &inner, depth + 1)
    }

    fn value(&mut self, value: &mut Value, ty: &Type, selected: &[Selected<'a>], depth: usize) -> Fate {
        let is_null = match (self.path.get(depth), &ty.base) {
            (None, _) => *value == Value::Null,
            (Some(PathSegment::Field(_)), _) => self.object(value, selected, depth) == Fate::Null,
            (Some(PathSegment::Index(at)), BaseType::List(item)) => match value {
                Value::List(items) => {
                    items.get_mut(*at).is_some_and(|value| self.value(value, item, selected, depth + 1) == Fate::Null)
                }
                // A non-nullable item failed: async-graphql left the whole list out.
                _ => *value == Value::Null,
            },
            (Some(PathSegment::Index(_)), BaseType::Named(_)) => false,
        };
        match (is_null, ty.nullable) {
            (false, _) => Fate::Kept,
            (true, false) => Fate::Null,
            (true, true) => {
                *value = Value::Null;
                self.null = Some(depth);
                Fate::Kept
            }
        }
    }

    /// All fields with a response key. Validation has made sure that they have the same type.
    fn find(&self, of: &str, set: &'a SelectionSet, key: &str, found: &mut Vec<(String, &'a Field)>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    found.push((of.to_owned(), &field.node));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let of =
                        fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                    self.find(of, &fragment.node.selection_set.node, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.find(
                            fragment.node.type_condition.node.on.node.as_str(),
                            &fragment.node.selection_set.node,
                            key,
                            found,
                        );
                    }
                }
            }
        }
    }
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

#[cfg(test)]
mod tests;
