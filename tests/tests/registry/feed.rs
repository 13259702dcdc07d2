//! Readers of the feed see every change once and in order.

use std::time::Duration;

use scenarios::agreement::{MINHANG, NANSHA, terms};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};
use serde_json::Value;

on_every_database! {
    another_process_sees_the_change,
    a_waiting_reader_is_woken,
    concurrent_writers_are_serialised,
    a_mirror_built_from_the_feed_has_the_same_records,
    a_page_of_the_feed_says_how_many_changes_there_are,
    a_client_with_a_newer_revision_never_gets_an_older_one,
    a_removed_record_is_identified_by_its_id,
    a_process_shows_its_acknowledged_writes,
}

async fn another_process_sees_the_change(registry: TestRegistry) {
    let reader = registry.second_reader().await;
    assert_eq!(reader.revision(), 0);
    registry.import(NANSHA_AND_MINHANG).await;
    reader.follow().await;
    assert_eq!(reader.revision(), registry.revision());
    assert_eq!(reader.handling("000109001000", "440115", "310112", "2021-07-01").await, "AVAILABLE: PROXY_COLLECTION");
    // The second time only new changes are read.
    registry
        .import(r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"validTo":"2021-06-30"}"#)
        .await;
    reader.follow().await;
    assert_eq!(
        reader.handling("000109001000", "440115", "310112", "2021-07-01").await,
        "NOT_OFFERED: OFFERING_WITHDRAWN"
    );
}

async fn a_waiting_reader_is_woken(registry: TestRegistry) {
    let reader = registry.second_reader().await;
    let woken = tokio::time::timeout(Duration::from_secs(30), reader.wait_for_revision(10));
    let (woken, _) = tokio::join!(woken, registry.import(NANSHA_AND_MINHANG));
    woken.expect("it does not wait for ever");
    assert_eq!(reader.revision(), 10);
}

async fn concurrent_writers_are_serialised(registry: TestRegistry) {
    let other = registry.second_reader().await;
    let second = r#"{"type":"district","code":"320000","name":"江苏省","kind":"PROVINCE"}"#;
    let files = [other.file("second.ndjson", second)];
    tokio::join!(registry.import(NANSHA_AND_MINHANG), other.import_files(&files));
    registry.follow().await;
    other.follow().await;
    assert_eq!((registry.revision(), other.revision()), (11, 11));
    registry.verify().await.expect("one chain");
}

async fn a_mirror_built_from_the_feed_has_the_same_records(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(r#"{"type":"district","code":"440000","name":"广东","kind":"PROVINCE"}"#).await;
    let mut since = 0;
    let mut lines = Vec::new();
    loop {
        let page = registry
            .ask(&format!(
                "{{ changes(since: {since}, first: 4) {{ readThrough pageInfo {{ hasNextPage }} edges {{ previousRevision node {{ revision document }} }} }} }}"
            ))
            .await["changes"]
            .clone();
        for edge in page["edges"].as_array().expect("edges") {
            let revision = edge["node"]["revision"].as_u64().expect("a revision");
            assert_eq!(revision, since + 1, "no gap, no double");
            assert_eq!(edge["previousRevision"].as_u64().unwrap_or(0), since);
            since = revision;
            lines.push(edge["node"]["document"].clone());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["readThrough"].as_u64(), Some(since));
            break;
        }
    }
    assert_eq!(since, registry.revision());
    let mirror = registry.another().await;
    for line in lines {
        mirror.import(&Value::to_string(&line)).await;
    }
    assert_eq!(mirror.export().await, registry.export().await);
}

async fn a_page_of_the_feed_says_how_many_changes_there_are(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(r#"{"type":"district","code":"440000","name":"广东","kind":"PROVINCE"}"#).await;
    let mut counts = Vec::new();
    for arguments in [
        "first: 1",
        "since: 10",
        "kinds: [DISTRICT]",
        r#"district: "440115""#,
        r#"kinds: [WINDOW], district: "440115""#,
        "kinds: [API_KEY]",
    ] {
        let total =
            registry.ask(&format!("{{ changes({arguments}) {{ totalCount }} }}")).await["changes"]["totalCount"]
                .clone();
        counts.push(total.as_u64().expect("a number"));
    }
    // Filtered by district 440115: the district, its window, its agreement.
    assert_eq!(counts, [11, 1, 6, 3, 1, 0]);
}

async fn a_client_with_a_newer_revision_never_gets_an_older_one(registry: TestRegistry) {
    let behind = registry.second_reader().await;
    registry.import(NANSHA_AND_MINHANG).await;
    let page = "{ changes(since: 10) { readThrough edges { node { revision } } } }";
    for gateway in [&registry, &behind] {
        assert_eq!(gateway.ask(page).await["changes"], serde_json::json!({ "readThrough": 10, "edges": [] }));
    }
}

async fn a_removed_record_is_identified_by_its_id(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let draft = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let id = draft.ask("id").await["id"].clone();
    draft.registrar(NANSHA).does("discardDraft", "version: 1").await;
    let told = registry
        .steward()
        .ask("{ changes(last: 2) { edges { node { action recordId record { id } document } } } }")
        .await;
    let told = told["changes"]["edges"].as_array().expect("a list").iter().map(|edge| &edge["node"]);
    let told: Vec<_> = told
        .map(|change| {
            (change["action"].as_str().unwrap_or_default(), &change["recordId"], change["document"].is_null())
        })
        .collect();
    assert_eq!(told, [("DRAFTED", &id, false), ("DRAFT_DISCARDED", &id, true)]);
}

async fn a_process_shows_its_acknowledged_writes(registry: TestRegistry) {
    let other = registry.second_reader().await;
    registry.import(NANSHA_AND_MINHANG).await;
    // An unreadable entry: the other process can still write, but cannot follow.
    let forger = registry.forger().await;
    let cells = forger.cells().await;
    let kind = cells.iter().rfind(|cell| cell.table == "journal" && cell.column == "kind").expect("there are entries");
    assert!(forger.change(kind).await);
    let naming = r#"code: "000109001000", name: "换领", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "1""#;
    assert_eq!(other.steward().forbidden("reviseMatter", naming).await, "UNAVAILABLE");
    forger.restore(kind).await;
    let done = other.steward().does("reviseMatter", naming, "matter { name }").await;
    assert_eq!(
        (&done["revision"], &done["matter"]["name"]),
        (&11.into(), &"换领".into()),
        "it was done once, and is told now"
    );
}
