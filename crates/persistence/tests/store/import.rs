//! Imports: all or nothing, and all faults at once.

use std::path::PathBuf;

use domain::{RecordKind, Scope};
use persistence::{ChangeQuery, JournalReader, Mode, Report, import};

use crate::common::{AGREEMENT, DISTRICTS, MATTER, OFFERING, POLICY, Registry, WINDOW, demo, everything, faults, now};

/// The fault that an additional line causes in otherwise valid files.
async fn fault_of(line: &str) -> Vec<(u64, String, String)> {
    let registry = Registry::new().await;
    let report =
        registry.import(&[registry.file("sound.ndjson", everything()), registry.file("more.ndjson", line)]).await;
    assert_eq!(registry.store.health().await.unwrap().revision, 0, "nothing is written");
    assert_eq!((report.registered, report.revision, report.faults.len() as u64), (0, 0, report.fault_count));
    assert!(
        report.faults.iter().all(|fault| fault.file.ends_with("more.ndjson") || fault.file.ends_with("sound.ndjson"))
    );
    faults(&report).into_iter().map(|(line, field, rule)| (line, field, rule.to_owned())).collect()
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
        (
            r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","colour":"red"}"#,
            1,
            "colour",
            "UNKNOWN_FIELD",
        ),
        (
            r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","parent":"449999"}"#,
            1,
            "parent",
            "UNKNOWN_DISTRICT",
        ),
        (
            r#"{"type":"district","code":"440116","name":"区","kind":"COUNTY","parent":"440116"}"#,
            1,
            "parent",
            "OWN_ANCESTOR",
        ),
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
        (
            r#"{"type":"offering","district":"310113","matter":"000109001000","visits":1}"#,
            1,
            "district",
            "UNKNOWN_DISTRICT",
        ),
        (
            r#"{"type":"offering","district":"310112","matter":"000109001009","visits":1}"#,
            1,
            "matter",
            "UNKNOWN_MATTER",
        ),
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
        (
            r#"{"type":"clause","agreement":"b","matters":["000109001000"],"mode":"FULL_ONLINE"}"#,
            1,
            "agreement",
            "UNKNOWN_AGREEMENT",
        ),
        (r#"{"type":"clause","matters":["000109001000"],"mode":"FULL_ONLINE"}"#, 1, "agreement", "REQUIRED"),
        (
            r#"{"type":"clause","agreement":"a","matters":["000109001009"],"mode":"FULL_ONLINE"}"#,
            1,
            "matters",
            "UNKNOWN_MATTER",
        ),
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
        format!(
            "{{\"type\":\"district\",\"code\":\"{code}\",\"name\":\"区\",\"kind\":\"COUNTY\",\"parents\":[{parents}]}}\n"
        )
    };
    let circle = district(500_001, r#"{"district":"500002","validTo":"2020-12-31"}"#)
        + &district(500_002, r#"{"district":"500001","validFrom":"2020-12-31"}"#);
    let found = fault_of(&circle).await;
    assert_eq!(
        found.iter().map(|(line, _, rule)| (*line, rule.as_str())).collect::<Vec<_>>(),
        [(1, "OWN_ANCESTOR"), (2, "OWN_ANCESTOR")]
    );
    let registry = Registry::new().await;
    let no_circle = circle.replace(r#""validFrom":"2020-12-31""#, r#""validFrom":"2021-01-01""#);
    assert_eq!(registry.import(&[registry.file("a.ndjson", no_circle)]).await.faults, []);
    // Administration and successors can close cycles too.
    let zone = |code: &str, more: &str| {
        format!("{{\"type\":\"district\",\"code\":\"{code}\",\"name\":\"区\",\"kind\":\"FUNCTIONAL_ZONE\",{more}}}\n")
    };
    for (lines, rule) in [
        (
            zone("500001", r#""administers":["500002"]"#) + &zone("500002", r#""administers":["500001"]"#),
            "OWN_ANCESTOR",
        ),
        (
            zone("500001", r#""retiredOn":"2020-01-01","successors":["500002"]"#)
                + &zone("500002", r#""retiredOn":"2021-01-01","successors":["500001"]"#),
            "SUCCEEDS_ITSELF",
        ),
    ] {
        let found = fault_of(&lines).await;
        assert_eq!(
            found.iter().map(|(line, _, rule)| (*line, rule.as_str())).collect::<Vec<_>>(),
            [(1, rule), (2, rule)]
        );
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
    let more = everything().replace("promisedDays\":20", "promisedDays\":10")
        + &MATTER.replace("000109001000", "000109001001");
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
    assert!(
        report.faults[0].problem.message.zh.contains("“框架协议”")
            || report.faults[0].problem.message.zh.contains("\"框架协议\"")
    );
    // Identified by title, parties and day only, it is the same agreement, and its key is kept.
    let report = registry.import(&[registry.file("nameless.ndjson", AGREEMENT.replace(r#""key":"a","#, ""))]).await;
    assert_eq!((report.faults.as_slice(), report.unchanged), (&[][..], 1));
}

#[tokio::test]
async fn numbers_are_kept_and_continued() {
    let agreement = |fields: &str| {
        format!(
            "{{\"type\":\"agreement\",{fields},\"parties\":[{{\"district\":\"440115\"}},{{\"district\":\"310112\"}}]}}\n"
        )
    };
    let lines = [
        agreement(r#""title":"一","signedOn":"2020-01-01""#),
        agreement(r#""title":"二","number":"TB-2019-000007""#),
        agreement(r#""title":"三""#),
    ]
    .concat();
    let registry = Registry::new().await.holding(&(DISTRICTS.to_owned() + &lines)).await;
    let snapshot = registry.store.load().await.unwrap();
    for number in ["TB-2020-000008", "TB-2019-000007", "TB-2021-000009"] {
        assert!(snapshot.agreement(number.parse().unwrap(), &Scope::Public).is_some(), "{number}");
    }
    let report = registry
        .import(&[registry.file(
            "last.ndjson",
            agreement(r#""title":"四","number":"TB-2019-999999""#) + &agreement(r#""title":"五""#),
        )])
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
    let registry = registry
        .holding(&DISTRICTS.replace(r#""COUNTY"}"#, r#""COUNTY","codes":[{"scheme":"GB/T 2260","value":"310221"}]}"#))
        .await;
    let report = registry.import(&[registry.file("d.ndjson", DISTRICTS)]).await;
    assert_eq!(faults(&report), [(3, "codes".to_owned(), "DISTRICT_CODE_DROPPED")]);
    // Its former code means the same district.
    let report = registry
        .import(&[registry.file("o.ndjson", MATTER.to_owned() + &OFFERING.replace("310112", "310221") + OFFERING)])
        .await;
    assert_eq!(faults(&report), [(3, "matter".to_owned(), "DUPLICATE")]);
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
    for (name, is_doubtful) in
        [("居民身份证?领", true), ("?民身份证换领", true), ("居民身份证换领？", false), ("Renew an ID card?", false)]
    {
        let report = registry.import(&[registry.file("m.ndjson", MATTER.replace("居民身份证换领", name))]).await;
        assert_eq!((report.fault_count, report.warning_count), (0, u64::from(is_doubtful)), "{name}");
        let rules: Vec<_> =
            report.warnings.iter().map(|warning| (warning.problem.field(), warning.problem.rule)).collect();
        assert_eq!(rules, if is_doubtful { vec![("name".to_owned(), "LOST_CHARACTER")] } else { vec![] }, "{name}");
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
    let error =
        import(&registry.store, &[PathBuf::from("/none.ndjson")], Mode::Check, now(), &|_| {}).await.unwrap_err();
    assert!(error.to_string().starts_with("/none.ndjson: "), "{error}");
    let error =
        import(&registry.store, &[registry.folder.path().to_owned()], Mode::Check, now(), &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("not a file"), "{error}");
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
        let asked = ChangeQuery {
            since,
            through,
            kinds: kinds.to_vec(),
            seen_by: JournalReader::Public,
            limit: 10_000,
            ..ChangeQuery::default()
        };
        let counted = registry.store.count_changes(&asked).await.unwrap();
        assert_eq!(counted, registry.store.changes(&asked).await.unwrap().len() as u64, "{since} {through} {kinds:?}");
        counted
    };
    for (since, through) in [
        (0, 2_600),
        (0, 9_999),
        (1, 2_048),
        (1_023, 2_047),
        (1_024, 2_048),
        (1_025, 1_026),
        (500, 700),
        (2_600, 2_600),
        (7, 3),
    ] {
        count(since, through, &[RecordKind::Matter]).await;
        count(since, through, &[RecordKind::Window, RecordKind::District, RecordKind::ApiKey]).await;
    }
    assert_eq!(count(0, 2_600, &[RecordKind::Matter]).await, 867);
    // Entries after the last whole block are counted too.
    let more: Vec<String> = (2_600..3_200).map(line).collect();
    registry.import(&[registry.file("more.ndjson", more.join("\n"))]).await;
    assert_eq!(count(0, 3_200, &[RecordKind::Matter]).await, 1_067);
}
