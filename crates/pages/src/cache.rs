//! What pages compute from the whole registry: kept until the next revision or day.

use std::sync::{Arc, Mutex, PoisonError};

use catalogue::Snapshot;
use domain::{Date, Digest};

use crate::portal::network::matrix::Network;
use crate::portal::notices::notice::Notice;

#[derive(Debug, Default)]
pub struct Cache {
    notices: Latest<Vec<Notice>>,
    network: Latest<Network>,
}

impl Cache {
    /// The notices of a snapshot, and whether they had to be computed.
    pub(crate) fn notices(&self, snapshot: &Snapshot) -> (Arc<Vec<Notice>>, bool) {
        self.notices.get(snapshot, || Notice::all(snapshot))
    }

    /// The coverage between provinces today, and whether it had to be computed.
    pub(crate) fn network(&self, snapshot: &Snapshot) -> (Arc<Network>, bool) {
        self.network.get(snapshot, || Network::of(snapshot, snapshot.today()))
    }
}

/// A value of the newest snapshot that was asked for.
#[derive(Debug)]
struct Latest<T>(Mutex<Option<(Digest, Date, Arc<T>)>>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Latest<T> {
    /// The value is computed under the lock: others that ask for it wait instead of computing it too.
    fn get(&self, snapshot: &Snapshot, compute: impl FnOnce() -> T) -> (Arc<T>, bool) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (digest, today) = (snapshot.head().digest, snapshot.today());
        if let Some((of, on, value)) = &*latest
            && (*of, *on) == (digest, today)
        {
            return (value.clone(), false);
        }
        let value = Arc::new(compute());
        *latest = Some((digest, today, value.clone()));
        (value, true)
    }
}
