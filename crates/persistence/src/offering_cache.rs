//! Cache of complete offerings by revision. A record at a revision never changes, so entries never expire; the cache is
//! cleared only when another journal was loaded.

use std::sync::{Arc, Mutex, PoisonError};

use catalogue::Kept;
use domain::{Id, Offering, Record, RecordKind, Recorded, Revision};
use foldhash::HashMap;
use sea_orm::ConnectionTrait;

use crate::error::{Error, Result};
use crate::journal;

/// The cache holds up to twice this many.
const GENERATION_SIZE: usize = 2_048;

/// A cache of two generations: when the young one is full it becomes the old one, and the old one is dropped.
#[derive(Debug, Default)]
pub(crate) struct OfferingCache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Revision, Kept<Offering>>,
    old: HashMap<Revision, Kept<Offering>>,
}

impl Generations {
    fn find(&mut self, revision: Revision) -> Option<Kept<Offering>> {
        if let Some(offering) = self.young.get(&revision) {
            return Some(offering.clone());
        }
        let offering = self.old.remove(&revision)?;
        self.insert(offering.clone());
        Some(offering)
    }

    fn insert(&mut self, offering: Kept<Offering>) {
        if self.young.len() >= GENERATION_SIZE {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(offering.revision, offering);
    }
}

impl OfferingCache {
    /// Offerings at given revisions, in the given order; one statement for a page.
    pub(crate) async fn offerings(
        &self,
        db: &impl ConnectionTrait,
        wanted: &[(Id<Offering>, Revision)],
    ) -> Result<Vec<Kept<Offering>>> {
        let mut found = self.cached(wanted);
        let missing: Vec<Revision> = wanted
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none())
            .map(|((_, revision), _)| *revision)
            .collect();
        // On the heap: most pages are in the cache, and their futures should be small.
        let read = if missing.is_empty() { HashMap::default() } else { Box::pin(self.read(db, &missing)).await? };
        let entries = wanted.iter().zip(found.iter_mut());
        let of_wanted = entries.map(|((id, revision), found)| {
            let offering = found.take().or_else(|| read.get(revision).cloned()).filter(|offering| offering.id == *id);
            offering.ok_or_else(|| Error::corrupt(journal::row::TABLE, "record", *revision))
        });
        of_wanted.collect()
    }

    /// Offerings from the database. They are put into the cache.
    async fn read(&self, db: &impl ConnectionTrait, missing: &[Revision]) -> Result<HashMap<Revision, Kept<Offering>>> {
        let mut read = HashMap::default();
        for chunk in missing.chunks(1_000) {
            for change in journal::at(db, chunk.iter().copied()).await? {
                let corrupt = || Error::corrupt(journal::row::TABLE, "document", change.revision);
                let line =
                    change.document.as_deref().filter(|_| change.kind == RecordKind::Offering).ok_or_else(corrupt)?;
                let Ok(Record::Offering(record)) = Record::from_line(line) else { return Err(corrupt()) };
                let offering =
                    Arc::new(Recorded { id: Id::new(change.record), revision: change.revision, record: *record });
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(offering.clone());
                read.insert(change.revision, offering);
            }
        }
        Ok(read)
    }

    /// Clears the cache when another journal is followed.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }

    /// Those that are in the cache, in the given order.
    fn cached(&self, wanted: &[(Id<Offering>, Revision)]) -> Vec<Option<Kept<Offering>>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.iter().map(|(_, revision)| generations.find(*revision)).collect()
    }
}
