//! A unit of work: the only way to write. It locks the head row first, so that writes are serial; every record it
//! writes gets a journal entry in the same transaction.

use std::collections::BTreeSet;

use chrono::SubsecRound as _;
use domain::journal::Action;
use domain::{Change, DistrictCode, Record, RecordKind, Revision};
use sea_orm::DatabaseTransaction;
use tracing::instrument;

use super::context::{WorkMode, WriteContext};
use crate::clock::{Clock, TimeTaken};
use crate::code_index::CodeIndex;
use crate::connection::listen::Notifier;
use crate::content::ContentStore;
use crate::error::Result;
use crate::head::Head;
use crate::journal::append::{Access, Entry, append};
use crate::spans::SPAN_TARGET;
use crate::table::Table as _;

/// A unit of work. If it is dropped without `commit`, nothing was written.
#[derive(Debug)]
pub struct Work {
    pub(super) notifier: Notifier,
    pub(super) contents: ContentStore,
    pub(super) tx: DatabaseTransaction,
    pub(super) by: WriteContext,
    pub(super) before: Revision,
    pub(super) head: Head,
    pub(super) clock: Clock,
    pub(super) code_index: CodeIndex,
    pub(super) unwritten: Vec<Entry>,
    pub(super) mode: WorkMode,
    /// Is there something to commit beside journal and records?
    pub(super) has_side_writes: bool,
    /// Number of writes.
    pub(super) writes: u64,
}

/// The state of a unit of work. It stays the same as long as nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    revision: Revision,
    writes: u64,
}

impl Work {
    pub(crate) fn new(
        notifier: Notifier,
        contents: ContentStore,
        tx: DatabaseTransaction,
        head: Head,
        clock: Clock,
        by: WriteContext,
        mode: WorkMode,
    ) -> Self {
        let (before, code_index) = (head.revision, CodeIndex::default());
        let mut work = Self {
            notifier,
            contents,
            tx,
            by,
            before,
            head,
            clock,
            code_index,
            unwritten: Vec::new(),
            mode,
            has_side_writes: false,
            writes: 0,
        };
        work.by = work.clamp_time(work.by.clone());
        work
    }

    /// Times in the journal never decrease.
    fn clamp_time(&self, by: WriteContext) -> WriteContext {
        WriteContext { now: by.now.trunc_subsecs(6).max(self.head.recorded_at), ..by }
    }

    /// Continues for another writer.
    pub(crate) fn continue_as(&mut self, by: WriteContext) -> Result<()> {
        self.clock.check(by.now, &self.head, TimeTaken::JustNow)?;
        self.by = self.clamp_time(by);
        Ok(())
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { revision: self.head.revision, writes: self.writes }
    }

    /// Takes over loaded codes from an earlier unit of work on the same registry.
    pub(crate) fn use_codes(&mut self, code_index: CodeIndex) {
        self.code_index = code_index;
    }

    /// The revision before its first change.
    pub fn base(&self) -> Revision {
        self.before
    }

    /// Sets on whose behalf it is done, if that is known only later.
    pub fn on_behalf_of(&mut self, district: Option<DistrictCode>) {
        self.by.on_behalf_of = district;
    }

    /// Commits. Returns the changes in the order of their revisions.
    pub async fn commit(self) -> Result<Vec<Change>> {
        Ok(self.commit_with_codes().await?.0)
    }

    /// The same; returns the loaded codes too.
    #[instrument(name = "database commit", level = "trace", target = SPAN_TARGET, skip_all)]
    pub(crate) async fn commit_with_codes(mut self) -> Result<(Vec<Change>, CodeIndex)> {
        if self.head.revision == self.before {
            if self.has_side_writes {
                self.head.write(&self.tx).await?;
                self.tx.commit().await?;
            }
            return Ok((Vec::new(), self.code_index));
        }
        self.flush().await?;
        self.head.write(&self.tx).await?;
        self.notifier.notify_others(&self.tx, self.head.revision).await?;
        self.tx.commit().await?;
        self.notifier.wake();
        let changes = match self.mode {
            WorkMode::Collect(changes) => changes,
            WorkMode::Discard | WorkMode::DryRun => Vec::new(),
        };
        Ok((changes, self.code_index))
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    pub(crate) fn code_index(&self) -> &CodeIndex {
        &self.code_index
    }

    /// Loads the codes that these records name.
    pub(crate) async fn load_codes(&mut self, records: &[&Record]) -> Result<()> {
        let (mut districts, mut matters) = (BTreeSet::new(), BTreeSet::new());
        for record in records {
            match record {
                Record::District(record) => districts.extend(record.all_codes()),
                Record::Matter(record) => {
                    matters.insert(record.code);
                }
                Record::Offering(record) => {
                    districts.insert(record.district);
                    matters.extend(record.matter);
                }
                Record::Window(record) => {
                    districts.insert(record.district);
                }
                Record::Agreement(record) => districts.extend(record.districts()),
                Record::Policy(_) => {}
                Record::Document(record) => {
                    districts.insert(record.party);
                }
            }
        }
        self.code_index.load(&self.tx, districts, matters).await
    }

    pub(crate) async fn load_districts(&mut self, districts: BTreeSet<DistrictCode>) -> Result<()> {
        self.code_index.load(&self.tx, districts, BTreeSet::new()).await
    }

    pub(super) fn append(
        &mut self,
        kind: RecordKind,
        action: Action,
        record: Option<Revision>,
        document: Option<String>,
        mut districts: Vec<i64>,
        access: Access,
    ) -> Change {
        districts.sort_unstable();
        districts.dedup();
        let revision = self.head.revision + 1;
        let mut change = Change {
            revision,
            recorded_at: self.by.now,
            actor: self.by.actor.clone(),
            on_behalf_of: self.by.on_behalf_of,
            kind,
            action,
            record: record.unwrap_or(revision),
            document,
            previous: self.head.digest,
            digest: self.head.digest,
        };
        change.digest = change.computed_digest();
        self.head.revision = revision;
        self.head.digest = change.digest;
        self.head.recorded_at = change.recorded_at;
        self.unwritten.push(Entry { change: change.clone(), districts, access });
        change
    }

    /// The last entry of this unit of work.
    pub(super) fn newest(&self) -> Option<&Change> {
        match (self.unwritten.last(), &self.mode) {
            (Some(entry), _) => Some(&entry.change),
            (None, WorkMode::Collect(changes)) => changes.last(),
            (None, WorkMode::Discard | WorkMode::DryRun) => None,
        }
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.unwritten);
        match &mut self.mode {
            WorkMode::DryRun => return Ok(()),
            WorkMode::Discard => append(&self.tx, &entries).await?,
            WorkMode::Collect(changes) => {
                append(&self.tx, &entries).await?;
                changes.extend(entries.into_iter().map(|entry| entry.change));
            }
        }
        Ok(())
    }
}
