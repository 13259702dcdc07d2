//! An input whose content is apart from its fields, so that it is not copied with them.

use std::fmt;

use serde_json::Value as Json;

const FIELD: &str = "content";

/// Shows an input as JSON with its content in its place among the sorted fields. This text identifies the input of a
/// repeated request.
pub(super) struct WithContent<'a> {
    pub(super) fields: &'a Json,
    pub(super) content: Option<&'a [u8]>,
}

impl fmt::Display for WithContent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Json::Object(fields), Some(content)) = (self.fields, self.content) else { return self.fields.fmt(f) };
        // Base64 has no character that JSON escapes. Any other content is refused, and its input is never compared.
        let content = str::from_utf8(content).unwrap_or_default();
        let mut separator = "{";
        let (before, after): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| name.as_str() < FIELD);
        let mut field = |f: &mut fmt::Formatter<'_>, name: &str, value: fmt::Arguments<'_>| {
            write!(f, "{separator}\"{name}\":{value}")?;
            separator = ",";
            Ok(())
        };
        for (name, value) in before {
            field(f, name, format_args!("{value}"))?;
        }
        field(f, FIELD, format_args!("\"{content}\""))?;
        for (name, value) in after {
            field(f, name, format_args!("{value}"))?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_content_is_displayed_among_the_sorted_fields() {
        for fields in [
            json!({}),
            json!({ "a": 1 }),
            json!({ "name": "a\n", "released": true }),
            json!({ "a": [], "b": "\"", "number": null, "party": {} }),
        ] {
            let mut whole = fields.clone();
            whole["content"] = json!("JVBERi0xLjcK+/==");
            assert_eq!(
                WithContent { fields: &fields, content: Some(b"JVBERi0xLjcK+/==") }.to_string(),
                whole.to_string()
            );
            assert_eq!(WithContent { fields: &fields, content: None }.to_string(), fields.to_string());
        }
    }
}
