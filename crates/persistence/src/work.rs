//! A unit of work: the only way to write. It locks the head row first, so that writes are serial; every record it
//! writes gets a journal entry in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use domain::district_graph::{DistrictGraph, Relations};
use domain::journal::Action;
use domain::reference::Referent;
use domain::{
    Agreement, AgreementNumber, ApiKey, Change, Date, District, DistrictCode, Document, EntryAudience, Id, Matter, MatterCode, Offering, Policy,
    Problems, Record, RecordKind, Recorded, Reference, Revision, Window, visibility,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tracing::instrument;

use crate::clock::{Clock, TimeTaken};
use crate::code_index::CodeIndex;
use crate::error::{Error, Result};
use crate::head::{Head, day_in_china};
use crate::idempotency::{self, StoredResult};
use crate::imported_line::{self, LineDigest};
use crate::journal::{self, Access, ChangeQuery, Entry, JournalReader};
use crate::number::{column, key};
use crate::policy::PolicyIndex;
use crate::store::{CHANNEL, SPAN_TARGET, Store};
use crate::table::{self, RowContext, StoredRecord, Table};
use crate::{actor, agreement, district, document, key as keys, offering, problem, window};

/// Who writes, on whose behalf, and when.
#[derive(Debug, Clone)]
pub struct WriteContext {
    /// A reference without the person's name.
    pub actor: String,
    pub on_behalf_of: Option<DistrictCode>,
    pub now: DateTime<Utc>,
    /// The calendar day in China.
    pub today: Date,
}

/// The result of writing a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    Changed(Change),
    /// The stored record is the same.
    Unchanged {
        id: Revision,
        /// Its newest change.
        revision: Revision,
    },
}

/// A unit of work. If it is dropped without `commit`, nothing was written.
#[derive(Debug)]
pub struct Work {
    store: Store,
    tx: DatabaseTransaction,
    by: WriteContext,
    before: Revision,
    head: Head,
    clock: Clock,
    code_index: CodeIndex,
    unwritten: Vec<Entry>,
    mode: WorkMode,
    /// Is there something to commit beside journal and records?
    has_side_writes: bool,
    /// Number of writes.
    writes: u64,
}

/// The state of a unit of work. It stays the same as long as nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    revision: Revision,
    writes: u64,
}

/// The action that the journal records for a written record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum JournalAction {
    /// Registered or revised.
    Automatic,
    /// A given action.
    Explicit(Action),
}

/// What a unit of work does with its changes.
#[derive(Debug)]
pub(crate) enum WorkMode {
    /// Returns them from `commit`.
    Collect(Vec<Change>),
    /// Writes them without returning them, since there are many.
    Discard,
    /// Writes nothing and only counts.
    DryRun,
}

/// How many records of a batch were new, changed or unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) registered: u64,
    pub(crate) revised: u64,
    pub(crate) unchanged: u64,
}

/// The result of writing a batch.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) tally: Tally,
    /// The ids of the records, in their order.
    pub(crate) ids: Vec<i64>,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.registered += other.registered;
        self.revised += other.revised;
        self.unchanged += other.unchanged;
    }
}

impl Work {
    pub(crate) fn new(store: Store, tx: DatabaseTransaction, head: Head, clock: Clock, by: WriteContext, mode: WorkMode) -> Self {
        let (before, code_index) = (head.revision, CodeIndex::default());
        let mut work = Self { store, tx, by, before, head, clock, code_index, unwritten: Vec::new(), mode, has_side_writes: false, writes: 0 };
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

    /// Registers the record, or revises the one with its natural key.
    pub async fn put(&mut self, record: Record) -> Result<Put> {
        self.put_as(record, JournalAction::Automatic).await
    }

    /// The same with a given action. Nothing is recorded if the record is unchanged.
    pub async fn act(&mut self, record: Record, action: Action) -> Result<Put> {
        self.put_as(record, JournalAction::Explicit(action)).await
    }

    async fn put_as(&mut self, mut record: Record, journal_action: JournalAction) -> Result<Put> {
        if let Record::Policy(policy) = &mut record {
            **policy = self.policies().await?.keyed((**policy).clone());
        }
        let stored = self.stored(&record).await?;
        if let (Record::District(record), Some(stored)) = (&record, &stored) {
            let now: BTreeSet<_> = record.all_codes().collect();
            if let Some(code) = stored.clone().read::<District>()?.all_codes().find(|code| !now.contains(code)) {
                return Err(Error::refused(problem::code_dropped(code)));
            }
        }
        let was = stored.as_ref().map(|stored| (stored.id, stored.revision));
        if let Record::Agreement(agreement) = &record {
            self.head.agreements = self.head.agreements.max(agreement.number.serial());
        }
        let agreements = match (&record, &stored) {
            (Record::Agreement(after), Some(stored)) => Some((stored.clone().read::<Agreement>()?.record, (**after).clone())),
            _ => None,
        };
        let before = self.head.revision;
        let records = vec![(stored, record)];
        match records[0].1.kind() {
            RecordKind::District => self.put_all::<District>(records, journal_action).await?,
            RecordKind::Matter => self.put_all::<Matter>(records, journal_action).await?,
            RecordKind::Offering => self.put_all::<Offering>(records, journal_action).await?,
            RecordKind::Window => self.put_all::<Window>(records, journal_action).await?,
            RecordKind::Agreement => self.put_all::<Agreement>(records, journal_action).await?,
            RecordKind::Policy => self.put_all::<Policy>(records, journal_action).await?,
            RecordKind::Document => self.put_all::<Document>(records, journal_action).await?,
            RecordKind::ApiKey | RecordKind::Finding => unreachable!("no line carries it"),
        };
        let changed = self.newest().filter(|_| self.head.revision > before).cloned();
        if let (Some(_), Some(agreements)) = (&changed, agreements) {
            self.record_documents_moved((&agreements.0, self.by.today), (&agreements.1, self.by.today)).await?;
        }
        match (changed, was) {
            (Some(change), _) => Ok(Put::Changed(change)),
            (None, Some((id, revision))) => Ok(Put::Unchanged { id: id.unsigned_abs(), revision: revision.unsigned_abs() }),
            (None, None) => unreachable!("what is new is a change"),
        }
    }

    /// The stored record with the same natural key.
    async fn stored(&mut self, record: &Record) -> Result<Option<StoredRecord>> {
        self.load_codes(std::slice::from_ref(&record)).await?;
        let tx = &self.tx;
        let found = |id: Option<i64>| id.into_iter();
        match record {
            Record::District(record) => {
                Ok(table::by_id::<District>(tx, found(self.code_index.find_district(record.code))).await?.into_values().next())
            }
            Record::Matter(record) => Ok(table::by_id::<Matter>(tx, found(self.code_index.find_matter(record.code))).await?.into_values().next()),
            Record::Offering(record) => {
                let matter = record.matter.map(|code| self.code_index.matter(code)).transpose()?;
                let natural_key = offering::natural_key_of(record, self.code_index.district(record.district)?, matter);
                Ok(offering::by_natural_key(tx, vec![natural_key]).await?.into_values().next())
            }
            Record::Window(record) => {
                let district = self.code_index.district(record.district)?;
                Ok(window::of_districts(tx, BTreeSet::from([district])).await?.remove(&(district, record.name.to_string())))
            }
            Record::Agreement(record) => agreement::by_number(tx, record.number).await,
            Record::Policy(record) => Ok(self.policies().await?.find(record)),
            Record::Document(record) => document::same(tx, record, &self.code_index).await,
        }
    }

    async fn policies(&self) -> Result<PolicyIndex> {
        PolicyIndex::read(table::page::<Policy>(&self.tx, 0, u64::from(u32::MAX)).await?)
    }

    /// The agreement with a number.
    pub async fn agreement(&mut self, number: AgreementNumber) -> Result<Option<Recorded<Agreement>>> {
        agreement::by_number(&self.tx, number).await?.map(StoredRecord::read).transpose()
    }

    /// The newest change of a record that a reader may see, including those of this unit of work.
    pub async fn last_seen(&mut self, record: Revision, seen: &JournalReader) -> Result<Option<Revision>> {
        Ok(journal::last_seen(&self.tx, &[record], domain::id::MAX_REVISION, seen).await?.remove(&record))
    }

    /// The district that bears or bore a code.
    pub async fn district(&mut self, code: DistrictCode) -> Result<Option<Recorded<District>>> {
        self.load_districts(BTreeSet::from([code])).await?;
        let id = self.code_index.find_district(code);
        table::by_id::<District>(&self.tx, id).await?.into_values().next().map(StoredRecord::read).transpose()
    }

    /// The cycles that a district would close by its references to other districts.
    pub async fn relation_cycles(&mut self, district: &District) -> Result<Problems> {
        let mut known = BTreeMap::from([(district.code, Relations::of(district))]);
        let mut codes: BTreeMap<DistrictCode, Option<DistrictCode>> = district.all_codes().map(|code| (code, Some(district.code))).collect();
        for stored in district::administering(&self.tx).await? {
            let zone = stored.read::<District>()?.record;
            known.entry(zone.code).or_insert_with(|| Relations::of(&zone));
        }
        let mut next: Vec<DistrictCode> = known.values().flat_map(Relations::named).chain(known.keys().copied()).collect();
        while let Some(code) = next.pop() {
            if codes.contains_key(&code) {
                continue;
            }
            let found = self.district(code).await?.map(|stored| stored.record);
            codes.insert(code, found.as_ref().map(|found| found.code));
            if let Some(found) = found {
                let relations = known.entry(found.code).or_insert_with(|| Relations::of(&found));
                next.extend(relations.named());
            }
        }
        Ok(DistrictGraph::new(known.iter().map(|(code, relations)| (*code, relations)), |code| codes.get(&code).copied().flatten())
            .cycles(district.code))
    }

    pub async fn matter(&mut self, code: MatterCode) -> Result<Option<Recorded<Matter>>> {
        self.code_index.load(&self.tx, BTreeSet::new(), BTreeSet::from([code])).await?;
        let id = self.code_index.find_matter(code);
        table::by_id::<Matter>(&self.tx, id).await?.into_values().next().map(StoredRecord::read).transpose()
    }

    /// The offering of a district with a source code, or else the one of a matter that has no source code.
    pub async fn offering(
        &mut self,
        district: DistrictCode,
        matter: Option<MatterCode>,
        source_code: Option<&str>,
    ) -> Result<Option<Recorded<Offering>>> {
        self.code_index.load(&self.tx, BTreeSet::from([district]), matter.into_iter().collect()).await?;
        let matter = matter.and_then(|code| self.code_index.find_matter(code));
        let Some(district) = self.code_index.find_district(district) else { return Ok(None) };
        let Some(natural_key) = offering::natural_key(district, matter, source_code) else { return Ok(None) };
        offering::by_natural_key(&self.tx, vec![natural_key]).await?.into_values().next().map(StoredRecord::read).transpose()
    }

    /// The window of a district with a name.
    pub async fn window(&mut self, district: DistrictCode, name: &str) -> Result<Option<Recorded<Window>>> {
        self.load_districts(BTreeSet::from([district])).await?;
        let Some(district) = self.code_index.find_district(district) else { return Ok(None) };
        window::of_districts(&self.tx, BTreeSet::from([district])).await?.remove(&(district, name.to_owned())).map(StoredRecord::read).transpose()
    }

    /// The registered policy that a submitted one means: by key, else by document number, else by title.
    pub async fn policy(&mut self, meant: &Policy) -> Result<Option<Recorded<Policy>>> {
        self.policies().await?.find(meant).map(StoredRecord::read).transpose()
    }

    /// Problems for references to records that do not exist. An agreement that is not public counts as missing, unless
    /// the agreement named it before: what a caller may not see looks like what does not exist, and a draft may be
    /// removed.
    pub async fn dangling(&mut self, references: &[Reference], before: Option<&Agreement>) -> Result<Problems> {
        let (mut districts, mut matters, mut numbers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for reference in references {
            match reference.to {
                Referent::District(code) => districts.extend([code]),
                Referent::Matter(code) => matters.extend([code]),
                Referent::Agreement(number) => numbers.extend([number]),
            }
        }
        self.code_index.load(&self.tx, districts, matters).await?;
        let named_before: Vec<Referent> =
            before.filter(|_| !numbers.is_empty()).into_iter().flat_map(Agreement::references).map(|reference| reference.to).collect();
        let mut known = BTreeSet::new();
        for number in numbers {
            let named_before = named_before.contains(&Referent::Agreement(number));
            let agreement = self.agreement(number).await?;
            known.extend(agreement.filter(|agreement| named_before || agreement.is_public(self.by.today)).map(|_| number));
        }
        let resolves = |reference: &Reference| match reference.to {
            Referent::District(_) | Referent::Matter(_) => self.code_index.resolves(reference),
            Referent::Agreement(number) => known.contains(&number),
        };
        // A reference that could not be read has a problem already.
        Ok(references.iter().filter(|reference| !reference.is_unread() && !resolves(reference)).map(Reference::dangling).collect())
    }

    /// Problems with the other codes of a district: a code of another district, or one of its own that is missing.
    pub async fn code_problems(&mut self, district: &District, stored: Option<&District>) -> Result<Problems> {
        let mut problems = Problems::new();
        for code in district.all_codes().filter(|code| *code != district.code) {
            if self.district(code).await?.is_some_and(|found| stored.is_none_or(|stored| stored.code != found.code)) {
                problems.push(problem::code_taken(code, vec!["codes".to_owned()]));
            }
        }
        let now: BTreeSet<_> = district.all_codes().collect();
        let dropped = stored.into_iter().flat_map(District::all_codes).filter(|code| !now.contains(code));
        problems.extend(dropped.map(problem::code_dropped));
        Ok(problems)
    }

    /// Removes an agreement that was never more than a draft. Its number is not used again.
    pub async fn remove_agreement(&mut self, number: AgreementNumber, action: Action) -> Result<Change> {
        let (stored, before) = self.existing_agreement(number).await?;
        self.remove_documents(&before, action).await?;
        let access = self.access(Some(&before), None).await?;
        let districts = self.districts_of(&before, &access).await?;
        table::delete::<Agreement>(&self.tx, stored.id).await?;
        Ok(self.append(RecordKind::Agreement, action, Some(stored.id.unsigned_abs()), None, districts, access))
    }

    /// Removes the documents of an agreement.
    async fn remove_documents(&mut self, agreement: &Agreement, action: Action) -> Result<()> {
        for stored in document::of_agreement(&self.tx, agreement.number).await? {
            let before = stored.clone().read::<Document>()?.record;
            self.load_districts(BTreeSet::from([before.party])).await?;
            let districts = vec![self.code_index.district(before.party)?];
            let access = self.access_of_document(agreement, Some(&before), None).await?;
            table::delete::<Document>(&self.tx, stored.id).await?;
            self.append(RecordKind::Document, action, Some(stored.id.unsigned_abs()), None, districts, access);
        }
        Ok(())
    }

    /// Records changes for documents that become visible or invisible to someone because their agreement or the date
    /// changed.
    async fn record_documents_moved(&mut self, before: (&Agreement, Date), after: (&Agreement, Date)) -> Result<()> {
        for stored in document::of_agreement(&self.tx, after.0.number).await? {
            let document = stored.clone().read::<Document>()?.record;
            if let Some(readers) = visibility::audience_of_document_visibility(&document, before, after) {
                self.record_document_moved(&stored, &document, readers).await?;
            }
        }
        Ok(())
    }

    async fn record_document_moved(&mut self, stored: &StoredRecord, document: &Document, readers: EntryAudience) -> Result<()> {
        self.load_districts(BTreeSet::from([document.party])).await?;
        let districts = vec![self.code_index.district(document.party)?];
        let access = self.access_for(readers).await?;
        let record = Some(stored.id.unsigned_abs());
        let change = self.append(RecordKind::Document, Action::Attached, record, Some(stored.body.clone()), districts, access);
        let row = document.row(RowContext { id: stored.id, revision: column(change.revision), body: &stored.body, code_index: &self.code_index })?;
        table::write::<Document>(&self.tx, Vec::new(), vec![row]).await
    }

    /// Stores the content of a document, and writes the document.
    pub async fn attach(&mut self, document: Document, content: &[u8]) -> Result<Put> {
        // The document may come from an import, which brings no content.
        self.writes += 1;
        self.has_side_writes |= self.store.contents().save(&self.tx, document.digest, content).await?;
        self.act(Record::Document(document), Action::Attached).await
    }

    /// The document of the same agreement and party with the same content.
    pub async fn document(&mut self, document: &Document) -> Result<Option<Recorded<Document>>> {
        self.load_districts(BTreeSet::from([document.party])).await?;
        document::same(&self.tx, document, &self.code_index).await?.map(StoredRecord::read).transpose()
    }

    /// Records a change of an agreement that follows from the date and is not in its record.
    pub async fn record_date_change(&mut self, number: AgreementNumber, action: Action, day: Date) -> Result<Change> {
        let (stored, agreement) = self.existing_agreement(number).await?;
        let access = match action {
            Action::Lapsed => self.access_for(visibility::audience_of_lapse(&agreement, day)).await?,
            // All who see the agreement see the change.
            _ => self.access(None, Some(&agreement)).await?,
        };
        let districts = self.districts_of(&agreement, &access).await?;
        let change = self.append(RecordKind::Agreement, action, Some(stored.id.unsigned_abs()), Some(stored.body.clone()), districts, access);
        let revision = column(change.revision);
        let row = agreement.row(RowContext { id: stored.id, revision, body: &stored.body, code_index: &self.code_index })?;
        table::write::<Agreement>(&self.tx, Vec::new(), vec![row]).await?;
        if let Some(before) = day.pred_opt() {
            self.record_documents_moved((&agreement, before), (&agreement, day)).await?;
        }
        Ok(change)
    }

    async fn existing_agreement(&mut self, number: AgreementNumber) -> Result<(StoredRecord, Agreement)> {
        let unknown = || Error::refused(Reference::agreement("number", number).dangling());
        let stored = agreement::by_number(&self.tx, number).await?.ok_or_else(unknown)?;
        let agreement = stored.clone().read::<Agreement>()?.record;
        Ok((stored, agreement))
    }

    /// The day of a public entry.
    fn open_on(&self, access: &Access) -> Option<Date> {
        match access {
            Access::Open => Some(day_in_china(self.by.now)),
            Access::Only(_) => None,
        }
    }

    async fn districts_of(&mut self, agreement: &Agreement, access: &Access) -> Result<Vec<i64>> {
        let codes = agreement::found_by(agreement, self.open_on(access));
        self.load_districts(codes.iter().copied().collect()).await?;
        codes.into_iter().map(|code| self.code_index.district(code)).collect()
    }

    /// Readers of a change of an agreement.
    async fn access(&mut self, before: Option<&Agreement>, after: Option<&Agreement>) -> Result<Access> {
        let readers = visibility::audience_of_change(before, after, self.by.today);
        self.access_for(readers).await
    }

    /// Readers of a change of a document.
    async fn access_of_document(&mut self, agreement: &Agreement, before: Option<&Document>, after: Option<&Document>) -> Result<Access> {
        let readers = visibility::audience_of_document(agreement, before, after, self.by.today);
        self.access_for(readers).await
    }

    async fn access_for(&mut self, readers: EntryAudience) -> Result<Access> {
        match readers {
            EntryAudience::Everybody => Ok(Access::Open),
            EntryAudience::Only(codes) => {
                self.load_districts(codes.keys().copied().collect()).await?;
                let reader = |(code, readership)| Some(journal::reader(self.code_index.find_district(code)?, readership));
                Ok(Access::Only(codes.into_iter().filter_map(reader).collect()))
            }
        }
    }

    /// Saves the current name of the actor. It can be erased; the journal has only the reference.
    pub async fn name_actor(&mut self, name: &str) -> Result<()> {
        self.writes += 1;
        actor::set_name(&self.tx, &self.by.actor, name).await
    }

    /// The result of an earlier mutation of this client with the same idempotency key.
    pub async fn stored_result(&mut self, client: &str, mutation: &str, key: &str) -> Result<Option<StoredResult>> {
        idempotency::find(&self.tx, idempotency::IdempotencyKey { client, mutation, key }, self.by.now).await
    }

    /// Stores the result of this mutation for repeated requests.
    pub async fn store_result(&mut self, client: &str, mutation: &str, key: &str, result: &StoredResult) -> Result<()> {
        self.has_side_writes = true;
        self.writes += 1;
        idempotency::save(&self.tx, idempotency::IdempotencyKey { client, mutation, key }, result, self.by.now).await
    }

    /// Agreements that changed after a revision.
    pub(crate) async fn agreements_changed_since(&self, since: Revision) -> Result<Vec<AgreementNumber>> {
        let kinds = vec![RecordKind::Agreement];
        let limit = self.before.saturating_sub(since);
        let asked = ChangeQuery { since, through: self.before, kinds, seen_by: JournalReader::All, limit, ..ChangeQuery::default() };
        let ids = journal::changes(&self.tx, &asked).await?.into_iter().map(|change| column(change.record));
        let stored = table::by_id::<Agreement>(&self.tx, ids).await?;
        stored.into_values().map(|stored| Ok(stored.read::<Agreement>()?.record.number)).collect()
    }

    /// Districts that changed after a revision.
    pub(crate) async fn districts_changed_since(&self, since: Revision) -> Result<Vec<DistrictCode>> {
        let kinds = vec![RecordKind::District];
        let limit = self.before.saturating_sub(since);
        let asked = ChangeQuery { since, through: self.before, kinds, seen_by: JournalReader::All, limit, ..ChangeQuery::default() };
        let ids = journal::changes(&self.tx, &asked).await?.into_iter().map(|change| column(change.record));
        let stored = table::by_id::<District>(&self.tx, ids).await?;
        stored.into_values().map(|stored| Ok(stored.read::<District>()?.record.code)).collect()
    }

    /// Records the planned retirement of a district on its day, so that followers notice it.
    pub(crate) async fn record_retirement(&mut self, code: DistrictCode, since: Date) -> Result<()> {
        self.load_districts(BTreeSet::from([code])).await?;
        let stored = table::by_id::<District>(&self.tx, self.code_index.find_district(code)).await?.into_values().next();
        let Some(stored) = stored else { return Ok(()) };
        let district = stored.clone().read::<District>()?.record;
        let Some(retired) = district.retired.as_ref().filter(|retired| since < retired.on && retired.on <= self.by.today) else { return Ok(()) };
        let newest = journal::at(&self.tx, [stored.revision.unsigned_abs()]).await?.pop();
        if newest.is_none_or(|newest| day_in_china(newest.recorded_at) >= retired.on) {
            return Ok(());
        }
        let districts = vec![stored.id];
        let record = Some(stored.id.unsigned_abs());
        let change = self.append(RecordKind::District, Action::Retired, record, Some(stored.body.clone()), districts, Access::Open);
        let row = district.row(RowContext { id: stored.id, revision: column(change.revision), body: &stored.body, code_index: &self.code_index })?;
        table::write::<District>(&self.tx, Vec::new(), vec![row]).await
    }

    /// Notes that date-driven changes are recorded up to a day.
    pub(crate) fn set_dates_recorded_through(&mut self, day: Date) {
        self.head.dates_recorded_through = Some(day);
        self.has_side_writes = true;
    }

    /// Sets on whose behalf it is done, if that is known only later.
    pub fn on_behalf_of(&mut self, district: Option<DistrictCode>) {
        self.by.on_behalf_of = district;
    }

    /// The next free number of an agreement.
    pub fn next_agreement_number(&mut self, year: u16) -> Option<AgreementNumber> {
        let number = AgreementNumber::new(year, self.head.agreements.checked_add(1)?)?;
        self.head.agreements = number.serial();
        Some(number)
    }

    /// Stores an API key. `hash` is that of its secret; the seal in the record proves it.
    pub async fn issue_key(&mut self, mut key: ApiKey, hash: String) -> Result<Recorded<ApiKey>> {
        key.seal = keys::seal(&hash);
        let body = keys::line(&key);
        let districts = self.key_districts(&key).await?;
        let revision = self.append(RecordKind::ApiKey, Action::Issued, None, Some(body.clone()), districts, Access::Open).revision;
        keys::insert(&self.tx, column(revision), body, hash).await?;
        Ok(Recorded { id: Id::new(revision), revision, record: key })
    }

    /// Revokes a key; `None`: there is no key with this id. A revoked key is left as it is.
    pub async fn revoke_key(&mut self, id: Id<ApiKey>, at: DateTime<Utc>) -> Result<Option<Recorded<ApiKey>>> {
        let Some(stored) = keys::by_id(&self.tx, id).await? else { return Ok(None) };
        let mut revoked = stored.key;
        if revoked.record.revoked_at.is_some() {
            return Ok(Some(revoked));
        }
        revoked.record.revoked_at = Some(at.trunc_subsecs(6));
        let body = keys::line(&revoked.record);
        let districts = self.key_districts(&revoked.record).await?;
        revoked.revision = self.append(RecordKind::ApiKey, Action::Revoked, Some(id.number()), Some(body.clone()), districts, Access::Open).revision;
        keys::replace(&self.tx, key(id), column(revoked.revision), body).await?;
        Ok(Some(revoked))
    }

    pub async fn key(&mut self, id: Id<ApiKey>) -> Result<Option<Recorded<ApiKey>>> {
        Ok(keys::by_id(&self.tx, id).await?.map(|stored| stored.key))
    }

    async fn key_districts(&mut self, key: &ApiKey) -> Result<Vec<i64>> {
        let Some(code) = key.district else { return Ok(Vec::new()) };
        self.code_index.load(&self.tx, BTreeSet::from([code]), BTreeSet::new()).await?;
        Ok(vec![self.code_index.district(code)?])
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
        if self.store.notifies() {
            self.tx.execute_unprepared(&format!("NOTIFY {CHANNEL}, '{}'", self.head.revision)).await?;
        }
        self.tx.commit().await?;
        self.store.changed();
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

    /// Releases numbers after this one that were given and not used.
    pub(crate) fn reset_serial(&mut self, serial: u32) {
        self.head.agreements = serial;
    }

    /// Continues the serial numbers after this one.
    pub(crate) fn reserve_serials(&mut self, serial: u32) {
        self.head.agreements = self.head.agreements.max(serial);
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

    /// Writes records of one kind, each with the stored record that it replaces.
    pub(crate) async fn put_all<T: Table>(&mut self, records: Vec<(Option<StoredRecord>, Record)>, journal_action: JournalAction) -> Result<Written> {
        self.load_codes(&records.iter().map(|(_, record)| record).collect::<Vec<_>>()).await?;
        let Written { mut tally, mut ids } = Written::default();
        let (mut new, mut revised, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        for (stored, whole) in &records {
            let line = whole.line();
            let record = T::of(whole).expect("the records are of one kind");
            if let Some(stored) = stored.as_ref().filter(|stored| stored.is(record, &line)) {
                tally.unchanged += 1;
                ids.push(stored.id);
                continue;
            }
            let (id, usual) = match stored {
                Some(stored) => (stored.id, Action::Revised),
                None => (column(self.head.revision + 1), Action::Registered),
            };
            let action = match journal_action {
                JournalAction::Automatic => usual,
                JournalAction::Explicit(action) => action,
            };
            let access = match whole {
                Record::Agreement(after) => {
                    let before = stored.clone().map(StoredRecord::read::<Agreement>).transpose()?;
                    self.access(before.as_deref(), Some(after)).await?
                }
                // In a dry run the agreement may not be written.
                Record::Document(_) if matches!(self.mode, WorkMode::DryRun) => Access::Open,
                Record::Document(after) => {
                    let before = stored.clone().map(StoredRecord::read::<Document>).transpose()?;
                    let agreement = self.existing_agreement(after.agreement).await?.1;
                    self.access_of_document(&agreement, before.as_deref(), Some(after)).await?
                }
                Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) => Access::Open,
            };
            self.writes += 1;
            ids.push(id);
            codes.extend(self.index_codes(record, id)?);
            let found_by = match whole {
                Record::Agreement(agreement) => agreement::found_by(agreement, self.open_on(&access)),
                Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_) => {
                    record.districts()
                }
            };
            let districts = found_by.into_iter().map(|code| self.code_index.district(code)).collect::<Result<_>>()?;
            let row = record.row(RowContext { id, revision: column(self.head.revision + 1), body: &line, code_index: &self.code_index })?;
            self.append(T::KIND, action, stored.as_ref().map(|_| id.unsigned_abs()), Some(line), districts, access);
            if stored.is_some() {
                tally.revised += 1;
                revised.push(row);
            } else {
                tally.registered += 1;
                new.push(row);
            }
        }
        if !matches!(self.mode, WorkMode::DryRun) {
            table::write::<T>(&self.tx, new, revised).await?;
            district::bear(&self.tx, &codes).await?;
        }
        if self.unwritten.len() >= 1_000 {
            self.flush().await?;
        }
        Ok(Written { tally, ids })
    }

    /// Stores the digests of the lines from which records were imported.
    pub(crate) async fn save_lines(&mut self, lines: &[(i64, LineDigest)]) -> Result<()> {
        if matches!(self.mode, WorkMode::DryRun) || lines.is_empty() {
            return Ok(());
        }
        self.has_side_writes = true;
        self.writes += 1;
        imported_line::save(&self.tx, lines).await
    }

    /// Adds the codes of a record to the index; returns the new ones.
    fn index_codes<T: Table>(&mut self, record: &T, id: i64) -> Result<Vec<(DistrictCode, i64)>> {
        let mut new = Vec::new();
        for code in record.codes() {
            match self.code_index.find_district(code) {
                Some(other) if other != id => return Err(Error::refused(problem::code_taken(code, vec!["codes".to_owned()]))),
                Some(_) => {}
                None => {
                    self.code_index.insert_district(code, id);
                    new.push((code, id));
                }
            }
        }
        if let Some(code) = record.matter_code() {
            self.code_index.insert_matter(code, id);
        }
        Ok(new)
    }

    fn append(
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
    fn newest(&self) -> Option<&Change> {
        match (self.unwritten.last(), &self.mode) {
            (Some(entry), _) => Some(&entry.change),
            (None, WorkMode::Collect(changes)) => changes.last(),
            (None, WorkMode::Discard | WorkMode::DryRun) => None,
        }
    }

    async fn flush(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.unwritten);
        match &mut self.mode {
            WorkMode::DryRun => return Ok(()),
            WorkMode::Discard => journal::append(&self.tx, &entries).await?,
            WorkMode::Collect(changes) => {
                journal::append(&self.tx, &entries).await?;
                changes.extend(entries.into_iter().map(|entry| entry.change));
            }
        }
        Ok(())
    }
}
