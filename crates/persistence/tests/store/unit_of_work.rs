//! Units of work: reads within it, given actions, readers of entries, stored results, date changes.

use std::time::Duration;

use catalogue::AgreementFilter;

use crate::common::{Registry, WRITING, by, everything, now, today};
use domain::journal::Action;
use domain::{Change, Digest, Record, RecordKind, Scope};
use persistence::{ChangeQuery, Error, JournalReader, Put, Store, StoredResult, WriteContext};

fn record(line: &str) -> Record {
    Record::from_line(line).unwrap()
}

/// A draft of 南沙 with 闵行, visible to 南沙 only.
pub(crate) fn draft(number: &str) -> Record {
    record(&format!(
        r#"{{"type":"agreement","number":"{number}","title":"草案","parties":[{{"district":"440115"}},{{"district":"310112"}}],"schedule":[{{"matters":["000109001000"],"mode":"PROXY_COLLECTION"}}],"draft":{{"author":"440115"}}}}"#
    ))
}

const DRAFT: &str = "TB-2021-000007";

async fn act(store: &Store, record: Record, action: Action) -> Change {
    let mut work = store.begin(by()).await.unwrap();
    let Put::Changed(change) = work.act(record, action).await.unwrap() else { panic!("it changes something") };
    let written = work.commit().await.unwrap();
    assert_eq!(written.as_slice(), std::slice::from_ref(&change));
    change
}

async fn revisions(store: &Store, seen_by: JournalReader) -> Vec<u64> {
    let asked = ChangeQuery { since: 8, through: 1_000, seen_by, limit: 100, ..ChangeQuery::default() };
    let changes = store.changes(&asked).await.unwrap();
    assert_eq!(store.count_changes(&asked).await.unwrap(), changes.len() as u64);
    assert_eq!(
        store.count_changes(&ChangeQuery { kinds: RecordKind::ALL.to_vec(), ..asked }).await.unwrap(),
        changes.len() as u64
    );
    changes.iter().map(|change| change.revision).collect()
}

#[tokio::test]
async fn a_unit_of_work_reads_its_own_writes() {
    let registry = Registry::new().await.holding(&everything()).await;
    let mut work = registry.store.begin(by()).await.unwrap();
    let (nansha, minhang, matter) =
        ("440115".parse().unwrap(), "310112".parse().unwrap(), "000109001000".parse().unwrap());
    assert_eq!(&*work.district(nansha).await.unwrap().unwrap().name, "南沙区");
    assert!(work.district("990000".parse().unwrap()).await.unwrap().is_none());
    assert_eq!(&*work.matter(matter).await.unwrap().unwrap().name, "居民身份证换领");
    assert_eq!(work.offering(minhang, Some(matter), None).await.unwrap().unwrap().id.number(), 6);
    assert!(work.offering(minhang, Some(matter), Some("S")).await.unwrap().is_none());
    assert!(work.offering(minhang, None, None).await.unwrap().is_none());
    assert_eq!(work.window(nansha, "跨域通办专窗").await.unwrap().unwrap().id.number(), 7);
    let number = "TB-2021-000001".parse().unwrap();
    assert_eq!(work.agreement(number).await.unwrap().unwrap().id.number(), 8);
    assert!(work.agreement(DRAFT.parse().unwrap()).await.unwrap().is_none());
    let Record::Policy(policy) =
        record(r#"{"type":"policy","title":"另名","documentNumber":"国办发〔2020〕35号","schedule":[]}"#)
    else {
        panic!("a policy")
    };
    assert_eq!(work.policy(&policy).await.unwrap().unwrap().id.number(), 5);
    // Its own writes are visible.
    let closed = r#"{"type":"window","district":"440115","name":"跨域通办专窗","address":"二楼"}"#;
    work.act(record(closed), Action::Closed).await.unwrap();
    let window = work.window(nansha, "跨域通办专窗").await.unwrap().unwrap();
    assert_eq!((window.revision, &*window.address), (9, "二楼"));
}

#[tokio::test]
async fn all_dangling_references_are_reported_at_once() {
    let registry = Registry::new().await.holding(&everything()).await;
    let mut work = registry.store.begin(by()).await.unwrap();
    let line = r#"{"type":"agreement","number":"TB-2021-000009","title":"协议","framework":"TB-2020-000001","signedOn":"2021-05-28","parties":[{"district":"440115"},{"district":"990000"}],"schedule":[{"matters":["000109001000","000109009000"],"mode":"FULL_ONLINE"}]}"#;
    work.act(draft("TB-2020-000001"), Action::Drafted).await.unwrap();
    let problems = work.dangling(&record(line).references(), None).await.unwrap();
    let told: Vec<_> = problems.iter().map(|problem| (problem.field(), problem.rule)).collect();
    assert_eq!(
        told,
        [
            ("parties[1].district".to_owned(), "UNKNOWN_DISTRICT"),
            ("schedule[0].matters".to_owned(), "UNKNOWN_MATTER"),
            ("framework".to_owned(), "UNKNOWN_AGREEMENT")
        ],
        "a draft of somebody else's is no framework"
    );
    let before = line.replace("990000", "310112").replace(",\"000109009000\"", "");
    work.put(record(&before)).await.unwrap();
    let held = work.agreement("TB-2021-000009".parse().unwrap()).await.unwrap();
    assert_eq!(work.dangling(&record(&before).references(), held.as_deref()).await.unwrap(), [], "it is named already");
    let known = before.replace("TB-2020-000001", "TB-2021-000001").replace("TB-2021-000009", "TB-2021-000010");
    assert_eq!(work.dangling(&record(&known).references(), None).await.unwrap(), [], "everybody sees it");
}

#[tokio::test]
async fn the_journal_records_the_given_action() {
    let registry = Registry::new().await.holding(&everything()).await;
    let change = act(&registry.store, draft(DRAFT), Action::Drafted).await;
    assert_eq!((change.action, change.record, change.revision), (Action::Drafted, 9, 9));
    let mut work = registry.store.begin(by()).await.unwrap();
    assert_eq!(work.act(draft(DRAFT), Action::DraftRevised).await.unwrap(), Put::Unchanged { id: 9, revision: 9 });
    // A policy keeps the key from an import.
    work.put(record(
        r#"{"type":"policy","key":"p","title":"指导意见","documentNumber":"国办发〔2020〕35号","schedule":[]}"#,
    ))
    .await
    .unwrap();
    let unkeyed = r#"{"type":"policy","title":"指导意见二","documentNumber":"国办发〔2020〕35号","schedule":[]}"#;
    let Put::Changed(change) = work.act(record(unkeyed), Action::Revised).await.unwrap() else {
        panic!("it has another title")
    };
    assert!(change.document.unwrap().contains(r#""key":"p""#));
    work.commit().await.unwrap();
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn an_entry_is_readable_by_its_readers_only() {
    let registry = Registry::new().await.holding(&everything()).await;
    let store = &registry.store;
    let snapshot = store.load().await.unwrap();
    let id = |code: &str| snapshot.district(code.parse().unwrap()).unwrap().id;
    let scope = |code: &str| JournalReader::PublicOr(vec![id(code)]);
    act(store, draft(DRAFT), Action::Drafted).await;
    let Record::Agreement(drafted) = draft(DRAFT) else { panic!("an agreement") };
    let when = domain::agreement::acts::When { at: now(), today: today() };
    let proposed = drafted.propose(1, today(), when).unwrap();
    act(store, Record::Agreement(Box::new(proposed)), Action::Proposed).await;
    act(store, record(r#"{"type":"district","code":"320000","name":"江苏省","kind":"PROVINCE"}"#), Action::Registered)
        .await;

    assert_eq!(revisions(store, JournalReader::All).await, [9, 10, 11]);
    assert_eq!(revisions(store, scope("440115")).await, [9, 10, 11]);
    assert_eq!(revisions(store, scope("310112")).await, [10, 11]);
    for seen in [JournalReader::Public, scope("440000"), JournalReader::PublicOr(Vec::new())] {
        assert_eq!(revisions(store, seen).await, [11]);
    }
    let at = |seen, at| async move {
        store.record_at(RecordKind::Agreement, 9, at, seen).await.unwrap().map(|change| change.revision)
    };
    assert_eq!(
        (at(scope("310112"), 9).await, at(scope("310112"), 99).await, at(JournalReader::Public, 99).await),
        (None, Some(10), None)
    );
    for (seen, newest) in [
        (JournalReader::All, vec![(8, 8), (9, 10)]),
        (scope("440115"), vec![(8, 8), (9, 10)]),
        (JournalReader::Public, vec![(8, 8)]),
    ] {
        let mut last: Vec<_> = store.last_seen(&[8, 9, 77], 1_000, &seen).await.unwrap().into_iter().collect();
        last.sort_unstable();
        assert_eq!(last, newest);
    }
    assert_eq!(store.last_seen(&[9], 9, &scope("440115")).await.unwrap()[&9], 9);
    store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn discarding_a_draft_keeps_its_number_and_history() {
    let registry = Registry::new().await.holding(&everything()).await;
    let store = &registry.store;
    act(store, draft(DRAFT), Action::Drafted).await;
    let other = act(store, draft("TB-2021-000008"), Action::Drafted).await;
    let before = store.load().await.unwrap();
    let mut work = store.begin(by()).await.unwrap();
    let gone = work.remove_agreement(DRAFT.parse().unwrap(), Action::DraftDiscarded).await.unwrap();
    assert_eq!((gone.record, gone.document.clone(), gone.action), (9, None, Action::DraftDiscarded));
    assert!(work.agreement(DRAFT.parse().unwrap()).await.unwrap().is_none());
    assert_eq!(work.next_agreement_number(2021).unwrap().serial(), 9);
    assert!(matches!(
        work.remove_agreement(DRAFT.parse().unwrap(), Action::DraftDiscarded).await,
        Err(Error::Refused(_))
    ));
    assert_eq!(work.commit().await.unwrap(), [gone]);

    let followed = store.follow(&before).await.unwrap().unwrap();
    for snapshot in [followed, store.load().await.unwrap()] {
        assert!(snapshot.agreement(DRAFT.parse().unwrap(), &Scope::Steward).is_none());
        assert_eq!(snapshot.counts(&Scope::Steward).agreements, 2);
        let kept = snapshot.agreement("TB-2021-000008".parse().unwrap(), &Scope::Steward).unwrap();
        assert_eq!(kept.id.number(), other.record);
        assert_eq!(snapshot.agreement_by_id(kept.id, &Scope::Steward).unwrap().number, kept.number);
    }
    let minhang = before.district("310112".parse().unwrap()).unwrap().id;
    assert_eq!(revisions(store, JournalReader::PublicOr(vec![minhang])).await, [] as [u64; 0]);
    let nansha = before.district("440115".parse().unwrap()).unwrap().id;
    assert_eq!(revisions(store, JournalReader::PublicOr(vec![nansha])).await, [9, 10, 11]);
    store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn a_date_change_is_recorded_without_changing_the_record() {
    let registry = Registry::new().await.holding(&everything()).await;
    let store = &registry.store;
    let line = store.change(8).await.unwrap().unwrap().document;
    let mut work = store.begin(by()).await.unwrap();
    let told = work
        .record_date_change("TB-2021-000001".parse().unwrap(), Action::TookEffect, "2021-06-01".parse().unwrap())
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!((told.revision, told.record, told.document), (9, 8, line));
    let agreement = store.load().await.unwrap().agreement("TB-2021-000001".parse().unwrap(), &Scope::Public).unwrap();
    assert_eq!(agreement.revision, 9);
    assert_eq!(revisions(store, JournalReader::Public).await, [9]);
    store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn a_result_is_stored_for_a_week() {
    let registry = Registry::new().await.holding(&everything()).await;
    let store = &registry.store;
    let what = StoredResult { input: Digest::of(b"input"), kind: RecordKind::Agreement, record: 8, revision: 8 };
    let mut work = store.begin(by()).await.unwrap();
    assert_eq!(work.stored_result("key_1", "propose", "k").await.unwrap(), None);
    work.store_result("key_1", "propose", "k", &what).await.unwrap();
    assert_eq!(work.commit().await.unwrap(), []);

    let later = |days: u64| WriteContext { now: now() + Duration::from_secs(days * 86_400), ..by() };
    let mut work = store.begin(later(6)).await.unwrap();
    assert_eq!(work.stored_result("key_1", "propose", "k").await.unwrap(), Some(what.clone()));
    for (client, mutation, key) in [("key_2", "propose", "k"), ("key_1", "sign", "k"), ("key_1", "propose", "l")] {
        assert_eq!(work.stored_result(client, mutation, key).await.unwrap(), None);
    }
    drop(work);
    let mut work = store.begin(later(8)).await.unwrap();
    assert_eq!(work.stored_result("key_1", "propose", "k").await.unwrap(), None);
    let other = StoredResult { revision: 9, ..what };
    work.store_result("key_1", "propose", "k", &other).await.unwrap();
    work.store_result("key_1", "propose", "l", &other).await.unwrap();
    assert_eq!(work.stored_result("key_1", "propose", "k").await.unwrap(), Some(other));
    work.commit().await.unwrap();
}

#[tokio::test]
async fn an_uncommitted_result_is_not_stored() {
    let registry = Registry::new().await.holding(&everything()).await;
    let mut work = registry.store.begin(by()).await.unwrap();
    let what = StoredResult { input: Digest::of(b"input"), kind: RecordKind::Agreement, record: 8, revision: 8 };
    work.store_result("key_1", "propose", "k", &what).await.unwrap();
    work.remove_agreement("TB-2021-000001".parse().unwrap(), Action::DraftDiscarded).await.unwrap();
    drop(work);
    let mut work = registry.store.begin(by()).await.unwrap();
    assert_eq!(work.stored_result("key_1", "propose", "k").await.unwrap(), None);
    assert!(work.agreement("TB-2021-000001".parse().unwrap()).await.unwrap().is_some());
}

const ENDING: &str = r#"{"type":"agreement","key":"b","title":"短期协议","signedOn":"2021-05-28","effectiveFrom":"2021-07-01","effectiveTo":"2021-07-03","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[]}
"#;

#[tokio::test]
async fn date_changes_are_recorded_once() {
    let registry = Registry::new().await.holding(&(everything() + ENDING)).await;
    let store = &registry.store;
    let on = |day: &str| WriteContext { today: day.parse().unwrap(), ..by() };
    let told = |changes: Vec<Change>| changes.iter().map(|change| (change.record, change.action)).collect::<Vec<_>>();
    let snapshot = store.load().await.unwrap();
    let ending =
        snapshot.list_agreements(&AgreementFilter::default(), &Scope::Steward).get(1).expect("two").item.id.number();
    // The first run: earlier changes are not recorded, and there are none on the day itself.
    assert_eq!(store.record_date_changes(on("2021-06-30"), &snapshot).await.unwrap(), []);
    assert_eq!(store.health().await.unwrap().revision, 9);
    // Two processes concurrently.
    let other = Store::open(&registry.url, WRITING).await.unwrap();
    let (one, two) = tokio::join!(
        store.record_date_changes(on("2021-07-01"), &snapshot),
        other.record_date_changes(on("2021-07-01"), &snapshot)
    );
    assert_eq!(told([one.unwrap(), two.unwrap()].concat()), [(ending, Action::TookEffect)]);
    assert_eq!(store.record_date_changes(on("2021-07-01"), &snapshot).await.unwrap(), []);
    assert_eq!(store.record_date_changes(on("2021-06-30"), &snapshot).await.unwrap(), []);
    // Missed days are recorded later.
    assert_eq!(
        told(store.record_date_changes(on("2021-07-05"), &snapshot).await.unwrap()),
        [(ending, Action::Expired)]
    );
    let followed = store.follow(&snapshot).await.unwrap().unwrap();
    assert_eq!((followed.revision(), store.load().await.unwrap().revision()), (11, 11));
    store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn the_first_run_records_only_date_changes_of_today() {
    let registry = Registry::new().await;
    let snapshot = registry.store.load().await.unwrap();
    // The snapshot is older than the agreement.
    let registry = registry.holding(&(everything() + ENDING)).await;
    let told = registry
        .store
        .record_date_changes(WriteContext { today: "2021-07-04".parse().unwrap(), ..by() }, &snapshot)
        .await
        .unwrap();
    assert_eq!(told.iter().map(|change| change.action).collect::<Vec<_>>(), [Action::Expired]);
}

#[tokio::test]
async fn a_record_is_read_as_of_a_time() {
    let registry = Registry::new().await.holding(&everything()).await;
    let store = &registry.store;
    let later = |seconds| now() + Duration::from_secs(seconds);
    let mut work = store.begin(WriteContext { now: later(10), ..by() }).await.unwrap();
    work.act(draft(DRAFT), Action::Drafted).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.begin(WriteContext { now: later(20), ..by() }).await.unwrap();
    work.remove_agreement(DRAFT.parse().unwrap(), Action::DraftDiscarded).await.unwrap();
    work.commit().await.unwrap();
    let at = |moment, seen| async move {
        let change = store.record_at_time(RecordKind::Agreement, 9, moment, &seen).await.unwrap();
        change.map(|change| (change.revision, change.document.is_some()))
    };
    assert_eq!(at(later(9), JournalReader::All).await, None);
    assert_eq!(at(later(10), JournalReader::All).await, Some((9, true)));
    assert_eq!(at(later(19), JournalReader::All).await, Some((9, true)));
    assert_eq!(at(later(20), JournalReader::All).await, Some((10, false)));
    assert_eq!(at(chrono::DateTime::<chrono::Utc>::MAX_UTC, JournalReader::All).await, Some((10, false)));
    assert_eq!(at(chrono::DateTime::<chrono::Utc>::MIN_UTC, JournalReader::All).await, None);
    assert_eq!(at(later(99), JournalReader::Public).await, None);
}

#[tokio::test]
async fn erasing_a_name_does_not_change_the_journal() {
    let registry = Registry::new().await.holding(&everything()).await;
    let store = &registry.store;
    for name in ["王经办", "王小明"] {
        let mut work = store.begin(by()).await.unwrap();
        work.name_actor(name).await.unwrap();
        work.act(
            record(&format!(r#"{{"type":"district","code":"440115","name":"{name}","kind":"COUNTY"}}"#)),
            Action::Revised,
        )
        .await
        .unwrap();
        work.commit().await.unwrap();
        assert_eq!(
            store.actor_names(&["test".to_owned(), "import".to_owned()]).await.unwrap().into_iter().collect::<Vec<_>>(),
            [("test".to_owned(), name.to_owned())]
        );
    }
    store.forget_actor("test").await.unwrap();
    assert!(store.actor_names(&["test".to_owned()]).await.unwrap().is_empty());
    assert_eq!(store.change(10).await.unwrap().unwrap().actor, "test");
    store.verify(&|_, _| {}).await.unwrap();
}
