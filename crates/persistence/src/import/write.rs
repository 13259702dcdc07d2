//! The third pass of an import: writes the checked records, kind by kind, so that referenced records are written first.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use domain::agreement::Submission;
use domain::calendar::day_in_china;
use domain::record::Submitted;
use domain::{Agreement, AgreementNumber, District, Document, InRecord as _, Matter, Offering, Policy, Record, Window};

use super::agreements::{Candidates, Match};
use super::batch::{Batches, Clauses, Item, ParsedLine, ensure_unchanged};
use super::kind::Kind;
use super::outcome::Outcome;
use super::plan::Plan;
use super::progress::{OnProgress, Progress, Step};
use crate::error::{Error, Result};
use crate::imported_line;
use crate::policy::PolicyIndex;
use crate::table::{self, StoredRecord, Table};
use crate::work::result::{JournalAction, Tally};
use crate::work::unit_of_work::Work;
use crate::{document, offering, window};

struct Writing<'a> {
    work: &'a mut Work,
    plan: &'a Arc<Plan>,
    clauses: Arc<Clauses>,
    progress: OnProgress<'a>,
    done: u64,
    tally: Tally,
    now: DateTime<Utc>,
    /// What becomes of each record, if the caller wants to know.
    outcomes: Option<Vec<Outcome>>,
}

pub(crate) async fn write(
    work: &mut Work,
    plan: &Arc<Plan>,
    last_serial: u32,
    now: DateTime<Utc>,
    progress: OnProgress<'_>,
    with_outcomes: bool,
) -> Result<(Tally, Vec<Outcome>)> {
    let (clauses, _) = Clauses::read(plan).await?;
    work.reserve_serials(last_serial);
    let done = plan.count(Kind::Clause);
    let outcomes = with_outcomes.then(Vec::new);
    let clauses = Arc::new(clauses);
    let mut writing = Writing { work, plan, clauses, progress, done, tally: Tally::default(), now, outcomes };
    writing.districts().await?;
    writing.matters().await?;
    writing.policies().await?;
    writing.offerings().await?;
    writing.windows().await?;
    writing.agreements().await?;
    writing.documents().await?;
    let mut outcomes = writing.outcomes.unwrap_or_default();
    outcomes.sort_by_key(|outcome| outcome.at);
    Ok((writing.tally, outcomes))
}

impl Writing<'_> {
    fn batches(&self, kind: Kind) -> Batches {
        Batches::read(self.plan, kind, &self.clauses)
    }

    /// The records of the next batch.
    async fn next<T>(
        &mut self,
        batches: &mut Batches,
        of: impl Fn(Submitted) -> Option<T>,
    ) -> Result<Option<Vec<ParsedLine<T>>>> {
        let Some(batch) = batches.next().await? else { return Ok(None) };
        ensure_unchanged(self.plan, &batch)?;
        self.done += batch.lines;
        (self.progress)(Progress { step: Step::Writing, done: self.done, of: self.plan.read });
        let valid = batch.items.into_iter().filter_map(|(_, item)| match item {
            Item::Valid(line) => line.filter_map(&of),
            Item::Faulty(_) => None,
        });
        Ok(Some(valid.collect()))
    }

    /// Merges lines into the records that they mean and writes them. The last imported line of a record changes
    /// nothing.
    async fn put<T: Table>(&mut self, lines: Vec<(Option<StoredRecord>, ParsedLine<Record>)>) -> Result<()> {
        let last =
            imported_line::by_record(self.work.tx(), lines.iter().filter_map(|(stored, _)| Some(stored.as_ref()?.id)))
                .await?;
        let (mut records, mut digests) = (Vec::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
        for (stored, line) in lines {
            let record = match &stored {
                Some(stored) if last.get(&stored.id) == Some(&line.digest) => {
                    self.tally.unchanged += 1;
                    if let Some(outcomes) = &mut self.outcomes {
                        outcomes.push(Outcome::unchanged(line.at));
                    }
                    continue;
                }
                Some(stored) => line.record.over(stored.clone().read::<T>()?.record.into_record(), line.end),
                None => line.record,
            };
            if let Some(outcomes) = &mut self.outcomes {
                outcomes.push(Outcome::of(line.at, stored.as_ref().map(|stored| stored.body.as_str()), &record));
            }
            records.push((stored, record));
            digests.push(line.digest);
        }
        let written = self.work.put_all::<T>(records, JournalAction::Automatic).await?;
        self.tally += written.tally;
        self.work.save_lines(&written.ids.into_iter().zip(digests).collect::<Vec<_>>()).await
    }

    async fn districts(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::District);
        while let Some(batch) = self.next(&mut batches, Submitted::into_numbered).await? {
            self.put_by_id::<District>(batch, |work, record| {
                work.code_index().find_district(District::of(record)?.code)
            })
            .await?;
        }
        Ok(())
    }

    async fn matters(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Matter);
        while let Some(batch) = self.next(&mut batches, Submitted::into_numbered).await? {
            self.put_by_id::<Matter>(batch, |work, record| work.code_index().find_matter(Matter::of(record)?.code))
                .await?;
        }
        Ok(())
    }

    async fn put_by_id<T: Table>(
        &mut self,
        batch: Vec<ParsedLine<Record>>,
        id: impl Fn(&Work, &Record) -> Option<i64>,
    ) -> Result<()> {
        self.work.load_codes(&records(&batch)).await?;
        let ids: Vec<_> = batch.iter().map(|line| id(self.work, &line.record)).collect();
        let mut stored = table::by_id::<T>(self.work.tx(), ids.iter().flatten().copied()).await?;
        let lines = ids.into_iter().zip(batch).map(|(id, line)| (id.and_then(|id| stored.remove(&id)), line)).collect();
        self.put::<T>(lines).await
    }

    async fn policies(&mut self) -> Result<()> {
        let known = PolicyIndex::read(table::page::<Policy>(self.work.tx(), 0, u64::from(u32::MAX)).await?)?;
        let mut batches = self.batches(Kind::Policy);
        while let Some(batch) = self.next(&mut batches, Submitted::into_numbered).await? {
            let policy = |line: ParsedLine<Record>| {
                let line = line.filter_map(Policy::from_record)?;
                let stored = known.find(&line.record);
                Some((stored, line.filter_map(|policy| Some(Record::Policy(Box::new(known.keyed(policy)))))?))
            };
            self.put::<Policy>(batch.into_iter().filter_map(policy).collect()).await?;
        }
        Ok(())
    }

    async fn offerings(&mut self) -> Result<()> {
        let fresh = table::is_empty::<Offering>(self.work.tx()).await?;
        let mut batches = self.batches(Kind::Offering);
        while let Some(batch) = self.next(&mut batches, Submitted::into_numbered).await? {
            self.work.load_codes(&records(&batch)).await?;
            let names = batch.iter().map(|line| self.natural_key(&line.record)).collect::<Result<Vec<_>>>()?;
            let mut stored =
                if fresh { HashMap::new() } else { offering::by_natural_key(self.work.tx(), names.clone()).await? };
            let lines = names.into_iter().zip(batch).map(|(name, line)| (stored.remove(&name), line)).collect();
            self.put::<Offering>(lines).await?;
        }
        Ok(())
    }

    fn natural_key(&self, record: &Record) -> Result<String> {
        let offering = Offering::of(record).expect("a batch is of one kind");
        let code_index = self.work.code_index();
        let matter = offering.matter.map(|code| code_index.matter(code)).transpose()?;
        Ok(offering::natural_key_of(offering, code_index.district(offering.district)?, matter))
    }

    async fn windows(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Window);
        while let Some(batch) = self.next(&mut batches, Submitted::into_numbered).await? {
            self.work.load_codes(&records(&batch)).await?;
            let code_index = self.work.code_index();
            let name = |record: &Record| {
                Window::of(record).map(|window| Ok((code_index.district(window.district)?, window.name.to_string())))
            };
            let names = batch.iter().filter_map(|line| name(&line.record)).collect::<Result<Vec<_>>>()?;
            let districts = names.iter().map(|(district, _)| *district).collect::<BTreeSet<_>>();
            let mut stored = window::of_districts(self.work.tx(), districts).await?;
            let lines = names.into_iter().zip(batch).map(|(name, line)| (stored.remove(&name), line)).collect();
            self.put::<Window>(lines).await?;
        }
        Ok(())
    }

    async fn agreements(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Agreement);
        while let Some(batch) = self.next(&mut batches, Submitted::into_submission).await? {
            let districts = batch.iter().flat_map(|line| line.record.content().districts()).collect();
            self.work.load_districts(districts).await?;
            let candidates = Candidates::of(self.work.tx(), batch.iter(), self.work.code_index()).await?;
            let mut lines = Vec::with_capacity(batch.len());
            for line in batch {
                let of = line.clone();
                let (stored, agreement) = match candidates.match_line(line, self.work.code_index())? {
                    Match::New(submission) => (None, self.numbered(submission)?),
                    Match::Same(agreement, stored) => (Some(stored), agreement),
                    Match::Conflict(mut problems) => {
                        return Err(Error::refused(
                            problems.pop().expect("checking found no conflict, and nobody wrote since"),
                        ));
                    }
                };
                lines
                    .extend(of.filter_map(|_| Some(Record::Agreement(Box::new(agreement)))).map(|line| (stored, line)));
            }
            self.put::<Agreement>(lines).await?;
        }
        Ok(())
    }

    /// Records of documents; contents are not imported.
    async fn documents(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Document);
        while let Some(batch) = self.next(&mut batches, Submitted::into_numbered).await? {
            self.work.load_codes(&records(&batch)).await?;
            let mut lines = Vec::with_capacity(batch.len());
            for line in batch {
                let stored = match Document::of(&line.record) {
                    Some(document) => document::same(self.work.tx(), document, self.work.code_index()).await?,
                    None => None,
                };
                lines.push((stored, line));
            }
            self.put::<Document>(lines).await?;
        }
        Ok(())
    }

    fn numbered(&mut self, submission: Submission) -> Result<Agreement> {
        let today = day_in_china(self.now);
        if let Some(number) = submission.number {
            return Ok(submission.numbered(number).entered(today));
        }
        let first = &submission.content().versions[0];
        let year = first.signed_on().or(first.effective_from).unwrap_or(today).year();
        let number = u16::try_from(year.max(1949)).ok().and_then(|year| self.work.next_agreement_number(year));
        let number = number.ok_or_else(|| Error::corrupt("head", "agreements", AgreementNumber::MAX_SERIAL))?;
        Ok(submission.numbered(number).entered(today))
    }
}

fn records(batch: &[ParsedLine<Record>]) -> Vec<&Record> {
    batch.iter().map(|line| &line.record).collect()
}
