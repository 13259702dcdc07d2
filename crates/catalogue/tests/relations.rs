//! Relations between districts are the same whether they are applied change by change or loaded at once.

use std::collections::BTreeSet;

use catalogue::{DistrictFilter, Head, Order, Slice, Snapshot, SnapshotBuilder};
use chrono::DateTime;
use domain::journal::Action;
use domain::{Change, Date, Digest, District, DistrictCode, Extent, Id, Record, RecordKind, Recorded};
use proptest::prelude::*;
use serde_json::json;

const DISTRICTS: usize = 6;
const DAYS: [&str; 3] = ["2020-01-01", "2022-06-01", "2025-01-01"];

fn code(district: usize) -> String {
    format!("1100{district:02}")
}

/// The relations of a district: its parent and since when, the districts that it administers, its retirement and its
/// successor.
type Said = (Option<(usize, bool)>, Vec<usize>, Option<Vec<usize>>);

fn record(district: usize, said: &Said) -> District {
    let (parent, administers, retired) = said;
    let codes = |districts: &[usize]| {
        districts.iter().collect::<BTreeSet<_>>().into_iter().map(|other| code(*other)).collect::<Vec<_>>()
    };
    let mut line = json!({ "type": "district", "code": code(district), "name": format!("第{district}区"), "kind": "COUNTY", "administers": codes(administers) });
    if let Some((parent, dated)) = parent {
        line["parents"] = json!([{ "district": code(*parent), "validFrom": dated.then_some("2022-01-01") }]);
    }
    if let Some(successors) = retired {
        line["retiredOn"] = json!("2023-01-01");
        line["successors"] = json!(codes(successors));
    }
    match Record::from_line(&line.to_string()) {
        Ok(Record::District(district)) => district,
        other => panic!("{line}: {other:?}"),
    }
}

fn said() -> impl Strategy<Value = Said> {
    let some = || prop::collection::vec(0..DISTRICTS, 0..3);
    (prop::option::of((0..DISTRICTS, any::<bool>())), some(), prop::option::weighted(0.2, some()))
}

fn head(revision: u64) -> Head {
    Head { epoch: "test".to_owned(), revision, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH }
}

fn load(districts: &[Said]) -> Snapshot {
    let mut builder = SnapshotBuilder::new(head(districts.len() as u64));
    for (at, said) in districts.iter().enumerate() {
        let id = at as u64 + 1;
        builder.district(Recorded { id: Id::new(id), revision: id, record: record(at, said) });
    }
    builder.finish().expect("each names those that there are")
}

fn change(revision: u64, district: usize, said: &Said) -> Change {
    Change {
        revision,
        recorded_at: DateTime::UNIX_EPOCH,
        actor: "test".to_owned(),
        on_behalf_of: None,
        kind: RecordKind::District,
        action: Action::Registered,
        record: district as u64 + 1,
        document: Some(Record::District(record(district, said)).line()),
        previous: Digest::GENESIS,
        digest: Digest::GENESIS,
    }
}

/// For each district and day the districts that it acts for, and those within it.
fn told(snapshot: &Snapshot) -> Vec<(BTreeSet<DistrictCode>, BTreeSet<DistrictCode>, Vec<DistrictCode>)> {
    let days = DAYS.map(|day| day.parse::<Date>().expect("a day"));
    let codes = (0..DISTRICTS).map(|district| code(district).parse::<DistrictCode>().expect("a code"));
    let of = |(code, on): (DistrictCode, Date)| {
        let filter = DistrictFilter { within: Some((code, on)), ..DistrictFilter::default() };
        let within = snapshot
            .list_districts(&filter, &Slice::all(Order::Code))
            .entries
            .into_iter()
            .map(|(spot, _)| spot.code)
            .collect();
        (snapshot.acts_for(code, Extent::Itself, on), snapshot.acts_for(code, Extent::Subtree, on), within)
    };
    codes.flat_map(|code| days.map(|day| of((code, day)))).collect()
}

proptest! {
    #[test]
    fn relations_by_changes_equal_relations_by_loading(
        first in prop::collection::vec(said(), DISTRICTS), changes in prop::collection::vec((0..DISTRICTS, said()), 1..8), batch in 1usize..4,
    ) {
        let mut now = first;
        let mut snapshot = load(&now);
        for batch in changes.chunks(batch) {
            let revisions = snapshot.revision() + 1..;
            let batch: Vec<Change> = revisions.zip(batch).map(|(revision, (district, said))| change(revision, *district, said)).collect();
            snapshot = snapshot.apply(&batch).expect("each names those that there are");
        }
        for (district, said) in changes {
            now[district] = said;
        }
        prop_assert_eq!(told(&snapshot), told(&load(&now)));
    }
}
