//! Benchmarks of findings, partners and lists of agreements of a large registry, cached and after a change.
//! `LARGE=quick` makes it small.

#[path = "../tests/large/mod.rs"]
mod large;

use std::hint::black_box;

use catalogue::{AgreementFilter, Order, Slice, Snapshot};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use domain::{HandlingMode, RecordKind, Scope, Standing};
use large::Size;

fn findings(criterion: &mut Criterion) {
    let size = if std::env::var_os("LARGE").is_some_and(|size| size == "quick") {
        Size {
            districts: 320,
            matters: 300,
            offerings_of_a_district: 100,
            agreements: 500,
            parties: 5,
            matters_of_a_clause: 20,
        }
    } else {
        Size {
            districts: 3_200,
            matters: 3_000,
            offerings_of_a_district: 934,
            agreements: 50_000,
            parties: 5,
            matters_of_a_clause: 20,
        }
    };
    let day = "2024-06-01".parse().expect("a day");
    let snapshot = size.load().on_day(day);
    let fresh = |snapshot: &Snapshot| snapshot.on_day(day.succ_opt().expect("a day")).on_day(day);
    let mut group = criterion.benchmark_group("findings");
    group.sample_size(10);
    group.bench_function("all of a day", |bencher| {
        bencher.iter_batched(|| fresh(&snapshot), |snapshot| snapshot.make_findings(), BatchSize::PerIteration);
    });
    snapshot.make_findings();
    let of = size.agreements / 2;
    for (name, kind, id, record) in [
        ("after an offering", RecordKind::Offering, size.offering_id(77, 7), large::offering(&size, 77, 7, 0)),
        ("after an agreement", RecordKind::Agreement, size.agreement_id(of), large::agreement(&size, of, "改名协议")),
        ("after a matter", RecordKind::Matter, size.matter_id(77), large::matter(77, "改名事项")),
        ("after a district", RecordKind::District, size.district_id(77), large::district(77, "改名区")),
    ] {
        let change = large::change(&snapshot, kind, id, &record);
        let next = || snapshot.apply([&change]).expect("it follows").on_day(day);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(next, |snapshot| snapshot.make_findings(), BatchSize::PerIteration);
        });
    }
    group.bench_function("a page of a hundred", |bencher| {
        bencher.iter(|| {
            let list = snapshot.findings(day, None, &[], &[], &Scope::Public);
            (list.len(), (list.len() / 2..list.len()).take(100).filter_map(|at| list.get(at)).count())
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("agreements");
    let list = |filter: &AgreementFilter| {
        snapshot.cut_agreements(filter, &Scope::Public, &Slice::first(20, Order::Relevance)).total
    };
    let any = AgreementFilter { on: day, ..AgreementFilter::default() };
    for (name, filter) in [
        ("all", any.clone()),
        ("in force", AgreementFilter { standing: vec![Standing::InForce], ..any.clone() }),
        ("ending before a day", AgreementFilter { ending_before: Some(day), ..any.clone() }),
        (
            "by matter and mode",
            AgreementFilter {
                matter: large::matter_code(77).parse().ok(),
                modes: vec![HandlingMode::FullOnline],
                ..any
            },
        ),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| list(black_box(&filter))));
    }
    group.finish();

    let mut group = criterion.benchmark_group("partners");
    let code = large::district_code(77).parse().expect("a code");
    group.bench_function("of a district", |bencher| bencher.iter(|| snapshot.partners(black_box(code), day).len()));
    group.finish();
}

criterion_group!(benches, findings);
criterion_main!(benches);
