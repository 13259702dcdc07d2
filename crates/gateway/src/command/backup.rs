//! `tongban backup`: everything that the database keeps, in a file, while the registry runs.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Registry, terminal};

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    registry: Registry,
    /// The file to write
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = self.registry.open_to_read().await?;
        let backup = store.backup(&self.file).await?;
        Ok(terminal::print(&format!("revision {}: {} rows, {}\n", backup.revision, backup.rows, backup.digest))?)
    }
}
