//! A document as it was read, with what of it does not depend on who asks, and with which variables. Whoever
//! keeps it reads it once.

use std::collections::HashSet;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Request, Response, Value, Variables};
use catalogue::Lengths;
use futures::FutureExt as _;

use super::price::Price;
use super::{JUDGE, TYPES, coerce, nulls, price, syntax, valid};
use crate::limits::MAX_ERRORS;
use crate::permission;

/// A document that can be run.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) document: ExecutableDocument,
    /// The same with witnesses, where a selection of it may turn out empty.
    witnessed: Option<ExecutableDocument>,
    /// Nothing of it is put together of what stands in several places, so parts of the answer may be told at once.
    is_told_at_once: bool,
    /// It asks about the schema itself.
    introspects: bool,
}

/// Reads a document, or says why it is none.
pub(crate) fn parse(text: &str) -> Result<ExecutableDocument, Response> {
    syntax::parse(text).map_err(|error| Response::from_errors(vec![error.into()]))
}

impl Prepared {
    /// Reads a document that breaks no rule, or says why it is none.
    pub fn read(text: &str) -> Result<Self, Response> {
        parse(text).and_then(Self::valid)
    }

    /// Takes a document that breaks no rule of validation, whatever values its variables will have.
    pub(crate) fn valid(document: ExecutableDocument) -> Result<Self, Response> {
        let mut request = Request::new("");
        request.operation_name = match &document.operations {
            DocumentOperations::Single(_) => None,
            // All are looked at, whichever is named.
            DocumentOperations::Multiple(operations) => operations.keys().next().map(ToString::to_string),
        };
        request.set_parsed_query(document.clone());
        // It does not run, so there is nothing to wait for.
        let mut judged = Box::pin(JUDGE.execute(request)).now_or_never().unwrap_or_default();
        if judged.errors.is_empty() {
            judged.errors = valid::faults(&TYPES, &document);
        }
        if judged.errors.is_empty() {
            return Ok(Self::of(document));
        }
        super::error::code(&mut judged.errors, &document);
        judged.errors.truncate(MAX_ERRORS);
        Err(Response::from_errors(judged.errors))
    }

    pub(crate) fn of(document: ExecutableDocument) -> Self {
        let mut witnessed = document.clone();
        let has_witnesses = nulls::add_witnesses(&mut witnessed);
        let is_told_at_once = sets(&document).all(|set| asks_once(&document, set));
        let introspects = sets(&document).any(asks_about_the_schema);
        Self { document, witnessed: has_witnesses.then_some(witnessed), is_told_at_once, introspects }
    }

    pub(super) fn is_told_at_once(&self) -> bool {
        self.is_told_at_once
    }

    /// What the engine runs.
    pub(crate) fn run(&self) -> &ExecutableDocument {
        self.witnessed.as_ref().unwrap_or(&self.document)
    }

    pub(super) fn has_witnesses(&self) -> bool {
        self.witnessed.is_some()
    }

    /// Does it ask about the schema itself?
    pub(crate) fn introspects(&self) -> bool {
        self.introspects
    }

    /// The variables as the operation takes them, with defaults for those that were left out; or what is wrong with them.
    pub(crate) fn coerce(&self, name: Option<&str>, variables: Variables) -> Result<Variables, Box<Response>> {
        match self.operation(name) {
            Some(operation) => coerce::variables(&TYPES, operation, variables),
            // Which one is meant is for the engine to ask.
            None => Ok(variables),
        }
    }

    /// The document that the engine runs with these variables: what a variable that is not given stands for is left out.
    pub(super) fn run_with(&self, name: Option<&str>, variables: &Variables) -> ExecutableDocument {
        let mut document = self.run().clone();
        let definitions = self.operation(name).into_iter().flat_map(|operation| &operation.variable_definitions);
        let absent: HashSet<Name> =
            definitions.map(|definition| &definition.node.name.node).filter(|name| !variables.contains_key(*name)).cloned().collect();
        if !absent.is_empty() {
            coerce::leave_out(&mut document, &absent);
        }
        document
    }

    /// The operation that runs. A document that does not say which one is for the engine to refuse.
    pub(super) fn operation(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        match (&self.document.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(&operation.node),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|operation| &operation.node),
            (DocumentOperations::Multiple(operations), None) => {
                operations.values().next().filter(|_| operations.len() == 1).map(|operation| &operation.node)
            }
        }
    }

    /// What it costs before it runs. Where nobody knows which of its operations runs, nothing but the look at it.
    pub(crate) fn price(&self, name: Option<&str>, variables: &Variables, lengths: &Lengths) -> Price {
        self.operation(name).map_or(Price::LEAST, |operation| price::of(&self.document, operation, variables, lengths))
    }

    /// What it cost, in points, by what the answer holds; so many fields of it were told at once.
    pub(crate) fn actual(&self, name: Option<&str>, variables: &Variables, data: &Value, told: u64) -> u64 {
        self.operation(name).map_or(1, |operation| price::actual(&self.document, operation, variables, data, told))
    }

    /// Would another operation run than a query?
    pub(crate) fn changes_something(&self, name: Option<&str>) -> bool {
        let ty = match &self.document.operations {
            // Whatever name was given with it.
            DocumentOperations::Single(only) => Some(only.node.ty),
            DocumentOperations::Multiple(_) => self.operation(name).map(|operation| operation.ty),
        };
        ty.is_some_and(|ty| ty != OperationType::Query)
    }

    /// By what an operation is known to those who count: the question or the mutation, of which there are as many as the
    /// schema has. `introspection`: it asks about the schema itself; `other`: several things, or none.
    pub(crate) fn label(&self, name: Option<&str>) -> &'static str {
        let Some(operation) = self.operation(name) else { return OTHER };
        let mut labels = operation.selection_set.node.items.iter().filter_map(|item| match &item.node {
            Selection::Field(field) if field.node.name.node == "__typename" => None,
            Selection::Field(field) => Some(label(field.node.name.node.as_str())),
            Selection::InlineFragment(_) | Selection::FragmentSpread(_) => Some(OTHER),
        });
        let Some(first) = labels.next() else { return OTHER };
        if labels.all(|label| label == first) { first } else { OTHER }
    }

    /// Does the answer follow from the registry alone: its revision, the day, and what the caller may see? Then whoever
    /// sees as much is answered the same.
    pub(crate) fn is_about_the_registry(&self, name: Option<&str>) -> bool {
        self.operation(name).is_some_and(|operation| operation.ty == OperationType::Query && self.asks_none_of(&operation.selection_set.node))
    }

    fn asks_none_of(&self, set: &SelectionSet) -> bool {
        set.items.iter().all(|item| match &item.node {
            Selection::Field(field) => !ABOUT_THE_CALLER.contains(&field.node.name.node.as_str()),
            Selection::InlineFragment(fragment) => self.asks_none_of(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => self
                .document
                .fragments
                .get(&spread.node.fragment_name.node)
                .is_some_and(|fragment| self.asks_none_of(&fragment.node.selection_set.node)),
        })
    }
}

/// What operations and fragments select.
fn sets(document: &ExecutableDocument) -> impl Iterator<Item = &SelectionSet> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    operations.chain(document.fragments.values().map(|fragment| &fragment.node.selection_set.node))
}

/// Does a selection, or one within it, ask about the schema? Fragments are looked at by themselves.
fn asks_about_the_schema(set: &SelectionSet) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "__schema" | "__type") || asks_about_the_schema(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => asks_about_the_schema(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

/// Is there one field for each key of a selection, and of each within it, whatever fragments add?
fn asks_once(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    fn look<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, keys: &mut HashSet<&'a str>, fragments: &mut HashSet<&'a str>) -> bool {
        set.items.iter().all(|item| match &item.node {
            Selection::Field(field) => keys.insert(field.node.response_key().node.as_str()),
            Selection::InlineFragment(fragment) => look(document, &fragment.node.selection_set.node, keys, fragments),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let of = document.fragments.get(name);
                fragments.insert(name.as_str()) && of.is_some_and(|of| look(document, &of.node.selection_set.node, keys, fragments))
            }
        })
    }
    fn within<'a>(set: &'a SelectionSet, found: &mut Vec<&'a SelectionSet>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if !field.node.selection_set.node.items.is_empty() => found.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => within(&fragment.node.selection_set.node, found),
                // Fragments are looked at by themselves.
                Selection::Field(_) | Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        if !look(document, set, &mut HashSet::new(), &mut HashSet::new()) {
            return false;
        }
        within(set, &mut sets);
    }
    true
}

/// Questions whose answers depend on who asks, and not only on what the caller may see: whose key it is, how much may
/// still be asked, when a key was last used.
const ABOUT_THE_CALLER: [&str; 4] = ["viewer", "registry", "node", "nodes"];

const OTHER: &str = "other";

fn label(field: &str) -> &'static str {
    if matches!(field, "__schema" | "__type") {
        return "introspection";
    }
    let questions = permission::TOLD.iter().filter_map(|(told, _)| told.strip_prefix("Query."));
    let mutations = permission::DONE.iter().map(|(mutation, ..)| *mutation);
    questions.chain(mutations).find(|known| *known == field).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &str) -> Prepared {
        Prepared::of(parse(document).expect("a document"))
    }

    fn is_about_the_registry(document: &str) -> bool {
        read(document).is_about_the_registry(None)
    }

    #[test]
    fn what_depends_on_the_caller_is_known_by_its_question() {
        assert!(is_about_the_registry("{ handling(matter: 1, receiving: 2, competent: 3) { answer } }"));
        assert!(is_about_the_registry("{ ...f } fragment f on Query { matters { totalCount } }"));
        for dependent in [
            "{ viewer { name } }",
            "{ matters { totalCount } me: viewer { name } }",
            "{ ... on Query { registry { limits { points } } } }",
            "{ ...f } fragment f on Query { ...g } fragment g on Query { node(id: \"key_1\") { id } }",
            "{ ...nowhere }",
            "mutation { revokeApiKey(input: { id: \"key_1\" }) { revision } }",
        ] {
            assert!(!is_about_the_registry(dependent), "{dependent}");
        }
        assert!(!is_about_the_registry("query a { matters { totalCount } } query b { matters { totalCount } }"));
    }

    #[test]
    fn what_is_put_together_of_several_places_is_not_told_at_once() {
        let is_told = |document: &str| read(document).is_told_at_once();
        assert!(is_told("{ a { b c: b ...F ... on T { d { e } } } } fragment F on T { f { e } }"));
        assert!(is_told("{ a { ...F } } fragment F on T { b @skip(if: true) }"));
        assert!(is_told("query a { a { b } } query b { a { b } }"));
        for several in [
            "{ a { b } a { c } }",
            "{ a { b { c } ... on T { b { d } } } }",
            "{ a { b { c } ...F } } fragment F on T { b { d } }",
            "{ a { ...F ...F } } fragment F on T { b }",
            "{ a } fragment F on T { b { c c } }",
            "{ a { ...F } } fragment F on T { ...F }",
            "{ a { ...F } }",
        ] {
            assert!(!is_told(several), "{several}");
        }
    }

    #[test]
    fn an_operation_is_counted_under_a_name_of_the_schema() {
        let labelled = |document: &str| read(document).label(None);
        assert_eq!(labelled("{ matters { totalCount } __typename again: matters { totalCount } }"), "matters");
        assert_eq!(labelled("{ matters { totalCount } districts { totalCount } }"), "other");
        assert_eq!(labelled("{ __schema { types { name } } }"), "introspection");
        assert_eq!(labelled("{ nobodysField }"), "other");
        assert_eq!(labelled("mutation { voidAgreement(input: {}) { revision } }"), "voidAgreement");
    }
}
