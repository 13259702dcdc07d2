//! Long texts in variables. The engine of GraphQL clones the value of a variable for the field that takes it, so the
//! texts of inputs are values that are cheap to clone. `Submitted` takes them.

use async_graphql::{Name, Value, Variables};

use crate::engine::call::LongText;

/// Puts long texts in their places. `into_inputs`: the operation is a mutation, whose inputs are `Submitted`; other
/// fields take strings.
pub(crate) fn put_long_texts(variables: &mut Variables, texts: Vec<LongText>, into_inputs: bool) {
    for LongText { variable, field, text } in texts {
        if let Some(Value::Object(fields)) = variables.get_mut(&Name::new(variable))
            && let Some(value) = fields.get_mut(&Name::new(field))
        {
            *value = if into_inputs {
                Value::Binary(text)
            } else {
                Value::String(String::from_utf8_lossy(&text).into_owned())
            };
        }
    }
}
