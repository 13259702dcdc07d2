//! Members: accessions, suspensions and notices.

use domain::agreement::acts::Leaving;
use domain::agreement::lifecycle::VersionState;
use domain::journal::Action;
use domain::{NewSuspension, Party, Standing};
use serde_json::json;

use super::{
    KUNSHAN, MINHANG, NANSHA, XINYI, agreement, amended, code, concluded, day, line, on, parties, rule, signed, terms,
};

#[test]
fn an_accession_waits_for_the_required_consent() {
    let agreement = concluded();
    let digest = agreement.latest().digest(agreement.number);
    let newcomer = Party { district: code(XINYI), ..agreement.latest().parties[0].clone() };
    let waiting = agreement.accede(newcomer.clone(), digest, on("2026-04-01")).expect("asked");
    assert_eq!(waiting.latest().members().count(), 3);
    assert_eq!(rule(waiting.clone().accede(newcomer, digest, on("2026-04-01"))), "ALREADY_A_PARTY");
    let admitted = [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(waiting, |agreement, by| agreement.admit(code(by), code(XINYI), on("2026-04-02")).expect("consent"));
    assert_eq!(admitted.latest().members().count(), 4);
    assert_eq!(admitted.latest().party(code(XINYI)).expect("in").joined_on, Some(day("2026-04-02")));
}

#[test]
fn an_agreement_terminates_when_fewer_than_two_parties_remain() {
    let agreement = concluded();
    assert_eq!(
        rule(agreement.clone().give_notice(
            code(NANSHA),
            day("2026-04-20"),
            Leaving::InTime,
            "…".into(),
            on("2026-04-01")
        )),
        "NOTICE_TOO_SHORT"
    );
    let left = agreement
        .give_notice(code(NANSHA), day("2026-05-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01"))
        .expect("notice");
    assert_eq!(left.standing(day("2026-05-02")), Standing::InForce);
    let both = left
        .give_notice(code(MINHANG), day("2026-06-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01"))
        .expect("notice");
    assert_eq!(both.standing(day("2026-06-01")), Standing::InForce);
    assert_eq!(both.standing(day("2026-06-02")), Standing::Terminated);
    let stays = both.clone().revoke_notice(code(MINHANG), on("2026-05-20")).expect("revoked");
    assert_eq!(stays.standing(day("2026-06-02")), Standing::InForce);
    assert_eq!(rule(both.revoke_notice(code(MINHANG), on("2026-06-02"))), "ALREADY_LEFT");
}

#[test]
fn a_late_signatory_can_accede_without_new_signatures() {
    let alliance = agreement(&line(&json!({ "concludes": "SIGNATORIES", "admission": "OPEN" }))).propose(
        1,
        day("2026-03-31"),
        on("2026-03-01"),
    );
    let alliance = [NANSHA, MINHANG]
        .into_iter()
        .fold(alliance.expect("proposed"), |alliance, party| signed(alliance, 1, party, "2026-03-02"));
    let alliance = alliance.reject(1, code(KUNSHAN), "暂不加入".into(), on("2026-03-10")).expect("without me");
    // All have answered, but a rejection can be taken back until the day for answers.
    assert_eq!(alliance.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(alliance.latest().signed_on(), Some(day("2026-04-01")));
    assert_eq!(
        rule(alliance.clone().suspend(Some(code(KUNSHAN)), NewSuspension::whole("…", None), on("2026-04-01"))),
        "NOT_A_PARTY"
    );
    let digest = alliance.latest().digest(alliance.number);
    let kunshan = alliance.latest().party(code(KUNSHAN)).expect("named").clone();
    let joined = alliance.accede(kunshan, digest, on("2026-04-02")).expect("open to all");
    assert_eq!((joined.latest().members().count(), joined.latest().parties.len()), (3, 3));
    assert_eq!(joined.latest().digest(joined.number), digest);
}

#[test]
fn a_party_can_rejoin_and_its_past_is_kept() {
    let left = terms(&json!({ "admission": "LEAD" }))
        .give_notice(code(KUNSHAN), day("2026-05-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01"))
        .expect("notice");
    let digest = left.latest().digest(left.number);
    let kunshan = || left.latest().party(code(KUNSHAN)).expect("it").clone();
    assert_eq!(rule(left.clone().accede(kunshan(), digest, on("2026-05-01"))), "ALREADY_A_PARTY");
    assert_eq!(rule(left.clone().admit(code(KUNSHAN), code(XINYI), on("2026-05-02"))), "ALREADY_LEFT");
    let back = left
        .clone()
        .accede(kunshan(), digest, on("2026-06-01"))
        .and_then(|back| back.admit(code(NANSHA), code(KUNSHAN), on("2026-06-03")))
        .expect("back");
    let member = |on: &str| back.members_on(back.latest(), day(on)).any(|party| party.district == code(KUNSHAN));
    assert_eq!(
        ["2026-04-30", "2026-05-01", "2026-05-02", "2026-06-02", "2026-06-03"].map(member),
        [true, true, false, false, true]
    );
    assert_eq!(back.latest().digest(back.number), digest);
    // It may give notice again.
    let again = back
        .give_notice(code(KUNSHAN), day("2026-09-01"), Leaving::InTime, "机构调整".into(), on("2026-07-01"))
        .expect("notice");
    assert_eq!(
        again.date_changes(day("2026-04-01"), day("2026-12-31")),
        [(day("2026-05-02"), Action::Left), (day("2026-09-02"), Action::Left)]
    );
    // Or it signs the next version, which makes it a party again.
    let next = amended(left, &json!({ "title": "第二版", "admission": "LEAD" }))
        .propose(2, day("2026-06-30"), on("2026-06-01"))
        .expect("proposed");
    let next =
        [NANSHA, MINHANG, KUNSHAN].into_iter().fold(next, |agreement, party| signed(agreement, 2, party, "2026-06-02"));
    assert_eq!(next.members_on(next.latest(), day("2026-06-02")).count(), 3);
    assert_eq!(next.members_on(next.version(1).expect("it"), day("2026-05-02")).count(), 2);
}

#[test]
fn a_newcomer_signs_pending_proposals() {
    let next = amended(terms(&json!({ "admission": "LEAD" })), &json!({ "title": "第二版", "admission": "LEAD" }));
    let next = next.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let before = next.latest().digest(next.number);
    let standing = next.version(1).expect("it").digest(next.number);
    let newcomer = Party { district: code(XINYI), ..next.latest().parties[0].clone() };
    let joined = next
        .accede(newcomer, standing, on("2026-04-02"))
        .and_then(|next| next.admit(code(NANSHA), code(XINYI), on("2026-04-03")))
        .expect("in");
    assert_eq!(joined.latest().digest(joined.number), before);
    let three = [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(joined, |agreement, party| signed(agreement, 2, party, "2026-04-04"));
    assert_eq!(three.latest().proposal().expect("it").outstanding(), [code(XINYI)]);
    let four = signed(three, 2, XINYI, "2026-04-05");
    assert_eq!(four.version_in_force(day("2026-04-05")).expect("it").members().count(), 4);
    // An amendment based on this version names all four parties in its text.
    let third = amended(
        four,
        &json!({ "title": "第三版", "admission": "LEAD", "parties": parties(&[NANSHA, MINHANG, KUNSHAN, XINYI]) }),
    );
    let third = third.propose(3, day("2026-05-30"), on("2026-05-01")).expect("proposed");
    assert!(third.latest().parties.iter().all(|party| party.joined_on.is_none()));
    assert_eq!(third.latest().proposal().expect("it").outstanding().len(), 4);
}

#[test]
fn an_accession_is_stale_after_an_amendment() {
    let agreement = concluded();
    let digest = agreement.latest().digest(agreement.number);
    let newcomer = || Party { district: code(XINYI), ..concluded().latest().parties[0].clone() };
    let waiting = agreement.accede(newcomer(), digest, on("2026-04-01")).expect("asked");
    let next = amended(waiting, &json!({ "title": "第二版" }))
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .expect("proposed");
    let next =
        [NANSHA, MINHANG, KUNSHAN].into_iter().fold(next, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    assert_eq!(rule(next.clone().admit(code(NANSHA), code(XINYI), on("2026-04-03"))), "ACCESSION_STALE");
    assert_eq!(rule(next.clone().accede(newcomer(), digest, on("2026-04-03"))), "OTHER_DIGEST");
    let digest = next.latest().digest(next.number);
    assert!(next.accede(newcomer(), digest, on("2026-04-03")).is_ok());
}

#[test]
fn a_change_of_law_waives_the_notice_period() {
    let at_once = concluded()
        .give_notice(code(KUNSHAN), day("2026-04-01"), Leaving::LawChanged, "机构撤销".into(), on("2026-04-01"))
        .expect("notice");
    assert_eq!(at_once.members_on(at_once.latest(), day("2026-04-02")).count(), 2);
    assert_eq!(
        rule(at_once.clone().give_notice(
            code(KUNSHAN),
            day("2026-04-01"),
            Leaving::LawChanged,
            "…".into(),
            on("2026-04-01")
        )),
        "NOTICE_GIVEN"
    );
    assert_eq!(
        rule(concluded().give_notice(
            code(KUNSHAN),
            day("2026-03-31"),
            Leaving::LawChanged,
            "…".into(),
            on("2026-04-01")
        )),
        "NOTICE_TOO_SHORT"
    );
}

#[test]
fn only_the_party_that_suspended_can_resume() {
    let flagged = concluded()
        .suspend(Some(code(MINHANG)), NewSuspension::whole("系统升级", None), on("2026-04-01"))
        .expect("a flag");
    assert_eq!(rule(flagged.clone().resume(Some(code(NANSHA)), None, on("2026-04-02"))), "NOT_SUSPENDED");
    assert_eq!(rule(flagged.clone().resume(None, None, on("2026-04-02"))), "NOT_SUSPENDED");
    let both = flagged.suspend(None, NewSuspension::whole("紧急停用", None), on("2026-04-02")).expect("the registry's");
    let resumed = both.resume(Some(code(MINHANG)), None, on("2026-04-03")).expect("cleared");
    assert_eq!(resumed.standing(day("2026-04-03")), Standing::Suspended);
    let released = resumed.resume(None, None, on("2026-04-04")).expect("released");
    assert_eq!(released.standing(day("2026-04-04")), Standing::InForce);
    assert_eq!(released.standing(day("2026-04-03")), Standing::Suspended);
}
