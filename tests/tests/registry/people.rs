//! People and their grants: who may grant what to whom, for how long, and who sees it. Keys that are rotated.

use domain::{Extent, Role};
use registry::people;
use scenarios::agreement::{MINHANG, NANSHA, RENEWING};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_grant_holds_for_its_days_and_until_it_is_revoked,
    a_registrar_grants_below_its_own_district_only,
    a_signatory_delegates_signing_for_ninety_days_at_most,
    people_are_seen_by_stewards_and_by_their_own_districts,
    a_rotated_key_and_its_successor_overlap,
    a_grant_for_some_domains_maintains_no_others,
    a_grant_revoked_at_another_gateway_writes_nothing,
    capacities_for_other_domains_have_names_of_their_own,
}

const ISSUER: &str = "https://id.example.cn/realms/gov";

fn grant(subject: &str, role: &str, district: &str, more: &str) -> String {
    format!(
        r#"issuer: "{ISSUER}", subject: "{subject}", displayName: "王芳", role: {role}, district: "{district}", from: "2026-10-01" {more}"#
    )
}

const SHOWN: &str = "person { id displayName grants { id role district { code } until } }";

async fn a_grant_holds_for_its_days_and_until_it_is_revoked(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let granted = steward.does("grantRole", &grant("7", "REGISTRAR", NANSHA, r#", until: "2026-10-10""#), SHOWN).await;
    let id = granted["person"]["grants"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(granted["person"]["displayName"], "王芳");
    // The same person again: one person with two grants.
    let again = steward.does("grantRole", &grant("7", "SIGNATORY", MINHANG, ""), SHOWN).await;
    assert_eq!(again["person"]["id"], granted["person"]["id"]);
    assert_eq!(again["person"]["grants"].as_array().map(Vec::len), Some(2));

    let person = domain::person::Person { issuer: ISSUER.to_owned(), subject: "7".to_owned() };
    let roles = async || {
        let (_, grants) = people::grants(registry.store(), &person).await.expect("they are read");
        let capacities = people::capacities(&grants, None, registry.today());
        capacities.iter().map(|capacity| format!("{} {:?}", capacity.name(), capacity.roles)).collect::<Vec<_>>()
    };
    assert_eq!(roles().await, ["440115 [Registrar]", "310112 [Signatory]"]);
    registry.pass(10);
    assert_eq!(roles().await, ["310112 [Signatory]"]);
    let second = again["person"]["grants"][1]["id"].as_str().expect("an id");
    steward.does("revokeGrant", &format!(r#"id: "{second}", reason: "调岗""#), "").await;
    assert!(roles().await.is_empty());
    // A repeated revocation changes nothing.
    let repeated = steward.act("revokeGrant", &format!(r#"id: "{second}", reason: "调岗""#), "revision").await;
    assert_eq!(repeated["problems"], json!([]));

    for (input, expected) in [
        (grant("8", "REGISTRAR", "999998", ""), "NOT_FOUND district UNKNOWN_DISTRICT"),
        (grant("8", "REGISTRAR", NANSHA, r#", until: "2026-09-01""#), "INVALID until ENDS_BEFORE_IT_BEGINS"),
        (
            r#"issuer: "x", subject: " ", displayName: " ", role: SIGNATORY, from: "2026-10-01""#.to_owned(),
            "INVALID displayName REQUIRED, INVALID district REQUIRED, INVALID issuer URL, INVALID subject REQUIRED",
        ),
    ] {
        assert_eq!(steward.refused("grantRole", &input).await.join(", "), expected, "{input}");
    }
    assert_eq!(
        steward.refused("revokeGrant", r#"id: "gra_fffff", reason: "无""#).await.join(", "),
        "NOT_FOUND id NOT_FOUND"
    );
    assert!(id.starts_with("gra_"));
    registry.verify().await.expect("tables and journal agree");
}

async fn a_registrar_grants_below_its_own_district_only(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let city = registry.caller(&[Role::Registrar], Some("440100"), Extent::Subtree);
    let granted = city.does("grantRole", &grant("7", "REGISTRAR", NANSHA, ""), SHOWN).await;
    let id = granted["person"]["grants"][0]["id"].as_str().expect("an id").to_owned();
    for (role, district) in
        [("SIGNATORY", NANSHA), ("STEWARD", NANSHA), ("REGISTRAR", "440100"), ("REGISTRAR", MINHANG)]
    {
        assert_eq!(
            city.forbidden("grantRole", &grant("8", role, district, "")).await,
            "FORBIDDEN",
            "{role} {district}"
        );
    }
    let itself = registry.caller(&[Role::Registrar], Some("440100"), Extent::Itself);
    assert_eq!(itself.forbidden("grantRole", &grant("8", "REGISTRAR", NANSHA, "")).await, "FORBIDDEN");
    // Another district's registrar does not know the grant; the city's may revoke it.
    let revoke = format!(r#"id: "{id}", reason: "调岗""#);
    assert_eq!(registry.registrar(MINHANG).refused("revokeGrant", &revoke).await.join(", "), "NOT_FOUND id NOT_FOUND");
    city.does("revokeGrant", &revoke, "").await;
}

async fn a_signatory_delegates_signing_for_ninety_days_at_most(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let own = steward.does("grantRole", &grant("head", "SIGNATORY", NANSHA, ""), SHOWN).await;
    let other = steward.does("grantRole", &grant("deputy", "REGISTRAR", NANSHA, ""), SHOWN).await;
    let id = |granted: &Value| granted["person"]["id"].as_str().expect("an id").to_owned();
    let mut head = registry.signatory(NANSHA);
    head.viewer.person = id(&own).parse().ok();
    let input =
        |to: &str, until: &str| format!(r#"district: "{NANSHA}", to: "{to}", until: "{until}", reason: "出差""#);
    assert_eq!(
        head.refused("delegateSigning", &input(&id(&other), "2026-12-31")).await.join(", "),
        "INVALID until TOO_LONG"
    );
    assert_eq!(head.refused("delegateSigning", &input(&id(&own), "2026-12-01")).await.join(", "), "REFUSED to SELF");
    let key = registry.signatory(NANSHA);
    assert_eq!(
        key.refused("delegateSigning", &input(&id(&other), "2026-12-01")).await.join(", "),
        "REFUSED district NOT_A_SIGNATORY"
    );
    let delegated = head
        .does(
            "delegateSigning",
            &input(&id(&other), "2026-12-30"),
            "person { grants { id role until delegatedBy { displayName } } }",
        )
        .await;
    let given = &delegated["person"]["grants"][1];
    assert_eq!((&given["role"], &given["until"]), (&json!("SIGNATORY"), &json!("2026-12-30")));
    // A delegate does not delegate on.
    let mut deputy = registry.signatory(NANSHA);
    deputy.viewer.person = id(&other).parse().ok();
    let refused = deputy.refused("delegateSigning", &input(&id(&own), "2026-12-01")).await.join(", ");
    assert_eq!(refused, "REFUSED district NOT_A_SIGNATORY");
    let grant = given["id"].as_str().expect("an id");
    head.does("revokeGrant", &format!(r#"id: "{grant}", reason: "已返回""#), "").await;
}

async fn people_are_seen_by_stewards_and_by_their_own_districts(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let granted = steward.does("grantRole", &grant("7", "REGISTRAR", NANSHA, ""), "person { id grants { id } }").await;
    let person = granted["person"]["id"].as_str().expect("an id").to_owned();
    let question = format!(r#"{{ people {{ totalCount }} node(id: "{person}") {{ id }} }}"#);
    for (caller, count) in [
        (registry.steward(), 1),
        (registry.registrar(NANSHA), 1),
        (registry.registrar(MINHANG), 0),
        (registry.caller(&[Role::Partner], Some(NANSHA), Extent::Itself), 0),
        (registry.anybody(), 0),
    ] {
        let seen = caller.ask(&question).await;
        assert_eq!(seen["people"]["totalCount"], count);
        assert_eq!(seen["node"].is_null(), count == 0);
    }
    assert_eq!(
        steward.ask(&format!(r#"{{ people(district: "{MINHANG}") {{ totalCount }} }}"#)).await["people"]["totalCount"],
        0
    );
    // Neither the feed of others nor an export tells of people.
    let changes = "{ changes(first: 100) { edges { node { kind record { id } } } } }";
    let has_people = |seen: &Value| seen.to_string().contains("GRANT");
    assert!(has_people(&steward.ask(changes).await));
    assert!(!has_people(&registry.registrar(NANSHA).ask(changes).await) && !has_people(&registry.ask(changes).await));
}

async fn a_rotated_key_and_its_successor_overlap(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let key =
        steward.does("issueApiKey", &format!(r#"name: "南沙", roles: [REGISTRAR], district: "{NANSHA}""#), "id").await;
    let id = key["id"].as_str().expect("an id");
    let next = steward
        .does(
            "rotateApiKey",
            &format!(r#"id: "{id}", overlapHours: 48"#),
            "id secret apiKey { name roles lastUsedAt expiresAt }",
        )
        .await;
    assert_ne!(next["id"].as_str(), Some(id));
    assert!(next["secret"].as_str().is_some_and(|secret| secret.starts_with("tb_")));
    assert_eq!(
        next["apiKey"],
        json!({ "name": "南沙", "roles": ["REGISTRAR"], "lastUsedAt": null, "expiresAt": null })
    );
    let keys = steward.ask("{ apiKeys { totalCount edges { node { id expiresAt } } } }").await["apiKeys"].clone();
    assert_eq!(keys["totalCount"], 2);
    assert!(keys["edges"][0]["node"]["expiresAt"].is_string(), "the old key ends");
    registry.pass(3);
    assert_eq!(steward.refused("rotateApiKey", &format!(r#"id: "{id}""#)).await.join(", "), "REFUSED id KEY_ENDED");
    assert_eq!(registry.registrar(NANSHA).ask("{ apiKeys { totalCount } }").await["apiKeys"]["totalCount"], 0);
    registry.verify().await.expect("tables and journal agree");
}

async fn a_grant_for_some_domains_maintains_no_others(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let mut clerk = registry.registrar(NANSHA);
    clerk.viewer.domains = vec![domain::MatterDomain::Health];
    let offering = format!(r#"district: "{NANSHA}", matter: "{RENEWING}", visits: 1, promisedDays: 5"#);
    assert_eq!(clerk.refused("publishOffering", &offering).await.join(", "), "REFUSED matter OTHER_DOMAIN");
    let draft = format!(
        r#"proposer: "{NANSHA}", title: "协议", parties: [{{ district: "{NANSHA}" }}, {{ district: "{MINHANG}" }}],
           schedule: [{{ matters: ["{RENEWING}"], mode: PROXY_COLLECTION }}]"#
    );
    assert_eq!(clerk.refused("draftAgreement", &draft).await.join(", "), "REFUSED schedule.0.matters OTHER_DOMAIN");
    clerk.viewer.domains.push(domain::MatterDomain::PublicSecurity);
    clerk.does("publishOffering", &offering, "").await;
    clerk.does("draftAgreement", &draft, "").await;
}

async fn a_grant_revoked_at_another_gateway_writes_nothing(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let granted = registry.steward().does("grantRole", &grant("7", "REGISTRAR", NANSHA, ""), SHOWN).await;
    let id = granted["person"]["grants"][0]["id"].as_str().expect("an id");
    let elsewhere = registry.second_reader().await;
    let mut clerk = elsewhere.registrar(NANSHA);
    clerk.viewer.grants = vec![id.parse().expect("an id")];
    let draft = format!(
        r#"proposer: "{NANSHA}", title: "协议", parties: [{{ district: "{NANSHA}" }}, {{ district: "{MINHANG}" }}], schedule: []"#
    );
    clerk.does("draftAgreement", &draft, "").await;
    registry.steward().does("revokeGrant", &format!(r#"id: "{id}", reason: "调岗""#), "").await;
    // The other process has not caught up yet.
    assert_eq!(clerk.forbidden("draftAgreement", &draft).await, "UNAUTHENTICATED");
}

async fn capacities_for_other_domains_have_names_of_their_own(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    for domain in ["HEALTH", "PUBLIC_SECURITY"] {
        let of_domain = grant("7", "REGISTRAR", NANSHA, &format!(", domains: [{domain}]"));
        registry.steward().does("grantRole", &of_domain, "").await;
    }
    let person = domain::person::Person { issuer: ISSUER.to_owned(), subject: "7".to_owned() };
    let (id, grants) = people::grants(registry.store(), &person).await.expect("they are read");
    let capacities = people::capacities(&grants, None, registry.today());
    let names: Vec<_> = capacities.iter().map(people::Capacity::name).collect();
    assert_eq!(names, ["440115:HEALTH", "440115:PUBLIC_SECURITY"]);
    let chosen = people::viewer(&person, (id, None), &capacities, Some("440115:PUBLIC_SECURITY"));
    assert_eq!(chosen.domains, [domain::MatterDomain::PublicSecurity]);
}
