//! Parses the JSON of a long body. A long text in the fields of a variable, which may be a file, is not copied: it
//! stays a part of the body.

use std::fmt;

use axum::body::Bytes;
use graphql::engine::call::LongText;
use registry::limits::MAX_REQUEST_BYTES;
use serde::Deserialize as _;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

/// The value, in which long texts are empty, and these texts.
pub(super) fn parse(body: &Bytes, json: &[u8]) -> serde_json::Result<(Json, Vec<LongText>)> {
    let mut parsing = Parsing { body, path: Vec::new(), texts: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = Node(&mut parsing).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, parsing.texts))
}

struct Parsing<'a> {
    body: &'a Bytes,
    /// The names of the fields around the value.
    path: Vec<String>,
    texts: Vec<LongText>,
}

/// The value at the path.
struct Node<'a, 'b>(&'a mut Parsing<'b>);

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        match &*self.0.path {
            [] => deserializer.deserialize_any(self),
            [first, rest @ ..] if first == "variables" && rest.len() <= 2 => deserializer.deserialize_any(self),
            _ => Json::deserialize(deserializer),
        }
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        if self.0.path.len() == 3 {
            return Json::deserialize(MapAccessDeserializer::new(map));
        }
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.0.path.push(name);
            // Of a field that is given twice, the last value counts.
            let path = &self.0.path;
            self.0
                .texts
                .retain(|text| !["variables", &text.variable, &text.field].into_iter().take(path.len()).eq(path));
            let value = map.next_value_seed(Node(&mut *self.0))?;
            fields.insert(self.0.path.pop().unwrap_or_default(), value);
        }
        Ok(Json::Object(fields))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json, E> {
        match &*self.0.path {
            [_, variable, field] if text.len() > MAX_REQUEST_BYTES => {
                let text = self.0.body.slice_ref(text.as_bytes());
                self.0.texts.push(LongText { variable: variable.clone(), field: field.clone(), text });
                Ok(Json::String(String::new()))
            }
            _ => self.visit_str(text),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Json, A::Error> {
        Json::deserialize(SeqAccessDeserializer::new(seq))
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        Ok(number.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(body: &str) -> (Json, Vec<(String, String, usize)>) {
        let body = Bytes::from(body.to_owned());
        let (json, texts) = parse(&body, &body).expect("JSON");
        (json, texts.into_iter().map(|LongText { variable, field, text }| (variable, field, text.len())).collect())
    }

    #[test]
    fn a_long_text_in_a_field_of_a_variable_is_not_copied() {
        let long = "A".repeat(MAX_REQUEST_BYTES + 1);
        let body = json!({
            "query": long, "extensions": { "i": { "content": long } },
            "variables": { "i": { "content": long, "name": "x", "in": { "depth": long }, "list": [long] }, "text": long, "list": [{ "content": long }] },
        });
        let (json, texts) = parsed(&body.to_string());
        assert_eq!(texts, [("i".to_owned(), "content".to_owned(), long.len())]);
        let mut expected = body;
        expected["variables"]["i"]["content"] = json!("");
        assert!(json == expected);
    }

    #[test]
    fn other_values_are_parsed_as_by_serde_json() {
        for body in [
            r#"{"query":"{a}","variables":{"a":[1,-2,3.5,true,null,"\u6587",{}],"b":-1,"c":1.5,"d":true,"e":null,"f":{"g":1,"h":"\/","i":{"j":[]}}}}"#,
            r#"{"variables":{"a":{"b":1,"b":{"c":2}},"a":{"b":"last"}}}"#,
            "[1]",
            "7",
            r#"{"variables":[{"a":{"b":1}}]}"#,
        ] {
            let expected: Option<Json> = serde_json::from_str(body).ok();
            let body = Bytes::from(body);
            assert_eq!(parse(&body, &body).ok().map(|(json, _)| json), expected, "{body:?}");
        }
        for broken in [r#"{"variables":{"a":{"b":"#, r#"{"a":1}{}"#, ""] {
            let body = Bytes::from(broken);
            let expected = serde_json::from_str::<Json>(broken).expect_err("no JSON").to_string();
            assert_eq!(parse(&body, &body).expect_err("no JSON").to_string(), expected);
        }
    }

    #[test]
    fn the_last_value_of_a_duplicate_field_counts() {
        let long = "A".repeat(MAX_REQUEST_BYTES + 1);
        for (body, left) in [
            (format!(r#"{{"variables":{{"i":{{"content":"{long}","content":"b"}}}}}}"#), 0),
            (format!(r#"{{"variables":{{"i":{{"content":"{long}"}},"i":{{}}}}}}"#), 0),
            (format!(r#"{{"variables":{{"i":{{"content":"{long}"}}}},"variables":{{}}}}"#), 0),
            (format!(r#"{{"variables":{{"i":{{"content":"b","content":"{long}"}},"j":{{"content":"b"}}}}}}"#), 1),
        ] {
            assert_eq!(parsed(&body).1.len(), left);
        }
    }
}
