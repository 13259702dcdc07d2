//! As an office works: approval, consultation, remarks, opinions of bodies, reminders, and the paper behind signatures.

use persistence::ExportFormat;
use scenarios::agreement::{ANSWER_BY, KUNSHAN, MINHANG, NANSHA, RENEWING, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_returned_version_has_remarks_at_its_rows,
    a_person_proposes_only_what_was_approved_where_the_district_requires_it,
    the_paper_behind_a_signature_is_for_its_own_district,
    a_draft_is_consulted_on_with_named_districts_alone,
    documents_say_what_they_are_and_a_missing_sealed_copy_is_a_task,
    signing_bodies_give_their_opinions,
    a_party_is_reminded_once_a_day,
    a_copy_has_all_that_the_office_did,
}

const PDF: &str = "JVBERi0xLjcKMQo=";

/// The same caller, signed in by the identity provider.
fn as_person(mut caller: Caller<'_>) -> Caller<'_> {
    caller.viewer.client = Some("oidc_0123456789abcdef".to_owned());
    caller
}

/// The kinds of a caller's tasks.
async fn tasks(caller: &Caller<'_>) -> Vec<String> {
    let told = caller.ask("{ viewer { tasks { edges { node { kind } } } } }").await;
    let tasks = told["viewer"]["tasks"]["edges"].as_array().expect("a list").iter();
    tasks.map(|edge| edge["node"]["kind"].as_str().expect("a kind").to_owned()).collect()
}

/// A version of an agreement as a caller sees it.
async fn version(caller: &Caller<'_>, number: &str, version: u32, fields: &str) -> Value {
    let query = format!(r#"{{ agreement(number: "{number}") {{ version(number: {version}) {{ {fields} }} }} }}"#);
    caller.ask(&query).await["agreement"]["version"].take()
}

/// The actions in a caller's feed about agreements.
async fn feed(caller: &Caller<'_>) -> Vec<String> {
    let told = caller.ask("{ changes(kinds: [AGREEMENT], first: 100) { edges { node { action } } } }").await;
    let changes = told["changes"]["edges"].as_array().expect("a list").iter();
    changes.map(|edge| edge["node"]["action"].as_str().expect("an action").to_owned()).collect()
}

async fn requires_approval(registry: &TestRegistry) {
    let form = format!(r#"code: "{NANSHA}", name: "南沙区", kind: COUNTY, parent: "440100", requiresApproval: true"#);
    let revised = registry.steward().does("reviseDistrict", &form, "district { requiresApproval }").await;
    assert_eq!(revised["district"]["requiresApproval"], true);
}

async fn a_returned_version_has_remarks_at_its_rows(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG, KUNSHAN])).await;
    let returns = |clause: &str, matter: &str| {
        format!(
            r#"version: 1, kind: RETURN, reason: "清单有误", remarks: [{{ clause: "{clause}", matter: "{matter}", field: "mode", text: "应为全程网办" }}, {{ text: "请写明截止日" }}]"#
        )
    };
    let minhang = agreement.signatory(MINHANG);
    assert_eq!(
        minhang.refused_for("rejectVersion", &returns("9", "000109009000")).await,
        ["REFUSED remarks.0.clause UNKNOWN_CLAUSE", "NOT_FOUND remarks.0.matter UNKNOWN_MATTER"]
    );
    assert_eq!(minhang.does("rejectVersion", &returns("1", RENEWING)).await, "1 REJECTED, NOT_CONCLUDED");
    let fields = "remarks { party { code } clause matter { code } field text at } proposal { rejections { edges { node { kind } } } }";
    let seen = version(&registry.registrar(KUNSHAN), &agreement.number, 1, fields).await;
    let at = seen["remarks"][0]["at"].clone();
    assert_eq!(
        seen["remarks"],
        json!([
            { "party": { "code": MINHANG }, "clause": "1", "matter": { "code": RENEWING }, "field": "mode", "text": "应为全程网办", "at": at },
            { "party": { "code": MINHANG }, "clause": null, "matter": null, "field": null, "text": "请写明截止日", "at": at },
        ])
    );
    assert_eq!(seen["proposal"]["rejections"]["edges"][0]["node"]["kind"], "RETURN");
    assert_eq!(feed(&registry.registrar(NANSHA)).await.pop().as_deref(), Some("RETURNED"));
    // The correction is a new draft; the remarks stay with the version that was returned.
    let corrected = terms(&[NANSHA, MINHANG, KUNSHAN]).replace("合作协议", "合作协议（修改稿）");
    assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 0, &corrected).await, "2 DRAFT, NOT_CONCLUDED");
    assert_eq!(minhang.does("undoRejection", "version: 1").await, "1 PROPOSED, NOT_CONCLUDED");
    let seen = version(&registry.registrar(KUNSHAN), &agreement.number, 1, "remarks { text }").await;
    assert_eq!(seen["remarks"], json!([]));
    let paper = registry.recorded(&registry.steward(), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    assert_eq!(
        paper.signatory(MINHANG).refused("contestRecord", r#"version: 1, kind: RETURN, reason: "…""#).await,
        "INVALID kind NOT_FOR_RECORDS"
    );
    registry.verify().await.expect("it is proven");
}

async fn a_person_proposes_only_what_was_approved_where_the_district_requires_it(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    requires_approval(&registry).await;
    let agreement = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let person = || agreement.in_hands_of(as_person(registry.registrar(NANSHA)), None);
    let proposes = format!(r#"version: 1, answerBy: "{ANSWER_BY}""#);
    assert_eq!(person().refused("proposeVersion", &proposes).await, "REFUSED version NOT_APPROVED");
    assert_eq!(person().does("submitDraft", "version: 1").await, "1 DRAFT, NOT_CONCLUDED");
    assert_eq!(person().refused("submitDraft", "version: 1").await, "REFUSED version ALREADY_SUBMITTED");
    assert_eq!(tasks(&registry.signatory(NANSHA)).await, ["TO_APPROVE"]);
    let signatory = || agreement.in_hands_of(registry.signatory(NANSHA), None);
    for (caller, told) in [(registry.registrar(NANSHA), "FORBIDDEN"), (registry.steward(), "FORBIDDEN")] {
        let hand = agreement.in_hands_of(caller, None);
        assert_eq!(hand.forbidden("approveDraft", "version: 1, approve: true").await, told);
    }
    let stranger = agreement.in_hands_of(registry.signatory(MINHANG), None);
    assert_eq!(stranger.refused("approveDraft", "version: 1, approve: true").await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(signatory().refused("approveDraft", "version: 1, approve: false").await, "INVALID reason REQUIRED");
    let gives_back = r#"version: 1, approve: false, reason: "请补充批次""#;
    assert_eq!(signatory().does("approveDraft", gives_back).await, "1 DRAFT, NOT_CONCLUDED");
    let fields = "approvedAt approval { state reason number }";
    let given_back = version(&registry.registrar(NANSHA), &agreement.number, 1, fields).await;
    let expected = json!({ "state": "GIVEN_BACK", "reason": "请补充批次", "number": null });
    assert_eq!((&given_back["approvedAt"], &given_back["approval"]), (&Value::Null, &expected));
    person().does("submitDraft", "version: 1").await;
    let approves = r#"version: 1, approve: true, approvalNumber: "南政数批〔2026〕3号""#;
    signatory().does("approveDraft", approves).await;
    assert_eq!(tasks(&registry.signatory(NANSHA)).await, Vec::<String>::new());
    assert!(version(&registry.registrar(NANSHA), &agreement.number, 1, fields).await["approvedAt"].is_string());
    // An edit voids it.
    let edited = format!(
        r#"proposer: "{NANSHA}", baseVersion: 0, version: 1, {}"#,
        terms(&[NANSHA, MINHANG]).replace("合作协议", "框架协议")
    );
    person().does("reviseDraft", &edited).await;
    assert_eq!(person().refused("proposeVersion", &proposes).await, "REFUSED version NOT_APPROVED");
    person().does("submitDraft", "version: 1").await;
    signatory().does("approveDraft", "version: 1, approve: true").await;
    assert_eq!(person().does("proposeVersion", &proposes).await, "1 PROPOSED, NOT_CONCLUDED");
    // The other party sees nothing of it.
    let theirs = version(&registry.registrar(MINHANG), &agreement.number, 1, fields).await;
    assert_eq!(theirs, json!({ "approvedAt": null, "approval": null }));
    assert_eq!(feed(&registry.registrar(MINHANG)).await, ["PROPOSED"]);
    let document = "{ changes(kinds: [AGREEMENT], last: 1) { edges { node { document } } } }";
    assert!(!registry.registrar(MINHANG).ask(document).await.to_string().contains("approval"));
    assert!(registry.registrar(NANSHA).ask(document).await.to_string().contains("approval"));
    // A key is exempt.
    let by_key = registry.drafted(&terms(&[NANSHA, KUNSHAN])).await;
    assert_eq!(by_key.registrar(NANSHA).proposes(1).await, "1 PROPOSED, NOT_CONCLUDED");
    registry.verify().await.expect("it is proven");
}

async fn the_paper_behind_a_signature_is_for_its_own_district(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let digest = agreement.digest(1).await;
    let sign = |approved: &str| {
        format!(r#"version: 1, digest: "{digest}", approvalNumber: "闵府批〔2026〕8号", approvedOn: "{approved}""#)
    };
    let minhang = agreement.signatory(MINHANG);
    assert_eq!(minhang.refused("signVersion", &sign("2026-10-02")).await, "INVALID approvedOn APPROVED_IN_THE_FUTURE");
    minhang.does("signVersion", &sign("2026-09-30")).await;
    agreement.signatory(NANSHA).signs(1).await;
    let fields = "signatures { edges { node { approvalNumber approvedOn } } }";
    let none = json!({ "approvalNumber": null, "approvedOn": null });
    let own = json!({ "approvalNumber": "闵府批〔2026〕8号", "approvedOn": "2026-09-30" });
    for (caller, seen) in [
        (registry.registrar(MINHANG), &own),
        (registry.steward(), &own),
        (registry.registrar(NANSHA), &none),
        (registry.anybody(), &none),
    ] {
        let signatures = version(&caller, &agreement.number, 1, fields).await;
        let signatures = signatures["signatures"]["edges"].as_array().expect("a list").clone();
        assert!(signatures.iter().any(|edge| edge["node"] == *seen), "{:?}: {signatures:?}", caller.viewer.district);
        let shows = *seen == own;
        let exported = caller.export().await.iter().any(|line| line.to_string().contains("闵府批"));
        let document = "{ changes(kinds: [AGREEMENT], last: 5) { edges { node { document } } } }";
        let told = caller.ask(document).await.to_string().contains("闵府批");
        assert_eq!((exported, told), (shows, shows), "{:?}", caller.viewer.district);
    }
    registry.verify().await.expect("it is proven");
}

async fn a_draft_is_consulted_on_with_named_districts_alone(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let clerk = agreement.registrar(NANSHA);
    assert_eq!(
        clerk.refused_for("consultOnDraft", r#"version: 1, with: ["999999", "440115"], answerBy: "2026-09-30""#).await,
        ["REFUSED answerBy ANSWER_BY_PAST", "NOT_FOUND with.0 UNKNOWN_DISTRICT", "REFUSED with.1 OWN_DRAFT"]
    );
    let consults = format!(r#"version: 1, with: ["{MINHANG}", "{KUNSHAN}"], answerBy: "2026-10-05""#);
    assert_eq!(clerk.does("consultOnDraft", &consults).await, "1 DRAFT, NOT_CONCLUDED");
    let reads = async |caller: &Caller<'_>| {
        let title = version(caller, &agreement.number, 1, "title").await["title"].is_string();
        let listed = caller.ask("{ agreements { totalCount } }").await["agreements"]["totalCount"] == 1;
        let exported = caller.export().await.iter().any(|line| line["number"] == agreement.number.as_str());
        assert_eq!((title, listed), (exported, exported), "{:?}", caller.viewer.district);
        exported
    };
    for (district, sees) in [(MINHANG, true), (KUNSHAN, true), ("440100", false)] {
        assert_eq!(reads(&registry.registrar(district)).await, sees, "{district}");
        assert_eq!(feed(&registry.registrar(district)).await.len(), usize::from(sees), "{district}");
    }
    assert!(!reads(&registry.anybody()).await);
    assert_eq!(tasks(&registry.registrar(KUNSHAN)).await, ["TO_REMARK"]);
    let remarks = r#"version: 1, remarks: [{ clause: "1", text: "建议改为全程网办" }]"#;
    let kunshan = agreement.in_hands_of(registry.registrar(KUNSHAN), Some(KUNSHAN));
    assert_eq!(kunshan.does("remarkOnVersion", remarks).await, "1 DRAFT, NOT_CONCLUDED");
    assert_eq!(tasks(&registry.registrar(KUNSHAN)).await, Vec::<String>::new());
    let fields = "remarks { text } consultation { with { code } answerBy }";
    let (own, theirs) = (
        version(&registry.registrar(NANSHA), &agreement.number, 1, fields).await,
        version(&registry.registrar(MINHANG), &agreement.number, 1, fields).await,
    );
    assert_eq!(own["remarks"], json!([{ "text": "建议改为全程网办" }]));
    assert_eq!(theirs["remarks"], json!([]), "remarks on a draft are for its author");
    assert_eq!(own["consultation"]["answerBy"], "2026-10-05");
    // Nobody who is consulted edits or proposes it.
    let propose = format!(r#"version: 1, answerBy: "{ANSWER_BY}""#);
    assert_eq!(
        agreement.registrar(MINHANG).refused("proposeVersion", &propose).await,
        "REFUSED version NOT_THE_AUTHOR"
    );
    registry.pass(4);
    registry.clock().await;
    assert!(reads(&registry.registrar(MINHANG)).await, "the last day");
    registry.pass(1);
    registry.clock().await;
    assert!(!reads(&registry.registrar(MINHANG)).await);
    assert!(reads(&registry.registrar(NANSHA)).await);
    for district in [MINHANG, KUNSHAN, NANSHA] {
        let newest = feed(&registry.registrar(district)).await.pop();
        assert_eq!(newest.as_deref(), Some("CONSULTATION_ENDED"), "{district}");
    }
    let ended = registry.registrar(KUNSHAN).ask("{ changes(last: 1) { edges { node { document } } } }").await;
    assert_eq!(ended["changes"]["edges"][0]["node"]["document"], Value::Null, "it is gone for them");
    assert_eq!(kunshan.refused("remarkOnVersion", remarks).await, "NOT_FOUND number NOT_FOUND");
    // Consulted again, and proposed: those who are no party do not see the proposal.
    let again = format!(r#"version: 1, with: ["{MINHANG}", "{KUNSHAN}"], answerBy: "2026-10-20""#);
    clerk.does("consultOnDraft", &again).await;
    assert!(reads(&registry.registrar(KUNSHAN)).await);
    clerk.proposes(1).await;
    assert!(!reads(&registry.registrar(KUNSHAN)).await && reads(&registry.registrar(MINHANG)).await);
    registry.verify().await.expect("it is proven");
}

async fn documents_say_what_they_are_and_a_missing_sealed_copy_is_a_task(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    registry.pass(14);
    assert_eq!(tasks(&registry.registrar(MINHANG)).await, Vec::<String>::new());
    registry.pass(1);
    assert_eq!(tasks(&registry.registrar(MINHANG)).await, ["TO_SEAL"]);
    let scan = |more: &str| {
        format!(
            r#"party: "{NANSHA}", name: "扫描件.pdf", mediaType: "application/pdf", content: "{PDF}"{more}, number: "{}""#,
            agreement.number
        )
    };
    let clerk = registry.registrar(NANSHA);
    assert_eq!(clerk.refused("attachDocument", &scan(", version: 7")).await, ["NOT_FOUND version UNKNOWN_VERSION"]);
    let changed = terms(&[NANSHA, MINHANG]).replace("合作协议", "合作协议（修订）");
    agreement.registrar(NANSHA).amends(NANSHA, 1, &changed).await;
    assert_eq!(clerk.refused("attachDocument", &scan(", version: 2")).await, ["REFUSED version STILL_A_DRAFT"]);
    let fields = "document { kind documentNumber version { number } }";
    let plain = clerk.does("attachDocument", &scan(""), fields).await;
    assert_eq!(plain["document"], json!({ "kind": "OTHER", "documentNumber": null, "version": null }));
    assert_eq!(tasks(&registry.registrar(MINHANG)).await, ["TO_SEAL"]);
    let sealed = r#", kind: SEALED_COPY, version: 1, documentNumber: "南政数〔2026〕5号""#;
    let sealed = clerk.does("attachDocument", &scan(sealed), fields).await;
    let expected = json!({ "kind": "SEALED_COPY", "documentNumber": "南政数〔2026〕5号", "version": { "number": 1 } });
    assert_eq!(sealed["document"], expected);
    let released = clerk.does("attachDocument", &scan(", released: true"), fields).await;
    assert_eq!(released["document"], expected, "the default does not replace a kind");
    assert_eq!(tasks(&registry.registrar(MINHANG)).await, Vec::<String>::new());
    registry.verify().await.expect("it is proven");
}

async fn signing_bodies_give_their_opinions(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let with_bodies = terms(&[NANSHA, MINHANG])
        .replace(r#"{ district: "440115" }"#, r#"{ district: "440115", bodies: [{ name: "公安局" }] }"#);
    let agreement = registry.drafted(&with_bodies).await;
    let clerk = agreement.in_hands_of(registry.registrar(NANSHA), Some(NANSHA));
    let opinion = |body: &str, opinion: &str| format!(r#"version: 1, body: "{body}", opinion: {opinion}"#);
    assert_eq!(clerk.refused("confirmBody", &opinion("文旅局", "AGREE")).await, "REFUSED body UNKNOWN_BODY");
    let objects = format!(r#"{}, remark: "缺少事项""#, opinion("公安局", "OBJECT"));
    clerk.does("confirmBody", &objects).await;
    agreement.registrar(NANSHA).proposes(1).await;
    clerk.does("confirmBody", &opinion("公安局", "AGREE")).await;
    let theirs = agreement.in_hands_of(registry.registrar(MINHANG), Some(MINHANG));
    theirs.does("confirmBody", &opinion("司法局", "AGREE")).await;
    let fields = "bodyOpinions { party { code } body opinion remark }";
    let given = |party: &str, body: &str| json!({ "party": { "code": party }, "body": body, "opinion": "AGREE", "remark": null });
    let (ours, other) = (given(NANSHA, "公安局"), given(MINHANG, "司法局"));
    for (caller, seen) in [
        (registry.registrar(NANSHA), json!([ours])),
        (registry.registrar(MINHANG), json!([other])),
        (registry.steward(), json!([ours, other])),
    ] {
        assert_eq!(version(&caller, &agreement.number, 1, fields).await["bodyOpinions"], seen);
    }
    assert_eq!(feed(&registry.registrar(MINHANG)).await, ["PROPOSED", "BODY_CONFIRMED"]);
    registry.verify().await.expect("it is proven");
}

async fn a_party_is_reminded_once_a_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG, KUNSHAN])).await;
    let clerk = agreement.in_hands_of(registry.registrar(NANSHA), Some(MINHANG));
    assert_eq!(clerk.does("remindParty", "version: 1").await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(clerk.refused("remindParty", "version: 1").await, "REFUSED party REMINDED_TODAY");
    assert_eq!(
        agreement.in_hands_of(registry.registrar(MINHANG), Some(KUNSHAN)).refused("remindParty", "version: 1").await,
        "REFUSED version NOT_THE_AUTHOR"
    );
    registry.pass(1);
    clerk.does("remindParty", "version: 1").await;
    agreement.signatory(MINHANG).signs(1).await;
    registry.pass(1);
    assert_eq!(clerk.refused("remindParty", "version: 1").await, "REFUSED party NOT_AWAITED");
    assert_eq!(feed(&registry.registrar(KUNSHAN)).await, ["PROPOSED", "REMINDED", "REMINDED", "SIGNED"]);
    let seen = version(&registry.registrar(KUNSHAN), &agreement.number, 1, "reminders { party { code } on }").await;
    assert_eq!(seen["reminders"], json!([{ "party": { "code": MINHANG }, "on": "2026-10-02" }]));
    // A paper record: only its parties remind each other.
    let paper = registry.recorded(&registry.registrar(NANSHA), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    paper.in_hands_of(registry.registrar(NANSHA), Some(MINHANG)).does("remindParty", "version: 1").await;
    registry.verify().await.expect("it is proven");
}

async fn a_copy_has_all_that_the_office_did(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    requires_approval(&registry).await;
    let all = [NANSHA, MINHANG, KUNSHAN];
    let draft = registry.drafted(&terms(&all)).await;
    let clerk = draft.registrar(NANSHA);
    clerk.does("consultOnDraft", &format!(r#"version: 1, with: ["{MINHANG}"], answerBy: "2026-10-05""#)).await;
    let minhang = draft.in_hands_of(registry.registrar(MINHANG), Some(MINHANG));
    draft.in_hands_of(registry.registrar(NANSHA), Some(MINHANG)).does("remindParty", "version: 1").await;
    minhang.does("remarkOnVersion", r#"version: 1, remarks: [{ text: "请写明截止日" }]"#).await;
    draft
        .in_hands_of(registry.registrar(NANSHA), Some(NANSHA))
        .does("confirmBody", r#"version: 1, body: "公安局", opinion: OBJECT, remark: "缺少事项""#)
        .await;
    clerk.does("submitDraft", "version: 1").await;
    let proposed = registry.proposed(&terms(&all)).await;
    let digest = proposed.digest(1).await;
    let sign = format!(r#"version: 1, digest: "{digest}", approvalNumber: "8号", approvedOn: "2026-09-30""#);
    proposed.signatory(NANSHA).does("signVersion", &sign).await;
    let returns = r#"version: 1, kind: RETURN, reason: "清单有误", remarks: [{ clause: "1", text: "缺少事项" }]"#;
    proposed.signatory(MINHANG).does("rejectVersion", returns).await;
    let scan = format!(
        r#"number: "{}", party: "{NANSHA}", name: "批复.pdf", mediaType: "application/pdf", content: "{PDF}", kind: APPROVAL, version: 1"#,
        proposed.number
    );
    registry.registrar(NANSHA).does("attachDocument", &scan, "").await;
    for form in [ExportFormat::Ndjson, ExportFormat::Csv] {
        let copy = registry.another().await;
        let name = if form == ExportFormat::Csv { "records.csv" } else { "records.ndjson" };
        copy.import_files(&[copy.file(name, registry.export_as(form).await)]).await;
        assert_eq!(copy.export().await, registry.export().await);
        copy.verify().await.expect("it is proven");
        // The same file again changes nothing.
        let revision = copy.revision();
        copy.import_files(&[copy.file(name, registry.export_as(form).await)]).await;
        assert_eq!(copy.revision(), revision);
    }
    registry.verify().await.expect("it is proven");
}
