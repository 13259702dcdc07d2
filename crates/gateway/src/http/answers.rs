//! Answers that were given at this revision, for whoever asks the very same again and may see as much. The next
//! revision, and the next day, forget them all, so nothing in here grows stale.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use domain::{Date, Digest, Locale, Revision, Scope};

use super::cache::Cache;
use crate::request_context::RequestContext;

/// What is asked, to the byte, and by whom as far as that makes a difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// The body of the request, or what stands in its address.
    pub(crate) wording: Bytes,
    pub(crate) by_address: bool,
    pub(crate) eyes: Scope,
    /// The language of texts where the question names none.
    pub(crate) locale: Locale,
    /// May the caller ask about the schema?
    pub(crate) introspects: bool,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its JSON, up to what is told beside the data.
    pub(crate) beginning: Bytes,
    /// What it was taken to cost beforehand, and what it cost.
    pub(crate) requested: u64,
    pub(crate) actual: u64,
    /// By what the operation is known to those who count.
    pub(crate) label: &'static str,
}

/// When an answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    revision: Revision,
    today: Date,
    /// The digest of the journal's last entry: after a restore the same revision is another one.
    head: Digest,
}

impl Moment {
    pub(crate) fn of(asked: &RequestContext) -> Self {
        let head = asked.snapshot.head();
        Self { revision: head.revision, today: asked.today, head: head.digest }
    }

    fn is_after(self, other: Self) -> bool {
        (self.revision, self.today) > (other.revision, other.today)
    }
}

#[derive(Debug)]
pub(crate) struct Answers {
    /// Of questions and answers together; 0: none are kept.
    most_bytes: usize,
    /// When all that is kept is right.
    moment: RwLock<Option<Moment>>,
    kept: Cache<Question, Arc<Answer>>,
}

impl Question {
    fn len(&self) -> usize {
        let eyes = match &self.eyes {
            Scope::Public | Scope::Steward => 0,
            Scope::Partner(districts) | Scope::Districts(districts) => districts.len() * 16,
        };
        self.wording.len() + eyes
    }
}

/// What an entry takes beside its bytes.
const ENTRY: usize = 256;
/// How many of the longest answers fill the cache.
const FEWEST: usize = 16;

impl Answers {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, moment: RwLock::default(), kept: Cache::new(most_bytes) }
    }

    pub(crate) fn are_kept(&self) -> bool {
        self.most_bytes > 0
    }

    pub(crate) fn find(&self, question: &Question, moment: Moment) -> Option<Arc<Answer>> {
        let kept = self.moment.read().unwrap_or_else(PoisonError::into_inner);
        if *kept == Some(moment) { self.kept.find(question) } else { None }
    }

    pub(crate) fn keep(&self, question: Question, moment: Moment, answer: Answer) {
        let bytes = question.len() + answer.beginning.len() + ENTRY;
        if bytes > self.most_bytes / FEWEST {
            return;
        }
        let kept = self.moment.read().unwrap_or_else(PoisonError::into_inner);
        if *kept == Some(moment) {
            self.kept.keep(question, Arc::new(answer), bytes);
            return;
        }
        drop(kept);
        let mut kept = self.moment.write().unwrap_or_else(PoisonError::into_inner);
        // An answer that took long may be of an older revision than what is kept.
        if kept.is_some_and(|kept| kept.is_after(moment)) {
            return;
        }
        if *kept != Some(moment) {
            self.kept.clear();
            *kept = Some(moment);
        }
        self.kept.keep(question, Arc::new(answer), bytes);
    }
}
