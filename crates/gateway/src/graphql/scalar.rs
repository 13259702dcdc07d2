//! Scalars: text with a form. What is lexically wrong stops here; whether somebody bears a code is
//! another question, and has an answer.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::SecondsFormat;
use domain::code::Malformed;
use domain::reading::{parse_date, parse_moment};

use super::error::Code;

macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub domain::$name);

        $(#[$doc])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match &value {
                    Value::String(text) => text.parse().map(Self).map_err(|_| malformed(&value, &Malformed::$name.expected().en)),
                    other => Err(malformed(other, &Malformed::$name.expected().en)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }
    };
}

text_scalar! {
    /// The code of a district (区域代码): 6 digits of GB/T 2260 or of the statistics pseudo-codes of zones,
    /// the same padded with zeros to 12, or a code given by this registry, such as `130600-Z01`.
    DistrictCode
}

text_scalar! {
    /// The code of a matter (事项基本编码): the 12 digits of the national catalogue, or `L` and 11 digits or
    /// capital letters for what has no national code.
    MatterCode
}

text_scalar! {
    /// The implementing code of an offering (实施编码): 31 characters, with the handling item (业务办理项) 33.
    OfferingCode
}

text_scalar! {
    /// A unified social credit code (统一社会信用代码) after GB 32100: 18 characters.
    CreditCode
}

text_scalar! {
    /// The number of an agreement (协议编号), given by the registry and never used twice: `TB-2021-000001`.
    AgreementNumber
}

text_scalar! {
    /// A digest with the name of its algorithm: `sha-256:` and 64 hexadecimal digits.
    Digest
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub domain::Date);

/// A calendar day in China (UTC+8): `2021-05-28`, the `full-date` of RFC 3339. A range of days includes
/// both its ends.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        const EXPECTED: &str = "a date is a day of the calendar, written 2021-05-28";
        let Value::String(text) = &value else { return Err(malformed(&value, EXPECTED)) };
        parse_date(text).map(Self).ok_or_else(|| malformed(&value, EXPECTED))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<chrono::Utc>);

/// A moment in UTC after RFC 3339, such as `2021-05-28T01:30:00.000000Z`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        const EXPECTED: &str = "a moment is written after RFC 3339, 2021-05-28T01:30:00Z";
        let Value::String(text) = &value else { return Err(malformed(&value, EXPECTED)) };
        parse_moment(text).map(Self).ok_or_else(|| malformed(&value, EXPECTED))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// The number of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(pub domain::Revision);

/// The number of a change in the journal (数据版次): an integer from 0, the empty registry, to below 2^53. It
/// grows by one with every change, without gaps, and does not fit in `Int`.
#[Scalar]
impl ScalarType for Revision {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        let number = number.filter(|number| *number <= domain::id::MAX_REVISION);
        number.map(Self).ok_or_else(|| malformed(&value, "a revision is an integer from 0 to below 2^53"))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// An address on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(pub String);

/// An address on the web: absolute, with its scheme; one that begins with `/` is on this server.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(malformed(&other, "an address is text")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Url {
    pub(crate) fn new(text: Option<&str>) -> Option<Self> {
        text.map(|text| Self(text.to_owned()))
    }
}

fn malformed<T: ScalarType + async_graphql::InputType>(given: &Value, expected: &str) -> InputValueError<T> {
    // Enough of it to be recognised.
    let shown: String = given.to_string().chars().take(60).collect();
    InputValueError::custom(format!("{shown} is malformed; {expected}")).with_extension("code", Code::BadUserInput.name())
}

/// A number as GraphQL's `Int` holds it; what is larger than that is as good as endless.
pub(crate) fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<S: ScalarType>(text: &str) -> Option<String> {
        S::parse(Value::String(text.to_owned())).ok().map(|scalar| scalar.to_value().to_string())
    }

    #[test]
    fn a_day_and_a_moment_are_told_as_they_are_read() {
        assert_eq!(told::<Date>("2021-05-28").as_deref(), Some("\"2021-05-28\""));
        assert_eq!(told::<Date>("+12021-05-28"), None);
        assert_eq!(told::<DateTime>("2021-05-28T09:30:00+08:00").as_deref(), Some("\"2021-05-28T01:30:00.000000Z\""));
        assert_eq!(told::<DateTime>("9999-12-31T23:59:59-08:00"), None);
    }
}
