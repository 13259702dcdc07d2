//! Verifies the chain of the journal and its superseded entries.

use std::collections::{BTreeSet, HashMap};

use domain::calendar::day_in_china;
use domain::{Agreement, AgreementNumber, Change, Date, Digest, InRecord as _, Record, RecordKind, Revision};
use serde::Deserialize;

use super::readers::Restricted;
use super::{Newest, PAGE, Verifier, entry_digest, inconsistent, named, or_inconsistent};
use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::head::Head;
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery};
use crate::number::column;

impl Verifier<'_> {
    pub(super) async fn journal(&mut self, head: &Head, code_index: &CodeIndex) -> Result<()> {
        let (mut revision, mut digest, mut recorded_at) = (0, Digest::GENESIS, None);
        loop {
            let query = ChangeQuery {
                since: revision,
                through: Revision::MAX >> 1,
                seen_by: JournalReader::All,
                limit: PAGE,
                ..ChangeQuery::default()
            };
            let page = or_inconsistent(journal::changes(self.tx, &query).await)?;
            let Some(last) = page.last() else { break };
            let mut found_by = by_revision(journal::append::districts(self.tx, revision, last.revision).await?);
            let mut read_by = by_revision(journal::append::readers(self.tx, revision, last.revision).await?);
            let restricted = journal::append::restricted(self.tx, revision, last.revision).await?;
            let mut read: Vec<Restricted<'_>> = Vec::new();
            for change in &page {
                if change.revision != revision + 1 {
                    return inconsistent(journal::row::TABLE, revision + 1, "the entry is missing");
                }
                if change.previous != digest {
                    return inconsistent(
                        journal::row::TABLE,
                        change.revision,
                        "it is not chained to the entry before it",
                    );
                }
                if !change.is_intact() {
                    return inconsistent(journal::row::TABLE, change.revision, "its digest does not match its content");
                }
                (revision, digest, recorded_at) = (change.revision, change.digest, Some(change.recorded_at));
                let is_restricted = restricted.contains(&column(revision));
                let before =
                    self.entry(change, is_restricted, &found_by.remove(&column(revision)).unwrap_or_default())?;
                match (is_restricted, read_by.remove(&column(revision))) {
                    (false, None) => {}
                    (false, Some(_)) => {
                        return inconsistent(journal::row::TABLE, revision, "it has readers, but is public");
                    }
                    (true, None) => {
                        return inconsistent(journal::row::TABLE, revision, "it is restricted, but has no readers");
                    }
                    (true, Some(_)) if !may_be_restricted(change.kind) => {
                        return inconsistent(
                            journal::row::TABLE,
                            revision,
                            "entries of this kind are public, but it is restricted",
                        );
                    }
                    (true, Some(readers)) => read.push(Restricted { change, before, readers }),
                }
            }
            self.readers(&read, code_index).await?;
            if let Some(stray) = read_by.keys().next() {
                return inconsistent("journal_reader", stray, "there is no such revision");
            }
            if let Some(stray) = found_by.keys().next() {
                return inconsistent("journal_district", stray, "there is no such revision");
            }
            self.advance(page.len());
        }
        if !journal::append::readers(self.tx, revision, Revision::MAX >> 1).await?.is_empty() {
            return inconsistent("journal_reader", revision + 1, "there is no such revision");
        }
        if !journal::append::districts(self.tx, revision, Revision::MAX >> 1).await?.is_empty() {
            return inconsistent("journal_district", revision + 1, "there is no such revision");
        }
        if revision != head.revision {
            return inconsistent(
                "head",
                1,
                format!("it says revision {}, the journal ends with {revision}", head.revision),
            );
        }
        if digest != head.digest || recorded_at.is_some_and(|at| at != head.recorded_at) {
            return inconsistent("head", 1, "its digest or time is not that of the last entry");
        }
        Ok(())
    }

    /// An entry refers to a record of the same kind that it or an earlier entry created and that was not removed.
    /// Returns the record's previous entry.
    pub(super) fn entry(
        &mut self,
        change: &Change,
        is_restricted: bool,
        found_by: &BTreeSet<i64>,
    ) -> Result<Option<Revision>> {
        let creates = change.record == change.revision;
        let open_on = (!is_restricted).then(|| day_in_china(change.recorded_at));
        let newest = Newest {
            record: change.record,
            revision: change.revision,
            kind: change.kind,
            is_alive: change.document.is_some(),
            open_on,
            entry_digest: entry_digest(change.document.as_deref().unwrap_or_default(), found_by),
        };
        if creates {
            if let (RecordKind::Agreement, Some(document)) = (change.kind, &change.document)
                && let Ok(Numbered { number }) = serde_json::from_str(document)
            {
                self.agreements.insert(number, change.record);
            }
            self.newest.push(newest);
            return if newest.is_alive {
                Ok(None)
            } else {
                inconsistent(journal::row::TABLE, change.revision, "it creates a record and has no document")
            };
        }
        let known =
            self.position(change.record).filter(|at| self.newest[*at].kind == change.kind && self.newest[*at].is_alive);
        let Some(known) = known else {
            return inconsistent(journal::row::TABLE, change.revision, "it refers to a record that did not exist");
        };
        let before = std::mem::replace(&mut self.newest[known], newest);
        self.superseded.push((before.revision, before.open_on, before.entry_digest));
        if !newest.is_alive {
            self.removed.push((newest.revision, newest.entry_digest, before.revision));
        }
        Ok(Some(before.revision))
    }

    /// Superseded entries too are found by the districts that they name.
    pub(super) async fn superseded(&mut self, code_index: &CodeIndex) -> Result<()> {
        let removed: HashMap<Revision, (Revision, [u8; 16])> =
            self.removed.iter().map(|(removed, entry_digest, before)| (*before, (*removed, *entry_digest))).collect();
        for page in self.superseded.chunks(1_000) {
            let words: HashMap<Revision, (Option<Date>, [u8; 16])> =
                page.iter().map(|(revision, open_on, entry_digest)| (*revision, (*open_on, *entry_digest))).collect();
            for change in journal::at(self.tx, words.keys().copied()).await? {
                let document = change.document.as_deref().unwrap_or_default();
                let Some((open_on, kept)) = words.get(&change.revision) else { continue };
                let named = named(change.kind, document, *open_on)
                    .into_iter()
                    .filter_map(|code| code_index.find_district(code))
                    .collect();
                if *kept != entry_digest(document, &named) {
                    return inconsistent(
                        "journal_district",
                        change.revision,
                        "it is not found by the districts that it names",
                    );
                }
                if let Some((removed, _)) =
                    removed.get(&change.revision).filter(|(_, found_by)| *found_by != entry_digest("", &named))
                {
                    return inconsistent(
                        "journal_district",
                        removed,
                        "it is not found by the districts that the removed record names",
                    );
                }
                if let Some(number) = number(change.kind, document) {
                    self.greatest_serial = Ord::max(self.greatest_serial, number.serial());
                }
            }
        }
        Ok(())
    }
}

/// The number of an agreement, read without the rest of its line.
#[derive(Deserialize)]
struct Numbered {
    number: String,
}

/// The agreement's number in a journal document.
fn number(kind: RecordKind, document: &str) -> Option<AgreementNumber> {
    if kind != RecordKind::Agreement {
        return None;
    }
    Record::from_line(document).ok().and_then(Agreement::from_record).map(|agreement| agreement.number)
}

fn by_revision(pairs: Vec<(i64, i64)>) -> HashMap<i64, BTreeSet<i64>> {
    let mut districts: HashMap<i64, BTreeSet<i64>> = HashMap::new();
    for (revision, district) in pairs {
        districts.entry(revision).or_default().insert(district);
    }
    districts
}

fn may_be_restricted(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Agreement | RecordKind::Document | RecordKind::Person | RecordKind::Grant)
}
