//! The mutations, who may do them, and an input of each that changes nothing.

use domain::Role;

use super::{R, Row, S, T};

/// Also callers without a role, and without a credential.
pub(super) const ANYBODY: &[Role] = &[];

pub(super) const MUTATIONS: &[Row] = &[
    // The registry's own records.
    ("registerDistrict", &[T], r#"code: "440115", name: "再登记一次", kind: COUNTY"#),
    ("reviseDistrict", &[T], r#"code: "999998", name: "不存在的区域", kind: COUNTY"#),
    (
        "registerMatter",
        &[T],
        r#"code: "000109001000", name: "再登记一次", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#,
    ),
    (
        "reviseMatter",
        &[T],
        r#"code: "000109009999", name: "不存在的事项", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#,
    ),
    ("retireMatter", &[T], r#"code: "000109009999", reason: "不存在""#),
    (
        "registerPolicy",
        &[T],
        r#"title: " ", documentNumber: " ", issuedBy: [], effectiveFrom: "2020-09-24", schedule: []"#,
    ),
    (
        "revisePolicy",
        &[T],
        r#"title: " ", documentNumber: " ", issuedBy: [], effectiveFrom: "2020-09-24", schedule: []"#,
    ),
    ("issueApiKey", &[T], r#"name: " ", roles: []"#),
    ("revokeApiKey", &[T], r#"id: "key_fffff""#),
    ("submitFeedback", ANYBODY, r#"about: "dis_fffff", text: " ""#),
    ("answerFeedback", &[R, T], r#"id: "fbk_fffff", reply: " ""#),
    ("rotateApiKey", &[T], r#"id: "key_fffff""#),
    (
        "grantRole",
        &[T],
        r#"issuer: "https://id.example.cn", subject: " ", displayName: " ", role: SIGNATORY, district: "{D}", from: "2026-10-01""#,
    ),
    ("revokeGrant", &[R, S, T], r#"id: "gra_fffff", reason: "不存在""#),
    ("delegateSigning", &[S], r#"district: "{D}", to: "per_fffff", until: "2026-12-01", reason: "出差""#),
    // Records of a district.
    ("publishOffering", &[R, T], r#"district: "{D}", matter: "000109009999", visits: 1"#),
    ("publishOfferings", &[R, T], r#"district: "{D}", matter: "000109009999", visits: 1"#),
    ("withdrawOffering", &[R, T], r#"district: "{D}", matter: "000109009999", reason: "不存在""#),
    ("registerWindow", &[R, T], r#"district: "{D}", name: " ", address: " ""#),
    ("registerWindows", &[R, T], r#"district: "{D}", name: " ", address: " ""#),
    ("importRecords", &[R, T], r#"district: "{D}", kind: WINDOW, file: { name: " ", content: "" }"#),
    ("closeWindow", &[R, T], r#"district: "{D}", name: "没有的窗口", reason: "不存在""#),
    // Writing agreements.
    ("draftAgreement", &[R, T], r#"proposer: "{D}", title: " ", parties: [], schedule: []"#),
    (
        "amendAgreement",
        &[R, T],
        r#"proposer: "{D}", number: "{N}", baseVersion: 7, title: "修订", parties: [{ district: "440115" }, { district: "310112" }], schedule: []"#,
    ),
    (
        "reviseDraft",
        &[R, T],
        r#"proposer: "{D}", number: "{N}", baseVersion: 7, version: 8, title: "修订", parties: [{ district: "440115" }, { district: "310112" }], schedule: []"#,
    ),
    (
        "importSchedule",
        &[R, T],
        r#"party: "{D}", number: "{N}", version: 7, file: { name: "清单.csv", content: "5LqL6aG55ZCN56ewCueUsgo=" }"#,
    ),
    ("discardDraft", &[R, T], r#"number: "{N}", version: 7"#),
    ("submitDraft", &[R, T], r#"number: "{N}", version: 7"#),
    ("approveDraft", &[S], r#"number: "{N}", version: 7, approve: true"#),
    ("consultOnDraft", &[R, T], r#"number: "{N}", version: 7, with: [], answerBy: "2026-10-31""#),
    ("remarkOnVersion", &[R, T], r#"number: "{N}", version: 7, party: "{D}", remarks: []"#),
    ("confirmBody", &[R, T], r#"number: "{N}", version: 7, party: "{D}", body: "公安局", opinion: AGREE"#),
    ("remindParty", &[R, T], r#"number: "{N}", version: 7, party: "310112""#),
    ("proposeVersion", &[R, T], r#"number: "{N}", version: 7, answerBy: "2026-10-31""#),
    ("withdrawProposal", &[R, T], r#"number: "{N}", version: 7"#),
    (
        "recordPaperAgreement",
        &[R, T],
        r#"recorder: "{D}", title: " ", signedOn: "2021-05-28", parties: [], schedule: []"#,
    ),
    (
        "correctRecord",
        &[R, T],
        r#"recorder: "{D}", number: "{N}", title: " ", signedOn: "2021-05-28", reason: "笔误", parties: [], schedule: []"#,
    ),
    // Acts that bind a district: signatories only.
    ("signVersion", &[S], r#"party: "{D}", number: "{N}", version: 7, digest: "{DIGEST}""#),
    ("rejectVersion", &[S], r#"party: "{D}", number: "{N}", version: 7, reason: "不同意""#),
    ("undoRejection", &[S], r#"party: "{D}", number: "{N}", version: 7"#),
    ("accedeToAgreement", &[S], r#"party: "{D}", number: "{N}", digest: "{DIGEST}", newcomer: { district: "{D}" }"#),
    ("admitParty", &[S], r#"party: "{D}", number: "{N}", digest: "{DIGEST}", newcomer: { district: "320583" }"#),
    ("opposeRenewal", &[S], r#"party: "{D}", number: "{N}""#),
    ("confirmRecord", &[S], r#"party: "{D}", number: "{N}", version: 7"#),
    ("contestRecord", &[S], r#"party: "{D}", number: "{N}", version: 7, reason: "有异议""#),
    ("suspendAgreement", &[S], r#"party: "{D}", number: "{N}", reason: " ""#),
    ("resumeAgreement", &[S], r#"party: "{D}", number: "{N}""#),
    ("giveNotice", &[S], r#"party: "{D}", number: "{N}", endsOn: "2020-01-01", reason: "退出""#),
    ("revokeNotice", &[S], r#"party: "{D}", number: "{N}""#),
    // Documents.
    (
        "attachDocument",
        &[R, S, T],
        r#"party: "{D}", number: "{N}", name: " ", mediaType: "application/pdf", content: """#,
    ),
    // The registry's emergency stop.
    ("voidAgreement", &[T], r#"number: "{N}", reason: " ""#),
    ("stopAgreement", &[T], r#"number: "{N}", reason: " ""#),
    ("releaseAgreement", &[T], r#"number: "{N}", reason: "恢复""#),
    ("stop", &[T], r#"numbers: ["{N}"], reason: " ", publicText: "停用""#),
    ("endStop", &[T], r#"ids: ["sus_1"], reason: "恢复""#),
];
