//! Exports, and their import into an empty registry.

use std::collections::BTreeSet;

use domain::Scope;
use domain::journal::Action;
use futures::TryStreamExt;
use persistence::ExportFormat;

use crate::common::{MATTER, OFFERING, Registry, by, demo, everything, exported, faults, today};

/// Texts that a spreadsheet program would run or change, and some that begin with an apostrophe.
const TEXTS: &str = r#"{"type":"matter","code":"000109001077","name":"=HYPERLINK(\"https://example.example\",\"示例\")","domain":"OTHER","aliases":["+1","@示例","甲;乙","甲、乙"]}
{"type":"offering","district":"440115","matter":"000109001077","sourceCode":"000511602000","promisedDays":5,"visits":0,"fee":"-\n=1","conditions":"'=1"}
{"type":"offering","district":"440115","matter":"000109001077","sourceCode":"1-2","visits":0,"fee":"''=1","conditions":"'甲'","verifiedOn":"2021-06-01"}
{"type":"window","district":"440115","name":"-示例窗","address":"=1+1","phone":"+86 20 1234"}
{"type":"window","district":"440115","name":"＝示例窗","address":"'=1+1","phone":"020,1234"}
"#;

/// Agreements in every state, with all top-level fields of versions.
const ALIVE: &str = r#"{"type":"agreement","number":"TB-2021-000011","title":"草案","documentNumber":"议〔2021〕1号","effectiveFrom":"2021-08-01","effectiveTo":"2022-07-31","amendmentRule":"NO_OBJECTION","concludes":"SIGNATORIES","admission":"LEAD","noticeDays":60,"objectionDays":20,"renewal":{"months":12,"objectionDays":30},"runOut":"收件前提交的，按原约定办结","lead":"440115","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"draft":{"author":"440115"}}
{"type":"agreement","number":"TB-2021-000012","title":"发送签约方","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"proposal":{"by":"440115","on":"2021-06-01","answerBy":"2021-06-20","needs":"ALL","signers":["440115","310112"]}}
{"type":"agreement","number":"TB-2021-000013","title":"撤回","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"proposal":{"by":"440115","on":"2021-06-01","answerBy":"2021-06-20","needs":"ALL","signers":["440115","310112"],"withdrawnOn":"2021-06-02"}}
{"type":"agreement","number":"TB-2021-000014","title":"登记","signedOn":"2021-05-01","recorder":"440115","corrections":[{"on":"2021-05-03","reason":"更正名称"}],"parties":[{"district":"440115","confirmation":"CONFIRMED"},{"district":"310112"}],"schedule":[],"objections":[{"party":"440115","on":"2021-05-09"}],"accessions":[{"party":{"district":"440000"},"signature":{"party":"440000","at":"2021-05-05T01:00:00Z","on":"2021-05-05","digest":"sha-256:0000000000000000000000000000000000000000000000000000000000000000"}}]}
"#;

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
    let more =
        OFFERING.replace("promisedDays\":20", "promisedDays\":10") + &MATTER.replace("000109001000", "000109001001");
    assert_eq!(registry.import(&[registry.file("more.ndjson", more)]).await.revision, 10);
    assert_eq!((export.revision, export.lines.try_collect::<Vec<_>>().await.unwrap()), (8, before.clone()));
    assert_ne!(exported(&registry, ExportFormat::Ndjson).await, before);
}

#[tokio::test]
async fn an_export_for_spreadsheets_is_protected_and_can_be_imported() {
    let registry = Registry::new().await.holding(&(everything() + TEXTS)).await;
    let lines = exported(&registry, ExportFormat::Ndjson).await;
    let plain = exported(&registry, ExportFormat::Csv).await;
    assert!(
        plain[0].starts_with("type,") && plain.iter().any(|row| row.contains(",=1+1,")),
        "a plain table is as it is"
    );
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
    let stranger = ALIVE
        .lines()
        .next()
        .unwrap()
        .replace("TB-2021-000011", "TB-2021-000019")
        .replace(r#""author":"440115""#, r#""author":"990000""#);
    let report = registry.import(&[registry.file("draft.ndjson", stranger)]).await;
    assert_eq!(faults(&report), [(1, "draft.author".to_owned(), "UNKNOWN_DISTRICT")]);
}

#[tokio::test]
async fn an_export_contains_what_its_reader_may_see() {
    let registry = Registry::new().await.holding(&(everything() + ALIVE)).await;
    let numbers = |scope: Scope| {
        let store = registry.store.clone();
        async move {
            let lines: Vec<String> =
                store.export(ExportFormat::Ndjson, scope, today()).await.unwrap().lines.try_collect().await.unwrap();
            lines
                .iter()
                .filter_map(|line| Some(line.split_once("TB-2021-0000")?.1[..2].to_owned()))
                .collect::<BTreeSet<_>>()
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
