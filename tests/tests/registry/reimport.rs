//! The same file can always be imported again: it reverts no later change and is never refused because of one.

use std::sync::Arc;

use chrono::Days;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use scenarios::agreement::{MINHANG, NANSHA, terms};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::Value;
use tokio::runtime::Handle;

on_every_database! {
    importing_the_same_file_again_reverts_no_change,
    an_explicit_null_takes_an_end_back,
    importing_the_same_agreements_again_is_never_refused,
    only_the_agreed_content_of_an_agreement_is_compared,
    a_second_import_writes_nothing_whatever_happened_between,
    a_one_sided_record_becomes_a_finding_after_thirty_days,
    a_confirmation_has_the_same_name_everywhere,
}

const MORE: &str = r#"
{"type":"district","code":"310113","name":"宝山区","kind":"COUNTY","parent":"310000","retiredOn":null}
{"type":"district","code":"130600","name":"保定市","kind":"PREFECTURE"}
{"type":"district","code":"130629","name":"容城县","kind":"COUNTY","parent":"130600"}
{"type":"district","code":"130638","name":"雄县","kind":"COUNTY","parent":"130600"}
{"type":"district","code":"130600-Z01","name":"雄安新区","kind":"FUNCTIONAL_ZONE","parent":"130600","administers":[{"district":"130629","validFrom":"2024-06-01"},"130638"]}
{"type":"matter","code":"000109003000","name":"户口迁移","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"],"retiredOn":null}
{"type":"agreement","title":"无编号协议","signedOn":"2022-01-01","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[{"matters":["000109002000"],"mode":"FULL_ONLINE"}]}
"#;

fn file() -> String {
    format!("{}{MORE}", NANSHA_AND_MINHANG.trim_end())
}

/// The numbers of the two agreements in the file.
const KEYED: &str = "TB-2021-000001";
const NAMELESS: &str = "TB-2022-000002";

/// Public answers.
async fn answers(registry: &TestRegistry) -> String {
    let mut told = Vec::new();
    for matter in ["000109001000", "000109002000"] {
        for competent in [MINHANG, "310113"] {
            for on in ["2021-07-01", "2022-07-01", "2026-09-30", "2026-10-01", "2026-12-31"] {
                told.push(registry.handling(matter, NANSHA, competent, on).await);
            }
        }
    }
    let records = registry
        .ask(
            r#"{ matters(first: 10) { edges { node { code name retiredOn retiredReason } } }
                agreements(first: 10) { edges { node { number title standing versions { edges { node { number state digest } } } } } }
                district(code: "310112") { name retiredOn successors { code } parent { code } windows { edges { node { name validTo closedFrom } } } 
                    offerings { edges { node { validTo withdrawnOn withdrawnReason } } } }
                zone: district(code: "130600-Z01") { administers { code } parent { code } } }"#,
        )
        .await;
    format!("{}\n{records:#}", told.join("\n"))
}

/// Imports the file again: nothing is written, and no answer changes.
async fn again(registry: &TestRegistry, file: &str) {
    let (revision, lines, answers_before) = (registry.revision(), registry.export().await, answers(registry).await);
    let report = registry.import(file).await;
    assert_eq!((report.registered, report.revised, registry.revision()), (0, 0, revision));
    assert_eq!(registry.export().await, lines);
    assert_eq!(answers(registry).await, answers_before);
}

const ENDS: [(&str, &str); 5] = [
    ("retireMatter", r#"code: "000109001000", reason: "并入新事项""#),
    ("withdrawOffering", r#"district: "310112", matter: "000109001000", reason: "停办""#),
    ("closeWindow", r#"district: "440115", name: "跨域通办专窗", reason: "装修""#),
    (
        "reviseDistrict",
        r#"code: "310113", name: "宝山区", kind: COUNTY, parent: "310000", retiredOn: "2026-09-01", successors: ["310112"]"#,
    ),
    (
        "reviseMatter",
        r#"code: "000109002000", name: "居民身份证遗失补领", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#,
    ),
];

async fn importing_the_same_file_again_reverts_no_change(registry: TestRegistry) {
    registry.import(&file()).await;
    for (mutation, input) in ENDS {
        registry.steward().does(mutation, input, "").await;
        again(&registry, &file()).await;
    }
    let told = registry
        .ask(r#"{ matter(code: "000109001000") { retiredReason } district(code: "310112") { offerings { edges { node { withdrawnReason } } } } }"#)
        .await;
    assert_eq!(told["matter"]["retiredReason"], "并入新事项");
    assert_eq!(told["district"]["offerings"]["edges"][0]["node"]["withdrawnReason"], "停办");
    // A changed line without an end leaves the stored end.
    let other = file()
        .replace("居民身份证换领", "居民身份证到期换领")
        .replace("政务服务中心一楼", "政务服务中心二楼")
        .replace(r#""promisedDays":20"#, r#""promisedDays":10"#);
    let report = registry.import(&other).await;
    assert_eq!((report.registered, report.revised), (0, 3));
    assert_eq!(
        registry.handling("000109001000", NANSHA, MINHANG, "2026-10-01").await,
        "NOT_COVERED: MATTER_RETIRED, MATTER_NOT_IN_SCHEDULE"
    );
    assert_eq!(registry.handling("000109001000", NANSHA, MINHANG, "2026-09-30").await, "AVAILABLE: PROXY_COLLECTION");
    // The same for other kinds.
    let copy = registry.another().await;
    copy.import(&registry.export().await).await;
    assert_eq!((copy.export().await, answers(&copy).await), (registry.export().await, answers(&registry).await));
    again(&copy, &registry.export().await).await;
    // Derived fields of the feed and exports are ignored.
    let told = registry.export().await.replace(r#"{"type":"#, r#"{"id":"x_1","revision":7,"type":"#);
    let told = told.replace(
        r#""type":"agreement","#,
        r#""type":"agreement","standing":"IN_FORCE","members":[],"concludedOn":"2021-06-01","#,
    );
    again(&copy, &told.replace(r#""schedule":[{"#, r#""schedule":[{"excluded":["310112"],"#)).await;
}

async fn an_explicit_null_takes_an_end_back(registry: TestRegistry) {
    registry.import(&file()).await;
    for (mutation, input) in ENDS {
        registry.steward().does(mutation, input, "").await;
    }
    let back = r#"
{"type":"matter","code":"000109001000","name":"居民身份证换领","domain":"PUBLIC_SECURITY","retiredOn":null}
{"type":"offering","district":"310112","matter":"000109001000","visits":1,"withdrawnOn":null}
{"type":"window","district":"440115","name":"跨域通办专窗","address":"政务服务中心一楼","closedOn":null}
{"type":"district","code":"310113","name":"宝山区","kind":"COUNTY","parent":"310000","validFrom":"1988-01-01","retiredOn":null}
"#;
    let report = registry.import(back).await;
    assert_eq!((report.registered, report.revised), (0, 4));
    assert_eq!(registry.handling("000109001000", NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
    let told = registry.ask(r#"{ district(code: "310113") { retiredOn } }"#).await;
    assert_eq!(told["district"]["retiredOn"], Value::Null);
    // Only once: a later end is not taken back by the same lines.
    registry.steward().does(ENDS[0].0, ENDS[0].1, "").await;
    again(&registry, back).await;
    // The same with mutations.
    let matter = r#"code: "000109001000", name: "居民身份证换领", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#;
    let retired_on = async |input: &str| {
        let told = registry.steward().does("reviseMatter", &format!("{matter}{input}"), "matter { retiredOn }").await;
        told["matter"]["retiredOn"].clone()
    };
    assert_eq!(retired_on("").await, "2026-10-01");
    assert_eq!(retired_on(", retiredOn: null").await, Value::Null);
    registry.steward().does("withdrawOffering", ENDS[1].1, "").await;
    registry.steward().does("publishOffering", r#"district: "310112", matter: "000109001000", visits: 1"#, "").await;
    assert_eq!(registry.handling("000109001000", NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
}

/// Acts on the agreements, each by a permitted caller.
fn acts<'a>(registry: &'a TestRegistry, number: &str) -> Vec<(Caller<'a>, &'static str, String)> {
    let ends_on = registry.today() + Days::new(40);
    let party = |district: &str, more: &str| format!(r#"number: "{number}", party: "{district}"{more}"#);
    let paper = format!(
        r#"number: "{number}", recorder: "{NANSHA}", signedOn: "2021-05-27", reason: "日期有误", {}"#,
        terms(&[NANSHA, MINHANG])
    );
    let draft = format!(r#"number: "{number}", baseVersion: 1, proposer: "{NANSHA}", {}"#, terms(&[NANSHA, MINHANG]));
    vec![
        (registry.steward(), "correctRecord", paper),
        (registry.registrar(NANSHA), "amendAgreement", draft),
        (registry.signatory(MINHANG), "contestRecord", party(MINHANG, r#", version: 1, reason: "有误""#)),
        (registry.signatory(MINHANG), "confirmRecord", party(MINHANG, ", version: 1")),
        (registry.signatory(NANSHA), "confirmRecord", party(NANSHA, ", version: 1")),
        (registry.signatory(NANSHA), "suspendAgreement", party(NANSHA, r#", reason: "系统升级""#)),
        (registry.signatory(NANSHA), "resumeAgreement", party(NANSHA, "")),
        (registry.steward(), "stopAgreement", format!(r#"number: "{number}", reason: "紧急停用""#)),
        (
            registry.signatory(MINHANG),
            "giveNotice",
            party(MINHANG, &format!(r#", endsOn: "{ends_on}", reason: "机构调整""#)),
        ),
        (registry.steward(), "voidAgreement", format!(r#"number: "{number}", reason: "重复登记""#)),
    ]
}

async fn importing_the_same_agreements_again_is_never_refused(registry: TestRegistry) {
    registry.import(&file()).await;
    for number in [KEYED, NAMELESS] {
        for (caller, mutation, input) in acts(&registry, number) {
            caller.does(mutation, &input, "").await;
            again(&registry, &file()).await;
        }
    }
}

async fn only_the_agreed_content_of_an_agreement_is_compared(registry: TestRegistry) {
    registry.import(&file()).await;
    for (caller, mutation, input) in
        acts(&registry, KEYED).into_iter().skip(1).filter(|(_, mutation, _)| *mutation != "voidAgreement")
    {
        caller.does(mutation, &input, "").await;
    }
    let line = NANSHA_AND_MINHANG.lines().last().expect("the agreement");
    let with = |more: &str| line.replacen('{', &format!("{{{more},"), 1);
    // The same content written differently; sets have no order.
    again(
        &registry,
        &with(r#""noticeDays":30,"lead":"440115""#).replace(
            r#"[{"district":"440115"},{"district":"310112"}]"#,
            r#"[{"district":"310112"},{"district":"440115","extent":"SELF"}]"#,
        ),
    )
    .await;
    for (more, field) in [
        (r#""notices":[]"#, "notices"),
        (r#""suspensions":null"#, "suspensions"),
        (r#""noticeDays":60"#, "noticeDays"),
        (r#""corrections":[]"#, ""),
    ] {
        let faults = registry.refused(with(more)).await;
        assert_eq!(
            faults,
            (!field.is_empty()).then(|| format!("1 {field} AGREEMENT_DIFFERS")).into_iter().collect::<Vec<_>>(),
            "{more}"
        );
    }
    let confirmed = line.replace(r#"{"district":"310112"}"#, r#"{"district":"310112","confirmation":"RECORDED"}"#);
    assert_eq!(registry.refused(confirmed).await, ["1 parties AGREEMENT_DIFFERS"]);
    let exported: String =
        registry.export().await.lines().filter(|line| line.contains(KEYED)).map(str::to_owned).collect();
    again(&registry, &exported).await;
    let versions = exported.replace("紧急停用", "紧急");
    assert_eq!(registry.refused(versions).await, ["1 suspensions AGREEMENT_DIFFERS"]);
}

/// A change of a registry, by its index in a list.
async fn happen(registry: &TestRegistry, step: usize) {
    let mut all: Vec<(Caller<'_>, &str, String)> =
        ENDS.map(|(mutation, input)| (registry.steward(), mutation, input.to_owned())).into();
    all.extend(acts(registry, KEYED));
    all.extend(acts(registry, NAMELESS));
    let steward = |mutation: &'static str, input: &str| (registry.steward(), mutation, input.to_owned());
    all.extend([
        steward("publishOffering", r#"district: "310112", matter: "000109001000", visits: 0"#),
        steward("registerWindow", r#"district: "440115", name: "跨域通办专窗", address: "三楼""#),
        steward("reviseDistrict", r#"code: "310112", name: "闵行区", kind: COUNTY, parent: "440000", parentFrom: "2026-01-01""#),
        steward(
            "reviseDistrict",
            r#"code: "310112", name: "闵行区", kind: COUNTY, parent: "310000", retiredOn: "2026-09-30", successors: ["310113"]"#,
        ),
        steward("reviseDistrict", r#"code: "130600-Z01", name: "河北雄安新区", kind: FUNCTIONAL_ZONE, parent: "130600", administers: ["130638"]"#),
        steward("retireMatter", r#"code: "000109003000", reason: "取消""#),
    ]);
    match all.len() {
        most if step % (most + 1) == most => registry.pass(1),
        most => {
            let (caller, mutation, input) = all.swap_remove(step % (most + 1));
            let asked = format!("mutation {{ {mutation}(input: {{ {input} }}) {{ revision problems {{ rule }} }} }}");
            let answer = caller.answer(&asked).await;
            // A caller of a retired district is refused, so nothing happens.
            let faults = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
            assert!(faults.iter().all(|fault| fault["extensions"]["code"] == "FORBIDDEN"), "{asked}\n{answer:#}");
        }
    }
}

async fn a_second_import_writes_nothing_whatever_happened_between(registry: TestRegistry) {
    let cases = if registry.url().starts_with("sqlite") { 12 } else { 6 };
    let (registry, handle) = (Arc::new(registry), Handle::current());
    let outcome = tokio::task::spawn_blocking(move || {
        let config =
            ProptestConfig { cases, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config).run(&vec(0..1_000_usize, 1..14), |steps| {
            handle.block_on(async {
                let life = registry.another().await;
                life.import(&file()).await;
                for step in steps {
                    happen(&life, step).await;
                }
                again(&life, &file()).await;
                life.verify().await.expect("one chain");
                let copy = life.another().await;
                copy.pass(u64::try_from((life.today() - copy.today()).num_days()).expect("later"));
                copy.import(&life.export().await).await;
                assert_eq!(copy.export().await, life.export().await);
                assert_eq!(answers(&copy).await, answers(&life).await);
                again(&copy, &life.export().await).await;
            });
            Ok(())
        })
    });
    match outcome.await.expect("it ends") {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => panic!("{why}\n{steps:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

async fn a_one_sided_record_becomes_a_finding_after_thirty_days(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let found = async |registry: &TestRegistry| {
        let told = registry.steward().ask("{ findings(first: 100) { edges { node { rule } } } }").await;
        told["findings"]["edges"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|edge| edge["node"]["rule"] == "R109_RECORDED_BY_ONE_SIDE")
            .count()
    };
    assert_eq!(found(&registry).await, 0, "it was signed years ago, and entered today");
    registry.pass(30);
    assert_eq!(found(&registry).await, 0);
    registry.pass(1);
    assert_eq!(found(&registry).await, 1);
    let copy = registry.another().await;
    copy.pass(31);
    copy.import(&registry.export().await).await;
    assert_eq!(found(&copy).await, 1, "the day goes with the record");
}

async fn a_confirmation_has_the_same_name_everywhere(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    agreement.signatory(NANSHA).signs(1).await;
    let lines = registry.export().await;
    let line: Value = lines
        .lines()
        .rfind(|line| line.contains(&agreement.number))
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .expect("it is there");
    let said: Vec<_> =
        line["parties"].as_array().expect("a list").iter().map(|party| party["confirmation"].clone()).collect();
    assert_eq!(said, ["CONFIRMED", "RECORDED"]);
    let told = agreement.ask("version(number: 1) { parties { edges { node { confirmation } } } }").await;
    let told: Vec<_> = told["version"]["parties"]["edges"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|edge| edge["node"]["confirmation"].clone())
        .collect();
    assert_eq!(told, said);
    registry.verify().await.expect("one chain");
}
