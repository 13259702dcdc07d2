//! Benchmarks applying one change to a large registry while the previous snapshot is in use, and prints the memory of
//! the registry. `LARGE=quick` makes it small.

#[path = "../tests/large/mod.rs"]
mod large;

use catalogue::Snapshot;
use criterion::{Criterion, criterion_group, criterion_main};
use domain::{Record, RecordKind};
use large::Size;

fn apply(criterion: &mut Criterion) {
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
    let snapshot = size.load();
    tell(&snapshot);
    let of = size.agreements / 2;
    let changes: [(&str, RecordKind, u64, Record); 7] = [
        ("district", RecordKind::District, size.district_id(77), large::district(77, "改名区")),
        ("matter", RecordKind::Matter, size.matter_id(77), large::matter(77, "改名事项")),
        ("offering", RecordKind::Offering, size.offering_id(77, 7), large::offering(&size, 77, 7, 3)),
        ("agreement", RecordKind::Agreement, size.agreement_id(of), large::agreement(&size, of, "改名协议")),
        ("new_district", RecordKind::District, snapshot.revision() + 1, large::district(size.districts, "新区")),
        (
            "new_offering",
            RecordKind::Offering,
            snapshot.revision() + 1,
            large::offering(&size, 77, size.offerings_of_a_district, 3),
        ),
        (
            "new_agreement",
            RecordKind::Agreement,
            snapshot.revision() + 1,
            large::agreement(&size, size.agreements, "新协议"),
        ),
    ];
    let mut group = criterion.benchmark_group("apply");
    for (name, kind, id, record) in changes {
        let change = large::change(&snapshot, kind, id, &record);
        group.bench_function(name, |bencher| bencher.iter(|| snapshot.apply([&change]).expect("it follows")));
    }
    group.finish();
}

#[expect(clippy::disallowed_macros, reason = "whoever runs a bench reads it")]
fn tell(snapshot: &Snapshot) {
    for share in snapshot.memory() {
        eprintln!("{:>10} {:>12} bytes", share.part, share.bytes);
    }
}

criterion_group!(benches, apply);
criterion_main!(benches);
