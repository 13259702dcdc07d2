//! What an operation costs, in points, before it runs: a point for every field that the answer may have,
//! lists counted at the length that they may have, and more where much is done for a field. Prices follow
//! from the schema itself, so a new list has one from the start.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, FieldDefinition, OperationDefinition, Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Value, Variables};

use crate::limits::{MOST_ENTRIES, USUAL_ENTRIES};

/// How long a list is taken to be whose length nobody asks for, such as the materials of an offering.
const USUAL_LENGTH: u64 = 10;
/// What searching costs: every name is looked at.
const SEARCH: u64 = 20;
/// What it costs to sort by promises: every offering of everybody who is competent is looked at.
const PROMISES: u64 = 100;
/// The whole schema as an answer, however it is asked for.
const SCHEMA: u64 = 500;

/// What is done for a field beyond its own point; where values are listed, for each of them.
fn extra(of: &str, field: &str) -> u64 {
    match (of, field) {
        // A change is checked against everything, and written down for ever.
        ("Mutation", _) => 100,
        // The whole table of who serves whom is sieved, and counted by every filter.
        ("Query", "availableMatters") => 50,
        ("Query", "handling" | "handlings" | "node" | "nodes" | "nodeAsRecorded") => 5,
        // Every name is looked at, and of matters who serves whom.
        ("Query", "suggest") => 50,
        // Names are compared with what was typed, letter by letter.
        (_, "didYouMean") => 20,
        // Each cell is counted over all matters.
        ("Query", "coverage") => 2,
        // The journal is in the database.
        ("Query", "changes" | "findings") | ("Viewer", "tasks") | (_, "history" | "diff") => 20,
        _ => 0,
    }
}

/// How often what is inside a field may come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Often {
    Once,
    /// As often as the page around it is long: its edges.
    PerEntry,
    /// A page of its own: what is inside comes once, its edges per entry.
    Page,
    /// At most as often as this argument says, or else as its default does.
    UpTo(String, u64),
    /// Once for each value in this argument.
    ForEach(String),
    /// Once for each pair of values in this argument.
    ForEachPair(String),
    /// A list of which nobody says how long it is.
    Usually,
}

#[derive(Debug)]
struct Priced {
    of: String,
    extra: u64,
    often: Often,
    searches: bool,
}

/// The prices of all fields of a schema.
#[derive(Debug)]
pub(crate) struct Prices {
    fields: HashMap<String, HashMap<String, Priced>>,
}

/// Those of the registry's schema.
static PRICES: LazyLock<Prices> = LazyLock::new(|| Prices::of(&super::sdl()));

/// What an operation costs.
pub(crate) fn of(document: &ExecutableDocument, operation: &OperationDefinition, variables: &Variables) -> u64 {
    let root = operation.ty.to_string();
    let root = root[..1].to_uppercase() + &root[1..];
    let mut reckoning = Reckoning { prices: &PRICES, document, variables, known: HashMap::new() };
    reckoning.set(&root, &operation.selection_set.node, 1)
}

impl Prices {
    fn of(sdl: &str) -> Self {
        let document = async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let fields = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let of = definition.node.name.node.to_string();
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
            };
            let priced = fields.into_iter().map(|field| (field.node.name.node.to_string(), Priced::new(&of, &field.node))).collect();
            Some((of, priced))
        });
        Self { fields: fields.collect() }
    }
}

impl Priced {
    fn new(of: &str, field: &FieldDefinition) -> Self {
        let name = field.name.node.as_str();
        let argument = |wanted: &str| field.arguments.iter().find(|argument| argument.node.name.node == wanted).map(|argument| &argument.node);
        let listed = field.arguments.iter().find(|argument| is_list(&argument.node.ty.node) && !argument.node.ty.node.nullable);
        let often = if argument("first").is_some() {
            Often::Page
        } else if !is_list(&field.ty.node) {
            Often::Once
        } else if name == "edges" {
            Often::PerEntry
        } else if let Some(limit) = argument("limit") {
            let default = limit.default_value.as_ref().and_then(|default| number(&default.node));
            Often::UpTo("limit".to_owned(), default.unwrap_or(USUAL_LENGTH))
        } else if let Some(listed) = listed {
            let listed = listed.node.name.node.to_string();
            if (of, name) == ("Query", "coverage") { Often::ForEachPair(listed) } else { Often::ForEach(listed) }
        } else {
            Often::Usually
        };
        Self { of: named(&field.ty.node).to_owned(), extra: extra(of, name), often, searches: argument("search").is_some() }
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::Null | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) | Value::List(_) | Value::Object(_) => None,
    }
}

struct Reckoning<'a> {
    prices: &'a Prices,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// Fragments, by the length of the page that they are spread in.
    known: HashMap<(&'a str, u64), u64>,
}

impl<'a> Reckoning<'a> {
    fn set(&mut self, of: &str, set: &'a SelectionSet, page: u64) -> u64 {
        set.items.iter().fold(0, |sum: u64, item| {
            let price = match &item.node {
                Selection::Field(field) => self.field(of, &field.node, page),
                Selection::InlineFragment(fragment) => {
                    let of = fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                    self.set(of, &fragment.node.selection_set.node, page)
                }
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str(), page),
            };
            sum.saturating_add(price)
        })
    }

    /// Circles were refused before.
    fn fragment(&mut self, name: &'a str, page: u64) -> u64 {
        if let Some(known) = self.known.get(&(name, page)) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        let price = self.set(fragment.node.type_condition.node.on.node.as_str(), &fragment.node.selection_set.node, page);
        self.known.insert((name, page), price);
        price
    }

    fn field(&mut self, of: &str, field: &'a Field, page: u64) -> u64 {
        let name = field.name.node.as_str();
        if matches!(name, "__schema" | "__type") {
            return SCHEMA;
        }
        let Some(priced) = self.prices.fields.get(of).and_then(|fields| fields.get(name)) else {
            // Nobody's field: the engine will say so.
            return 1;
        };
        let (times, inner_page) = match &priced.often {
            Often::Once => (1, 1),
            Often::Page => (1, self.page(field)),
            Often::PerEntry => (page, 1),
            Often::Usually => (USUAL_LENGTH, 1),
            Often::UpTo(argument, usual) => {
                (self.argument(field, argument).and_then(|limit| number(&limit)).unwrap_or(*usual).min(MOST_ENTRIES as u64), 1)
            }
            Often::ForEach(argument) => (self.length(field, argument), 1),
            Often::ForEachPair(argument) => (self.length(field, argument).saturating_pow(2), 1),
        };
        let inner = self.set(&priced.of, &field.selection_set.node, inner_page);
        let (once, each) = match priced.often {
            Often::ForEach(_) | Often::ForEachPair(_) => (0, priced.extra),
            Often::Once | Often::Page | Often::PerEntry | Often::Usually | Often::UpTo(..) => (priced.extra, 0),
        };
        let searched = if priced.searches && self.argument(field, "search").is_some() { SEARCH } else { 0 };
        let by_promises = match self.argument(field, "orderBy") {
            Some(Value::Enum(order)) => order.as_str() == "PROMISED_DAYS",
            // In variables an enum is a text.
            Some(Value::String(order)) => order == "PROMISED_DAYS",
            _ => false,
        };
        let sorted = if by_promises { PROMISES } else { 0 };
        times.saturating_mul(inner.saturating_add(each)).saturating_add(1 + once + searched + sorted)
    }

    fn page(&self, field: &Field) -> u64 {
        let asked = self.argument(field, "first").or_else(|| self.argument(field, "last"));
        asked.and_then(|count| number(&count)).unwrap_or(USUAL_ENTRIES as u64).min(MOST_ENTRIES as u64)
    }

    /// A single value stands for a list of it.
    fn length(&self, field: &Field, argument: &str) -> u64 {
        match self.argument(field, argument) {
            Some(Value::List(values)) => values.len() as u64,
            Some(_) => 1,
            None => 0,
        }
    }

    /// `None` for null, too.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let (_, given) = field.arguments.iter().find(|(argument, _)| argument.node == name)?;
        let given = given.node.clone().into_const_with(|variable| self.variables.get(&variable).cloned().ok_or(()));
        given.ok().filter(|given| *given != Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::*;

    fn priced_with(document: &str, variables: Json) -> u64 {
        let document = parse_query(document).expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        of(&document, &operation.node, &Variables::from_json(variables))
    }

    fn priced(document: &str) -> u64 {
        priced_with(document, json!({}))
    }

    #[test]
    fn every_field_has_a_price() {
        for (document, price) in [
            ("{ __typename }", 1),
            ("{ registry { name revision } }", 3),
            ("{ nobodysField }", 1),
            // A page: the connection, 20 edges with 3 fields, and what comes once.
            ("{ districts { totalCount edges { cursor node { name } } } }", 1 + 1 + 1 + 20 * 3),
            ("{ districts(first: 3) { edges { cursor } pageInfo { hasNextPage } } }", 1 + 1 + 3 + 2),
            ("{ districts(last: 100) { edges { cursor } } }", 1 + 1 + 100),
            ("{ districts(first: 0) { edges { cursor } } }", 1 + 1),
            ("{ districts(search: \"nansha\") { totalCount } }", 1 + 20 + 1),
            (
                "{ ...F } fragment F on Query { districts(first: 2) { ...G } } fragment G on DistrictConnection { edges { node { code } } }",
                1 + 1 + 2 * 2,
            ),
            ("{ node(id: \"x\") { ... on District { name aliases } } }", 1 + 5 + 1 + 1),
            ("{ nodes(ids: [\"x\", \"y\"]) { id } }", 1 + 2 * (5 + 1)),
            ("{ handling(matter: 1, receiving: 1, competent: 1) { answer routes { mode } } }", 1 + 5 + 1 + 1 + 10),
            ("{ handlings(questions: [{}, {}, {}]) { answer } }", 1 + 3 * (5 + 1)),
            ("{ coverage(districts: [1, 2, 3]) { total } }", 1 + 9 * (2 + 1)),
            ("{ availableMatters(receiving: 1) { totalCount } }", 1 + 50 + 1),
            ("{ availableMatters(receiving: 1, first: 1) { edges { routes { mode } } } }", 1 + 50 + 1 + 1 + 10),
            ("{ availableMatters(receiving: 1, first: 1) { edges { routes(limit: 100) { mode } } } }", 1 + 50 + 1 + 1 + 100),
            ("{ availableMatters(receiving: 1, orderBy: PROMISED_DAYS) { totalCount } }", 1 + 50 + 100 + 1),
            ("{ districts(search: \"nansha\") { didYouMean } }", 1 + 20 + 1 + 20),
            ("{ suggest(text: 1) { found { text } } }", 1 + 50 + 10 * 2),
            ("{ changes { totalCount } }", 1 + 20 + 1),
            ("mutation { voidAgreement(input: {}) { problems { code } } }", 1 + 100 + 1 + 10),
            ("{ __schema { types { name } } }", SCHEMA),
        ] {
            assert_eq!(priced(document), price, "{document}");
        }
    }

    #[test]
    fn variables_count_as_what_they_are() {
        let page = "query ($n: Int) { districts(first: $n) { edges { cursor } } }";
        assert_eq!(priced_with(page, json!({ "n": 7 })), 1 + 1 + 7);
        assert_eq!(priced_with(page, json!({ "n": null })), 1 + 1 + 20);
        assert_eq!(priced_with(page, json!({})), 1 + 1 + 20);
        assert_eq!(priced_with("query ($q: [HandlingQuestion!]!) { handlings(questions: $q) { answer } }", json!({ "q": [{}, {}] })), 1 + 2 * 6);
    }

    #[test]
    fn a_page_of_pages_is_priced_by_both() {
        let inner = 1 + 1 + 100;
        assert_eq!(priced("{ agreements(first: 100) { edges { node { versions(first: 100) { edges { cursor } } } } } }"), 1 + 1 + 100 * (1 + inner));
        let wide =
            "{ agreements(first: 100) { edges { node { versions(first: 100) { edges { node { parties(first: 100) { edges { cursor } } } } } } } } }";
        assert!(priced(wide) > crate::limits::COSTLIEST);
    }

    #[test]
    fn every_list_is_priced_by_its_length() {
        let prices = Prices::of(&super::super::sdl());
        let named = |of: &str, field: &str| &prices.fields[of][field].often;
        assert_eq!(*named("Query", "handlings"), Often::ForEach("questions".to_owned()));
        assert_eq!(*named("Query", "coverage"), Often::ForEachPair("districts".to_owned()));
        assert_eq!(*named("AvailableMatterEdge", "routes"), Often::UpTo("limit".to_owned(), 10));
        for (of, fields) in &prices.fields {
            for (field, priced) in fields {
                let is_connection = priced.of.ends_with("Connection");
                assert_eq!(is_connection, priced.often == Often::Page, "{of}.{field}");
                assert!(!of.ends_with("Connection") || field != "edges" || priced.often == Often::PerEntry, "{of}.{field}");
            }
        }
    }
}
