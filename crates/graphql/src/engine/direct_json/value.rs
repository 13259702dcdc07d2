//! The values that Rust and the schema have in common.

use std::borrow::Cow;

use async_graphql::parser::types::Field;

use super::{JsonWriter, WriteValue};
use crate::engine::field_order::Serial;

impl<T: WriteValue + ?Sized> WriteValue for &T {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        (**self).write_value(json, field)
    }
}

impl<T: WriteValue> WriteValue for Option<T> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        match self {
            Some(value) => value.write_value(json, field),
            None => json.null(),
        }
    }
}

/// async-graphql reports the error.
impl<T: WriteValue, E> WriteValue for Result<T, E> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        self.as_ref().ok()?.write_value(json, field)
    }
}

impl<T: WriteValue> WriteValue for [T] {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        json.each(self, |json, value| value.write_value(json, field))
    }
}

impl<T: WriteValue> WriteValue for Vec<T> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        self.as_slice().write_value(json, field)
    }
}

impl<T: WriteValue> WriteValue for Serial<T> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        self.0.write_value(json, field)
    }
}

impl WriteValue for str {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.text(self)
    }
}

impl WriteValue for String {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.text(self)
    }
}

impl WriteValue for Cow<'_, str> {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.text(self)
    }
}

impl WriteValue for bool {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.boolean(*self)
    }
}

impl WriteValue for i32 {
    fn write_value(&self, json: &mut JsonWriter<'_>, _: &Field) -> Option<()> {
        json.number(*self)
    }
}
