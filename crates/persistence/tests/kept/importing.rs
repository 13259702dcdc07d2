//! All or nothing, everything that is wrong at once, and what comes out goes in again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain::journal::Action;
use domain::{RecordKind, Scope};
use futures::TryStreamExt;
use persistence::{ChangeQuery, ExportFormat, JournalReader, Mode, Report, Skipped, import};

use crate::common::{AGREEMENT, DISTRICTS, MATTER, OFFERING, POLICY, Registry, WINDOW, by, demo, everything, now, today};

async fn exported(registry: &Registry, form: ExportFormat) -> Vec<String> {
    registry.store.export(form, Scope::Steward, today()).await.unwrap().lines.try_collect().await.unwrap()
}

fn faults(report: &Report) -> Vec<(u64, String, &str)> {
    report.faults.iter().map(|fault| (fault.line, fault.problem.field(), fault.problem.rule)).collect()
}

/// The fault that one more line makes in files that are sound without it.
async fn fault_of(line: &str) -> Vec<(u64, String, String)> {
    let registry = Registry::new().await;
    let report = registry.import(&[registry.file("sound.ndjson", everything()), registry.file("more.ndjson", line)]).await;
    assert_eq!(registry.store.health().await.unwrap().revision, 0, "nothing is written");
    assert_eq!((report.registered, report.revision, report.faults.len() as u64), (0, 0, report.fault_count));
    assert!(report.faults.iter().all(|fault| fault.file.ends_with("more.ndjson") || fault.file.ends_with("sound.ndjson")));
    faults(&report).into_iter().map(|(line, field, rule)| (line, field, rule.to_owned())).collect()
}

#[tokio::test]
async fn counting_in_blocks_equals_counting_entries() {
    let registry = Registry::new().await;
    let line = |at: usize| match at % 3 {
        0 => format!(r#"{{"type":"matter","code":"0001{at:08}","name":"事项{at}","domain":"OTHER","audience":[]}}"#),
        _ => format!(r#"{{"type":"district","code":"{:06}","name":"区{at}","kind":"COUNTY"}}"#, 110_000 + at),
    };
    let lines: Vec<String> = (0..2_600).map(line).collect();
    assert_eq!(registry.import(&[registry.file("many.ndjson", lines.join("\n"))]).await.revision, 2_600);
    let count = async |since, through, kinds: &[RecordKind]| {
        let asked = ChangeQuery { since, through, kinds: kinds.to_vec(), seen_by: JournalReader::Public, limit: 10_000, ..ChangeQuery::default() };
        let counted = registry.store.count_changes(&asked).await.unwrap();
        assert_eq!(counted, registry.store.changes(&asked).await.unwrap().len() as u64, "{since} {through} {kinds:?}");
        counted
    };
    for (since, through) in [(0, 2_600), (0, 9_999), (1, 2_048), (1_023, 2_047), (1_024, 2_048), (1_025, 1_026), (500, 700), (2_600, 2_600), (7, 3)] {
        count(since, through, &[RecordKind::Matter]).await;
        count(since, through, &[RecordKind::Window, RecordKind::District, RecordKind::ApiKey]).await;
    }
    assert_eq!(count(0, 2_600, &[RecordKind::Matter]).await, 867);
    // What comes after the last whole block is counted, too.
    let more: Vec<String> = (2_600..3_200).map(line).collect();
    registry.import(&[registry.file("more.ndjson", more.join("\n"))]).await;
    assert_eq!(count(0, 3_200, &[RecordKind::Matter]).await, 1_067);
}

#[tokio::test]
async fn any_fault_stops_the_whole_import() {
    for (line, at, field, rule) in [
        (r#"{"type":"mystery"}"#, 1, "type", "RECORD_TYPE"),
        (r#"{"code":"440116"}"#, 1, "type", "RECORD_TYPE"),
        ("[1]\n", 1, "type", "RECORD_TYPE"),
        ("\n\n{\"type\":\"district\",]\n", 3, "", "JSON"),
        ("\n{\"type\":\"district\",\"code\":\"4401", 2, "", "TRUNCATED"),
        (r#"{"type":"district","code":"44011","name":"区","kind":"COUNTY"}"#, 1, "code", "DISTRICT_CODE"),
        (r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","colour":"red"}"#, 1, "colour", "UNKNOWN_FIELD"),
        (r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","parent":"449999"}"#, 1, "parent", "UNKNOWN_DISTRICT"),
        (r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","parent":"440116"}"#, 1, "parent", "OWN_ANCESTOR"),
        (r#"{"type":"district","code":"440115000000","name":"区","kind":"COUNTY"}"#, 1, "code", "DUPLICATE"),
        (
            r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","codes":[{"scheme":"GB/T 2260","value":"440115"}]}"#,
            1,
            "codes",
            "DISTRICT_CODE_TAKEN",
        ),
        (MATTER, 1, "code", "DUPLICATE"),
        (OFFERING, 1, "matter", "DUPLICATE"),
        (WINDOW, 1, "name", "DUPLICATE"),
        (POLICY, 1, "", "DUPLICATE"),
        (AGREEMENT, 1, "key", "DUPLICATE"),
        (r#"{"type":"offering","district":"310113","matter":"000109001000","visits":1}"#, 1, "district", "UNKNOWN_DISTRICT"),
        (r#"{"type":"offering","district":"310112","matter":"000109001009","visits":1}"#, 1, "matter", "UNKNOWN_MATTER"),
        (r#"{"type":"window","district":"310113","name":"窗","address":"一楼"}"#, 1, "district", "UNKNOWN_DISTRICT"),
        (
            r#"{"type":"agreement","title":"议","parties":[{"district":"440115"},{"district":"310113"}]}"#,
            1,
            "parties[1].district",
            "UNKNOWN_DISTRICT",
        ),
        (r#"{"type":"agreement","title":"议","parties":[{"district":"440115"}]}"#, 1, "parties", "TOO_FEW_PARTIES"),
        (
            r#"{"type":"agreement","title":"议","framework":"TB-2021-000777","parties":[{"district":"440115"},{"district":"310112"}]}"#,
            1,
            "framework",
            "UNKNOWN_AGREEMENT",
        ),
        (r#"{"type":"clause","agreement":"b","matters":["000109001000"],"mode":"FULL_ONLINE"}"#, 1, "agreement", "UNKNOWN_AGREEMENT"),
        (r#"{"type":"clause","matters":["000109001000"],"mode":"FULL_ONLINE"}"#, 1, "agreement", "REQUIRED"),
        (r#"{"type":"clause","agreement":"a","matters":["000109001009"],"mode":"FULL_ONLINE"}"#, 1, "matters", "UNKNOWN_MATTER"),
        (
            r#"{"type":"clause","agreement":"a","receiving":["440000"],"matters":["000109001000"],"mode":"FULL_ONLINE"}"#,
            1,
            "receiving[0]",
            "NOT_A_PARTY",
        ),
        (r#"{"type":"clause","agreement":"a","matters":["000109001000"],"mode":"MAGIC"}"#, 1, "mode", "UNKNOWN_WORD"),
    ] {
        assert_eq!(fault_of(line).await, [(at, field.to_owned(), rule.to_owned())], "{line}");
    }
}

#[tokio::test]
async fn a_cycle_of_parents_needs_a_common_day() {
    let district = |code: u32, parents: &str| {
        format!("{{\"type\":\"district\",\"code\":\"{code}\",\"name\":\"区\",\"kind\":\"COUNTY\",\"parents\":[{parents}]}}\n")
    };
    let circle = district(500_001, r#"{"district":"500002","validTo":"2020-12-31"}"#)
        + &district(500_002, r#"{"district":"500001","validFrom":"2020-12-31"}"#);
    let found = fault_of(&circle).await;
    assert_eq!(found.iter().map(|(line, _, rule)| (*line, rule.as_str())).collect::<Vec<_>>(), [(1, "OWN_ANCESTOR"), (2, "OWN_ANCESTOR")]);
    let registry = Registry::new().await;
    let no_circle = circle.replace(r#""validFrom":"2020-12-31""#, r#""validFrom":"2021-01-01""#);
    assert_eq!(registry.import(&[registry.file("a.ndjson", no_circle)]).await.faults, []);
    // What a zone administers closes circles, too, and so do successors.
    let zone =
        |code: &str, more: &str| format!("{{\"type\":\"district\",\"code\":\"{code}\",\"name\":\"区\",\"kind\":\"FUNCTIONAL_ZONE\",{more}}}\n");
    for (lines, rule) in [
        (zone("500001", r#""administers":["500002"]"#) + &zone("500002", r#""administers":["500001"]"#), "OWN_ANCESTOR"),
        (
            zone("500001", r#""retiredOn":"2020-01-01","successors":["500002"]"#)
                + &zone("500002", r#""retiredOn":"2021-01-01","successors":["500001"]"#),
            "SUCCEEDS_ITSELF",
        ),
    ] {
        let found = fault_of(&lines).await;
        assert_eq!(found.iter().map(|(line, _, rule)| (*line, rule.as_str())).collect::<Vec<_>>(), [(1, rule), (2, rule)]);
    }
}

#[tokio::test]
async fn two_codes_of_a_district_are_one_party() {
    let lines = r#"{"type":"district","code":"320100","name":"市","kind":"PREFECTURE","codes":[{"scheme":"GB/T 2260","value":"320101"}]}
{"type":"agreement","title":"议","parties":[{"district":"320100"},{"district":"320101"}]}"#;
    assert_eq!(fault_of(lines).await, [(2, "parties[1].district".to_owned(), "PARTY_TWICE".to_owned())]);
}

#[tokio::test]
async fn invalid_utf8_is_reported_with_its_byte() {
    let registry = Registry::new().await;
    let mut bytes = b"\xEF\xBB\xBF{\"type\":\"matter\",\"name\":\"".to_vec();
    bytes.extend("示例".bytes());
    bytes.extend(b"\xB9\xE3\"}\n\n");
    bytes.extend(vec![b'x'; (8 << 20) + 1]);
    bytes.extend(format!("\n{MATTER}").bytes());
    let report = registry.import(&[registry.file("broken", bytes)]).await;
    assert_eq!(faults(&report), [(1, String::new(), "UTF_8"), (3, String::new(), "LINE_TOO_LONG")]);
    assert!(report.faults[0].problem.message.en.contains("byte 32"), "{}", report.faults[0].problem.message.en);
    assert_eq!(report.read, 3);
}

#[tokio::test]
async fn a_thousand_faults_are_listed_and_all_are_counted() {
    let registry = Registry::new().await;
    let report = registry.import(&[registry.file("bad.ndjson", "{}\n".repeat(1_234))]).await;
    assert_eq!((report.faults.len(), report.fault_count, report.read), (1_000, 1_234, 1_234));
}

#[tokio::test]
async fn importing_the_same_file_changes_nothing() {
    let registry = Registry::new().await;
    let first = registry.import(&demo()).await;
    assert_eq!((first.registered, first.revision), (4_058, 4_058));
    let again = registry.import(&demo()).await;
    assert_eq!((again.registered, again.revised, again.unchanged, again.revision), (0, 0, 4_058, 4_058));
}

#[tokio::test]
async fn a_dry_run_reports_what_an_import_would_do() {
    let registry = Registry::new().await.holding(&everything()).await;
    let more = everything().replace("promisedDays\":20", "promisedDays\":10") + &MATTER.replace("000109001000", "000109001001");
    let files = [registry.file("more.ndjson", more)];
    let counts = |report: Report| (report.registered, report.revised, report.unchanged);
    assert_eq!(counts(import(&registry.store, &files, Mode::Check, now(), &|_| {}).await.unwrap()), (1, 1, 7));
    assert_eq!(registry.store.health().await.unwrap().revision, 8);
    assert_eq!(counts(registry.import(&files).await), (1, 1, 7));
    assert_eq!(registry.store.health().await.unwrap().revision, 10);
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn an_import_does_not_change_agreed_content() {
    let registry = Registry::new().await.holding(&everything()).await;
    let report = registry.import(&[registry.file("other.ndjson", AGREEMENT.replace("框架协议", "另一协议"))]).await;
    assert_eq!(faults(&report), [(1, "title".to_owned(), "AGREEMENT_DIFFERS")]);
    assert!(report.faults[0].problem.message.zh.contains("“框架协议”") || report.faults[0].problem.message.zh.contains("\"框架协议\""));
    // Known by title, parties and day alone, it is the same one, and its key is kept.
    let report = registry.import(&[registry.file("nameless.ndjson", AGREEMENT.replace(r#""key":"a","#, ""))]).await;
    assert_eq!((report.faults.as_slice(), report.unchanged), (&[][..], 1));
}

#[tokio::test]
async fn numbers_are_kept_and_continued() {
    let agreement =
        |fields: &str| format!("{{\"type\":\"agreement\",{fields},\"parties\":[{{\"district\":\"440115\"}},{{\"district\":\"310112\"}}]}}\n");
    let lines =
        [agreement(r#""title":"一","signedOn":"2020-01-01""#), agreement(r#""title":"二","number":"TB-2019-000007""#), agreement(r#""title":"三""#)]
            .concat();
    let registry = Registry::new().await.holding(&(DISTRICTS.to_owned() + &lines)).await;
    let snapshot = registry.store.load().await.unwrap();
    for number in ["TB-2020-000008", "TB-2019-000007", "TB-2021-000009"] {
        assert!(snapshot.agreement(number.parse().unwrap(), &Scope::Public).is_some(), "{number}");
    }
    let report = registry
        .import(&[registry.file("last.ndjson", agreement(r#""title":"四","number":"TB-2019-999999""#) + &agreement(r#""title":"五""#))])
        .await;
    assert_eq!(faults(&report), [(1, "number".to_owned(), "NUMBERS_EXHAUSTED")]);
}

#[tokio::test]
async fn a_policy_is_found_by_key_or_document_number() {
    let registry = Registry::new().await.holding(&everything()).await;
    let keyed = POLICY.replace(r#""title""#, r#""key":"k","title""#);
    assert_eq!(registry.import(&[registry.file("1.ndjson", &keyed)]).await.revised, 1);
    assert_eq!(registry.import(&[registry.file("2.ndjson", POLICY)]).await.unchanged, 1);
    assert_eq!(registry.import(&[registry.file("3.ndjson", keyed.replace("35号", "36号"))]).await.revised, 1);
}

#[tokio::test]
async fn a_former_code_is_kept() {
    let registry = Registry::new().await;
    let registry = registry.holding(&DISTRICTS.replace(r#""COUNTY"}"#, r#""COUNTY","codes":[{"scheme":"GB/T 2260","value":"310221"}]}"#)).await;
    let report = registry.import(&[registry.file("d.ndjson", DISTRICTS)]).await;
    assert_eq!(faults(&report), [(3, "codes".to_owned(), "DISTRICT_CODE_DROPPED")]);
    // By the code that it bore, it is the same district.
    let report = registry.import(&[registry.file("o.ndjson", MATTER.to_owned() + &OFFERING.replace("310112", "310221") + OFFERING)]).await;
    assert_eq!(faults(&report), [(3, "matter".to_owned(), "DUPLICATE")]);
}

#[tokio::test]
async fn an_export_can_be_imported_again() {
    let registry = Registry::new().await;
    registry.import(&demo()).await;
    let lines = exported(&registry, ExportFormat::Ndjson).await;
    assert_eq!(lines.len(), 4_058);
    let table = exported(&registry, ExportFormat::Csv).await;
    assert_eq!(table.len(), 4_059);
    for (name, content) in [("all.ndjson", &lines), ("all.csv", &table), ("all", &lines)] {
        let copy = Registry::new().await;
        let report = copy.import(&[copy.file(name, content.join("\n"))]).await;
        assert_eq!((report.faults.as_slice(), report.registered), (&[][..], 4_058), "{name}");
        assert!(exported(&copy, ExportFormat::Ndjson).await == lines, "{name}");
        copy.store.verify(&|_, _| {}).await.unwrap();
    }
}

#[tokio::test]
async fn an_export_shows_one_revision_during_writes() {
    let registry = Registry::new().await.holding(&everything()).await;
    let before = exported(&registry, ExportFormat::Ndjson).await;
    let export = registry.store.export(ExportFormat::Ndjson, Scope::Steward, today()).await.unwrap();
    let more = OFFERING.replace("promisedDays\":20", "promisedDays\":10") + &MATTER.replace("000109001000", "000109001001");
    assert_eq!(registry.import(&[registry.file("more.ndjson", more)]).await.revision, 10);
    assert_eq!((export.revision, export.lines.try_collect::<Vec<_>>().await.unwrap()), (8, before.clone()));
    assert_ne!(exported(&registry, ExportFormat::Ndjson).await, before);
}

const TABLE: &str = "\u{feff}type,code,name,kind,parent,district,matter,visits,key,agreement,title,signedOn,parties,receiving,matters,mode,terms.proxyCollection.windowDepth,provenance.source,provenance.synthetic,domain,aliases,materials\r
agreement,,,,,,,,k,,议,2021-05-28,440115;310112,,,,,,,,,\r
clause,,,,,,,,,k,,,,440115,000109001000,PROXY_COLLECTION,FORMAL_CHECK; DELIVER_RESULT,,,,,\r
district,440115,南沙区,COUNTY,,,,,,,,,,,,,,民政部,true,,,\r
district,310112,\"闵行\"\"区\"\"\",COUNTY,,,,,,,,,,,,,,,,,,\r
matter,000109001000,\"换领,\n身份证\",,,,,,,,,,,,,,,,,PUBLIC_SECURITY,换证;换身份证,\r
offering,,,,,310112,000109001000,1,,,,,,,,,,,,,,\"[{\"\"name\"\":\"\"户口簿\"\",\"\"necessity\"\":\"\"REQUIRED\"\"}]\"\r
";

#[tokio::test]
async fn a_csv_file_gives_the_same_records_as_lines() {
    let registry = Registry::new().await;
    let report = registry.import(&[registry.file("t.csv", TABLE)]).await;
    assert_eq!(faults(&report), [(6, "name".to_owned(), "CONTROL_CHARACTER")], "what names the matter is not at fault");
    let report = registry.import(&[registry.file("t.csv", TABLE.replace("换领,\n", "换领,"))]).await;
    assert_eq!((report.faults.as_slice(), report.registered, report.read), (&[][..], 5, 6));
    let lines = exported(&registry, ExportFormat::Ndjson).await;
    assert_eq!(lines[0], r#"{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","provenance":{"source":"民政部","synthetic":true}}"#);
    assert!(lines[1].contains(r#"闵行\"区\""#) && lines[2].contains(r#""aliases":["换证","换身份证"]"#));
    assert!(lines[4].contains(r#""receiving":["440115"]"#) && lines[4].contains(r#"["FORMAL_CHECK","DELIVER_RESULT"]"#), "{}", lines[4]);
}

#[tokio::test]
async fn csv_faults_have_the_right_line_for_any_line_break() {
    let registry = Registry::new().await;
    let district = "district,440115,南沙区,COUNTY";
    for rows in [
        ["type,code,name,kind", district, "matter,1"],
        ["type,code,name,kind\r", district, "matter,1"],
        ["type,code,name,kind", "district,440115,南沙区,COUNTY\r", "matter,1\r"],
        ["type,code,name,kind\r", "\r", "matter,1\r\n"],
        ["type,code,name,kind", ",,,", "matter,1\n"],
    ] {
        let returns = rows.iter().all(|row| !row.contains(['\r', '\n'])).then(|| rows.join("\r"));
        for content in returns.into_iter().chain([rows.join("\n")]) {
            let report = registry.import(&[registry.file("t.csv", &content)]).await;
            assert_eq!(report.faults.iter().map(|fault| fault.line).collect::<BTreeSet<_>>(), [3].into(), "{content:?}");
        }
    }
    let late = format!("type,code,name,kind\n\n\r\n{district}\r\n\nmatter,1,,\n\nmatter,,x,");
    let report = registry.import(&[registry.file("t.csv", late)]).await;
    assert_eq!(report.faults.iter().map(|fault| fault.line).collect::<BTreeSet<_>>(), [6, 8].into());
}

#[tokio::test]
async fn each_fault_of_a_csv_file_is_reported() {
    let registry = Registry::new().await;
    let file = |content: &str| registry.file("t.csv", content);
    for (content, fault) in [
        ("code,name\n1,2\n", (1, "", "HEADER")),
        ("type,code,code\n", (1, "", "HEADER")),
        ("type,code,name,domain,nmae\nmatter,000109001000,示例,OTHER,x\n", (1, "nmae", "UNKNOWN_COLUMN")),
        ("type,code,\nmatter,000109001000,x\n", (2, "", "HEADER")),
        ("type,code,name\n", (1, "", "NO_RECORDS")),
        ("type,code,name\n,,\n", (1, "", "NO_RECORDS")),
        ("", (1, "", "HEADER")),
        ("type,code\nmatter,1,2\n", (2, "", "CELLS")),
        ("type,code,provenance,provenance.source\nmatter,1,x,y\n", (2, "provenance.source", "COLUMN_TWICE")),
        ("type,aliases\nmatter,[1\n", (2, "aliases", "JSON")),
    ] {
        let report = registry.import(&[file(content)]).await;
        let (line, field, rule) = fault;
        assert_eq!(faults(&report), [(line, field.to_owned(), rule)], "{content}");
    }
    let endless = format!("type,code\nmatter,\"{}", "x".repeat(9 << 20));
    assert_eq!(faults(&registry.import(&[file(&endless)]).await), [(2, String::new(), "LINE_TOO_LONG")]);
}

const MATTERS: [&str; 3] = ["type,code,name,domain,aliases", "matter,000109001001,示例甲,OTHER,换证；换身份证", "matter,000109001002,示例乙,OTHER,"];

#[tokio::test]
async fn csv_files_are_read_with_any_line_break() {
    let mut all = BTreeSet::new();
    for end in ["\n", "\r\n", "\r"] {
        let registry = Registry::new().await;
        let report = registry.import(&[registry.file("t.csv", MATTERS.join(end) + end)]).await;
        assert_eq!((report.faults.as_slice(), report.registered), (&[][..], 2), "{end:?}");
        all.insert(exported(&registry, ExportFormat::Ndjson).await);
        let lines = all.iter().flatten().map(|line| line.to_owned() + end).collect::<String>();
        assert_eq!(registry.import(&[registry.file("t.ndjson", lines)]).await.unchanged, 2, "{end:?}");
    }
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn blank_rows_columns_and_remarks_are_skipped_and_counted() {
    let registry = Registry::new().await;
    let table = "\r\n,,,,,,\r\nType, Code ,NAME,domain,,,\r\n# 说明：示例,,,\r\nMatter,'000109001001,示例甲,other\r\n,,,,,,\r\n 　,,\r\n\
        matter,=\"000109001002\",示例乙,OTHER,,,\r\n填表人：,,填表日期：,,,,\r\n";
    let report = registry.import(&[registry.file("t.csv", table)]).await;
    assert_eq!((report.faults.as_slice(), report.registered), (&[][..], 2));
    assert_eq!(report.skipped, Skipped { blank_rows: 3, remark_rows: 2, unnamed_columns: 3 });
    let tabs = MATTERS.map(|row| row.replace(',', "\t")).join("\n") + "\n";
    assert_eq!(registry.import(&[registry.file("t.tsv", tabs)]).await.registered, 0, "they are the same matters");
}

#[tokio::test]
async fn an_unreadable_file_format_is_named_in_one_fault() {
    let registry = Registry::new().await;
    let utf16 = |mark: &[u8]| [mark, &MATTERS.join("\n").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    let gbk =
        [&b"type,code,name,domain\n"[..], b"matter,000109001001,\xca\xbe\xc0\xfd,OTHER\n", b"matter,000109001002,\xca\xbe\xc0\xfd,OTHER\n"].concat();
    for (content, line, rule, named) in [
        (utf16(b"\xFF\xFE"), 1, "UTF_8", "UTF-16"),
        (utf16(b""), 1, "UTF_8", "UTF-16"),
        (gbk, 2, "UTF_8", "GB18030"),
        (b"PK\x03\x04....".to_vec(), 1, "FILE_FORMAT", "XLSX"),
        (b"\xD0\xCF\x11\xE0....".to_vec(), 1, "FILE_FORMAT", "XLS"),
        (b"".to_vec(), 1, "HEADER", "空"),
    ] {
        let report = registry.import(&[registry.file("t.csv", content)]).await;
        assert_eq!(faults(&report), [(line, String::new(), rule)], "{named}");
        assert!(report.faults[0].problem.message.zh.contains(named), "{}", report.faults[0].problem.message.zh);
    }
    assert_eq!(faults(&registry.import(&[registry.file("t.ndjson", "\n \n")]).await), [(1, String::new(), "NO_RECORDS")]);
    let twice = r#"{"type":"matter","code":"000109001001","code":"000109001002","name":"示例","domain":"OTHER"}"#;
    assert_eq!(faults(&registry.import(&[registry.file("t.ndjson", twice)]).await), [(1, "code".to_owned(), "KEY_TWICE")]);
}

#[tokio::test]
async fn a_radical_symbol_in_a_text_is_a_warning() {
    let registry = Registry::new().await;
    let line = MATTER.replace("居民身份证换领", "⽣育登记");
    let report = registry.import(&[registry.file("m.ndjson", line)]).await;
    assert_eq!((report.faults.as_slice(), report.registered, report.warning_count), (&[][..], 1, 1));
    let warning = &report.warnings[0];
    assert_eq!((warning.line, warning.problem.field().as_str(), warning.problem.rule), (1, "name", "RADICAL"));
}

#[tokio::test]
async fn a_question_mark_for_a_lost_character_is_a_warning() {
    let registry = Registry::new().await;
    for (name, is_doubtful) in [("居民身份证?领", true), ("?民身份证换领", true), ("居民身份证换领？", false), ("Renew an ID card?", false)]
    {
        let report = registry.import(&[registry.file("m.ndjson", MATTER.replace("居民身份证换领", name))]).await;
        assert_eq!((report.fault_count, report.warning_count), (0, u64::from(is_doubtful)), "{name}");
        let rules: Vec<_> = report.warnings.iter().map(|warning| (warning.problem.field(), warning.problem.rule)).collect();
        assert_eq!(rules, if is_doubtful { vec![("name".to_owned(), "LOST_CHARACTER")] } else { vec![] }, "{name}");
    }
}

/// Texts that a spreadsheet program would run or change, and some that begin like what protects them.
const TEXTS: &str = r#"{"type":"matter","code":"000109001077","name":"=HYPERLINK(\"https://example.example\",\"示例\")","domain":"OTHER","aliases":["+1","@示例","甲;乙","甲、乙"]}
{"type":"offering","district":"440115","matter":"000109001077","sourceCode":"000511602000","promisedDays":5,"visits":0,"fee":"-\n=1","conditions":"'=1"}
{"type":"offering","district":"440115","matter":"000109001077","sourceCode":"1-2","visits":0,"fee":"''=1","conditions":"'甲'","verifiedOn":"2021-06-01"}
{"type":"window","district":"440115","name":"-示例窗","address":"=1+1","phone":"+86 20 1234"}
{"type":"window","district":"440115","name":"＝示例窗","address":"'=1+1","phone":"020,1234"}
"#;

#[tokio::test]
async fn an_export_for_spreadsheets_is_protected_and_can_be_imported() {
    let registry = Registry::new().await.holding(&(everything() + TEXTS)).await;
    let lines = exported(&registry, ExportFormat::Ndjson).await;
    let plain = exported(&registry, ExportFormat::Csv).await;
    assert!(plain[0].starts_with("type,") && plain.iter().any(|row| row.contains(",=1+1,")), "a plain table is as it is");
    let table = exported(&registry, ExportFormat::Spreadsheet).await;
    assert!(table[0].starts_with("\u{FEFF}type,"));
    let mut reader = csv::ReaderBuilder::new().from_reader(table.join("\n").into_bytes().leak() as &[u8]);
    for row in reader.records() {
        let row = row.unwrap();
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝'])), "{row:?}");
        assert!(row.iter().all(|cell| cell.len() < 12 || cell.bytes().any(|byte| !byte.is_ascii_digit())), "{row:?}");
    }
    for (name, rows) in [("plain.csv", plain), ("excel.csv", table)] {
        let copy = Registry::new().await;
        let report = copy.import(&[copy.file(name, rows.join("\r\n") + "\r\n")]).await;
        assert_eq!(report.faults, [], "{name}");
        assert_eq!(exported(&copy, ExportFormat::Ndjson).await, lines, "{name}");
    }
}

#[tokio::test]
async fn an_import_checks_again_after_a_concurrent_write() {
    let registry = Registry::new().await.holding(&(DISTRICTS.to_owned() + MATTER)).await;
    let file = registry.file("o.ndjson", OFFERING);
    let writers = (0..4).map(|n| {
        let (store, file) = (registry.store.clone(), file.clone());
        let matter = registry.file(&format!("{n}.ndjson"), MATTER.replace("000109001000", &format!("00010900200{n}")));
        tokio::spawn(async move { import(&store, &[file, matter], Mode::Write, now(), &|_| {}).await.unwrap() })
    });
    let mut registered = 0;
    for writer in writers.collect::<Vec<_>>() {
        registered += writer.await.unwrap().registered;
    }
    assert_eq!(registered, 5);
    registry.store.verify(&|_, _| {}).await.unwrap();
}

#[tokio::test]
async fn a_missing_file_is_an_error() {
    let registry = Registry::new().await;
    let error = import(&registry.store, &[PathBuf::from("/none.ndjson")], Mode::Check, now(), &|_| {}).await.unwrap_err();
    assert!(error.to_string().starts_with("/none.ndjson: "), "{error}");
    let error = import(&registry.store, &[registry.folder.path().to_owned()], Mode::Check, now(), &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("not a file"), "{error}");
}

/// Agreements in every state, with everything that a version can have at its top.
const ALIVE: &str = r#"{"type":"agreement","number":"TB-2021-000011","title":"草案","documentNumber":"议〔2021〕1号","effectiveFrom":"2021-08-01","effectiveTo":"2022-07-31","amendmentRule":"NO_OBJECTION","concludes":"SIGNATORIES","admission":"LEAD","noticeDays":60,"objectionDays":20,"renewal":{"months":12,"objectionDays":30},"runOut":"收件前提交的，按原约定办结","lead":"440115","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"draft":{"author":"440115"}}
{"type":"agreement","number":"TB-2021-000012","title":"送签","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"proposal":{"by":"440115","on":"2021-06-01","answerBy":"2021-06-20","needs":"ALL","signers":["440115","310112"]}}
{"type":"agreement","number":"TB-2021-000013","title":"撤回","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"proposal":{"by":"440115","on":"2021-06-01","answerBy":"2021-06-20","needs":"ALL","signers":["440115","310112"],"withdrawnOn":"2021-06-02"}}
{"type":"agreement","number":"TB-2021-000014","title":"登记","signedOn":"2021-05-01","recorder":"440115","corrections":[{"on":"2021-05-03","reason":"更正名称"}],"parties":[{"district":"440115","confirmation":"CONFIRMED"},{"district":"310112"}],"schedule":[],"objections":[{"party":"440115","on":"2021-05-09"}],"accessions":[{"party":{"district":"440000"},"signature":{"party":"440000","at":"2021-05-05T01:00:00Z","on":"2021-05-05","digest":"sha-256:0000000000000000000000000000000000000000000000000000000000000000"}}]}
"#;

#[tokio::test]
async fn agreements_that_are_not_concluded_are_imported_with_a_number() {
    let registry = Registry::new().await.holding(&(everything() + ALIVE)).await;
    let lines = exported(&registry, ExportFormat::Ndjson).await;
    let table = exported(&registry, ExportFormat::Csv).await;
    assert_eq!(lines.iter().filter(|line| line.contains(r#""type":"agreement""#)).count(), 5);
    for (name, content) in [("all.ndjson", lines.join("\n")), ("all.csv", table.join("\n"))] {
        let copy = Registry::new().await;
        let report = copy.import(&[copy.file(name, content)]).await;
        assert_eq!(report.faults, [], "{name}");
        assert_eq!(exported(&copy, ExportFormat::Ndjson).await, lines, "{name}");
        copy.store.verify(&|_, _| {}).await.unwrap();
    }
    let unnumbered = ALIVE.lines().next().unwrap().replace(r#""number":"TB-2021-000011","#, "");
    let report = registry.import(&[registry.file("draft.ndjson", unnumbered)]).await;
    assert_eq!(faults(&report), [(1, "version".to_owned(), "NOT_CONCLUDED")]);
    let stranger = ALIVE.lines().next().unwrap().replace("TB-2021-000011", "TB-2021-000019").replace(r#""author":"440115""#, r#""author":"990000""#);
    let report = registry.import(&[registry.file("draft.ndjson", stranger)]).await;
    assert_eq!(faults(&report), [(1, "draft.author".to_owned(), "UNKNOWN_DISTRICT")]);
}

#[tokio::test]
async fn an_export_contains_what_its_reader_may_see() {
    let registry = Registry::new().await.holding(&(everything() + ALIVE)).await;
    let numbers = |scope: Scope| {
        let store = registry.store.clone();
        async move {
            let lines: Vec<String> = store.export(ExportFormat::Ndjson, scope, today()).await.unwrap().lines.try_collect().await.unwrap();
            lines.iter().filter_map(|line| Some(line.split_once("TB-2021-0000")?.1[..2].to_owned())).collect::<BTreeSet<_>>()
        }
    };
    let of = |code: &str| Scope::Districts([code.parse().unwrap()].into());
    assert_eq!(numbers(Scope::Public).await, BTreeSet::from(["15"].map(str::to_owned)));
    assert_eq!(numbers(of("440000")).await, BTreeSet::from(["15"].map(str::to_owned)));
    assert_eq!(numbers(of("310112")).await, BTreeSet::from(["12", "13", "14", "15"].map(str::to_owned)));
    assert_eq!(numbers(of("440115")).await, BTreeSet::from(["11", "12", "13", "14", "15"].map(str::to_owned)));
    assert_eq!(numbers(Scope::Steward).await, BTreeSet::from(["11", "12", "13", "14", "15"].map(str::to_owned)));
}

#[tokio::test]
async fn an_export_contains_records_removed_meanwhile() {
    let registry = Registry::new().await.holding(&(everything() + ALIVE)).await;
    let before = exported(&registry, ExportFormat::Ndjson).await;
    let export = registry.store.export(ExportFormat::Ndjson, Scope::Steward, today()).await.unwrap();
    for number in ["TB-2021-000011", "TB-2021-000015"] {
        let mut work = registry.store.begin(by()).await.unwrap();
        work.remove_agreement(number.parse().unwrap(), Action::DraftDiscarded).await.unwrap();
        work.commit().await.unwrap();
    }
    assert_eq!(export.lines.try_collect::<Vec<_>>().await.unwrap(), before);
    assert_eq!(exported(&registry, ExportFormat::Ndjson).await.len(), before.len() - 2);
}
