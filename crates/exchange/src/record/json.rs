//! Scans a line of JSON before it is parsed: its type, and duplicate keys, of which the parser would silently take the
//! last.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use domain::text::quoted;
use domain::{Message, Problem};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The result of scanning a line.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    /// Its `type`, if that is a text.
    pub kind: Option<Cow<'a, str>>,
    /// The path of a duplicate key.
    pub duplicate: Option<Vec<String>>,
}

/// Scans a line that must be JSON completely.
pub fn outline(text: &str) -> serde_json::Result<Outline<'_>> {
    let mut outline = Outline::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    Part { outline: &mut outline, path: &mut Vec::new() }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(outline)
}

pub fn key_twice(path: Vec<String>) -> Problem {
    let key = quoted(path.last().map(String::as_str).unwrap_or_default()).into_owned();
    let message = Message::new(format!("字段 {key} 出现两次"), format!("the field {key} occurs twice"));
    Problem::invalid(path, "KEY_TWICE", message).remedy("请只保留其中一个", "keep one of the two")
}

pub fn not_json(error: &serde_json::Error, path: Vec<String>) -> Problem {
    let column = error.column();
    let message =
        Message::new(format!("第 {column} 列起不是 JSON"), format!("it is not JSON at column {column}: {error}"));
    Problem::invalid(path, "JSON", message).remedy("每行应为一个完整的 JSON 对象", "each line is one whole JSON object")
}

/// A value at a path.
struct Part<'l, 'a, 'p> {
    outline: &'l mut Outline<'a>,
    path: &'p mut Vec<Step<'a>>,
}

#[derive(Debug)]
enum Step<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => index.fmt(f),
        }
    }
}

impl<'a> DeserializeSeed<'a> for Part<'_, 'a, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Part<'_, 'a, '_> {
    fn text(self, text: Cow<'a, str>) {
        if let [Step::Key(key)] = self.path.as_slice()
            && key == "type"
        {
            self.outline.kind = Some(text);
        }
    }
}

impl<'a> Visitor<'a> for Part<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys: HashSet<Cow<'a, str>> = HashSet::new();
        while let Some(Key(key)) = map.next_key()? {
            self.path.push(Step::Key(key.clone()));
            if !keys.insert(key) && self.outline.duplicate.is_none() {
                self.outline.duplicate = Some(self.path.iter().map(ToString::to_string).collect());
            }
            map.next_value_seed(Part { outline: self.outline, path: self.path })?;
            self.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            self.path.push(Step::Index(index));
            let more = items.next_element_seed(Part { outline: self.outline, path: self.path })?.is_some();
            self.path.pop();
            if !more {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<(), E> {
        self.text(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.text(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A key, borrowed if it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn duplicate(text: &str) -> Option<String> {
        outline(text).expect("JSON").duplicate.map(|path| path.join("."))
    }

    #[test]
    fn a_duplicate_key_is_found_at_any_depth() {
        assert_eq!(duplicate(r#"{"type":"matter","code":"1","code":"2"}"#).as_deref(), Some("code"));
        assert_eq!(duplicate(r#"{"a":[{"b":1},{"b":{"c":1,"c":2}}]}"#).as_deref(), Some("a.1.b.c"));
        assert_eq!(duplicate(r#"{"a":1,"\u0061":2}"#).as_deref(), Some("a"));
        assert_eq!(duplicate(r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#), None);
    }

    #[test]
    fn only_the_type_of_the_line_counts() {
        assert_eq!(outline(r#"{"a":{"type":"x"},"type":"matter"}"#).expect("JSON").kind.as_deref(), Some("matter"));
        assert_eq!(outline(r#"{"type":5}"#).expect("JSON").kind, None);
        assert!(outline(r#"{"type":"matter"} x"#).is_err() && outline(r#"{"type":"#).is_err());
    }
}
