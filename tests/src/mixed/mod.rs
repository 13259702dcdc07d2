//! Readers and writers on two gateways over one PostgreSQL, as on a busy day: popular questions are repeated, a few
//! requests write, and no client ever sees an older revision than before, whichever gateway it asks.

mod client;
pub mod report;
pub mod workload;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep_until;

use self::client::Client;
use self::report::{Minute, Report};
use self::workload::{LoadTest, Plan, Workload};
use crate::cluster::Cluster;
use crate::server::Server;
use crate::{demo, tongban};

/// Loads two gateways over a PostgreSQL of its own.
pub fn mixed(plan: Plan) -> Report {
    let cluster = Cluster::durable();
    let url = cluster.url();
    let run = |arguments: &[&str]| {
        let output =
            tongban().args(["--locale", "en"]).args(arguments).args(["--database", &url]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    let files = if plan.records.is_empty() { demo() } else { plan.records.clone() };
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let records = run(&[&["import"], &*files.iter().map(String::as_str).collect::<Vec<_>>()].concat());
    let steward = run(&["key", "issue", "--role", "steward", "--name", "mixed"]);
    let gateways = [0, 1].map(|_| Server::of(&url, &[]));
    let addresses = gateways.each_ref().map(Server::address);
    let mut workload = Workload::learn(&addresses[0], &plan);
    for (code, key) in &mut workload.offices {
        *key = run(&["key", "issue", "--role", "registrar", "--district", code, "--name", code]);
    }
    workload.steward = steward;
    let test = LoadTest {
        plan,
        addresses,
        workload,
        start: Instant::now(),
        stopped: AtomicBool::new(false),
        newest: AtomicU64::new(0),
        errors: Mutex::default(),
    };
    let test = Arc::new(test);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let minutes = runtime.block_on(async {
        let mut clients: JoinSet<_> =
            (0..test.plan.clients).map(|at| Client::new(Arc::clone(&test), at).acts()).collect();
        let mut minutes = sample_memory(&test, &gateways).await;
        test.stopped.store(true, Ordering::Relaxed);
        while let Some(took) = clients.join_next().await {
            for (minute, kind, micros) in took.expect("a client") {
                minutes.entry(minute).or_default().took.entry(kind).or_default().push(micros);
            }
        }
        minutes
    });
    let mut report = Report::new(minutes, records, test.newest.load(Ordering::Relaxed));
    report.errors.append(&mut test.errors.lock().unwrap_or_else(PoisonError::into_inner));
    report.verified(&url);
    report
}

/// The memory of the gateways, every second until the end.
async fn sample_memory(test: &LoadTest, gateways: &[Server; 2]) -> BTreeMap<u64, Minute> {
    let mut minutes = BTreeMap::<u64, Minute>::new();
    for second in 1..=test.plan.seconds {
        sleep_until((test.start + Duration::from_secs(second)).into()).await;
        let minute = minutes.entry((second - 1) / 60).or_default();
        for (memory, gateway) in minute.memory.iter_mut().zip(gateways) {
            memory.push(gateway.memory());
        }
    }
    minutes
}
