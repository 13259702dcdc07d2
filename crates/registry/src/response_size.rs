//! The size of a response while it is built: a response that grows too long is given up before it is complete.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Message;

use crate::limits::MAX_RESPONSE_BYTES;

/// The bytes of one response so far.
#[derive(Debug, Default)]
pub struct ResponseSize {
    total: AtomicUsize,
    /// By the key of the root field: root fields are resolved concurrently, their contents one after the other.
    roots: Mutex<HashMap<String, usize>>,
}

impl ResponseSize {
    pub fn of_root(&self, key: &str) -> usize {
        self.roots().get(key).copied().unwrap_or_default()
    }

    fn roots(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts bytes of a root field.
    pub fn add_at(&self, key: &str, bytes: usize) {
        self.add(bytes);
        self.settle(key, bytes);
    }

    /// Counts bytes before they are known to be part of the response: `settle` or `take_back` follows.
    pub fn add(&self, bytes: usize) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn take_back(&self, bytes: usize) {
        self.total.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Assigns bytes that were counted by `add` to a root field.
    pub fn settle(&self, key: &str, bytes: usize) {
        *self.roots().entry(key.to_owned()).or_default() += bytes;
    }

    /// The bytes counted so far: about the length of the response, and never exactly.
    pub fn bytes(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    /// Is the response longer than `MAX_RESPONSE_BYTES`?
    pub fn is_too_much(&self) -> bool {
        self.total.load(Ordering::Relaxed) > MAX_RESPONSE_BYTES
    }

    /// Is there room for so many bytes more?
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.total.load(Ordering::Relaxed) + bytes <= MAX_RESPONSE_BYTES
    }
}

pub fn too_long() -> Message {
    Message::new(
        format!("答案将超过 {MAX_RESPONSE_BYTES} 字节：请减少每页条数"),
        format!("the answer would be longer than {MAX_RESPONSE_BYTES} bytes: ask for shorter pages"),
    )
}
