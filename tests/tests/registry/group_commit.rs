//! Concurrent mutations share a transaction, and an aborted one does not stop the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::Record;
use domain::journal::Action;
use persistence::{Sharing, WriteContext};
use scenarios::agreement::NANSHA;
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};

on_every_database! {
    repeatedly_aborted_mutations_do_not_affect_others,
    an_invalid_idempotency_key_is_refused_before_writing,
}

async fn repeatedly_aborted_mutations_do_not_affect_others(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let done = Arc::new(AtomicBool::new(false));
    let bad = (0..16).map(|at| {
        let (store, done) = (registry.store().clone(), done.clone());
        let by = WriteContext {
            actor: format!("key_{at}"),
            on_behalf_of: None,
            now: registry.now(),
            today: registry.today(),
        };
        let line = format!(r#"{{"type":"matter","code":"LAA0000000{at:02}","name":"示例","domain":"OTHER"}}"#);
        async move {
            let mut broken = 0;
            while !done.load(Ordering::Relaxed) {
                let mut act = store.begin_shared(by.clone(), Sharing::Shared).await.expect("its turn");
                act.act(Record::from_line(&line).expect("a record"), Action::Registered).await.expect("it is written");
                // As if the database refused its last statement.
                drop(act);
                broken += 1;
                tokio::task::yield_now().await;
            }
            broken
        }
    });
    let registrar = registry.registrar(NANSHA);
    let honest = async {
        for at in 0..40 {
            registrar
                .does(
                    "registerWindow",
                    &format!(r#"district: "{NANSHA}", name: "窗口 {at}", address: "示例路 {at} 号""#),
                    "",
                )
                .await;
        }
        done.store(true, Ordering::Relaxed);
    };
    let (broken, ()) = tokio::join!(futures::future::join_all(bad), honest);
    assert!(broken.iter().sum::<u32>() > 16, "they were busy");
    registry.verify().await.expect("nothing is left of what was broken off");
}

async fn an_invalid_idempotency_key_is_refused_before_writing(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let registrar = registry.registrar(NANSHA);
    let window = |key: &str, at: u32| {
        format!(r#"district: "{NANSHA}", name: "窗口 {at}", address: "示例路 {at} 号", idempotencyKey: "{key}""#)
    };
    let bad = futures::future::join_all((0..16).map(|_| async {
        for _ in 0..4 {
            let payload = registrar.act("registerWindow", &window("a\\u0000b", 0), "").await;
            assert_eq!(payload["problems"][0]["rule"], "IDEMPOTENCY_KEY", "{payload}");
        }
    }));
    let honest = async {
        for at in 0..16 {
            registrar.does("registerWindow", &window(&format!("key-{at}"), at), "").await;
        }
    };
    tokio::join!(bad, honest);
    let asked =
        registry.answer(&format!(r#"{{ offering(district: "{NANSHA}", sourceCode: "a\u0000b") {{ id }} }}"#)).await;
    assert_eq!(asked["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
