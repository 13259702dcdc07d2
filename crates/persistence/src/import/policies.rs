//! Which policy a line means: by key, else by document number, else by title.

use domain::{Policy, Recorded};

use crate::error::Result;
use crate::number::{column, key};
use crate::table::Held;

/// The policies that there are; a registry has few.
#[derive(Debug, Default)]
pub(crate) struct Known(Vec<(Recorded<Policy>, Held)>);

impl Known {
    pub(crate) fn read(held: Vec<Held>) -> Result<Self> {
        held.into_iter().map(|held| Ok((held.clone().read::<Policy>()?, held))).collect::<Result<_>>().map(Self)
    }

    /// The policy that is meant.
    pub(crate) fn find(&self, policy: &Policy) -> Option<Held> {
        self.find_entry(policy).map(|(_, held)| held.clone())
    }

    fn find_entry(&self, policy: &Policy) -> Option<&(Recorded<Policy>, Held)> {
        let by = |same: &dyn Fn(&Policy) -> bool| self.0.iter().find(|(known, _)| same(&known.record));
        by(&|known| known.key.is_some() && known.key == policy.key)
            .or_else(|| by(&|known| known.document_number.is_some() && known.document_number == policy.document_number))
            .or_else(|| {
                by(&|known| {
                    known.title == policy.title
                        && (known.key.is_none() || policy.key.is_none())
                        && (known.document_number.is_none() || policy.document_number.is_none())
                })
            })
    }

    /// The policy as it will be kept: a key that it had stays.
    pub(crate) fn keyed(&self, mut policy: Policy) -> Policy {
        if policy.key.is_none() {
            policy.key = self.find_entry(&policy).and_then(|(known, _)| known.record.key.clone());
        }
        policy
    }

    /// Lets later lines find it.
    pub(crate) fn add(&mut self, known: Recorded<Policy>) {
        let held = Held { id: key(known.id), revision: column(known.revision), body: String::new() };
        self.0.push((known, held));
    }
}
