//! Prices of documents and of responses.

use std::sync::LazyLock;

use async_graphql::Name;
use async_graphql::parser::parse_query;
use catalogue::Lengths;
use serde_json::{Value as Json, json};

use super::table::{INTROSPECTION, LEAST};
use super::*;
use crate::schema::plain_sdl;

static PRICES: LazyLock<Prices> = LazyLock::new(|| Prices::of(&plain_sdl()));

const LENGTHS: Lengths = Lengths {
    districts: 3_500,
    matters: 5_000,
    agreements: 45_000,
    policies: 2,
    windows_of_district: 2,
    offerings_of_district: 1_000,
    offerings_of_matter: 700,
    agreements_of_district: 30,
    versions: 1,
    parties: 3,
    clauses: 2,
    matters_of_clause: 40,
};

fn priced_with(document: &str, variables: Json) -> Price {
    let document = parse_query(document).expect("a document");
    let (_, operation) = document.operations.iter().next().expect("an operation");
    PRICES.estimate(&document, &operation.node, &Variables::from_json(variables), &LENGTHS)
}

fn priced(document: &str) -> Price {
    priced_with(document, json!({}))
}

/// The points of so many fields.
fn fields(count: u64) -> u64 {
    count.div_ceil(10)
}

#[test]
fn every_field_has_a_price() {
    for (document, price) in [
        ("{ __typename }", LEAST),
        ("{ registry { name revision } }", LEAST),
        ("{ nobodysField }", LEAST),
        // A page: the connection, 20 edges with 3 fields, and what comes once.
        ("{ districts { totalCount edges { cursor node { name } } } }", fields(1 + 1 + 1 + 20 * 3)),
        ("{ districts(first: 3) { edges { cursor } pageInfo { hasNextPage } } }", LEAST),
        ("{ districts(last: 100) { edges { cursor } } }", fields(1 + 1 + 100)),
        ("{ districts(first: 0) { edges { cursor } } }", LEAST),
        ("{ offering(code: 1) { name } }", 4 + fields(2)),
        ("{ districts(search: \"nansha\") { totalCount } }", 20 + fields(2)),
        (
            "{ ...F } fragment F on Query { districts(first: 20) { ...G } } fragment G on DistrictConnection { edges { node { code } } }",
            fields(1 + 1 + 20 * 2),
        ),
        ("{ node(id: \"x\") { ... on District { name aliases } } }", 5 + fields(3)),
        ("{ nodes(ids: [\"x\", \"y\"]) { id } }", 2 * 5 + fields(3)),
        ("{ handling(matter: 1, receiving: 1, competent: 1) { answer routes { mode } } }", 5 + fields(1 + 1 + 1 + 2)),
        ("{ handlings(questions: [{}, {}, {}]) { answer } }", 3 * 5 + fields(1 + 3)),
        ("{ coverage(districts: [1, 2, 3]) { total } }", 9 * 2 + fields(1 + 9)),
        ("{ availableMatters(receiving: 1) { totalCount } }", 50 + fields(2)),
        (
            "{ availableMatters(receiving: 1, first: 1) { edges { routes(limit: 100) { mode } } } }",
            50 + fields(1 + 1 + 1 + 100),
        ),
        ("{ availableMatters(receiving: 1, orderBy: PROMISED_DAYS) { totalCount } }", 50 + 200 + fields(2)),
        ("{ districts(search: \"nansha\") { didYouMean } }", 20 + 20 + fields(2)),
        ("{ suggest(text: 1) { found { text } } }", 10 + fields(1 + 10 * 2)),
        ("{ changes { totalCount } }", 20 + fields(2)),
        ("{ changes(district: 1) { totalCount } }", 20 + 2 + fields(2)),
        ("mutation { voidAgreement(input: {}) { problems { code } } }", 100 + fields(3)),
        ("{ __schema { types { name } } }", INTROSPECTION + 1),
    ] {
        assert_eq!(priced(document).usual, price, "{document}");
    }
}

#[test]
fn variables_count_with_their_values() {
    let page = "query ($n: Int) { districts(first: $n) { edges { cursor } } }";
    assert_eq!(priced_with(page, json!({ "n": 77 })).usual, fields(1 + 1 + 77));
    assert_eq!(priced_with(page, json!({ "n": null })).usual, fields(1 + 1 + 20));
    assert_eq!(priced_with(page, json!({})).usual, fields(1 + 1 + 20));
    let questions = "query ($q: [HandlingQuestion!]!) { handlings(questions: $q) { answer } }";
    assert_eq!(priced_with(questions, json!({ "q": [{}, {}] })).usual, 2 * 5 + fields(1 + 2));
}

#[test]
fn a_page_of_pages_is_priced_at_its_usual_and_at_its_full_length() {
    let document = "{ agreements(first: 100) { edges { node { versions(first: 100) { edges { cursor } } } } } }";
    assert_eq!(priced(document).usual, 1 + fields(1 + 1 + 100 * (1 + 1 + 1 + 1)), "most have one version");
    assert_eq!(priced(document).most, 1 + fields(1 + 1 + 100 * (1 + 1 + 1 + 100)));
    let wide = "{ agreements(first: 100) { edges { node { versions(first: 100) { edges { node { parties(first: 100) { edges { cursor } } } } } } } } }";
    assert!(priced(wide).most > 100_000 && priced(wide).usual < 200);
}

#[test]
fn the_actual_price_counts_fields_and_keeps_the_work() {
    let actual = |document: &str, data: Json| -> u64 {
        let document = parse_query(document).expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let data = Value::from_json(data).expect("a value");
        PRICES.actual(&document, &operation.node, &Variables::default(), &data, 0)
    };
    let searched = "{ d: districts(search: \"x\", first: 100) { edges { node { name } } } }";
    assert_eq!(actual(searched, json!({ "d": { "edges": [] } })), 20 + 1);
    let entries = vec![json!({ "node": { "name": "x" } }); 60];
    assert_eq!(actual(searched, json!({ "d": { "edges": entries } })), 20 + fields(2 + 60 * 2));
    let histories = "{ matters { edges { node { ...F } } } } fragment F on Matter { history { totalCount } }";
    let with = |count: usize| json!({ "matters": { "edges": vec![json!({ "node": { "history": { "totalCount": 1 } } }); count] } });
    assert_eq!([0, 1, 3].map(|count| actual(histories, with(count))), [LEAST, 20 + 1, 3 * 20 + fields(2 + 9)]);
    // A scalar is one field, whatever is in it.
    let document = "{ changes { edges { node { document } } } }";
    assert_eq!(
        actual(document, json!({ "changes": { "edges": [{ "node": { "document": { "a": [1, 2, 3] } } }] } })),
        20 + 1 + 1
    );
    // The line of a change is read, so it costs by its length.
    let line = |bytes: usize| {
        let document = parse_query(document).expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let line = Value::Binary(vec![b' '; bytes].into());
        let object = |key: &str, value: Value| Value::Object([(Name::new(key), value)].into_iter().collect());
        let data = object("changes", object("edges", Value::List(vec![object("node", object("document", line))])));
        PRICES.actual(&document, &operation.node, &Variables::default(), &data, 0)
    };
    assert_eq!([1_000, 20_000].map(line), [20 + 1 + 1, 20 + 1 + 1 + 2]);
    assert_eq!(actual("{ nodes(ids: [1, 2, 3]) { id } }", json!({ "nodes": [null, null, null] })), 15 + 1);
}

#[test]
fn every_list_is_priced_by_its_length() {
    let named = |of: &str, field: &str| &PRICES.fields[of][field].multiplicity;
    assert_eq!(*named("Query", "handlings"), Multiplicity::ForEach("questions".to_owned()));
    assert_eq!(*named("Query", "coverage"), Multiplicity::ForEachPair("districts".to_owned()));
    assert_eq!(*named("AvailableMatterEdge", "routes"), Multiplicity::UpTo("limit".to_owned(), 10));
    assert_eq!(*named("Handling", "elsewhere"), Multiplicity::UpTo("first".to_owned(), 3));
    for (of, fields) in &PRICES.fields {
        for (field, priced) in fields {
            let is_connection = priced.of.ends_with("Connection");
            assert_eq!(is_connection, priced.multiplicity == Multiplicity::Page, "{of}.{field}");
            assert!(
                !of.ends_with("Connection") || field != "edges" || priced.multiplicity == Multiplicity::PerEntry,
                "{of}.{field}"
            );
        }
    }
}
