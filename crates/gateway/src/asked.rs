//! One request's view of the registry: a snapshot, the day, and who asks. Everything that answers it
//! takes these three from here, so that an answer can't tear.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Bytes;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Date, DistrictCode, Extent, Locale, Revision, Scope};
use persistence::{Seen, Store};

use crate::deadline::Deadline;
use crate::follower::Follower;
use crate::graphql::error::Fault;
use crate::graphql::{Prepared, Size};
use crate::{app, clock};

/// Who asks, and what they may do.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// A reference that names no person, such as `key_3f`: whose idempotency keys they are, and the actor in
    /// the journal. `None`: anybody.
    pub client: Option<String>,
    /// What people call the caller; `None`: anybody.
    pub name: Option<String>,
    pub roles: Vec<domain::Role>,
    pub district: Option<DistrictCode>,
    /// Does the caller act for the district alone, or for all below it too?
    pub extent: Extent,
}

impl Default for Viewer {
    fn default() -> Self {
        Self { client: None, name: None, roles: Vec::new(), district: None, extent: Extent::Itself }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
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
    pub needs_epoch: bool,
    /// Where the next snapshot comes from, once something was written.
    pub follower: Arc<Follower>,
    /// How long the answer is so far.
    pub(crate) size: Arc<Size>,
    /// Lines of the journal as the caller sees them: each is made once, however often it is asked for.
    pub(crate) lines: Arc<Lines>,
    /// Until when it may compute.
    pub deadline: Deadline,
}

/// Lines by their revisions; `None`: the caller sees nothing of it.
pub(crate) type Lines = Mutex<HashMap<Revision, Option<Bytes>>>;

impl Asked {
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
            needs_epoch: false,
            follower,
            size: Arc::default(),
            lines: Arc::default(),
            deadline: Deadline::default(),
        }
    }

    /// Whose reading of the journal it is.
    pub fn reading(&self) -> Seen {
        let ids = || {
            let ids: BTreeSet<_> = self.eyes.districts().filter_map(|code| self.snapshot.district(code)).map(|district| district.id).collect();
            ids.into_iter().collect()
        };
        match &self.eyes {
            Scope::Public => Seen::Public,
            Scope::Partner(_) => Seen::PartnerOr(ids()),
            Scope::Districts(_) => Seen::PublicOr(ids()),
            Scope::Steward => Seen::All,
        }
    }

    /// The same request after it wrote.
    pub(crate) fn anew(&self) -> Self {
        Self {
            size: self.size.clone(),
            deadline: self.deadline.clone(),
            locale: self.locale,
            needs_epoch: self.needs_epoch,
            public_url: self.public_url.clone(),
            ..Self::new(self.follower.clone(), self.viewer.clone(), self.now)
        }
    }

    /// Has the findings of the snapshot at hand. Where they are still to be made, that is done beside the threads that answer.
    pub(crate) async fn make_findings(&self) -> Result<(), Fault> {
        if self.snapshot.has_findings() {
            return Ok(());
        }
        let snapshot = self.snapshot.clone();
        let making = tokio::task::spawn_blocking(move || snapshot.make_findings());
        making.await.map_err(|error| Fault::Internal(format!("the findings could not be made: {error}")))
    }
}

/// What a request sees: one view from start to end, and after each of its own writes the next one.
#[derive(Debug)]
pub(crate) struct Views {
    first: Asked,
    /// The document, where parts of the answer may be told as JSON.
    pub(crate) told_at_once: Option<Arc<Prepared>>,
    /// The answer is written by `write_json`, which takes parts that are JSON already.
    pub(crate) is_json: bool,
    next: OnceLock<Box<Self>>,
    /// How many fields were told as JSON; and what was read from the database, as so many fields.
    fields: AtomicU64,
    /// What the caller should do otherwise next time, by its codes.
    warnings: Mutex<BTreeSet<&'static str>>,
}

impl Views {
    pub(crate) fn new(first: Asked, told_at_once: Option<Arc<Prepared>>) -> Self {
        Self { first, told_at_once, is_json: false, next: OnceLock::new(), fields: AtomicU64::new(0), warnings: Mutex::default() }
    }

    /// Of an answer that `write_json` writes.
    pub(crate) fn in_json(first: Asked, told_at_once: Option<Arc<Prepared>>) -> Self {
        Self { is_json: true, ..Self::new(first, told_at_once) }
    }

    /// Notes a warning for `extensions.warnings`.
    pub(crate) fn warn(&self, code: &'static str) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).insert(code);
    }

    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    pub(crate) fn newest(&self) -> &Asked {
        let mut at = self;
        while let Some(next) = at.next.get() {
            at = next;
        }
        &at.first
    }

    pub(crate) fn count(&self, fields: u64) {
        self.fields.fetch_add(fields, Ordering::Relaxed);
    }

    pub(crate) fn counted(&self) -> u64 {
        self.fields.load(Ordering::Relaxed)
    }

    /// From here on answers are of this view. Mutations run one after the other, so nobody else adds one.
    pub(crate) fn add(&self, view: Asked) {
        let mut at = self;
        while let Some(next) = at.next.get() {
            at = next;
        }
        let taken = at.next.set(Box::new(Self::new(view, None)));
        debug_assert!(taken.is_ok(), "mutations run one after the other");
    }
}
