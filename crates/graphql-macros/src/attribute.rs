//! The attributes `#[graphql(…)]`.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, LitStr, Result, Token, parenthesized};

/// The attributes of a field or of an argument that matter for direct JSON.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<String>,
    /// The default of an argument.
    pub(crate) default: Option<Expr>,
    pub(crate) is_skipped: bool,
}

impl Options {
    /// Reads attributes in which only these options may occur. With any other one direct JSON could differ from the
    /// response of async-graphql.
    pub(crate) fn read(attributes: &[Attribute], allowed: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_graphql(attribute)) {
            attribute.parse_nested_meta(|option| options.read_one(&option, allowed))?;
        }
        Ok(options)
    }

    fn read_one(&mut self, option: &ParseNestedMeta<'_>, allowed: &[&str]) -> Result<()> {
        let Some(known) = allowed.iter().find(|known| option.path.is_ident(known)) else {
            return Err(option.error(format!("here direct JSON knows only: {}", allowed.join(", "))));
        };
        match *known {
            "name" => self.name = Some(option.value()?.parse::<LitStr>()?.value()),
            "default_with" => self.default = Some(option.value()?.parse::<LitStr>()?.parse()?),
            "skip" => self.is_skipped = true,
            // The others have no influence on the value.
            _ => skip_value(option)?,
        }
        Ok(())
    }
}

fn skip_value(option: &ParseNestedMeta<'_>) -> Result<()> {
    if option.input.peek(Token![=]) {
        option.value()?.parse::<Expr>()?;
    } else if option.input.peek(syn::token::Paren) {
        let inner;
        parenthesized!(inner in option.input);
        inner.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}

pub(crate) fn is_graphql(attribute: &Attribute) -> bool {
    attribute.path().is_ident("graphql")
}
