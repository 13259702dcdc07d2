//! The context of a GraphQL request: its view of the registry, which each of its own writes replaces.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_graphql::ContextBase;
use domain::Locale;
use registry::request_context::RequestContext;

use super::enums;
use crate::engine::prepared::Prepared;

/// The views of a request: the first one, and one more after each of its own writes.
#[derive(Debug)]
pub(crate) struct Views {
    first: RequestContext,
    /// The document, if parts of the response may be written as JSON directly.
    pub(crate) direct_document: Option<Arc<Prepared>>,
    /// The response is written by `write_json`, which accepts parts that are JSON already.
    pub(crate) is_json: bool,
    next: OnceLock<Box<Self>>,
    /// Fields that were written directly, and database reads counted as fields.
    fields: AtomicU64,
    /// The codes of warnings for the caller.
    warnings: Mutex<BTreeSet<&'static str>>,
}

impl Views {
    pub(crate) fn new(first: RequestContext, direct_document: Option<Arc<Prepared>>) -> Self {
        Self {
            first,
            direct_document,
            is_json: false,
            next: OnceLock::new(),
            fields: AtomicU64::new(0),
            warnings: Mutex::default(),
        }
    }

    /// For a response that `write_json` writes.
    pub(crate) fn in_json(first: RequestContext, direct_document: Option<Arc<Prepared>>) -> Self {
        Self { is_json: true, ..Self::new(first, direct_document) }
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

    /// Adds the view after a write. Mutations run one after the other, so there is no race.
    pub(crate) fn add(&self, view: RequestContext) {
        let mut at = self;
        while let Some(next) = at.next.get() {
            at = next;
        }
        let taken = at.next.set(Box::new(Self::new(view, None)));
        debug_assert!(taken.is_ok(), "mutations run one after the other");
    }
}

/// The document and the views, if parts of the response may be written as JSON directly.
pub(super) fn direct_document<'a, T>(ctx: &ContextBase<'a, T>) -> Option<(&'a Views, &'a Arc<Prepared>)> {
    let views = ctx.data_unchecked::<Arc<Views>>();
    Some((views, views.direct_document.as_ref()?))
}

/// The language of a text: that of the argument `locale`, else that of the request.
pub(crate) fn language(request: &RequestContext, given: Option<enums::caller::Locale>) -> Locale {
    given.map_or(request.locale, Into::into)
}

/// The newest view of this request.
pub(crate) fn request_context<'a, T>(ctx: &ContextBase<'a, T>) -> &'a RequestContext {
    ctx.data_unchecked::<Arc<Views>>().newest()
}
