//! A backup of a running registry, restored on either database: the same registry in a new epoch.

use std::path::{Path, PathBuf};

use persistence::{Error, IfExists, OpenOptions, restore};
use scenarios::agreement::{MINHANG, NANSHA, terms};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{Engine, Scratch, TestRegistry, on_every_database, tongban};

on_every_database! {
    a_restored_registry_is_the_same_in_a_new_epoch,
    a_backup_is_consistent_while_others_write,
    a_damaged_backup_is_not_restored,
    backups_of_earlier_releases_are_restored_and_migrated,
}

async fn a_restored_registry_is_the_same_in_a_new_epoch(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    agreement.signatory(NANSHA).signs(1).await;
    let key = tongban()
        .args(["key", "issue", "--role", "steward", "--name", "备份", "--database", registry.url()])
        .output()
        .expect("it runs");
    assert!(key.status.success());
    registry.follow().await;
    let draft = format!(r#"proposer: "{NANSHA}", {}, idempotencyKey: "1""#, terms(&[NANSHA, MINHANG]));
    let first = registry.registrar(NANSHA).does("draftAgreement", &draft, "agreement { number }").await;
    let file = registry.file("backup.ndjson", "");
    let backup = registry.store().backup(&file, IfExists::Replace).await.expect("it is made");
    assert_eq!(backup.revision, registry.revision());

    for engine in [Engine::Sqlite, Engine::PostgreSql].into_iter().filter(|engine| engine.is_there()) {
        let empty = Scratch::new(engine).await;
        restore(&empty.url.parse().expect("an address"), &file)
            .await
            .expect("it is restored")
            .close()
            .await
            .expect("it closes");
        let copy = TestRegistry::at(&empty.url, OpenOptions::default()).await;
        let proven = copy.verify().await.expect("it holds");
        assert_eq!((proven.revision, proven.digest), (backup.revision, backup.digest));
        assert_eq!(copy.export().await, registry.export().await);
        let epoch = "{ registry { epoch } }";
        assert_ne!(copy.ask(epoch).await, registry.ask(epoch).await);
        assert_eq!(copy.store().keys().await.expect("keys"), registry.store().keys().await.expect("keys"));
        // Stored results, recorded dates and revisions continue.
        assert_eq!(copy.registrar(NANSHA).does("draftAgreement", &draft, "agreement { number }").await, first);
        let next = copy.registrar(NANSHA).does("draftAgreement", &draft.replace("\"1\"", "\"2\""), "").await;
        assert_eq!(next["revision"], backup.revision + 1);
        // A second copy differs only in the epoch and that act.
        let again = empty.file("again.ndjson");
        assert_eq!(
            copy.store().backup(&again, IfExists::Replace).await.expect("it is made").revision,
            backup.revision + 1
        );
        assert!(
            matches!(restore(&empty.url.parse().expect("an address"), &file).await, Err(Error::Migration(_))),
            "only what is empty is filled"
        );
    }
}

async fn a_backup_is_consistent_while_others_write(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let file = registry.file("backup.ndjson", "");
    let steward = registry.steward();
    let write = async {
        for at in 0..20 {
            let input = format!(
                r#"code: "000109001000", name: "换领 {at}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#
            );
            steward.does("reviseMatter", &input, "").await;
        }
    };
    let (backup, ()) = tokio::join!(registry.store().backup(&file, IfExists::Replace), write);
    let backup = backup.expect("it is made");
    let empty = Scratch::new(Engine::Sqlite).await;
    let restored = restore(&empty.url.parse().expect("an address"), &file).await.expect("it is restored");
    assert_eq!(restored.verify(&|_, _| {}).await.expect("it holds").revision, backup.revision);
}

async fn a_damaged_backup_is_not_restored(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let file = registry.file("backup.ndjson", "");
    registry.store().backup(&file, IfExists::Replace).await.expect("it is made");
    let whole = std::fs::read_to_string(&file).expect("text");
    let cut = whole.lines().take(whole.lines().count() - 1).collect::<Vec<_>>().join("\n");
    for (name, text) in
        [("cut.ndjson", cut), ("changed.ndjson", whole.replace("闵行区", "闵行县")), ("none.ndjson", String::new())]
    {
        let damaged = registry.file(name, text);
        let empty = Scratch::new(Engine::Sqlite).await;
        assert!(
            matches!(restore(&empty.url.parse().expect("an address"), &damaged).await, Err(Error::Backup { .. })),
            "{name}"
        );
    }
    let newer = whole.replacen("\"migrations\":[", "\"migrations\":[\"m20990101_000001_ahead\",", 1);
    let empty = Scratch::new(Engine::Sqlite).await;
    assert!(matches!(
        restore(&empty.url.parse().expect("an address"), &registry.file("newer.ndjson", newer)).await,
        Err(Error::Backup { .. })
    ));
}

/// A backup for each earlier state of the tables. A commit that adds a migration adds a backup made before it.
fn earlier() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/backup");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

async fn backups_of_earlier_releases_are_restored_and_migrated(registry: TestRegistry) {
    let files = earlier();
    let migrations =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/src")).expect("a folder").count()
            - 1;
    assert_eq!(files.len() + 1, migrations, "every migration meets a filled database");
    let engine = if registry.url().starts_with("sqlite") { Engine::Sqlite } else { Engine::PostgreSql };
    for file in files {
        let empty = Scratch::new(engine).await;
        restore(&empty.url.parse().expect("an address"), &file)
            .await
            .expect("it is restored")
            .close()
            .await
            .expect("it closes");
        let restored = TestRegistry::at(&empty.url, OpenOptions::default()).await;
        assert_eq!(restored.verify().await.expect("it holds").without_content, 0, "{}", file.display());
        assert_eq!(
            restored.handling("000109001000", NANSHA, MINHANG, "2026-10-01").await,
            "AVAILABLE: PROXY_COLLECTION",
            "{}",
            file.display()
        );
        let revision = restored.revision();
        restored
            .import(r#"{"type":"matter","code":"000109003000","name":"户口迁移","domain":"PUBLIC_SECURITY"}"#)
            .await;
        assert_eq!(restored.revision(), revision + 1);
    }
}
