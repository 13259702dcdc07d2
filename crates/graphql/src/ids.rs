//! Global ids. Records have the ids of the domain; a part of a record has an id composed of the record's id and its
//! position or key.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value};
use domain::person::{Grant, Person};
use domain::{Agreement, ApiKey, District, Document, Feedback, Id, Matter, Offering, Policy, Revision, Window};

use crate::engine::direct_json::{JsonWriter, WriteValue};

/// The record or part of a record that a global id identifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobalId {
    District(Id<District>),
    Matter(Id<Matter>),
    Offering(Id<Offering>),
    Window(Id<Window>),
    Agreement(Id<Agreement>),
    Policy(Id<Policy>),
    ApiKey(Id<ApiKey>),
    Person(Id<Person>),
    Grant(Id<Grant>),
    Feedback(Id<Feedback>),
    Document(Id<Document>),
    /// A version of an agreement.
    Version(Id<Agreement>, u32),
    /// A party of a version.
    Party(Id<Agreement>, u32, Id<District>),
    /// A signature of a party under a version. A party that left and acceded again has several, counted from 0.
    Signature(Id<Agreement>, u32, Id<District>, u32),
    /// The rejection of a version by a party.
    Rejection(Id<Agreement>, u32, Id<District>),
    /// A clause of a version, by its key.
    Clause(Id<Agreement>, u32, String),
    /// A clause of a policy, by its key: a revision of the policy may change positions.
    PolicyClause(Id<Policy>, String),
    Change(Revision),
    /// A finding, by its key.
    Finding(String),
    /// A task, by its key.
    Task(String),
}

impl fmt::Display for GlobalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::District(id) => id.fmt(f),
            Self::Matter(id) => id.fmt(f),
            Self::Offering(id) => id.fmt(f),
            Self::Window(id) => id.fmt(f),
            Self::Agreement(id) => id.fmt(f),
            Self::Policy(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Person(id) => id.fmt(f),
            Self::Grant(id) => id.fmt(f),
            Self::Feedback(id) => id.fmt(f),
            Self::Document(id) => id.fmt(f),
            Self::Version(agreement, version) => write!(f, "ver_{:x}_{version}", agreement.number()),
            Self::Party(agreement, version, district) => {
                write!(f, "par_{:x}_{version}_{:x}", agreement.number(), district.number())
            }
            Self::Signature(agreement, version, district, 0) => {
                write!(f, "sig_{:x}_{version}_{:x}", agreement.number(), district.number())
            }
            Self::Signature(agreement, version, district, at) => {
                write!(f, "sig_{:x}_{version}_{:x}_{at}", agreement.number(), district.number())
            }
            Self::Rejection(agreement, version, district) => {
                write!(f, "rej_{:x}_{version}_{:x}", agreement.number(), district.number())
            }
            Self::Clause(agreement, version, key) => {
                write!(f, "cla_{:x}_{version}_{}", agreement.number(), hex::encode(key))
            }
            Self::PolicyClause(policy, key) => write!(f, "pcl_{:x}_{}", policy.number(), hex::encode(key)),
            Self::Change(revision) => write!(f, "chg_{revision:x}"),
            Self::Finding(key) => write!(f, "fin_{}", hex::encode(key)),
            Self::Task(key) => write!(f, "tsk_{}", hex::encode(key)),
        }
    }
}

/// In the schema it is an `ID`.
impl OutputType for GlobalId {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

impl WriteValue for GlobalId {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.code(self)
    }
}

impl FromStr for GlobalId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, place) = text.split_once('_').ok_or(())?;
        let parts: Vec<&str> = place.split('_').collect();
        let id = match (kind, &*parts) {
            ("dis", _) => text.parse().map(Self::District).map_err(|_| ()),
            ("mat", _) => text.parse().map(Self::Matter).map_err(|_| ()),
            ("off", _) => text.parse().map(Self::Offering).map_err(|_| ()),
            ("win", _) => text.parse().map(Self::Window).map_err(|_| ()),
            ("agr", _) => text.parse().map(Self::Agreement).map_err(|_| ()),
            ("pol", _) => text.parse().map(Self::Policy).map_err(|_| ()),
            ("key", _) => text.parse().map(Self::ApiKey).map_err(|_| ()),
            ("per", _) => text.parse().map(Self::Person).map_err(|_| ()),
            ("gra", _) => text.parse().map(Self::Grant).map_err(|_| ()),
            ("fbk", _) => text.parse().map(Self::Feedback).map_err(|_| ()),
            ("doc", _) => text.parse().map(Self::Document).map_err(|_| ()),
            ("ver", [agreement, version]) => Ok(Self::Version(id(agreement)?, number(version)?)),
            ("par", [agreement, version, district]) => Ok(Self::Party(id(agreement)?, number(version)?, id(district)?)),
            ("sig", [agreement, version, district]) => {
                Ok(Self::Signature(id(agreement)?, number(version)?, id(district)?, 0))
            }
            ("sig", [agreement, version, district, at]) => {
                Ok(Self::Signature(id(agreement)?, number(version)?, id(district)?, number(at)?))
            }
            ("rej", [agreement, version, district]) => {
                Ok(Self::Rejection(id(agreement)?, number(version)?, id(district)?))
            }
            ("cla", [agreement, version, key]) => Ok(Self::Clause(id(agreement)?, number(version)?, words(key)?)),
            ("pcl", [policy, key]) => Ok(Self::PolicyClause(id(policy)?, words(key)?)),
            ("chg", [revision]) => Ok(Self::Change(self::revision(revision)?)),
            ("fin", [key]) => Ok(Self::Finding(words(key)?)),
            ("tsk", [key]) => Ok(Self::Task(words(key)?)),
            _ => Err(()),
        }?;
        // A record has exactly one id: other spellings are refused.
        (id.to_string() == text).then_some(id).ok_or(())
    }
}

fn id<T>(text: &str) -> Result<Id<T>, ()> {
    revision(text).map(Id::new)
}

fn revision(text: &str) -> Result<Revision, ()> {
    Revision::from_str_radix(text, 16)
        .map_err(|_| ())
        .and_then(|number| if number <= domain::id::MAX_REVISION { Ok(number) } else { Err(()) })
}

fn number(text: &str) -> Result<u32, ()> {
    text.parse().map_err(|_| ())
}

fn words(text: &str) -> Result<String, ()> {
    hex::decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_invalid_id_is_refused() {
        for text in [
            "",
            "not-an-id",
            "bm9wZTox",
            "dis_",
            "dis_01",
            "xyz_1",
            "ver_1",
            "ver_1_1_1",
            "ver_1_+1",
            "par_1_1",
            "sig_1_1_1_0",
            "cla_1_1_zz",
            "chg_0x1",
            "fin_F0",
            "chg_fffffffffffffff",
        ] {
            assert_eq!(text.parse::<GlobalId>(), Err(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_id_survives_encoding_and_parsing(a in 0u64..1 << 53, n in any::<u32>(), b in 0u64..1 << 53, key in "\\PC{0,12}") {
            let ids = [
                GlobalId::District(Id::new(a)),
                GlobalId::Offering(Id::new(a)),
                GlobalId::Document(Id::new(a)),
                GlobalId::Version(Id::new(a), n),
                GlobalId::Party(Id::new(a), n, Id::new(b)),
                GlobalId::Signature(Id::new(a), n, Id::new(b), n % 3),
                GlobalId::Rejection(Id::new(a), n, Id::new(b)),
                GlobalId::Clause(Id::new(a), n, key.clone()),
                GlobalId::PolicyClause(Id::new(a), key.clone()),
                GlobalId::Change(a),
                GlobalId::Finding(key.clone()),
                GlobalId::Task(key),
            ];
            for id in ids {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
    }
}
