//! `tongban verify`: verifies the hash chain of the journal, and that the records match it; of a registry, or of a
//! backup.

use std::path::{Path, PathBuf};

use clap::Args;
use domain::Digest;
use persistence::Store;
use tempfile::TempDir;

use super::failure::Failure;
use super::registry::Registry;
use super::said::Said;
use super::terminal;
use super::terminal::Bar;

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    registry: Registry,
    /// The folder with the contents of documents, if serve stores them in one
    #[arg(long, env = "TONGBAN_DOCUMENTS", value_name = "DIR")]
    documents: Option<PathBuf>,
    /// Verify a file of `tongban backup` instead, in a temporary database
    #[arg(long, env = "TONGBAN_BACKUP", value_name = "FILE")]
    backup: Option<PathBuf>,
    /// The digest of an earlier head: the journal must still have that entry
    #[arg(long, env = "TONGBAN_HEAD", value_name = "DIGEST", value_parser = digest)]
    head: Option<Digest>,
}

fn digest(text: &str) -> Result<Digest, Said> {
    text.trim().parse().map_err(|_| {
        Said::new(
            "摘要形如 sha-256: 加 64 位十六进制数，见本平台的 head",
            "a digest looks like sha-256: and 64 hexadecimal digits, as `head` of the registry has it",
        )
    })
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Some(file) = self.backup else {
            let store = self.registry.open_with_documents(self.documents).await?;
            return verify(&store, self.head).await;
        };
        let folder = TempDir::with_prefix("tongban-")?;
        let store = restored(&file, folder.path()).await?;
        let proven = verify(&store, self.head).await;
        store.close().await?;
        folder.close()?;
        proven
    }
}

async fn restored(file: &Path, folder: &Path) -> Result<Store, Failure> {
    let url = format!("sqlite://{}", folder.join("tongban.db").display()).parse()?;
    tracing::info!("the registry is the backup {}", file.display());
    Ok(persistence::restore(&url, file).await?)
}

async fn verify(store: &Store, head: Option<Digest>) -> Result<(), Failure> {
    let bar = Bar::new();
    let verified = store.verify(&|done, of| bar.show("", done, of)).await;
    bar.end();
    let verified = verified?;
    if verified.without_content > 0 {
        tracing::warn!("{} documents have no content here: an import carries none", verified.without_content);
    }
    let mut said = format!("revision {}: {} records, {}\n", verified.revision, verified.records, verified.digest);
    if let Some(head) = head {
        let found = store.revision_of(head).await?.ok_or_else(|| {
            Failure::said(
                format!("日志中没有摘要为 {head} 的条目：这是另一份日志，或末尾有缺失"),
                format!("no entry of the journal has the digest {head}: it is another journal, or entries at its end are missing"),
            )
        })?;
        said += &format!("the given head is its revision {found}\n");
    }
    Ok(terminal::print(&said)?)
}
