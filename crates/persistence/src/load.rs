//! Loads a snapshot of the whole registry.

use std::collections::VecDeque;

use catalogue::{BuildError, Snapshot, SnapshotBuilder};
use domain::{Agreement, District, Document, Matter, Policy, Recorded, Window};
use sea_orm::{DatabaseTransaction, DbBackend};
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::head::Head;
use crate::number::column;
use crate::store::Store;
use crate::table::{self, StoredRecord, Table};
use crate::{offering, policy};

const PAGE: u64 = 1_000;
/// Pages that are decoded in parallel.
const DECODED_PAGES: usize = 2;
/// Chunks of lines that wait for the catalogue.
const QUEUED_CHUNKS: usize = 32;

impl Store {
    /// Loads the current snapshot.
    pub async fn load(&self) -> Result<Snapshot> {
        let tx = self.begin_read().await?;
        let head = Head::read(&tx).await?;
        let mut builder = SnapshotBuilder::new((&head).into());
        each(&tx, |record: Recorded<District>| builder.district(record)).await?;
        each(&tx, |record: Recorded<Matter>| builder.matter(record)).await?;
        each(&tx, |record: Recorded<Window>| builder.window(record)).await?;
        each(&tx, |record: Recorded<Agreement>| builder.agreement(record)).await?;
        let mut replaced = policy::replaced(&tx).await?;
        each(&tx, |record: Recorded<Policy>| {
            let replaced = replaced.remove(&record.id);
            builder.policy(record, replaced);
        })
        .await?;
        each(&tx, |record: Recorded<Document>| builder.document(record)).await?;
        // There are millions of offerings: the catalogue takes one chunk while the database sends the next.
        let (to, mut lines) = mpsc::channel::<offering::Lines>(QUEUED_CHUNKS);
        let building = tokio::task::spawn_blocking(move || {
            let unreadable = |error: BuildError| Error::Unreadable(error.to_string());
            while let Some(lines) = lines.blocking_recv() {
                for (district, matter, brief) in lines.read()? {
                    builder.offering(district, matter, brief).map_err(unreadable)?;
                }
            }
            builder.finish().map_err(unreadable)
        });
        let sent = if self.backend() == DbBackend::Sqlite {
            offering::lines(&tx, column(head.revision), to).await
        } else {
            offering::copy_lines(&tx, self.reader().get_postgres_connection_pool(), to).await
        };
        let built = building.await.map_err(|error| Error::Unreadable(error.to_string()))?;
        sent.and(built)
    }
}

/// Reads all records of a kind. Pages are decoded on other threads while the next one is fetched.
pub(crate) async fn each<T: Table>(tx: &DatabaseTransaction, mut take: impl FnMut(Recorded<T>)) -> Result<()> {
    let mut pages = VecDeque::new();
    let mut after = 0;
    loop {
        let page = table::page::<T>(tx, after, PAGE).await?;
        let last = page.last().map(|last| last.id);
        if let Some(last) = last {
            after = last;
            pages.push_back(tokio::task::spawn_blocking(move || {
                page.into_iter().map(StoredRecord::read::<T>).collect::<Result<Vec<_>>>()
            }));
        }
        while pages.len() > last.map_or(0, |_| DECODED_PAGES) {
            let Some(page) = pages.pop_front() else { break };
            page.await
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?
                .into_iter()
                .for_each(&mut take);
        }
        if last.is_none() {
            return Ok(());
        }
    }
}
