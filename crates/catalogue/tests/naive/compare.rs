//! Compares all answers of a day.

use crate::lists::{check_filtered, check_list, compare_records};
use crate::load::{named, question};
use crate::oracle::{Naive, NaiveRoute};
use catalogue::{Answer, Order, ReasonCode, Slice, Snapshot, Verdict};
use chrono::Datelike;
use domain::{Date, DistrictCode, HandlingMode, MatterCode, Reach, Scope};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// All public answers of a day apart from routes.
pub(crate) fn told(naive: &Naive, snapshot: &Snapshot, on: Date) -> Vec<String> {
    let mut told = Vec::new();
    for &a in naive.districts.keys() {
        for &c in naive.districts.keys() {
            let handlings = naive.matters.keys().map(|m| snapshot.handling(*m, a, c, on));
            told.extend(
                handlings
                    .flat_map(|handling| handling.reasons.into_iter().chain(handling.notices))
                    .map(|reason| reason.message.en),
            );
            told.extend(
                snapshot
                    .available(&question(Some(a), Some(c), on, false), &Slice::all(Order::Code))
                    .reasons
                    .into_iter()
                    .map(|reason| reason.message.en),
            );
        }
        told.extend(
            snapshot.partners(a, on).iter().map(|partner| format!("{} {}", partner.code, partner.item.agreements)),
        );
    }
    told.extend(snapshot.findings(on, None, &[], &[], &Scope::Public).iter().map(|finding| finding.item.message.en));
    told
}

/// Compares all answers of a day.
pub(crate) fn compare(naive: &Naive, snapshot: &Snapshot, on: Date) -> Result<(), TestCaseError> {
    let codes: Vec<DistrictCode> = naive.districts.keys().copied().collect();
    // Receiving, competent, matter → routes.
    let mut all: BTreeMap<(DistrictCode, DistrictCode, MatterCode), BTreeSet<NaiveRoute>> = BTreeMap::new();
    for &a in &codes {
        for &c in &codes {
            for &m in naive.matters.keys() {
                let (routes, blocked) = naive.routes(m, a, c, on);
                let handling = snapshot.handling(m, a, c, on);
                let found: BTreeSet<NaiveRoute> = handling.routes.iter().map(named).collect();
                prop_assert_eq!(found.len(), handling.routes.len(), "one route for each clause");
                prop_assert_eq!(&found, &routes, "routes of {} from {} to {} on {}", m, a, c, on);
                let answer = if !routes.is_empty() {
                    Answer::Available
                } else if blocked {
                    Answer::NotOffered
                } else {
                    Answer::NotCovered
                };
                prop_assert_eq!(handling.answer, answer, "answer of {} from {} to {} on {}", m, a, c, on);
                prop_assert_eq!(
                    handling.reasons.is_empty(),
                    !routes.is_empty(),
                    "a no has a reason: {} from {} to {} on {}",
                    m,
                    a,
                    c,
                    on
                );
                prop_assert_eq!(
                    matches!(handling.verdict(), Verdict::Available | Verdict::AvailableWindowUnknown),
                    !routes.is_empty(),
                    "verdict of {} from {} to {} on {}",
                    m,
                    a,
                    c,
                    on
                );
                for route in &handling.routes {
                    let (valid, follows) = naive.span(&named(route), m, a, c, on);
                    prop_assert_eq!(
                        route.valid,
                        valid,
                        "days of {:?} of {} from {} to {} on {}",
                        named(route),
                        m,
                        a,
                        c,
                        on
                    );
                    let ends = route.notices.iter().any(|notice| notice.code == ReasonCode::EndsSoon);
                    prop_assert_eq!(
                        ends,
                        valid.to.is_some() && !follows,
                        "{:?} of {} from {} to {} on {}",
                        named(route),
                        m,
                        a,
                        c,
                        on
                    );
                    let windows =
                        if route.mode == HandlingMode::FullOnline { 0 } else { naive.windows(m, a, route.mode, on) };
                    prop_assert_eq!(route.windows.len(), windows);
                }
                all.insert((a, c, m), routes);
            }
        }
    }
    compare_elsewhere(naive, snapshot, &all, on)?;
    compare_suspended(naive, snapshot, &all, on)?;
    // Another filter for each pair, so that all of them occur.
    let mut number = usize::try_from(on.num_days_from_ce()).expect("a day of our era") * codes.len()
        + all.len()
        + naive.offerings.len() * 7;
    compare_records(naive, snapshot, number)?;
    for &a in &codes {
        for asked in codes.iter().map(|c| (Some(a), Some(*c))).chain([(Some(a), None), (None, Some(a))]) {
            check_filtered(naive, snapshot, &all, asked, on, number)?;
            number += 1;
        }
    }
    for &a in &codes {
        for &c in &codes {
            check_list(naive, snapshot, &all, Some(a), Some(c), on)?;
        }
        check_list(naive, snapshot, &all, Some(a), None, on)?;
        check_list(naive, snapshot, &all, None, Some(a), on)?;
    }
    Ok(())
}

type AllRoutes = BTreeMap<(DistrictCode, DistrictCode, MatterCode), BTreeSet<NaiveRoute>>;

/// Where else a matter can be submitted: same prefecture, same province, then by code.
fn compare_elsewhere(naive: &Naive, snapshot: &Snapshot, all: &AllRoutes, on: Date) -> Result<(), TestCaseError> {
    for &(a, c, m) in all.keys() {
        let is_other = |code: &&DistrictCode| **code != a && !all[&(**code, c, m)].is_empty();
        let mut expected: Vec<DistrictCode> = naive.districts.keys().filter(is_other).copied().collect();
        let is_far = |reach, code: DistrictCode| !naive.reaches(reach, a, code, on);
        expected
            .sort_by_key(|code| (is_far(Reach::WithinPrefecture, *code), is_far(Reach::WithinProvince, *code), *code));
        expected.truncate(3);
        let found: Vec<DistrictCode> =
            snapshot.elsewhere(m, a, c, on, 3).iter().map(|district| district.code).collect();
        prop_assert_eq!(found, expected, "where else than {} {} of {} on {}", a, m, c, on);
    }
    Ok(())
}

/// Suspended matters: those that a registry without suspensions has, and this one has not.
fn compare_suspended(naive: &Naive, snapshot: &Snapshot, all: &AllRoutes, on: Date) -> Result<(), TestCaseError> {
    let mut unsuspended = naive.clone();
    unsuspended.agreements.values_mut().for_each(|agreement| agreement.suspensions.clear());
    for &a in naive.districts.keys() {
        for &c in naive.districts.keys() {
            let is_suspended =
                |m: &&MatterCode| all[&(a, c, **m)].is_empty() && !unsuspended.routes(**m, a, c, on).0.is_empty();
            let expected = naive.matters.keys().filter(is_suspended).count();
            let found = snapshot.suspended(&question(Some(a), Some(c), on, false));
            prop_assert_eq!(found.matters, expected, "suspended from {} to {} on {}", a, c, on);
            prop_assert!(expected == 0 || !found.suspensions.is_empty());
        }
    }
    Ok(())
}
