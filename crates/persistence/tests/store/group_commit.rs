//! Group commit: units of work that share a transaction.

use std::task::{Context, Waker};

use crate::common::{Registry, by};
use domain::Record;
use persistence::{Error, Put, Sharing, Store, WriteContext};
use tokio::task::JoinHandle;

fn matter(at: u32) -> Record {
    Record::from_line(&format!(r#"{{"type":"matter","code":"L{at:05}000000","name":"事项","domain":"OTHER"}}"#))
        .unwrap()
}

fn district(code: u32, name: &str) -> Record {
    Record::from_line(&format!(r#"{{"type":"district","code":"{code}","name":"{name}","kind":"COUNTY"}}"#)).unwrap()
}

/// Writes a record as soon as the queue is free.
fn putting(store: &Store, actor: &str, record: Record) -> JoinHandle<Result<Put, Error>> {
    let (store, by) = (store.clone(), WriteContext { actor: actor.to_owned(), ..by() });
    tokio::spawn(async move {
        let mut act = store.begin_shared(by, Sharing::Shared).await?;
        let put = act.put(record).await?;
        act.commit().await?;
        Ok(put)
    })
}

/// Lets the other tasks run until they wait for the queue.
async fn others_wait() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn waiting_units_of_work_are_committed_together_in_order() {
    let registry = Registry::new().await;
    let first = registry.store.begin_shared(by(), Sharing::Shared).await.unwrap();
    let mut waiting = Vec::new();
    for at in 0..8 {
        waiting.push(putting(&registry.store, &format!("actor-{at}"), matter(at)));
        others_wait().await;
    }
    let mut first = first;
    first.put(matter(99)).await.unwrap();
    first.commit().await.unwrap();
    // Units of work that waited when the first was done joined its commit, so all of it is stored.
    assert_eq!(registry.store.health().await.unwrap().revision, 9);
    for (at, waiting) in waiting.into_iter().enumerate() {
        let Ok(Put::Changed(change)) = waiting.await.unwrap() else { panic!("it is new") };
        assert_eq!((change.revision, change.actor), (at as u64 + 2, format!("actor-{at}")));
    }
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn each_unit_of_work_sees_the_changes_before_it() {
    let registry = Registry::new().await;
    let mut first = registry.store.begin_shared(by(), Sharing::Shared).await.unwrap();
    let second = putting(&registry.store, "second", district(440115, "南沙区"));
    others_wait().await;
    first.put(district(440115, "南沙区")).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().unwrap(), Put::Unchanged { id: 1, revision: 1 });
}

#[tokio::test]
async fn releasing_without_a_change_does_not_affect_others() {
    let registry = Registry::new().await;
    let mut first = registry.store.begin_shared(by(), Sharing::Shared).await.unwrap();
    let store = registry.store.clone();
    let leaving = tokio::spawn(async move {
        let mut act = store.begin_shared(by(), Sharing::Shared).await.unwrap();
        let number = act.next_agreement_number(2026).unwrap();
        act.release().await.unwrap();
        number
    });
    others_wait().await;
    let third = putting(&registry.store, "third", matter(3));
    others_wait().await;
    first.put(matter(1)).await.unwrap();
    first.commit().await.unwrap();
    third.await.unwrap().unwrap();
    assert_eq!(registry.store.health().await.unwrap().revision, 2);
    // Its drawn number is used by the next one.
    let number = leaving.await.unwrap();
    assert_eq!(
        registry.store.begin_shared(by(), Sharing::Shared).await.unwrap().next_agreement_number(2026),
        Some(number)
    );
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn releasing_alone_frees_the_database() {
    let registry = Registry::new().await;
    registry.store.begin_shared(by(), Sharing::Shared).await.unwrap().release().await.unwrap();
    // The writer of another process, or of this one without sharing.
    let mut work = registry.store.begin(by()).await.unwrap();
    work.put(matter(1)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(registry.store.health().await.unwrap().revision, 1);
}

#[tokio::test]
async fn an_aborted_unit_of_work_aborts_all_and_they_can_retry() {
    let registry = Registry::new().await;
    let mut first = registry.store.begin_shared(by(), Sharing::Shared).await.unwrap();
    let store = registry.store.clone();
    let breaking = tokio::spawn(async move {
        let mut act = store.begin_shared(by(), Sharing::Shared).await.unwrap();
        act.put(district(440115, "南沙区")).await.unwrap();
        // As if its client were cancelled.
        drop(act);
    });
    others_wait().await;
    first.put(matter(1)).await.unwrap();
    let error = first.commit().await.unwrap_err();
    assert!(matches!(error, Error::Aborted) && error.is_retryable(), "{error}");
    breaking.await.unwrap();
    assert_eq!(registry.store.health().await.unwrap().revision, 0);
    // Its loaded code of the missing district is dropped too.
    let window = Record::from_line(r#"{"type":"window","district":"440115","name":"窗口","address":"一楼"}"#).unwrap();
    let refused = putting(&registry.store, "window", window).await.unwrap().unwrap_err();
    assert!(matches!(refused, Error::Refused(problem) if problem.rule == "UNKNOWN_DISTRICT"));
    putting(&registry.store, "again", matter(1)).await.unwrap().unwrap();
    assert_eq!(registry.store.health().await.unwrap().revision, 1);
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn full_batches_are_committed_one_after_the_other() {
    let registry = Registry::new().await;
    let waiting: Vec<_> = (0..150).map(|at| putting(&registry.store, "many", matter(at))).collect();
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
    let verified = registry.store.verify(&|_, _| {}).await.unwrap();
    assert_eq!((verified.revision, verified.records), (150, 150));
}

#[tokio::test]
async fn a_cancelled_caller_does_not_stop_the_commit() {
    let registry = Registry::new().await;
    let mut first = registry.store.begin_shared(by(), Sharing::Shared).await.unwrap();
    let second = putting(&registry.store, "second", matter(2));
    others_wait().await;
    first.put(matter(1)).await.unwrap();
    {
        let committing = std::pin::pin!(first.commit());
        // It is cancelled after it has joined the batch.
        assert!(committing.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    second.await.unwrap().unwrap();
    assert_eq!(registry.store.health().await.unwrap().revision, 2);
}
