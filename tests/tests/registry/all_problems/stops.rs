//! Suspensions with a scope, and stops of the registry.

use scenarios::TestRegistry;
use scenarios::agreement::{MINHANG, NANSHA, terms};
use serde_json::json;

use super::Who::{Signatory, Steward};
use super::{Case, Fault, fault};

fn days() -> [Fault; 4] {
    [
        fault("REFUSED from DATES_OUT_OF_ORDER", "from", "2026-09-30"),
        fault("INVALID from DATE", "from", "soon"),
        fault("REFUSED until DATES_OUT_OF_ORDER", "until", "2026-09-30"),
        fault("INVALID until DATE", "until", "soon"),
    ]
}

fn scope() -> [Fault; 3] {
    [
        fault("NOT_FOUND scope.matters.0 UNKNOWN_MATTER", "scope", json!({ "matters": ["000999999999"] })),
        fault("INVALID scope.receiving.0 DISTRICT_CODE", "scope", json!({ "receiving": ["44"] })),
        fault("INVALID scope.competent EMPTY_LIST", "scope", json!({ "competent": [] })),
    ]
}

fn clause() -> [Fault; 1] {
    [fault("NOT_FOUND scope.clauses.0 UNKNOWN_CLAUSE", "scope", json!({ "clauses": ["x"] }))]
}

fn reason() -> [Fault; 1] {
    [fault("INVALID reason REQUIRED", "reason", " ")]
}

pub(super) async fn cases(registry: &TestRegistry) -> Vec<Case> {
    let both = [NANSHA, MINHANG];
    let proposed = registry.proposed(&terms(&both)).await;
    let concluded = registry.concluded(&both, "").await;
    let part = format!(r#"scope: {{ receiving: ["{NANSHA}"] }}, reason: "检修""#);
    concluded.signatory(MINHANG).does("suspendAgreement", &part).await;
    let stop = format!(r#"numbers: ["{}"], publicText: "检修", {part}"#, concluded.number);
    registry.steward().does("stop", &stop, "revision").await;
    let suspensions = concluded.ask("suspensions { id }").await["suspensions"].take();
    let input = |number: &str| json!({ "numbers": [number], "reason": "核查", "publicText": "核查" });
    let end = |at: usize| json!({ "ids": [suspensions[at]["id"]], "reason": "已核查" });
    let suspends = json!({ "number": concluded.number, "party": MINHANG, "reason": "检修" });
    vec![
        Case::new("suspendAgreement", Signatory(MINHANG), suspends, reason())
            .with(days())
            .with(scope())
            .with(clause())
            .with([fault("INVALID publicText CONTROL_CHARACTER", "publicText", "a\nb")]),
        Case::new("stop", Steward, input(&concluded.number), reason()).with(days()).with(scope()).with([
            fault("INVALID publicText REQUIRED", "publicText", " "),
            fault("INVALID numbers.0 AGREEMENT_NUMBER", "numbers", json!(["TB-1"])),
            fault("NOT_FOUND numbers.0 NOT_FOUND", "numbers", json!(["TB-2026-000999"])),
            fault("INVALID numbers COUNT", "numbers", json!([])),
        ]),
        Case::new("stop", Steward, input(&proposed.number), reason())
            .with(days())
            .with(clause())
            .against("REFUSED numbers.0 NOT_CONCLUDED"),
        Case::new("endStop", Steward, end(1), reason()).with([
            fault("NOT_FOUND ids.0 UNKNOWN_STOP", "ids", json!(["sus_1"])),
            fault("INVALID ids COUNT", "ids", json!([])),
        ]),
        Case::new("endStop", Steward, end(0), reason()).against("REFUSED ids.0 NOT_THE_REGISTRYS"),
    ]
}
