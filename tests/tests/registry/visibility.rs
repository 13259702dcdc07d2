//! Each reader sees what they may see in every list, count, id lookup, finding, feed and past state. Hidden records
//! look exactly like missing ones.

use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_draft_is_visible_to_its_author_only_in_every_query,
    a_proposal_is_visible_to_the_parties_asked,
    a_rejection_is_visible_to_the_parties_only,
    an_amendment_does_not_change_the_public_view,
    tasks_are_listed_for_each_role,
    a_counter_draft_shows_its_differences,
    an_agreement_concluded_by_date_counts_from_that_day,
}

pub(crate) const NUMBER: &str = "TB-2026-000001";

pub(crate) fn draft(title: &str) -> String {
    format!(
        r#"proposer: "440115", title: "{title}", parties: [{{ district: "440115" }}, {{ district: "310112" }}],
        schedule: [{{ key: "1", receiving: ["440115"], competent: ["310112"], matters: ["000109001000"], mode: PROXY_COLLECTION }}]"#
    )
}

pub(crate) async fn drafted(registry: &TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry.registrar("440115").does("draftAgreement", &draft("南沙—闵行协议"), "").await;
}

pub(crate) async fn propose(registry: &TestRegistry, version: u32) -> String {
    let input = format!(r#"number: "{NUMBER}", version: {version}, answerBy: "2026-10-31""#);
    let proposed = registry.registrar("440115").does("proposeVersion", &input, "version { digest }").await;
    proposed["version"]["digest"].as_str().expect("a digest").to_owned()
}

pub(crate) async fn sign(registry: &TestRegistry, version: u32, digest: &str, party: &str) {
    let input = format!(r#"number: "{NUMBER}", version: {version}, digest: "{digest}", party: "{party}""#);
    registry.signatory(party).does("signVersion", &input, "").await;
}

pub(crate) async fn concluded(registry: &TestRegistry) {
    drafted(registry).await;
    let digest = propose(registry, 1).await;
    sign(registry, 1, &digest, "440115").await;
    sign(registry, 1, &digest, "310112").await;
}

/// How many versions of the agreement a reader finds; all ways of asking must agree.
async fn found(caller: &Caller<'_>) -> u64 {
    let seen = caller
        .ask(&format!(
            r#"{{
            registry {{ counts {{ agreements }} }}
            one: agreement(number: "{NUMBER}") {{ id latest {{ number }} versions {{ totalCount edges {{ node {{ id }} }} }} history {{ totalCount }} revision }}
            agreements(search: "南沙") {{ totalCount edges {{ node {{ versions {{ totalCount }} }} }} }}
            all: agreements {{ totalCount }}
            party: agreements(party: ["440115", "310112"]) {{ totalCount }}
            district(code: "310112") {{ agreements {{ totalCount }} }}
            changes(kinds: [AGREEMENT], last: 100) {{ totalCount edges {{ node {{ revision document record {{ id }} }} }} }}
        }}"#
        ))
        .await;
    let versions = seen["one"]["versions"]["totalCount"].as_u64().unwrap_or(0);
    let there = u64::from(versions > 0);
    for count in
        [&seen["registry"]["counts"]["agreements"], &seen["agreements"]["totalCount"], &seen["all"]["totalCount"]]
    {
        assert_eq!(count, there, "{seen:#}");
    }
    for count in [&seen["party"]["totalCount"], &seen["district"]["agreements"]["totalCount"]] {
        assert_eq!(count, there, "{seen:#}");
    }
    let changes = seen["changes"]["edges"].as_array().expect("a list");
    assert_eq!(seen["changes"]["totalCount"], changes.len(), "{seen:#}");
    assert_eq!(changes.is_empty(), versions == 0, "{seen:#}");
    if let Some(last) = changes.last() {
        assert_eq!(seen["one"]["revision"], last["node"]["revision"], "{seen:#}");
        assert_eq!(seen["one"]["history"]["totalCount"], changes.len(), "{seen:#}");
        let document = &last["node"]["document"];
        let written = document["versions"].as_array().map_or(1, Vec::len) as u64;
        assert_eq!(written, versions, "{document:#}");
        assert_eq!(last["node"]["record"]["id"], seen["one"]["id"]);
    }
    versions
}

async fn a_draft_is_visible_to_its_author_only_in_every_query(registry: TestRegistry) {
    drafted(&registry).await;
    let mut seen = Vec::new();
    for caller in [
        registry.anybody(),
        registry.registrar("440115"),
        registry.signatory("310112"),
        registry.registrar("320583"),
        registry.steward(),
    ] {
        seen.push(found(&caller).await);
    }
    assert_eq!(seen, [0, 1, 0, 0, 1]);
    // A known id or change reveals nothing.
    let hers = registry
        .registrar("440115")
        .ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id latest {{ id author {{ code }} }} history {{ edges {{ node {{ id }} }} }} }} }}"#))
        .await;
    assert_eq!(hers["agreement"]["latest"]["author"]["code"], "440115");
    for id in [
        &hers["agreement"]["id"],
        &hers["agreement"]["latest"]["id"],
        &hers["agreement"]["history"]["edges"][0]["node"]["id"],
    ] {
        let query = format!(
            "{{ node(id: {id}) {{ id }} then: nodeAsRecorded(id: {id}, recordedAt: \"2026-10-02T00:00:00Z\") {{ id }} }}"
        );
        assert_eq!(registry.registrar("310112").ask(&query).await, json!({ "node": null, "then": null }));
        assert_eq!(
            registry.registrar("440115").ask(&query).await,
            json!({ "node": { "id": id }, "then": { "id": id } })
        );
    }
}

async fn a_proposal_is_visible_to_the_parties_asked(registry: TestRegistry) {
    drafted(&registry).await;
    let digest = propose(&registry, 1).await;
    sign(&registry, 1, &digest, "440115").await;
    let mut seen = Vec::new();
    for caller in [
        registry.anybody(),
        registry.registrar("440115"),
        registry.signatory("310112"),
        registry.registrar("320583"),
        registry.steward(),
    ] {
        seen.push(found(&caller).await);
    }
    assert_eq!(seen, [0, 1, 1, 0, 1]);
    let asked = format!(
        r#"{{ agreement(number: "{NUMBER}") {{ standing inForce {{ number }} latest {{ state answerBy outstanding {{ edges {{ node {{ code }} }} }}
            proposal {{ by {{ code }} on answerBy needs signers {{ totalCount }} rejections {{ totalCount }} }} signatures {{ totalCount }} }} }} }}"#
    );
    let theirs = registry.signatory("310112").ask(&asked).await;
    assert_eq!(theirs["agreement"]["standing"], "NOT_CONCLUDED");
    let expected = json!({
        "state": "PROPOSED", "answerBy": "2026-10-31", "outstanding": { "edges": [{ "node": { "code": "310112" } }] }, "signatures": { "totalCount": 1 },
        "proposal": { "by": { "code": "440115" }, "on": "2026-10-01", "answerBy": "2026-10-31", "needs": "ALL", "signers": { "totalCount": 2 }, "rejections": { "totalCount": 0 } },
    });
    assert_eq!(theirs["agreement"]["latest"], expected);
    sign(&registry, 1, &digest, "310112").await;
    let concluded = registry.ask(&asked).await;
    assert_eq!(concluded["agreement"]["standing"], "IN_FORCE");
    assert_eq!(concluded["agreement"]["latest"]["signatures"]["totalCount"], 2);
    assert_eq!(concluded["agreement"]["latest"]["answerBy"], Value::Null);
    assert_eq!(found(&registry.anybody()).await, 1);
}

async fn a_rejection_is_visible_to_the_parties_only(registry: TestRegistry) {
    drafted(&registry).await;
    propose(&registry, 1).await;
    let no = format!(r#"number: "{NUMBER}", version: 1, party: "310112", reason: "费用未定""#);
    registry.signatory("310112").does("rejectVersion", &no, "").await;
    let told = format!(
        r#"{{ agreement(number: "{NUMBER}") {{ version(number: 1) {{ proposal {{ rejections {{ edges {{ node {{ id reason }} }} }} }} }} }} }}"#
    );
    let told = registry.registrar("440115").ask(&told).await;
    let rejection = &told["agreement"]["version"]["proposal"]["rejections"]["edges"][0]["node"];
    let again = format!("{{ node(id: {}) {{ id ... on Rejection {{ reason }} }} }}", rejection["id"]);
    assert_eq!(registry.registrar("440115").ask(&again).await["node"], *rejection);
    assert_eq!(registry.ask(&again).await["node"], Value::Null);
}

async fn an_amendment_does_not_change_the_public_view(registry: TestRegistry) {
    concluded(&registry).await;
    let before =
        registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ revision title latest {{ number }} }} }}"#)).await;
    let amendment = draft("南沙秘密修订").replace(r#"title"#, &format!(r#"number: "{NUMBER}", baseVersion: 1, title"#));
    registry.registrar("440115").does("amendAgreement", &amendment, "").await;
    propose(&registry, 2).await;
    assert_eq!(
        registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ revision title latest {{ number }} }} }}"#)).await,
        before
    );
    let search = r#"{ agreements(search: "南沙秘密修订") { totalCount } }"#;
    assert_eq!(registry.ask(search).await["agreements"]["totalCount"], 0);
    assert_eq!(registry.registrar("310112").ask(search).await["agreements"]["totalCount"], 1);
    let mut seen = Vec::new();
    for caller in [
        registry.anybody(),
        registry.registrar("440115"),
        registry.signatory("310112"),
        registry.registrar("320583"),
        registry.steward(),
    ] {
        seen.push(found(&caller).await);
    }
    assert_eq!(seen, [1, 2, 2, 1, 2]);
    // Answers use published agreements only; a reader who may see more of an agreement can look it up.
    let route = r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112") { routes { basis { ... on AgreementVersion { number agreement { versions { totalCount } } } } } } }"#;
    let versions =
        |answer: &Value| answer["handling"]["routes"][0]["basis"]["agreement"]["versions"]["totalCount"].as_u64();
    assert_eq!(versions(&registry.ask(route).await), Some(1));
    assert_eq!(versions(&registry.registrar("310112").ask(route).await), Some(2));
}

/// The tasks of a caller: kind and day.
async fn tasks(caller: &Caller<'_>) -> Vec<String> {
    let asked = "{ viewer { tasks { totalCount edges { node { kind due message agreement { number } version { number } finding { id } district { code } } } } } }";
    let seen = caller.ask(asked).await;
    let tasks = seen["viewer"]["tasks"]["edges"].as_array().expect("a list").iter().map(|edge| &edge["node"]);
    tasks
        .map(|task| format!("{} {}", task["kind"].as_str().expect("a kind"), task["due"].as_str().unwrap_or("-")))
        .collect()
}

async fn tasks_are_listed_for_each_role(registry: TestRegistry) {
    drafted(&registry).await;
    assert_eq!(tasks(&registry.registrar("440115")).await, Vec::<String>::new());
    let digest = propose(&registry, 1).await;
    assert_eq!(tasks(&registry.signatory("440115")).await, ["TO_SIGN 2026-10-31"]);
    assert_eq!(tasks(&registry.signatory("310112")).await, ["TO_SIGN 2026-10-31"]);
    assert_eq!(tasks(&registry.signatory("320583")).await, Vec::<String>::new());
    assert_eq!(tasks(&registry.anybody()).await, Vec::<String>::new());
    let hers = registry.signatory("440115").ask("{ viewer { tasks { edges { node { id } } } } }").await;
    let again = format!("{{ node(id: {}) {{ __typename }} }}", hers["viewer"]["tasks"]["edges"][0]["node"]["id"]);
    assert_eq!(registry.registrar("440115").ask(&again).await["node"], json!({ "__typename": "Task" }));
    assert_eq!(registry.signatory("310112").ask(&again).await["node"], Value::Null, "it waits for somebody else");
    assert_eq!(registry.anybody().ask(&again).await["node"], Value::Null);
    sign(&registry, 1, &digest, "440115").await;
    registry.pass(24);
    assert_eq!(tasks(&registry.registrar("440115")).await, ["LAPSING 2026-10-31"]);
    sign(&registry, 1, &digest, "310112").await;
    assert_eq!(tasks(&registry.registrar("440115")).await, Vec::<String>::new());
    let above = registry.caller(&[domain::Role::Registrar], Some("310000"), domain::Extent::Subtree);
    let paper = draft("纸质协议").replace("proposer", r#"signedOn: "2026-09-01", effectiveTo: "2026-12-01", recorder"#);
    registry.registrar("440115").does("recordPaperAgreement", &paper, "").await;
    assert_eq!(tasks(&above).await, ["TO_CONFIRM -"]);
    registry
        .signatory("310112")
        .does("confirmRecord", r#"number: "TB-2026-000002", version: 1, party: "310112""#, "")
        .await;
    assert_eq!(tasks(&above).await, ["ENDING 2026-12-01"]);
}

async fn a_counter_draft_shows_its_differences(registry: TestRegistry) {
    drafted(&registry).await;
    propose(&registry, 1).await;
    let counter = format!(
        r#"number: "{NUMBER}", baseVersion: 1, proposer: "310112", title: "对案", noticeDays: 60, parties: [{{ district: "440115", extent: SUBTREE }}, {{ district: "310112" }}],
        schedule: [{{ key: "1", competent: ["310112"], matters: ["000109002000"], mode: FULL_ONLINE }}]"#
    );
    registry.registrar("310112").does("amendAgreement", &counter, "").await;
    let asked = format!(
        r#"{{ agreement(number: "{NUMBER}") {{ version(number: 2) {{ base {{ number }}
            diff {{ key kind changed before {{ mode }} after {{ mode }} addedMatters {{ code }} removedMatters {{ code }} removedReceiving {{ code }} }}
            changes {{ fields {{ field label before after }} parties {{ district {{ code }} kind before {{ extent }} after {{ extent }} }} }} }} }} }}"#
    );
    let seen = registry.registrar("310112").ask(&asked).await;
    let expected = json!({
        "base": { "number": 1 },
        "diff": [{
            "key": "1", "kind": "CHANGED", "changed": ["receiving", "matters", "mode", "terms"],
            "before": { "mode": "PROXY_COLLECTION" }, "after": { "mode": "FULL_ONLINE" }, "removedReceiving": [{ "code": "440115" }],
            "addedMatters": [{ "code": "000109002000" }], "removedMatters": [{ "code": "000109001000" }],
        }],
        "changes": {
            "fields": [
                { "field": "title", "label": "名称", "before": "南沙—闵行协议", "after": "对案" },
                { "field": "noticeDays", "label": "退出通知天数", "before": 30, "after": 60 },
            ],
            "parties": [{ "district": { "code": "440115" }, "kind": "CHANGED", "before": { "extent": "SELF" }, "after": { "extent": "SUBTREE" } }],
        },
    });
    assert_eq!(seen["agreement"]["version"], expected);
    assert_eq!(
        registry.registrar("440115").ask(&asked).await["agreement"]["version"],
        Value::Null,
        "it is not shared yet"
    );
}

async fn an_agreement_concluded_by_date_counts_from_that_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let framework = draft("框架协议")
        .replace("title", "amendmentRule: NO_OBJECTION, objectionDays: 10, title")
        .replace("000109001000", "000109002000");
    registry.registrar("440115").does("draftAgreement", &framework, "").await;
    let digest = propose(&registry, 1).await;
    sign(&registry, 1, &digest, "440115").await;
    sign(&registry, 1, &digest, "310112").await;
    let amendment = framework
        .replace("000109002000", "000109001000")
        .replace("title", &format!(r#"number: "{NUMBER}", baseVersion: 1, title"#));
    registry.registrar("440115").does("amendAgreement", &amendment, "").await;
    let digest = propose(&registry, 2).await;
    sign(&registry, 2, &digest, "440115").await;
    let question = |on: &str| {
        format!(
            r#"{{ handling(matter: "000109001000", receiving: "440115", competent: "310112", on: "{on}") {{ answer reasons {{ code }} }} }}"#
        )
    };
    // Ten days for objections: until then the outcome is open for every date and every caller.
    for caller in [registry.anybody(), registry.registrar("310112"), registry.steward()] {
        let answer = caller.ask(&question("2026-12-01")).await;
        assert_eq!(
            answer["handling"],
            json!({ "answer": "NOT_COVERED", "reasons": [{ "code": "MATTER_NOT_IN_SCHEDULE" }] })
        );
    }
    registry.pass(10);
    assert_eq!(registry.ask(&question("2026-12-01")).await["handling"]["answer"], "NOT_COVERED");
    registry.pass(1);
    assert_eq!(registry.ask(&question("2026-12-01")).await["handling"]["answer"], "AVAILABLE");
    assert_eq!(registry.ask(&question("2026-10-11")).await["handling"]["answer"], "NOT_COVERED");
    assert_eq!(
        registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ versions {{ totalCount }} }} }}"#)).await["agreement"]
            ["versions"]["totalCount"],
        2
    );
}
