//! The table of every state against every act.

use domain::agreement::acts::{Corrector, Leaving, Withdrawer};
use domain::{Agreement, NewSuspension, Party, Problem, Problems, Record};
use serde_json::{Value, json};

use super::{
    KUNSHAN, MINHANG, NANSHA, XINYI, agreement, agreement_version, code, day, draft, line, on, paper, proposed, signed,
};

/// Every act, tried on 2026-03-10 against every state of a version and every standing: a transition, or a refusal with
/// its rule. `acts.txt` is the table.
#[test]
fn every_state_against_every_act() {
    let with = |more: &Value, parties: &[&str]| {
        let proposed = agreement(&line(more)).propose(1, day("2026-03-05"), on("2026-03-01")).expect("proposed");
        parties.iter().fold(proposed, |agreement, party| signed(agreement, 1, party, "2026-03-02"))
    };
    let all = [NANSHA, MINHANG, KUNSHAN];
    let in_force =
        || with(&json!({ "effectiveTo": "2027-03-01", "renewal": { "months": 12 }, "admission": "LEAD" }), &all);
    let left = |party| {
        move |agreement: Agreement| {
            agreement.give_notice(
                code(party),
                day("2026-03-05"),
                Leaving::LawChanged,
                "机构调整".into(),
                on("2026-03-05"),
            )
        }
    };
    let suspended =
        || in_force().suspend(None, NewSuspension::whole("紧急停用", None), on("2026-03-05")).expect("stopped");
    let one_sided = || {
        let mut line =
            serde_json::from_str::<Value>(&Record::Agreement(Box::new(paper(Some(NANSHA)))).line()).expect("JSON");
        line["effectiveTo"] = json!("2030-01-01");
        agreement(&line)
    };
    let states: [(&str, Agreement); 14] = [
        ("DRAFT", draft()),
        ("PROPOSED", proposed()),
        ("REJECTED", proposed().reject(1, code(MINHANG), "清单有误".into(), on("2026-03-05")).expect("rejected")),
        ("WITHDRAWN", proposed().withdraw_proposal(1, Withdrawer::Author, None, on("2026-03-05")).expect("withdrawn")),
        ("LAPSED", with(&json!({}), &[NANSHA])),
        ("CONCLUDED, SCHEDULED", with(&json!({ "effectiveFrom": "2026-05-01" }), &all)),
        ("CONCLUDED, IN_FORCE", in_force()),
        ("CONCLUDED, SUSPENDED", suspended()),
        ("CONCLUDED, EXPIRED", with(&json!({ "effectiveTo": "2026-03-06" }), &all)),
        ("CONCLUDED, TERMINATED", Ok(in_force()).and_then(left(MINHANG)).and_then(left(NANSHA)).expect("they leave")),
        ("PAPER, NOT_CONCLUDED", one_sided()),
        ("PAPER, IN_FORCE", paper(None)),
        (
            "PAPER, SUSPENDED",
            paper(None).contest(1, code(MINHANG), "未签署过".into(), on("2026-03-05")).expect("contested"),
        ),
        ("PAPER, VOIDED", paper(None).void("重复登记".into(), on("2026-03-05")).expect("void")),
    ];
    let now = || on("2026-03-10");
    type Act<'a> = &'a dyn Fn(Agreement) -> Result<Agreement, Problems>;
    let newcomer = || Party { district: code(XINYI), ..draft().latest().parties[0].clone() };
    let accede = |it: Agreement| {
        let digest = it.latest().digest(it.number);
        it.accede(newcomer(), digest, now())
    };
    let acts: [(&str, Act<'_>); 21] = [
        ("revise draft", &|it| {
            Ok(it.revise_draft(1, agreement_version(&json!({ "title": "修改稿" })), None, code(NANSHA), now().today)?)
        }),
        ("discard draft", &|it| Ok(it.discard_draft(1, now().today)?.unwrap_or_else(draft))),
        ("propose", &|it| it.propose(1, day("2026-04-30"), now())),
        ("withdraw", &|it| it.withdraw_proposal(1, Withdrawer::Author, None, now())),
        ("sign", &|it| {
            let digest = it.latest().digest(it.number);
            it.sign(1, code(MINHANG), digest, now())
        }),
        ("reject", &|it| it.reject(1, code(KUNSHAN), "…".into(), now())),
        ("undo rejection", &|it| Ok(it.undo_rejection(1, code(MINHANG), now())?)),
        ("amend", &|it| it.amend(agreement_version(&json!({})), 1, code(NANSHA), now().today)),
        ("accede", &accede),
        ("admit", &|it| accede(it)?.admit(code(NANSHA), code(XINYI), now())),
        ("confirm", &|it| Ok(it.confirm(1, code(MINHANG), now())?)),
        ("contest", &|it| Ok(it.contest(1, code(MINHANG), "未签署过".into(), now())?)),
        ("correct", &|it| it.correct(paper(None).latest().clone(), Corrector::Steward, "日期有误".into(), now())),
        ("void", &|it| Ok(it.void("重复登记".into(), now())?)),
        ("suspend", &|it| it.suspend(Some(code(MINHANG)), NewSuspension::whole("系统升级", None), now())),
        ("resume", &|it| Ok(it.resume(Some(code(MINHANG)), None, now())?)),
        ("stop", &|it| it.suspend(None, NewSuspension::whole("紧急停用", None), now())),
        ("release", &|it| Ok(it.resume(None, None, now())?)),
        ("oppose renewal", &|it| Ok(it.oppose_renewal(code(NANSHA), now())?)),
        ("give notice", &|it| {
            Ok(it.give_notice(code(NANSHA), day("2026-04-30"), Leaving::InTime, "机构调整".into(), now())?)
        }),
        ("revoke notice", &|it| Ok(it.revoke_notice(code(NANSHA), now())?)),
    ];
    let mut table = String::new();
    for (state, agreement) in &states {
        for (act, attempt) in &acts {
            let outcome = match attempt(agreement.clone()) {
                Ok(next) => format!("{}, {}", next.latest().state(now().today), next.standing(now().today)),
                Err(problems) => {
                    for problem in &problems {
                        let Problem { message, remedy, path, .. } = problem;
                        let said = |text: &str| !text.is_empty() && !text.ends_with(['.', '。']);
                        assert!(said(&message.zh) && said(&message.en) && !path.is_empty(), "{problem:?}");
                        assert!(
                            remedy.as_ref().is_some_and(|remedy| said(&remedy.zh) && said(&remedy.en)),
                            "{problem:?}"
                        );
                    }
                    format!("refused: {}", problems.iter().map(|problem| problem.rule).collect::<Vec<_>>().join(", "))
                }
            };
            table += &format!("{state:<22}| {act:<15}| {outcome}\n");
        }
    }
    let expected = include_str!("acts.txt");
    for (got, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(got, expected, "the table is now:\n{table}");
    }
    assert_eq!(table.lines().count(), expected.lines().count(), "the table is now:\n{table}");
}
