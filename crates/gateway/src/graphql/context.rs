//! What a GraphQL request sees while it runs: one view of the registry, and after each of its own writes the next one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::prepared::Prepared;
use crate::request_context::RequestContext;

/// What a request sees: one view from start to end, and after each of its own writes the next one.
#[derive(Debug)]
pub(crate) struct Views {
    first: RequestContext,
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
    pub(crate) fn new(first: RequestContext, told_at_once: Option<Arc<Prepared>>) -> Self {
        Self { first, told_at_once, is_json: false, next: OnceLock::new(), fields: AtomicU64::new(0), warnings: Mutex::default() }
    }

    /// Of an answer that `write_json` writes.
    pub(crate) fn in_json(first: RequestContext, told_at_once: Option<Arc<Prepared>>) -> Self {
        Self { is_json: true, ..Self::new(first, told_at_once) }
    }

    /// Notes a warning for `extensions.warnings`.
    pub(crate) fn warn(&self, code: &'static str) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).insert(code);
    }

    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    pub(crate) fn newest(&self) -> &RequestContext {
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
    pub(crate) fn add(&self, view: RequestContext) {
        let mut at = self;
        while let Some(next) = at.next.get() {
            at = next;
        }
        let taken = at.next.set(Box::new(Self::new(view, None)));
        debug_assert!(taken.is_ok(), "mutations run one after the other");
    }
}
