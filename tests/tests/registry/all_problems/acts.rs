//! Acts on an existing agreement.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scenarios::TestRegistry;
use scenarios::agreement::{ANSWER_BY, KUNSHAN, MINHANG, NANSHA, terms};
use serde_json::{Value, json};

use super::Who::{Registrar, Signatory, Steward};
use super::{Case, Fault, fault, party};

const OTHER_DIGEST: &str = "sha-256:0000000000000000000000000000000000000000000000000000000000000000";

fn number() -> [Fault; 2] {
    [
        fault("NOT_FOUND number NOT_FOUND", "number", "TB-2026-000999"),
        fault("INVALID number AGREEMENT_NUMBER", "number", "TB-1"),
    ]
}

fn version() -> [Fault; 2] {
    [fault("NOT_FOUND version UNKNOWN_VERSION", "version", 7), fault("INVALID version NUMBER", "version", -1)]
}

fn unread_party() -> [Fault; 1] {
    [fault("INVALID party DISTRICT_CODE", "party", "44")]
}

fn reason() -> [Fault; 1] {
    [fault("INVALID reason REQUIRED", "reason", " ")]
}

fn long_reason() -> [Fault; 1] {
    [fault("INVALID reason CONTROL_CHARACTER", "reason", "a\nb")]
}

fn digest() -> [Fault; 2] {
    [fault("STALE digest OTHER_DIGEST", "digest", OTHER_DIGEST), fault("INVALID digest DIGEST", "digest", "x")]
}

/// The work of an office on a draft and a proposal.
fn office(draft: &str, proposed: &str, concluded: &str) -> Vec<Case> {
    let of = |number: &str, more: Value| {
        let mut input = json!({ "number": number, "version": 1 });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let day_faults = || {
        [
            fault("REFUSED answerBy ANSWER_BY_PAST", "answerBy", "2026-09-30"),
            fault("INVALID answerBy DATE", "answerBy", "soon"),
        ]
    };
    let with_faults = || {
        [
            fault("INVALID with.0 DISTRICT_CODE", "with", json!(["44"])),
            fault("NOT_FOUND with.0 UNKNOWN_DISTRICT", "with", json!(["999999"])),
        ]
    };
    let remark_faults = || {
        [
            fault("INVALID remarks.0.text REQUIRED", "remarks.0.text", " "),
            fault("INVALID remarks.0.matter MATTER_CODE", "remarks.0.matter", "x"),
            fault("NOT_FOUND remarks.0.matter UNKNOWN_MATTER", "remarks.0.matter", "000109009000"),
            fault("REFUSED remarks.0.clause UNKNOWN_CLAUSE", "remarks.0.clause", "z"),
        ]
    };
    let consults = |number: &str| of(number, json!({ "with": [MINHANG], "answerBy": ANSWER_BY }));
    let remarks = |number: &str| of(number, json!({ "party": MINHANG, "remarks": [{ "text": "请核对" }] }));
    let opinion =
        |number: &str, party: &str| of(number, json!({ "party": party, "body": "公安局", "opinion": "~AGREE" }));
    let body_faults =
        || [fault("INVALID body REQUIRED", "body", " "), fault("INVALID remark CONTROL_CHARACTER", "remark", "a\nb")];
    let returns =
        json!({ "party": MINHANG, "reason": "清单有误", "kind": "~RETURN", "remarks": [{ "text": "请核对" }] });
    vec![
        Case::new("submitDraft", Registrar(NANSHA), of(draft, json!({})), number()).with(version()).with(long_reason()),
        Case::new("submitDraft", Registrar(NANSHA), of(proposed, json!({})), long_reason())
            .against("REFUSED version WRONG_STATE"),
        Case::new("approveDraft", Signatory(NANSHA), of(draft, json!({ "approve": true })), number())
            .with(version())
            .with(long_reason()),
        Case::new(
            "approveDraft",
            Signatory(NANSHA),
            of(draft, json!({ "approve": false, "reason": "示例" })),
            reason(),
        )
        .with([fault("INVALID approvalNumber NOT_AN_APPROVAL", "approvalNumber", "8号")])
        .against("REFUSED version NOT_SUBMITTED"),
        Case::new("consultOnDraft", Registrar(NANSHA), consults(draft), number())
            .with(version())
            .with(day_faults())
            .with(with_faults()),
        Case::new("consultOnDraft", Registrar(NANSHA), consults(proposed), day_faults())
            .with(with_faults())
            .against("REFUSED version WRONG_STATE"),
        Case::new("remarkOnVersion", Registrar(MINHANG), remarks(proposed), number())
            .with(version())
            .with(unread_party())
            .with(remark_faults()),
        Case::new("remarkOnVersion", Registrar(MINHANG), remarks(concluded), remark_faults())
            .against("REFUSED version WRONG_STATE"),
        Case::new("confirmBody", Registrar(MINHANG), opinion(proposed, MINHANG), number())
            .with(version())
            .with(unread_party())
            .with(body_faults()),
        Case::new("confirmBody", Registrar(KUNSHAN), opinion(concluded, KUNSHAN), body_faults())
            .against("REFUSED party NOT_A_PARTY"),
        Case::new("remindParty", Registrar(NANSHA), of(proposed, json!({ "party": MINHANG })), number())
            .with(version()),
        Case::new("remindParty", Registrar(NANSHA), of(draft, json!({ "party": MINHANG })), [])
            .against("REFUSED party NOT_AWAITED"),
        Case::new("rejectVersion", Signatory(MINHANG), of(proposed, returns), remark_faults())
            .with(number())
            .with(version()),
    ]
}

pub(super) async fn cases(registry: &TestRegistry) -> Vec<Case> {
    let both = [NANSHA, MINHANG];
    let draft = registry.drafted(&terms(&both)).await;
    let proposed = registry.proposed(&terms(&both)).await;
    proposed.signatory(NANSHA).signs(1).await;
    let concluded = registry.concluded(&both, r#"effectiveTo: "2027-12-31", renewal: { months: 12 }"#).await;
    let paper = registry.recorded(&registry.steward(), NANSHA, &terms(&both)).await;
    let voided = registry.recorded(&registry.steward(), NANSHA, &terms(&both)).await;
    voided.steward().does("voidAgreement", r#"reason: "重复登记""#).await;
    let (read, stands) = (proposed.digest(1).await, concluded.digest(1).await);

    let of = |number: &str, more: Value| {
        let mut input = json!({ "number": number });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let on = |number: &str, party: &str| of(number, json!({ "party": party }));
    let at = |number: &str| of(number, json!({ "version": 1 }));
    let on_version = |number: &str, party: &str| of(number, json!({ "version": 1, "party": party }));
    let why = |number: &str| of(number, json!({ "reason": "示例" }));
    let drafts = [
        Case::new("discardDraft", Registrar(NANSHA), at(&draft.number), number()).with(version()).with(long_reason()),
        Case::new("discardDraft", Registrar(NANSHA), at(&proposed.number), long_reason())
            .against("REFUSED version WRONG_STATE"),
        Case::new(
            "proposeVersion",
            Registrar(NANSHA),
            of(&draft.number, json!({ "version": 1, "answerBy": ANSWER_BY })),
            number(),
        )
        .with(version())
        .with([
            fault("REFUSED answerBy ANSWER_BY_PAST", "answerBy", "2026-09-30"),
            fault("INVALID answerBy DATE", "answerBy", "soon"),
        ]),
        Case::new(
            "proposeVersion",
            Registrar(NANSHA),
            of(&proposed.number, json!({ "version": 1, "answerBy": ANSWER_BY })),
            [
                fault("REFUSED answerBy ANSWER_BY_PAST", "answerBy", "2026-09-30"),
                fault("INVALID answerBy DATE", "answerBy", "soon"),
            ],
        )
        .against("REFUSED version WRONG_STATE"),
        Case::new("withdrawProposal", Registrar(NANSHA), at(&proposed.number), number())
            .with(version())
            .with(long_reason()),
        Case::new("withdrawProposal", Registrar(NANSHA), at(&concluded.number), long_reason())
            .against("REFUSED version WRONG_STATE"),
    ];
    let text = |text: &str| STANDARD.encode(text);
    let list = |number: &str| {
        let rows = "事项名称,通办方式,收件地,业务属地\n居民身份证补领,全程网办,南沙,闵行\n";
        let file = json!({ "name": "清单.csv", "content": text(rows) });
        of(number, json!({ "version": 1, "party": NANSHA, "file": file }))
    };
    let windows = {
        let rows = "窗口名称,地址\n跨域通办专窗,一楼\n";
        json!({ "district": NANSHA, "kind": "~WINDOW", "file": { "name": "窗口.csv", "content": text(rows) } })
    };
    let list_faults = || {
        [
            fault("INVALID file.name REQUIRED", "file.name", " "),
            fault("INVALID file.content BASE64", "file.content", "!"),
            fault("INVALID file FILE_IS_HTML", "file.content", text("<html></html>")),
            fault(
                "INVALID file.columns.0.field UNKNOWN_FIELD",
                "file.columns",
                json!([{ "header": "备注", "field": "颜色" }]),
            ),
            fault("INVALID file.headerRow NUMBER", "file.headerRow", -1),
        ]
    };
    let lists = [
        Case::new("importSchedule", Registrar(NANSHA), list(&draft.number), number())
            .with(version())
            .with(unread_party())
            .with(list_faults()),
        Case::new("importSchedule", Registrar(NANSHA), list(&proposed.number), list_faults())
            .against("REFUSED version WRONG_STATE"),
    ];
    let signed =
        |number: &str, party: &str, digest: &str| of(number, json!({ "version": 1, "party": party, "digest": digest }));
    let rejected =
        |number: &str, party: &str| of(number, json!({ "version": 1, "party": party, "reason": "清单有误" }));
    let answers = [
        Case::new("signVersion", Signatory(MINHANG), signed(&proposed.number, MINHANG, &read), number())
            .with(version())
            .with(digest())
            .with(unread_party()),
        Case::new("signVersion", Signatory(NANSHA), signed(&proposed.number, NANSHA, &read), digest())
            .against("REFUSED party ALREADY_SIGNED"),
        Case::new("signVersion", Signatory(KUNSHAN), signed(&concluded.number, KUNSHAN, &stands), digest())
            .against("REFUSED party NOT_A_PARTY"),
        Case::new("signVersion", Signatory(MINHANG), signed(&draft.number, MINHANG, &read), digest())
            .against("NOT_FOUND number NOT_FOUND"),
        Case::new("rejectVersion", Signatory(MINHANG), rejected(&proposed.number, MINHANG), number())
            .with(version())
            .with(reason())
            .with(unread_party()),
        Case::new("rejectVersion", Signatory(NANSHA), rejected(&proposed.number, NANSHA), reason())
            .against("REFUSED party ALREADY_SIGNED"),
        Case::new("undoRejection", Signatory(MINHANG), on_version(&proposed.number, MINHANG), [])
            .against("REFUSED party NOT_REJECTED"),
        Case::new("undoRejection", Signatory(MINHANG), on_version(&concluded.number, MINHANG), unread_party())
            .against("REFUSED version WRONG_STATE"),
    ];
    let accedes = |digest: &str, who: &str| {
        of(&concluded.number, json!({ "digest": digest, "party": who, "newcomer": party(KUNSHAN) }))
    };
    let newcomers = [
        Case::new("accedeToAgreement", Signatory(KUNSHAN), accedes(&stands, KUNSHAN), number()).with(digest()).with([
            fault("INVALID newcomer.district DISTRICT_CODE", "newcomer.district", "44"),
            fault("INVALID newcomer.bodies.0.name REQUIRED", "newcomer.bodies", json!([{ "name": " " }])),
            fault("INVALID newcomer.district NOT_THE_NEWCOMER", "newcomer.district", "320500"),
        ]),
        Case::new(
            "accedeToAgreement",
            Signatory(MINHANG),
            of(&concluded.number, json!({ "digest": stands, "party": MINHANG, "newcomer": party(MINHANG) })),
            digest(),
        )
        .against("REFUSED newcomer ALREADY_A_PARTY"),
        Case::new("admitParty", Signatory(MINHANG), accedes(&stands, MINHANG), digest())
            .with(unread_party())
            .against("REFUSED newcomer NO_ACCESSION"),
        Case::new(
            "admitParty",
            Signatory(MINHANG),
            of("TB-2026-000999", json!({ "digest": stands, "party": MINHANG, "newcomer": party(KUNSHAN) })),
            unread_party(),
        )
        .with([fault("INVALID digest DIGEST", "digest", "x")])
        .against("NOT_FOUND number NOT_FOUND"),
    ];
    let papers = [
        Case::new("confirmRecord", Signatory(MINHANG), on_version(&paper.number, MINHANG), number())
            .with(version())
            .with(unread_party()),
        Case::new("confirmRecord", Signatory(MINHANG), on_version(&concluded.number, MINHANG), unread_party())
            .against("REFUSED version NOT_A_PAPER_RECORD"),
        Case::new("contestRecord", Signatory(MINHANG), rejected(&paper.number, MINHANG), number())
            .with(version())
            .with(reason())
            .with(unread_party()),
        Case::new("contestRecord", Signatory(MINHANG), rejected(&voided.number, MINHANG), reason())
            .with(unread_party())
            .against("REFUSED number VOIDED"),
        Case::new("voidAgreement", Steward, why(&paper.number), number()).with(reason()),
        Case::new("voidAgreement", Steward, why(&voided.number), reason()).against("REFUSED number VOIDED"),
    ];
    let flags = [
        Case::new(
            "suspendAgreement",
            Signatory(MINHANG),
            of(&concluded.number, json!({ "party": MINHANG, "reason": "系统升级" })),
            number(),
        )
        .with(reason())
        .with(unread_party())
        .with([
            fault("REFUSED until DATES_OUT_OF_ORDER", "until", "2026-09-30"),
            fault("INVALID until DATE", "until", "soon"),
        ]),
        Case::new(
            "suspendAgreement",
            Signatory(MINHANG),
            of(&draft.number, json!({ "party": MINHANG, "reason": "系统升级" })),
            reason(),
        )
        .with([fault("INVALID until DATE", "until", "soon")])
        .against("NOT_FOUND number NOT_FOUND"),
        Case::new(
            "suspendAgreement",
            Signatory(MINHANG),
            of(&proposed.number, json!({ "party": MINHANG, "reason": "系统升级" })),
            reason(),
        )
        .with([
            fault("REFUSED until DATES_OUT_OF_ORDER", "until", "2026-09-30"),
            fault("INVALID until DATE", "until", "soon"),
        ])
        .against("REFUSED number NOT_CONCLUDED"),
        Case::new("resumeAgreement", Signatory(MINHANG), on(&concluded.number, MINHANG), [])
            .against("REFUSED party NOT_SUSPENDED"),
        Case::new("resumeAgreement", Signatory(MINHANG), on(&voided.number, MINHANG), unread_party())
            .against("REFUSED number VOIDED"),
        Case::new("stopAgreement", Steward, why(&concluded.number), number()).with(reason()),
        Case::new("stopAgreement", Steward, why(&proposed.number), reason()).against("REFUSED number NOT_CONCLUDED"),
        Case::new("releaseAgreement", Steward, why(&concluded.number), reason()).against("REFUSED party NOT_SUSPENDED"),
    ];
    let leaves = |number: &str| of(number, json!({ "party": MINHANG, "endsOn": "2026-12-01", "reason": "机构调整" }));
    let notices = [
        Case::new("giveNotice", Signatory(MINHANG), leaves(&concluded.number), number())
            .with(reason())
            .with(unread_party())
            .with([
                fault("REFUSED endsOn NOTICE_TOO_SHORT", "endsOn", "2026-10-02"),
                fault("INVALID endsOn DATE", "endsOn", "soon"),
            ]),
        Case::new("giveNotice", Signatory(MINHANG), leaves(&proposed.number), reason())
            .with(unread_party())
            .with([fault("INVALID endsOn DATE", "endsOn", "soon")])
            .against("REFUSED number NOT_CONCLUDED"),
        Case::new("revokeNotice", Signatory(MINHANG), on(&concluded.number, MINHANG), [])
            .against("REFUSED party NO_NOTICE"),
        Case::new("opposeRenewal", Signatory(MINHANG), on(&concluded.number, MINHANG), number()).with(unread_party()),
        Case::new("opposeRenewal", Signatory(MINHANG), on(&proposed.number, MINHANG), unread_party())
            .against("REFUSED number NOT_CONCLUDED"),
    ];
    let pdf = STANDARD.encode(b"%PDF-1.7\n");
    let file = |party: &str| {
        of(
            &concluded.number,
            json!({ "party": party, "name": "扫描件.pdf", "mediaType": "application/pdf", "content": pdf }),
        )
    };
    let file_faults = || {
        [
            fault("INVALID name FILE_NAME", "name", "../扫描件.pdf"),
            fault("INVALID content BASE64", "content", "!"),
            fault("INVALID mediaType UNKNOWN_WORD", "mediaType", "text/html"),
        ]
    };
    let documents = [
        Case::new("attachDocument", Registrar(MINHANG), file(MINHANG), number())
            .with(file_faults())
            .with(unread_party()),
        Case::new("attachDocument", Registrar(KUNSHAN), file(KUNSHAN), file_faults())
            .against("REFUSED party NOT_A_PARTY"),
    ];
    let all = office(&draft.number, &proposed.number, &concluded.number)
        .into_iter()
        .chain(drafts)
        .chain(lists)
        .chain(answers)
        .chain(newcomers)
        .chain(papers)
        .chain(flags)
        .chain(notices)
        .chain(documents);
    // A list of new windows has no record that could have moved.
    let records = Case::new("importRecords", Registrar(NANSHA), windows, list_faults());
    all.map(Case::moving).chain([records]).collect()
}
