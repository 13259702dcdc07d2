//! Drafting, amending, revising, recording and correcting agreements.

use scenarios::TestRegistry;
use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, terms};
use serde_json::{Value, json};

use super::Who::Registrar;
use super::{Case, Fault, between, fault, party};

pub(super) async fn cases(registry: &TestRegistry) -> Vec<Case> {
    let both = [NANSHA, MINHANG];
    let concluded = registry.concluded(&both, "").await.number;
    let draft = registry.drafted(&terms(&both)).await.number;
    let proposed = registry.proposed(&terms(&both)).await.number;
    let paper = registry.recorded(&registry.registrar(NANSHA), NANSHA, &terms(&both)).await;
    let confirmed = registry.recorded(&registry.registrar(NANSHA), NANSHA, &terms(&both)).await;
    confirmed.signatory(MINHANG).does("confirmRecord", "version: 1").await;
    let form = |more: Value| {
        let mut form = json!({ "title": "跨域通办合作协议", "parties": [party(NANSHA), party(MINHANG), party(KUNSHAN)],
            "schedule": [{ "key": "1", "matters": [RENEWING], "mode": "~FULL_ONLINE" }, { "key": "2", "matters": [RENEWING], "mode": "~MULTI_SITE_JOINT",
                "terms": { "multiSiteJoint": { "steps": [{ "task": "受理", "district": NANSHA }] } } }] });
        form.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        form
    };
    let drafted = json!({ "proposer": NANSHA });
    let amended = |number: &str, base: u32| json!({ "proposer": NANSHA, "number": number, "baseVersion": base });
    let recorded = json!({ "recorder": NANSHA, "signedOn": "2021-05-28" });
    let corrected =
        |number: &str| json!({ "recorder": NANSHA, "signedOn": "2021-05-28", "number": number, "reason": "日期有误" });
    let registrar = Registrar(NANSHA);
    let proposer = || fault("INVALID proposer DISTRICT_CODE", "proposer", "44");
    let recorder = || fault("INVALID recorder DISTRICT_CODE", "recorder", "44");
    let signed_on = || {
        [
            fault("INVALID signedOn SIGNED_IN_THE_FUTURE", "signedOn", "2030-01-01"),
            fault("INVALID signedOn DATE", "signedOn", "soon"),
        ]
    };
    let not_drafter = || fault("REFUSED proposer NOT_A_PARTY", "parties.0", party("320500"));
    let base = || {
        [
            fault("NOT_FOUND baseVersion UNKNOWN_VERSION", "baseVersion", 7),
            fault("INVALID baseVersion NUMBER", "baseVersion", -1),
            fault("NOT_FOUND number NOT_FOUND", "number", "TB-2026-000999"),
            fault("INVALID number AGREEMENT_NUMBER", "number", "TB-1"),
        ]
    };
    let reason = || fault("INVALID reason REQUIRED", "reason", " ");
    vec![
        Case::new("draftAgreement", registrar, form(drafted), agreed()).moving().with([proposer(), not_drafter()]),
        Case::new("amendAgreement", registrar, form(amended(&concluded, 1)), agreed())
            .moving()
            .with(base())
            .with([proposer(), fault("INVALID version NOT_YET", "version", 2)]),
        Case::new("amendAgreement", registrar, form(amended(&proposed, 0)), agreed())
            .moving()
            .against("REFUSED baseVersion WRONG_STATE"),
        Case::new("reviseDraft", registrar, form(amended(&draft, 0)), agreed()).moving().with(base()).with([
            proposer(),
            fault("NOT_FOUND version UNKNOWN_VERSION", "version", 7),
            fault("INVALID version NUMBER", "version", -1),
        ]),
        Case::new("reviseDraft", registrar, form(amended(&proposed, 0)), agreed())
            .moving()
            .against("REFUSED version NO_DRAFT"),
        Case::new("recordPaperAgreement", registrar, form(recorded), agreed())
            .moving()
            .with(signed_on())
            .with([recorder(), fault("INVALID number NOT_YET", "number", "TB-2021-000001")]),
        Case::new("correctRecord", registrar, form(corrected(&paper.number)), agreed())
            .moving()
            .with(signed_on())
            .with([
                recorder(),
                reason(),
                fault("NOT_FOUND number NOT_FOUND", "number", "TB-2026-000999"),
                fault("INVALID number AGREEMENT_NUMBER", "number", "TB-1"),
            ]),
        Case::new("correctRecord", registrar, form(corrected(&confirmed.number)), agreed())
            .moving()
            .with(signed_on())
            .with([reason()])
            .against("REFUSED number CONFIRMED_BY_OTHERS"),
    ]
}

/// Problems of the agreed content.
fn agreed() -> Vec<Fault> {
    vec![
        fault("INVALID title REQUIRED", "title", " "),
        fault("INVALID documentNumber CONTROL_CHARACTER", "documentNumber", "a\nb"),
        between(
            "INVALID effectiveTo DATES_OUT_OF_ORDER",
            [("effectiveFrom", json!("2027-01-02")), ("effectiveTo", json!("2027-01-01"))],
        ),
        fault("INVALID effectiveFrom DATE", "effectiveFrom", "2021-02-30"),
        fault("INVALID noticeDays NUMBER", "noticeDays", 100_000),
        fault("INVALID renewal.months NUMBER", "renewal", json!({ "months": 100_000 })),
        fault("NOT_FOUND framework UNKNOWN_AGREEMENT", "framework", "TB-2021-000777"),
        fault("INVALID framework AGREEMENT_NUMBER", "framework", "TB-1"),
        fault("NOT_FOUND replaces UNKNOWN_AGREEMENT", "replaces", "TB-2021-000778"),
        fault("INVALID lead NOT_A_PARTY", "lead", "310000"),
        fault("INVALID lead DISTRICT_CODE", "lead", "44"),
        fault("NOT_FOUND parties.2.district UNKNOWN_DISTRICT", "parties.2.district", "449999"),
        fault("INVALID parties.2.district DISTRICT_CODE", "parties.2.district", "44"),
        fault("INVALID parties.2.district PARTY_TWICE", "parties.2.district", MINHANG),
        fault("INVALID parties.1.bodies.0.name REQUIRED", "parties.1.bodies", json!([{ "name": " " }])),
        fault("NOT_FOUND schedule.0.matters UNKNOWN_MATTER", "schedule.0.matters", json!([RENEWING, "000109009009"])),
        fault("INVALID schedule.0.matters.0 MATTER_CODE", "schedule.0.matters", json!(["1"])),
        fault("INVALID schedule.0.receiving.0 NOT_A_PARTY", "schedule.0.receiving", json!(["310000"])),
        fault("INVALID schedule.0.terms TERMS_OF_OTHER_MODE", "schedule.0.terms", json!({ "proxyCollection": {} })),
        fault("INVALID schedule.1.validFrom DATE", "schedule.1.validFrom", "2021-02-30"),
        fault(
            "NOT_FOUND schedule.1.terms.multiSiteJoint.steps.0.district UNKNOWN_DISTRICT",
            "schedule.1.terms.multiSiteJoint.steps.0.district",
            "449997",
        ),
        fault("INVALID schedule CLAUSE_KEY_TWICE", "schedule.1.key", "1"),
    ]
}
