//! Compares the effects of versions and of stops with loops over all questions.

use crate::load::load;
use crate::oracle::Naive;
use crate::registry::{DAYS, Dice, scope};
use catalogue::{Effect, EffectCell, Narrowing, Snapshot};
use domain::{Agreement, AgreementNumber, Date, DistrictCode, HandlingMode, MatterCode, Record, Scope, Supposition};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Changes = BTreeMap<(DistrictCode, DistrictCode, HandlingMode), BTreeSet<MatterCode>>;

/// The matters that are available by mode, for each two districts.
fn all(naive: &Naive, on: Date) -> Changes {
    let mut all = Changes::new();
    for &a in naive.districts.keys() {
        for &c in naive.districts.keys() {
            for &m in naive.matters.keys() {
                for (.., mode) in naive.routes(m, a, c, on).0 {
                    all.entry((a, c, mode)).or_default().insert(m);
                }
            }
        }
    }
    all
}

/// What the one has and the other has not.
fn without(one: &Changes, other: &Changes) -> Changes {
    let left = one.iter().map(|(key, matters)| {
        let known = other.get(key).cloned().unwrap_or_default();
        (*key, matters - &known)
    });
    left.filter(|(_, matters)| !matters.is_empty()).collect()
}

fn told(cells: &[EffectCell]) -> Changes {
    let key = |cell: &EffectCell| (cell.receiving.code, cell.competent.code, cell.mode);
    cells.iter().map(|cell| (key(cell), cell.matters.iter().copied().collect())).collect()
}

fn effect(before: &Snapshot, after: &Snapshot, number: AgreementNumber, on: Date, narrowing: Narrowing) -> Effect {
    let mut comparison =
        before.clone().compare_with(after.clone(), &[number], on, narrowing).expect("there are few districts");
    while comparison.advance(3) {}
    comparison.finish(&Scope::Steward)
}

/// Replaces an agreement in both registries.
fn put(naive: &Naive, snapshot: &Snapshot, agreement: &Agreement) -> (Naive, Snapshot) {
    let mut naive = naive.clone();
    naive.agreements.insert(agreement.number, agreement.clone());
    (naive, snapshot.supposing([agreement.clone()]).expect("its references resolve"))
}

fn check(
    (was, before): &(Naive, Snapshot),
    (is, after): &(Naive, Snapshot),
    number: AgreementNumber,
    on: Date,
) -> Result<(), TestCaseError> {
    let (old, new) = (all(was, on), all(is, on));
    let (starting, ending) = (without(&new, &old), without(&old, &new));
    let found = effect(before, after, number, on, Narrowing::default());
    prop_assert_eq!(told(&found.starting), starting.clone(), "what starts by {} on {}", number, on);
    prop_assert_eq!(told(&found.ending), ending.clone(), "what ends by {} on {}", number, on);
    let changed: BTreeSet<MatterCode> = starting.values().chain(ending.values()).flatten().copied().collect();
    let routes = starting.values().chain(ending.values()).map(BTreeSet::len).sum();
    prop_assert_eq!((found.matters, found.routes()), (changed.len(), routes));
    for code in was.districts.keys().take(2) {
        let narrowing = Narrowing { competent: Some(*code), ..Narrowing::default() };
        let narrowed = effect(before, after, number, on, narrowing);
        let own =
            |changes: &Changes| changes.clone().into_iter().filter(|((_, c, _), _)| c == code).collect::<Changes>();
        prop_assert_eq!((told(&narrowed.starting), told(&narrowed.ending)), (own(&starting), own(&ending)));
    }
    Ok(())
}

/// The effects of each version of each agreement, and of one stop.
pub(crate) fn compare_effects(
    naive: &Naive,
    snapshot: &Snapshot,
    records: &[Record],
    bytes: &[u8],
    on: Date,
) -> Result<(), TestCaseError> {
    let mut dice = Dice::new(bytes);
    let codes: Vec<String> = naive.districts.keys().map(ToString::to_string).collect();
    let matters: Vec<String> = naive.matters.keys().map(ToString::to_string).collect();
    for agreement in naive.agreements.values() {
        for version in &agreement.versions {
            let Supposition { without, with } = agreement.suppose(version.number, on, naive.today).expect("a version");
            let [without, with] = [without, with].map(|supposed| put(naive, snapshot, &supposed));
            check(&without, &with, agreement.number, on)?;
        }
        let mut line = serde_json::json!({ "scope": scope(&mut dice, &codes, &matters) });
        line["since"] = Value::from(DAYS[0]);
        let stopped = with_stop(agreement, line);
        check(&(naive.clone(), snapshot.clone()), &put(naive, snapshot, &stopped), agreement.number, on)?;
    }
    // The caches of the registry itself know nothing of what was supposed.
    let anew = load(records).on_day(naive.today);
    for code in naive.districts.keys() {
        let question = crate::load::question(None, Some(*code), on, false);
        let [one, other] = [snapshot, &anew].map(|snapshot| {
            let listed = snapshot.available(&question, &catalogue::Slice::all(catalogue::Order::Code));
            listed.matters.entries.into_iter().map(|(spot, item)| (spot.code, item.modes)).collect::<Vec<_>>()
        });
        prop_assert_eq!(one, other);
    }
    Ok(())
}

/// The agreement with one more stop of the registry.
fn with_stop(agreement: &Agreement, line: Value) -> Agreement {
    let mut record: Value =
        serde_json::from_str(&Record::Agreement(Box::new(agreement.clone())).line()).expect("a line");
    let stops = record["suspensions"].as_array().cloned().unwrap_or_default();
    record["suspensions"] = stops.into_iter().chain([line]).collect();
    match Record::from_line(&record.to_string()).expect("it reads") {
        Record::Agreement(agreement) => *agreement,
        other => panic!("{other:?} is no agreement"),
    }
}
