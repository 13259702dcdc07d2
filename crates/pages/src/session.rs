//! The session of a visitor who has signed in, as far as pages need it.

use chrono::{DateTime, TimeDelta, Utc};
use registry::people::Capacity;

/// Signing asks for the identity again when it was proved longer ago.
const CONFIRMED_FOR: TimeDelta = TimeDelta::minutes(5);

#[derive(Debug, Clone)]
pub struct PageSession {
    /// The token of its forms.
    pub csrf: String,
    /// What a person may act as; empty for a key.
    pub capacities: Vec<Capacity>,
    /// When the caller last proved its identity.
    pub confirmed_at: DateTime<Utc>,
}

impl PageSession {
    /// Was the identity proved so lately that an agreement may be signed?
    pub fn is_confirmed(&self, now: DateTime<Utc>) -> bool {
        now - self.confirmed_at < CONFIRMED_FOR
    }
}
