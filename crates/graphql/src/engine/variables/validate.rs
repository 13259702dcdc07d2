//! Validation rules that async-graphql lacks or weakens: values of the correct type (5.6), unique directives (5.7.3),
//! variables in allowed positions (5.8.5). They concern the document alone, not the values of its variables.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type, VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::Value;
use registry::error::Code;
use registry::limits::MAX_ERRORS;

use super::types::{InputKind, InputTypes, Slot};
use crate::engine::error::set_code;
use crate::engine::syntax::repeated;

/// The errors of a document. Fragment cycles were refused before.
pub(crate) fn validate(types: &InputTypes, document: &ExecutableDocument) -> Vec<ServerError> {
    let mut validation =
        Validation { types, document, variables: HashMap::new(), seen: HashSet::new(), errors: Vec::new() };
    for (_, operation) in document.operations.iter() {
        validation.operation(&operation.node);
    }
    // Unused fragments are refused by another rule.
    validation.errors
}

struct Validation<'a> {
    types: &'a InputTypes,
    document: &'a ExecutableDocument,
    /// The variables of the current operation.
    variables: HashMap<&'a str, &'a VariableDefinition>,
    /// The fragments already visited for the current operation.
    seen: HashSet<&'a str>,
    errors: Vec<ServerError>,
}

impl<'a> Validation<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) {
        self.seen.clear();
        self.variables = operation
            .variable_definitions
            .iter()
            .map(|definition| (definition.node.name.node.as_str(), &definition.node))
            .collect();
        for definition in &operation.variable_definitions {
            // The schema has no directive for variable definitions (5.7.2).
            for directive in &definition.node.directives {
                self.error(format!("Unknown directive \"{}\" on a variable", directive.node.name.node), directive.pos);
            }
            self.directives(&definition.node.directives);
            if let Some(default) = &definition.node.default_value {
                self.value(&default.node.clone().into_value(), &definition.node.var_type.node, default.pos);
            }
        }
        self.directives(&operation.directives);
        let root = operation.ty.to_string();
        self.set(&operation.selection_set.node, &(root[..1].to_uppercase() + &root[1..]));
    }

    fn set(&mut self, set: &'a SelectionSet, of: &str) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.directives(&field.directives);
                    let Some(output) = self.types.field(of, &field.name.node) else { continue };
                    for (name, value) in &field.arguments {
                        if let Some(slot) = output.arguments.get(name.node.as_str()) {
                            self.slot(&value.node, slot, value.pos);
                        }
                    }
                    self.set(&field.selection_set.node, &output.of);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives);
                    let of =
                        fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, of);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives);
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        self.directives(&fragment.node.directives);
                        self.set(&fragment.node.selection_set.node, fragment.node.type_condition.node.on.node.as_str());
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in repeated(directives) {
            self.error(format!("the directive @{} is repeated", directive.node.name.node), directive.pos);
        }
        for directive in directives {
            let Some(slots) = self.types.directive(&directive.node.name.node) else { continue };
            for (name, value) in &directive.node.arguments {
                if let Some(slot) = slots.get(name.node.as_str()) {
                    self.slot(&value.node, slot, value.pos);
                }
            }
        }
    }

    /// Checks the value of an argument or of an input field.
    fn slot(&mut self, value: &Value, slot: &Slot, at: Pos) {
        match value {
            Value::Variable(name) => self.variable(name, &slot.ty, slot.has_default, at),
            _ => self.value(value, &slot.ty, at),
        }
    }

    fn value(&mut self, value: &Value, ty: &Type, at: Pos) {
        match (&ty.base, value) {
            (_, Value::Variable(name)) => self.variable(name, ty, false, at),
            (_, Value::Null) if ty.nullable => {}
            (_, Value::Null) => self.wrong(value, ty, at),
            (BaseType::List(item), Value::List(values)) => values.iter().for_each(|value| self.value(value, item, at)),
            // A single value is coerced to a list of one.
            (BaseType::List(item), value) => self.value(value, item, at),
            (BaseType::Named(name), value) => self.named(value, ty, name, at),
        }
    }

    fn named(&mut self, value: &Value, ty: &Type, name: &Name, at: Pos) {
        let types = self.types;
        let Some(input) = types.input(name) else { return };
        let fits = match (input, value) {
            (InputKind::Int, Value::Number(number)) => {
                number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
            }
            (InputKind::Id, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (InputKind::Float, Value::Number(_))
            | (InputKind::String | InputKind::Id, Value::String(_))
            | (InputKind::Boolean, Value::Boolean(_)) => true,
            (InputKind::Enum(names), Value::Enum(name)) => names.contains(name.as_str()),
            (InputKind::Object { fields, is_one_of }, Value::Object(given)) => {
                for (name, value) in given {
                    match fields.get(name.as_str()) {
                        Some(slot) if *is_one_of => self.one_of(value, slot, at),
                        Some(slot) => self.slot(value, slot, at),
                        None => self.error(format!("{ty} has no field `{name}`"), at),
                    }
                }
                for (name, _) in
                    fields.iter().filter(|(name, slot)| slot.is_required() && !given.contains_key(name.as_str()))
                {
                    self.error(format!("the field `{name}` of {ty} is missing"), at);
                }
                if *is_one_of && given.len() != 1 {
                    self.error(format!("exactly one field of {ty} must be given"), at);
                }
                true
            }
            (InputKind::CustomScalar, _) => {
                self.within_scalar(value, at);
                true
            }
            (
                InputKind::Int
                | InputKind::Float
                | InputKind::String
                | InputKind::Boolean
                | InputKind::Id
                | InputKind::Enum(_)
                | InputKind::Object { .. },
                _,
            ) => false,
        };
        if !fits {
            self.wrong(value, ty, at);
        }
    }

    /// Checks the field of a `@oneOf` input: it must not be null, nor a nullable variable.
    fn one_of(&mut self, value: &Value, slot: &Slot, at: Pos) {
        let required = Type { nullable: false, ..slot.ty.clone() };
        match value {
            Value::Variable(name) => self.variable(name, &required, false, at),
            _ => self.value(value, &required, at),
        }
    }

    /// A custom scalar contains no variables.
    fn within_scalar(&mut self, value: &Value, at: Pos) {
        match value {
            Value::Variable(_) => self.error("a scalar cannot contain variables".to_owned(), at),
            Value::List(items) => items.iter().for_each(|item| self.within_scalar(item, at)),
            Value::Object(fields) => fields.values().for_each(|field| self.within_scalar(field, at)),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => {}
        }
    }

    /// Checks that the variable is allowed where this type is expected. Another rule checks that it is defined.
    fn variable(&mut self, name: &Name, expected: &Type, has_default: bool, at: Pos) {
        let Some(definition) = self.variables.get(name.as_str()) else { return };
        let given = &definition.var_type.node;
        let is_never_null =
            definition.default_value.as_ref().is_some_and(|default| default.node != async_graphql::Value::Null);
        // A missing variable is replaced by one of the two defaults.
        let expects_null = expected.nullable || is_never_null || has_default;
        if !is_subtype(given, expected, expects_null) {
            self.error(format!("the variable ${name} has the type {given}, but {expected} is expected"), at);
        }
    }

    fn wrong(&mut self, value: &Value, ty: &Type, at: Pos) {
        let shown: String = value.to_string().chars().take(60).collect();
        self.error(format!("{ty} is expected, not {shown}"), at);
    }

    fn error(&mut self, message: String, at: Pos) {
        // A fragment is visited once for each operation that uses it.
        let is_known = self.errors.iter().any(|error| error.message == message && error.locations == [at]);
        if !is_known && self.errors.len() < MAX_ERRORS {
            let mut error = ServerError::new(message, Some(at));
            set_code(Code::ValidationFailed, &mut error.extensions);
            self.errors.push(error);
        }
    }
}

fn is_subtype(given: &Type, expected: &Type, expects_null: bool) -> bool {
    if given.nullable && !expects_null {
        return false;
    }
    match (&given.base, &expected.base) {
        (BaseType::Named(given), BaseType::Named(expected)) => given == expected,
        (BaseType::List(given), BaseType::List(expected)) => is_subtype(given, expected, expected.nullable),
        (BaseType::Named(_), BaseType::List(_)) | (BaseType::List(_), BaseType::Named(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::prepared::Prepared;

    /// The message and the code of the first error.
    fn refused(document: &str) -> Option<(String, String)> {
        let refused = Prepared::read(document).err()?;
        let error = &refused.errors[0];
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).expect("a code");
        Some((error.message.clone(), code.clone().into_json().expect("JSON").as_str().expect("a word").to_owned()))
    }

    #[test]
    fn an_invalid_document_is_refused_for_all_values_of_its_variables() {
        for document in [
            // 5.6.1, values of the right type.
            "{ districts(first: 2147483648) { totalCount } }",
            "{ districts(first: 99999999999999999999) { totalCount } }",
            "{ districts(first: 10.0) { totalCount } }",
            "{ districts(first: \"1\") { totalCount } }",
            "{ districts(search: 1) { totalCount } }",
            "{ districts(kind: [\"COUNTY\"]) { totalCount } }",
            "{ districts(kind: \"COUNTY\") { totalCount } }",
            "{ districts(kind: NOTHING) { totalCount } }",
            "{ node(id: 1.5) { id } }",
            "{ district(code: null) { name } }",
            "{ registry { name @skip(if: \"true\") } }",
            "query ($x: HandlingMode = \"FULL_ONLINE\") { matters(mode: $x) { totalCount } }",
            // 5.6.2 to 5.6.4, fields of input objects.
            "mutation { retireMatter(input: { code: \"1\", reason: \"…\", why: 1 }) { revision } }",
            "mutation { retireMatter(input: { code: \"1\", code: \"2\", reason: \"…\" }) { revision } }",
            "mutation { retireMatter(input: { reason: \"…\" }) { revision } }",
            "mutation { retireMatter(input: { code: \"1\", reason: 1 }) { revision } }",
            // 5.7.3, directives once.
            "{ registry { name @skip(if: false) @skip(if: false) } }",
            "query ($x: Boolean! @a @a) { registry { name @skip(if: $x) } }",
            // 5.8.5, variables where their types may stand.
            "query ($x: Int) { districts(search: $x) { totalCount } }",
            "query ($x: String) { district(code: $x) { name } }",
            "query ($x: DistrictCode) { district(code: $x) { name } }",
            "query ($x: [ID]!) { nodes(ids: $x) { id } }",
            "query ($x: ID!) { nodes(ids: $x) { id } }",
            "query ($x: Boolean) { registry { name @skip(if: $x) } }",
            "mutation ($x: String) { retireMatter(input: { code: \"1\", reason: $x }) { revision } }",
            "query ($x: Int) { ...F } fragment F on Query { districts(search: $x) { totalCount } }",
        ] {
            let refused = refused(document);
            assert!(
                refused.as_ref().is_some_and(|(_, code)| code == "GRAPHQL_VALIDATION_FAILED"),
                "{document} {refused:?}"
            );
        }
    }

    #[test]
    fn a_valid_document_is_accepted() {
        for document in [
            "{ districts(first: 2, kind: COUNTY, search: null) { totalCount } }",
            "{ nodes(ids: \"x\") { id } a: node(id: 1) { id } }",
            "query ($x: [ID!]!) { nodes(ids: $x) { id } }",
            "query ($x: ID!) { nodes(ids: [$x, \"y\"]) { id } }",
            "query ($x: DistrictCode = \"440115\") { district(code: $x) { name } }",
            "query ($x: Boolean = true) { registry { name @skip(if: $x) } }",
            "query ($x: Boolean!) { registry { name @skip(if: $x) @include(if: $x) } }",
            "query ($x: Locale) { handling(matter: \"1\", receiving: \"2\", competent: \"3\") { reasons { message(locale: $x) } } }",
            "mutation ($x: String!, $y: [Audience!]!) { registerMatter(input: { code: \"1\", name: $x, domain: OTHER, audience: $y }) { revision } }",
            "{ district(code: 440115) { name } }",
            "\"About.\" query a(\"Which.\" $x: DistrictCode! @deprecated) { district(code: $x) { name } }",
        ] {
            // Unknown directives and types are the subject of other rules.
            let refused = refused(document).filter(|(message, _)| !message.contains("Unknown"));
            assert_eq!(refused, None, "{document}");
        }
    }
}
