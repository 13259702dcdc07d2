//! Accession: a newcomer signs the version in force and joins with the consent that was agreed. No other party signs
//! again.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestAgreement, TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    an_open_agreement_admits_a_newcomer_at_once,
    the_lead_admits_a_newcomer,
    all_parties_admit_a_newcomer,
    an_applicant_sees_amendments_made_meanwhile,
    a_party_that_left_can_rejoin,
    a_newcomer_signs_the_version_in_force,
}

async fn accession(agreement: &TestAgreement<'_>, newcomer: &str) -> String {
    format!(r#"digest: "{}", newcomer: {{ district: "{newcomer}" }}"#, agreement.digest(1).await)
}

async fn handles(registry: &TestRegistry, answer: &str) {
    assert_eq!(registry.handling(RENEWING, NANSHA, KUNSHAN, &registry.today().to_string()).await, answer);
}

async fn an_open_agreement_admits_a_newcomer_at_once(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "admission: OPEN").await;
    registry.pass(3);
    handles(&registry, "NOT_COVERED: NO_COMMON_BASIS").await;
    let (digest, accede) = (agreement.digest(1).await, accession(&agreement, KUNSHAN).await);
    assert_eq!(agreement.signatory(KUNSHAN).does("accedeToAgreement", &accede).await, "1 CONCLUDED, IN_FORCE");
    handles(&registry, "AVAILABLE: PROXY_COLLECTION").await;
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "ADMITTED").await;
    // A clause without named parties includes the newcomer; the text and earlier days do not change.
    assert_eq!(agreement.digest(1).await, digest);
    assert!(registry.handling(RENEWING, NANSHA, KUNSHAN, "2026-10-03").await.starts_with("NOT_COVERED"));
    assert_eq!(
        agreement.signatory(KUNSHAN).refused("accedeToAgreement", &accede).await,
        "REFUSED newcomer ALREADY_A_PARTY"
    );
}

async fn the_lead_admits_a_newcomer(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], &format!(r#"admission: LEAD, lead: "{MINHANG}""#)).await;
    let accede = accession(&agreement, KUNSHAN).await;
    let both = ["REFUSED newcomer NO_ACCESSION", "REFUSED party NOT_THE_LEAD"];
    assert_eq!(agreement.signatory(NANSHA).refused_for("admitParty", &accede).await, both);
    let before = registry.revision();
    assert_eq!(agreement.signatory(KUNSHAN).does("accedeToAgreement", &accede).await, "1 CONCLUDED, IN_FORCE");
    // The request is visible to the parties and the newcomer.
    let changes = format!("{{ changes(since: {before}) {{ totalCount }} }}");
    for (caller, count) in [
        (registry.registrar(KUNSHAN), 1),
        (registry.registrar(NANSHA), 1),
        (registry.anybody(), 0),
        (registry.registrar("440000"), 0),
    ] {
        assert_eq!(caller.ask(&changes).await["changes"]["totalCount"], count, "{:?}", caller.viewer.district);
    }
    handles(&registry, "NOT_COVERED: NO_COMMON_BASIS").await;
    assert_eq!(
        agreement.signatory(KUNSHAN).refused("accedeToAgreement", &accede).await,
        "REFUSED newcomer ALREADY_A_PARTY"
    );
    assert_eq!(agreement.signatory(NANSHA).refused("admitParty", &accede).await, "REFUSED party NOT_THE_LEAD");
    assert_eq!(agreement.signatory(KUNSHAN).refused("admitParty", &accede).await, "REFUSED party NOT_A_PARTY");
    assert_eq!(agreement.signatory(MINHANG).does("admitParty", &accede).await, "1 CONCLUDED, IN_FORCE");
    handles(&registry, "AVAILABLE: PROXY_COLLECTION").await;
}

async fn all_parties_admit_a_newcomer(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let accede = accession(&agreement, KUNSHAN).await;
    assert_eq!(agreement.signatory(KUNSHAN).does("accedeToAgreement", &accede).await, "1 CONCLUDED, IN_FORCE");
    agreement.signatory(NANSHA).does("admitParty", &accede).await;
    handles(&registry, "NOT_COVERED: NO_COMMON_BASIS").await;
    agreement.signatory(MINHANG).does("admitParty", &accede).await;
    handles(&registry, "AVAILABLE: PROXY_COLLECTION").await;
    let parties = agreement.ask("latest { parties { edges { node { district { code } joinedOn } } } }").await;
    assert_eq!(
        parties["latest"]["parties"]["edges"][2]["node"],
        json!({ "district": { "code": KUNSHAN }, "joinedOn": "2026-10-01" })
    );
}

async fn an_applicant_sees_amendments_made_meanwhile(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let old = accession(&agreement, KUNSHAN).await;
    agreement.signatory(KUNSHAN).does("accedeToAgreement", &old).await;
    agreement
        .registrar(NANSHA)
        .amends(NANSHA, 1, &terms(&[NANSHA, MINHANG]).replace("合作协议", "合作协议（二）"))
        .await;
    agreement.registrar(NANSHA).proposes(2).await;
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(2).await;
    }
    let new = format!(r#"digest: "{}", newcomer: {{ district: "{KUNSHAN}" }}"#, agreement.digest(2).await);
    // Consents to the old text are stale, and so is the newcomer's signature.
    assert_eq!(
        agreement.signatory(NANSHA).refused_for("admitParty", &old).await,
        ["STALE digest OTHER_DIGEST", "STALE newcomer ACCESSION_STALE"]
    );
    assert_eq!(agreement.signatory(NANSHA).refused("admitParty", &new).await, "STALE newcomer ACCESSION_STALE");
    assert_eq!(agreement.signatory(KUNSHAN).refused("accedeToAgreement", &old).await, "STALE digest OTHER_DIGEST");
    assert_eq!(agreement.signatory(KUNSHAN).does("accedeToAgreement", &new).await, "2 CONCLUDED, IN_FORCE");
}

async fn a_party_that_left_can_rejoin(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG, KUNSHAN], "admission: OPEN").await;
    let kunshan = agreement.signatory(KUNSHAN);
    kunshan.does("giveNotice", r#"endsOn: "2026-10-31", reason: "机构调整""#).await;
    let accede = accession(&agreement, KUNSHAN).await;
    assert_eq!(kunshan.refused("accedeToAgreement", &accede).await, "REFUSED newcomer ALREADY_A_PARTY");
    registry.pass(31);
    assert!(registry.handling(RENEWING, NANSHA, KUNSHAN, "2026-11-01").await.starts_with("NOT_COVERED"));
    assert_eq!(kunshan.refused("suspendAgreement", r#"reason: "系统升级""#).await, "REFUSED party ALREADY_LEFT");
    registry.pass(9);
    kunshan.does("accedeToAgreement", &accede).await;
    handles(&registry, "AVAILABLE: PROXY_COLLECTION").await;
    let was = |on: &'static str| registry.handling(RENEWING, NANSHA, KUNSHAN, on);
    assert_eq!(was("2026-10-31").await, "AVAILABLE: PROXY_COLLECTION");
    assert!(was("2026-11-09").await.starts_with("NOT_COVERED"));
}

async fn a_newcomer_signs_the_version_in_force(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "admission: OPEN").await;
    // The signature is stored like any other, in the record and in its public view.
    let signed = registry.concluded(&[NANSHA, MINHANG], "admission: OPEN").await;
    let digest = signed.digest(1).await;
    signed.signatory(KUNSHAN).does("accedeToAgreement", &accession(&signed, KUNSHAN).await).await;
    let told = signed
        .ask("version(number: 1) { signatures { edges { node { id digest signedAt district { code } } } } }")
        .await;
    let last = told["version"]["signatures"]["edges"][2]["node"].clone();
    assert_eq!((last["digest"].as_str(), last["district"]["code"].as_str()), (Some(&*digest), Some(KUNSHAN)));
    let node =
        registry.ask(&format!("{{ node(id: {}) {{ ... on Signature {{ district {{ code }} }} }} }}", last["id"])).await;
    assert_eq!(node["node"]["district"]["code"], KUNSHAN);
    let feed = registry.ask("{ changes(last: 1) { edges { node { action document } } } }").await["changes"]["edges"][0]
        ["node"]
        .take();
    assert_eq!(feed["action"], "ADMITTED");
    assert!(feed["document"].to_string().contains("accessionSignatures"), "{feed}");
    registry.verify().await.expect("the chain holds");
    let other = format!(r#"digest: "sha-256:{}", newcomer: {{ district: "{KUNSHAN}" }}"#, "0".repeat(64));
    assert_eq!(agreement.signatory(KUNSHAN).refused("accedeToAgreement", &other).await, "STALE digest OTHER_DIGEST");
    let for_another = accession(&agreement, "440100").await;
    assert_eq!(
        agreement.signatory(KUNSHAN).refused("accedeToAgreement", &for_another).await,
        "INVALID newcomer.district NOT_THE_NEWCOMER"
    );
    let draft = registry.proposed(&format!("{}, admission: OPEN", terms(&[NANSHA, MINHANG]))).await;
    let early = accession(&draft, KUNSHAN).await;
    assert_eq!(draft.signatory(KUNSHAN).refused("accedeToAgreement", &early).await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(
        draft.signatory(NANSHA).refused("accedeToAgreement", &accession(&draft, NANSHA).await).await,
        "REFUSED number NOT_CONCLUDED"
    );
}
