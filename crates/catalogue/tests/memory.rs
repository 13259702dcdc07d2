//! The memory that a snapshot reports is the memory that it allocates, and a change allocates little.

mod large;

use std::alloc::System;

use domain::RecordKind;
use large::Size;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SIZE: Size = Size {
    districts: 400,
    matters: 500,
    offerings_of_a_district: 200,
    agreements: 2_000,
    parties: 5,
    matters_of_a_clause: 20,
};

/// A single test, since the counting allocator is global.
#[test]
fn the_parts_add_up_and_a_change_copies_what_it_touches() {
    let region = Region::new(ALLOCATOR);
    let snapshot = SIZE.load();
    let taken = region.change();
    let taken = taken.bytes_allocated - taken.bytes_deallocated;
    let told: usize = snapshot.memory().iter().map(|share| share.bytes).sum();
    assert!(told.abs_diff(taken) < taken / 10, "{told} are told, {taken} were taken: {:?}", snapshot.memory());

    let of = SIZE.agreements / 2;
    for (kind, id, record) in [
        (RecordKind::District, SIZE.district_id(77), large::district(77, "改名区")),
        (RecordKind::Matter, SIZE.matter_id(77), large::matter(77, "改名事项")),
        (RecordKind::Offering, SIZE.offering_id(77, 7), large::offering(&SIZE, 77, 7, 3)),
        (RecordKind::Agreement, SIZE.agreement_id(of), large::agreement(&SIZE, of, "改名协议")),
    ] {
        let change = large::change(&snapshot, kind, id, &record);
        let region = Region::new(ALLOCATOR);
        let next = snapshot.apply([&change]).expect("it follows");
        let copied = region.change().bytes_allocated;
        assert!(copied < taken / 20, "{copied} of {taken} bytes for one {kind:?}");
        drop(next);
    }
}
