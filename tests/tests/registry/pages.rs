//! Paging of lists, and lookup of records by id.

use std::collections::BTreeSet;

use scenarios::{TestRegistry, demo, on_every_database};
use serde_json::Value;

on_every_database! {
    paging_forwards_and_backwards_gives_the_whole_list,
    every_id_resolves_to_its_record,
}

/// Every connection for which the demo has entries.
const LISTS: &[&str] = &[
    "districts",
    "districts(within: \"370000\", kind: [FUNCTIONAL_ZONE])",
    "districts(search: \"区\")",
    "matters",
    "matters(search: \"证\")",
    "matters(search: \"证\", orderBy: NAME)",
    "matters(orderBy: NAME)",
    "districts(search: \"区\", kind: [FUNCTIONAL_ZONE], orderBy: CODE)",
    "agreements",
    "agreements(covering: \"440115\")",
    "policies",
    "changes(kinds: [MATTER, WINDOW, AGREEMENT])",
    "findings",
    "offerings(district: \"310112\")",
    "availableMatters(receiving: \"440115\", on: \"2022-03-01\")",
    "availableMatters(receiving: \"440115\", competent: \"310112\", on: \"2022-03-01\")",
    "availableMatters(receiving: \"440115\", on: \"2022-03-01\", orderBy: PROMISED_DAYS)",
    "availableMatters(receiving: \"440115\", competent: \"310112\", on: \"2022-03-01\", orderBy: NAME)",
    "district(code: \"440115\") windows",
    "district(code: \"310112\") offerings",
    "district(code: \"310112\") offerings(orderBy: PROMISED_DAYS)",
    "district(code: \"310112\") offerings(search: \"证\", orderBy: NAME)",
    "district(code: \"440115\") agreements",
    "district(code: \"440115\") partners(on: \"2022-03-01\")",
    "matter(code: \"LGA000000001\") offerings",
];

async fn paging_forwards_and_backwards_gives_the_whole_list(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    for list in LISTS {
        let forwards = walk(&registry, list, Way::Forwards).await;
        let mut backwards = walk(&registry, list, Way::Backwards).await;
        backwards.reverse();
        assert_eq!(forwards, backwards, "{list}");
        assert!(!forwards.is_empty(), "{list} is empty in the demo");
        assert_eq!(forwards.iter().collect::<BTreeSet<_>>().len(), forwards.len(), "{list} has something twice");
        let total = &page(&registry, list, "first: 1").await["totalCount"];
        assert_eq!(*total, Value::from(forwards.len()), "{list}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Forwards,
    Backwards,
}

/// The ids of a list, by pages.
async fn walk(registry: &TestRegistry, list: &str, way: Way) -> Vec<String> {
    // Two page sizes, so that pages begin at different entries; large pages for long lists.
    let long = page(registry, list, "first: 1").await["totalCount"].as_u64().expect("a count") > 400;
    let size = if long { 100 } else { 7 };
    let (count, beside, more, cursor) = match way {
        Way::Forwards => ("first", "after", "hasNextPage", "endCursor"),
        Way::Backwards => ("last", "before", "hasPreviousPage", "startCursor"),
    };
    let mut ids = Vec::new();
    let mut place = String::new();
    loop {
        let page = page(registry, list, &format!("{count}: {size}{place}")).await;
        let edges = page["edges"].as_array().expect("edges");
        let page_ids = edges.iter().map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned());
        match way {
            Way::Forwards => ids.extend(page_ids),
            Way::Backwards => ids.extend(page_ids.rev()),
        }
        if page["pageInfo"][more] == false {
            return ids;
        }
        assert_eq!(edges.len(), size, "only the last page of {list} is short");
        place = format!(", {beside}: {}", page["pageInfo"][cursor]);
    }
}

/// A page of a list; a nested list is named after its record.
async fn page(registry: &TestRegistry, list: &str, place: &str) -> Value {
    const SELECTION: &str =
        "{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } }";
    let placed = |list: &str| match list.strip_suffix(')') {
        Some(list) => format!("{list}, {place})"),
        None => format!("{list}({place})"),
    };
    match list.split_once(") ") {
        Some((record, list)) => {
            let data = registry.ask(&format!("{{ record: {record}) {{ list: {} {SELECTION} }} }}", placed(list))).await;
            data["record"]["list"].clone()
        }
        None => registry.ask(&format!("{{ list: {} {SELECTION} }}", placed(list))).await["list"].clone(),
    }
}

async fn every_id_resolves_to_its_record(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    let data = registry
        .ask(
            r#"{
                districts(first: 2) { edges { node { __typename id } } }
                matters(first: 2) { edges { node { __typename id } } }
                offerings(district: "310112", first: 2) { edges { node { __typename id } } }
                district(code: "440115") { windows(first: 2) { edges { node { __typename id } } } }
                policies(first: 1) { edges { node { __typename id schedule(first: 1) { edges { node { __typename id } } } } } }
                changes(first: 2) { edges { node { __typename id record { __typename id } } } }
                findings(first: 2) { edges { node { __typename id subject { __typename id } } } }
                agreements(first: 2) { edges { node { __typename id
                    latest { __typename id
                        parties(first: 2) { edges { node { __typename id } } }
                        schedule(first: 2) { edges { node { __typename id } } } }
                    history(first: 1) { edges { node { __typename id } } } } } }
            }"#,
        )
        .await;
    let mut nodes = Vec::new();
    gather(&data, &mut nodes);
    let kinds: BTreeSet<_> = nodes.iter().map(|(kind, _)| kind.as_str()).collect();
    let expected = [
        "Agreement",
        "AgreementVersion",
        "Change",
        "Clause",
        "District",
        "Finding",
        "Matter",
        "Offering",
        "Party",
        "Policy",
        "Window",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);

    for (kind, id) in &nodes {
        let again = registry.ask(&format!(r#"{{ node(id: "{id}") {{ __typename id }} }}"#)).await;
        assert_eq!(
            (again["node"]["__typename"].as_str(), again["node"]["id"].as_str()),
            (Some(kind.as_str()), Some(id.as_str()))
        );
    }
    let ids: Vec<_> = nodes.iter().map(|(_, id)| id.as_str()).chain(["mat_fffffff"]).collect();
    let together = registry.ask(&format!("{{ nodes(ids: {}) {{ id }} }}", serde_json::json!(ids))).await;
    let together: Vec<_> =
        together["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].as_str()).collect();
    let expected: Vec<_> = nodes.iter().map(|(_, id)| Some(id.as_str())).chain([None]).collect();
    assert_eq!(together, expected, "nodes come in the order they were asked for; an unknown one is null");
}

/// All objects with a type and an id.
fn gather(value: &Value, nodes: &mut Vec<(String, String)>) {
    if let (Some(kind), Some(id)) = (value["__typename"].as_str(), value["id"].as_str()) {
        nodes.push((kind.to_owned(), id.to_owned()));
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, nodes)),
        Value::Object(fields) => fields.values().for_each(|value| gather(value, nodes)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
