//! A document that was parsed and validated, with everything that depends neither on the caller nor on variables. It
//! can be cached and executed many times.

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Variables};
use registry::permission;

use crate::engine::null_propagation;
use crate::engine::variables::coerce::remove_absent;

/// A document that can be executed.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) document: ExecutableDocument,
    /// The document with placeholders, if a selection of it may turn out empty.
    with_placeholders: Option<ExecutableDocument>,
    /// No response key is selected in several places, so parts of the response may be written as JSON directly.
    allows_direct_json: bool,
    /// It contains `__schema` or `__type`.
    introspects: bool,
}

impl Prepared {
    pub(crate) fn of(document: ExecutableDocument) -> Self {
        let mut with_placeholders = document.clone();
        let has_placeholders = null_propagation::add_placeholders(&mut with_placeholders);
        let allows_direct_json = sets(&document).all(|set| has_unique_keys(&document, set));
        let introspects = sets(&document).any(introspects);
        Self {
            document,
            with_placeholders: has_placeholders.then_some(with_placeholders),
            allows_direct_json,
            introspects,
        }
    }

    pub(crate) fn allows_direct_json(&self) -> bool {
        self.allows_direct_json
    }

    /// The document that the engine executes.
    pub(crate) fn run(&self) -> &ExecutableDocument {
        self.with_placeholders.as_ref().unwrap_or(&self.document)
    }

    pub(crate) fn has_placeholders(&self) -> bool {
        self.with_placeholders.is_some()
    }

    /// Does the document query the schema itself?
    pub(crate) fn introspects(&self) -> bool {
        self.introspects
    }

    /// The document that the engine executes with these variables: arguments with absent variables are left out.
    pub(crate) fn run_with(&self, name: Option<&str>, variables: &Variables) -> ExecutableDocument {
        let mut document = self.run().clone();
        let definitions = self.operation(name).into_iter().flat_map(|operation| &operation.variable_definitions);
        let absent: HashSet<Name> = definitions
            .map(|definition| &definition.node.name.node)
            .filter(|name| !variables.contains_key(*name))
            .cloned()
            .collect();
        if !absent.is_empty() {
            remove_absent(&mut document, &absent);
        }
        document
    }

    /// The operation to execute; `None` when the request does not say which one, which the engine refuses.
    pub(crate) fn operation(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        match (&self.document.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(&operation.node),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(operations), Some(name)) => {
                operations.get(name).map(|operation| &operation.node)
            }
            (DocumentOperations::Multiple(operations), None) => {
                operations.values().next().filter(|_| operations.len() == 1).map(|operation| &operation.node)
            }
        }
    }

    /// Is the operation a mutation or a subscription?
    pub(crate) fn changes_something(&self, name: Option<&str>) -> bool {
        let ty = match &self.document.operations {
            // With any operation name.
            DocumentOperations::Single(only) => Some(only.node.ty),
            DocumentOperations::Multiple(_) => self.operation(name).map(|operation| operation.ty),
        };
        ty.is_some_and(|ty| ty != OperationType::Query)
    }

    /// The label of the operation in metrics: its root field; `introspection`; or `other` for several different root
    /// fields. There are as many labels as the schema has root fields.
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

    /// Does the response depend only on the revision, the day and the visibility of the caller? Then callers with the
    /// same visibility get the same response.
    pub(crate) fn is_about_the_registry(&self, name: Option<&str>) -> bool {
        self.operation(name).is_some_and(|operation| {
            operation.ty == OperationType::Query && self.asks_none_of(&operation.selection_set.node)
        })
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

/// The selections of all operations and fragments.
fn sets(document: &ExecutableDocument) -> impl Iterator<Item = &SelectionSet> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    operations.chain(document.fragments.values().map(|fragment| &fragment.node.selection_set.node))
}

/// Does a selection contain `__schema` or `__type`? Fragments are checked by themselves.
fn introspects(set: &SelectionSet) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "__schema" | "__type")
                || introspects(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => introspects(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

/// Is each response key selected only once, in this selection and in those inside it, with all fragments?
fn has_unique_keys(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    fn look<'a>(
        document: &'a ExecutableDocument,
        set: &'a SelectionSet,
        keys: &mut HashSet<&'a str>,
        fragments: &mut HashSet<&'a str>,
    ) -> bool {
        set.items.iter().all(|item| match &item.node {
            Selection::Field(field) => keys.insert(field.node.response_key().node.as_str()),
            Selection::InlineFragment(fragment) => look(document, &fragment.node.selection_set.node, keys, fragments),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let of = document.fragments.get(name);
                fragments.insert(name.as_str())
                    && of.is_some_and(|of| look(document, &of.node.selection_set.node, keys, fragments))
            }
        })
    }
    fn within<'a>(set: &'a SelectionSet, found: &mut Vec<&'a SelectionSet>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if !field.node.selection_set.node.items.is_empty() => {
                    found.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => within(&fragment.node.selection_set.node, found),
                // Fragments are checked by themselves.
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

/// Root fields whose value depends on the caller itself, not only on its visibility: its key, its rate limit.
const ABOUT_THE_CALLER: [&str; 4] = ["viewer", "registry", "node", "nodes"];

const OTHER: &str = "other";

fn label(field: &str) -> &'static str {
    if matches!(field, "__schema" | "__type") {
        return "introspection";
    }
    let questions = permission::READ_RULES.iter().filter_map(|(told, _)| told.strip_prefix("Query."));
    let mutations = permission::MUTATION_RULES.iter().map(|(mutation, ..)| *mutation);
    questions.chain(mutations).find(|known| *known == field).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::prepare::parse;

    fn read(document: &str) -> Prepared {
        Prepared::of(parse(document).expect("a document"))
    }

    fn is_about_the_registry(document: &str) -> bool {
        read(document).is_about_the_registry(None)
    }

    #[test]
    fn a_field_about_the_caller_is_recognised() {
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
    fn a_key_that_is_selected_twice_is_not_written_directly() {
        let is_direct = |document: &str| read(document).allows_direct_json();
        assert!(is_direct("{ a { b c: b ...F ... on T { d { e } } } } fragment F on T { f { e } }"));
        assert!(is_direct("{ a { ...F } } fragment F on T { b @skip(if: true) }"));
        assert!(is_direct("query a { a { b } } query b { a { b } }"));
        for several in [
            "{ a { b } a { c } }",
            "{ a { b { c } ... on T { b { d } } } }",
            "{ a { b { c } ...F } } fragment F on T { b { d } }",
            "{ a { ...F ...F } } fragment F on T { b }",
            "{ a } fragment F on T { b { c c } }",
            "{ a { ...F } } fragment F on T { ...F }",
            "{ a { ...F } }",
        ] {
            assert!(!is_direct(several), "{several}");
        }
    }

    #[test]
    fn the_metric_label_is_a_root_field_of_the_schema() {
        let labelled = |document: &str| read(document).label(None);
        assert_eq!(labelled("{ matters { totalCount } __typename again: matters { totalCount } }"), "matters");
        assert_eq!(labelled("{ matters { totalCount } districts { totalCount } }"), "other");
        assert_eq!(labelled("{ __schema { types { name } } }"), "introspection");
        assert_eq!(labelled("{ nobodysField }"), "other");
        assert_eq!(labelled("mutation { voidAgreement(input: {}) { revision } }"), "voidAgreement");
    }
}
