//! Queries outside of a unit of work.

use std::collections::HashMap;

use catalogue::Kept;
use chrono::{DateTime, Utc};
use domain::{
    ApiKey, Change, Date, Digest, District, Feedback, Id, Offering, OfferingCode, RecordKind, Recorded, Revision,
};
use tracing::instrument;

use crate::content::ContentReader;
use crate::error::Result;
use crate::feedback::{self, FeedbackCase};
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery, Order};
use crate::number::key;
use crate::spans::SPAN_TARGET;
use crate::store::Store;
use crate::{actor, key as keys, offering};

impl Store {
    /// Offerings at given revisions, in the given order.
    #[instrument(name = "database offerings", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offerings(&self, wanted: &[(Id<Offering>, Revision)]) -> Result<Vec<Kept<Offering>>> {
        self.offering_cache().offerings(self.reader(), wanted).await
    }

    #[instrument(name = "database offering by code", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offering_by_code(&self, code: OfferingCode) -> Result<Vec<Id<Offering>>> {
        offering::by_code(self.reader(), code).await
    }

    #[instrument(name = "database offering by source", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offering_by_source(&self, district: Id<District>, source: &str) -> Result<Option<Id<Offering>>> {
        offering::by_source(self.reader(), district, source).await
    }

    /// The offerings of a district that have a name of their own, with it.
    #[instrument(name = "database offering names", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offering_names(&self, district: Id<District>) -> Result<Vec<(Id<Offering>, String)>> {
        offering::names(self.reader(), district).await
    }

    #[instrument(name = "database changes", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn changes(&self, query: &ChangeQuery) -> Result<Vec<Change>> {
        journal::changes(self.reader(), query).await
    }

    /// How many changes match, regardless of the limit.
    #[instrument(name = "database count changes", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn count_changes(&self, query: &ChangeQuery) -> Result<u64> {
        if query.record.is_none() && query.district.is_none() && !query.kinds.is_empty() {
            return self.counts().count(self.reader(), query).await;
        }
        journal::count(self.reader(), query).await
    }

    /// The revision of the entry with a digest. `None`: this is another journal than the one that the digest was taken
    /// from, or its end was lost.
    pub async fn revision_of(&self, digest: Digest) -> Result<Option<Revision>> {
        journal::revision_of(self.reader(), digest).await
    }

    #[instrument(name = "database change", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn change(&self, revision: Revision) -> Result<Option<Change>> {
        Ok(journal::at(self.reader(), [revision]).await?.pop())
    }

    /// The last change of a record, up to a revision, that a reader may see.
    pub async fn record_at(
        &self,
        kind: RecordKind,
        record: Revision,
        at: Revision,
        seen_by: JournalReader,
    ) -> Result<Option<Change>> {
        let record = Some((kind, record));
        let query =
            ChangeQuery { through: at, record, seen_by, order: Order::NewestFirst, limit: 1, ..ChangeQuery::default() };
        Ok(self.changes(&query).await?.pop())
    }

    /// The last change of a record, up to a time, that a reader may see: the record as it was then. Without a document
    /// it had been removed; `None`: it did not exist yet.
    #[instrument(name = "database record at time", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn record_at_time(
        &self,
        kind: RecordKind,
        record: Revision,
        at: DateTime<Utc>,
        reader: &JournalReader,
    ) -> Result<Option<Change>> {
        journal::at_time(self.reader(), kind, record, at, reader).await
    }

    /// Names of actors by their references in the journal. Erased names are missing.
    #[instrument(name = "database actor names", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn actor_names(&self, references: &[String]) -> Result<HashMap<String, String>> {
        actor::names(self.reader(), references).await
    }

    /// Erases a name. This is not a change of a record, so it is not in the journal.
    pub async fn forget_actor(&self, clock: &str) -> Result<()> {
        actor::erase(self.writer()?, clock).await
    }

    /// The newest revision of each record (by the revision that created it), up to `through`, that a reader may see, in
    /// one statement.
    #[instrument(name = "database last seen", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn last_seen(
        &self,
        records: &[Revision],
        through: Revision,
        reader: &JournalReader,
    ) -> Result<HashMap<Revision, Revision>> {
        journal::last_seen(self.reader(), records, through, reader).await
    }

    /// The content with a digest, after checking it. `None`: it is not stored, as after an import, which brings no
    /// contents.
    #[instrument(name = "database content", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn content(&self, digest: Digest) -> Result<Option<ContentReader>> {
        let content = self.contents().find(self.reader(), digest).await?;
        Ok(content.map(|content| ContentReader::new(self.reader().clone(), content)))
    }

    /// The API key whose secret has this hash.
    #[instrument(name = "database key by hash", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn key_by_hash(&self, hash: &str) -> Result<Option<Recorded<ApiKey>>> {
        keys::by_hash(self.reader(), hash).await
    }

    pub async fn key_by_id(&self, id: Id<ApiKey>) -> Result<Option<Recorded<ApiKey>>> {
        Ok(keys::by_id(self.reader(), id).await?.map(|stored| stored.key))
    }

    pub async fn keys(&self) -> Result<Vec<Recorded<ApiKey>>> {
        Ok(keys::all(self.reader()).await?.into_iter().map(|stored| stored.key).collect())
    }

    /// A case of feedback.
    pub async fn feedback(&self, id: Id<Feedback>) -> Result<Option<FeedbackCase>> {
        feedback::by_id(self.reader(), id).await
    }

    /// The case with a number.
    pub async fn feedback_by_case_number(&self, number: &str) -> Result<Option<FeedbackCase>> {
        feedback::by_case_number(self.reader(), number).await
    }

    /// The newest cases, the newest first: all, or those about records of these districts.
    pub async fn feedback_list(&self, districts: Option<&[Id<District>]>, most: u64) -> Result<Vec<FeedbackCase>> {
        let districts: Option<Vec<i64>> = districts.map(|ids| ids.iter().map(|id| key(*id)).collect());
        feedback::list(self.reader(), districts.as_deref(), most).await
    }

    /// How many cases are open: all, or those about records of these districts.
    pub async fn open_feedback_count(&self, districts: Option<&[Id<District>]>) -> Result<u64> {
        let districts: Option<Vec<i64>> = districts.map(|ids| ids.iter().map(|id| key(*id)).collect());
        feedback::open_count(self.reader(), districts.as_deref()).await
    }

    /// The telephone number that came with a case, until it is erased.
    pub async fn feedback_phone(&self, id: Id<Feedback>, today: Date) -> Result<Option<String>> {
        feedback::phone(self.reader(), id, today).await
    }

    /// When each key was last used.
    pub async fn key_uses(&self) -> Result<Vec<(Id<ApiKey>, Option<DateTime<Utc>>)>> {
        keys::last_uses(self.reader()).await
    }

    /// Records that a key was used. This is not a change of a record, so it is not in the journal.
    pub async fn record_key_use(&self, id: Id<ApiKey>, at: DateTime<Utc>) -> Result<()> {
        if self.is_writable() { keys::touch(self.writer()?, id, at).await } else { Ok(()) }
    }
}
