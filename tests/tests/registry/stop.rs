//! Stops with a scope: what they stop, who reads why, when they begin and end, and what they would change.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, REPLACING, clause, terms, with_schedule};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_stop_takes_its_scope_and_no_more,
    the_reason_is_for_the_parties_and_the_public_text_for_everybody,
    a_planned_stop_begins_and_ends_by_itself,
    several_agreements_are_stopped_together_or_not_at_all,
    a_preview_writes_nothing_and_tells_what_would_stop,
    the_effect_of_a_draft_is_for_its_author,
    an_effect_names_the_contradictions_that_begin,
    stops_survive_export_and_import,
}

const TEXTS: &str = r#"reason: "系统故障", publicText: "业务系统检修""#;

async fn a_stop_takes_its_scope_and_no_more(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let schedule = [clause("1", "", RENEWING), clause("2", "", REPLACING)].join(", ");
    let agreement =
        registry.agreed(&[NANSHA, MINHANG, KUNSHAN], &with_schedule(&[NANSHA, MINHANG, KUNSHAN], &schedule)).await;
    let steward = registry.steward();
    let input =
        format!(r#"numbers: ["{}"], {TEXTS}, scope: {{ clauses: ["1"], receiving: ["440000"] }}"#, agreement.number);
    let stopped = steward
        .does("stop", &input, "suspensions { id since until scope { clauses matters { code } receiving { code } } }")
        .await;
    assert_eq!(
        stopped["suspensions"][0]["scope"],
        json!({ "clauses": ["1"], "matters": [], "receiving": [{ "code": "440000" }] })
    );
    assert_eq!(agreement.standing().await, "IN_FORCE");
    let answer =
        async |matter, receiving, competent| registry.handling(matter, receiving, competent, "2026-10-01").await;
    assert_eq!(answer(RENEWING, NANSHA, MINHANG).await, "NOT_COVERED: SUSPENDED");
    assert_eq!(answer(RENEWING, NANSHA, KUNSHAN).await, "NOT_COVERED: SUSPENDED");
    assert_eq!(answer(RENEWING, MINHANG, NANSHA).await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(answer(REPLACING, NANSHA, MINHANG).await, "AVAILABLE: PROXY_COLLECTION");
    let told = registry
        .ask(&format!(
            r#"{{ availableMatters(receiving: "{NANSHA}", competent: "{MINHANG}") {{ totalCount suspended suspensions {{ publicText reason }} }}
                 for: availableMatters(competent: "{MINHANG}") {{ edges {{ routeCount node {{ code }} }} }}
                 handling(matter: "{RENEWING}", receiving: "{NANSHA}", competent: "{MINHANG}") {{ verdict from reasons {{ message }} }} }}"#
        ))
        .await;
    assert_eq!(
        told["availableMatters"],
        json!({ "totalCount": 1, "suspended": 1, "suspensions": [{ "publicText": "业务系统检修", "reason": "" }] })
    );
    assert_eq!(
        told["for"]["edges"],
        json!([{ "routeCount": 1, "node": { "code": RENEWING } }, { "routeCount": 2, "node": { "code": REPLACING } }])
    );
    assert_eq!((&told["handling"]["verdict"], &told["handling"]["from"]), (&json!("SUSPENDED"), &json!("2026-10-01")));
    let message = told["handling"]["reasons"][0]["message"].as_str().expect("a text");
    assert!(message.contains("业务系统检修") && !message.contains("系统故障"), "{message}");
    // The same scope again changes the last day; the id stays.
    let again = steward.does("stop", &format!(r#"{input}, until: "2026-10-09""#), "suspensions { id until }").await;
    assert_eq!(again["suspensions"], json!([{ "id": stopped["suspensions"][0]["id"], "until": "2026-10-09" }]));
    assert_eq!(
        steward.refused("stop", &format!(r#"{input}, until: "2026-10-09""#)).await,
        ["REFUSED numbers.0 ALREADY_SUSPENDED"]
    );
    registry.pass(1);
    let end = format!(r#"ids: [{}], reason: "已修复""#, stopped["suspensions"][0]["id"]);
    let ended = steward.does("endStop", &end, "suspensions { since until endedOn endReason }").await;
    assert_eq!(
        ended["suspensions"],
        json!([{ "since": "2026-10-01", "until": "2026-10-01", "endedOn": "2026-10-02", "endReason": "已修复" }])
    );
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RELEASED").await;
    assert_eq!(steward.refused("endStop", &end).await, ["REFUSED ids.0 ALREADY_ENDED"]);
    registry.verify().await.expect("the journal and the records agree");
}

async fn the_reason_is_for_the_parties_and_the_public_text_for_everybody(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    agreement.signatory(MINHANG).does("suspendAgreement", TEXTS).await;
    let query = format!(r#"{{ agreement(number: "{}") {{ suspensions {{ reason publicText }} }} }}"#, agreement.number);
    let callers = [
        (registry.anybody(), ""),
        (registry.registrar(KUNSHAN), ""),
        (registry.registrar(NANSHA), "系统故障"),
        (registry.signatory(MINHANG), "系统故障"),
        (registry.steward(), "系统故障"),
    ];
    for (caller, reason) in callers {
        let told = caller.ask(&query).await;
        assert_eq!(told["agreement"]["suspensions"], json!([{ "reason": reason, "publicText": "业务系统检修" }]));
        let feed = caller.ask("{ changes(kinds: [AGREEMENT], last: 1) { edges { node { action document } } } }").await;
        let entry = feed["changes"]["edges"][0]["node"].to_string();
        assert!(entry.contains("SUSPENDED") && entry.contains("业务系统检修"), "{entry}");
        assert_eq!(entry.contains("系统故障"), !reason.is_empty(), "{entry}");
        let lines = serde_json::Value::from(caller.export().await).to_string();
        assert!(lines.contains("业务系统检修"));
        assert_eq!(lines.contains("系统故障"), !reason.is_empty());
    }
}

async fn a_planned_stop_begins_and_ends_by_itself(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let planned = format!(r#"{TEXTS}, from: "2026-10-03", until: "2026-10-05""#);
    assert_eq!(agreement.signatory(MINHANG).does("suspendAgreement", &planned).await, "1 CONCLUDED, IN_FORCE");
    let dates = format!(
        r#"{{ handling(matter: "{RENEWING}", receiving: "{NANSHA}", competent: "{MINHANG}") {{ routes {{ validTo }} }} }}"#
    );
    assert_eq!(registry.ask(&dates).await["handling"]["routes"], json!([{ "validTo": "2026-10-02" }]));
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "SUSPENDED").await;
    assert_eq!(agreement.standing_on("2026-10-04").await, "SUSPENDED");
    let days = ["2026-10-02", "2026-10-03", "2026-10-05", "2026-10-06"];
    let mut told = Vec::new();
    for day in days {
        told.push(registry.handling(RENEWING, NANSHA, MINHANG, day).await);
    }
    assert_eq!(
        told,
        [
            "AVAILABLE: PROXY_COLLECTION",
            "NOT_COVERED: SUSPENDED",
            "NOT_COVERED: SUSPENDED",
            "AVAILABLE: PROXY_COLLECTION"
        ]
    );
    // The same first day again changes the last day, another first day is another suspension.
    let longer = format!(r#"{TEXTS}, from: "2026-10-03", until: "2026-10-06""#);
    agreement.signatory(MINHANG).does("suspendAgreement", &longer).await;
    let later = format!(r#"{TEXTS}, from: "2026-11-01", until: "2026-11-02""#);
    agreement.signatory(MINHANG).does("suspendAgreement", &later).await;
    let days = agreement.ask("suspensions { since until }").await;
    assert_eq!(
        days["suspensions"],
        json!([{ "since": "2026-10-03", "until": "2026-10-06" }, { "since": "2026-11-01", "until": "2026-11-02" }])
    );
    registry.pass(2);
    registry.clock().await;
    agreement.is("SUSPENDED", "NOT_COVERED: SUSPENDED", "SUSPENSION_BEGAN").await;
    registry.pass(4);
    registry.clock().await;
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "SUSPENSION_ENDED").await;
    // What has not begun leaves no trace when it is taken back.
    agreement.signatory(MINHANG).does("resumeAgreement", "").await;
    let left = agreement.ask("suspensions { since }").await;
    assert_eq!(left["suspensions"], json!([{ "since": "2026-10-03" }]));
}

async fn several_agreements_are_stopped_together_or_not_at_all(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let (one, other) =
        (registry.concluded(&[NANSHA, MINHANG], "").await, registry.concluded(&[NANSHA, KUNSHAN], "").await);
    let proposed = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let steward = registry.steward();
    let all = format!(r#"numbers: ["{}", "{}", "{}"], {TEXTS}"#, one.number, proposed.number, other.number);
    let revision = registry.revision();
    assert_eq!(steward.refused("stop", &all).await, ["REFUSED numbers.1 NOT_CONCLUDED"]);
    assert_eq!(registry.revision(), revision);
    let both = format!(r#"numbers: ["{}", "{}"], {TEXTS}, idempotencyKey: "k1""#, one.number, other.number);
    let fields = "revision suspensions { id party { code } }";
    let first = steward.does("stop", &both, fields).await;
    assert_eq!(first["suspensions"].as_array().map(Vec::len), Some(2));
    assert_eq!((one.standing().await, other.standing().await), ("SUSPENDED".to_owned(), "SUSPENDED".to_owned()));
    assert_eq!(steward.does("stop", &both, fields).await, first, "a repeated request");
    let ids: Vec<String> =
        first["suspensions"].as_array().into_iter().flatten().map(|stop| stop["id"].to_string()).collect();
    let end = format!(r#"ids: [{}, "sus_1"], reason: "已排除""#, ids.join(", "));
    assert_eq!(steward.refused("endStop", &end).await, ["NOT_FOUND ids.2 UNKNOWN_STOP"]);
    // Ended on the day on which it was set, it never applied.
    let end = format!(r#"ids: [{}], reason: "已排除""#, ids.join(", "));
    assert_eq!(
        steward.does("endStop", &end, "suspensions { id }").await["suspensions"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!((one.standing().await, other.standing().await), ("IN_FORCE".to_owned(), "IN_FORCE".to_owned()));
    assert_eq!(registry.signatory(NANSHA).forbidden("stop", &both).await, "FORBIDDEN");
    assert_eq!(registry.registrar(NANSHA).forbidden("endStop", &end).await, "FORBIDDEN");
}

async fn a_preview_writes_nothing_and_tells_what_would_stop(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let revision = registry.revision();
    let cell = "edges { node { receiving { code } competent { code } mode matters list { edges { node { code } } } } }";
    let effect = format!(
        "revision effect {{ on matters routes starting {{ totalCount }} ending {{ {cell} }} contradictions {{ id }} }}"
    );
    let input = format!(
        r#"numbers: ["{}"], {TEXTS}, scope: {{ competent: ["{MINHANG}"] }}, from: "2026-10-05", preview: true"#,
        agreement.number
    );
    let told = registry.steward().act("stop", &input, &format!("{effect} suspensions {{ since }}")).await;
    let ending = json!([{ "node": {
        "receiving": { "code": NANSHA }, "competent": { "code": MINHANG }, "mode": "PROXY_COLLECTION", "matters": 1,
        "list": { "edges": [{ "node": { "code": RENEWING } }] },
    } }]);
    assert_eq!(told["problems"], json!([]));
    assert_eq!(
        told["effect"],
        json!({ "on": "2026-10-05", "matters": 1, "routes": 1, "starting": { "totalCount": 0 }, "ending": { "edges": ending }, "contradictions": [] })
    );
    assert_eq!((&told["revision"], &told["suspensions"]), (&json!(null), &json!([{ "since": "2026-10-05" }])));
    let own = format!(r#"number: "{}", party: "{MINHANG}", reason: "检修", preview: true"#, agreement.number);
    let told = registry
        .signatory(MINHANG)
        .act("suspendAgreement", &own, "effect { routes ending { totalCount } } agreement { number }")
        .await;
    assert_eq!(told["effect"], json!({ "routes": 2, "ending": { "totalCount": 2 } }));
    assert_eq!(told["agreement"], json!(null));
    assert_eq!(registry.revision(), revision);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
}

async fn the_effect_of_a_draft_is_for_its_author(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let schedule =
        [clause("1", &format!(r#"receiving: ["{NANSHA}"],"#), RENEWING), clause("2", "", REPLACING)].join(", ");
    agreement.registrar(NANSHA).amends(NANSHA, 1, &with_schedule(&[NANSHA, MINHANG], &schedule)).await;
    let query = format!(
        r#"{{ agreement(number: "{}") {{ version(number: 2) {{ effect(on: "2026-10-02") {{ on matters routes
            starting {{ edges {{ node {{ receiving {{ code }} competent {{ code }} matters }} }} }}
            ending {{ edges {{ node {{ receiving {{ code }} competent {{ code }} matters }} }} }} }} }} }} }}"#,
        agreement.number
    );
    let cell = |receiving: &str, competent: &str| json!({ "node": { "receiving": { "code": receiving }, "competent": { "code": competent }, "matters": 1 } });
    let told = registry.registrar(NANSHA).ask(&query).await;
    assert_eq!(
        told["agreement"]["version"]["effect"],
        json!({
            "on": "2026-10-02", "matters": 2, "routes": 3,
            "starting": { "edges": [cell(MINHANG, NANSHA), cell(NANSHA, MINHANG)] },
            "ending": { "edges": [cell(MINHANG, NANSHA)] },
        })
    );
    assert_eq!(registry.registrar(MINHANG).ask(&query).await["agreement"]["version"], json!(null));
    // A concluded version is compared with the one before it.
    let first = format!(
        r#"{{ agreement(number: "{}") {{ version(number: 1) {{ effect {{ routes }} only: effect(receiving: "{NANSHA}") {{ routes }} }} }} }}"#,
        agreement.number
    );
    assert_eq!(
        registry.ask(&first).await["agreement"]["version"],
        json!({ "effect": { "routes": 2 }, "only": { "routes": 1 } })
    );
}

async fn an_effect_names_the_contradictions_that_begin(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let standing = registry.concluded(&[NANSHA, MINHANG], "").await;
    let other = format!(
        r#"{{ key: "1", matters: ["{RENEWING}"], mode: PROXY_COLLECTION, terms: {{ proxyCollection: {{ transferDays: 9 }} }} }}"#
    );
    let draft = registry.drafted(&with_schedule(&[NANSHA, MINHANG], &other)).await;
    let query = format!(
        r#"{{ agreement(number: "{}") {{ version(number: 1) {{ effect {{ routes contradictions {{ rule message }} }} }} }} }}"#,
        draft.number
    );
    let told = registry.registrar(NANSHA).ask(&query).await;
    let effect = &told["agreement"]["version"]["effect"];
    // The other agreement offers the same already.
    assert_eq!(effect["routes"], 0);
    assert_eq!(effect["contradictions"].as_array().map(Vec::len), Some(1));
    assert_eq!(effect["contradictions"][0]["rule"], "R106_CONTRADICTORY_TERMS");
    assert_eq!(standing.standing().await, "IN_FORCE");
}

async fn stops_survive_export_and_import(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let scope = format!(r#"scope: {{ matters: ["{RENEWING}"], competent: ["{MINHANG}"] }}"#);
    let input = format!(r#"numbers: ["{}"], {TEXTS}, {scope}, until: "2026-12-31""#, agreement.number);
    registry.steward().does("stop", &input, "revision").await;
    let lines = registry.export().await;
    let copy = registry.another().await;
    copy.import(&lines).await;
    assert_eq!(copy.export().await, lines);
    let query = format!(
        r#"{{ agreement(number: "{}") {{ suspensions {{ id reason publicText until scope {{ matters {{ code }} competent {{ code }} }} }} }} }}"#,
        agreement.number
    );
    assert_eq!(copy.steward().ask(&query).await, registry.steward().ask(&query).await);
    assert_eq!(copy.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "NOT_COVERED: SUSPENDED");
    let revision = registry.revision();
    registry.import(&lines).await;
    assert_eq!(registry.revision(), revision, "the same file again");
    let restarted = registry.second_reader().await;
    assert_eq!(restarted.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "NOT_COVERED: SUSPENDED");
    copy.verify().await.expect("the journal and the records agree");
    // What everybody sees can be imported, too: without the reason.
    let public = registry.another().await;
    let seen: String = registry.anybody().export().await.iter().map(|line| format!("{line}\n")).collect();
    public.import(&seen).await;
    assert_eq!(public.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "NOT_COVERED: SUSPENDED");
}
