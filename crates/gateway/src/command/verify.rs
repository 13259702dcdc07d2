//! `tongban verify`: proves the journal's chain, and that the records are what it says.

use std::path::PathBuf;

use clap::Args;

use super::terminal::Bar;
use super::{Failure, Registry, terminal};

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    registry: Registry,
    /// The folder with the contents of documents, where serve keeps them in one
    #[arg(long, env = "TONGBAN_DOCUMENTS", value_name = "DIR")]
    documents: Option<PathBuf>,
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = self.registry.open_with_documents(self.documents).await?;
        let bar = Bar::new();
        let verified = store.verify(&|done, of| bar.show("", done, of)).await;
        bar.end();
        let verified = verified?;
        if verified.without_content > 0 {
            tracing::warn!("{} documents have no content here: an import brings none", verified.without_content);
        }
        Ok(terminal::print(&format!("revision {}: {} records, {}\n", verified.revision, verified.records, verified.digest))?)
    }
}
