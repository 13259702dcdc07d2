//! Each reader sees what they may see in every list, count, id lookup, finding, feed and past state. Hidden records
//! look exactly like missing ones.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, terms};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    filters_of_the_feed_reveal_no_hidden_party,
    a_draft_is_visible_to_its_author_only_in_every_query,
    a_proposal_is_visible_to_the_parties_asked,
    a_rejection_is_visible_to_the_parties_only,
    an_amendment_does_not_change_the_public_view,
    the_feed_has_no_gaps_for_any_reader,
    the_content_of_a_discarded_draft_is_not_readable,
    past_states_are_shown_as_recorded,
    future_dates_reveal_nothing_unpublished,
    tasks_are_listed_for_each_role,
    a_counter_draft_shows_its_differences,
    an_agreement_concluded_by_date_counts_from_that_day,
}

const NUMBER: &str = "TB-2026-000001";

fn draft(title: &str) -> String {
    format!(
        r#"proposer: "440115", title: "{title}", parties: [{{ district: "440115" }}, {{ district: "310112" }}],
        schedule: [{{ key: "1", receiving: ["440115"], competent: ["310112"], matters: ["000109001000"], mode: PROXY_COLLECTION }}]"#
    )
}

async fn drafted(registry: &TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry.registrar("440115").does("draftAgreement", &draft("南沙—闵行协议"), "").await;
}

async fn propose(registry: &TestRegistry, version: u32) -> String {
    let input = format!(r#"number: "{NUMBER}", version: {version}, answerBy: "2026-10-31""#);
    let proposed = registry.registrar("440115").does("proposeVersion", &input, "version { digest }").await;
    proposed["version"]["digest"].as_str().expect("a digest").to_owned()
}

async fn sign(registry: &TestRegistry, version: u32, digest: &str, party: &str) {
    let input = format!(r#"number: "{NUMBER}", version: {version}, digest: "{digest}", party: "{party}""#);
    registry.signatory(party).does("signVersion", &input, "").await;
}

async fn concluded(registry: &TestRegistry) {
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
    for count in [&seen["registry"]["counts"]["agreements"], &seen["agreements"]["totalCount"], &seen["all"]["totalCount"]] {
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
    for caller in [registry.anybody(), registry.registrar("440115"), registry.signatory("310112"), registry.registrar("320583"), registry.steward()] {
        seen.push(found(&caller).await);
    }
    assert_eq!(seen, [0, 1, 0, 0, 1]);
    // A known id or change reveals nothing.
    let hers = registry
        .registrar("440115")
        .ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id latest {{ id author {{ code }} }} history {{ edges {{ node {{ id }} }} }} }} }}"#))
        .await;
    assert_eq!(hers["agreement"]["latest"]["author"]["code"], "440115");
    for id in [&hers["agreement"]["id"], &hers["agreement"]["latest"]["id"], &hers["agreement"]["history"]["edges"][0]["node"]["id"]] {
        let query = format!("{{ node(id: {id}) {{ id }} then: nodeAsRecorded(id: {id}, recordedAt: \"2026-10-02T00:00:00Z\") {{ id }} }}");
        assert_eq!(registry.registrar("310112").ask(&query).await, json!({ "node": null, "then": null }));
        assert_eq!(registry.registrar("440115").ask(&query).await, json!({ "node": { "id": id }, "then": { "id": id } }));
    }
}

async fn a_proposal_is_visible_to_the_parties_asked(registry: TestRegistry) {
    drafted(&registry).await;
    let digest = propose(&registry, 1).await;
    sign(&registry, 1, &digest, "440115").await;
    let mut seen = Vec::new();
    for caller in [registry.anybody(), registry.registrar("440115"), registry.signatory("310112"), registry.registrar("320583"), registry.steward()] {
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
    let before = registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ revision title latest {{ number }} }} }}"#)).await;
    let amendment = draft("南沙秘密修订").replace(r#"title"#, &format!(r#"number: "{NUMBER}", baseVersion: 1, title"#));
    registry.registrar("440115").does("amendAgreement", &amendment, "").await;
    propose(&registry, 2).await;
    assert_eq!(registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ revision title latest {{ number }} }} }}"#)).await, before);
    let search = r#"{ agreements(search: "南沙秘密修订") { totalCount } }"#;
    assert_eq!(registry.ask(search).await["agreements"]["totalCount"], 0);
    assert_eq!(registry.registrar("310112").ask(search).await["agreements"]["totalCount"], 1);
    let mut seen = Vec::new();
    for caller in [registry.anybody(), registry.registrar("440115"), registry.signatory("310112"), registry.registrar("320583"), registry.steward()] {
        seen.push(found(&caller).await);
    }
    assert_eq!(seen, [1, 2, 2, 1, 2]);
    // Answers use published agreements only; a reader who may see more of an agreement can look it up.
    let route = r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112") { routes { basis { ... on AgreementVersion { number agreement { versions { totalCount } } } } } } }"#;
    let versions = |answer: &Value| answer["handling"]["routes"][0]["basis"]["agreement"]["versions"]["totalCount"].as_u64();
    assert_eq!(versions(&registry.ask(route).await), Some(1));
    assert_eq!(versions(&registry.registrar("310112").ask(route).await), Some(2));
}

/// Reads the feed page by page and checks that each page continues after the previous one.
async fn followed(caller: &Caller<'_>) -> Vec<u64> {
    let mut since = 0;
    let mut read: Vec<u64> = Vec::new();
    loop {
        let page = caller
            .ask(&format!("{{ changes(since: {since}, first: 3) {{ readThrough totalCount pageInfo {{ hasNextPage }} edges {{ previousRevision node {{ revision }} }} }} }}"))
            .await;
        let changes = &page["changes"];
        for edge in changes["edges"].as_array().expect("a list") {
            assert_eq!(edge["previousRevision"].as_u64(), read.last().copied());
            read.push(edge["node"]["revision"].as_u64().expect("a revision"));
        }
        since = changes["readThrough"].as_u64().expect("a revision");
        if changes["pageInfo"]["hasNextPage"] == false {
            let all = caller.ask("{ changes { totalCount } registry { revision } }").await;
            assert_eq!(all["changes"]["totalCount"], read.len());
            assert_eq!(all["registry"]["revision"], since);
            return read;
        }
    }
}

async fn the_feed_has_no_gaps_for_any_reader(registry: TestRegistry) {
    concluded(&registry).await;
    let all = followed(&registry.steward()).await;
    assert_eq!(all, (1..=registry.revision()).collect::<Vec<_>>());
    let records = all.len() as u64 - 4;
    // Drafted, proposed, signed, signed: the draft is visible to the author, the last signature to everybody.
    let after = |read: Vec<u64>| read.into_iter().filter(|revision| *revision > records).map(|revision| revision - records).collect::<Vec<_>>();
    assert_eq!(after(followed(&registry.anybody()).await), [4]);
    assert_eq!(after(followed(&registry.registrar("320583")).await), [4]);
    assert_eq!(after(followed(&registry.registrar("310112")).await), [2, 3, 4]);
    assert_eq!(after(followed(&registry.registrar("440115")).await), [1, 2, 3, 4]);
}

async fn the_content_of_a_discarded_draft_is_not_readable(registry: TestRegistry) {
    drafted(&registry).await;
    let id = registry.registrar("440115").ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id }} }}"#)).await["agreement"]["id"].clone();
    registry.pass(1);
    registry.registrar("440115").does("discardDraft", &format!(r#"number: "{NUMBER}", version: 1"#), "").await;
    assert_eq!(registry.steward().ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id }} }}"#)).await["agreement"], Value::Null);
    let feed = "{ changes(kinds: [AGREEMENT]) { edges { node { action document record { id } } } } }";
    assert_eq!(registry.ask(feed).await["changes"]["edges"], json!([]));
    let told = registry.registrar("440115").ask(feed).await;
    let last = &told["changes"]["edges"][1]["node"];
    assert_eq!(*last, json!({ "action": "DRAFT_DISCARDED", "document": null, "record": null }));
    let past = format!(
        r#"{{ then: nodeAsRecorded(id: {id}, recordedAt: "2026-10-01T12:00:00Z") {{ id }} now: nodeAsRecorded(id: {id}, recordedAt: "2026-10-03T00:00:00Z") {{ id }} }}"#
    );
    assert_eq!(registry.registrar("440115").ask(&past).await, json!({ "then": { "id": id }, "now": null }));
    assert_eq!(registry.ask(&past).await, json!({ "then": null, "now": null }));
}

async fn past_states_are_shown_as_recorded(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry.pass(2);
    registry.import(r#"{"type":"matter","code":"000109001000","name":"身份证换领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"]}"#).await;
    let matter = registry.ask(r#"{ matter(code: "000109001000") { id history { totalCount edges { node { action } } } } }"#).await;
    assert_eq!(matter["matter"]["history"]["totalCount"], 2);
    let id = &matter["matter"]["id"];
    let at = |moment: &str| format!(r#"{{ nodeAsRecorded(id: {id}, recordedAt: "{moment}") {{ ... on Matter {{ name revision }} }} }}"#);
    assert_eq!(registry.ask(&at("2026-09-30T00:00:00Z")).await["nodeAsRecorded"], Value::Null);
    assert_eq!(registry.ask(&at("2026-10-02T00:00:00Z")).await["nodeAsRecorded"]["name"], "居民身份证换领");
    assert_eq!(registry.ask(&at("2026-10-04T00:00:00Z")).await["nodeAsRecorded"]["name"], "身份证换领");
    // For an agreement: the state published at that time.
    registry.registrar("440115").does("draftAgreement", &draft("协议"), "").await;
    let digest = propose(&registry, 1).await;
    sign(&registry, 1, &digest, "440115").await;
    registry.pass(2);
    sign(&registry, 1, &digest, "310112").await;
    let seen = registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ id latest {{ id parties {{ edges {{ node {{ id }} }} }} signatures {{ edges {{ node {{ id }} }} }} }} }} }}"#)).await;
    let version = &seen["agreement"]["latest"];
    for id in
        [&seen["agreement"]["id"], &version["id"], &version["parties"]["edges"][0]["node"]["id"], &version["signatures"]["edges"][0]["node"]["id"]]
    {
        let then = format!(r#"{{ nodeAsRecorded(id: {id}, recordedAt: "2026-10-04T00:00:00Z") {{ id }} }}"#);
        assert_eq!(registry.ask(&then).await["nodeAsRecorded"], Value::Null, "nothing was published then");
        assert_eq!(registry.registrar("310112").ask(&then).await["nodeAsRecorded"]["id"], *id);
    }
}

/// The tasks of a caller: kind and day.
async fn tasks(caller: &Caller<'_>) -> Vec<String> {
    let asked = "{ viewer { tasks { totalCount edges { node { kind due message agreement { number } version { number } finding { id } district { code } } } } } }";
    let seen = caller.ask(asked).await;
    let tasks = seen["viewer"]["tasks"]["edges"].as_array().expect("a list").iter().map(|edge| &edge["node"]);
    tasks.map(|task| format!("{} {}", task["kind"].as_str().expect("a kind"), task["due"].as_str().unwrap_or("-"))).collect()
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
    registry.signatory("310112").does("confirmRecord", r#"number: "TB-2026-000002", version: 1, party: "310112""#, "").await;
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
    assert_eq!(registry.registrar("440115").ask(&asked).await["agreement"]["version"], Value::Null, "it is not shared yet");
}

async fn an_agreement_concluded_by_date_counts_from_that_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let framework =
        draft("框架协议").replace("title", "amendmentRule: NO_OBJECTION, objectionDays: 10, title").replace("000109001000", "000109002000");
    registry.registrar("440115").does("draftAgreement", &framework, "").await;
    let digest = propose(&registry, 1).await;
    sign(&registry, 1, &digest, "440115").await;
    sign(&registry, 1, &digest, "310112").await;
    let amendment = framework.replace("000109002000", "000109001000").replace("title", &format!(r#"number: "{NUMBER}", baseVersion: 1, title"#));
    registry.registrar("440115").does("amendAgreement", &amendment, "").await;
    let digest = propose(&registry, 2).await;
    sign(&registry, 2, &digest, "440115").await;
    let question = |on: &str| {
        format!(r#"{{ handling(matter: "000109001000", receiving: "440115", competent: "310112", on: "{on}") {{ answer reasons {{ code }} }} }}"#)
    };
    // Ten days for objections: until then the outcome is open for every date and every caller.
    for caller in [registry.anybody(), registry.registrar("310112"), registry.steward()] {
        let answer = caller.ask(&question("2026-12-01")).await;
        assert_eq!(answer["handling"], json!({ "answer": "NOT_COVERED", "reasons": [{ "code": "MATTER_NOT_IN_SCHEDULE" }] }));
    }
    registry.pass(10);
    assert_eq!(registry.ask(&question("2026-12-01")).await["handling"]["answer"], "NOT_COVERED");
    registry.pass(1);
    assert_eq!(registry.ask(&question("2026-12-01")).await["handling"]["answer"], "AVAILABLE");
    assert_eq!(registry.ask(&question("2026-10-11")).await["handling"]["answer"], "NOT_COVERED");
    assert_eq!(
        registry.ask(&format!(r#"{{ agreement(number: "{NUMBER}") {{ versions {{ totalCount }} }} }}"#)).await["agreement"]["versions"]["totalCount"],
        2
    );
}

async fn filters_of_the_feed_reveal_no_hidden_party(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(PEOPLE_AND_MATTERS).await;
    let draft = r#"number: "TB-2021-000001", baseVersion: 1, proposer: "440115", title: "扩围", schedule: [],
        parties: [{ district: "440115" }, { district: "310112" }, { district: "320583" }]"#;
    let before = registry.revision();
    registry.registrar("440115").does("amendAgreement", draft, "").await;
    // Public entries are found by publicly known parties only.
    registry.signatory("440115").does("suspendAgreement", r#"number: "TB-2021-000001", party: "440115", reason: "系统升级""#, "").await;
    let asked = |district: &str| format!(r#"{{ changes(since: {before}, kinds: [AGREEMENT], district: "{district}") {{ totalCount }} }}"#);
    for (caller, drafted, suspended) in [(registry.anybody(), 0, 1), (registry.registrar("310112"), 0, 1), (registry.registrar("440115"), 1, 2)] {
        assert_eq!(caller.ask(&asked("320583")).await["changes"]["totalCount"], drafted, "{:?}", caller.viewer);
        assert_eq!(caller.ask(&asked("310112")).await["changes"]["totalCount"], suspended, "{:?}", caller.viewer);
    }
    registry.verify().await.expect("the chain holds");
}

async fn future_dates_reveal_nothing_unpublished(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    // Two of three have signed: on the day after the deadline it is concluded without a further act.
    let alliance = registry.proposed(&format!("{}, concludes: SIGNATORIES", terms(&[NANSHA, MINHANG, KUNSHAN]))).await;
    for party in [NANSHA, MINHANG] {
        alliance.signatory(party).signs(1).await;
    }
    let number = &alliance.number;
    let id = registry.registrar(NANSHA).ask(&format!(r#"{{ agreement(number: "{number}") {{ id }} }}"#)).await["agreement"]["id"].clone();
    let at =
        |moment: &str| format!(r#"{{ nodeAsRecorded(id: {id}, recordedAt: "{moment}") {{ ... on Agreement {{ title latest {{ state }} }} }} }}"#);
    for moment in ["2026-10-02T00:00:00Z", "2027-06-01T00:00:00Z", "9999-12-31T00:00:00Z"] {
        assert_eq!(registry.ask(&at(moment)).await["nodeAsRecorded"], Value::Null, "{moment}");
        assert_eq!(registry.registrar(NANSHA).ask(&at(moment)).await["nodeAsRecorded"]["latest"]["state"], "PROPOSED", "{moment}");
    }
    registry.pass(31);
    registry.follow().await;
    assert_eq!(registry.ask(&at("9999-12-31T00:00:00Z")).await["nodeAsRecorded"]["latest"]["state"], "CONCLUDED");
}
