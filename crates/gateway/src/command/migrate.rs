//! `tongban migrate`: migrates the tables to this version, under a lock.

use clap::Args;
use persistence::{OpenOptions, Store};

use super::failure::Failure;
use super::registry::{Missing, Registry};
use super::terminal;

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    pub(super) registry: Registry,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let url = self.registry.url(Missing::Created)?;
        Store::open_at(&url, OpenOptions { migrate: true, ..OpenOptions::default() }).await?;
        Ok(terminal::print("the tables are those of this version\n")?)
    }
}
