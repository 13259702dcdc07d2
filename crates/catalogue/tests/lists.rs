//! Lists of many agreements: counts and pages equal those of a scan over all agreements, before and after changes.

use std::collections::BTreeMap;

use catalogue::{AgreementFilter, Head, Order, Side, Slice, Snapshot};
use chrono::{DateTime, Days};
use domain::journal::Action;
use domain::{Agreement, AgreementNumber, Change, Date, Digest, HandlingMode, Record, RecordKind, Scope, Standing};
use serde_json::{Value, json};

const AGREEMENTS: u64 = 600;
const DISTRICTS: u64 = 40;
const MATTERS: u64 = 12;

fn code(district: u64) -> String {
    format!("11{:04}", district * 100)
}

fn day(after: u64) -> Date {
    Date::from_ymd_opt(2021, 1, 1).expect("a day") + Days::new(after)
}

/// Some end, some renew themselves, some were suspended. Numbers are in another order than the agreements.
fn agreement(nth: u64, round: u64) -> Value {
    let draw = |salt: u64, most: u64| (nth * 7_919 + round * 104_729 + salt * 1_299_709) % 1_000_003 % most;
    let from = draw(1, 400);
    let to = (draw(2, 3) > 0).then(|| day(from + draw(3, 300)));
    let matters = |salt| vec![format!("{:012}", draw(salt, MATTERS)), format!("{:012}", MATTERS)];
    let mode =
        |salt| ["FULL_ONLINE", "PROXY_COLLECTION", "MULTI_SITE_JOINT"][usize::try_from(draw(salt, 3)).expect("small")];
    let flagged = (draw(8, 10) == 0).then(|| json!([{ "since": day(from), "until": day(from + 20), "reason": "停" }]));
    json!({
        "type": "agreement", "number": format!("TB-2021-{:06}", (nth * 77) % 1_009 + 1), "title": format!("协议{nth}"),
        "signedOn": day(from.saturating_sub(draw(4, 60))), "effectiveFrom": day(from), "effectiveTo": to,
        "renewal": (to.is_some() && draw(5, 4) == 0).then(|| json!({ "months": 3 })),
        "parties": [{ "district": code(nth % DISTRICTS) }, { "district": code((nth + 1 + draw(9, DISTRICTS - 1)) % DISTRICTS) }],
        "schedule": [{ "mode": mode(6), "matters": matters(10) }, { "mode": mode(7), "matters": matters(11) }],
        "suspensions": flagged.unwrap_or_else(|| json!([])),
    })
}

fn change(revision: u64, kind: RecordKind, record: u64, line: Option<&Value>) -> Change {
    let document = line.map(|line| {
        Record::from_line(&line.to_string()).unwrap_or_else(|problems| panic!("{line}: {problems:?}")).line()
    });
    Change {
        revision,
        recorded_at: DateTime::UNIX_EPOCH,
        actor: "test".to_owned(),
        on_behalf_of: None,
        kind,
        action: Action::Registered,
        record,
        document,
        previous: Digest::GENESIS,
        digest: Digest::GENESIS,
    }
}

/// The agreements that match a filter, by a scan.
fn looked_at<'a>(
    agreements: &'a BTreeMap<AgreementNumber, Agreement>,
    filter: &AgreementFilter,
) -> Vec<&'a AgreementNumber> {
    let passes = |agreement: &Agreement| {
        let version = agreement.latest();
        (filter.standing.is_empty() || filter.standing.contains(&agreement.standing(filter.on)))
            && (filter.matter.is_none() && filter.modes.is_empty()
                || version.schedule.iter().any(|clause| {
                    filter.matter.is_none_or(|matter| clause.matters.contains(&matter))
                        && (filter.modes.is_empty() || filter.modes.contains(&clause.mode))
                }))
            && filter.parties.iter().all(|code| version.party(*code).is_some())
            && filter.covering.is_none_or(|code| version.party(code).is_some())
            && filter.ending_before.is_none_or(|before| version.ends_on(filter.on).is_some_and(|to| to < before))
    };
    agreements.iter().filter(|(_, agreement)| passes(agreement)).map(|(number, _)| number).collect()
}

fn filters(on: Date) -> Vec<AgreementFilter> {
    let any = AgreementFilter { on, ..AgreementFilter::default() };
    let mut filters = vec![any.clone()];
    filters.extend(Standing::ALL.iter().map(|standing| AgreementFilter { standing: vec![*standing], ..any.clone() }));
    filters.extend(HandlingMode::ALL.iter().map(|mode| AgreementFilter { modes: vec![*mode], ..any.clone() }));
    filters.extend([20, 200, 600].map(|days| AgreementFilter { ending_before: Some(day(days)), ..any.clone() }));
    let with = |standing: &[Standing], modes: &[HandlingMode], before: Option<u64>| AgreementFilter {
        standing: standing.to_vec(),
        modes: modes.to_vec(),
        ending_before: before.map(day),
        ..any.clone()
    };
    filters.push(with(&[Standing::InForce, Standing::Scheduled], &HandlingMode::ALL[1..], Some(300)));
    filters.push(with(&[Standing::Expired, Standing::NotConcluded], &HandlingMode::ALL[..1], None));
    for district in [0, 7] {
        let code = code(district).parse().expect("a code");
        filters.push(AgreementFilter { parties: vec![code], ..with(&[Standing::InForce], &[], None) });
        filters.push(AgreementFilter { covering: Some(code), ..with(&[], &HandlingMode::ALL[..2], Some(500)) });
    }
    for matter in [0, MATTERS] {
        filters.push(AgreementFilter {
            matter: format!("{matter:012}").parse().ok(),
            ..with(&[Standing::InForce], &HandlingMode::ALL[..1], None)
        });
    }
    filters
}

fn compare(snapshot: &Snapshot, agreements: &BTreeMap<AgreementNumber, Agreement>) {
    for on in [0, 30, 150, 399, 700].map(day) {
        for filter in filters(on) {
            let expected = looked_at(agreements, &filter);
            let listed: Vec<AgreementNumber> =
                snapshot.list_agreements(&filter, &Scope::Public).iter().map(|listed| listed.code).collect();
            assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{filter:?}");
            for (from, count) in [(Side::Start, 0), (Side::Start, 7), (Side::End, 7), (Side::Start, 1_000)] {
                let mut slice = Slice { from, ..Slice::first(count, Order::Relevance) };
                let mut pages: Vec<AgreementNumber> = Vec::new();
                loop {
                    let page = snapshot.cut_agreements(&filter, &Scope::Public, &slice);
                    let numbers = page.entries.iter().map(|(spot, _)| spot.code);
                    assert_eq!(page.total, expected.len(), "{filter:?}");
                    let is_more = if from == Side::Start { page.has_next } else { page.has_previous };
                    if from == Side::Start {
                        pages.extend(numbers);
                        slice.after = page.entries.last().map(|(spot, _)| spot.clone());
                    } else {
                        pages.splice(0..0, numbers);
                        slice.before = page.entries.first().map(|(spot, _)| spot.clone());
                    }
                    if count == 0 {
                        assert_eq!(is_more, !expected.is_empty());
                        break;
                    }
                    if !is_more {
                        assert_eq!(pages.iter().collect::<Vec<_>>(), expected, "{filter:?} by {count}");
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn counts_and_pages_equal_those_of_a_scan() {
    let mut revision = 0;
    let mut next = || {
        revision += 1;
        revision
    };
    let mut changes: Vec<Change> = Vec::new();
    for district in 0..DISTRICTS {
        let id = next();
        let line =
            json!({ "type": "district", "code": code(district), "name": format!("第{district}区"), "kind": "COUNTY" });
        changes.push(change(id, RecordKind::District, id, Some(&line)));
    }
    for matter in 0..=MATTERS {
        let id = next();
        let line = json!({ "type": "matter", "code": format!("{matter:012}"), "name": format!("事项{matter}"), "domain": "OTHER", "audience": ["NATURAL_PERSON"] });
        changes.push(change(id, RecordKind::Matter, id, Some(&line)));
    }
    let mut agreements = BTreeMap::new();
    let mut read = |line: &Value| match Record::from_line(&line.to_string()) {
        Ok(Record::Agreement(agreement)) => drop(agreements.insert(agreement.number, *agreement)),
        other => panic!("{line}: {other:?}"),
    };
    let mut ids = Vec::new();
    for nth in 0..AGREEMENTS {
        let (id, line) = (next(), agreement(nth, 0));
        read(&line);
        ids.push(id);
        changes.push(change(id, RecordKind::Agreement, id, Some(&line)));
    }
    let head =
        Head { epoch: "test".to_owned(), revision: 0, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH };
    let today = day(3_000);
    let before = Snapshot::empty(head).apply(&changes).expect("what names them");
    compare(&before.on_day(today), &agreements);
    let counted = before.on_day(today).list_agreements(&AgreementFilter::default(), &Scope::Public).len();

    // Some are amended, some are removed.
    let mut changes: Vec<Change> = Vec::new();
    for nth in (0..AGREEMENTS).step_by(3) {
        let id = ids[usize::try_from(nth).expect("small")];
        let line = agreement(nth, 1 + nth % 2);
        match Record::from_line(&line.to_string()) {
            Ok(Record::Agreement(agreement)) if nth % 9 == 0 => {
                agreements.remove(&agreement.number);
                changes.push(change(next(), RecordKind::Agreement, id, None));
            }
            Ok(Record::Agreement(agreement)) => {
                agreements.insert(agreement.number, *agreement);
                changes.push(change(next(), RecordKind::Agreement, id, Some(&line)));
            }
            other => panic!("{line}: {other:?}"),
        }
    }
    let after =
        changes.chunks(17).fold(before.clone(), |snapshot, some| snapshot.apply(some).expect("they were there"));
    compare(&after.on_day(today), &agreements);
    // The previous snapshot is unchanged.
    assert_eq!(before.on_day(today).list_agreements(&AgreementFilter::default(), &Scope::Public).len(), counted);
}
