//! `tongban restore`: restores a backup into an empty database, in a new epoch, and verifies it.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::registry::{Missing, Registry};
use super::terminal;
use super::terminal::Bar;

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    pub(super) registry: Registry,
    /// A file of `tongban backup`
    file: PathBuf,
}

impl Restore {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = persistence::restore(&self.registry.url(Missing::Created)?, &self.file).await?;
        let bar = Bar::new();
        let verified = store.verify(&|done, of| bar.show("", done, of)).await;
        bar.end();
        let verified = verified?;
        Ok(terminal::print(&format!(
            "revision {}: {} records, {}\n",
            verified.revision, verified.records, verified.digest
        ))?)
    }
}
