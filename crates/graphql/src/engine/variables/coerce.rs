//! Coercion of variables as the specification has it (6.1.2), before anything is executed. The form of our scalars is
//! not checked here: the field that takes the value reports what is wrong with it.

use std::collections::HashSet;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Response, ServerError, Value, Variables};
use async_graphql_value::Value as Literal;
use domain::{Locale, Message};
use registry::error::Code;
use registry::limits::MAX_ERRORS;

use super::types::{InputKind, InputTypes, whole};
use crate::engine::error::{error, in_both};

/// The variables of an operation, coerced and with defaults for those that were left out; or the errors.
pub(crate) fn coerce_variables(
    types: &InputTypes,
    operation: &OperationDefinition,
    mut given: Variables,
) -> Result<Variables, Box<Response>> {
    let mut coerced = Variables::default();
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let name = &definition.node.name.node;
        let ty = &definition.node.var_type.node;
        let mut coercing = Coercing { types, variable: name, path: Vec::new(), errors: &mut errors };
        match (given.remove(name), &definition.node.default_value) {
            (Some(value), _) => {
                coerced.insert(name.clone(), coercing.value(value, ty));
            }
            (None, Some(default)) => {
                coerced.insert(name.clone(), coercing.value(default.node.clone(), ty));
            }
            (None, None) if !ty.nullable => coercing.error(ty, &missing()),
            (None, None) => {}
        }
    }
    if errors.is_empty() {
        return Ok(coerced);
    }
    errors.truncate(MAX_ERRORS);
    Err(Box::new(Response::from_errors(errors)))
}

struct Coercing<'a> {
    types: &'a InputTypes,
    variable: &'a Name,
    path: Vec<Step>,
    errors: &'a mut Vec<ServerError>,
}

/// A step of the path from a variable into its value.
enum Step {
    Field(Name),
    Index(usize),
}

impl Coercing<'_> {
    fn value(&mut self, value: Value, ty: &Type) -> Value {
        match (&ty.base, value) {
            (_, Value::Null) => {
                if !ty.nullable {
                    self.error(ty, &is_null());
                }
                Value::Null
            }
            (BaseType::List(item), Value::List(values)) => {
                let values = values
                    .into_iter()
                    .enumerate()
                    .map(|(at, value)| self.within(Step::Index(at), |this| this.value(value, item)));
                Value::List(values.collect())
            }
            // A single value is coerced to a list of one.
            (BaseType::List(item), value) => Value::List(vec![self.value(value, item)]),
            (BaseType::Named(name), value) => self.named(value, ty, name),
        }
    }

    fn named(&mut self, value: Value, ty: &Type, name: &Name) -> Value {
        let types = self.types;
        let Some(input) = types.input(name) else { return value };
        match (input, value) {
            (InputKind::Int, Value::Number(number)) => {
                match whole(&number).and_then(|number| i32::try_from(number).ok()) {
                    Some(number) => Value::Number(number.into()),
                    None => self.wrong(ty, &Value::Number(number)),
                }
            }
            (InputKind::Id, Value::Number(number)) => match whole(&number) {
                Some(number) => Value::String(number.to_string()),
                None => self.wrong(ty, &Value::Number(number)),
            },
            (InputKind::CustomScalar, Value::Number(number)) => {
                Value::Number(whole(&number).map_or(number, Into::into))
            }
            (InputKind::Enum(names), Value::String(name)) if !names.contains(&name) => {
                self.wrong(ty, &Value::String(name))
            }
            (InputKind::Enum(names), Value::Enum(name)) if !names.contains(name.as_str()) => {
                self.wrong(ty, &Value::Enum(name))
            }
            (InputKind::Object { fields, is_one_of }, Value::Object(given)) => {
                let mut coerced = IndexMap::new();
                let mut given_fields = 0;
                for (name, value) in given {
                    given_fields += 1;
                    match fields.get(name.as_str()) {
                        Some(slot) => {
                            let is_null_of_one = *is_one_of && value == Value::Null;
                            let value = self.within(Step::Field(name.clone()), |this| {
                                if is_null_of_one {
                                    this.error(&slot.ty, &is_null());
                                }
                                this.value(value, &slot.ty)
                            });
                            coerced.insert(name, value);
                        }
                        None => self.within(Step::Field(name), |this| {
                            this.error(ty, &Message::new("没有这个字段", "there is no such field"));
                        }),
                    }
                }
                for (name, slot) in
                    fields.iter().filter(|(name, slot)| slot.is_required() && !coerced.contains_key(name.as_str()))
                {
                    self.within(Step::Field(Name::new(name)), |this| this.error(&slot.ty, &missing()));
                }
                if *is_one_of && given_fields != 1 {
                    self.error(ty, &Message::new("其字段应恰好填一个", "exactly one of its fields must be given"));
                }
                Value::Object(coerced)
            }
            (InputKind::Float, value @ Value::Number(_))
            | (InputKind::String | InputKind::Id, value @ (Value::String(_) | Value::Binary(_)))
            | (InputKind::Boolean, value @ Value::Boolean(_))
            | (InputKind::Enum(_), value @ (Value::String(_) | Value::Enum(_)))
            | (InputKind::CustomScalar, value) => value,
            (
                InputKind::Int
                | InputKind::Float
                | InputKind::String
                | InputKind::Boolean
                | InputKind::Id
                | InputKind::Enum(_)
                | InputKind::Object { .. },
                value,
            ) => self.wrong(ty, &value),
        }
    }

    fn within<T>(&mut self, step: Step, visit: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let result = visit(self);
        self.path.pop();
        result
    }

    fn wrong(&mut self, ty: &Type, value: &Value) -> Value {
        const SHOWN: usize = 60;
        let shown: String = match value {
            // A long text.
            Value::Binary(text) => format!("\"{}", String::from_utf8_lossy(&text[..text.len().min(SHOWN)])),
            value => value.to_string().chars().take(SHOWN).collect(),
        };
        self.error(ty, &Message::new(format!("填的是 {shown}"), format!("{shown} is given")));
        Value::Null
    }

    /// Adds an error, unless there are enough already.
    fn error(&mut self, ty: &Type, what: &Message) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let place = self.path.iter().fold(format!("${}", self.variable), |place, step| match step {
            Step::Field(name) => format!("{place}.{name}"),
            Step::Index(at) => format!("{place}[{at}]"),
        });
        let (what, given) = (what.text(Locale::En), what.text(Locale::Zh));
        let message = Message::new(
            format!("变量 {place}：应为 {ty}；{given}"),
            format!("variable {place}: {ty} is expected; {what}"),
        );
        let mut error = error(Code::BadUserInput, message, None);
        let path = self.path.iter().map(|step| match step {
            Step::Field(name) => Value::String(name.to_string()),
            Step::Index(at) => Value::Number((*at).into()),
        });
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("variable", self.variable.as_str());
        let first = self.path.iter().find_map(|step| if let Step::Index(at) = step { Some(*at) } else { None });
        extensions.set("at", Value::List(path.collect()));
        if let Some(index) = first {
            extensions.set("index", index);
        }
        extensions
            .set("expected", in_both(&Message::new(format!("{ty} 类型的值"), format!("a value of the type {ty}"))));
        extensions.set("type", ty.to_string());
        self.errors.push(error);
    }
}

fn missing() -> Message {
    Message::new("没有填", "it is missing")
}

fn is_null() -> Message {
    Message::new("填的是 null", "it is null")
}

/// Adds the brackets that a literal may leave out around a single list item, in the inputs of mutations. Acts read
/// their input as JSON, where a list is always a list.
pub(crate) fn add_brackets(types: &InputTypes, document: &mut ExecutableDocument) {
    const MUTATION: &str = "Mutation";
    let operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().map(|operation| &mut operation.node).collect()
        }
    };
    let operations = operations.into_iter().filter(|operation| operation.ty == OperationType::Mutation);
    let operations = operations.map(|operation| &mut operation.selection_set.node);
    let fragments =
        document.fragments.values_mut().filter(|fragment| fragment.node.type_condition.node.on.node == MUTATION);
    let fragments = fragments.map(|fragment| &mut fragment.node.selection_set.node);
    operations.chain(fragments).for_each(|set| add_brackets_in(types, set, MUTATION));
}

fn add_brackets_in(types: &InputTypes, set: &mut SelectionSet, of: &str) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                let Some(output) = types.field(of, &field.node.name.node) else { continue };
                for (name, value) in &mut field.node.arguments {
                    if let Some(slot) = output.arguments.get(name.node.as_str()) {
                        value.node = with_brackets(types, std::mem::take(&mut value.node), &slot.ty);
                    }
                }
            }
            Selection::InlineFragment(fragment) => add_brackets_in(types, &mut fragment.node.selection_set.node, of),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn with_brackets(types: &InputTypes, value: Literal, ty: &Type) -> Literal {
    match (&ty.base, value) {
        // The value of a variable was coerced to its own type.
        (_, value @ (Literal::Null | Literal::Variable(_))) => value,
        (BaseType::List(item), Literal::List(values)) => {
            Literal::List(values.into_iter().map(|value| with_brackets(types, value, item)).collect())
        }
        (BaseType::List(item), value) => Literal::List(vec![with_brackets(types, value, item)]),
        (BaseType::Named(name), Literal::Object(given)) => match types.input(name) {
            Some(InputKind::Object { fields, .. }) => {
                let with = |(name, value): (Name, Literal)| match fields.get(name.as_str()) {
                    Some(slot) => (name, with_brackets(types, value, &slot.ty)),
                    None => (name, value),
                };
                Literal::Object(given.into_iter().map(with).collect())
            }
            Some(_) | None => Literal::Object(given),
        },
        (BaseType::Named(_), value) => value,
    }
}

/// Removes variables without a value from a document: an argument or input field is left out, a list item becomes null.
pub(crate) fn remove_absent(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    let operations: Vec<&mut SelectionSet> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node.selection_set.node],
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().map(|operation| &mut operation.node.selection_set.node).collect()
        }
    };
    let fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set.node);
    operations.into_iter().chain(fragments).for_each(|set| remove_absent_from(set, absent));
}

fn remove_absent_from(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                field.node.arguments.retain_mut(|(_, value)| is_given(&mut value.node, absent));
                remove_absent_from(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(fragment) => remove_absent_from(&mut fragment.node.selection_set.node, absent),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn is_given(value: &mut Literal, absent: &HashSet<Name>) -> bool {
    match value {
        Literal::Variable(name) => return !absent.contains(name),
        Literal::Object(fields) => fields.retain(|_, value| is_given(value, absent)),
        Literal::List(items) => {
            for item in items {
                if !is_given(item, absent) {
                    *item = Literal::Null;
                }
            }
        }
        Literal::Null
        | Literal::Number(_)
        | Literal::String(_)
        | Literal::Boolean(_)
        | Literal::Binary(_)
        | Literal::Enum(_) => {}
    }
    true
}

#[cfg(test)]
mod tests;
