//! The context of one request: a snapshot, the day, and the caller. Everything that takes part in answering uses
//! these, so that an answer is of one revision.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use catalogue::{Kept, Snapshot};
use chrono::{DateTime, Utc};
use domain::{Agreement, Calendar, Date, Locale, Revision, Scope, calendar};
use persistence::{JournalReader, Store};

use crate::deadline::Deadline;
use crate::error::Error;
use crate::follower::Follower;
use crate::response_size::ResponseSize;
use crate::viewer::Viewer;

/// The address at which the registry listens by default.
pub const DEFAULT_PUBLIC_URL: &str = "http://127.0.0.1:8080";

#[derive(Debug, Clone)]
pub struct RequestContext {
    pub snapshot: Arc<Snapshot>,
    /// For records that are too long to be in memory.
    pub store: Store,
    pub now: DateTime<Utc>,
    /// Today in Asia/Shanghai.
    pub today: Date,
    pub viewer: Viewer,
    /// The language of texts for which the document names none: that of `Accept-Language`, else Chinese.
    pub locale: Locale,
    /// The address of the registry for clients, without a slash at the end.
    pub public_url: Arc<str>,
    /// The announced holidays.
    pub calendar: Arc<Calendar>,
    /// Which records the caller may see.
    pub scope: Scope,
    /// Followers of the feed must name the epoch.
    pub require_epoch: bool,
    /// Where the next snapshot comes from after a write.
    pub follower: Arc<Follower>,
    /// How long the response is so far.
    pub size: Arc<ResponseSize>,
    /// Lines of the journal as the caller sees them: each is made once per request.
    pub lines: Arc<Lines>,
    /// When the time of the request is over.
    pub deadline: Deadline,
}

/// Lines by their revisions; `None`: the caller does not see the record.
pub type Lines = Mutex<HashMap<Revision, Option<Bytes>>>;

impl RequestContext {
    pub fn new(follower: Arc<Follower>, viewer: Viewer, now: DateTime<Utc>) -> Self {
        let today = calendar::day_in_china(now);
        let snapshot = follower.snapshot_on(today);
        let scope = viewer.scope(&snapshot, today);
        Self {
            snapshot,
            store: follower.store.clone(),
            now,
            today,
            viewer,
            locale: Locale::Zh,
            public_url: DEFAULT_PUBLIC_URL.into(),
            calendar: Arc::default(),
            scope,
            require_epoch: false,
            follower,
            size: Arc::default(),
            lines: Arc::default(),
            deadline: Deadline::default(),
        }
    }

    /// Which entries of the journal the caller may see.
    pub fn reading(&self) -> JournalReader {
        let ids = || {
            let ids: BTreeSet<_> = self
                .scope
                .districts()
                .filter_map(|code| self.snapshot.district(code))
                .map(|district| district.id)
                .collect();
            ids.into_iter().collect()
        };
        match &self.scope {
            Scope::Public => JournalReader::Public,
            Scope::Partner(_) => JournalReader::PartnerOr(ids()),
            Scope::Districts(_) => JournalReader::PublicOr(ids()),
            Scope::Steward => JournalReader::All,
        }
    }

    /// The newest change of an agreement that the caller may see: what `expectedRevision` is compared with.
    pub async fn last_change(&self, agreement: &Kept<Agreement>) -> Result<Revision, Error> {
        if agreement.revision != catalogue::UNKNOWN {
            return Ok(agreement.revision);
        }
        let id = agreement.id.number();
        let newest = self.store.last_seen(&[id], self.snapshot.revision(), &self.reading()).await?;
        // A conclusion by date is visible before the change that records it.
        Ok(newest.get(&id).copied().unwrap_or(id))
    }

    /// The context after a write of the request.
    pub fn after_write(&self) -> Self {
        Self {
            size: self.size.clone(),
            deadline: self.deadline.clone(),
            locale: self.locale,
            require_epoch: self.require_epoch,
            public_url: self.public_url.clone(),
            calendar: self.calendar.clone(),
            ..Self::new(self.follower.clone(), self.viewer.clone(), self.now)
        }
    }

    /// Computes the findings of the snapshot, unless that is done already.
    pub async fn compute_findings(&self) -> Result<(), Error> {
        if self.snapshot.has_findings() {
            return Ok(());
        }
        let snapshot = self.snapshot.clone();
        let computing = tokio::task::spawn_blocking(move || snapshot.make_findings());
        computing.await.map_err(|error| Error::Internal(format!("the findings could not be computed: {error}")))
    }
}
