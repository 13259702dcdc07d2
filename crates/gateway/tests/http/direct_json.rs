//! Direct JSON equals the engine's result: each field of each record in a list is requested directly, in fragments, and
//! under a directive in a fragment, which only the engine resolves.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Request, Value as Told, Variables};
use domain::Role;
use graphql::direct_fields::direct_fields;
use graphql::engine::prepared::Prepared;
use graphql::schema::plain_sdl;
use persistence::{Mode, import};
use registry::clock;
use registry::viewer::Viewer;
use serde_json::{Value, json};

use crate::TestServer;

/// The registrar of 440115, who sees drafts, tasks and reasons that others do not see.
const REGISTRAR: &str = "tb_registrar";

/// The objects, interfaces and unions of the schema, by name, with their fields.
pub(crate) fn objects() -> HashMap<String, Vec<FieldDefinition>> {
    let document = parse_schema(plain_sdl()).expect("a schema");
    let object = |definition| {
        let TypeSystemDefinition::Type(definition) = definition else { return None };
        let fields = match definition.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Union(_) => Vec::new(),
            TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
        };
        Some((definition.node.name.node.to_string(), fields.into_iter().map(|field| field.node).collect()))
    };
    document.definitions.into_iter().filter_map(object).collect()
}

/// No argument of it is required.
fn can_be_requested(field: &FieldDefinition) -> bool {
    field.arguments.iter().all(|argument| argument.node.ty.node.nullable)
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

/// A path from an object to a leaf.
pub(crate) struct Way {
    /// As a selection.
    pub(crate) selection: String,
    /// The fields of the path, each with its object.
    fields: Vec<(String, String)>,
}

/// Each path from an object to a leaf without required arguments, through at most so many other objects.
pub(crate) fn ways(objects: &HashMap<String, Vec<FieldDefinition>>, from: &str, most: usize) -> Vec<Way> {
    let mut ways = vec![Way { selection: "__typename".to_owned(), fields: Vec::new() }];
    for field in objects[from].iter().filter(|field| can_be_requested(field)) {
        let (name, ty) = (&field.name.node, named(&field.ty.node));
        let here = (from.to_owned(), name.to_string());
        match objects.contains_key(ty) {
            false => ways.push(Way { selection: name.to_string(), fields: vec![here] }),
            true if most > 0 => ways.extend(self::ways(objects, ty, most - 1).into_iter().map(|mut way| {
                way.fields.push(here.clone());
                Way { selection: format!("{name} {{ {} }}", way.selection), ..way }
            })),
            true => {}
        }
    }
    ways
}

pub(crate) async fn data(server: &TestServer, query: &str) -> Value {
    data_for(server, &[], query).await
}

async fn data_for(server: &TestServer, headers: &[(&str, &str)], query: &str) -> Value {
    let answer = server.ask(headers, query).await.json();
    assert!(answer["errors"].is_null(), "{query}: {answer}");
    answer["data"].clone()
}

/// The data for the registrar.
async fn seen(server: &TestServer, query: &str) -> Value {
    data_for(server, &[("authorization", &format!("Bearer {REGISTRAR}"))], query).await
}

/// The same, resolved by the engine: directives in a fragment are its task.
async fn by_the_engine(server: &TestServer, list: &str, entry: &str, selected: &str) -> Value {
    seen(
        server,
        &format!("{} fragment F on {entry} {{ ... @include(if: true) {{ {selected} }} }}", list.replace('%', "...F")),
    )
    .await
}

#[tokio::test]
async fn direct_json_equals_the_engines_result() {
    let (server, objects) = (TestServer::new().await, objects());
    // Records with values for the fields that are null in all others.
    let more = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/direct_json.ndjson");
    let report = import(&server.store, &[more], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
    assert_eq!(report.faults, []);
    server.key_for(REGISTRAR, Role::Registrar, Some("440115"), None).await;
    let of_object = |(object, fields): (String, &'static [&str])| {
        fields.iter().map(move |field| (object.clone(), (*field).to_owned()))
    };
    let direct: HashSet<_> = direct_fields().into_iter().flat_map(of_object).collect();
    let mut told = HashSet::new();
    let lists = [
        ("{ matters { edges { % } } }", "MatterEdge", 2),
        ("{ matters(search: \"shenfen\") { edges { % } } }", "MatterEdge", 2),
        ("{ matters(search: \"jumin\") { % } }", "MatterConnection", 1),
        ("{ matters(search: \"shenfenzeng\") { % } }", "MatterConnection", 1),
        ("{ districts(search: \"nansha\") { edges { % } } }", "DistrictEdge", 1),
        ("{ districts(first: 3) { % } }", "DistrictConnection", 1),
        ("{ districts(search: \"nansa\") { % } }", "DistrictConnection", 1),
        ("{ districts(first: 20) { edges { % } } }", "DistrictEdge", 2),
        ("{ agreements { edges { % } } }", "AgreementEdge", 2),
        ("{ policies { edges { % } } }", "PolicyEdge", 2),
        ("{ offerings(district: \"310112\") { edges { % } } }", "OfferingEdge", 2),
        ("{ matter(code: \"LGA000000001\") { offerings { edges { % } } } }", "OfferingEdge", 2),
        ("{ district(code: \"440115\") { windows { edges { % } } } }", "WindowEdge", 2),
        ("{ offerings(district: \"310112\", search: \"shenfen\") { edges { % } } }", "OfferingEdge", 1),
        ("{ offerings(district: \"310112\") { % } }", "OfferingConnection", 1),
        ("{ offerings(district: \"310112\", search: \"shenfenzeng\") { % } }", "OfferingConnection", 1),
        ("{ policies { % } }", "PolicyConnection", 1),
        ("{ policies { edges { node { receiving { % } } } } }", "Territory", 1),
        ("{ findings { % } }", "FindingConnection", 3),
        ("{ viewer { tasks { % } } }", "TaskConnection", 3),
        ("{ agreements { % } }", "AgreementConnection", 1),
        ("{ agreements { edges { node { suspensions { % } } } } }", "Suspension", 1),
        ("{ agreements { edges { node { suspensions { scope { % } } } } } }", "StopScope", 1),
        (
            "{ agreements { edges { node { latest { effect(on: \"2026-06-01\") { starting(first: 1) { % } } } } } } }",
            "EffectConnection",
            1,
        ),
        (
            "{ agreements { edges { node { latest { effect(on: \"2026-06-01\") { starting(first: 1) { edges { % } } } } } } } }",
            "EffectEdge",
            2,
        ),
        ("{ agreements { edges { node { notices { % } } } } }", "Notice", 1),
        ("{ agreements { edges { node { documents { % } } } } }", "Document", 1),
        ("{ agreements { edges { node { versions { % } } } } }", "AgreementVersionConnection", 1),
        ("{ agreements { edges { node { version(number: 1) { % } } } } }", "AgreementVersion", 0),
        ("{ agreements { edges { node { versions { edges { node { % } } } } } } }", "AgreementVersion", 1),
        ("{ agreements { edges { node { versions { edges { node { accessions { % } } } } } } } }", "Accession", 1),
        ("{ agreements { edges { node { versions { edges { node { proposal { % } } } } } } } }", "Proposal", 1),
        (
            "{ agreements { edges { node { versions { edges { node { proposal { rejections { % } } } } } } } } }",
            "RejectionConnection",
            3,
        ),
        (
            "{ agreements { edges { node { versions { edges { node { signatures { % } } } } } } } }",
            "SignatureConnection",
            3,
        ),
        (
            "{ agreements { edges { node { versions { edges { node { schedule { edges { % } } } } } } } } }",
            "ClauseEdge",
            2,
        ),
        ("{ agreements { edges { node { latest { parties { edges { % } } } } } } }", "PartyEdge", 2),
        ("{ agreements { edges { node { latest { schedule { edges { % } } } } } } }", "ClauseEdge", 2),
        ("{ agreements { edges { node { versions { edges { % } } } } } }", "AgreementVersionEdge", 1),
        ("{ agreements { edges { node { versions { edges { node { consultation { % } } } } } } } }", "Consultation", 1),
        ("{ agreements { edges { node { versions { edges { node { remarks { % } } } } } } } }", "Remark", 1),
        (
            "{ agreements { edges { node { versions { edges { node { bodyOpinions { % } } } } } } } }",
            "BodyConfirmation",
            1,
        ),
        ("{ agreements { edges { node { versions { edges { node { reminders { % } } } } } } } }", "Reminder", 1),
        ("{ agreements { edges { node { latest { % } } } } }", "AgreementVersion", 1),
        ("{ agreements { edges { node { inForce(on: \"2024-06-01\") { parties { % } } } } } }", "PartyConnection", 3),
        ("{ agreements { edges { node { latest { parties(first: 1) { % } } } } } }", "PartyConnection", 2),
        ("{ agreements { edges { node { latest { schedule(first: 2) { % } } } } } }", "ClauseConnection", 2),
        (
            "{ agreements { edges { node { latest { schedule { edges { node { matters(first: 1) { % } } } } } } } } }",
            "MatterConnection",
            2,
        ),
        (
            "{ agreements { edges { node { latest { schedule { edges { node { matters(first: 0) { % } } } } } } } } }",
            "MatterConnection",
            1,
        ),
        (
            "{ availableMatters(receiving: \"440115\", competent: \"310112\") { edges { % } } }",
            "AvailableMatterEdge",
            2,
        ),
        ("{ availableMatters(competent: \"310112\", search: \"sfz\") { edges { % } } }", "AvailableMatterEdge", 1),
        ("{ availableMatters(receiving: \"440115\") { edges { routes { % } } } }", "HandlingRoute", 2),
        (
            "{ availableMatters(competent: \"310112\", search: \"sfz\") { edges { routes(limit: 1) { % } } } }",
            "HandlingRoute",
            1,
        ),
        (
            "{ availableMatters(receiving: \"440115\") { edges { a: routes(limit: 1) { % } b: routes(limit: 2) { mode } } } }",
            "HandlingRoute",
            0,
        ),
    ];
    let mut filled = Vec::new();
    for (list, entry, most) in lists {
        let ways = ways(&objects, entry, most);
        for Way { selection: way, fields } in &ways {
            let plainly = seen(&server, &list.replace('%', way)).await;
            assert_eq!(plainly, by_the_engine(&server, list, entry, way).await, "{list}: {way}");
            assert_eq!(
                plainly,
                seen(&server, &list.replace('%', &format!("... on {entry} {{ {way} }}"))).await,
                "{list}: {way}"
            );
            assert_eq!(
                plainly,
                seen(&server, &format!("{} fragment F on {entry} {{ {way} }}", list.replace('%', "...F"))).await,
                "{list}: {way}"
            );
            if !says_nothing(&plainly) {
                told.extend(fields.iter().cloned());
            }
            // The effect of a version is computed, and written by the engine, for each version.
            if list.contains("edges { % }")
                && !list.contains("effect(")
                && fields.iter().all(|field| direct.contains(field))
            {
                assert_eq!(parts(&server, &list.replace('%', way)).await, 1, "{list}: {way} is written directly");
            }
        }
        let some = seen(&server, &list.replace('%', "__typename")).await.to_string();
        if some.contains(entry) {
            filled.push(entry);
        }
        // A field twice, and under an alias.
        let [first, second] = [1, ways.len() / 2].map(|at| &ways[at].selection);
        for several in [format!("{first} {second} {first}"), format!("{first} again: {second}")] {
            let whole = seen(&server, &list.replace('%', &several)).await;
            assert_eq!(whole, by_the_engine(&server, list, entry, &several).await, "{list}: {several}");
        }
    }
    let is_requested = |object: &str, name: &str| {
        objects[object].iter().any(|field| field.name.node == name && can_be_requested(field))
    };
    // Only stewards see keys and people; of these objects nothing but the id is written directly.
    let of_stewards = |object: &str| ["ApiKey", "Person", "Grant"].iter().any(|name| object.starts_with(name));
    let untold: Vec<_> = direct
        .iter()
        .filter(|field| is_requested(&field.0, &field.1) && !told.contains(*field) && !of_stewards(&field.0))
        .collect();
    assert!(untold.is_empty(), "no record has a value for {untold:?}");
    for entry in [
        "MatterEdge",
        "DistrictEdge",
        "AgreementEdge",
        "OfferingEdge",
        "WindowEdge",
        "PartyEdge",
        "ClauseEdge",
        "HandlingRoute",
    ] {
        assert!(filled.contains(&entry), "nothing is listed of {entry}");
    }
}

/// How many parts of a response are written directly.
async fn parts(server: &TestServer, query: &str) -> usize {
    parts_with(server, query, json!({})).await
}

async fn parts_with(server: &TestServer, query: &str, variables: Value) -> usize {
    fn count(value: &Told) -> usize {
        match value {
            Told::Binary(_) => 1,
            Told::List(items) => items.iter().map(count).sum(),
            Told::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    let prepared = Arc::new(Prepared::read(query).expect("a document"));
    let request = Request::new("").variables(Variables::from_json(variables));
    let response = server.app.engines.execute(&prepared, request, server.app.request_context(Viewer::default())).await;
    assert_eq!(response.errors, [], "{query}");
    count(&response.data)
}

#[tokio::test]
async fn selections_that_only_read_memory_are_written_directly() {
    let server = TestServer::new().await;
    let list = |selected: &str| format!("{{ matters {{ edges {{ {selected} }} }} }}");
    for told in [
        "node { id name }",
        "... on MatterEdge { node { ... on Matter { id } name } }",
        "...F node { ...G }",
        "again: node { __typename }",
    ] {
        let fragments = if told.contains("...F") {
            " fragment F on MatterEdge { cursor } fragment G on Matter { code domain audience }"
        } else {
            ""
        };
        assert_eq!(parts(&server, &(list(told) + fragments)).await, 1, "{told}");
    }
    let in_a_fragment = list("...F") + " fragment F on MatterEdge { ... @include(if: true) { cursor } }";
    assert_eq!(parts(&server, &in_a_fragment).await, 0);
    // The engine has applied the other directives before.
    let skipped = "{ matters(first: 1) { edges { node { id name @skip(if: true) domain @include(if: true) ... @skip(if: true) { code } } } } }";
    assert_eq!(parts(&server, skipped).await, 1);
    let node = data(&server, skipped).await["matters"]["edges"][0]["node"].take();
    assert_eq!(node.as_object().expect("a matter").keys().collect::<Vec<_>>(), ["domain", "id"]);
    for by_the_engine in
        ["node { ... on Node { id } }", "node { offerings { totalCount } }", "node { id } node { name }"]
    {
        assert_eq!(parts(&server, &list(by_the_engine)).await, 0, "{by_the_engine}");
    }
    assert_eq!(
        parts(
            &server,
            "{ matters { edges { node { id } } } again: matters { edges { cursor } edges { node { name } } } }"
        )
        .await,
        0
    );
    assert_ne!(
        parts(&server, "{ agreements { edges { node { latest { title parties { edges { node { extent } } } } } } } }")
            .await,
        0
    );
}

#[tokio::test]
async fn arguments_of_direct_json_may_be_variables() {
    let server = TestServer::new().await;
    let list = |arguments: &str| {
        format!(
            "{{ agreements {{ edges {{ node {{ latest {{ parties{arguments} {{ edges {{ cursor node {{ extent }} }} }} }} }} }} }} }}"
        )
    };
    let whole = data(&server, &list("")).await;
    let cursor = whole["agreements"]["edges"][0]["node"]["latest"]["parties"]["edges"][0]["cursor"].clone();
    for (declared, arguments, literal, variables) in [
        ("($n: Int)", "(first: $n)", "(first: 1)".to_owned(), json!({ "n": 1 })),
        ("($n: Int = 1)", "(last: $n)", "(last: 1)".to_owned(), json!({})),
        ("($n: Int)", "(first: $n)", "(first: null)".to_owned(), json!({ "n": null })),
        ("($after: String)", "(after: $after)", format!("(after: {cursor})"), json!({ "after": cursor })),
    ] {
        let query = format!("query {declared} {}", list(arguments));
        let answer = server.post(&[], json!({ "query": query, "variables": variables }).to_string()).await.json();
        assert_eq!(answer["data"], data(&server, &list(&literal)).await, "{query} {variables}");
        assert_eq!(parts_with(&server, &query, variables).await, 1, "{query}");
    }
    // Without a value the argument is absent.
    let query = format!("query ($n: Int) {}", list("(first: $n)"));
    assert_eq!(data(&server, &query).await, whole);
}

#[tokio::test]
async fn a_page_that_is_too_long_is_refused_also_by_direct_json() {
    let server = TestServer::new().await;
    for page in [
        "parties(first: 101)",
        "schedule(first: -1)",
        "schedule(last: 200)",
        "parties(first: 1, last: 1)",
        "schedule { edges { node { matters(first: 101)",
    ] {
        let closing = "{ totalCount }".to_owned() + &" }".repeat(page.matches('{').count());
        let answer = server
            .ask(&[], &format!("{{ agreements {{ edges {{ node {{ latest {{ {page} {closing} }} }} }} }} }}"))
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{page}: {}", answer.text);
    }
}

fn says_nothing(told: &Value) -> bool {
    match told {
        Value::Null => true,
        Value::Array(all) => all.iter().all(says_nothing),
        Value::Object(fields) => fields.values().all(says_nothing),
        _ => false,
    }
}
