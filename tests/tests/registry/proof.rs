//! `verify` detects every change of stored data.

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};

on_every_database! {
    an_untouched_registry_verifies,
    a_changed_byte_in_any_row_fails_verification,
    a_missing_row_fails_verification,
    the_database_refuses_edits_of_the_journal,
}

async fn an_untouched_registry_verifies(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(r#"{"type":"district","code":"440000","name":"广东","kind":"PROVINCE"}"#).await;
    registry.verify().await.expect("it is as it was written");
}

/// Columns that are not verified: the epoch, a skipped number, the day up to which date changes are recorded, the last
/// use of a key.
const OF_NO_ACCOUNT: &[(&str, &str)] =
    &[("head", "epoch"), ("head", "agreements"), ("head", "told_through"), ("api_key", "last_used_at")];

/// Tables that are not verified: names of actors, stored results, digests of imported lines.
const OFFLOAD_COST: [&str; 3] = ["actor", "answered", "imported_line"];

/// A draft that only its author can see. The district with the next id is not a party.
const DRAFT: &str = r#"{"type":"agreement","number":"TB-2026-000009","title":"草案","parties":[{"district":"440000"},{"district":"310112"}],"schedule":[],"draft":{"author":"440000"}}"#;

async fn a_changed_byte_in_any_row_fails_verification(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(r#"{"type":"district","code":"440000","name":"广东","kind":"PROVINCE"}"#).await;
    registry.import(DRAFT).await;
    let forger = registry.forger().await;
    let mut changed = 0;
    let mut unnoticed = Vec::new();
    for cell in forger.cells().await {
        if OF_NO_ACCOUNT.contains(&(cell.table.as_str(), cell.column.as_str()))
            || OFFLOAD_COST.contains(&&*cell.table)
            || cell.table.starts_with("migration")
        {
            continue;
        }
        // Changes that the database itself refuses are skipped.
        if !forger.change(&cell).await {
            continue;
        }
        changed += 1;
        if registry.verify().await.is_ok() {
            unnoticed.push(format!("{}.{}", cell.table, cell.column));
        }
        forger.restore(&cell).await;
    }
    unnoticed.dedup();
    assert_eq!(unnoticed, Vec::<String>::new());
    assert!(changed > 150, "{changed} cells were tried");
    registry.verify().await.expect("all was put back");
}

async fn a_missing_row_fails_verification(registry: TestRegistry) {
    for table in ["journal", "district", "offering", "agreement"] {
        let registry = registry.another().await;
        registry.import(NANSHA_AND_MINHANG).await;
        let forger = registry.forger().await;
        if forger.delete_last(table).await {
            assert!(registry.verify().await.is_err(), "a row of {table} is gone");
        }
    }
}

async fn the_database_refuses_edits_of_the_journal(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    for statement in ["UPDATE journal SET actor = 'nobody' WHERE revision = 1", "DELETE FROM journal"] {
        assert!(registry.execute(statement).await.is_err(), "{statement}");
    }
}
