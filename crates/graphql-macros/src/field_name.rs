//! The names of fields and arguments in the schema.

use syn::Ident;
use syn::ext::IdentExt;

/// The name in the schema, as async-graphql makes it: `matters_in` is `mattersIn`.
pub(crate) fn field_name(ident: &Ident) -> String {
    let ident = ident.unraw().to_string();
    let mut words = ident.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use quote::format_ident;

    use super::*;

    #[test]
    fn the_words_of_a_name_are_joined() {
        for (ident, name) in [("id", "id"), ("matters_in", "mattersIn"), ("has_next_page", "hasNextPage")] {
            assert_eq!(field_name(&format_ident!("{ident}")), name);
        }
        assert_eq!(field_name(&format_ident!("r#type")), "type");
    }
}
