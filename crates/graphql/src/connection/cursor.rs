//! Cursors: the sort keys of entries, as clients get them.

use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use catalogue::{By, Order, Spot, UNPROMISED};
use domain::Message;
use registry::error::Error;

use crate::engine::direct_json::{JsonWriter, WriteValue};

/// The sort key within one rank.
pub(crate) trait Key: Ord + Display + FromStr + Debug + Send + Sync + 'static {}

impl<K: Ord + Display + FromStr + Debug + Send + Sync + 'static> Key for K {}

/// The sort key of an entry. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<K> {
    pub(crate) rank: u32,
    pub(crate) code: K,
}

impl<K: Display> Display for Cursor<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(format!("v1:{}:{}", self.rank, self.code)))
    }
}

impl<K: FromStr> FromStr for Cursor<K> {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| ())?;
        let text = String::from_utf8(bytes).map_err(|_| ())?;
        let (rank, code) = text.strip_prefix("v1:").and_then(|key| key.split_once(':')).ok_or(())?;
        Ok(Self { rank: rank.parse().map_err(|_| ())?, code: code.parse().map_err(|_| ())? })
    }
}

pub(super) fn read_cursor<K: FromStr>(argument: &str, text: Option<&str>) -> Result<Option<Cursor<K>>, Error> {
    let expected =
        || Message::new("应为本列表某条记录给出的游标（cursor）", "a cursor returned by this list is expected");
    let read = text.map(|text| text.parse().map_err(|()| Error::bad_input(argument, expected())));
    read.transpose()
}

/// The cursor of an entry in an order. Order by relevance uses the form of `Cursor`.
pub(super) fn write_spot<K: Display>(spot: &Spot<K>) -> String {
    let Spot { by, code } = spot;
    match by {
        By::Relevance(rank) => Cursor { rank: *rank, code }.to_string(),
        By::Name(read) => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.name:{read}:{code}")),
        By::PromisedDays(UNPROMISED) => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.days::{code}")),
        By::PromisedDays(days) => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.days:{days}:{code}")),
        By::Code => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.code::{code}")),
    }
}

pub(super) fn read_spot<K: FromStr>(argument: &str, text: &str, order: Order) -> Result<Spot<K>, Error> {
    let parsed = || {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (form, key) = text.split_once(':')?;
        let (key, code) = key.split_once(':')?;
        let by = match (form, order) {
            ("v1", Order::Relevance) => By::Relevance(key.parse().ok()?),
            ("v1.name", Order::Name) => By::Name(key.into()),
            ("v1.days", Order::PromisedDays) if key.is_empty() => By::PromisedDays(UNPROMISED),
            ("v1.days", Order::PromisedDays) => By::PromisedDays(key.parse().ok()?),
            ("v1.code", Order::Code) if key.is_empty() => By::Code,
            (_, Order::Relevance | Order::Name | Order::PromisedDays | Order::Code) => return None,
        };
        Some(Spot { by, code: code.parse().ok()? })
    };
    let expected = || {
        Message::new(
            "应为本列表在同一排序下给出的游标（cursor）",
            "a cursor returned by this list in this order is expected",
        )
    };
    parsed().ok_or_else(|| Error::bad_input(argument, expected()))
}

/// The sort keys of the entries of a page. A cursor is only encoded if it is selected.
pub(super) trait CursorSource: Debug + Send + Sync {
    fn write(&self, at: usize) -> String;
}

impl<K: Key> CursorSource for Vec<Cursor<K>> {
    fn write(&self, at: usize) -> String {
        self[at].to_string()
    }
}

impl<K: Key> CursorSource for Vec<Spot<K>> {
    fn write(&self, at: usize) -> String {
        write_spot(&self[at])
    }
}

/// The cursor of one entry, encoded on demand. In the schema it is a string.
#[derive(Debug, Clone)]
pub struct LazyCursor {
    of: Arc<dyn CursorSource>,
    at: usize,
}

impl LazyCursor {
    /// A cursor for each sort key, in their order.
    pub(super) fn all(of: impl CursorSource + 'static) -> impl Iterator<Item = Self> {
        let of: Arc<dyn CursorSource> = Arc::new(of);
        (0..).map(move |at| Self { of: of.clone(), at })
    }
}

impl Display for LazyCursor {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.of.write(self.at))
    }
}

impl OutputType for LazyCursor {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

impl WriteValue for LazyCursor {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.code(self)
    }
}
