//! The third look: what was found sound is written, kind after kind, so that what a record names is there
//! before it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use domain::agreement::Submission;
use domain::record::Submitted;
use domain::{Agreement, AgreementNumber, District, Document, Matter, Offering, Policy, Record, Window};

use super::agreements::{Candidates, Meaning};
use super::items::{Batches, Clauses, Item, Line, whole};
use super::plan::{Kind, Plan};
use super::{Listener, Progress, Step, policies};
use crate::error::{Error, Result};
use crate::imported;
use crate::table::{self, Held, Table};
use crate::work::{Tally, Word, Work};
use crate::{document, offering, window};

struct Writing<'a> {
    work: &'a mut Work,
    plan: &'a Arc<Plan>,
    clauses: Arc<Clauses>,
    progress: Listener<'a>,
    done: u64,
    tally: Tally,
    now: DateTime<Utc>,
}

pub(crate) async fn write(work: &mut Work, plan: &Arc<Plan>, last_serial: u32, now: DateTime<Utc>, progress: Listener<'_>) -> Result<Tally> {
    let (clauses, _) = Clauses::read(plan).await?;
    work.skip_agreements(last_serial);
    let done = plan.count(Kind::Clause);
    let mut writing = Writing { work, plan, clauses: Arc::new(clauses), progress, done, tally: Tally::default(), now };
    writing.districts().await?;
    writing.matters().await?;
    writing.policies().await?;
    writing.offerings().await?;
    writing.windows().await?;
    writing.agreements().await?;
    writing.documents().await?;
    Ok(writing.tally)
}

impl Writing<'_> {
    fn batches(&self, kind: Kind) -> Batches {
        Batches::read(self.plan, kind, &self.clauses)
    }

    /// The records of the next batch.
    async fn next<T>(&mut self, batches: &mut Batches, of: impl Fn(Submitted) -> Option<T>) -> Result<Option<Vec<Line<T>>>> {
        let Some(batch) = batches.next().await? else { return Ok(None) };
        whole(self.plan, &batch)?;
        self.done += batch.lines;
        (self.progress)(Progress { step: Step::Writing, done: self.done, of: self.plan.read });
        let sound = batch.items.into_iter().filter_map(|(_, item)| match item {
            Item::Sound(line) => line.filter_map(&of),
            Item::Faulty(_) => None,
        });
        Ok(Some(sound.collect()))
    }

    /// Writes what lines make of the records that they mean. The line that was last imported for a record changes nothing.
    async fn put<T: Table>(&mut self, lines: Vec<(Option<Held>, Line<Record>)>) -> Result<()> {
        let last = imported::of(self.work.tx(), lines.iter().filter_map(|(held, _)| Some(held.as_ref()?.id))).await?;
        let (mut records, mut digests) = (Vec::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
        for (held, line) in lines {
            let record = match &held {
                Some(held) if last.get(&held.id) == Some(&line.digest) => {
                    self.tally.unchanged += 1;
                    continue;
                }
                Some(held) => line.record.over(held.clone().read::<T>()?.record.into_record(), line.end),
                None => line.record,
            };
            records.push((held, record));
            digests.push(line.digest);
        }
        let written = self.work.put_all::<T>(records, Word::Usual).await?;
        self.tally += written.tally;
        self.work.note_lines(&written.ids.into_iter().zip(digests).collect::<Vec<_>>()).await
    }

    async fn districts(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::District);
        while let Some(batch) = self.next(&mut batches, record).await? {
            self.put_by_id::<District>(batch, |work, record| work.places().find_district(District::of(record)?.code)).await?;
        }
        Ok(())
    }

    async fn matters(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Matter);
        while let Some(batch) = self.next(&mut batches, record).await? {
            self.put_by_id::<Matter>(batch, |work, record| work.places().find_matter(Matter::of(record)?.code)).await?;
        }
        Ok(())
    }

    async fn put_by_id<T: Table>(&mut self, batch: Vec<Line<Record>>, id: impl Fn(&Work, &Record) -> Option<i64>) -> Result<()> {
        self.work.learn(&records(&batch)).await?;
        let ids: Vec<_> = batch.iter().map(|line| id(self.work, &line.record)).collect();
        let mut held = table::by_id::<T>(self.work.tx(), ids.iter().flatten().copied()).await?;
        let lines = ids.into_iter().zip(batch).map(|(id, line)| (id.and_then(|id| held.remove(&id)), line)).collect();
        self.put::<T>(lines).await
    }

    async fn policies(&mut self) -> Result<()> {
        let known = policies::Known::read(table::page::<Policy>(self.work.tx(), 0, u64::from(u32::MAX)).await?)?;
        let mut batches = self.batches(Kind::Policy);
        while let Some(batch) = self.next(&mut batches, record).await? {
            let policy = |line: Line<Record>| {
                let line = line.filter_map(Policy::from_record)?;
                let held = known.find(&line.record);
                Some((held, line.filter_map(|policy| Some(Record::Policy(Box::new(known.keyed(policy)))))?))
            };
            self.put::<Policy>(batch.into_iter().filter_map(policy).collect()).await?;
        }
        Ok(())
    }

    async fn offerings(&mut self) -> Result<()> {
        let fresh = table::is_empty::<Offering>(self.work.tx()).await?;
        let mut batches = self.batches(Kind::Offering);
        while let Some(batch) = self.next(&mut batches, record).await? {
            self.work.learn(&records(&batch)).await?;
            let names = batch.iter().map(|line| self.known_by(&line.record)).collect::<Result<Vec<_>>>()?;
            let mut held = if fresh { HashMap::new() } else { offering::known(self.work.tx(), names.clone()).await? };
            let lines = names.into_iter().zip(batch).map(|(name, line)| (held.remove(&name), line)).collect();
            self.put::<Offering>(lines).await?;
        }
        Ok(())
    }

    fn known_by(&self, record: &Record) -> Result<String> {
        let offering = Offering::of(record).expect("a batch is of one kind");
        let places = self.work.places();
        let matter = offering.matter.map(|code| places.matter(code)).transpose()?;
        Ok(offering::name(offering, places.district(offering.district)?, matter))
    }

    async fn windows(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Window);
        while let Some(batch) = self.next(&mut batches, record).await? {
            self.work.learn(&records(&batch)).await?;
            let places = self.work.places();
            let name = |record: &Record| Window::of(record).map(|window| Ok((places.district(window.district)?, window.name.to_string())));
            let names = batch.iter().filter_map(|line| name(&line.record)).collect::<Result<Vec<_>>>()?;
            let districts = names.iter().map(|(district, _)| *district).collect::<BTreeSet<_>>();
            let mut held = window::of_districts(self.work.tx(), districts).await?;
            let lines = names.into_iter().zip(batch).map(|(name, line)| (held.remove(&name), line)).collect();
            self.put::<Window>(lines).await?;
        }
        Ok(())
    }

    async fn agreements(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Agreement);
        while let Some(batch) = self.next(&mut batches, submission).await? {
            let districts = batch.iter().flat_map(|line| line.record.content().districts()).collect();
            self.work.learn_districts(districts).await?;
            let candidates = Candidates::of(self.work.tx(), batch.iter(), self.work.places()).await?;
            let mut lines = Vec::with_capacity(batch.len());
            for line in batch {
                let of = line.clone();
                let (held, agreement) = match candidates.meaning(line, self.work.places())? {
                    Meaning::New(submission) => (None, self.numbered(submission)?),
                    Meaning::Same(agreement, held) => (Some(held), agreement),
                    Meaning::Conflict(mut problems) => {
                        return Err(Error::refused(problems.pop().expect("checking found no conflict, and nobody wrote since")));
                    }
                };
                lines.extend(of.filter_map(|_| Some(Record::Agreement(Box::new(agreement)))).map(|line| (held, line)));
            }
            self.put::<Agreement>(lines).await?;
        }
        Ok(())
    }

    /// What is known of documents. Their contents are no lines.
    async fn documents(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Document);
        while let Some(batch) = self.next(&mut batches, record).await? {
            self.work.learn(&records(&batch)).await?;
            let mut lines = Vec::with_capacity(batch.len());
            for line in batch {
                let held = match Document::of(&line.record) {
                    Some(document) => document::same(self.work.tx(), document, self.work.places()).await?,
                    None => None,
                };
                lines.push((held, line));
            }
            self.put::<Document>(lines).await?;
        }
        Ok(())
    }

    fn numbered(&mut self, submission: Submission) -> Result<Agreement> {
        let today = today(self.now);
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

fn records(batch: &[Line<Record>]) -> Vec<&Record> {
    batch.iter().map(|line| &line.record).collect()
}

/// The day in China.
pub(super) fn today(now: DateTime<Utc>) -> domain::Date {
    let china = FixedOffset::east_opt(8 * 3_600).expect("eight hours are within a day");
    now.with_timezone(&china).date_naive()
}

/// Everything but an agreement, which may need a number first.
fn record(submitted: Submitted) -> Option<Record> {
    match submitted {
        Submitted::District(record) => Some(Record::District(record)),
        Submitted::Matter(record) => Some(Record::Matter(record)),
        Submitted::Offering(record) => Some(Record::Offering(record)),
        Submitted::Window(record) => Some(Record::Window(record)),
        Submitted::Policy(record) => Some(Record::Policy(record)),
        Submitted::Document(record) => Some(Record::Document(record)),
        Submitted::Agreement(_) => None,
    }
}

fn submission(submitted: Submitted) -> Option<Submission> {
    match submitted {
        Submitted::Agreement(submission) => Some(*submission),
        Submitted::District(_)
        | Submitted::Matter(_)
        | Submitted::Offering(_)
        | Submitted::Window(_)
        | Submitted::Policy(_)
        | Submitted::Document(_) => None,
    }
}
