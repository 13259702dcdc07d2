//! Ids of records: the revision that created the record, with a prefix for its kind. Revisions are dense and never
//! reused, so ids need neither a sequence nor randomness.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use crate::kind::RecordKind;

/// The number of a change in the journal. Revision 0 is the empty registry.
pub type Revision = u64;

/// The largest revision that JSON numbers (IEEE 754) represent exactly.
pub const MAX_REVISION: Revision = (1 << 53) - 1;

/// A type of record with an id of its own.
pub trait RecordType {
    /// The kind in the journal.
    const KIND: RecordKind;
    /// The prefix of its ids.
    const PREFIX: &'static str;
}

/// The id of a record of type `T`.
pub struct Id<T>(Revision, PhantomData<fn() -> T>);

impl<T> Id<T> {
    pub fn new(created: Revision) -> Self {
        Self(created, PhantomData)
    }

    /// The revision that created the record.
    pub fn number(self) -> Revision {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T: RecordType> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{:x}", T::PREFIX, self.0)
    }
}
impl<T: RecordType> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl<T: RecordType> FromStr for Id<T> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits = text.strip_prefix(T::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
        let number = Revision::from_str_radix(digits, 16).map_err(|_| NotAnId)?;
        // Only the canonical spelling is accepted, so that a record has exactly one id.
        (number <= MAX_REVISION && format!("{number:x}") == digits).then(|| Self::new(number)).ok_or(NotAnId)
    }
}

/// A record with its id and its newest revision.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded<T> {
    pub id: Id<T>,
    /// The newest change of this record.
    pub revision: Revision,
    pub record: T,
}

impl<T: RecordType + fmt::Debug> fmt::Debug for Recorded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} {:?}", self.id, self.revision, self.record)
    }
}

impl<T> std::ops::Deref for Recorded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{District, Matter};

    #[test]
    fn an_id_is_parsed_back_and_has_the_prefix_of_its_kind() {
        let id = Id::<District>::new(4711);
        assert_eq!(id.to_string(), "dis_1267");
        assert_eq!("dis_1267".parse(), Ok(id));
        assert_eq!("dis_1267".parse::<Id<Matter>>(), Err(NotAnId));
        assert_eq!("dis_01267".parse::<Id<District>>(), Err(NotAnId));
        assert_eq!("dis_+1267".parse::<Id<District>>(), Err(NotAnId));
        assert_eq!("dis_".parse::<Id<District>>(), Err(NotAnId));
        assert_eq!("dis_fffffffffffffff".parse::<Id<District>>(), Err(NotAnId));
    }
}
