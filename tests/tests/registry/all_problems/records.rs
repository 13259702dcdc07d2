//! Districts, matters, policies, offerings, windows and API keys.

use scenarios::TestRegistry;
use scenarios::agreement::{MINHANG, NANSHA, RENEWING, REPLACING};
use scenarios::records::NANSHA_AND_MINHANG;
use serde_json::json;

use super::Who::{Registrar, Signatory, Steward};
use super::{Case, Fault, between, fault, party};

const REGISTERED: &str = r#"
{"type":"district","code":"320000","name":"江苏省","kind":"PROVINCE"}
{"type":"district","code":"320500","name":"苏州市","kind":"PREFECTURE","parent":"320000"}
{"type":"district","code":"320583","name":"昆山市","kind":"COUNTY","parent":"320500"}
{"type":"district","code":"440100-Z01","name":"示例新区","kind":"FUNCTIONAL_ZONE","parent":"440100","codes":[{"scheme":"NBS","value":"440171"}]}
{"type":"matter","code":"000109003000","name":"示例事项","domain":"OTHER","audience":["NATURAL_PERSON"],"retiredOn":"2026-01-01","retiredReason":"示例"}
{"type":"policy","title":"示例意见","documentNumber":"示例〔2026〕1号","issuedBy":["示例单位"],"effectiveFrom":"2026-01-01","schedule":[]}
{"type":"offering","district":"440115","matter":"000109002000","visits":1,"withdrawnOn":"2026-01-01","withdrawnReason":"示例"}
{"type":"window","district":"440115","name":"示例窗口","address":"一楼","closedOn":"2026-01-01","closedReason":"示例"}
"#;

pub(super) async fn cases(registry: &TestRegistry) -> Vec<Case> {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(REGISTERED).await;
    [districts(), matters(), policies(), offerings(), windows(), keys()].into_iter().flatten().collect()
}

fn district_faults() -> Vec<Fault> {
    vec![
        fault("INVALID name REQUIRED", "name", " "),
        fault("INVALID englishName CONTROL_CHARACTER", "englishName", "a\nb"),
        fault("NOT_FOUND parent UNKNOWN_DISTRICT", "parent", "449999"),
        fault("INVALID parent DISTRICT_CODE", "parent", "44"),
        fault("NOT_FOUND administers.1 UNKNOWN_DISTRICT", "administers", json!(["440115", "449998"])),
        fault("INVALID administers.0 DISTRICT_CODE", "administers", json!(["x", "440115"])),
        fault(
            "NOT_FOUND charges.0.district UNKNOWN_DISTRICT",
            "charges",
            json!([{ "district": "449997", "validFrom": "2026-01-01" }]),
        ),
        fault(
            "CONFLICT codes DISTRICT_CODE_TAKEN",
            "codes",
            json!([{ "scheme": "NBS", "value": "440171" }, { "scheme": "GB/T 2260", "value": "310112" }]),
        ),
        fault("INVALID validFrom DATE", "validFrom", "2021-02-30"),
        fault("INVALID successors SUCCESSORS_WITHOUT_RETIREMENT", "successors", json!(["440115"])),
        between(
            "NOT_FOUND successors.0 UNKNOWN_DISTRICT",
            [("retiredOn", json!("2030-01-01")), ("successors", json!(["449996"]))],
        ),
        between(
            "INVALID parentFrom DATE",
            [("parentFrom", json!("soon")), ("provenance", json!({ "source": "示例" }))],
        ),
    ]
}

fn districts() -> Vec<Case> {
    let zone = json!({ "code": "440100-Z01", "name": "示例新区", "kind": "~FUNCTIONAL_ZONE", "parent": "440100", "codes": [{ "scheme": "NBS", "value": "440171" }] });
    let new = json!({ "code": "440100-Z02", "name": "另一新区", "kind": "~FUNCTIONAL_ZONE", "parent": "440100" });
    let taken =
        || fault("CONFLICT codes DISTRICT_CODE_TAKEN", "codes", json!([{ "scheme": "NBS", "value": "440171" }]));
    let codes = |mut faults: Vec<Fault>| {
        let at = faults.iter().position(|fault| fault.changes[0].0 == "codes").expect("one of them");
        faults[at] = taken();
        faults
    };
    vec![
        Case::new("registerDistrict", Steward, new.clone(), codes(district_faults())).moving().with([
            fault("INVALID code DISTRICT_CODE", "code", "44"),
            fault("INVALID code NO_PROVINCE", "code", "000000").also("kind", "~PROVINCE"),
        ]),
        Case::new("registerDistrict", Steward, new, codes(district_faults())).with([fault(
            "CONFLICT code ALREADY_REGISTERED",
            "code",
            "310112",
        )]),
        Case::new("reviseDistrict", Steward, zone, district_faults()).moving().with([
            fault("INVALID code DISTRICT_CODE", "code", "44"),
            fault("CONFLICT codes DISTRICT_CODE_DROPPED", "codes", json!([{ "scheme": "NBS", "value": "440172" }])),
            fault("INVALID parent OWN_ANCESTOR", "parent", "440100-Z01"),
        ]),
        Case::new(
            "reviseDistrict",
            Steward,
            json!({ "code": "440100-Z09", "name": "无此区", "kind": "~FUNCTIONAL_ZONE" }),
            codes(district_faults()),
        )
        .against("NOT_FOUND code NOT_FOUND"),
    ]
}

fn matters() -> Vec<Case> {
    let matter =
        |code: &str| json!({ "code": code, "name": "示例事项", "domain": "~OTHER", "audience": ["~NATURAL_PERSON"] });
    let faults = || {
        vec![
            fault("INVALID name REQUIRED", "name", " "),
            fault("INVALID aliases.0 BLANK", "aliases", json!([" "])),
            fault("INVALID leadDepartment CONTROL_CHARACTER", "leadDepartment", "a\nb"),
            fault("INVALID retiredOn DATE", "retiredOn", "2021-02-30"),
        ]
    };
    let unread = || fault("INVALID code MATTER_CODE", "code", "1");
    let retire = |code: &str| json!({ "code": code, "reason": "并入其他事项" });
    let reason = || [fault("INVALID reason REQUIRED", "reason", " ")];
    vec![
        Case::new("registerMatter", Steward, matter("000109009000"), faults()).moving().with([unread()]),
        Case::new("registerMatter", Steward, matter(RENEWING), faults()).against("CONFLICT code ALREADY_REGISTERED"),
        Case::new("reviseMatter", Steward, matter(RENEWING), faults()).moving().with([unread()]),
        Case::new("reviseMatter", Steward, matter("000109009000"), faults()).against("NOT_FOUND code NOT_FOUND"),
        Case::new("retireMatter", Steward, retire(RENEWING), reason()).moving().with([unread()]),
        Case::new("retireMatter", Steward, retire("000109003000"), reason())
            .moving()
            .against("REFUSED code ALREADY_RETIRED"),
        Case::new("retireMatter", Steward, retire("000109009000"), reason()).against("NOT_FOUND code NOT_FOUND"),
    ]
}

fn policies() -> Vec<Case> {
    let policy = |number: &str| {
        json!({ "title": "示例意见", "documentNumber": number, "issuedBy": ["示例单位"], "effectiveFrom": "2026-01-01",
            "receiving": [party(NANSHA)], "schedule": [{ "matters": [RENEWING], "mode": "~FULL_ONLINE" }, { "matters": [RENEWING], "mode": "~MULTI_SITE_JOINT",
            "terms": { "multiSiteJoint": { "steps": [{ "task": "受理", "district": NANSHA }] } } }] })
    };
    let faults = || {
        vec![
            fault("INVALID title REQUIRED", "title", " "),
            fault("INVALID issuedBy.0 BLANK", "issuedBy", json!([" "])),
            fault("INVALID effectiveFrom DATE", "effectiveFrom", "2021-02-30"),
            fault("INVALID effectiveTo DATES_OUT_OF_ORDER", "effectiveTo", "2025-12-31"),
            fault("NOT_FOUND receiving.0.district UNKNOWN_DISTRICT", "receiving", json!([party("449999")])),
            fault("INVALID receiving.0.district DISTRICT_CODE", "receiving.0.district", "44"),
            fault(
                "NOT_FOUND competent.1.district UNKNOWN_DISTRICT",
                "competent",
                json!([party(MINHANG), party("449998")]),
            ),
            fault(
                "NOT_FOUND schedule.0.matters UNKNOWN_MATTER",
                "schedule.0.matters",
                json!([RENEWING, "000109009009"]),
            ),
            fault("INVALID schedule.0.matters.0 MATTER_CODE", "schedule.0.matters", json!(["1"])),
            fault("INVALID schedule.0.terms TERMS_OF_OTHER_MODE", "schedule.0.terms", json!({ "proxyCollection": {} })),
            fault("INVALID schedule.1.batch CONTROL_CHARACTER", "schedule.1.batch", "a\nb"),
            fault("NOT_FOUND schedule.1.matters UNKNOWN_MATTER", "schedule.1.matters", json!(["000109009008"])),
            fault(
                "NOT_FOUND schedule.1.terms.multiSiteJoint.steps.0.district UNKNOWN_DISTRICT",
                "schedule.1.terms.multiSiteJoint.steps.0.district",
                "449997",
            ),
            between(
                "INVALID schedule CLAUSE_KEY_TWICE",
                [("schedule.0.key", json!("a")), ("schedule.1.key", json!("a"))],
            ),
        ]
    };
    vec![
        Case::new("registerPolicy", Steward, policy("示例〔2026〕2号"), faults()).moving(),
        Case::new("registerPolicy", Steward, policy("示例〔2026〕1号"), faults())
            .against("CONFLICT documentNumber ALREADY_REGISTERED"),
        Case::new("revisePolicy", Steward, policy("示例〔2026〕1号"), faults()).moving(),
        Case::new("revisePolicy", Steward, policy("示例〔2026〕3号"), faults())
            .against("NOT_FOUND documentNumber NOT_FOUND"),
    ]
}

fn offerings() -> Vec<Case> {
    let offering = json!({ "district": NANSHA, "matter": RENEWING, "visits": 1, "materials": [{ "name": "户口簿", "necessity": "~REQUIRED" }] });
    let withdraw = |matter: &str| json!({ "district": MINHANG, "matter": matter, "reason": "职能划转" });
    let reason = || [fault("INVALID reason REQUIRED", "reason", " ")];
    vec![
        Case::new(
            "publishOffering",
            Registrar(NANSHA),
            offering,
            [
                fault("INVALID district DISTRICT_CODE", "district", "44"),
                fault("NOT_FOUND matter UNKNOWN_MATTER", "matter", "000109009009"),
                fault("INVALID matter MATTER_CODE", "matter", "1"),
                fault("INVALID visits NUMBER", "visits", 1_000),
                fault("INVALID url URL", "url", "pigeon"),
                fault("INVALID materials.0.name REQUIRED", "materials.0.name", " "),
                fault("INVALID authority.name REQUIRED", "authority", json!({ "name": " " })),
                between(
                    "INVALID validTo DATES_OUT_OF_ORDER",
                    [("validFrom", json!("2022-01-02")), ("validTo", json!("2022-01-01"))],
                ),
            ],
        )
        .moving(),
        Case::new("withdrawOffering", Registrar(MINHANG), withdraw(RENEWING), reason()).moving().with([
            fault("INVALID matter MATTER_CODE", "matter", "1"),
            fault("INVALID district DISTRICT_CODE", "district", "44"),
        ]),
        Case::new("withdrawOffering", Registrar(MINHANG), withdraw(REPLACING), reason())
            .against("NOT_FOUND matter NOT_FOUND"),
        Case::new(
            "withdrawOffering",
            Registrar(NANSHA),
            json!({ "district": NANSHA, "matter": REPLACING, "reason": "…" }),
            reason(),
        )
        .moving()
        .against("REFUSED matter ALREADY_WITHDRAWN"),
    ]
}

fn windows() -> Vec<Case> {
    let window = json!({ "district": NANSHA, "name": "跨域通办专窗", "address": "一楼" });
    let close = |name: &str| json!({ "district": NANSHA, "name": name, "reason": "装修" });
    let reason = || [fault("INVALID reason REQUIRED", "reason", " ")];
    let district = || fault("INVALID district DISTRICT_CODE", "district", "44");
    vec![
        Case::new(
            "registerWindow",
            Registrar(NANSHA),
            window,
            [
                district(),
                fault("INVALID name REQUIRED", "name", " "),
                fault("INVALID address REQUIRED", "address", " "),
                fault("NOT_FOUND matters.1 UNKNOWN_MATTER", "matters", json!([RENEWING, "000109009009"])),
                fault("INVALID matters.0 MATTER_CODE", "matters", json!(["1", RENEWING])),
                fault("INVALID validFrom DATE", "validFrom", "2021-02-30"),
                fault("INVALID phone SPREADSHEET_NUMBER", "phone", "5.11602E+11"),
            ],
        )
        .moving(),
        Case::new("closeWindow", Registrar(NANSHA), close("跨域通办专窗"), reason())
            .moving()
            .with([district(), fault("INVALID name REQUIRED", "name", " ")]),
        Case::new("closeWindow", Registrar(NANSHA), close("无此窗口"), reason()).against("NOT_FOUND name NOT_FOUND"),
        Case::new("closeWindow", Registrar(NANSHA), close("示例窗口"), reason())
            .moving()
            .against("REFUSED name ALREADY_CLOSED"),
    ]
}

fn keys() -> Vec<Case> {
    let key = json!({ "name": "南沙政务平台", "roles": ["~REGISTRAR"], "district": NANSHA });
    let grant = json!({
        "issuer": "https://id.example.cn", "subject": "7", "displayName": "王芳", "role": "~REGISTRAR", "district": NANSHA,
        "from": "2026-10-01", "domains": ["~PUBLIC_SECURITY"],
    });
    let of_grant = [
        fault("INVALID displayName REQUIRED", "displayName", " "),
        fault("INVALID subject REQUIRED", "subject", " "),
        fault("INVALID domains DUPLICATE", "domains", json!(["~HEALTH", "~HEALTH"])),
        fault("NOT_FOUND district UNKNOWN_DISTRICT", "district", "449999"),
        fault("INVALID district DISTRICT_CODE", "district", "44"),
        fault("INVALID until DATE", "until", "2026-09-31"),
        fault("INVALID from DATE", "from", "2026-02-30"),
    ];
    vec![
        Case::new(
            "issueApiKey",
            Steward,
            key,
            [
                fault("INVALID name REQUIRED", "name", " "),
                fault("INVALID roles DUPLICATE", "roles", json!(["~REGISTRAR", "~REGISTRAR"])),
                fault("NOT_FOUND district UNKNOWN_DISTRICT", "district", "449999"),
                fault("INVALID district DISTRICT_CODE", "district", "44"),
                fault("INVALID expiresAt EXPIRES_IN_THE_PAST", "expiresAt", "2020-01-01T00:00:00+08:00"),
                fault("INVALID expiresAt DATE_TIME", "expiresAt", "soon"),
            ],
        ),
        Case::new("revokeApiKey", Steward, json!({ "id": "key_zzzz" }), []).against("NOT_FOUND id NOT_FOUND"),
        Case::new(
            "rotateApiKey",
            Steward,
            json!({ "id": "key_zzzz" }),
            [fault("INVALID overlapHours NUMBER", "overlapHours", 721)],
        )
        .against("NOT_FOUND id NOT_FOUND"),
        Case::new(
            "submitFeedback",
            Steward,
            json!({ "about": "dis_zzzz", "text": "电话已更换" }),
            [fault("INVALID text REQUIRED", "text", " ")],
        )
        .against("NOT_FOUND about NOT_FOUND"),
        Case::new(
            "answerFeedback",
            Steward,
            json!({ "id": "fbk_zzzz", "reply": "已更正" }),
            [fault("INVALID reply REQUIRED", "reply", " ")],
        )
        .against("NOT_FOUND id NOT_FOUND"),
        Case::new("grantRole", Steward, grant, of_grant),
        Case::new(
            "revokeGrant",
            Steward,
            json!({ "id": "gra_zzzz", "reason": "调岗" }),
            [fault("INVALID reason REQUIRED", "reason", " ")],
        )
        .against("NOT_FOUND id NOT_FOUND"),
        Case::new(
            "delegateSigning",
            Signatory(NANSHA),
            json!({ "district": NANSHA, "to": "per_zzzz", "until": "2026-12-01", "reason": "出差" }),
            [
                fault("INVALID until TOO_LONG", "until", "2027-12-01"),
                fault("INVALID until DATE", "until", "2026-02-30"),
            ],
        )
        .against("NOT_FOUND to NOT_FOUND")
        .against("REFUSED district NOT_A_SIGNATORY"),
    ]
}
