//! Contents of documents: in chunks, in a folder, or as an earlier release stored them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Digest;
use persistence::{IfExists, OpenOptions, restore};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{Engine, Scratch, TestRegistry, on_every_database};

on_every_database! {
    a_large_content_is_stored_in_chunks,
    a_missing_or_changed_chunk_is_noticed,
    a_content_stored_by_an_earlier_release_is_read,
    contents_can_be_stored_in_a_folder,
    a_damaged_file_is_noticed,
    a_backup_has_the_contents,
}

/// A PDF of 2.5 MiB in which no two chunks are the same.
fn large() -> Vec<u8> {
    let numbers = (0_u32..).flat_map(u32::to_le_bytes);
    b"%PDF-1.7\n".iter().copied().chain(numbers).take((5 << 20) / 2).collect()
}

async fn attach(registry: &TestRegistry, content: &[u8]) {
    let content = STANDARD.encode(content);
    let input = format!(
        r#"number: "TB-2021-000001", party: "440115", name: "扫描件.pdf", mediaType: "application/pdf", content: "{content}""#
    );
    registry.registrar("440115").does("attachDocument", &input, "").await;
}

/// The content, read chunk by chunk.
async fn read(registry: &TestRegistry, digest: Digest) -> Option<Vec<u8>> {
    let mut reader = registry.store().content(digest).await.expect("it can be read")?;
    let mut content = Vec::new();
    while let Some(chunk) = reader.next_chunk().await.expect("it can be read") {
        assert!(chunk.len() <= 1 << 20);
        content.extend(chunk);
    }
    assert_eq!(reader.bytes(), content.len() as u64);
    Some(content)
}

/// The result of `verify`.
async fn broken(registry: &TestRegistry) -> String {
    registry.verify().await.expect_err("it does not hold").to_string()
}

async fn a_large_content_is_stored_in_chunks(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let content = large();
    attach(&registry, &content).await;
    for (counted, number) in [("count(*)", 3), ("max(length(content))", 1 << 20), ("min(length(content))", 1 << 19)] {
        assert_eq!(
            registry.number(&format!("SELECT CAST({counted} AS bigint) FROM document_chunk")).await,
            number,
            "{counted}"
        );
    }
    assert_eq!(registry.number("SELECT CAST(count(*) AS bigint) FROM document_content").await, 0);
    assert!(read(&registry, Digest::of(&content)).await.expect("it is stored") == content);
    assert_eq!(registry.verify().await.expect("it holds").without_content, 0);
    // The same content again is no change.
    let revision = registry.revision();
    attach(&registry, &content).await;
    assert_eq!(registry.revision(), revision);
}

async fn a_missing_or_changed_chunk_is_noticed(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let content = large();
    let digest = Digest::of(&content);
    attach(&registry, &content).await;
    for damage in [
        "DELETE FROM document_chunk WHERE position = 1",
        "DELETE FROM document_chunk WHERE position = 2",
        "UPDATE document_chunk SET content = (SELECT content FROM document_chunk WHERE position = 1) WHERE position = 0",
        "UPDATE document_chunk SET content = substr(content, 2) WHERE position = 1",
    ] {
        registry.execute(damage).await.expect("it is damaged");
        assert!(registry.store().content(digest).await.is_err(), "{damage}");
        assert_eq!(
            broken(&registry).await,
            format!("document_chunk {digest}: it is not what its digest says"),
            "{damage}"
        );
        // Attaching it again repairs it.
        attach(&registry, &content).await;
        assert!(read(&registry, digest).await.expect("it is stored") == content, "{damage}");
        assert_eq!(registry.verify().await.expect("it holds").without_content, 0);
    }
    // Without its first chunk a content is not there, as after an import.
    registry.execute("DELETE FROM document_chunk WHERE position = 0").await.expect("it is damaged");
    assert_eq!(read(&registry, digest).await, None);
    assert_eq!(registry.verify().await.expect("the records hold").without_content, 1);
}

async fn a_content_stored_by_an_earlier_release_is_read(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let content = b"%PDF-1.7\n1\n";
    let digest = Digest::of(content);
    attach(&registry, content).await;
    let moved = "INSERT INTO document_content (digest, content) SELECT digest, content FROM document_chunk";
    registry.execute(moved).await.expect("it is moved");
    registry.execute("DELETE FROM document_chunk").await.expect("it is moved");
    assert_eq!(read(&registry, digest).await.as_deref(), Some(&content[..]));
    assert_eq!(registry.verify().await.expect("it holds").without_content, 0);
    attach(&registry, content).await;
    assert_eq!(registry.number("SELECT CAST(count(*) AS bigint) FROM document_chunk").await, 0, "it is stored already");

    registry.execute("UPDATE document_content SET content = substr(content, 2)").await.expect("it is damaged");
    assert_eq!(broken(&registry).await, format!("document_content {digest}: it is not what its digest says"));
    attach(&registry, content).await;
    assert_eq!(read(&registry, digest).await.as_deref(), Some(&content[..]));
}

/// The only file in a folder, at any depth.
fn only_file(folder: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (only, none) = (entries.next().expect("a file"), entries.next());
    assert_eq!(none, None);
    if only.is_dir() { only_file(&only) } else { only }
}

async fn contents_can_be_stored_in_a_folder(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let folder = registry.folder("documents");
    let with_folder = registry.keeping_documents_in(&folder).await;
    let content = large();
    attach(&with_folder, &content).await;
    let digest = Digest::of(&content);
    let text = digest.to_string();
    let digits = text.strip_prefix("sha-256:").expect("its algorithm");
    assert_eq!(only_file(&folder), folder.join(&digits[..2]).join(&digits[2..]));
    assert!(std::fs::read(only_file(&folder)).expect("a file") == content);
    assert!(read(&with_folder, digest).await.expect("it is stored") == content);
    assert_eq!(with_folder.verify().await.expect("it holds").without_content, 0);
    // Without the folder's configuration there is no content.
    registry.follow().await;
    assert_eq!(read(&registry, digest).await, None);
    assert_eq!(registry.verify().await.expect("the records hold").without_content, 1);
    // Contents stored in the database before the folder was configured are still found.
    attach(&registry, &content).await;
    std::fs::remove_dir_all(&folder).expect("it goes");
    assert!(read(&with_folder, digest).await.expect("it is stored") == content);
}

async fn a_damaged_file_is_noticed(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let folder = registry.folder("documents");
    let with_folder = registry.keeping_documents_in(&folder).await;
    let content = large();
    let digest = Digest::of(&content);
    attach(&with_folder, &content).await;
    for damaged in [&content[..content.len() - 1], &content[..1 << 20], b"%PDF-1.7\n2\n", b""] {
        std::fs::write(only_file(&folder), damaged).expect("it is damaged");
        assert!(with_folder.store().content(digest).await.is_err());
        assert!(broken(&with_folder).await.starts_with("document_content sha-256:"));
        // Attaching it again repairs it.
        attach(&with_folder, &content).await;
        assert!(read(&with_folder, digest).await.expect("it is stored") == content);
    }
}

async fn a_backup_has_the_contents(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let content = large();
    attach(&registry, &content).await;
    let file = registry.file("backup.ndjson", "");
    registry.store().backup(&file, IfExists::Replace).await.expect("it is made");
    for engine in [Engine::Sqlite, Engine::PostgreSql].into_iter().filter(|engine| engine.is_there()) {
        let empty = Scratch::new(engine).await;
        restore(&empty.url.parse().expect("an address"), &file)
            .await
            .expect("it is restored")
            .close()
            .await
            .expect("it closes");
        let copy = TestRegistry::at(&empty.url, OpenOptions::default()).await;
        assert!(read(&copy, Digest::of(&content)).await.expect("it is stored") == content);
    }
}
