//! Cache of complete offerings by revision. A record at a revision never changes, so entries never expire; the cache is
//! cleared only when another journal was loaded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use catalogue::Kept;
use domain::{Id, Offering, Record, RecordKind, Recorded, Revision};
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
    pub(crate) async fn offerings(&self, db: &impl ConnectionTrait, wanted: &[(Id<Offering>, Revision)]) -> Result<Vec<Kept<Offering>>> {
        let mut found = self.cached(wanted);
        let missing: Vec<Revision> = wanted.iter().map(|(_, revision)| *revision).filter(|revision| !found.contains_key(revision)).collect();
        for chunk in missing.chunks(1_000) {
            for change in journal::at(db, chunk.iter().copied()).await? {
                let corrupt = || Error::corrupt(journal::row::TABLE, "document", change.revision);
                let line = change.document.as_deref().filter(|_| change.kind == RecordKind::Offering).ok_or_else(corrupt)?;
                let Ok(Record::Offering(record)) = Record::from_line(line) else { return Err(corrupt()) };
                let offering = Arc::new(Recorded { id: Id::new(change.record), revision: change.revision, record: *record });
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(offering.clone());
                found.insert(change.revision, offering);
            }
        }
        let in_order = |(id, revision): &(Id<Offering>, Revision)| found.get(revision).filter(|offering| offering.id == *id).cloned();
        wanted.iter().map(|key| in_order(key).ok_or_else(|| Error::corrupt(journal::row::TABLE, "record", key.1))).collect()
    }

    /// Clears the cache when another journal is followed.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }

    fn cached(&self, wanted: &[(Id<Offering>, Revision)]) -> HashMap<Revision, Kept<Offering>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.iter().filter_map(|(_, revision)| Some((*revision, generations.find(*revision)?))).collect()
    }
}
