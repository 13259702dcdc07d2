//! Renewals and other date-driven changes.

use domain::agreement::acts::Leaving;
use domain::journal::Action;
use domain::{NewSuspension, Standing};
use serde_json::json;

use super::{KUNSHAN, MINHANG, NANSHA, amended, code, concluded, day, on, paper, rule, terms};

#[test]
fn an_agreement_renews_until_a_party_objects_in_time() {
    let renewing = terms(&json!({ "effectiveTo": "2027-02-28", "renewal": { "months": 6, "objectionDays": 30 } }));
    assert_eq!(renewing.latest().term().expect("it").to, None);
    let ends = ["2026-03-02", "2027-02-28", "2027-03-01", "2027-09-01", "2035-01-01"]
        .map(|on| renewing.latest().current_end(day(on)).expect("an end").to_string());
    assert_eq!(ends, ["2027-02-28", "2027-02-28", "2027-08-31", "2028-02-29", "2035-02-28"]);
    assert_eq!(rule(concluded().oppose_renewal(code(NANSHA), on("2026-04-01"))), "NO_RENEWAL");
    assert_eq!(rule(renewing.clone().oppose_renewal(code(NANSHA), on("2027-01-30"))), "OBJECTION_PERIOD_OVER");
    let opposed = renewing.clone().oppose_renewal(code(NANSHA), on("2027-05-01")).expect("in time");
    assert_eq!(opposed.latest().term().expect("it").to, Some(day("2027-08-31")));
    assert_eq!(rule(opposed.clone().oppose_renewal(code(NANSHA), on("2027-05-02"))), "ALREADY_OPPOSED");
    assert_eq!(
        [opposed.standing(day("2027-08-31")), opposed.standing(day("2027-09-01"))],
        [Standing::InForce, Standing::Expired]
    );
    assert_eq!(
        opposed.date_changes(day("2026-03-02"), day("2030-01-01")),
        [(day("2027-03-01"), Action::Renewed), (day("2027-09-01"), Action::Expired)]
    );
    assert_eq!(renewing.date_changes(day("2027-03-01"), day("2028-09-01")).len(), 3);
}

#[test]
fn date_changes_are_the_same_for_any_split_of_the_days() {
    let lapsing = amended(
        terms(&json!({ "effectiveFrom": "2026-04-15", "effectiveTo": "2026-12-31" })),
        &json!({ "title": "第二版", "effectiveTo": "2026-12-31" }),
    );
    let lapsing = lapsing.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let busy = lapsing
        .suspend(Some(code(MINHANG)), NewSuspension::whole("系统升级", Some(day("2026-05-10"))), on("2026-05-01"))
        .and_then(|busy| {
            Ok(busy.give_notice(
                code(KUNSHAN),
                day("2026-06-30"),
                Leaving::InTime,
                "机构调整".into(),
                on("2026-05-01"),
            )?)
        })
        .and_then(|busy| {
            Ok(busy.give_notice(
                code(MINHANG),
                day("2026-08-31"),
                Leaving::InTime,
                "机构调整".into(),
                on("2026-05-01"),
            )?)
        })
        .expect("acts");
    let (from, to) = (day("2026-03-01"), day("2027-12-31"));
    let all = [
        ("2026-04-15", Action::TookEffect),
        ("2026-05-01", Action::Lapsed),
        ("2026-05-11", Action::SuspensionEnded),
        ("2026-07-01", Action::Left),
        ("2026-09-01", Action::Terminated),
        ("2026-09-01", Action::Left),
    ]
    .map(|(on, action)| (day(on), action));
    assert_eq!(busy.date_changes(from, to), all);
    for at in from.iter_days().take_while(|at| *at <= to) {
        let mut parts = busy.date_changes(from, at);
        parts.extend(busy.date_changes(at, to));
        assert_eq!(parts, all, "{at}");
    }
    // The conclusion by the last signature is recorded with that act.
    assert_eq!(concluded().date_changes(from, to), []);
    assert_eq!(paper(None).date_changes(day("2021-05-27"), to), [(day("2021-05-28"), Action::TookEffect)]);
}
