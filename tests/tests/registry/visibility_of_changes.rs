//! The view of each reader of the change feed, of past states, and of future days.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, terms};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

use super::visibility::{NUMBER, concluded, draft, drafted, propose, sign};

on_every_database! {
    the_feed_has_no_gaps_for_any_reader,
    the_content_of_a_discarded_draft_is_not_readable,
    past_states_are_shown_as_recorded,
    future_dates_reveal_nothing_unpublished,
    filters_of_the_feed_reveal_no_hidden_party,
}

/// Reads the feed page by page and checks that each page continues after the previous one.
async fn followed(caller: &Caller<'_>) -> Vec<u64> {
    let mut since = 0;
    let mut read: Vec<u64> = Vec::new();
    loop {
        let page = caller
            .ask(&format!("{{ changes(since: {since}, first: 3) {{ readThrough totalCount pageInfo {{ hasNextPage }} edges {{ previousRevision node {{ revision }} }} }} }}"))
            .await;
        let changes = &page["changes"];
        for edge in changes["edges"].as_array().expect("a list") {
            assert_eq!(edge["previousRevision"].as_u64(), read.last().copied());
            read.push(edge["node"]["revision"].as_u64().expect("a revision"));
        }
        since = changes["readThrough"].as_u64().expect("a revision");
        if changes["pageInfo"]["hasNextPage"] == false {
            let all = caller.ask("{ changes { totalCount } registry { revision } }").await;
            assert_eq!(all["changes"]["totalCount"], read.len());
            assert_eq!(all["registry"]["revision"], since);
            return read;
        }
    }
}

async fn the_feed_has_no_gaps_for_any_reader(registry: TestRegistry) {
    concluded(&registry).await;
    let all = followed(&registry.steward()).await;
    assert_eq!(all, (1..=registry.revision()).collect::<Vec<_>>());
    let records = all.len() as u64 - 4;
    // Drafted, proposed, signed, signed: the draft is visible to the author, the last signature to everybody.
    let after = |read: Vec<u64>| {
        read.into_iter().filter(|revision| *revision > records).map(|revision| revision - records).collect::<Vec<_>>()
    };
    assert_eq!(after(followed(&registry.anybody()).await), [4]);
    assert_eq!(after(followed(&registry.registrar("320583")).await), [4]);
    assert_eq!(after(followed(&registry.registrar("310112")).await), [2, 3, 4]);
    assert_eq!(after(followed(&registry.registrar("440115")).await), [1, 2, 3, 4]);
}

async fn the_content_of_a_discarded_draft_is_not_readable(registry: TestRegistry) {
    drafted(&registry).await;
    let id = registry.registrar("440115").ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id }} }}"#)).await["agreement"]["id"].clone();
    registry.pass(1);
    registry.registrar("440115").does("discardDraft", &format!(r#"number: "{NUMBER}", version: 1"#), "").await;
    assert_eq!(
        registry.steward().ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id }} }}"#)).await["agreement"],
        Value::Null
    );
    let feed = "{ changes(kinds: [AGREEMENT]) { edges { node { action document record { id } } } } }";
    assert_eq!(registry.ask(feed).await["changes"]["edges"], json!([]));
    let told = registry.registrar("440115").ask(feed).await;
    let last = &told["changes"]["edges"][1]["node"];
    assert_eq!(*last, json!({ "action": "DRAFT_DISCARDED", "document": null, "record": null }));
    let past = format!(
        r#"{{ then: nodeAsRecorded(id: {id}, recordedAt: "2026-10-01T12:00:00Z") {{ id }} now: nodeAsRecorded(id: {id}, recordedAt: "2026-10-03T00:00:00Z") {{ id }} }}"#
    );
    assert_eq!(registry.registrar("440115").ask(&past).await, json!({ "then": { "id": id }, "now": null }));
    assert_eq!(registry.ask(&past).await, json!({ "then": null, "now": null }));
}

async fn past_states_are_shown_as_recorded(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry.pass(2);
    registry.import(r#"{"type":"matter","code":"000109001000","name":"身份证换领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"]}"#).await;
    let matter = registry
        .ask(r#"{ matter(code: "000109001000") { id history { totalCount edges { node { action } } } } }"#)
        .await;
    assert_eq!(matter["matter"]["history"]["totalCount"], 2);
    let id = &matter["matter"]["id"];
    let at = |moment: &str| {
        format!(r#"{{ nodeAsRecorded(id: {id}, recordedAt: "{moment}") {{ ... on Matter {{ name revision }} }} }}"#)
    };
    assert_eq!(registry.ask(&at("2026-09-30T00:00:00Z")).await["nodeAsRecorded"], Value::Null);
    assert_eq!(registry.ask(&at("2026-10-02T00:00:00Z")).await["nodeAsRecorded"]["name"], "居民身份证换领");
    assert_eq!(registry.ask(&at("2026-10-04T00:00:00Z")).await["nodeAsRecorded"]["name"], "身份证换领");
    // For an agreement: the state published at that time.
    registry.registrar("440115").does("draftAgreement", &draft("协议"), "").await;
    let digest = propose(&registry, 1).await;
    sign(&registry, 1, &digest, "440115").await;
    registry.pass(2);
    sign(&registry, 1, &digest, "310112").await;
    let seen = registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id latest {{ id parties {{ edges {{ node {{ id }} }} }} signatures {{ edges {{ node {{ id }} }} }} }} }} }}"#)).await;
    let version = &seen["agreement"]["latest"];
    for id in [
        &seen["agreement"]["id"],
        &version["id"],
        &version["parties"]["edges"][0]["node"]["id"],
        &version["signatures"]["edges"][0]["node"]["id"],
    ] {
        let then = format!(r#"{{ nodeAsRecorded(id: {id}, recordedAt: "2026-10-04T00:00:00Z") {{ id }} }}"#);
        assert_eq!(registry.ask(&then).await["nodeAsRecorded"], Value::Null, "nothing was published then");
        assert_eq!(registry.registrar("310112").ask(&then).await["nodeAsRecorded"]["id"], *id);
    }
}

async fn filters_of_the_feed_reveal_no_hidden_party(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(PEOPLE_AND_MATTERS).await;
    let draft = r#"number: "TB-2021-000001", baseVersion: 1, proposer: "440115", title: "扩围", schedule: [],
        parties: [{ district: "440115" }, { district: "310112" }, { district: "320583" }]"#;
    let before = registry.revision();
    registry.registrar("440115").does("amendAgreement", draft, "").await;
    // Public entries are found by publicly known parties only.
    registry
        .signatory("440115")
        .does("suspendAgreement", r#"number: "TB-2021-000001", party: "440115", reason: "系统升级""#, "")
        .await;
    let asked = |district: &str| {
        format!(r#"{{ changes(since: {before}, kinds: [AGREEMENT], district: "{district}") {{ totalCount }} }}"#)
    };
    for (caller, drafted, suspended) in
        [(registry.anybody(), 0, 1), (registry.registrar("310112"), 0, 1), (registry.registrar("440115"), 1, 2)]
    {
        assert_eq!(caller.ask(&asked("320583")).await["changes"]["totalCount"], drafted, "{:?}", caller.viewer);
        assert_eq!(caller.ask(&asked("310112")).await["changes"]["totalCount"], suspended, "{:?}", caller.viewer);
    }
    registry.verify().await.expect("the chain holds");
}

async fn future_dates_reveal_nothing_unpublished(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    // Two of three have signed: on the day after the deadline it is concluded without a further act.
    let alliance = registry.proposed(&format!("{}, concludes: SIGNATORIES", terms(&[NANSHA, MINHANG, KUNSHAN]))).await;
    for party in [NANSHA, MINHANG] {
        alliance.signatory(party).signs(1).await;
    }
    let number = &alliance.number;
    let id =
        registry.registrar(NANSHA).ask(&format!(r#"{{ agreement(number: "{number}") {{ id }} }}"#)).await["agreement"]
            ["id"]
            .clone();
    let at = |moment: &str| {
        format!(
            r#"{{ nodeAsRecorded(id: {id}, recordedAt: "{moment}") {{ ... on Agreement {{ title latest {{ state }} }} }} }}"#
        )
    };
    for moment in ["2026-10-02T00:00:00Z", "2027-06-01T00:00:00Z", "9999-12-31T00:00:00Z"] {
        assert_eq!(registry.ask(&at(moment)).await["nodeAsRecorded"], Value::Null, "{moment}");
        assert_eq!(
            registry.registrar(NANSHA).ask(&at(moment)).await["nodeAsRecorded"]["latest"]["state"],
            "PROPOSED",
            "{moment}"
        );
    }
    registry.pass(31);
    registry.follow().await;
    assert_eq!(registry.ask(&at("9999-12-31T00:00:00Z")).await["nodeAsRecorded"]["latest"]["state"], "CONCLUDED");
}
