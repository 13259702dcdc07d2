//! `tongban restore`: an empty database becomes the registry that was copied, in a new epoch, and is proven.

use std::path::PathBuf;

use clap::Args;

use super::terminal::Bar;
use super::{Failure, Missing, Registry, terminal};

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    pub(super) registry: Registry,
    /// What `tongban backup` wrote
    file: PathBuf,
}

impl Restore {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = persistence::restore(&self.registry.found(Missing::Made)?, &self.file).await?;
        let bar = Bar::new();
        let verified = store.verify(&|done, of| bar.show("", done, of)).await;
        bar.end();
        let verified = verified?;
        Ok(terminal::print(&format!("revision {}: {} records, {}\n", verified.revision, verified.records, verified.digest))?)
    }
}
