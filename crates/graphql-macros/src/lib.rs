//! Makes the resolver and the direct JSON of a field from one declaration. The generated code names items of the crate
//! `graphql`, `engine::direct_json` above all, so only that crate can use it.

mod attribute;
mod derive;
mod field_name;
mod object;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemImpl, parse_macro_input};

/// Stands above `#[Object]` of an `impl` block. A field that only reads memory is a plain `fn` there: it is written as
/// JSON directly. A field that awaits, or computes for long, is an `async fn`: it is left to async-graphql, which looks
/// at the deadline before it.
///
/// A plain `fn` takes `&self`, then `request: &RequestContext` if it needs that, then the arguments of the field. It
/// remains a method. Beside it there are
///
/// - a resolver `resolve_<name>`, which calls it, with the documentation and attributes of the field;
/// - an arm of `WriteJson::write_field`, which calls it and writes its value.
///
/// The value must implement `OutputType` and `WriteValue`, and both must give the same JSON.
#[proc_macro_attribute]
pub fn direct_json(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let object = parse_macro_input!(item as ItemImpl);
    object::expand(&arguments.into(), object).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Direct JSON of what async-graphql makes from the type alone: a `SimpleObject`, all fields of which are written; an
/// `Enum`; and an `Interface`, which is written as the object that it is.
#[proc_macro_derive(DirectJson, attributes(graphql))]
pub fn derive_direct_json(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    derive::expand(&item).unwrap_or_else(syn::Error::into_compile_error).into()
}
