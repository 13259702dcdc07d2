//! Reads and writes several offerings or windows at once, as lists of a district have them.

use std::collections::{BTreeSet, HashMap};

use domain::{InRecord as _, Offering, Record, Revision, Window};

use super::result::JournalAction;
use super::unit_of_work::Work;
use crate::error::Result;
use crate::table::StoredRecord;
use crate::{offering, window};

/// The most keys of one statement.
const KEYS_PER_QUERY: usize = 1_000;

/// A stored record and its newest revision.
#[derive(Debug, Clone)]
pub struct Stored {
    pub record: Record,
    pub revision: Revision,
}

impl Work {
    /// The stored records with the same natural keys, in the order of the given ones. A record that names an unknown
    /// district or matter has none.
    pub async fn stored_several(&mut self, records: &[Record]) -> Result<Vec<Option<Stored>>> {
        let found = self.found(records).await?;
        let read = |(record, stored): (&Record, Option<StoredRecord>)| {
            let Some(stored) = stored else { return Ok(None) };
            let revision = stored.revision.unsigned_abs();
            let record = match record {
                Record::Offering(_) => stored.read::<Offering>()?.record.into_record(),
                _ => stored.read::<Window>()?.record.into_record(),
            };
            Ok(Some(Stored { record, revision }))
        };
        records.iter().zip(found).map(read).collect()
    }

    /// Writes offerings, or windows, that have different keys. Returns the id and the revision of the last record that
    /// changed.
    pub async fn put_several(&mut self, records: Vec<Record>) -> Result<Option<(Revision, Revision)>> {
        let before = self.head.revision;
        let found = self.found(&records).await?;
        let lines: Vec<_> = found.into_iter().zip(records).collect();
        let (offerings, windows): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|(_, record)| matches!(record, Record::Offering(_)));
        self.put_all::<Offering>(offerings, JournalAction::Automatic).await?;
        self.put_all::<Window>(windows, JournalAction::Automatic).await?;
        let newest = self.newest().filter(|_| self.head.revision > before);
        Ok(newest.map(|change| (change.record, change.revision)))
    }

    async fn found(&mut self, records: &[Record]) -> Result<Vec<Option<StoredRecord>>> {
        let own = |record: &Record| {
            Offering::of(record).map(|of| of.district).or(Window::of(record).map(|window| window.district))
        };
        let districts = records.iter().filter_map(own).collect();
        let matters = records.iter().filter_map(|record| Offering::of(record)?.matter).collect();
        self.code_index.load(&self.tx, districts, matters).await?;
        let district = |code| self.code_index.find_district(code);
        let key = |record: &Record| {
            let of = Offering::of(record)?;
            let matter = of.matter.and_then(|code| self.code_index.find_matter(code));
            offering::natural_key(district(of.district)?, matter, of.source_code.as_deref())
        };
        let keys: Vec<Option<String>> = records.iter().map(key).collect();
        let mut offerings = HashMap::new();
        let known: Vec<String> = keys.iter().flatten().cloned().collect();
        for keys in known.chunks(KEYS_PER_QUERY) {
            offerings.extend(offering::by_natural_key(&self.tx, keys.to_vec()).await?);
        }
        let of_windows: BTreeSet<i64> =
            records.iter().filter_map(|record| district(Window::of(record)?.district)).collect();
        let windows =
            if of_windows.is_empty() { HashMap::new() } else { window::of_districts(&self.tx, of_windows).await? };
        let stored = |(record, key): (&Record, &Option<String>)| match record {
            Record::Window(window) => windows.get(&(district(window.district)?, window.name.to_string())).cloned(),
            _ => offerings.get(key.as_ref()?).cloned(),
        };
        Ok(records.iter().zip(&keys).map(stored).collect())
    }
}
