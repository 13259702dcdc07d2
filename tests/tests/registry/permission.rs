//! Permissions: every query and mutation by every role, for its own districts, other districts, and districts above and
//! below. The expected results are a table of their own, written from the rules and not from the code.

mod mutations;

use std::collections::BTreeSet;

use domain::{Extent, Role};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

use mutations::{ANYBODY, MUTATIONS};

on_every_database! {
    every_query_shows_each_role_what_it_may_see,
    every_mutation_is_refused_to_roles_without_permission,
    permission_is_checked_before_any_lookup,
    hidden_records_look_like_missing_ones,
    a_key_revoked_at_another_gateway_cannot_write,
}

const P: Role = Role::Partner;
const R: Role = Role::Registrar;
const S: Role = Role::Signatory;
const T: Role = Role::Steward;

/// A mutation, the permitted roles, and an input that changes nothing. `{D}` is the district for which it is done,
/// `{N}` the number of an agreement. Stewards may do it for all districts, others for their own.
type Row = (&'static str, &'static [Role], &'static str);

/// A digest without content.
const DIGEST: &str = "sha-256:0000000000000000000000000000000000000000000000000000000000000000";

/// A key: roles, district, whether it includes districts below, and whether it may act for 南沙.
type Key = (&'static [Role], Option<&'static str>, Extent, bool);

const ROLES: &[&[Role]] = &[&[], &[P], &[R], &[S], &[T], &[R, S], &[S, T]];

const PLACES: &[(Option<&str>, Extent, bool)] = &[
    (None, Extent::Itself, false),
    (Some("440115"), Extent::Itself, true),
    (Some("440115"), Extent::Subtree, true),
    (Some("440100"), Extent::Itself, false),
    (Some("440100"), Extent::Subtree, true),
    (Some("440000"), Extent::Subtree, true),
    (Some("310112"), Extent::Itself, false),
    (Some("310000"), Extent::Subtree, false),
    (Some("999999"), Extent::Subtree, false),
];

fn keys() -> impl Iterator<Item = Key> {
    ROLES.iter().flat_map(|roles| PLACES.iter().map(move |(district, extent, own)| (*roles, *district, *extent, *own)))
}

fn caller<'a>(registry: &'a TestRegistry, (roles, district, extent, _): Key) -> Caller<'a> {
    registry.caller(roles, district, extent)
}

/// May the key do it for 南沙?
fn is_allowed((roles, _, _, own): Key, (_, may, input): Row) -> bool {
    let names_a_district = input.contains("{D}");
    may == ANYBODY || roles.iter().any(|role| may.contains(role) && (*role == T || own || !names_a_district))
}

fn mutation((name, _, input): Row, district: &str, number: &str) -> String {
    let input = input.replace("{D}", district).replace("{N}", number).replace("{DIGEST}", DIGEST);
    format!("mutation {{ {name}(input: {{ {input} }}) {{ revision problems {{ code path rule message remedy }} }} }}")
}

/// Numbers of a public agreement and of a missing one.
const KNOWN: &str = "TB-2021-000001";
const UNKNOWN: &str = "TB-2099-000009";

async fn names(registry: &TestRegistry, root: &str) -> BTreeSet<String> {
    let schema = registry.ask(&format!("{{ __schema {{ {root} {{ fields {{ name }} }} }} }}")).await;
    let fields = schema["__schema"][root]["fields"].as_array().expect("a list").clone();
    fields.iter().map(|field| field["name"].as_str().expect("a name").to_owned()).collect()
}

async fn every_mutation_is_refused_to_roles_without_permission(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(PEOPLE_AND_MATTERS).await;
    let listed: BTreeSet<String> = MUTATIONS.iter().map(|(name, _, _)| (*name).to_owned()).collect();
    assert_eq!(names(&registry, "mutationType").await, listed, "a mutation without a row, or a row without one");

    let before = registry.store().health().await.expect("it is there").revision;
    let (mut allowed, mut forbidden) = (0, 0);
    for row in MUTATIONS {
        let anybody = registry.anybody().answer(&mutation(*row, "440115", UNKNOWN)).await;
        if row.1 != ANYBODY {
            assert_forbidden(&anybody, row.0);
        }
        for key in keys() {
            let answer = caller(&registry, key).answer(&mutation(*row, "440115", UNKNOWN)).await;
            if is_allowed(key, *row) {
                assert!(answer["errors"].is_null(), "{key:?} {}: {answer:#}", row.0);
                assert_ne!(answer["data"][row.0]["problems"], json!([]), "{}: the input changes nothing", row.0);
                allowed += 1;
            } else {
                assert_forbidden(&answer, &format!("{key:?} {}", row.0));
                forbidden += 1;
            }
        }
    }
    assert!(allowed > 300 && forbidden > 1_000, "{allowed} allowed, {forbidden} forbidden");
    assert_eq!(registry.store().health().await.expect("it is there").revision, before, "nothing was written");
}

fn assert_forbidden(answer: &Value, whose: &str) {
    let data = answer["data"].as_object().map_or_else(Vec::new, |data| data.values().collect());
    assert_eq!(data, [&Value::Null], "{whose}");
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let codes: Vec<&Value> = errors.iter().map(|error| &error["extensions"]["code"]).collect();
    assert_eq!(codes, ["FORBIDDEN"], "{whose}: {answer:#}");
}

async fn permission_is_checked_before_any_lookup(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(PEOPLE_AND_MATTERS).await;
    for row in MUTATIONS {
        for key in keys().filter(|key| !is_allowed(*key, *row)).step_by(3) {
            let errors = async |district: &str, number: &str| {
                let mut answer = caller(&registry, key).answer(&mutation(*row, district, number)).await;
                let said = answer["errors"].take().to_string();
                said.replacen(&format!("（区域 {district}）"), "（区域 {D}）", 1).replace(number, "{N}")
            };
            let first = errors("440115", KNOWN).await;
            assert_eq!(first, errors("440115", UNKNOWN).await, "{key:?} {}", row.0);
            if row.2.contains("{D}") {
                // A key of 999999, a district that does not exist: it may not even act for that.
                assert_eq!(first, errors("999999", UNKNOWN).await, "{key:?} {}", row.0);
            }
        }
    }
}

const DRAFT: &str = r#"proposer: "440115", title: "南沙—闵行跨域通办合作协议",
    parties: [{ district: "440115" }, { district: "310112" }], schedule: []"#;

/// Number and id of a draft of 南沙, visible to 南沙 only.
async fn draft(registry: &TestRegistry) -> (String, String) {
    let drafted = registry.registrar("440115").does("draftAgreement", DRAFT, "agreement { number id }").await;
    let text = |field: &str| drafted["agreement"][field].as_str().expect("a text").to_owned();
    (text("number"), text("id"))
}

async fn hidden_records_look_like_missing_ones(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(PEOPLE_AND_MATTERS).await;
    let (number, id) = draft(&registry).await;
    let before = registry.store().health().await.expect("it is there").revision;
    // A district named in the draft, and another one: for both it does not exist.
    for district in ["310112", "320583"] {
        let caller = registry.caller(&[R, S], Some(district), Extent::Subtree);
        let rows = MUTATIONS.iter().filter(|(_, may, input)| input.contains("{N}") && *may != [T]);
        for row in rows {
            // Their input is valid except for the version of the draft, which is not theirs.
            let row = (
                row.0,
                row.1,
                &*row.2.replace("version: 7", "version: 1").replace("baseVersion: 7", "baseVersion: 1").leak(),
            );
            let told = async |number: &str| {
                let answer = caller.answer(&mutation(row, district, number)).await;
                assert!(answer["errors"].is_null(), "{}: {answer:#}", row.0);
                answer["data"].to_string().replace(number, "{N}")
            };
            let hidden = told(&number).await;
            assert_eq!(hidden, told(UNKNOWN).await, "{}", row.0);
        }
        let asked = |number: &str, id: &str| {
            format!(
                r#"{{ agreement(number: "{number}") {{ id }} node(id: "{id}") {{ id }} nodes(ids: ["{id}"]) {{ id }} agreements {{ totalCount }} }}"#
            )
        };
        assert_eq!(caller.ask(&asked(&number, &id)).await, caller.ask(&asked(UNKNOWN, "agr_fffff")).await);
    }
    assert_eq!(registry.store().health().await.expect("it is there").revision, before, "nothing was written");
}

async fn a_key_revoked_at_another_gateway_cannot_write(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let key = r#"name: "南沙区经办", roles: [REGISTRAR], district: "440115""#;
    let key = registry.steward().does("issueApiKey", key, "id secret").await;
    let id = key["id"].as_str().expect("an id");
    assert!(key["secret"].as_str().is_some_and(|secret| secret.starts_with("tb_")));
    let elsewhere = registry.second_reader().await;
    let mut clerk = elsewhere.registrar("440115");
    clerk.viewer.client = Some(id.to_owned());
    clerk.does("draftAgreement", DRAFT, "").await;
    registry.steward().does("revokeApiKey", &format!(r#"id: "{id}""#), "").await;
    // The other process has not caught up yet.
    assert_eq!(clerk.forbidden("draftAgreement", DRAFT).await, "UNAUTHENTICATED");
    let again = registry.steward().act("revokeApiKey", &format!(r#"id: "{id}""#), "id").await;
    assert_eq!(again["problems"], json!([]), "it was revoked already");
}

/// Answers that are the same for all.
const PUBLISHED: &[(&str, &str)] = &[
    ("registry", "registry { revision head }"),
    ("district", r#"district(code: "440115") { name agreements { edges { node { number } } } }"#),
    ("districts", "districts { edges { node { code } } }"),
    ("matter", r#"matter(code: "000109001000") { name }"#),
    ("matters", "matters { edges { node { code } } }"),
    ("suggest", r#"suggest(text: "身份") { found { text parts { text hit } } matter { code } district { code } }"#),
    ("offering", r#"offering(district: "310112", sourceCode: "x") { id }"#),
    ("offerings", r#"offerings(district: "310112") { edges { node { id } } }"#),
    (
        "availableMatters",
        r#"availableMatters(receiving: "440115") { totalCount edges { node { code } } facets { modes { mode count } } }"#,
    ),
    (
        "handling",
        r#"handling(matter: "000109001000", receiving: "440115", competent: "310112") { answer routes { basis { id } } reasons { code } }"#,
    ),
    (
        "handlings",
        r#"handlings(questions: [{ matter: "000109001000", receiving: "310112", competent: "440115" }]) { answer reasons { code } }"#,
    ),
    ("vocabularies", "vocabularies { name values { value label } }"),
    ("policies", "policies { edges { node { id } } }"),
    ("coverage", r#"coverage(districts: ["440115", "310112"]) { total }"#),
];

/// Answers that depend on the caller: drafts for those who may see them, keys for stewards.
const SEEN: &[&str] = &[
    "feedback",
    "viewer",
    "people",
    "apiKeys",
    "node",
    "nodes",
    "nodeAsRecorded",
    "agreement",
    "agreements",
    "changes",
    "findings",
];

async fn every_query_shows_each_role_what_it_may_see(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(PEOPLE_AND_MATTERS).await;
    let issued = registry.steward().does("issueApiKey", r#"name: "伙伴系统", roles: [PARTNER]"#, "id").await;
    let key_id = issued["id"].as_str().expect("an id").to_owned();
    let listed: BTreeSet<String> =
        PUBLISHED.iter().map(|(name, _)| *name).chain(SEEN.iter().copied()).map(str::to_owned).collect();
    assert_eq!(
        names(&registry, "queryType").await,
        listed,
        "a question that is not asked here, or one that there is not"
    );

    let published = PUBLISHED.iter().map(|(_, question)| *question).collect::<Vec<_>>().join(" ");
    let published = format!("{{ {published} }}");
    let without_draft = |answer: &Value| {
        let mut answer = answer.clone();
        answer["registry"] = Value::Null;
        answer
    };
    let before = without_draft(&registry.ask(&published).await);
    let (number, id) = draft(&registry).await;
    let seen = format!(
        r#"{{ agreement(number: "{number}") {{ number }} node(id: "{id}") {{ id }} nodes(ids: ["{id}", "{key_id}"]) {{ id }}
            key: node(id: "{key_id}") {{ ... on ApiKey {{ name roles prefix }} }}
            agreements {{ totalCount edges {{ node {{ number }} }} }} changes(first: 100) {{ totalCount edges {{ node {{ kind document }} }} }}
            findings {{ edges {{ node {{ subject {{ id }} }} }} }} viewer {{ roles }} }}"#
    );
    let public = registry.ask(&seen).await;
    let count = |answer: &Value, list: &str| answer[list]["totalCount"].as_i64().expect("a count");
    for key in std::iter::once(None).chain(keys().map(Some)) {
        let caller = key.map_or_else(|| registry.anybody(), |key| caller(&registry, key));
        let whose = format!("{key:?}");
        let (roles, own) = key.map_or((&[][..], false), |(roles, _, _, own)| (roles, own));
        // A data key reads no drafts, not even those of its own district.
        let sees_the_draft = roles.contains(&T) || own && roles.iter().any(|role| *role != P);
        let sees_keys = roles.contains(&T);

        let mut told = without_draft(&caller.ask(&published).await);
        if sees_the_draft {
            // The lists of a district include agreements that only it can see.
            told["district"] = before["district"].clone();
        }
        assert_eq!(told, before, "{whose}");

        let told = caller.ask(&seen).await;
        assert_eq!(told["agreement"]["number"] == number.as_str(), sees_the_draft, "{whose}");
        assert_eq!(told["node"]["id"] == id.as_str(), sees_the_draft, "{whose}");
        assert_eq!(told["nodes"][0]["id"] == id.as_str(), sees_the_draft, "{whose}");
        assert_eq!(told["nodes"][1]["id"] == key_id.as_str(), sees_keys, "{whose}");
        assert_eq!(told["key"]["prefix"].is_string(), sees_keys, "{whose}");
        assert_eq!(count(&told, "agreements") - count(&public, "agreements"), i64::from(sees_the_draft), "{whose}");
        assert_eq!(
            count(&told, "changes") - count(&public, "changes"),
            i64::from(sees_the_draft) + i64::from(sees_keys),
            "{whose}"
        );
        if !sees_the_draft {
            assert!(!told.to_string().contains(&number), "{whose}: the number of the draft stands somewhere");
        }
        if !sees_keys {
            assert!(!told.to_string().contains("伙伴系统"), "{whose}: the name of a key stands somewhere");
        }
        let words: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        assert_eq!(told["viewer"]["roles"], json!(words), "{whose}");
    }
}
