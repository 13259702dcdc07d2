//! Paper records.

use domain::agreement::acts::Corrector;
use domain::agreement::lifecycle::Life;
use domain::{NewSuspension, Standing};

use super::{MINHANG, NANSHA, code, day, on, paper, rule};

#[test]
fn a_stewards_record_is_effective_at_once_and_a_registrars_after_confirmation() {
    assert_eq!(paper(None).standing(day("2022-01-01")), Standing::InForce);
    let one_sided = paper(Some(NANSHA));
    assert_eq!(one_sided.standing(day("2022-01-01")), Standing::NotConcluded);
    assert_eq!(
        one_sided.confirm(1, code(MINHANG), on("2026-04-01")).expect("confirmed").standing(day("2022-01-01")),
        Standing::InForce
    );
}

#[test]
fn contesting_a_record_suspends_the_party() {
    let contested = paper(None).contest(1, code(MINHANG), "未签署过".into(), on("2026-04-01")).expect("contested");
    assert_eq!(contested.standing(day("2026-03-31")), Standing::InForce);
    assert_eq!(contested.standing(day("2026-04-01")), Standing::Suspended);
}

#[test]
fn a_record_can_be_corrected_until_another_party_confirms() {
    let version = || paper(None).latest().clone();
    assert!(paper(None).correct(version(), Corrector::Steward, "录入有误".into(), on("2026-04-01")).is_ok());
    let confirmed = paper(None).confirm(1, code(MINHANG), on("2026-04-01")).expect("confirmed");
    assert_eq!(
        rule(confirmed.clone().correct(version(), Corrector::Steward, "录入有误".into(), on("2026-04-01"))),
        "CONFIRMED_BY_OTHERS"
    );
    let void = confirmed.void("重复登记".into(), on("2026-04-01")).expect("void");
    assert_eq!(void.standing(day("2022-01-01")), Standing::Voided);
    assert_eq!(rule(void.void("…".into(), on("2026-04-01"))), "VOIDED");
}

#[test]
fn confirming_a_contested_record_clears_the_suspension() {
    let contested = paper(None).contest(1, code(MINHANG), "日期有误".into(), on("2026-04-01")).expect("contested");
    assert_eq!(rule(contested.clone().resume(Some(code(MINHANG)), None, on("2026-04-02"))), "CONTESTED");
    let corrected = contested
        .correct(paper(None).latest().clone(), Corrector::Steward, "日期更正".into(), on("2026-04-03"))
        .expect("corrected");
    assert_eq!(corrected.standing(day("2026-04-03")), Standing::Suspended);
    let confirmed = corrected.confirm(1, code(MINHANG), on("2026-04-05")).expect("confirmed");
    assert_eq!(
        [confirmed.standing(day("2026-04-04")), confirmed.standing(day("2026-04-05"))],
        [Standing::Suspended, Standing::InForce]
    );
    assert_eq!(rule(confirmed.confirm(1, code(MINHANG), on("2026-04-06"))), "ALREADY_CONFIRMED");
    // The party's own suspension is separate, and stays.
    let own = paper(None)
        .suspend(Some(code(MINHANG)), NewSuspension::whole("系统升级", None), on("2026-04-01"))
        .expect("a flag");
    let own = own
        .contest(1, code(MINHANG), "日期有误".into(), on("2026-04-01"))
        .and_then(|own| own.confirm(1, code(MINHANG), on("2026-04-02")))
        .expect("confirmed");
    assert_eq!(own.standing(day("2026-04-02")), Standing::Suspended);
    assert_eq!(
        own.resume(Some(code(MINHANG)), None, on("2026-04-03")).expect("resumed").standing(day("2026-04-03")),
        Standing::InForce
    );
}

#[test]
fn only_the_recorder_or_a_steward_corrects_a_record() {
    let by = |recorder: Corrector| {
        paper(Some(NANSHA)).correct(paper(Some(NANSHA)).latest().clone(), recorder, "标题有误".into(), on("2026-04-01"))
    };
    assert_eq!(rule(by(Corrector::Recorder(code(MINHANG)))), "NOT_THE_RECORDER");
    let corrected = by(Corrector::Recorder(code(NANSHA))).expect("its own");
    assert!(
        matches!(&corrected.latest().life, Life::Paper(paper) if paper.corrections.len() == 1 && paper.recorder == Some(code(NANSHA)))
    );
    assert!(by(Corrector::Steward).is_ok());
    assert_eq!(
        rule(paper(None).correct(
            paper(None).latest().clone(),
            Corrector::Recorder(code(NANSHA)),
            "…".into(),
            on("2026-04-01")
        )),
        "NOT_THE_RECORDER"
    );
}
