//! Direct JSON equals the engine's result: each field of each record in a list is requested directly, in fragments, and under a directive
//! in a fragment, which only the engine resolves.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Request, Value as Told};
use graphql::engine::prepared::Prepared;
use graphql::engine::run::Engines;
use graphql::schema::plain_sdl;
use persistence::{Mode, import};
use registry::clock;
use registry::viewer::Viewer;
use serde_json::Value;
use tempfile::TempDir;

use crate::TestServer;

/// Records with values for fields that are null in all others.
const MORE: &str = r#"{"type":"district","code":"310119","name":"南汇区","englishName":"Nanhui District","kind":"COUNTY","parent":"310000","validFrom":"2001-08-01","retiredOn":"2009-05-06","successors":["310112"]}
{"type":"matter","code":"LGA000000009","name":"暂住证办理","englishName":"Temporary residence permit","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"],"leadDepartment":"公安部","retiredOn":"2016-01-01","retiredReason":"改为居住证"}
{"type":"offering","district":"310112","matter":"LYB000000001","code":"11440232MB2D06811W4000117051000","statutoryDays":5,"promisedDays":1,"dayKind":"WORKING_DAY","visits":0,"url":"https://example.cn/yb"}
{"type":"policy","key":"example","title":"跨省通办试行办法","documentNumber":"试〔2020〕1号","issuedBy":["示例机关"],"effectiveFrom":"2020-09-24","effectiveTo":"2099-12-31","schedule":[{"key":"one","reach":"ACROSS_PROVINCES","matters":["LYB000000001"],"mode":"FULL_ONLINE"}]}
"#;

/// The objects, interfaces and unions of the schema, by name, with their fields.
fn objects() -> HashMap<String, Vec<FieldDefinition>> {
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

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

/// A selection for each path from an object to a leaf without required arguments, through at most so many other objects.
fn ways(objects: &HashMap<String, Vec<FieldDefinition>>, from: &str, most: usize) -> Vec<String> {
    let mut ways = vec!["__typename".to_owned()];
    for field in objects[from].iter().filter(|field| field.arguments.iter().all(|argument| argument.node.ty.node.nullable)) {
        let (name, ty) = (&field.name.node, named(&field.ty.node));
        match objects.contains_key(ty) {
            false => ways.push(name.to_string()),
            true if most > 0 => ways.extend(self::ways(objects, ty, most - 1).into_iter().map(|way| format!("{name} {{ {way} }}"))),
            true => {}
        }
    }
    ways
}

async fn data(server: &TestServer, query: &str) -> Value {
    let answer = server.ask(&[], query).await.json();
    assert!(answer["errors"].is_null(), "{query}: {answer}");
    answer["data"].clone()
}

/// The same, resolved by the engine: directives in a fragment are its task.
async fn by_the_engine(server: &TestServer, list: &str, entry: &str, selected: &str) -> Value {
    data(server, &format!("{} fragment F on {entry} {{ ... @include(if: true) {{ {selected} }} }}", list.replace('%', "...F"))).await
}

#[tokio::test]
async fn direct_json_equals_the_engines_result() {
    let (server, objects) = (TestServer::new().await, objects());
    // Values for fields that are null in all other records.
    let more = TempDir::new().expect("a folder");
    let file = more.path().join("more.ndjson");
    std::fs::write(&file, MORE).expect("it is written");
    let report = import(&server.store, &[file], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
    assert_eq!(report.faults, []);
    server.app.wait_for_revision(report.revision, Duration::from_secs(10)).await.expect("it arrives");
    let mut told = HashSet::new();
    let lists = [
        ("{ matters { edges { % } } }", "MatterEdge", 2),
        ("{ matters(search: \"shenfen\") { edges { % } } }", "MatterEdge", 1),
        ("{ districts(first: 20) { edges { % } } }", "DistrictEdge", 2),
        ("{ agreements { edges { % } } }", "AgreementEdge", 2),
        ("{ policies { edges { % } } }", "PolicyEdge", 2),
        ("{ offerings(district: \"310112\") { edges { % } } }", "OfferingEdge", 2),
        ("{ matter(code: \"LGA000000001\") { offerings { edges { % } } } }", "OfferingEdge", 2),
        ("{ district(code: \"440115\") { windows { edges { % } } } }", "WindowEdge", 2),
        ("{ agreements { edges { node { latest { parties { edges { % } } } } } } }", "PartyEdge", 2),
        ("{ agreements { edges { node { latest { schedule { edges { % } } } } } } }", "ClauseEdge", 2),
        ("{ agreements { edges { node { versions { edges { % } } } } } }", "AgreementVersionEdge", 1),
        ("{ agreements { edges { node { latest { % } } } } }", "AgreementVersion", 1),
        ("{ agreements { edges { node { inForce(on: \"2024-06-01\") { parties { % } } } } } }", "PartyConnection", 3),
        ("{ agreements { edges { node { latest { parties(first: 1) { % } } } } } }", "PartyConnection", 2),
        ("{ agreements { edges { node { latest { schedule(first: 2) { % } } } } } }", "ClauseConnection", 2),
        ("{ agreements { edges { node { latest { schedule { edges { node { matters(first: 1) { % } } } } } } } } }", "MatterConnection", 2),
        ("{ agreements { edges { node { latest { schedule { edges { node { matters(first: 0) { % } } } } } } } } }", "MatterConnection", 1),
        ("{ availableMatters(receiving: \"440115\", competent: \"310112\") { edges { % } } }", "AvailableMatterEdge", 2),
        ("{ availableMatters(receiving: \"440115\") { edges { routes { % } } } }", "HandlingRoute", 2),
        ("{ availableMatters(competent: \"310112\", search: \"sfz\") { edges { routes(limit: 1) { % } } } }", "HandlingRoute", 1),
        ("{ availableMatters(receiving: \"440115\") { edges { a: routes(limit: 1) { % } b: routes(limit: 2) { mode } } } }", "HandlingRoute", 0),
    ];
    let mut filled = Vec::new();
    for (list, entry, most) in lists {
        let ways = ways(&objects, entry, most);
        for way in &ways {
            let plainly = data(&server, &list.replace('%', way)).await;
            assert_eq!(plainly, by_the_engine(&server, list, entry, way).await, "{list}: {way}");
            assert_eq!(plainly, data(&server, &list.replace('%', &format!("... on {entry} {{ {way} }}"))).await, "{list}: {way}");
            assert_eq!(plainly, data(&server, &format!("{} fragment F on {entry} {{ {way} }}", list.replace('%', "...F"))).await, "{list}: {way}");
            if !says_nothing(&plainly) {
                told.insert(format!("{entry}: {way}"));
            }
        }
        let some = data(&server, &list.replace('%', "__typename")).await.to_string();
        if some.contains(entry) {
            filled.push(entry);
        }
        // A field twice, and under an alias.
        let [first, second] = [1, ways.len() / 2].map(|at| &ways[at]);
        for several in [format!("{first} {second} {first}"), format!("{first} again: {second}")] {
            let whole = data(&server, &list.replace('%', &several)).await;
            assert_eq!(whole, by_the_engine(&server, list, entry, &several).await, "{list}: {several}");
        }
    }
    let records: [(&str, &[&str]); 4] = [
        ("DistrictEdge", &["code", "name", "englishName", "kind", "validFrom", "retiredOn"]),
        ("MatterEdge", &["code", "name", "englishName", "domain", "audience", "leadDepartment", "retiredOn"]),
        ("OfferingEdge", &["code", "statutoryDays", "promisedDays", "dayKind", "visits", "url"]),
        ("PolicyEdge", &["title", "documentNumber", "effectiveFrom", "effectiveTo"]),
    ];
    for (entry, fields) in records {
        for field in ["id", "revision"].iter().chain(fields) {
            assert!(told.contains(&format!("{entry}: node {{ {field} }}")), "no record of {entry} has {field}");
        }
    }
    for entry in ["MatterEdge", "DistrictEdge", "AgreementEdge", "OfferingEdge", "WindowEdge", "PartyEdge", "ClauseEdge", "HandlingRoute"] {
        assert!(filled.contains(&entry), "nothing is listed of {entry}");
    }
}

/// How many parts of a response are written directly.
async fn parts(server: &TestServer, query: &str) -> usize {
    fn count(value: &Told) -> usize {
        match value {
            Told::Binary(_) => 1,
            Told::List(items) => items.iter().map(count).sum(),
            Told::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    let prepared = Arc::new(Prepared::read(query).expect("a document"));
    let response = Engines::default().execute(&prepared, Request::new(""), server.app.request_context(Viewer::default())).await;
    assert_eq!(response.errors, [], "{query}");
    count(&response.data)
}

#[tokio::test]
async fn selections_that_only_read_memory_are_written_directly() {
    let server = TestServer::new().await;
    let list = |selected: &str| format!("{{ matters {{ edges {{ {selected} }} }} }}");
    for told in ["node { id name }", "... on MatterEdge { node { ... on Matter { id } name } }", "...F node { ...G }", "again: node { __typename }"] {
        let fragments = if told.contains("...F") { " fragment F on MatterEdge { cursor } fragment G on Matter { code domain audience }" } else { "" };
        assert_eq!(parts(&server, &(list(told) + fragments)).await, 1, "{told}");
    }
    let in_a_fragment = list("...F") + " fragment F on MatterEdge { ... @include(if: true) { cursor } }";
    assert_eq!(parts(&server, &in_a_fragment).await, 0);
    // The engine has applied the other directives before.
    let skipped = "{ matters(first: 1) { edges { node { id name @skip(if: true) domain @include(if: true) ... @skip(if: true) { code } } } } }";
    assert_eq!(parts(&server, skipped).await, 1);
    let node = data(&server, skipped).await["matters"]["edges"][0]["node"].take();
    assert_eq!(node.as_object().expect("a matter").keys().collect::<Vec<_>>(), ["domain", "id"]);
    for by_the_engine in ["node { ... on Node { id } }", "node { offerings { totalCount } }", "node { id } node { name }"] {
        assert_eq!(parts(&server, &list(by_the_engine)).await, 0, "{by_the_engine}");
    }
    assert_eq!(parts(&server, "{ matters { edges { node { id } } } again: matters { edges { cursor } edges { node { name } } } }").await, 0);
    assert_ne!(parts(&server, "{ agreements { edges { node { latest { title parties { edges { node { extent } } } } } } } }").await, 0);
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
        let answer = server.ask(&[], &format!("{{ agreements {{ edges {{ node {{ latest {{ {page} {closing} }} }} }} }} }}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{page}: {}", answer.text);
    }
}

#[tokio::test]
async fn each_selection_of_routes_has_its_own_limit() {
    let server = TestServer::new().await;
    let both = "{ availableMatters(receiving: \"440115\") { edges { none: routes(limit: 0) { mode } } } }";
    assert_eq!(server.ask(&[], both).await.code(), "BAD_USER_INPUT");
    for limit in ["0", "101", "-1", "2147483648", "\"1\""] {
        let query = format!("{{ availableMatters(receiving: \"440115\") {{ edges {{ routes(limit: {limit}) {{ mode }} }} }} }}");
        assert!(!server.ask(&[], &query).await.json()["errors"].is_null(), "{query}");
    }
    for limit in ["1", "100", "null"] {
        let query = format!("{{ availableMatters(receiving: \"440115\") {{ edges {{ routes(limit: {limit}) {{ mode }} }} }} }}");
        assert!(data(&server, &query).await["availableMatters"]["edges"][0]["routes"][0]["mode"].is_string(), "{query}");
    }
}

/// A list loads only the selected fields of its routes, so each field is requested alone.
#[tokio::test]
async fn a_route_in_a_list_equals_the_route_of_handling() {
    let (server, objects) = (TestServer::new().await, objects());
    let pair = "receiving: \"440115\", competent: \"310112\"";
    for way in ways(&objects, "HandlingRoute", 2) {
        let list = data(&server, &format!("{{ availableMatters({pair}) {{ edges {{ node {{ code }} routes {{ {way} }} }} }} }}")).await;
        let edges = list["availableMatters"]["edges"].as_array().expect("a list");
        assert!(!edges.is_empty());
        for edge in edges {
            let matter = &edge["node"]["code"];
            let one = data(&server, &format!("{{ handling(matter: {matter}, {pair}) {{ routes {{ {way} }} }} }}")).await;
            assert_eq!(edge["routes"], one["handling"]["routes"], "{matter}: {way}");
        }
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
