//! One request's view of the registry: a snapshot, the day, and who asks. Everything that answers it
//! takes these three from here, so that an answer can't tear.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Date, Locale, Revision, Scope};
use persistence::{JournalReader, Store};

use crate::deadline::Deadline;
use crate::error::Error;
use crate::follower::Follower;
use crate::graphql::response_size::ResponseSize;
use crate::viewer::Viewer;
use crate::{app, clock};

/// One request.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub snapshot: Arc<Snapshot>,
    /// For what is too long to be in memory.
    pub store: Store,
    pub now: DateTime<Utc>,
    /// Today in Asia/Shanghai.
    pub today: Date,
    pub viewer: Viewer,
    /// The language of texts where a question names none: the request's `Accept-Language`, else Chinese.
    pub locale: Locale,
    /// Under which address the registry is reached from outside, without a slash at the end.
    pub public_url: Arc<str>,
    /// Through whose eyes the registry is looked at.
    pub eyes: Scope,
    /// Must followers of the journal say of which epoch they are?
    pub require_epoch: bool,
    /// Where the next snapshot comes from, once something was written.
    pub follower: Arc<Follower>,
    /// How long the answer is so far.
    pub(crate) size: Arc<ResponseSize>,
    /// Lines of the journal as the caller sees them: each is made once, however often it is asked for.
    pub(crate) lines: Arc<Lines>,
    /// Until when it may compute.
    pub deadline: Deadline,
}

/// Lines by their revisions; `None`: the caller sees nothing of it.
pub(crate) type Lines = Mutex<HashMap<Revision, Option<Bytes>>>;

impl RequestContext {
    pub fn new(follower: Arc<Follower>, viewer: Viewer, now: DateTime<Utc>) -> Self {
        let today = clock::day_in_china(now);
        let snapshot = follower.snapshot_on(today);
        let eyes = viewer.eyes(&snapshot, today);
        Self {
            snapshot,
            store: follower.store.clone(),
            now,
            today,
            viewer,
            locale: Locale::Zh,
            public_url: app::PUBLIC_URL.into(),
            eyes,
            require_epoch: false,
            follower,
            size: Arc::default(),
            lines: Arc::default(),
            deadline: Deadline::default(),
        }
    }

    /// Whose reading of the journal it is.
    pub fn reading(&self) -> JournalReader {
        let ids = || {
            let ids: BTreeSet<_> = self.eyes.districts().filter_map(|code| self.snapshot.district(code)).map(|district| district.id).collect();
            ids.into_iter().collect()
        };
        match &self.eyes {
            Scope::Public => JournalReader::Public,
            Scope::Partner(_) => JournalReader::PartnerOr(ids()),
            Scope::Districts(_) => JournalReader::PublicOr(ids()),
            Scope::Steward => JournalReader::All,
        }
    }

    /// The same request after it wrote.
    pub(crate) fn after_write(&self) -> Self {
        Self {
            size: self.size.clone(),
            deadline: self.deadline.clone(),
            locale: self.locale,
            require_epoch: self.require_epoch,
            public_url: self.public_url.clone(),
            ..Self::new(self.follower.clone(), self.viewer.clone(), self.now)
        }
    }

    /// Has the findings of the snapshot at hand. Where they are still to be made, that is done beside the threads that answer.
    pub(crate) async fn make_findings(&self) -> Result<(), Error> {
        if self.snapshot.has_findings() {
            return Ok(());
        }
        let snapshot = self.snapshot.clone();
        let making = tokio::task::spawn_blocking(move || snapshot.make_findings());
        making.await.map_err(|error| Error::Internal(format!("the findings could not be made: {error}")))
    }
}
