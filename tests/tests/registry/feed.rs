//! Whoever follows the journal sees every change, once, in order.

use std::time::Duration;

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};
use serde_json::Value;

on_every_database! {
    a_second_reader_sees_the_change,
    a_reader_that_waits_is_woken,
    two_who_write_at_once_come_one_after_the_other,
    a_mirror_built_from_the_feed_has_the_same_records,
    a_page_of_the_feed_says_how_many_changes_there_are,
}

async fn a_second_reader_sees_the_change(registry: TestRegistry) {
    let reader = registry.second_reader().await;
    assert_eq!(reader.revision(), 0);
    registry.import(NANSHA_AND_MINHANG).await;
    reader.follow().await;
    assert_eq!(reader.revision(), registry.revision());
    assert_eq!(reader.handling("000109001000", "440115", "310112", "2021-07-01").await, "AVAILABLE: PROXY_COLLECTION");
    // A second time only what is new is read.
    registry.import(r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"validTo":"2021-06-30"}"#).await;
    reader.follow().await;
    assert_eq!(reader.handling("000109001000", "440115", "310112", "2021-07-01").await, "NOT_OFFERED: OFFERING_WITHDRAWN");
}

async fn a_reader_that_waits_is_woken(registry: TestRegistry) {
    let reader = registry.second_reader().await;
    let woken = tokio::time::timeout(Duration::from_secs(30), reader.wait_for_revision(10));
    let (woken, _) = tokio::join!(woken, registry.import(NANSHA_AND_MINHANG));
    woken.expect("it does not wait for ever");
    assert_eq!(reader.revision(), 10);
}

async fn two_who_write_at_once_come_one_after_the_other(registry: TestRegistry) {
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
    for arguments in
        ["first: 1", "since: 10", "kinds: [DISTRICT]", r#"district: "440115""#, r#"kinds: [WINDOW], district: "440115""#, "kinds: [API_KEY]"]
    {
        let total = registry.ask(&format!("{{ changes({arguments}) {{ totalCount }} }}")).await["changes"]["totalCount"].clone();
        counts.push(total.as_u64().expect("a number"));
    }
    // The district 440115: itself, its window, its agreement.
    assert_eq!(counts, [11, 1, 6, 3, 1, 0]);
}
