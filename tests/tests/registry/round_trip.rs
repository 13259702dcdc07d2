//! An export, imported into an empty registry, gives the same registry.

use persistence::ExportFormat;
use scenarios::records::{NANSHA_AND_MINHANG, NATIONAL_LIST};
use scenarios::{TestRegistry, demo, on_every_database};

on_every_database! {
    an_export_imported_into_an_empty_registry_gives_the_same_registry,
    a_csv_export_gives_the_same_registry,
    a_copy_preserves_agreements_that_are_not_concluded,
    the_demo_and_its_copy_give_the_expected_answers,
}

async fn an_export_imported_into_an_empty_registry_gives_the_same_registry(registry: TestRegistry) {
    // Revisions in another order than the export's, a restored record, a key, a number.
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(NATIONAL_LIST).await;
    registry.import(r#"{"type":"district","code":"440000","name":"广东","kind":"PROVINCE","aliases":["粤"]}"#).await;
    let copy = registry.another().await;
    copy.import(&registry.export().await).await;
    assert_eq!(copy.export().await, registry.export().await);
    for (matter, receiving, competent, on) in QUESTIONS {
        let answer = registry.handling(matter, receiving, competent, on).await;
        assert_eq!(
            copy.handling(matter, receiving, competent, on).await,
            answer,
            "{matter} {receiving} {competent} {on}"
        );
    }
}

async fn a_csv_export_gives_the_same_registry(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(NATIONAL_LIST).await;
    let copy = registry.another().await;
    copy.import_files(&[copy.file("records.csv", registry.export_as(ExportFormat::Csv).await)]).await;
    assert_eq!(copy.export().await, registry.export().await);
}

/// A draft, an open proposal, and one that lapsed.
const UNCONCLUDED: &str = r#"{"type":"agreement","number":"TB-2026-000011","title":"草案","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"renewal":{"months":12,"objectionDays":30},"draft":{"author":"440115"}}
{"type":"agreement","number":"TB-2026-000012","title":"发送签约方","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"proposal":{"by":"440115","on":"2026-09-01","answerBy":"2026-10-20","needs":"ALL","signers":["440115","310112"]}}
{"type":"agreement","number":"TB-2026-000013","title":"逾期","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[],"proposal":{"by":"440115","on":"2026-08-01","answerBy":"2026-08-20","needs":"ALL","signers":["440115","310112"]}}
"#;

async fn a_copy_preserves_agreements_that_are_not_concluded(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(UNCONCLUDED).await;
    assert_eq!(registry.export().await.matches("TB-2026-").count(), 3);
    for form in [ExportFormat::Ndjson, ExportFormat::Csv] {
        let copy = registry.another().await;
        let name = if form == ExportFormat::Csv { "records.csv" } else { "records.ndjson" };
        copy.import_files(&[copy.file(name, registry.export_as(form).await)]).await;
        assert_eq!(copy.export().await, registry.export().await);
        copy.verify().await.expect("it is proven");
    }
    // The public feed does not mention them.
    let feed =
        registry.ask("{ changes(first: 100) { totalCount edges { node { revision } } } }").await["changes"].take();
    assert_eq!((feed["totalCount"].as_u64(), feed["edges"].as_array().map(Vec::len)), (Some(10), Some(10)));
}

const QUESTIONS: &[(&str, &str, &str, &str)] = &[
    ("000109001000", "440115", "310112", "2021-07-01"),
    ("000109001000", "440115", "310112", "2022-07-01"),
    ("000109001000", "310112", "440115", "2021-07-01"),
    ("000109002000", "440115", "310112", "2021-07-01"),
    ("000109001000", "440115", "310112", "2021-01-01"),
];

async fn the_demo_and_its_copy_give_the_expected_answers(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    let copy = registry.another().await;
    copy.import(&registry.export().await).await;
    assert_eq!(copy.export().await, registry.export().await);
    for (matter, receiving, competent, on, answer) in DEMO {
        assert_eq!(
            registry.handling(matter, receiving, competent, on).await,
            *answer,
            "{matter} {receiving} {competent} {on}"
        );
        assert_eq!(
            copy.handling(matter, receiving, competent, on).await,
            *answer,
            "{matter} {receiving} {competent} {on}"
        );
    }
}

/// A question for each feature that the demo shows, including the national lists.
const DEMO: &[(&str, &str, &str, &str, &str)] = &[
    ("LGA000000001", "440115", "310112", "2022-03-01", "AVAILABLE: PROXY_COLLECTION"),
    ("LGA000000001", "310112", "440115", "2022-10-01", "NOT_COVERED: ONLY_OTHER_DIRECTION, MATTER_NOT_IN_SCHEDULE"),
    ("LGA000000001", "440115", "310112", "2021-05-01", "NOT_COVERED: BASIS_NOT_YET_IN_FORCE, MATTER_NOT_IN_SCHEDULE"),
    ("LGA000000012", "440115", "310112", "2022-10-01", "NOT_COVERED: MATTER_NOT_IN_SCHEDULE"),
    (
        "LGA000000013",
        "440115",
        "310112",
        "2021-12-01",
        "NOT_COVERED: CLAUSE_NOT_IN_DATE, BASIS_NOT_YET_IN_FORCE, MATTER_NOT_IN_SCHEDULE",
    ),
    ("LWJ000000007", "440115", "320583", "2022-03-01", "AVAILABLE: FULL_ONLINE"),
    ("LWJ000000007", "440115", "320583", "2026-10-01", "NOT_OFFERED: OFFERING_WITHDRAWN, MATTER_NOT_IN_SCHEDULE"),
    ("LGA000000001", "440115", "130629", "2022-03-01", "AVAILABLE: PROXY_COLLECTION"),
    ("LGA000000001", "440115", "371400-Z01", "2024-06-01", "NOT_COVERED: BASIS_ENDED, MATTER_NOT_IN_SCHEDULE"),
    ("LGA000000001", "440115", "370500-Z01", "2022-10-01", "NOT_COVERED: NO_SCHEDULE_YET, MATTER_NOT_IN_SCHEDULE"),
];
