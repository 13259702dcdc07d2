//! Snapshots loaded from records or from changes.

use crate::oracle::NaiveRoute;
use crate::registry::lines;
use catalogue::{Basis, Head, OfferingBrief, Question, Route, Snapshot, SnapshotBuilder};
use chrono::DateTime;
use domain::journal::Action;
use domain::{Agreement, Change, Date, Digest, DistrictCode, Id, Record, Recorded};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) fn named(route: &Route) -> NaiveRoute {
    let basis = match &route.basis {
        Basis::Agreement { agreement, version } => {
            format!("{} version {}", agreement.number, agreement.versions[*version].number)
        }
        Basis::Policy(policy) => format!("policy {}", policy.id.number()),
    };
    (basis, route.clause, route.mode)
}

pub(crate) fn head(revision: u64) -> Head {
    Head { epoch: "test".to_owned(), revision, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH }
}

pub(crate) fn kept<T>(record: T, revision: u64) -> Recorded<T> {
    Recorded { id: Id::new(revision), revision, record }
}

/// Loads all records at once.
pub(crate) fn load(records: &[Record]) -> Snapshot {
    load_seen(records, |agreement| Some(agreement.clone()))
}

/// Loads all records at once, with the visible part of agreements.
pub(crate) fn load_seen(records: &[Record], seen: impl Fn(&Agreement) -> Option<Agreement>) -> Snapshot {
    let mut builder = SnapshotBuilder::new(head(records.len() as u64));
    let mut ids: BTreeMap<String, u64> = BTreeMap::new();
    for (record, revision) in records.iter().zip(1..) {
        match record.clone() {
            Record::District(record) => {
                ids.insert(record.code.to_string(), revision);
                builder.district(kept(record, revision));
            }
            Record::Matter(record) => {
                ids.insert(record.code.to_string(), revision);
                builder.matter(kept(record, revision));
            }
            Record::Window(record) => builder.window(kept(record, revision)),
            Record::Agreement(record) => {
                if let Some(record) = seen(&record) {
                    builder.agreement(kept(record, revision));
                }
            }
            Record::Policy(record) => builder.policy(kept(*record, revision), None),
            Record::Document(record) => builder.document(kept(record, revision)),
            Record::Offering(record) => {
                let matter = record.matter.map(|code| Id::new(ids[code.as_str()]));
                let offering = kept(*record, revision);
                let district = Id::new(ids[offering.district.as_str()]);
                builder.offering(district, matter, OfferingBrief::of(&offering)).expect("a district and a matter");
            }
        }
    }
    builder.finish().expect("every reference resolves")
}

pub(crate) fn change(record: &Record, revision: u64) -> Change {
    Change {
        revision,
        recorded_at: DateTime::UNIX_EPOCH,
        actor: "test".to_owned(),
        on_behalf_of: None,
        kind: record.kind(),
        action: Action::Registered,
        record: revision,
        document: Some(record.line()),
        previous: Digest::GENESIS,
        digest: Digest::GENESIS,
    }
}

pub(crate) fn records(bytes: &[u8]) -> Vec<Record> {
    let read =
        |line: &Value| Record::from_line(&line.to_string()).unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
    lines(bytes).iter().map(read).collect()
}

pub(crate) fn question(
    receiving: Option<DistrictCode>,
    competent: Option<DistrictCode>,
    on: Date,
    with_guide: bool,
) -> Question {
    Question { with_guide, ..Question::unfiltered(receiving, competent, on) }
}
