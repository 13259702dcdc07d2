//! Every act survives writing the agreement as a line and reading it back.

use domain::agreement::acts::{Corrector, Leaving};
use domain::{Agreement, NewSuspension, Problems, Record};
use serde_json::json;

use super::{KUNSHAN, MINHANG, NANSHA, agreement, amended, code, concluded, day, on, paper, terms};

#[test]
fn every_act_survives_writing_and_reading() {
    let rich = concluded()
        .suspend(Some(code(MINHANG)), NewSuspension::whole("系统升级", Some(day("2026-12-31"))), on("2026-04-01"))
        .and_then(|agreement| {
            Ok(agreement.give_notice(
                code(KUNSHAN),
                day("2026-06-01"),
                Leaving::InTime,
                "机构调整".into(),
                on("2026-04-01"),
            )?)
        })
        .expect("acts");
    let rich = amended(rich, &json!({ "title": "第二版", "renewal": { "months": 12 } }));
    read_again(&rich);
    let opposed = terms(&json!({ "effectiveTo": "2027-02-28", "renewal": { "months": 6 } }))
        .oppose_renewal(code(NANSHA), on("2026-05-01"));
    read_again(&opposed.expect("in time"));
    let contested = paper(Some(NANSHA)).contest(1, code(MINHANG), "日期有误".into(), on("2026-04-01"));
    let version = paper(Some(NANSHA)).latest().clone();
    read_again(
        &contested
            .map_err(Problems::from)
            .and_then(|it| it.correct(version, Corrector::Steward, "更正".into(), on("2026-04-02")))
            .expect("corrected"),
    );
    let notice = |it: Agreement| {
        it.give_notice(code(KUNSHAN), day("2026-05-01"), Leaving::LawChanged, "机构调整".into(), on("2026-04-01"))
    };
    let left = notice(terms(&json!({ "admission": "OPEN" }))).expect("notice");
    let (kunshan, digest) =
        (left.latest().party(code(KUNSHAN)).expect("it").clone(), left.latest().digest(left.number));
    read_again(&left.accede(kunshan, digest, on("2026-06-01")).expect("back"));
}

fn read_again(rich: &Agreement) {
    let line = Record::Agreement(Box::new(rich.clone())).line();
    assert_eq!(agreement(&serde_json::from_str(&line).expect("JSON")), *rich);
}
