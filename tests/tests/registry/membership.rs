//! Former parties, parties that never signed and dropped parties are no parties from that day on: they see what is
//! public, and what they could see while they were parties.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, TestAgreement, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_former_party_sees_no_later_proposal_signature_or_document,
    a_former_party_sees_an_open_proposal_as_it_was_on_its_last_day,
    a_district_that_did_not_sign_an_alliance_is_no_party,
    a_dropped_party_sees_no_later_document,
    lists_of_parties_depend_on_the_day,
    partners_are_partners_of_each_other,
    a_lapsed_proposal_is_in_the_feed_of_its_readers,
}

const ALL: [&str; 3] = [NANSHA, MINHANG, KUNSHAN];
const PDF: &str = "JVBERi0xLjcKMQo=";

/// A document that is not released; `name` makes it unique.
fn scan(number: &str, party: &str, name: &str, content: &str) -> String {
    format!(
        r#"number: "{number}", party: "{party}", name: "{name}.pdf", mediaType: "application/pdf", content: "{content}""#
    )
}

/// The versions that a caller sees, with state and signatures; then the number of documents, changes and exported
/// lines.
async fn seen(caller: &Caller<'_>, number: &str) -> (Vec<String>, usize, u64) {
    let query = format!(
        r#"{{ agreement(number: "{number}") {{ documents {{ id }} history {{ totalCount }}
            versions {{ edges {{ node {{ number state title signatures {{ totalCount }} outstanding {{ totalCount }} }} }} }} }} }}"#
    );
    let told = caller.ask(&query).await["agreement"].take();
    let versions = told["versions"]["edges"].as_array().cloned().unwrap_or_default();
    let version = |edge: &Value| {
        let node = &edge["node"];
        format!(
            "{} {} {}",
            node["number"],
            node["state"].as_str().unwrap_or_default(),
            node["signatures"]["totalCount"]
        )
    };
    let documents = told["documents"].as_array().map_or(0, Vec::len);
    let exported: Vec<Value> = caller.export().await;
    assert_eq!(
        exported.iter().filter(|line| line["type"] == "document").count(),
        documents,
        "export and agreement agree"
    );
    let line = exported
        .iter()
        .find(|line| line["type"] == "agreement" && line["number"] == number)
        .cloned()
        .unwrap_or_default();
    assert_eq!(line["versions"].as_array().map_or(usize::from(!line.is_null()), Vec::len), versions.len(), "{line:#}");
    (versions.iter().map(version).collect(), documents, told["history"]["totalCount"].as_u64().unwrap_or(0))
}

/// 昆山 gives notice for today, and a day passes.
async fn kunshan_leaves(registry: &TestRegistry, agreement: &TestAgreement<'_>) {
    let today = registry.today();
    agreement.signatory(KUNSHAN).does("giveNotice", &format!(r#"endsOn: "{today}", reason: "机构调整""#)).await;
    registry.pass(1);
    registry.clock().await;
    registry.follow().await;
}

async fn a_former_party_sees_no_later_proposal_signature_or_document(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "noticeDays: 0").await;
    let number = agreement.number.as_str();
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "签署件", PDF), "").await;
    kunshan_leaves(&registry, &agreement).await;
    let left = registry.registrar(KUNSHAN);
    let before = seen(&left, number).await;
    assert_eq!((before.0.as_slice(), before.1), (&["1 CONCLUDED 3".to_owned()][..], 1));
    let at_first = registry.registrar(KUNSHAN).export().await;

    let amendment = format!(r#"{}, noticeDays: 10"#, terms(&[NANSHA, MINHANG]));
    agreement.registrar(NANSHA).amends(NANSHA, 1, &amendment).await;
    agreement.registrar(NANSHA).proposes(2).await;
    agreement.signatory(NANSHA).signs(2).await;
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "会议纪要", "JVBERi0xLjcKMgo="), "").await;
    assert_eq!(seen(&left, number).await, before);
    assert_eq!(registry.registrar(KUNSHAN).export().await, at_first);
    assert_eq!(seen(&registry.registrar(MINHANG), number).await.0, ["1 CONCLUDED 3", "2 PROPOSED 1"]);
    assert_eq!(seen(&registry.registrar(MINHANG), number).await.1, 2);
    // The content is downloaded through `documents`.
    let scans = agreement.ask("documents { id }").await["documents"].clone();
    let node = format!(
        "{{ node(id: {}) {{ id }} then: nodeAsRecorded(id: {0}, recordedAt: \"2027-01-01T00:00:00Z\") {{ id }} }}",
        scans[1]["id"]
    );
    assert_eq!(left.ask(&node).await, json!({ "node": null, "then": null }));

    // It is no longer a party.
    let own = format!(r#"number: "{number}", baseVersion: 1, proposer: "{KUNSHAN}", {}"#, terms(&ALL));
    assert_eq!(left.refused("amendAgreement", &own).await, ["REFUSED proposer NOT_A_PARTY"]);
    assert_eq!(
        left.refused("attachDocument", &scan(number, KUNSHAN, "附件", PDF)).await,
        ["REFUSED party NOT_A_PARTY"]
    );
    let parties =
        agreement.ask("version(number: 1) { parties { edges { node { district { code } membership } } } }").await;
    let told = parties["version"]["parties"]["edges"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|edge| edge["node"]["membership"].clone());
    assert_eq!(told.collect::<Vec<_>>(), [json!("MEMBER"), json!("MEMBER"), json!("LEFT")]);
    assert_eq!(
        registry.signatory(KUNSHAN).ask("{ viewer { tasks { totalCount } } }").await["viewer"]["tasks"]["totalCount"],
        0
    );
}

async fn a_former_party_sees_an_open_proposal_as_it_was_on_its_last_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "noticeDays: 0").await;
    let number = agreement.number.as_str();
    let amendment = format!(r#"{}, noticeDays: 10"#, terms(&ALL));
    agreement.registrar(NANSHA).amends(NANSHA, 1, &amendment).await;
    // An earlier draft cannot be proposed afterwards.
    agreement.registrar(KUNSHAN).amends(KUNSHAN, 1, &format!(r#"{}, noticeDays: 20"#, terms(&ALL))).await;
    agreement.registrar(NANSHA).proposes(2).await;
    agreement.signatory(NANSHA).signs(2).await;
    kunshan_leaves(&registry, &agreement).await;
    let left = registry.registrar(KUNSHAN);
    let stood = seen(&left, number).await;
    assert_eq!(stood.0, ["1 CONCLUDED 3", "2 PROPOSED 1", "3 DRAFT 0"]);
    let propose = format!(r#"number: "{number}", version: 3, answerBy: "2026-10-31""#);
    assert_eq!(left.refused("proposeVersion", &propose).await, ["REFUSED version NOT_A_PARTY"]);
    agreement.signatory(MINHANG).signs(2).await;
    agreement.registrar(NANSHA).does("withdrawProposal", "version: 2").await;
    // Its own draft is still visible, but nothing later.
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "会议纪要", PDF), "").await;
    assert_eq!(seen(&left, number).await, stood);
    assert_eq!(seen(&registry.registrar(MINHANG), number).await.0, ["1 CONCLUDED 3", "2 WITHDRAWN 2"]);
    assert_eq!(
        registry.signatory(KUNSHAN).ask("{ viewer { tasks { totalCount } } }").await["viewer"]["tasks"]["totalCount"],
        0
    );
    registry.verify().await.expect("the chain holds");
}

async fn a_district_that_did_not_sign_an_alliance_is_no_party(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&format!("{}, concludes: SIGNATORIES", terms(&ALL))).await;
    let number = agreement.number.as_str();
    agreement.signatory(NANSHA).signs(1).await;
    agreement.signatory(MINHANG).signs(1).await;
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "征求意见", PDF), "").await;
    assert_eq!(seen(&registry.registrar(KUNSHAN), number).await.1, 1);
    // Two of three have signed; nobody else sees it before that day, for any date.
    let id = agreement.ask("id").await["id"].clone();
    let ahead = format!(r#"{{ nodeAsRecorded(id: {id}, recordedAt: "2027-06-01T00:00:00Z") {{ id }} }}"#);
    for outsider in [registry.anybody(), registry.registrar("440100")] {
        assert_eq!(outsider.ask(&ahead).await["nodeAsRecorded"], Value::Null);
    }
    assert_eq!(registry.registrar(KUNSHAN).ask(&ahead).await["nodeAsRecorded"]["id"], id);
    registry.pass(31);
    registry.clock().await;
    registry.follow().await;
    let out = registry.registrar(KUNSHAN);
    let before = seen(&out, number).await;
    assert_eq!((before.0.as_slice(), before.1), (&["1 CONCLUDED 2".to_owned()][..], 1));
    agreement.registrar(NANSHA).amends(NANSHA, 1, &format!("{}, noticeDays: 7", terms(&[NANSHA, MINHANG]))).await;
    agreement.registrar(NANSHA).does("proposeVersion", r#"version: 2, answerBy: "2026-11-30""#).await;
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "会议纪要", "JVBERi0xLjcKMgo="), "").await;
    assert_eq!(seen(&out, number).await, before);
    let own = format!(r#"number: "{number}", baseVersion: 1, proposer: "{KUNSHAN}", {}"#, terms(&ALL));
    assert_eq!(out.refused("amendAgreement", &own).await, ["REFUSED proposer NOT_A_PARTY"]);
    assert_eq!(out.refused("attachDocument", &scan(number, KUNSHAN, "附件", PDF)).await, ["REFUSED party NOT_A_PARTY"]);
    let parties = agreement.ask("version(number: 1) { parties { edges { node { membership } } } }").await;
    let told = parties["version"]["parties"]["edges"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|edge| edge["node"]["membership"].clone());
    assert_eq!(told.collect::<Vec<_>>(), [json!("MEMBER"), json!("MEMBER"), json!("STAYED_OUT")]);
    let lists = format!(
        r#"{{ agreements(party: ["{KUNSHAN}"]) {{ totalCount }} covering: agreements(covering: "{KUNSHAN}") {{ totalCount }}
            district(code: "{KUNSHAN}") {{ agreements {{ totalCount }} partners {{ totalCount }} }} }}"#
    );
    let none = json!({ "totalCount": 0 });
    let expected =
        json!({ "agreements": none, "covering": none, "district": { "agreements": none, "partners": none } });
    assert_eq!(registry.ask(&lists).await, expected);
}

async fn a_dropped_party_sees_no_later_document(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "").await;
    let number = agreement.number.as_str();
    agreement.registrar(NANSHA).amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await;
    agreement.registrar(NANSHA).proposes(2).await;
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "当日附件", PDF), "").await;
    for party in ALL {
        agreement.signatory(party).signs(2).await;
    }
    let dropped = registry.registrar(KUNSHAN);
    // A document attached on that day is replaced by a tombstone.
    let newest = dropped.ask("{ changes(kinds: [DOCUMENT], last: 1) { edges { node { document } } } }").await;
    assert_eq!(newest["changes"]["edges"][0]["node"]["document"], Value::Null);
    registry.registrar(NANSHA).does("attachDocument", &scan(number, NANSHA, "会议纪要", "JVBERi0xLjcKMgo="), "").await;
    assert_eq!(seen(&dropped, number).await.1, 0);
    assert_eq!(seen(&registry.registrar(MINHANG), number).await.1, 2);
    let parties = agreement.ask("version(number: 1) { parties { edges { node { membership } } } }").await;
    assert_eq!(parties["version"]["parties"]["edges"][2]["node"]["membership"], "DROPPED");
    registry.verify().await.expect("the chain holds");
}

async fn lists_of_parties_depend_on_the_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, r#"noticeDays: 0, effectiveTo: "2026-12-31""#).await;
    kunshan_leaves(&registry, &agreement).await;
    let count = async |on: &str, code: &str| {
        let asked = format!(
            r#"{{ a: agreements(party: ["{code}"], on: "{on}") {{ totalCount }} b: agreements(covering: "{code}", on: "{on}") {{ totalCount }}
                district(code: "{code}") {{ agreements(on: "{on}") {{ totalCount }} }} }}"#
        );
        let told = registry.ask(&asked).await;
        let counts = [&told["a"], &told["b"], &told["district"]["agreements"]]
            .map(|list| list["totalCount"].as_u64().expect("a number"));
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
        counts[0]
    };
    assert_eq!((count("2026-10-01", KUNSHAN).await, count("2026-10-02", KUNSHAN).await), (1, 0));
    // The last day counts for what has ended, the first day for what has not begun.
    assert_eq!((count("2027-06-01", KUNSHAN).await, count("2027-06-01", MINHANG).await), (0, 1));
    assert_eq!((count("2026-09-01", KUNSHAN).await, count("2026-09-01", MINHANG).await), (1, 1));
}

async fn partners_are_partners_of_each_other(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "noticeDays: 0").await;
    kunshan_leaves(&registry, &agreement).await;
    let partners = async |of: &str, on: &str| {
        let told = registry
            .ask(&format!(
                r#"{{ district(code: "{of}") {{ partners(on: "{on}") {{ edges {{ node {{ code }} }} }} }} }}"#
            ))
            .await;
        let edges = told["district"]["partners"]["edges"].as_array().expect("a list").clone();
        edges.iter().map(|edge| edge["node"]["code"].as_str().expect("a code").to_owned()).collect::<Vec<_>>()
    };
    for on in ["2026-10-01", "2026-10-02"] {
        for one in ALL {
            for other in ALL {
                assert_eq!(
                    partners(one, on).await.contains(&other.to_owned()),
                    partners(other, on).await.contains(&one.to_owned()),
                    "{one} {other} {on}"
                );
            }
        }
    }
    assert_eq!((partners(KUNSHAN, "2026-10-01").await.len(), partners(KUNSHAN, "2026-10-02").await.len()), (2, 0));
}

async fn a_lapsed_proposal_is_in_the_feed_of_its_readers(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    agreement.registrar(NANSHA).amends(NANSHA, 1, &format!("{}, noticeDays: 7", terms(&[NANSHA, MINHANG]))).await;
    agreement.registrar(NANSHA).proposes(2).await;
    registry.clock().await;
    registry.pass(31);
    registry.clock().await;
    registry.follow().await;
    let newest = async |caller: Caller<'_>| {
        caller.ask("{ changes(last: 1) { edges { node { action } } } }").await["changes"]["edges"][0]["node"]["action"]
            .clone()
    };
    assert_eq!(newest(registry.registrar(MINHANG)).await, "LAPSED");
    assert_eq!(newest(registry.anybody()).await, "CONCLUDED", "that there was a proposal is not everybody's to know");
    assert_eq!(newest(registry.registrar(KUNSHAN)).await, "CONCLUDED");
}
