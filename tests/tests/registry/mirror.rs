//! A mirror: the export equals what the feed adds up to, for each reader; records that become hidden are tombstones,
//! and a new epoch is reported.

use std::collections::BTreeMap;

use persistence::{IfExists, OpenOptions, restore};
use scenarios::agreement::{ANSWER_BY, KUNSHAN, MINHANG, NANSHA, clause, terms, with_schedule};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{Caller, Engine, Scratch, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    the_feed_and_the_export_give_the_same_mirror,
    an_unreleased_document_becomes_a_tombstone,
    a_data_key_reads_no_drafts,
    a_new_epoch_is_reported,
    lines_have_derived_fields,
    a_planned_retirement_is_in_the_feed_on_its_day,
    a_version_reports_its_state_at_that_time,
}

/// The mirror from the feed: the newest line and revision of each record, by id.
async fn mirrored(caller: &Caller<'_>) -> BTreeMap<String, (Value, u64)> {
    let mut records = BTreeMap::new();
    let (mut since, mut epoch, mut last) = (0, Value::from(""), None);
    loop {
        let from = if since == 0 { String::new() } else { format!("since: {since}, epoch: {epoch}, ") };
        let query = format!(
            "{{ changes({from}first: 50) {{ epoch readThrough pageInfo {{ hasNextPage }} edges {{ previousRevision node {{ revision recordId document }} }} }} }}"
        );
        let page = caller.ask(&query).await["changes"].take();
        for edge in page["edges"].as_array().expect("a list") {
            assert_eq!(edge["previousRevision"].as_u64(), last);
            let (id, revision) = (
                edge["node"]["recordId"].as_str().expect("an id"),
                edge["node"]["revision"].as_u64().expect("a revision"),
            );
            last = Some(revision);
            if edge["node"]["document"].is_null() {
                records.remove(id);
            } else {
                records.insert(id.to_owned(), (edge["node"]["document"].clone(), revision));
            }
        }
        since = page["readThrough"].as_u64().expect("a revision");
        epoch = page["epoch"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return records;
        }
    }
}

/// The same from an export.
async fn exported(caller: &Caller<'_>) -> BTreeMap<String, (Value, u64)> {
    let record = |mut line: Value| {
        let (id, revision) =
            (line["id"].as_str().expect("an id").to_owned(), line["revision"].as_u64().expect("a revision"));
        for field in domain::derived::OF_LINES {
            line.as_object_mut().expect("an object").remove(field);
        }
        (id, (line, revision))
    };
    caller.export().await.into_iter().map(record).collect()
}

async fn agree(registry: &TestRegistry, when: &str) {
    let partner = |code| registry.caller(&[domain::Role::Partner], Some(code), domain::Extent::Itself);
    let parties = [NANSHA, MINHANG, KUNSHAN];
    let mut callers = vec![registry.anybody(), registry.registrar("440100"), registry.steward()];
    callers.extend(parties.map(|party| registry.registrar(party)));
    callers.extend(parties.map(partner));
    for caller in callers {
        let (mirror, mut export) = (mirrored(&caller).await, exported(&caller).await);
        // API keys are not exported.
        let mirror: BTreeMap<_, _> = mirror.into_iter().filter(|(id, _)| !id.starts_with("key_")).collect();
        for (id, held) in &mirror {
            assert_eq!(export.remove(id).as_ref(), Some(held), "{when}: {id} for {:?}", caller.viewer.name);
        }
        assert!(export.is_empty(), "{when}: {export:#?} for {:?}", caller.viewer.name);
    }
}

/// Random acts of three parties on their agreements; some are refused.
async fn act_at_random(registry: &TestRegistry, random: &mut impl FnMut(u64) -> u64) -> String {
    let parties = [NANSHA, MINHANG, KUNSHAN];
    let mut pick = |from: u64| random(from);
    let party = parties[usize::try_from(pick(3)).unwrap_or(0)];
    let other = parties[usize::try_from(pick(3)).unwrap_or(0)];
    let number = format!("TB-2026-{:06}", 1 + pick(2));
    let version = 1 + pick(4);
    let named = match pick(3) {
        0 => parties.to_vec(),
        1 => vec![NANSHA, MINHANG],
        _ => vec![MINHANG, KUNSHAN],
    };
    let act = pick(14);
    let day = registry.today();
    let (clerk, signatory) = (registry.registrar(party), registry.signatory(party));
    let one = format!(r#"number: "{number}", party: "{party}""#);
    let (mutation, input) = match act {
        0 => (
            "draftAgreement",
            format!(r#"proposer: "{party}", concludes: SIGNATORIES, noticeDays: 0, {}"#, terms(&named)),
        ),
        1 | 2 => (
            "amendAgreement",
            format!(
                r#"number: "{number}", baseVersion: {version}, proposer: "{party}", noticeDays: {}, {}"#,
                pick(60),
                terms(&named)
            ),
        ),
        3 | 4 => (
            "proposeVersion",
            format!(r#"number: "{number}", version: {version}, answerBy: "{}""#, day + chrono::Days::new(1 + pick(5))),
        ),
        5 | 6 => {
            let told = registry
                .steward()
                .ask(&format!(r#"{{ agreement(number: "{number}") {{ version(number: {version}) {{ digest }} }} }}"#))
                .await;
            let digest =
                told["agreement"]["version"]["digest"].as_str().map_or_else(|| "sha-256:00".to_owned(), str::to_owned);
            ("signVersion", format!(r#"{one}, version: {version}, digest: "{digest}""#))
        }
        7 => ("rejectVersion", format!(r#"{one}, version: {version}, reason: "不同意""#)),
        8 => ("withdrawProposal", format!(r#"number: "{number}", version: {version}"#)),
        9 => (
            "giveNotice",
            format!(r#"{one}, endsOn: "{}", reason: "退出", lawChanged: true"#, day + chrono::Days::new(pick(3))),
        ),
        10 | 11 => {
            let content = ["JVBERi0xLjcKMQo=", "JVBERi0xLjcKMgo="][usize::try_from(pick(2)).unwrap_or(0)];
            let file = format!(
                r#"name: "{}.pdf", mediaType: "application/pdf", content: "{content}", released: {}"#,
                pick(3),
                pick(2) == 0
            );
            ("attachDocument", format!("{one}, {file}"))
        }
        12 => ("suspendAgreement", format!(r#"{one}, reason: "暂停", until: "{}""#, day + chrono::Days::new(pick(3)))),
        _ => ("discardDraft", format!(r#"number: "{number}", version: {version}"#)),
    };
    let by = if matches!(mutation, "signVersion" | "rejectVersion" | "giveNotice" | "suspendAgreement") {
        &signatory
    } else {
        &clerk
    };
    let answer =
        by.answer(&format!("mutation {{ {mutation}(input: {{ {input} }}) {{ revision problems {{ rule }} }} }}")).await;
    if pick(6) == 0 {
        registry.pass(1 + pick(3));
    }
    // The daily task runs before any act of the day.
    registry.clock().await;
    registry.follow().await;
    format!("{mutation}({input}) by {party} beside {other}: {}", answer["data"][mutation])
}

async fn the_feed_and_the_export_give_the_same_mirror(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry.clock().await;
    for seed in [3_u64, 17] {
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut acts = Vec::new();
        for step in 0..60 {
            acts.push(act_at_random(&registry, &mut random).await);
            if step % 6 == 5 {
                agree(&registry, &acts.join("\n")).await;
            }
        }
    }
    registry.verify().await.expect("the chain holds");
}

async fn an_unreleased_document_becomes_a_tombstone(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let scan = |name: &str, released: bool| {
        format!(
            r#"number: "TB-2021-000001", party: "{NANSHA}", name: "{name}", mediaType: "application/pdf", content: "JVBERi0xLjcKMQo=", released: {released}"#
        )
    };
    registry.registrar(NANSHA).does("attachDocument", &scan("扫描件.pdf", true), "").await;
    registry.registrar(NANSHA).does("attachDocument", &scan("内部.pdf", false), "").await;
    let newest = "{ changes(kinds: [DOCUMENT], last: 1) { edges { node { recordId document } } } }";
    let of = |told: &Value| told["changes"]["edges"][0]["node"].clone();
    let told = of(&registry.ask(newest).await);
    assert_eq!(told["document"], Value::Null);
    assert_eq!(of(&registry.registrar(MINHANG).ask(newest).await)["document"]["name"], "内部.pdf");
    let now = format!(r#"{{ nodeAsRecorded(id: {}, recordedAt: "2030-01-01T00:00:00Z") {{ id }} }}"#, told["recordId"]);
    assert_eq!(registry.ask(&now).await["nodeAsRecorded"], Value::Null);
    assert_eq!(registry.registrar(MINHANG).ask(&now).await["nodeAsRecorded"]["id"], told["recordId"]);
    agree(&registry, "a document was taken back").await;
}

async fn a_data_key_reads_no_drafts(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let key = || registry.caller(&[domain::Role::Partner], Some(NANSHA), domain::Extent::Itself);
    let agreement = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let scan = format!(
        r#"number: "{}", party: "{NANSHA}", name: "a.pdf", mediaType: "application/pdf", content: "JVBERi0xLjcKMQo=""#,
        agreement.number
    );
    registry.registrar(NANSHA).does("attachDocument", &scan, "").await;
    let all = format!(
        r#"{{ agreement(number: "{}") {{ title }} agreements {{ totalCount }} registry {{ counts {{ agreements }} }} viewer {{ tasks {{ totalCount }} }} changes(kinds: [AGREEMENT, DOCUMENT]) {{ totalCount }} }}"#,
        agreement.number
    );
    let told = key().ask(&all).await;
    assert_eq!(
        (&told["agreement"], &told["agreements"]["totalCount"], &told["changes"]["totalCount"]),
        (&Value::Null, &json!(0), &json!(0))
    );
    assert_eq!(told["registry"]["counts"]["agreements"], 0);
    // With a further role the wider scope applies.
    let both = registry.caller(&[domain::Role::Partner, domain::Role::Registrar], Some(NANSHA), domain::Extent::Itself);
    assert_eq!(both.ask(&all).await["agreements"]["totalCount"], 1);
    agreement.registrar(NANSHA).proposes(1).await;
    let told = key().ask(&all).await;
    assert_eq!(told["agreement"]["title"], "跨域通办合作协议");
    assert_eq!(told["viewer"]["tasks"]["totalCount"], 0, "a key has nothing to do");
    // The proposal and its document.
    assert_eq!(told["changes"]["totalCount"], 2);
    agree(&registry, "a data key").await;
}

async fn a_new_epoch_is_reported(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let (read, file) = (registry.revision(), registry.file("backup.ndjson", ""));
    registry.store().backup(&file, IfExists::Replace).await.expect("it is made");
    let line = |name: &str| format!(r#"{{"type":"district","code":"440000","name":"{name}","kind":"PROVINCE"}}"#);
    registry.import(&line("广东")).await;
    let page = registry.ask("{ changes(last: 1) { epoch readThrough edges { cursor } } }").await["changes"].clone();
    let (epoch, cursor, through) =
        (&page["epoch"], &page["edges"][0]["cursor"], page["readThrough"].as_u64().expect("a revision"));
    assert_eq!(through, read + 1);
    let empty = Scratch::new(Engine::Sqlite).await;
    restore(&empty.url.parse().expect("an address"), &file)
        .await
        .expect("it is restored")
        .close()
        .await
        .expect("it closes");
    let restored = TestRegistry::at(&empty.url, OpenOptions::default()).await;
    let told = async |arguments: &str| {
        let answer = restored.answer(&format!("{{ changes({arguments}) {{ epoch readThrough totalCount }} }}")).await;
        (
            answer["errors"][0]["extensions"].clone(),
            answer["extensions"]["warnings"].clone(),
            answer["data"]["changes"].clone(),
        )
    };
    let here = told("last: 1").await.2;
    assert_ne!(here["epoch"], *epoch);
    let changed = json!({ "code": "EPOCH_CHANGED", "epoch": here["epoch"], "revision": here["readThrough"] });
    assert_eq!(told(&format!("since: {through}, epoch: {epoch}")).await.0, changed);
    assert_eq!(told(&format!("after: {cursor}")).await.0, changed);
    assert_eq!(
        told(&format!("since: 1, epoch: {epoch}")).await.0,
        changed,
        "another epoch, though its revisions are the same so far"
    );
    let beyond = here["readThrough"].as_u64().expect("a revision") + 1;
    assert_eq!(told(&format!("since: {beyond}")).await.0, changed);
    assert_eq!(told("since: 900000").await.0, changed);
    // A request without an epoch gets a warning.
    let (error, warnings, page) = told("since: 1").await;
    assert_eq!((error, warnings, page["epoch"] == here["epoch"]), (Value::Null, json!(["EPOCH_MISSING"]), true));
    let (error, warnings, _) = told(&format!("since: 1, epoch: {}", here["epoch"])).await;
    assert_eq!((error, warnings), (Value::Null, Value::Null));
    assert_eq!(told("first: 1").await.1, Value::Null);
}

async fn lines_have_derived_fields(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreed = format!(
        "{}, concludes: SIGNATORIES, amendmentRule: NO_OBJECTION, objectionDays: 1, noticeDays: 0",
        terms(&[NANSHA, MINHANG, KUNSHAN])
    );
    let agreement = registry.proposed(&agreed).await;
    for party in [NANSHA, MINHANG, KUNSHAN] {
        agreement.signatory(party).signs(1).await;
    }
    let line = async || {
        let lines = registry.anybody().export().await;
        lines.into_iter().find(|line| line["type"] == "agreement").expect("it is public")
    };
    let member = |code: &str, extent: &str, from: &str| json!({ "district": code, "extent": extent, "from": from });
    let all = [NANSHA, MINHANG, KUNSHAN].map(|code| member(code, "SELF", "2026-10-01"));
    let first = line().await;
    assert_eq!(
        (&first["standing"], &first["concludedOn"], &first["members"]),
        (&json!("IN_FORCE"), &json!("2026-10-01"), &json!(all))
    );
    // A clause is added, and 昆山 objects; later it leaves.
    let added = format!("{}, {}", clause("1", "", "000109001000"), clause("2", "", "000109002000"));
    let more = "amendmentRule: NO_OBJECTION, concludes: SIGNATORIES, objectionDays: 1, noticeDays: 0";
    let added = format!("{}, {more}", with_schedule(&[NANSHA, MINHANG, KUNSHAN], &added));
    agreement.registrar(NANSHA).amends(NANSHA, 1, &added).await;
    agreement.registrar(NANSHA).proposes(2).await;
    agreement.signatory(NANSHA).signs(2).await;
    agreement.signatory(KUNSHAN).does("rejectVersion", r#"version: 2, reason: "条件不具备""#).await;
    let far = ANSWER_BY.parse::<domain::Date>().expect("a day");
    while registry.today() <= far {
        registry.pass(8);
        registry.clock().await;
    }
    registry.follow().await;
    let second = line().await;
    assert_eq!(second["versions"][1]["schedule"][1]["excluded"], json!([KUNSHAN]), "{second:#}");
    assert!(
        second["versions"][1]["schedule"][0]["excluded"].is_null() && !second["versions"][1]["concludedOn"].is_null()
    );
    let today = registry.today();
    agreement.signatory(KUNSHAN).does("giveNotice", &format!(r#"endsOn: "{today}", reason: "退出""#)).await;
    let third = line().await;
    assert_eq!(
        third["members"][2],
        json!({ "district": KUNSHAN, "extent": "SELF", "from": "2026-10-01", "to": today.to_string() })
    );
    // Import ignores derived fields.
    let lines = registry.steward().export().await;
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let copy = registry.another().await;
    copy.import(&text.join("\n")).await;
    assert_eq!(copy.export().await, registry.export().await);
    agree(&registry, "what the acts came to").await;
}

async fn a_planned_retirement_is_in_the_feed_on_its_day(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.clock().await;
    let retire = format!(
        r#"code: "{MINHANG}", name: "闵行区", kind: COUNTY, parent: "310000", retiredOn: "2026-10-05", successors: ["{NANSHA}"]"#
    );
    registry.steward().does("reviseDistrict", &retire, "").await;
    let newest = async || {
        registry.ask("{ changes(last: 1, kinds: [DISTRICT]) { edges { node { action record { ... on District { code } } } } } }").await["changes"]["edges"][0]["node"].clone()
    };
    registry.pass(3);
    registry.clock().await;
    registry.follow().await;
    assert_eq!(newest().await["action"], "REVISED");
    registry.pass(1);
    registry.clock().await;
    registry.clock().await;
    registry.follow().await;
    assert_eq!(newest().await, json!({ "action": "RETIRED", "record": { "code": MINHANG } }));
    let count = registry.ask(r#"{ district(code: "310112") { history { totalCount } } }"#).await;
    assert_eq!(count["district"]["history"]["totalCount"], 3, "told once");
    registry.verify().await.expect("the chain holds");
    // A retirement entered on its own day needs no further entry.
    let at_once = r#"code: "440115", name: "南沙区", kind: COUNTY, parent: "440100", retiredOn: "2026-10-05""#;
    registry.steward().act("reviseDistrict", at_once, "").await;
    registry.pass(1);
    registry.clock().await;
    registry.follow().await;
    assert_eq!(newest().await["action"], "REVISED");
}

async fn a_version_reports_its_state_at_that_time(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let id = agreement.ask("id").await["id"].clone();
    registry.pass(60);
    let told = |moment: &str| {
        format!(
            r#"{{ nodeAsRecorded(id: {id}, recordedAt: "{moment}") {{ ... on Agreement {{ latest {{ state answerBy outstanding {{ totalCount }} }} }} }} }}"#
        )
    };
    let latest = |told: &Value| told["nodeAsRecorded"]["latest"].clone();
    let clerk = registry.registrar(MINHANG);
    let then = latest(&clerk.ask(&told("2026-10-02T00:00:00Z")).await);
    assert_eq!(then, json!({ "state": "PROPOSED", "answerBy": ANSWER_BY, "outstanding": { "totalCount": 2 } }));
    let now = latest(&clerk.ask(&told("2030-01-01T00:00:00Z")).await);
    assert_eq!(now, json!({ "state": "LAPSED", "answerBy": null, "outstanding": { "totalCount": 0 } }));
}
