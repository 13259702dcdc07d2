//! Imports are all or nothing.

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_broken_file_imports_nothing_and_names_every_fault,
    a_file_that_is_not_text_is_named_with_its_line,
    a_line_of_ten_megabytes_is_named_with_its_line,
    a_truncated_file_is_named_with_its_last_line,
    the_same_import_again_changes_nothing,
    an_import_deletes_nothing_and_revises_what_it_names,
    lines_can_be_in_any_order,
    clause_lines_add_to_the_schedule_of_their_agreement,
    a_csv_file_is_read_to_the_same_records_as_ndjson,
    a_dry_run_writes_nothing,
    a_file_records_signed_agreements,
}

/// One fault on each line; line 1 is valid.
const BROKEN: &str = r#"{"type":"district","code":"310114","name":"嘉定区","kind":"COUNTY","parent":"310000"}
{"type":"matter","code":"12345","name":"代码不足十二位","domain":"OTHER"}
{"type":"offering","district":"999999","matter":"000109001000","visits":0}
{"type":"district","code":"310114","name":"嘉定区又一次","kind":"COUNTY","parent":"310000"}
{"type":"agreement","title":"没有这一天","signedOn":"2021-02-30","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[]}
{"type":"agreement","title":"一方两次","signedOn":"2021-05-28","parties":[{"district":"440115"},{"district":"310112"},{"district":"440115"}],"schedule":[]}
{"type":"agreement","title":"条款里有外人","signedOn":"2021-05-28","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[{"receiving":["440100"],"matters":["000109001000"],"mode":"FULL_ONLINE"}]}
{"type":"agreement","title":"先到期后生效","effectiveFrom":"2021-06-01","effectiveTo":"2021-05-31","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[{"matters":["000999999000"],"mode":"BY_PIGEON"}]}
{"type":"window","district":"440115","name":"没有地址"}
{"type":"holiday","name":"没有这种记录"}
{"type":"matter","code":"000109003000","name":"多一个字段","domain":"OTHER","price":3}
"#;

async fn a_broken_file_imports_nothing_and_names_every_fault(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let before = registry.export().await;
    let faults = registry.refused(BROKEN).await;
    assert_eq!(
        faults,
        [
            "2 code MATTER_CODE",
            "3 district UNKNOWN_DISTRICT",
            "4 code DUPLICATE",
            "5 signedOn DATE",
            "6 parties[2].district PARTY_TWICE",
            "7 schedule[0].receiving[0] NOT_A_PARTY",
            "8 effectiveTo DATES_OUT_OF_ORDER",
            "8 schedule[0].mode UNKNOWN_WORD",
            "8 schedule[0].matters[0] UNKNOWN_MATTER",
            "9 address REQUIRED",
            "10 type RECORD_TYPE",
            "11 price UNKNOWN_FIELD",
        ]
    );
    assert_eq!(registry.export().await, before);
}

async fn a_file_that_is_not_text_is_named_with_its_line(registry: TestRegistry) {
    let mut bytes = b"{\"type\":\"district\",\"code\":\"440000\",\"name\":\"".to_vec();
    bytes.extend_from_slice(&[0xb9, 0xe3, 0xb6, 0xab]); // 广东 in GBK
    bytes.extend_from_slice(b"\",\"kind\":\"PROVINCE\"}\n");
    let mut file =
        b"{\"type\":\"district\",\"code\":\"310000\",\"name\":\"Shanghai\",\"kind\":\"PROVINCE\"}\n".to_vec();
    file.extend(bytes);
    assert_eq!(registry.refused(file).await, ["2 - UTF_8"]);
    assert_eq!(registry.revision(), 0);
}

async fn a_line_of_ten_megabytes_is_named_with_its_line(registry: TestRegistry) {
    let name = "长".repeat(10 * 1024 * 1024 / 3);
    let file = format!("{{\"type\":\"district\",\"code\":\"440000\",\"name\":\"{name}\",\"kind\":\"PROVINCE\"}}\n");
    assert_eq!(registry.refused(file).await, ["1 - LINE_TOO_LONG"]);
    assert_eq!(registry.revision(), 0);
}

async fn a_truncated_file_is_named_with_its_last_line(registry: TestRegistry) {
    let whole = NANSHA_AND_MINHANG.trim();
    let cut: String = whole.chars().take(whole.chars().count() - 40).collect();
    let last = cut.lines().count();
    assert_eq!(registry.refused(cut).await, [format!("{last} - TRUNCATED")]);
    assert_eq!(registry.revision(), 0);
}

async fn the_same_import_again_changes_nothing(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let (revision, export) = (registry.revision(), registry.export().await);
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(registry.revision(), revision);
    registry.import(&export).await;
    assert_eq!((registry.revision(), registry.export().await), (revision, export));
}

async fn an_import_deletes_nothing_and_revises_what_it_names(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let before = registry.revision();
    let id = registry.ask(r#"{ matter(code: "000109001000") { id } }"#).await["matter"]["id"].clone();
    registry
        .import(r#"{"type":"matter","code":"000109001000","name":"居民身份证到期换领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"]}"#)
        .await;
    assert_eq!(registry.revision(), before + 1);
    let data = registry.ask(r#"{ matter(code: "000109001000") { id name revision } matters { totalCount } }"#).await;
    assert_eq!(data["matter"], json!({ "id": id, "name": "居民身份证到期换领", "revision": before + 1 }));
    assert_eq!(data["matters"]["totalCount"], 2);
    // An import does not change agreed content.
    let other = NANSHA_AND_MINHANG.lines().last().expect("the agreement").replace("第一批", "第二批");
    assert_eq!(registry.refused(other).await, ["1 schedule AGREEMENT_DIFFERS"]);
}

async fn lines_can_be_in_any_order(registry: TestRegistry) {
    let mut lines: Vec<_> = NANSHA_AND_MINHANG.trim().lines().collect();
    lines.reverse();
    registry.import(&lines.join("\n")).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2021-07-01").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
}

async fn clause_lines_add_to_the_schedule_of_their_agreement(registry: TestRegistry) {
    let clause = r#"{"type":"clause","agreement":"南沙—闵行","receiving":["440115"],"competent":["310112"],"matters":["000109002000"],"mode":"FULL_ONLINE","validFrom":"2022-01-01"}"#;
    registry.import(&format!("{clause}\n{NANSHA_AND_MINHANG}")).await;
    assert_eq!(
        registry.handling("000109002000", "440115", "310112", "2021-12-31").await,
        "NOT_COVERED: CLAUSE_NOT_IN_DATE"
    );
    assert_eq!(registry.handling("000109002000", "440115", "310112", "2022-01-01").await, "AVAILABLE: FULL_ONLINE");
    assert_eq!(registry.refused(clause.replace("南沙—闵行", "没有这份协议")).await, ["1 agreement UNKNOWN_AGREEMENT"]);
}

async fn a_csv_file_is_read_to_the_same_records_as_ndjson(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let table =
        "type,code,name,domain,audience\nmatter,000109003000,户口迁移,PUBLIC_SECURITY,NATURAL_PERSON;ORGANISATION\n";
    registry.import_files(&[registry.file("matters.csv", table)]).await;
    let data = registry.ask(r#"{ matter(code: "000109003000") { name domain audience } }"#).await;
    assert_eq!(
        data["matter"],
        json!({ "name": "户口迁移", "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON", "ORGANISATION"] })
    );
}

async fn a_dry_run_writes_nothing(registry: TestRegistry) {
    registry.check(NANSHA_AND_MINHANG).await;
    assert_eq!(registry.revision(), 0);
}

async fn a_file_records_signed_agreements(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let draft = r#"{"type":"agreement","title":"草稿","draft":{"author":"440115"},"parties":[{"district":"440115"},{"district":"310112"}],"schedule":[]}"#;
    assert_eq!(registry.refused(draft).await, ["1 version NOT_CONCLUDED"]);
}
