//! What can be told at once. The engine makes a task of every field of every entry of a list, since it might have to wait for
//! something, and a map of every entry; most fields only read what lies there. So the entries of a page are written as JSON
//! without the engine where all that is selected of them can be, and told by the engine where anything cannot. Which it was
//! makes no difference to the answer.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};
use std::ops::Deref;

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::EnumType;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Number, Serializer};

use super::nulls::WITNESS;
use super::size::{given_up, one_by_one, top_of};
use super::{Prepared, told_at_once};
use crate::request_context::RequestContext;

/// An object of which some fields can be told at once.
pub(crate) trait AtOnce: OutputType {
    /// Writes what a field says, exactly as the engine would tell it; `None`: the engine has to be asked, whatever was written.
    fn at_once(&self, _telling: &mut Telling<'_>, _field: &Field) -> Option<()> {
        None
    }
}

/// The JSON of an answer's part, while it is written.
#[derive(Debug)]
pub(crate) struct Telling<'a> {
    pub(crate) asked: &'a RequestContext,
    /// In which fragments are found by their names.
    document: &'a Prepared,
    json: Vec<u8>,
    /// How much of it is in the size of the answer.
    counted: usize,
    /// How many fields were told.
    fields: u64,
}

/// After how many entries it is looked whether there is time left.
const CHECKED: usize = 16;
/// How much a part has room for at first: most pages are longer than half of it.
const PART: usize = 4 * 1024;

impl<'a> Telling<'a> {
    fn new(asked: &'a RequestContext, document: &'a Prepared) -> Self {
        Self { asked, document, json: Vec::with_capacity(PART), counted: 0, fields: 0 }
    }

    /// To the engine it is a value that is none of its business.
    fn told(self) -> Value {
        Value::Binary(self.json.into())
    }

    /// An object with what is selected of it.
    pub(crate) fn object<T: AtOnce>(&mut self, of: &T, selected: &SelectionSet) -> Option<()> {
        self.json.push(b'{');
        let mut is_first = true;
        self.fields(of, selected, &mut is_first)?;
        self.json.push(b'}');
        self.count()
    }

    /// Counts what was written since the last time. `None`: it is too much.
    fn count(&mut self) -> Option<()> {
        let size = &self.asked.size;
        size.add(self.json.len() - self.counted);
        self.counted = self.json.len();
        (!size.is_too_much()).then_some(())
    }

    fn fields<T: AtOnce>(&mut self, of: &T, selected: &SelectionSet, is_first: &mut bool) -> Option<()> {
        for selection in &selected.items {
            match &selection.node {
                // Whatever is selected of it, it is an object.
                Selection::Field(Positioned { node: field, .. }) if field.response_key().node == WITNESS => {}
                // What a directive does is for the engine to say.
                Selection::Field(Positioned { node: field, .. }) if field.directives.is_empty() => {
                    if !std::mem::take(is_first) {
                        self.json.push(b',');
                    }
                    self.fields += 1;
                    // Names and aliases are letters, digits and underscores.
                    self.quoted(field.response_key().node.as_str());
                    self.json.push(b':');
                    if field.name.node == "__typename" {
                        self.quoted(&of.introspection_type_name());
                    } else {
                        of.at_once(self, field)?;
                    }
                }
                Selection::InlineFragment(Positioned { node: fragment, .. }) if fragment.directives.is_empty() => {
                    if let Some(condition) = &fragment.type_condition {
                        is_about(of, condition.node.on.node.as_str())?;
                    }
                    self.fields(of, &fragment.selection_set.node, is_first)?;
                }
                Selection::FragmentSpread(Positioned { node: spread, .. }) if spread.directives.is_empty() => {
                    let fragment = &self.document.run().fragments.get(&spread.fragment_name.node)?.node;
                    is_about(of, fragment.type_condition.node.on.node.as_str())?;
                    self.fields(of, &fragment.selection_set.node, is_first)?;
                }
                Selection::Field(_) | Selection::InlineFragment(_) | Selection::FragmentSpread(_) => return None,
            }
        }
        Some(())
    }

    /// A list of objects with what is selected of each.
    pub(crate) fn list<T: AtOnce>(&mut self, of: &[T], selected: &SelectionSet) -> Option<()> {
        self.each(of, |telling, entry| telling.object(entry, selected))
    }

    pub(crate) fn each<T>(&mut self, of: impl IntoIterator<Item = T>, tell: impl Fn(&mut Self, T) -> Option<()>) -> Option<()> {
        self.json.push(b'[');
        for (at, entry) in of.into_iter().enumerate() {
            if at % CHECKED == CHECKED - 1 && self.asked.deadline.has_passed() {
                // The engine is asked in its place, and finds that there is no time left.
                return None;
            }
            if at > 0 {
                self.json.push(b',');
            }
            tell(self, entry)?;
        }
        self.json.push(b']');
        Some(())
    }

    /// The object that a field leads to.
    pub(crate) fn inner<T: AtOnce>(&mut self, of: &T, field: &Field) -> Option<()> {
        self.object(of, &field.selection_set.node)
    }

    pub(crate) fn text(&mut self, text: impl AsRef<str>) -> Option<()> {
        write_text(&mut self.json, text.as_ref())
    }

    /// What is written in letters, digits and signs that mean nothing to JSON: codes, ids, days.
    pub(crate) fn code(&mut self, code: impl Display) -> Option<()> {
        let start = self.json.len();
        write!(self.json, "\"{code}\"").ok()?;
        debug_assert!(serde_json::from_slice::<&str>(&self.json[start..]).is_ok_and(|text| text == code.to_string()));
        Some(())
    }

    pub(crate) fn word<T: EnumType>(&mut self, word: T) -> Option<()> {
        let item = T::items().iter().find(|item| item.value == word)?;
        self.quoted(item.name);
        Some(())
    }

    pub(crate) fn number(&mut self, number: impl Into<Number>) -> Option<()> {
        write!(self.json, "{}", number.into()).ok()
    }

    pub(crate) fn is(&mut self, so: bool) -> Option<()> {
        self.json.extend_from_slice(if so { b"true" } else { b"false" });
        Some(())
    }

    pub(crate) fn null(&mut self) -> Option<()> {
        self.json.extend_from_slice(b"null");
        Some(())
    }

    pub(crate) fn or_null<T>(&mut self, value: Option<T>, tell: impl FnOnce(&mut Self, T) -> Option<()>) -> Option<()> {
        match value {
            Some(value) => tell(self, value),
            None => self.null(),
        }
    }

    fn quoted(&mut self, name: &str) {
        quote(&mut self.json, name);
    }
}

/// Quotes what has nothing in it that means something to JSON.
fn quote(json: &mut Vec<u8>, plain: &str) {
    json.push(b'"');
    json.extend_from_slice(plain.as_bytes());
    json.push(b'"');
}

fn write_text(json: &mut Vec<u8>, text: &str) -> Option<()> {
    // Nearly always; to look at all of it takes less than to look for where it is not.
    let is_plain = text.bytes().fold(true, |is_plain, byte| is_plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'));
    if !is_plain {
        return serde_json::to_writer(json, text).ok();
    }
    quote(json, text);
    Some(())
}

/// Does a fragment on this type apply to the object? `None`: that is for the engine to say.
fn is_about(of: &impl OutputType, condition: &str) -> Option<()> {
    (of.introspection_type_name() == condition).then_some(())
}

/// Writes an answer in which some parts are JSON already.
pub(crate) fn write_json(writer: impl Write, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(writer, Parts))
}

/// Bytes are parts that are JSON already: no scalar of the schema is made of bytes.
struct Parts;

impl Formatter for Parts {
    fn write_byte_array<W: ?Sized + Write>(&mut self, writer: &mut W, part: &[u8]) -> io::Result<()> {
        writer.write_all(part)
    }
}

/// The entries of a page: to callers a list.
#[derive(Debug, Clone)]
pub struct Edges<T>(Vec<T>);

impl<T> FromIterator<T> for Edges<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<T> Deref for Edges<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: AtOnce> OutputType for Edges<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match part(ctx, |telling| telling.list(&self.0, &ctx.item.node))? {
            Some(told) => Ok(told),
            None => Box::pin(one_by_one(&self.0, ctx, field)).await,
        }
    }
}

/// An object that a field leads to: to callers that object.
#[derive(Debug, Clone)]
pub(super) struct One<T>(pub(super) T);

impl<T: AtOnce> OutputType for One<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match part(ctx, |telling| telling.object(&self.0, &ctx.item.node))? {
            Some(told) => Ok(told),
            None => Box::pin(self.0.resolve(ctx, field)).await,
        }
    }
}

/// A part of an answer, if it can be told at once and the answer will be JSON.
fn part(ctx: &ContextSelectionSet<'_>, tell: impl FnOnce(&mut Telling<'_>) -> Option<()>) -> ServerResult<Option<Value>> {
    let Some((views, document)) = told_at_once(ctx) else { return Ok(None) };
    let asked = views.newest();
    let mut telling = Telling::new(asked, document);
    match tell(&mut telling).and_then(|()| telling.count()) {
        Some(()) => {
            asked.size.settle(top_of(ctx), telling.counted);
            views.count(telling.fields);
            Ok(Some(telling.told()))
        }
        None if asked.size.is_too_much() => Err(given_up()),
        None => {
            // The engine makes it anew.
            asked.size.take_back(telling.counted);
            Ok(None)
        }
    }
}

/// A list of which the engine makes every entry: to callers a list.
#[derive(Debug, Clone)]
pub(crate) struct Each<T>(pub(super) Vec<T>);

impl<T: OutputType> OutputType for Each<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        one_by_one(&self.0, ctx, field).await
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
    fn a_part_stands_in_an_answer_as_it_is() {
        let mut answer = value!({ "whole": [1, true, null, "“a”"], "part": 0 });
        let Value::Object(fields) = &mut answer else { panic!("an object") };
        fields.insert(async_graphql::Name::new("part"), Value::Binary(b"{\"id\":\"x\"}".as_slice().into()));
        let mut json = Vec::new();
        write_json(&mut json, &answer).expect("it is written");
        assert_eq!(String::from_utf8(json).expect("a text"), r#"{"whole":[1,true,null,"“a”"],"part":{"id":"x"}}"#);
    }
}
