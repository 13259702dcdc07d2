//! The work of an office: approval, consultation, remarks, opinions of bodies, reminders.

use domain::agreement::acts::{Decision, Opinion, Rejecting, Signing};
use domain::agreement::lifecycle::{RejectionKind, VersionState};
use domain::agreement::office::{ApprovalState, BodyOpinion};
use domain::agreement::remark::RemarkContent;
use domain::{Agreement, Scope};
use serde_json::json;

use super::{KUNSHAN, MINHANG, NANSHA, XINYI, agreement_version, code, day, draft, on, paper, proposed, rule, signed};

fn approves() -> Decision {
    Decision { approve: true, reason: None, number: Some("南政数批〔2026〕3号".into()) }
}

fn gives_back(reason: Option<&str>) -> Decision {
    Decision { approve: false, reason: reason.map(Into::into), number: None }
}

fn says(clause: Option<&str>, text: &str) -> RemarkContent {
    RemarkContent { clause: clause.map(Into::into), matter: None, field: None, text: text.into() }
}

fn approval(agreement: &Agreement) -> Option<ApprovalState> {
    agreement.latest().office().approval.as_ref().map(|approval| approval.state)
}

fn opinion(body: &str, opinion: BodyOpinion) -> Opinion {
    Opinion { body: body.into(), opinion, remark: None }
}

/// How a district sees it on a day.
fn seen(agreement: &Agreement, district: &str, today: &str) -> Option<Agreement> {
    let scope = Scope::Districts([code(district)].into());
    agreement.seen_by(&scope, day(today)).map(std::borrow::Cow::into_owned)
}

#[test]
fn any_edit_voids_an_approval() {
    let when = on("2026-03-01");
    let submitted = draft().submit(1, when).expect("submitted");
    assert_eq!(rule(submitted.clone().submit(1, when)), "ALREADY_SUBMITTED");
    assert_eq!(rule(submitted.clone().approve(1, gives_back(None), when)), "REQUIRED");
    assert_eq!(submitted.ensure_approved(1).expect_err("not yet").rule, "NOT_APPROVED");
    let approved = submitted.clone().approve(1, approves(), when).expect("approved");
    assert!(approved.ensure_approved(1).is_ok());
    assert_eq!(rule(approved.clone().submit(1, when)), "ALREADY_APPROVED");
    let revised = |agreement: Agreement, title: &str| {
        let version = agreement_version(&json!({ "title": title }));
        agreement.revise_draft(1, version, None, code(NANSHA), when.today).expect("revised")
    };
    assert_eq!(approval(&revised(approved.clone(), "另一标题")), None);
    assert_eq!(approval(&revised(approved.clone(), "“跨域通办”框架合作协议")), Some(ApprovalState::Approved));
    let mut schedule = approved.latest().schedule.clone();
    schedule[0].clause.mode_label = Some("代收代办".into());
    assert_eq!(approval(&approved.clone().replace_schedule(1, schedule).expect("replaced")), None);
    let given_back = submitted.approve(1, gives_back(Some("请补充批次")), when).expect("given back");
    assert_eq!(approval(&revised(given_back.clone(), "另一标题")), Some(ApprovalState::GivenBack));
    assert_eq!(rule(given_back.clone().approve(1, gives_back(Some("…")), when)), "NOT_SUBMITTED");
    assert!(given_back.submit(1, when).is_ok());
    // It stays with the proposal, for its own district alone.
    let proposed = approved.propose(1, day("2026-03-31"), when).expect("proposed");
    assert_eq!(approval(&proposed), Some(ApprovalState::Approved));
    assert_eq!(approval(&seen(&proposed, MINHANG, "2026-03-01").expect("a party")), None);
    assert_eq!(approval(&seen(&proposed, NANSHA, "2026-03-01").expect("the author")), Some(ApprovalState::Approved));
    assert_eq!(rule(proposed.submit(1, when)), "WRONG_STATE");
}

#[test]
fn a_draft_is_shown_to_the_consulted_districts_alone_and_until_the_last_day() {
    let when = on("2026-03-01");
    let with = || vec![code(MINHANG), code(XINYI)];
    assert_eq!(rule(draft().consult(1, with(), day("2026-02-28"), when)), "ANSWER_BY_PAST");
    assert_eq!(rule(draft().consult(1, vec![code(NANSHA)], day("2026-03-10"), when)), "OWN_DRAFT");
    assert_eq!(rule(draft().consult(1, Vec::new(), day("2026-03-10"), when)), "NOT_CONSULTED");
    assert_eq!(rule(draft().remark(1, code(MINHANG), vec![says(None, "…")], when)), "NOT_CONSULTED");
    let consulted = draft().consult(1, with(), day("2026-03-10"), when).expect("consulted");
    let numbers = |district: &str, today: &str| seen(&consulted, district, today).map(|seen| seen.versions.len());
    assert_eq!((numbers(MINHANG, "2026-03-10"), numbers(XINYI, "2026-03-10")), (Some(1), Some(1)));
    assert_eq!((numbers(KUNSHAN, "2026-03-10"), numbers(MINHANG, "2026-03-11")), (None, None));
    let partner = Scope::Partner([code(MINHANG)].into());
    assert!(consulted.seen_by(&partner, day("2026-03-02")).is_none(), "a data key sees no drafts");
    assert!(consulted.seen_by(&Scope::Public, day("2026-03-02")).is_none());
    // Nothing is frozen.
    let version = agreement_version(&json!({ "title": "修改稿" }));
    let revised = consulted.revise_draft(1, version, None, code(NANSHA), when.today).expect("revised");
    assert_eq!(&*seen(&revised, XINYI, "2026-03-02").expect("still consulted").latest().title, "修改稿");
    let remarks = vec![says(Some("a"), "建议改为全程网办"), says(Some("z"), "…")];
    assert_eq!(rule(revised.clone().remark(1, code(XINYI), remarks, on("2026-03-02"))), "UNKNOWN_CLAUSE");
    let said = vec![says(Some("a"), "建议改为全程网办")];
    let remarked = revised.remark(1, code(XINYI), said, on("2026-03-02")).expect("remarked");
    let count = |district: &str| seen(&remarked, district, "2026-03-03").map(|seen| seen.latest().remarks().len());
    assert_eq!((count(NANSHA), count(XINYI), count(MINHANG)), (Some(1), Some(1), Some(0)));
    assert_eq!(rule(remarked.clone().remark(1, code(XINYI), vec![says(None, "…")], on("2026-03-11"))), "NOT_CONSULTED");
    // A proposal ends the consultation; remarks on the draft stay between author and district.
    let proposed = remarked.propose(1, day("2026-03-31"), on("2026-03-05")).expect("proposed");
    assert!(seen(&proposed, XINYI, "2026-03-05").is_none());
    assert_eq!(seen(&proposed, KUNSHAN, "2026-03-05").map(|seen| seen.latest().remarks().len()), Some(0));
}

#[test]
fn a_version_is_returned_with_remarks_that_go_when_that_is_taken_back() {
    let returns = |clause: &str| Rejecting {
        kind: RejectionKind::Return,
        reason: "清单有误".into(),
        remarks: vec![says(Some(clause), "缺少事项")],
    };
    let when = on("2026-03-02");
    assert_eq!(rule(proposed().reject(1, code(MINHANG), returns("z"), when)), "UNKNOWN_CLAUSE");
    let returned = proposed().reject(1, code(MINHANG), returns("a"), when).expect("returned");
    assert_eq!(returned.latest().state(when.today), VersionState::Rejected);
    assert_eq!(returned.latest().proposal().expect("a proposal").rejections[0].kind, RejectionKind::Return);
    assert_eq!(seen(&returned, KUNSHAN, "2026-03-02").expect("a party").latest().remarks().len(), 1);
    // It is corrected under the same number.
    let corrected = returned.clone().amend(agreement_version(&json!({})), 0, code(NANSHA), when.today);
    assert_eq!(corrected.expect("a draft").latest().number, 2);
    let undone = returned.undo_rejection(1, code(MINHANG), on("2026-03-31")).expect("the last day");
    assert!(undone.latest().remarks().is_empty());
}

#[test]
fn parties_remark_on_a_proposal_and_nobody_else_reads_it() {
    let when = on("2026-03-02");
    assert_eq!(rule(proposed().remark(1, code(XINYI), vec![says(None, "…")], when)), "NOT_A_PARTY");
    let remarked = proposed().remark(1, code(MINHANG), vec![says(None, "请核对事项名称")], when).expect("remarked");
    assert_eq!(seen(&remarked, KUNSHAN, "2026-03-02").expect("a party").latest().remarks().len(), 1);
    let concluded =
        [NANSHA, MINHANG, KUNSHAN].into_iter().fold(remarked, |it, party| signed(it, 1, party, "2026-03-03"));
    let published = concluded.seen_by(&Scope::Public, day("2026-03-03")).expect("public").into_owned();
    assert!(published.latest().remarks().is_empty());
    assert_eq!(seen(&concluded, KUNSHAN, "2026-03-03").expect("a party").latest().remarks().len(), 1);
    assert_eq!(rule(concluded.remark(1, code(MINHANG), vec![says(None, "…")], on("2026-03-04"))), "WRONG_STATE");
}

#[test]
fn the_paper_behind_a_signature_is_for_its_own_district() {
    let when = on("2026-03-02");
    let digest = proposed().latest().digest(proposed().number);
    let signing = |approved: &str| Signing {
        digest,
        approval_number: Some("南府批〔2026〕8号".into()),
        approved_on: Some(day(approved)),
    };
    assert_eq!(rule(proposed().sign(1, code(NANSHA), signing("2026-03-03"), when)), "APPROVED_IN_THE_FUTURE");
    let signed = proposed().sign(1, code(NANSHA), signing("2026-03-01"), when).expect("signed");
    let paper = |district: &str| {
        let seen = seen(&signed, district, "2026-03-02").expect("a party");
        let signature = seen.latest().signatures().next().expect("a signature").clone();
        (signature.approval_number.is_some(), signature.approved_on.is_some())
    };
    assert_eq!((paper(NANSHA), paper(MINHANG)), ((true, true), (false, false)));
}

#[test]
fn each_signing_body_has_one_opinion_that_its_district_sees() {
    let when = on("2026-03-02");
    let bodies = json!([{ "district": NANSHA, "bodies": [{ "name": "公安局" }, { "name": "人社局" }] }, { "district": MINHANG }]);
    let draft = super::agreement(&super::line(&json!({ "parties": bodies })));
    assert_eq!(
        rule(draft.clone().confirm_body(1, code(KUNSHAN), opinion("公安局", BodyOpinion::Agree), when)),
        "NOT_A_PARTY"
    );
    assert_eq!(
        rule(draft.clone().confirm_body(1, code(NANSHA), opinion("文旅局", BodyOpinion::Agree), when)),
        "UNKNOWN_BODY"
    );
    let objected = draft.confirm_body(1, code(NANSHA), opinion("公安局", BodyOpinion::Object), when).expect("noted");
    let agreed = objected.confirm_body(1, code(NANSHA), opinion("公安局", BodyOpinion::Agree), when).expect("noted");
    let opinions = &agreed.latest().office().body_opinions;
    assert_eq!(opinions.iter().map(|given| given.opinion).collect::<Vec<_>>(), [BodyOpinion::Agree]);
    let proposed = agreed.propose(1, day("2026-03-31"), when).expect("proposed");
    // A party that names no bodies leaves open which ones sign.
    let both = proposed.confirm_body(1, code(MINHANG), opinion("司法局", BodyOpinion::Agree), when).expect("noted");
    let count =
        |district: &str| seen(&both, district, "2026-03-02").expect("a party").latest().office().body_opinions.len();
    assert_eq!((count(NANSHA), count(MINHANG)), (1, 1));
    assert_eq!(both.seen_by(&Scope::Steward, day("2026-03-02")).expect("all").latest().office().body_opinions.len(), 2);
    let concluded = [NANSHA, MINHANG].into_iter().fold(both, |it, party| signed(it, 1, party, "2026-03-03"));
    assert_eq!(
        rule(concluded.confirm_body(1, code(NANSHA), opinion("公安局", BodyOpinion::Agree), on("2026-03-04"))),
        "WRONG_STATE"
    );
}

#[test]
fn a_district_is_reminded_once_a_day_while_its_answer_is_awaited() {
    let reminded = proposed().remind(1, code(MINHANG), on("2026-03-02")).expect("reminded");
    assert_eq!(rule(reminded.clone().remind(1, code(MINHANG), on("2026-03-02"))), "REMINDED_TODAY");
    let again = reminded.remind(1, code(MINHANG), on("2026-03-03")).expect("another day");
    assert_eq!(again.latest().office().reminders.len(), 1);
    assert_eq!(rule(signed(again, 1, MINHANG, "2026-03-03").remind(1, code(MINHANG), on("2026-03-04"))), "NOT_AWAITED");
    assert_eq!(rule(proposed().remind(1, code(MINHANG), on("2026-04-01"))), "WRONG_STATE");
    assert_eq!(rule(draft().remind(1, code(MINHANG), on("2026-03-02"))), "NOT_AWAITED");
    let consulted = draft().consult(1, vec![code(MINHANG)], day("2026-03-10"), on("2026-03-01")).expect("consulted");
    let consulted = consulted.remind(1, code(MINHANG), on("2026-03-02")).expect("reminded");
    let answered = consulted.remark(1, code(MINHANG), vec![says(None, "无意见")], on("2026-03-02")).expect("remarked");
    assert_eq!(rule(answered.remind(1, code(MINHANG), on("2026-03-03"))), "NOT_AWAITED");
    let recorded = paper(Some(NANSHA)).remind(1, code(MINHANG), on("2026-03-02")).expect("it has not confirmed");
    assert_eq!(rule(recorded.remind(1, code(NANSHA), on("2026-03-02"))), "NOT_AWAITED");
}
