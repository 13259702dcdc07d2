//! Verification detects a single changed byte anywhere.

use crate::common::{Registry, by, everything};
use crate::unit_of_work::draft;
use domain::journal::Action;
use domain::{ApiKey, Digest, Extent, RecordKind, Role};
use persistence::{Error, StoredResult};

async fn filled() -> Registry {
    let registry = Registry::new().await.holding(&everything()).await;
    let mut work = registry.store.begin(by()).await.unwrap();
    let key = ApiKey {
        name: "南沙".to_owned(),
        roles: vec![Role::Partner],
        district: None,
        extent: Extent::Itself,
        prefix: "tb_1".to_owned(),
        seal: Digest::GENESIS,
        expires_at: None,
        revoked_at: None,
    };
    work.issue_key(key, "hash".to_owned()).await.unwrap();
    // Entries 10 to 12: two drafts, one of them discarded.
    for number in ["TB-2021-000007", "TB-2021-000008"] {
        work.act(draft(number), Action::Drafted).await.unwrap();
    }
    work.remove_agreement("TB-2021-000008".parse().unwrap(), Action::DraftDiscarded).await.unwrap();
    let what = StoredResult { input: Digest::of(b"input"), kind: RecordKind::Agreement, record: 10, revision: 10 };
    work.store_result("key_1", "propose", "k", &what).await.unwrap();
    work.name_actor("王经办").await.unwrap();
    work.commit().await.unwrap();
    registry.store.verify(&|_, _| {}).await.unwrap();
    registry
}

#[tokio::test]
async fn a_changed_byte_in_every_table_fails_verification() {
    let registry = filled().await;
    let triggers = if registry.is_sqlite() {
        ["DROP TRIGGER journal_is_not_revised", "DROP TRIGGER journal_is_not_deleted"]
    } else {
        ["DROP TRIGGER journal_is_not_revised ON journal", "DROP TRIGGER journal_is_not_truncated ON journal"]
    };
    for trigger in triggers {
        registry.execute(trigger).await;
    }
    let text = |table: &str, column: &str, id: &str| {
        (
            format!("UPDATE {table} SET {column} = {column} || 'x' WHERE {id}"),
            format!("UPDATE {table} SET {column} = substr({column}, 1, length({column}) - 1) WHERE {id}"),
            table.to_owned(),
        )
    };
    let number = |table: &str, column: &str, id: &str| {
        (
            format!("UPDATE {table} SET {column} = {column} + 1 WHERE {id}"),
            format!("UPDATE {table} SET {column} = {column} - 1 WHERE {id}"),
            table.to_owned(),
        )
    };
    let mut changes = vec![
        text("journal", "document", "revision = 3"),
        text("journal", "actor", "revision = 3"),
        text("journal", "recorded_at", "revision = 3"),
        number("journal", "record", "revision = 3"),
        number("head", "revision", "id = 1"),
        number("offering", "revision", "id = 6"),
        number("offering", "visits", "id = 6"),
        number("offering", "days", "id = 6"),
        text("offering", "known_by", "id = 6"),
        text("service_window", "name", "id = 7"),
        text("agreement", "number", "id = 8"),
        text("agreement", "key", "id = 8"),
        text("agreement", "fingerprint", "id = 8"),
        text("policy", "document_number", "id = 5"),
        text("api_key", "hash", "id = 9"),
        text("matter", "code", "id = 4"),
        text("district", "code", "id = 1"),
        text("district_code", "code", "district = 1"),
    ];
    for (table, id) in [
        ("district", 1),
        ("matter", 4),
        ("policy", 5),
        ("offering", 6),
        ("service_window", 7),
        ("agreement", 8),
        ("api_key", 9),
    ] {
        changes.push(text(table, "body", &format!("id = {id}")));
        changes.push(number(table, "revision", &format!("id = {id}")));
    }
    let flip = |column: &str| format!("UPDATE offering SET {column} = NOT {column} WHERE id = 6");
    changes.push((flip("has_url"), flip("has_url"), "offering".to_owned()));
    changes.push((flip("has_invalid_code"), flip("has_invalid_code"), "offering".to_owned()));
    changes.push((
        "UPDATE offering SET valid_to = '2021-01-01' WHERE id = 6".to_owned(),
        "UPDATE offering SET valid_to = NULL WHERE id = 6".to_owned(),
        "offering".to_owned(),
    ));
    changes.push((
        "INSERT INTO journal_district (revision, district) VALUES (6, 1)".to_owned(),
        "DELETE FROM journal_district WHERE revision = 6 AND district = 1".to_owned(),
        "journal_district".to_owned(),
    ));
    // 8 was the number of the discarded draft.
    changes.push((
        "UPDATE head SET agreements = 7".to_owned(),
        "UPDATE head SET agreements = 8".to_owned(),
        "head".to_owned(),
    ));
    changes.push((
        "UPDATE head SET told_through = 'x'".to_owned(),
        "UPDATE head SET told_through = NULL".to_owned(),
        "head".to_owned(),
    ));
    for revision in [3, 8, 9, 10, 12] {
        let flip = format!("UPDATE journal SET is_restricted = NOT is_restricted WHERE revision = {revision}");
        changes.push((flip.clone(), flip, "journal".to_owned()));
    }
    for revision in [10, 12] {
        let reader = |to: &str, of: &str| format!("UPDATE journal_reader SET {to} WHERE {of}");
        changes.push((
            reader("district = 1", &format!("revision = {revision}")),
            reader("district = -2", &format!("revision = {revision}")),
            "journal_reader".to_owned(),
        ));
        let other_readers = reader("district = -district", &format!("revision = {revision}"));
        changes.push((other_readers.clone(), other_readers, "journal_reader".to_owned()));
        changes.push((
            reader("revision = 9", &format!("revision = {revision}")),
            reader(&format!("revision = {revision}"), "revision = 9"),
            "journal".to_owned(),
        ));
    }
    changes.push((
        "INSERT INTO journal_district (revision, district) VALUES (12, 1)".to_owned(),
        "DELETE FROM journal_district WHERE revision = 12 AND district = 1".to_owned(),
        "journal_district".to_owned(),
    ));
    changes.push((
        "INSERT INTO journal_reader (revision, district) VALUES (99, 1)".to_owned(),
        "DELETE FROM journal_reader WHERE revision = 99".to_owned(),
        "journal_reader".to_owned(),
    ));
    for (change, back, table) in changes {
        registry.execute(&change).await;
        match registry.store.verify(&|_, _| {}).await {
            Err(Error::Inconsistent(found)) => {
                assert!(found.table == table || table == "district_code", "{change}: {found}");
            }
            other => panic!("{change}: {other:?}"),
        }
        registry.execute(&back).await;
        registry.store.verify(&|_, _| {}).await.unwrap();
    }
}

#[tokio::test]
async fn missing_and_extra_rows_fail_verification() {
    for change in [
        "DELETE FROM service_window WHERE id = 7",
        "INSERT INTO service_window (id, revision, district, name, body) SELECT 99, 99, district, 'x', body FROM service_window",
        "DELETE FROM journal_district WHERE revision = 6",
        "DELETE FROM district_code WHERE code = '440115'",
        "INSERT INTO district_code (code, district) VALUES ('999999', 1)",
        "DELETE FROM journal_reader WHERE revision = 10",
        "DELETE FROM agreement WHERE id = 10",
    ] {
        let registry = filled().await;
        registry.execute(change).await;
        assert!(matches!(registry.store.verify(&|_, _| {}).await, Err(Error::Inconsistent(_))), "{change}");
    }
}

#[tokio::test]
async fn the_journal_is_append_only() {
    let registry = filled().await;
    for change in ["UPDATE journal SET actor = 'x'", "DELETE FROM journal WHERE revision = 12"] {
        let db = sea_orm::Database::connect(&registry.url).await.unwrap();
        let error = sea_orm::ConnectionTrait::execute_unprepared(&db, change).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}
