//! `tongban verify`: proves the journal's chain, and that the records are what it says.

use clap::Args;

use super::terminal::Bar;
use super::{Failure, Registry, terminal};

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    registry: Registry,
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = self.registry.open_to_read().await?;
        let bar = Bar::new();
        let verified = store.verify(&|done, of| bar.show("", done, of)).await;
        bar.end();
        let verified = verified?;
        Ok(terminal::print(&format!("revision {}: {} records, {}\n", verified.revision, verified.records, verified.digest))?)
    }
}
