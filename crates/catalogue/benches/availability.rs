//! Benchmarks of queries in a medium registry: 3,000 districts, 2,000 matters, 300,000 offerings, 5,000 agreements.
//! `LARGE=quick` makes it small.

#[path = "../tests/large/mod.rs"]
mod large;

use std::hint::black_box;

use catalogue::search::Query;
use catalogue::{MatterFilter, Order, Question, Slice};
use criterion::{Criterion, criterion_group, criterion_main};
use domain::{Date, DistrictCode, HandlingMode, MatterCode, RecordKind};
use large::Size;

fn availability(criterion: &mut Criterion) {
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
            districts: 3_000,
            matters: 2_000,
            offerings_of_a_district: 100,
            agreements: 5_000,
            parties: 5,
            matters_of_a_clause: 20,
        }
    };
    // A snapshot that has applied a change, as in production.
    let loaded = size.load();
    let revised =
        large::change(&loaded, RecordKind::Offering, size.offering_id(77, 7), &large::offering(&size, 77, 7, 3));
    let snapshot = loaded.apply([&revised]).expect("it follows");
    let on: Date = "2022-03-01".parse().expect("a day");
    let district = |at: u64| -> DistrictCode { large::district_code(at % size.districts).parse().expect("a code") };
    // The first two parties of an agreement, and one of its matters.
    let (receiving, competent) = (district(100 * 7), district(100 * 7 + 3));
    let matter: MatterCode = large::matter_code(100 * 31 % size.matters).parse().expect("a code");
    let question = |receiving: Option<DistrictCode>, competent: Option<DistrictCode>, typed: &str| Question {
        receiving,
        competent,
        on,
        modes: Vec::new(),
        domains: Vec::new(),
        audiences: Vec::new(),
        search: Query::new(typed),
        with_guide: false,
    };
    let between = question(Some(receiving), Some(competent), "");
    let page = |order| Slice::first(20, order);
    let found = snapshot.available(&between, &page(Order::Relevance)).matters.total;
    assert!(found > 0, "the districts are parties of one agreement");

    let mut group = criterion.benchmark_group("answers");
    group.bench_function("handling", |bencher| {
        bencher.iter(|| snapshot.handling(black_box(matter), receiving, competent, on));
    });
    for (name, question, order) in [
        ("available, first page", between.clone(), Order::Relevance),
        ("available, by name", between.clone(), Order::Name),
        ("available, by promised days", between.clone(), Order::PromisedDays),
        ("available, searched", question(Some(receiving), Some(competent), "身份证"), Order::Relevance),
        (
            "available, searched, in one mode",
            Question { modes: vec![HandlingMode::FullOnline], ..question(Some(receiving), Some(competent), "sfz") },
            Order::Relevance,
        ),
        ("available here for anywhere", question(Some(receiving), None, ""), Order::Relevance),
        ("available here for anywhere, by promised days", question(Some(receiving), None, ""), Order::PromisedDays),
    ] {
        let slice = page(order);
        group.bench_function(name, |bencher| bencher.iter(|| snapshot.available(black_box(&question), &slice)));
    }
    let typed = Query::new("sfzh").expect("something is typed");
    group.bench_function("suggest between two districts", |bencher| {
        bencher.iter(|| snapshot.suggest(black_box(&typed), Some(receiving), Some(competent), on, 10));
    });
    group.bench_function("suggest anywhere", |bencher| {
        bencher.iter(|| snapshot.suggest(black_box(&typed), None, None, on, 10));
    });
    for (name, order) in [("all matters, by code", Order::Code), ("all matters, by name", Order::Name)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| snapshot.list_matters(black_box(&MatterFilter::default()), &page(order)));
        });
    }
    let thirty: Vec<DistrictCode> = (0..30).map(|at| district(700 + at * 3)).collect();
    group.bench_function("coverage of 30 districts", |bencher| {
        bencher
            .iter(|| thirty.iter().map(|code| snapshot.coverage(*code, black_box(&thirty), on).len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, availability);
criterion_main!(benches);
