use catalogue::Head;
use chrono::DateTime;
use domain::journal::Action;
use domain::{Change, Digest, Record};
use serde_json::{Value, json};

use super::*;

/// 广东 over 广州 over 南沙; 旧区 was merged into 南沙; 上海 over 闵行.
fn snapshot() -> Snapshot {
    let lines: [Value; 6] = [
        json!({ "code": "440000", "name": "广东省", "kind": "PROVINCE" }),
        json!({ "code": "440100", "name": "广州市", "kind": "PREFECTURE", "parent": "440000" }),
        json!({ "code": "440115", "name": "南沙区", "kind": "COUNTY", "parent": "440100", "codes": [{ "scheme": "GB/T 2260", "value": "440181" }] }),
        json!({ "code": "440199", "name": "旧区", "kind": "COUNTY", "retiredOn": "2020-01-01", "successors": ["440115"] }),
        json!({ "code": "310000", "name": "上海市", "kind": "PROVINCE" }),
        json!({ "code": "310112", "name": "闵行区", "kind": "COUNTY", "parent": "310000" }),
    ];
    let change = |(mut line, revision): (Value, u64)| {
        line["type"] = json!("district");
        let record = Record::from_line(&line.to_string()).expect("a district");
        Change {
            revision,
            recorded_at: DateTime::UNIX_EPOCH,
            actor: "test".to_owned(),
            on_behalf_of: None,
            kind: record.kind(),
            action: Action::Registered,
            record: revision,
            document: Some(record.line()),
            previous: Digest::GENESIS,
            digest: Digest::GENESIS,
        }
    };
    let changes: Vec<Change> = lines.into_iter().zip(1..).map(change).collect();
    let head =
        Head { epoch: "test".to_owned(), revision: 0, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH };
    Snapshot::empty(head).apply(&changes).expect("every reference resolves")
}

fn today() -> Date {
    Date::from_ymd_opt(2026, 10, 1).expect("a day")
}

fn code(code: &str) -> DistrictCode {
    code.parse().expect("a code")
}

fn with(roles: &[Role], district: Option<&str>, extent: Extent) -> Viewer {
    let district = district.map(code);
    Viewer {
        client: Some("key_1".to_owned()),
        name: Some("一把钥匙".to_owned()),
        roles: roles.to_vec(),
        district,
        extent,
        ..Viewer::default()
    }
}

#[test]
fn a_role_is_limited_to_its_district() {
    let snapshot = snapshot();
    let is_allowed = |viewer: &Viewer, mutation, district: Option<&str>| {
        authorize(viewer, mutation, district.map(code), &snapshot, today()).is_ok()
    };
    let own = with(&[Role::Registrar], Some("440115"), Extent::Itself);
    for (district, expected) in [
        ("440115", true),
        ("440115000000", true),
        ("440181", true),
        ("440199", true),
        ("440100", false),
        ("310112", false),
        ("999999", false),
    ] {
        assert_eq!(is_allowed(&own, "draftAgreement", Some(district)), expected, "{district}");
    }
    let province = with(&[Role::Signatory], Some("440000"), Extent::Subtree);
    for (district, expected) in
        [("440000", true), ("440100", true), ("440115", true), ("440199", true), ("310112", false)]
    {
        assert_eq!(is_allowed(&province, "signVersion", Some(district)), expected, "{district}");
    }
    assert!(!is_allowed(&with(&[Role::Signatory], Some("440000"), Extent::Itself), "signVersion", Some("440115")));
    // A caller of a retired district does not act for the district that it became part of.
    let former = with(&[Role::Registrar], Some("440199"), Extent::Subtree);
    assert!(
        !is_allowed(&former, "draftAgreement", Some("440115"))
            && !is_allowed(&former, "draftAgreement", Some("440199"))
    );
    assert!(!is_allowed(&with(&[Role::Registrar], None, Extent::Itself), "draftAgreement", Some("440115")));
    assert!(is_allowed(&own, "discardDraft", None) && !is_allowed(&own, "draftAgreement", None));
}

#[test]
fn a_steward_may_register_for_every_district_and_sign_for_none() {
    let snapshot = snapshot();
    let is_allowed = |viewer: &Viewer, mutation, district| {
        authorize(viewer, mutation, Some(code(district)), &snapshot, today()).is_ok()
    };
    let steward = with(&[Role::Steward], None, Extent::Itself);
    for (mutation, requirement, _) in MUTATION_RULES {
        assert_eq!(is_allowed(&steward, mutation, "999999"), *requirement != Signatory, "{mutation}");
    }
    assert!(!is_allowed(&with(&[Role::Steward], Some("440115"), Extent::Itself), "signVersion", "440115"));
    let both = with(&[Role::Steward, Role::Signatory], Some("440115"), Extent::Itself);
    assert!(is_allowed(&both, "signVersion", "440115") && !is_allowed(&both, "signVersion", "310112"));
    assert!(!is_allowed(&both, "abolishEverything", "440115"));
}

#[test]
fn a_refusal_names_what_is_required_and_what_the_caller_has() {
    let snapshot = snapshot();
    let said = |viewer: &Viewer, mutation, district: Option<&str>| {
        authorize(viewer, mutation, district.map(code), &snapshot, today()).expect_err("it is forbidden").to_string()
    };
    let registrar = with(&[Role::Registrar], Some("440100"), Extent::Subtree);
    assert_eq!(
        said(&registrar, "signVersion", Some("310112")),
        "signVersion needs the role SIGNATORY for district 310112; this credential has REGISTRAR for district 440100 and all below it"
    );
    assert_eq!(
        said(&Viewer::default(), "voidAgreement", None),
        "voidAgreement needs the role STEWARD; no credential was given"
    );
    assert_eq!(
        said(&with(&[], None, Extent::Itself), "discardDraft", None),
        "discardDraft needs the role REGISTRAR; this credential has no role"
    );
}

#[test]
fn the_scope_of_a_caller_is_the_districts_that_it_acts_for() {
    let snapshot = snapshot();
    let scope = |viewer: &Viewer| viewer.scope(&snapshot, today());
    assert_eq!(scope(&Viewer::default()), Scope::Public);
    assert_eq!(scope(&with(&[Role::Partner], None, Extent::Itself)), Scope::Public);
    assert_eq!(scope(&with(&[], Some("440115"), Extent::Itself)), Scope::Public);
    assert_eq!(scope(&with(&[Role::Partner], Some("999999"), Extent::Subtree)), Scope::Public);
    assert_eq!(scope(&with(&[Role::Steward], Some("440115"), Extent::Itself)), Scope::Steward);
    let districts = |codes: &[&str]| Scope::Districts(codes.iter().map(|district| code(district)).collect());
    let partner = |codes: &[&str]| Scope::Partner(codes.iter().map(|district| code(district)).collect());
    assert_eq!(
        scope(&with(&[Role::Partner], Some("440181"), Extent::Itself)),
        partner(&["440115", "440181", "440199"])
    );
    // With another role the wider scope applies.
    assert_eq!(
        scope(&with(&[Role::Partner, Role::Registrar], Some("440181"), Extent::Itself)),
        districts(&["440115", "440181", "440199"])
    );
    assert_eq!(scope(&with(&[Role::Registrar], Some("310000"), Extent::Subtree)), districts(&["310000", "310112"]));
}
