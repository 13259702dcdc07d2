//! Verifies the readers of restricted entries: exactly those who may see what the entry changed.

use std::collections::{BTreeSet, HashMap};

use chrono::Months;
use domain::calendar::day_in_china;
use domain::journal::Action;
use domain::visibility::audience::{self, EntryAudience};
use domain::{Agreement, Change, Date, Document, InRecord as _, Record, RecordKind, Revision};

use super::{Verifier, inconsistent};
use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery, Order};

/// The longest time without a running gateway, which records date-driven changes: ten years.
const LONGEST_SILENCE: Months = Months::new(120);

/// A restricted entry.
pub(super) struct Restricted<'a> {
    pub(super) change: &'a Change,
    /// The record's previous entry.
    pub(super) before: Option<Revision>,
    pub(super) readers: BTreeSet<i64>,
}

impl Verifier<'_> {
    pub(super) async fn readers(&self, entries: &[Restricted<'_>], code_index: &CodeIndex) -> Result<()> {
        let before = journal::at(self.tx, entries.iter().filter_map(|entry| entry.before)).await?;
        let before: HashMap<Revision, &Change> = before.iter().map(|change| (change.revision, change)).collect();
        for Restricted { change, before: at, readers } in entries {
            let earlier = at.and_then(|at| before.get(&at).copied());
            let expected = match change.kind {
                RecordKind::Document => self.of_document(earlier, change).await?,
                _ => of_agreement(earlier, change),
            };
            if !expected.iter().any(|expected| reader_ids(expected, code_index).as_ref() == Some(readers)) {
                return inconsistent(
                    "journal_reader",
                    change.revision,
                    "its readers do not match who may see the change",
                );
            }
        }
        Ok(())
    }

    /// Possible readers of a change of a document. The agreement or the day may have changed instead.
    async fn of_document(&self, before: Option<&Change>, change: &Change) -> Result<Vec<EntryAudience>> {
        let [was, is] = [before, Some(change)].map(|change| change.and_then(record).and_then(Document::from_record));
        let Some(document) = is.as_ref().or(was.as_ref()) else { return Ok(Vec::new()) };
        let agreements = self.agreements(document, change.revision).await?;
        let Some(newest) = agreements.first() else { return Ok(Vec::new()) };
        let earlier = agreements.get(1).unwrap_or(newest);
        let mut expected = Vec::new();
        for day in days(change) {
            expected.push(audience::audience_of_document(newest, was.as_ref(), is.as_ref(), day));
            expected.extend(audience::audience_of_document_visibility(document, (earlier, day), (newest, day)));
        }
        for (before, day) in turns(newest, change) {
            expected.extend(audience::audience_of_document_visibility(document, (newest, before), (newest, day)));
        }
        Ok(expected)
    }

    /// The agreement of a document at a revision, and before its newest change then.
    async fn agreements(&self, document: &Document, at: Revision) -> Result<Vec<Agreement>> {
        let Some(agreement) = self.agreements.get(&document.agreement.to_string()) else { return Ok(Vec::new()) };
        let record = Some((RecordKind::Agreement, *agreement));
        let query = ChangeQuery {
            through: at,
            record,
            seen_by: JournalReader::All,
            order: Order::NewestFirst,
            limit: 2,
            ..ChangeQuery::default()
        };
        Ok(journal::changes(self.tx, &query).await?.iter().filter_map(agreement_of).collect())
    }
}

/// Possible readers of a change of an agreement.
fn of_agreement(before: Option<&Change>, change: &Change) -> Vec<EntryAudience> {
    let [was, is] = [before, Some(change)].map(|change| change.and_then(agreement_of));
    let mut expected: Vec<EntryAudience> =
        days(change).map(|day| audience::audience_of_change(was.as_ref(), is.as_ref(), day)).collect();
    if let Some(agreement) = &is
        && before.is_some_and(|before| before.document == change.document)
    {
        expected.extend(days(change).map(|day| audience::audience_of_change(None, Some(agreement), day)));
        if change.action == Action::Lapsed {
            expected.extend(turns(agreement, change).map(|(_, day)| audience::audience_of_lapse(agreement, day)));
        }
        if change.action == Action::ConsultationEnded {
            let ends = turns(agreement, change);
            expected.extend(ends.map(|(_, day)| audience::audience_of_consultation_end(agreement, day)));
        }
    }
    expected
}

/// The possible days of an entry: a mutation that began before midnight may have been recorded after it.
fn days(change: &Change) -> impl Iterator<Item = Date> + use<> {
    let day = day_in_china(change.recorded_at);
    [Some(day), day.pred_opt()].into_iter().flatten()
}

/// Days up to that of an entry on which the date alone changes who sees an agreement, each with the day before.
fn turns(agreement: &Agreement, change: &Change) -> impl Iterator<Item = (Date, Date)> + use<> {
    let recorded = day_in_china(change.recorded_at);
    let since = recorded.checked_sub_months(LONGEST_SILENCE).unwrap_or(Date::MIN);
    let mut turns: BTreeSet<Date> = agreement.date_changes(since, recorded).into_iter().map(|(day, _)| day).collect();
    turns.insert(recorded);
    turns.into_iter().filter_map(|day| Some((day.pred_opt()?, day)))
}

/// How readers are stored; `None`: the entry is public.
fn reader_ids(readers: &EntryAudience, code_index: &CodeIndex) -> Option<BTreeSet<i64>> {
    let EntryAudience::Only(districts) = readers else { return None };
    let reader_ids: BTreeSet<i64> = districts
        .iter()
        .filter_map(|(code, readership)| Some(journal::reader::reader(code_index.find_district(*code)?, *readership)))
        .collect();
    Some(if reader_ids.is_empty() { BTreeSet::from([journal::append::NOBODY]) } else { reader_ids })
}

fn record(change: &Change) -> Option<Record> {
    Record::from_line(change.document.as_deref()?).ok()
}

fn agreement_of(change: &Change) -> Option<Agreement> {
    record(change).and_then(Agreement::from_record)
}
