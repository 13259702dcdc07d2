//! Scalars: texts of a certain form. A malformed value is refused here; whether a record has the code is decided
//! elsewhere.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Positioned, Scalar, ScalarType,
    ServerResult, Value,
};
use chrono::SecondsFormat;
use domain::Message;
use domain::problem::Malformed;
use domain::reading::format::{parse_date, parse_moment};
use registry::error::{Code, Error};

use crate::engine::direct_json::{JsonWriter, WriteValue};
use crate::engine::error::{IN_CHINESE, in_both};

macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident $(, $specified:literal)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub domain::$name);

        $(#[$doc])*
        #[Scalar($(specified_by_url = $specified)?)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match &value {
                    Value::String(text) => text.parse().map(Self).map_err(|_| malformed(&value, &Self::expected())),
                    other => Err(malformed(other, &Self::expected())),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }

        impl Expected for $name {
            fn expected() -> Message {
                Malformed::$name.expected()
            }
        }

        impl WriteValue for $name {
            fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
                json.code(self.0)
            }
        }
    };
}

/// A scalar that can describe its form.
pub trait Expected: ScalarType + InputType {
    fn expected() -> Message;
}

text_scalar! {
    /// The code of a district (区域代码): 6 digits of GB/T 2260 or of the statistical pseudo-codes of zones, 9 of GB/T 10114 for a township, the same
    /// padded with zeros to 12 digits, or a code given by this registry, such as `130600-Z01`.
    DistrictCode, "https://openstd.samr.gov.cn/bzgk/gb/std_list?p.p2=GB/T%202260"
}

text_scalar! {
    /// The code of a matter (事项基本编码): the 12 digits of the national catalogue. A matter without a national code
    /// has `L` and 11 digits or capital letters.
    MatterCode, "https://openstd.samr.gov.cn/bzgk/gb/std_list?p.p2=GB/T%2039554.1"
}

text_scalar! {
    /// The implementing code of an offering (实施编码): 31 characters, or 33 with the code of the handling item
    /// (业务办理项).
    OfferingCode, "https://openstd.samr.gov.cn/bzgk/gb/std_list?p.p2=GB/T%2039554.1"
}

text_scalar! {
    /// A unified social credit code (统一社会信用代码) of GB 32100: 18 characters.
    CreditCode, "https://openstd.samr.gov.cn/bzgk/gb/std_list?p.p2=GB%2032100"
}

text_scalar! {
    /// The number of an agreement (协议编号), such as `TB-2021-000001`. The registry gives each number once.
    AgreementNumber
}

text_scalar! {
    /// A digest with the name of its algorithm: `sha-256:` and 64 hexadecimal digits.
    Digest, "https://www.iana.org/assignments/named-information/named-information.xhtml"
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub domain::Date);

/// A calendar day in China (UTC+8), such as `2021-05-28`: the `full-date` of RFC 3339. A range of days includes its
/// first and its last day.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(malformed(&value, &Self::expected())) };
        parse_date(text).map(Self).ok_or_else(|| malformed(&value, &Self::expected()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Expected for Date {
    fn expected() -> Message {
        Message::new("日期应为历法上存在的一天，写作 2021-05-28", "a date is a day of the calendar, written 2021-05-28")
    }
}

impl WriteValue for Date {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.code(self.0)
    }
}

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<chrono::Utc>);

/// A moment in UTC in the format of RFC 3339, such as `2021-05-28T01:30:00.000000Z`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let expected = || {
            Message::new(
                "时间应按 RFC 3339 书写，如 2021-05-28T01:30:00Z",
                "a moment is written after RFC 3339, 2021-05-28T01:30:00Z",
            )
        };
        let Value::String(text) = &value else { return Err(malformed(&value, &expected())) };
        parse_moment(text).map(Self).ok_or_else(|| malformed(&value, &expected()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl WriteValue for DateTime {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.code(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// The number of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(pub domain::Revision);

/// The number of a change in the journal (数据版本): an integer from 0 (an empty registry) to below 2^53. Every change
/// increases it by one, without gaps. It can exceed the range of `Int`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for Revision {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        let number = number.filter(|number| *number <= domain::id::MAX_REVISION);
        let expected =
            || Message::new("数据版本应为 0 以上、小于 2^53 的整数", "a revision is an integer from 0 to below 2^53");
        number.map(Self).ok_or_else(|| malformed(&value, &expected()))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

impl WriteValue for Revision {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.number(self.0)
    }
}

/// A web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(pub String);

/// An absolute web address, including its scheme.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(malformed(&other, &Message::new("网址应为文本", "an address is text"))),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl WriteValue for Url {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.text(&self.0)
    }
}

/// A web address of a record. In the schema it is a `URL`.
#[derive(Debug, Clone, Copy)]
pub struct UrlRef<'a>(pub &'a str);

impl OutputType for UrlRef<'_> {
    fn type_name() -> Cow<'static, str> {
        <Url as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Url as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_owned()))
    }
}

impl WriteValue for UrlRef<'_> {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.text(self.0)
    }
}

fn malformed<T: ScalarType + InputType>(given: &Value, expected: &Message) -> InputValueError<T> {
    let message = not_as_expected(given, expected);
    InputValueError::custom(message.en)
        .with_extension("code", Code::BadUserInput.name())
        .with_extension("expected", in_both(expected))
        .with_extension(IN_CHINESE, message.zh)
}

fn not_as_expected(given: &Value, expected: &Message) -> Message {
    // Shortened for the message.
    let shown: String = given.to_string().chars().take(60).collect();
    Message::new(format!("{shown} 格式不对；{}", expected.zh), format!("{shown} is malformed; {}", expected.en))
}

/// A code or a day as it was given, valid or not: for fields that report malformed values themselves.
#[derive(Debug, Clone)]
pub struct AsWritten<S> {
    given: Value,
    read: Option<S>,
}

impl<S: Expected + Copy> AsWritten<S> {
    pub(crate) fn read(&self) -> Option<S> {
        self.read
    }

    pub(crate) fn text(&self) -> String {
        match &self.given {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The value, or an error that names this argument.
    pub(crate) fn required(&self, argument: &str) -> Result<S, Error> {
        self.read
            .ok_or_else(|| Error::malformed(argument, &not_as_expected(&self.given, &S::expected()), S::expected()))
    }
}

impl<S: Expected + Copy> InputType for AsWritten<S> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <S as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <S as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let given = value.unwrap_or_default();
        Ok(Self { read: ScalarType::parse(given.clone()).ok(), given })
    }

    fn to_value(&self) -> Value {
        self.given.clone()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// A list of codes. An error names the malformed one.
#[derive(Debug)]
pub struct Listed<S>(pub(crate) Vec<S>);

impl<S: ScalarType + InputType> InputType for Listed<S> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <Vec<S> as InputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<S> as InputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<S> as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let items = match value.unwrap_or_default() {
            Value::List(items) => items,
            // A single value is coerced to a list of one.
            one => vec![one],
        };
        let read =
            |(at, item)| <S as ScalarType>::parse(item).map_err(|error| error.with_extension("index", at).propagate());
        items.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    fn to_value(&self) -> Value {
        Value::List(self.0.iter().map(ScalarType::to_value).collect())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// A number as `Int`; larger ones become the largest `Int`.
pub(crate) fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed<S: ScalarType>(text: &str) -> Option<String> {
        S::parse(Value::String(text.to_owned())).ok().map(|scalar| scalar.to_value().to_string())
    }

    #[test]
    fn a_day_and_a_moment_are_printed_in_their_canonical_form() {
        assert_eq!(printed::<Date>("2021-05-28").as_deref(), Some("\"2021-05-28\""));
        assert_eq!(printed::<Date>("+12021-05-28"), None);
        assert_eq!(
            printed::<DateTime>("2021-05-28T09:30:00+08:00").as_deref(),
            Some("\"2021-05-28T01:30:00.000000Z\"")
        );
        assert_eq!(printed::<DateTime>("9999-12-31T23:59:59-08:00"), None);
    }
}
