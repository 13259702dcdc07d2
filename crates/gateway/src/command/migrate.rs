//! `tongban migrate`: brings the tables up to this version, under a lock.

use clap::Args;
use persistence::{OpenOptions, Store};

use super::{Failure, Registry, terminal};

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    registry: Registry,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Failure> {
        Store::open(&self.registry.database, OpenOptions { migrate: true, read_only: false, ..OpenOptions::default() }).await?;
        Ok(terminal::print("the tables are those of this version\n")?)
    }
}
