//! Benchmarks reading an agreement from its line, writing it, and computing its digest: 30 parties, 5 clauses of 30
//! matters. For comparison: the JSON library alone on the same line, and SHA-256 over the same number of bytes.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::Record;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PARTIES: usize = 30;
const CLAUSES: usize = 5;
const MATTERS_OF_A_CLAUSE: usize = 30;

fn line() -> String {
    let parties: Vec<Value> = (0..PARTIES).map(|at| json!({ "district": format!("44{:04}", 101 + at) })).collect();
    let clause = |at: usize| {
        let matters: Vec<String> =
            (0..MATTERS_OF_A_CLAUSE).map(|nth| format!("0001{:08}", 1 + at * MATTERS_OF_A_CLAUSE + nth)).collect();
        json!({ "key": format!("c{at}"), "mode": "FULL_ONLINE", "matters": matters })
    };
    let schedule: Vec<Value> = (0..CLAUSES).map(clause).collect();
    json!({
        "type": "agreement", "number": "TB-2021-000001", "title": "粤港澳大湾区“跨域通办”合作协议", "signedOn": "2021-05-06", "parties": parties,
        "schedule": schedule,
    })
    .to_string()
}

fn records(criterion: &mut Criterion) {
    let line = line();
    let record = Record::from_line(&line).unwrap_or_else(|problems| panic!("{problems:?}"));
    let Record::Agreement(agreement) = &record else { panic!("an agreement was written") };
    let value: Value = serde_json::from_str(&line).expect("JSON");
    let version = agreement.latest();

    let mut group = criterion.benchmark_group("an agreement");
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("read from its line", |bencher| bencher.iter(|| Record::from_line(black_box(&line)).is_ok()));
    group.bench_function("read as a value (limit)", |bencher| {
        bencher.iter(|| serde_json::from_str::<Value>(black_box(&line)).is_ok());
    });
    group.bench_function("written as its line", |bencher| bencher.iter(|| black_box(&record).line()));
    group.bench_function("written as a value (limit)", |bencher| bencher.iter(|| black_box(&value).to_string()));
    group.bench_function("digested", |bencher| bencher.iter(|| black_box(version).digest(agreement.number)));
    group.bench_function("SHA-256 of its line (limit)", |bencher| bencher.iter(|| Sha256::digest(black_box(&line))));
    group.finish();
}

criterion_group!(benches, records);
criterion_main!(benches);
