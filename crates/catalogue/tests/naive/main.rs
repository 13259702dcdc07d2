//! Compares the catalogue with the naive definition of a route, written as loops over the records, on random registries
//! and for every question.

mod compare;
mod effect;
mod lists;
mod load;
mod oracle;
mod registry;

use crate::compare::{compare, told};
use crate::effect::compare_effects;
use crate::lists::compare_lists;
use crate::load::{change, head, load, load_seen, question, records};
use crate::oracle::Naive;
use crate::registry::DAYS;
use catalogue::{Order, Slice, Snapshot};
use domain::{Change, DistrictCode, Record, RecordKind, Scope};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use std::borrow::Cow;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 2_000, failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))), ..ProptestConfig::default() })]

    #[test]
    fn the_catalogue_answers_like_the_naive_definition(bytes in prop::collection::vec(any::<u8>(), 40..500), day in 0..DAYS.len(), today in 0..DAYS.len()) {
        let records = records(&bytes);
        let [on, today] = [day, today].map(|day| DAYS[day].parse().expect("a day"));
        let (naive, snapshot) = (Naive::new(&records, today), load(&records).on_day(today));
        compare(&naive, &snapshot, on)?;
        compare_lists(&naive, &snapshot, on)?;
        // Unpublished content leaves no trace in an answer: no reason, no notice, no finding.
        let published = load_seen(&records, |agreement| agreement.seen_by(&Scope::Public, today).map(Cow::into_owned)).on_day(today);
        prop_assert_eq!(told(&naive, &snapshot, on), told(&naive, &published, on));
    }

    /// A snapshot that applied changes in batches of any size equals the one that was loaded at once.
    #[test]
    fn applying_changes_equals_loading_all_records(bytes in prop::collection::vec(any::<u8>(), 40..400), batch in 1usize..6, again in 0usize..3) {
        let records = records(&bytes);
        // Within a batch, districts and matters come first, as in an import.
        let changes: Vec<Change> = records.iter().zip(1..).map(|(record, revision)| change(record, revision)).collect();
        let first = records.iter().filter(|record| matches!(record.kind(), RecordKind::District | RecordKind::Matter)).count();
        let mut snapshot = Snapshot::empty(head(0)).apply(&changes[..first]).expect("districts and matters");
        let today = DAYS[2].parse().expect("a day");
        let codes: Vec<DistrictCode> = Naive::new(&records, today).districts.into_keys().collect();
        for batch in changes[first..].chunks(batch) {
            // Fill the cache first, so that stale entries would show.
            for code in &codes {
                for receiving in [None, codes.first().copied(), codes.last().copied()] {
                    snapshot.on_day(today).available(&question(receiving, Some(*code), today, false), &Slice::all(Order::Code));
                }
            }
            snapshot = snapshot.apply(batch).expect("what names them");
        }
        // Some records are written again unchanged: nothing may be duplicated.
        for revision in 0..again.min(records.len()) {
            let mut twice = change(&records[revision], records.len() as u64 + revision as u64 + 1);
            twice.record = revision as u64 + 1;
            snapshot = snapshot.apply([&twice]).expect("the same record");
        }
        let snapshot = snapshot.on_day(today);
        prop_assert_eq!(snapshot.counts(&Scope::Steward), load(&records).counts(&Scope::Steward));
        let naive = Naive::new(&records, today);
        compare(&naive, &snapshot, today)?;
        compare_lists(&naive, &snapshot, today)?;
        // A removed record leaves no trace.
        let mut naive = naive;
        let mut snapshot = snapshot;
        for removed in (1..).zip(&records).filter(|(_, record)| record.kind() == RecordKind::Agreement).take(again) {
            let mut removal = change(removed.1, snapshot.revision() + 1);
            (removal.record, removal.document) = (removed.0, None);
            snapshot = snapshot.apply([&removal]).expect("it was there");
            naive.agreements.pop_first();
        }
        if again > 0 {
            compare(&naive, &snapshot, today)?;
            compare_lists(&naive, &snapshot, today)?;
        }
    }

    /// The effect of a version, and of a stop, is the difference of all answers with and without it.
    #[test]
    fn an_effect_is_the_difference_of_all_answers(bytes in prop::collection::vec(any::<u8>(), 40..400), day in 0..DAYS.len(), today in 0..DAYS.len()) {
        let records = records(&bytes);
        let [on, today] = [day, today].map(|day| DAYS[day].parse().expect("a day"));
        compare_effects(&Naive::new(&records, today), &load(&records).on_day(today), &records, &bytes, on)?;
    }

    #[test]
    fn a_record_survives_writing_and_reading_its_line(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for record in records(&bytes) {
            let line = record.line();
            let again = Record::from_line(&line).expect("our own line");
            prop_assert_eq!(&again, &record);
            prop_assert_eq!(again.line(), line);
        }
    }
}
