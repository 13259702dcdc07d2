//! Written records are stored, followed and verified.

use std::time::Duration;

use crate::common::{Registry, by, demo, everything, now};
use domain::{ApiKey, Digest, Extent, Record, Role};
use persistence::{ChangeQuery, Error, OpenOptions, Order, Put, Store};

fn record(line: &str) -> Record {
    Record::from_line(line).unwrap()
}

fn district(name: &str) -> Record {
    record(&format!(r#"{{"type":"district","code":"440115","name":"{name}","kind":"COUNTY"}}"#))
}

fn key() -> ApiKey {
    ApiKey {
        name: "南沙".to_owned(),
        roles: vec![Role::Registrar, Role::Partner],
        district: Some("440115".parse().unwrap()),
        extent: Extent::Subtree,
        prefix: "tb_1".to_owned(),
        seal: Digest::GENESIS,
        expires_at: Some(now() + Duration::from_secs(60)),
        revoked_at: None,
    }
}

#[tokio::test]
async fn written_records_are_loaded_and_followed() {
    let registry = Registry::new().await;
    let before = registry.store.load().await.unwrap();
    assert_eq!(before.revision(), 0);
    assert!(registry.store.follow(&before).await.unwrap().is_none());

    let mut work = registry.store.begin(by()).await.unwrap();
    let Put::Changed(first) = work.put(district("南沙区")).await.unwrap() else { panic!("it is new") };
    assert_eq!((first.revision, first.record, first.previous), (1, 1, Digest::GENESIS));
    assert!(first.is_intact());
    assert_eq!(work.put(district("南沙区")).await.unwrap(), Put::Unchanged { id: 1, revision: 1 });
    let Put::Changed(second) = work.put(district("南沙新区")).await.unwrap() else { panic!("it is another") };
    assert_eq!((second.revision, second.record, second.previous), (2, 1, first.digest));
    assert_eq!(work.commit().await.unwrap(), [first, second.clone()]);

    let after = registry.store.follow(&before).await.unwrap().expect("something changed");
    let loaded = registry.store.load().await.unwrap();
    for snapshot in [after, loaded] {
        assert_eq!(snapshot.head().digest, second.digest);
        let district = snapshot.district("440115".parse().unwrap()).unwrap();
        assert_eq!((&*district.name, district.revision, district.id.number()), ("南沙新区", 2, 1));
    }
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn a_dropped_unit_of_work_writes_nothing() {
    let registry = Registry::new().await;
    let mut work = registry.store.begin(by()).await.unwrap();
    work.put(district("南沙区")).await.unwrap();
    drop(work);
    assert_eq!(registry.store.begin(by()).await.unwrap().commit().await.unwrap(), []);
    assert_eq!(registry.store.health().await.unwrap().revision, 0);
}

#[tokio::test]
async fn a_record_with_dangling_references_is_refused() {
    let registry = Registry::new().await;
    let mut work = registry.store.begin(by()).await.unwrap();
    let window = record(r#"{"type":"window","district":"440115","name":"窗口","address":"一楼"}"#);
    let Err(Error::Refused(problem)) = work.put(window).await else { panic!("there is no such district") };
    assert_eq!(problem.rule, "UNKNOWN_DISTRICT");
}

#[tokio::test]
async fn a_code_belongs_to_one_district_for_ever() {
    let registry = Registry::new().await;
    let mut work = registry.store.begin(by()).await.unwrap();
    work.put(district("南沙区")).await.unwrap();
    let thief = r#"{"type":"district","code":"440199","name":"他区","kind":"COUNTY","codes":[{"scheme":"GB/T 2260","value":"440115"}]}"#;
    let Err(Error::Refused(problem)) = work.put(record(thief)).await else { panic!("the code is taken") };
    assert_eq!(problem.rule, "DISTRICT_CODE_TAKEN");
}

#[tokio::test]
async fn writers_are_serialised() {
    let registry = Registry::new().await;
    let writers = (0..8).map(|n| {
        let store = registry.store.clone();
        tokio::spawn(async move {
            for i in 0..5 {
                let mut work = store.begin(by()).await.unwrap();
                work.put(record(&format!(
                    r#"{{"type":"matter","code":"L{n:05}{i:06}","name":"事项","domain":"OTHER"}}"#
                )))
                .await
                .unwrap();
                work.commit().await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let verified = registry.store.verify(&|_, _| {}).await.unwrap();
    assert_eq!((verified.revision, verified.records), (40, 40));
}

#[tokio::test]
async fn a_change_wakes_waiting_followers() {
    let registry = Registry::new().await;
    let other = Store::open(&registry.url, OpenOptions { migrate: false, read_only: true, ..OpenOptions::default() })
        .await
        .unwrap();
    // PostgreSQL's listener needs a moment to start.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut work = registry.store.begin(by()).await.unwrap();
    work.put(district("南沙区")).await.unwrap();
    work.commit().await.unwrap();
    let waited = std::time::Instant::now();
    let waiting = if registry.is_sqlite() { &registry.store } else { &other };
    waiting.wait_for_change(Duration::from_secs(20)).await;
    assert!(waited.elapsed() < Duration::from_secs(5));
    assert!(matches!(other.begin(by()).await, Err(Error::ReadOnly)));
}

#[tokio::test]
async fn a_key_is_stored_without_its_secret() {
    let registry = Registry::new().await;
    let mut work = registry.store.begin(by()).await.unwrap();
    work.put(district("南沙区")).await.unwrap();
    let issued = work.issue_key(key(), "hash-of-secret".to_owned()).await.unwrap();
    let changes = work.commit().await.unwrap();
    assert!(!changes[1].document.as_deref().unwrap().contains("hash-of-secret"));
    assert!(changes[1].document.as_deref().unwrap().starts_with(r#"{"type":"apiKey","name":"南沙""#));

    let found = registry.store.key_by_hash("hash-of-secret").await.unwrap().unwrap();
    assert_eq!(found, issued);
    assert_eq!(found.seal, Digest::of(b"hash-of-secret"));
    assert!(registry.store.key_by_hash("another").await.unwrap().is_none());

    registry.store.record_key_use(found.id, now()).await.unwrap();
    registry.store.record_key_use(found.id, now() - Duration::from_secs(9)).await.unwrap();
    assert_eq!(registry.store.key_uses().await.unwrap(), [(found.id, Some(now()))]);

    let mut work = registry.store.begin(by()).await.unwrap();
    let revoked = work.revoke_key(found.id, now()).await.unwrap().unwrap();
    assert!(work.revoke_key(found.id, now() + Duration::from_secs(1)).await.unwrap().unwrap() == revoked);
    assert_eq!(work.commit().await.unwrap().len(), 1);
    assert!(!registry.store.keys().await.unwrap()[0].is_valid(now()));
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn changes_are_found_by_kind_record_and_district() {
    let registry = Registry::new().await.holding(&everything()).await;
    let all = ChangeQuery { through: u64::MAX >> 1, limit: 100, ..ChangeQuery::default() };
    let kinds = |changes: Vec<domain::Change>| changes.iter().map(|change| change.kind.name()).collect::<Vec<_>>();
    let changes = registry.store.changes(&all).await.unwrap();
    assert_eq!(
        kinds(changes),
        ["DISTRICT", "DISTRICT", "DISTRICT", "MATTER", "POLICY", "OFFERING", "WINDOW", "AGREEMENT"]
    );

    let asked = ChangeQuery {
        kinds: vec![domain::RecordKind::Matter, domain::RecordKind::Window],
        order: Order::NewestFirst,
        ..all.clone()
    };
    assert_eq!(kinds(registry.store.changes(&asked).await.unwrap()), ["WINDOW", "MATTER"]);

    let snapshot = registry.store.load().await.unwrap();
    let minhang = snapshot.district("310112".parse().unwrap()).unwrap().id;
    let asked = ChangeQuery { district: Some(minhang), ..all.clone() };
    assert_eq!(kinds(registry.store.changes(&asked).await.unwrap()), ["DISTRICT", "OFFERING", "AGREEMENT"]);

    let asked = ChangeQuery { record: Some((domain::RecordKind::Window, 7)), ..all };
    assert_eq!(registry.store.changes(&asked).await.unwrap(), [registry.store.change(7).await.unwrap().unwrap()]);
    assert_eq!(registry.store.change(9).await.unwrap(), None);
}

#[tokio::test]
async fn offerings_are_found_and_fetched_at_a_revision() {
    let lines = everything()
        + r#"{"type":"offering","district":"310112","sourceCode":"S_1","name":"Renew 100% 身份证","code":"11440232MB2D06811W4000117051000","visits":0,"validFrom":"2021-01-01","verifiedOn":"2021-02-03"}"#;
    let registry = Registry::new().await.holding(&lines).await;
    let store = &registry.store;
    let snapshot = store.load().await.unwrap();
    let minhang = snapshot.district("310112".parse().unwrap()).unwrap().id;
    assert_eq!(snapshot.counts(&domain::Scope::Steward).offerings, 2);

    let id = store.offering_by_source(minhang, "S_1").await.unwrap().unwrap();
    assert_eq!(store.offering_by_source(minhang, "S%1").await.unwrap(), None);
    assert_eq!(store.offering_by_code("11440232MB2D06811W4000117051000".parse().unwrap()).await.unwrap(), [id]);
    assert_eq!(store.offering_names(minhang).await.unwrap(), [(id, "Renew 100% 身份证".to_owned())]);
    let pudong = domain::Id::new(minhang.number() + 1_000);
    assert_eq!(store.offering_names(pudong).await.unwrap(), []);
    let brief = snapshot.offering_by_id(id).unwrap().brief;
    assert_eq!(brief.verified_on, "2021-02-03".parse().ok());
    let other = domain::Id::new(if id.number() == 6 { 7 } else { 6 });
    for _ in 0..2 {
        let both = store.offerings(&[(other, other.number()), (id, id.number())]).await.unwrap();
        assert_eq!((both[0].id, both[1].source_code.as_deref()), (other, Some("S_1")));
        assert_eq!(catalogue::OfferingBrief::of(&both[1]), brief);
    }
    assert!(store.offerings(&[(other, id.number())]).await.is_err());
}

#[tokio::test]
async fn loading_and_following_give_the_same_demo() {
    let registry = Registry::new().await;
    let empty = registry.store.load().await.unwrap();
    let report = registry.import(&demo()).await;
    assert_eq!((report.faults.as_slice(), report.read, report.registered), (&[][..], 4_058, 4_058));
    let followed = registry.store.follow(&empty).await.unwrap().unwrap();
    let loaded = registry.store.load().await.unwrap();
    assert_eq!(followed.counts(&domain::Scope::Steward), loaded.counts(&domain::Scope::Steward));
    assert_eq!(followed.head(), loaded.head());
    assert_eq!(registry.store.verify(&|_, _| {}).await.unwrap().records, 4_058);
}

/// Offerings are loaded over another connection than their districts.
#[tokio::test]
async fn a_load_shows_one_revision_during_writes() {
    let registry = Registry::new().await;
    let store = registry.store.clone();
    let writing = tokio::spawn(async move {
        for n in 10..60 {
            let mut work = store.begin(by()).await.unwrap();
            work.put(record(&format!(r#"{{"type":"district","code":"4401{n}","name":"某区","kind":"COUNTY"}}"#)))
                .await
                .unwrap();
            work.put(record(&format!(
                r#"{{"type":"offering","district":"4401{n}","sourceCode":"S","name":"某事","visits":0}}"#
            )))
            .await
            .unwrap();
            work.commit().await.unwrap();
        }
    });
    let mut seen = std::collections::BTreeSet::new();
    while !writing.is_finished() {
        let snapshot = registry.store.load().await.unwrap();
        let counts = snapshot.counts(&domain::Scope::Steward);
        assert_eq!(counts.districts, counts.offerings, "at revision {}", snapshot.revision());
        seen.insert(snapshot.revision());
    }
    writing.await.unwrap();
    assert!(seen.len() > 2, "it was loaded in between: {seen:?}");
}

#[tokio::test]
async fn a_new_epoch_is_loaded_anew() {
    let registry = Registry::new().await.holding(&everything()).await;
    let snapshot = registry.store.load().await.unwrap();
    registry.execute("UPDATE head SET epoch = 'another'").await;
    let followed = registry.store.follow(&snapshot).await.unwrap().expect("it is another registry");
    assert_eq!(
        (followed.head().epoch.as_str(), followed.counts(&domain::Scope::Steward)),
        ("another", snapshot.counts(&domain::Scope::Steward))
    );
}

#[tokio::test]
async fn a_code_is_not_taken_from_a_district() {
    let registry = Registry::new().await;
    let mut work = registry.store.begin(by()).await.unwrap();
    work.put(record(r#"{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","codes":[{"scheme":"GB/T 2260","value":"440199"}]}"#))
        .await
        .unwrap();
    let Err(Error::Refused(problem)) = work.put(district("南沙区")).await else {
        panic!("440199 would lead nowhere")
    };
    assert_eq!(problem.rule, "DISTRICT_CODE_DROPPED");
}

#[tokio::test]
async fn migrations_go_down_and_up() {
    let registry = Registry::new().await.holding(&everything()).await;
    let db = sea_orm::Database::connect(&registry.url).await.unwrap();
    registry.store.close().await.unwrap();
    for undone in 1..=7 {
        migrations::revert(&db).await.unwrap();
        assert_eq!(migrations::pending(&db).await.unwrap().len(), undone);
    }
    db.close().await.unwrap();
    let store = Store::open(&registry.url, crate::common::WRITING).await.unwrap();
    assert_eq!(store.load().await.unwrap().revision(), 0);
}

#[tokio::test]
async fn concurrent_starts_migrate_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let registry;
    let url = if std::env::var("TEST_DATABASE_URL").is_ok() {
        registry = Registry::new().await;
        for table in [
            "feedback_phone",
            "feedback",
            "session",
            "role_grant",
            "person",
            "document_chunk",
            "imported_line",
            "document_content",
            "document",
            "actor",
            "answered",
            "journal_reader",
            "api_key",
            "policy",
            "agreement",
            "service_window",
            "offering",
            "matter",
            "district_code",
            "district",
            "journal_district",
            "journal",
            "head",
            "migration",
        ] {
            registry.execute(&format!("DROP TABLE {table}")).await;
        }
        registry.execute("DROP FUNCTION journal_is_append_only()").await;
        registry.execute("DROP TABLE migration_lock").await;
        registry.url.clone()
    } else {
        format!("sqlite://{}", folder.path().join("new.db").display())
    };
    let opening = (0..6).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { Store::open(&url, crate::common::WRITING).await })
    });
    for store in opening.collect::<Vec<_>>() {
        assert_eq!(store.await.unwrap().unwrap().health().await.unwrap().revision, 0);
    }
}

#[tokio::test]
async fn a_database_without_tables_says_what_to_do() {
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("none.db").display());
    let told = Store::open(&url, OpenOptions::default()).await.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("none.db") && told.contains("there is no such file"), "{told}");
    std::fs::write(folder.path().join("none.db"), "").unwrap();
    assert!(matches!(Store::open(&url, OpenOptions::default()).await, Err(Error::Migration(_))));
}
