//! Writes list entries directly as JSON. async-graphql makes a future of every field of every entry, and a map of every
//! entry, although most fields only read memory. So a page is written without it where all selected fields allow that,
//! and otherwise resolved by it. The response is the same either way: `graphql-macros` makes the resolver and the
//! writer of a field from one declaration.

pub(crate) mod part;
mod value;

use std::fmt::Display;
use std::io::{self, Write};

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::resolver_utils::EnumType;
use async_graphql::{InputType, Name, OutputType, Positioned, QueryEnv, Value};
use registry::request_context::RequestContext;
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Number, Serializer};

use crate::engine::null_propagation::PLACEHOLDER;
use crate::engine::prepared::Prepared;

/// A value of a field that can be written as JSON directly, exactly as its `OutputType` would write it.
pub(crate) trait WriteValue {
    /// `None`: it cannot be written directly after all; what was written so far is discarded.
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()>;
}

/// An object with fields that can be written as JSON directly. `#[direct_json]` and `#[derive(DirectJson)]` implement
/// it.
pub(crate) trait WriteJson: OutputType + WriteValue {
    /// The names of these fields.
    const FIELDS: &'static [&'static str];

    /// Writes the value of a field. `None`: async-graphql has to resolve it.
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()>;
}

/// A part of a response, while it is written.
pub(crate) struct JsonWriter<'a> {
    pub(crate) request: &'a RequestContext,
    /// For the fragments of the document.
    document: &'a Prepared,
    /// For the variables.
    query: &'a QueryEnv,
    bytes: Vec<u8>,
    /// The bytes that are counted in the size of the response already.
    counted: usize,
    /// The number of fields written.
    fields: u64,
}

/// The number of entries between two checks of the deadline.
const ENTRIES_PER_CHECK: usize = 16;
/// The initial capacity. Most pages are longer than half of it.
const INITIAL_BYTES: usize = 4 * 1024;

impl<'a> JsonWriter<'a> {
    fn new(request: &'a RequestContext, document: &'a Prepared, query: &'a QueryEnv) -> Self {
        Self { request, document, query, bytes: Vec::with_capacity(INITIAL_BYTES), counted: 0, fields: 0 }
    }

    /// The part as a value for async-graphql, which passes it on unread.
    fn into_value(self) -> Value {
        Value::Binary(self.bytes.into())
    }

    /// Writes the selected fields of an object.
    pub(crate) fn object<T: WriteJson>(&mut self, of: &T, selected: &SelectionSet) -> Option<()> {
        self.bytes.push(b'{');
        let mut is_first = true;
        self.fields(of, selected, &mut is_first)?;
        self.bytes.push(b'}');
        self.count()
    }

    /// Counts the new bytes. `None`: the response is too long.
    fn count(&mut self) -> Option<()> {
        let size = &self.request.size;
        size.add(self.bytes.len() - self.counted);
        self.counted = self.bytes.len();
        (!size.is_too_much()).then_some(())
    }

    fn fields<T: WriteJson>(&mut self, of: &T, selected: &SelectionSet, is_first: &mut bool) -> Option<()> {
        for selection in &selected.items {
            match &selection.node {
                // Directly written objects cannot become null.
                Selection::Field(Positioned { node: field, .. }) if field.response_key().node == PLACEHOLDER => {}
                // Fields with directives are left to async-graphql.
                Selection::Field(Positioned { node: field, .. }) if field.directives.is_empty() => {
                    if !std::mem::take(is_first) {
                        self.bytes.push(b',');
                    }
                    self.fields += 1;
                    // A response key consists of letters, digits and underscores.
                    self.quoted(field.response_key().node.as_str());
                    self.bytes.push(b':');
                    if field.name.node == "__typename" {
                        self.quoted(&of.introspection_type_name());
                    } else {
                        of.write_field(self, field)?;
                    }
                }
                Selection::InlineFragment(Positioned { node: fragment, .. }) if fragment.directives.is_empty() => {
                    if let Some(condition) = &fragment.type_condition {
                        applies_to(of, condition.node.on.node.as_str())?;
                    }
                    self.fields(of, &fragment.selection_set.node, is_first)?;
                }
                Selection::FragmentSpread(Positioned { node: spread, .. }) if spread.directives.is_empty() => {
                    let fragment = &self.document.run().fragments.get(&spread.fragment_name.node)?.node;
                    applies_to(of, fragment.type_condition.node.on.node.as_str())?;
                    self.fields(of, &fragment.selection_set.node, is_first)?;
                }
                Selection::Field(_) | Selection::InlineFragment(_) | Selection::FragmentSpread(_) => return None,
            }
        }
        Some(())
    }

    /// Writes a list.
    pub(crate) fn each<T>(
        &mut self,
        of: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Self, T) -> Option<()>,
    ) -> Option<()> {
        self.bytes.push(b'[');
        for (at, entry) in of.into_iter().enumerate() {
            if at % ENTRIES_PER_CHECK == ENTRIES_PER_CHECK - 1 && self.request.deadline.has_passed() {
                // async-graphql then reports that the deadline has passed.
                return None;
            }
            if at > 0 {
                self.bytes.push(b',');
            }
            write(self, entry)?;
        }
        self.bytes.push(b']');
        Some(())
    }

    /// An argument of a field. `None`: it cannot be read, which async-graphql then reports.
    pub(crate) fn argument<T: InputType>(&self, field: &Field, name: &str, default: Option<fn() -> T>) -> Option<T> {
        let given = field.arguments.iter().find(|(given, _)| given.node == name);
        match (given, default) {
            (Some((_, given)), _) => {
                T::parse(Some(given.node.clone().into_const_with(|name| self.variable(&name)).ok()?)).ok()
            }
            (None, Some(default)) => Some(default()),
            (None, None) => T::parse(None).ok(),
        }
    }

    fn variable(&self, name: &Name) -> Result<Value, ()> {
        let definition = self
            .query
            .operation
            .node
            .variable_definitions
            .iter()
            .find(|definition| definition.node.name.node == *name)
            .ok_or(())?;
        self.query.variables.get(name).or_else(|| definition.node.default_value()).cloned().ok_or(())
    }

    pub(crate) fn text(&mut self, text: &str) -> Option<()> {
        write_text(&mut self.bytes, text)
    }

    /// Writes a text that needs no escaping: a code, an id, a day.
    pub(crate) fn code(&mut self, code: impl Display) -> Option<()> {
        let start = self.bytes.len();
        write!(self.bytes, "\"{code}\"").ok()?;
        debug_assert!(serde_json::from_slice::<&str>(&self.bytes[start..]).is_ok_and(|text| text == code.to_string()));
        Some(())
    }

    pub(crate) fn word<T: EnumType>(&mut self, word: T) -> Option<()> {
        let item = T::items().iter().find(|item| item.value == word)?;
        self.quoted(item.name);
        Some(())
    }

    pub(crate) fn number(&mut self, number: impl Into<Number>) -> Option<()> {
        write!(self.bytes, "{}", number.into()).ok()
    }

    pub(crate) fn boolean(&mut self, value: bool) -> Option<()> {
        self.bytes.extend_from_slice(if value { b"true" } else { b"false" });
        Some(())
    }

    pub(crate) fn null(&mut self) -> Option<()> {
        self.bytes.extend_from_slice(b"null");
        Some(())
    }

    fn quoted(&mut self, name: &str) {
        quote(&mut self.bytes, name);
    }
}

/// Writes a text that needs no escaping.
fn quote(json: &mut Vec<u8>, plain: &str) {
    json.push(b'"');
    json.extend_from_slice(plain.as_bytes());
    json.push(b'"');
}

fn write_text(json: &mut Vec<u8>, text: &str) -> Option<()> {
    // Nearly always true. Checking all bytes without a branch is faster than searching for the first special one.
    let is_plain =
        text.bytes().fold(true, |is_plain, byte| is_plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'));
    if !is_plain {
        return serde_json::to_writer(json, text).ok();
    }
    quote(json, text);
    Some(())
}

/// Does a fragment on this type apply to the object? `None`: perhaps, if the type is an interface.
fn applies_to(of: &impl OutputType, condition: &str) -> Option<()> {
    (of.introspection_type_name() == condition).then_some(())
}

/// Writes a response, some parts of which are JSON already.
pub(crate) fn write_json(writer: impl Write, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(writer, RawBytes))
}

/// Writes byte arrays unchanged: they are JSON already. No scalar of the schema consists of bytes.
struct RawBytes;

impl Formatter for RawBytes {
    fn write_byte_array<W: ?Sized + Write>(&mut self, writer: &mut W, part: &[u8]) -> io::Result<()> {
        writer.write_all(part)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_quoted_as_json_has_it(text in prop_oneof!["\\PC{0,20}", "[a-z\"\\\\\u{0}-\u{20}\u{7f}办理]{0,20}"]) {
            let mut json = Vec::new();
            prop_assert!(write_text(&mut json, &text).is_some());
            prop_assert_eq!(String::from_utf8(json).expect("a text"), serde_json::to_string(&text).expect("a text"));
        }
    }

    #[test]
    fn a_part_is_written_unchanged() {
        let mut answer = value!({ "whole": [1, true, null, "“a”"], "part": 0 });
        let Value::Object(fields) = &mut answer else { panic!("an object") };
        fields.insert(Name::new("part"), Value::Binary(b"{\"id\":\"x\"}".as_slice().into()));
        let mut json = Vec::new();
        write_json(&mut json, &answer).expect("it is written");
        assert_eq!(String::from_utf8(json).expect("a text"), r#"{"whole":[1,true,null,"“a”"],"part":{"id":"x"}}"#);
    }
}
