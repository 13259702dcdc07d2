//! `#[derive(DirectJson)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Fields, Ident, Result};

use crate::attribute::Options;
use crate::field_name::field_name;
use crate::object::{write_as_object, write_json};

pub(crate) fn expand(item: &DeriveInput) -> Result<TokenStream> {
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(&item.generics, "direct JSON is made of types without parameters"));
    }
    match &item.data {
        Data::Struct(object) => of_object(item, object),
        Data::Enum(of) if of.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit)) => {
            Ok(of_enum(&item.ident))
        }
        Data::Enum(of) => of_interface(&item.ident, of),
        Data::Union(_) => Err(Error::new_spanned(item, "direct JSON is made of objects, enums and interfaces")),
    }
}

fn of_object(item: &DeriveInput, object: &DataStruct) -> Result<TokenStream> {
    // The fields of a complex object are not all here.
    Options::read(&item.attrs, &["serial", "name"])?;
    let mut names = Vec::new();
    let mut arms = Vec::new();
    for field in &object.fields {
        let options = Options::read(&field.attrs, &["name", "skip"])?;
        if options.is_skipped {
            continue;
        }
        let ident = field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a field of an object has a name"))?;
        let name = options.name.unwrap_or_else(|| field_name(ident));
        arms.push(
            quote! { #name => ::graphql::engine::direct_json::WriteValue::write_value(&self.#ident, json, field), },
        );
        names.push(name);
    }
    let of = &item.ident;
    Ok(write_json(&quote! { #of }, &names, &arms))
}

fn of_enum(of: &Ident) -> TokenStream {
    quote! {
        impl ::graphql::engine::direct_json::WriteValue for #of {
            fn write_value(
                &self,
                json: &mut ::graphql::engine::direct_json::JsonWriter<'_>,
                _: &async_graphql::parser::types::Field,
            ) -> ::std::option::Option<()> {
                json.word(*self)
            }
        }
    }
}

fn of_interface(of: &Ident, variants: &DataEnum) -> Result<TokenStream> {
    let mut arms = Vec::new();
    for variant in &variants.variants {
        let Fields::Unnamed(fields) = &variant.fields else {
            return Err(Error::new_spanned(variant, "a variant of an interface is an object"));
        };
        if fields.unnamed.len() != 1 {
            return Err(Error::new_spanned(variant, "a variant of an interface is one object"));
        }
        let variant = &variant.ident;
        arms.push(quote! { Self::#variant(object) => ::graphql::engine::direct_json::WriteJson::write_field(object, json, field), });
    }
    let as_object = write_as_object(&quote! { #of });
    Ok(quote! {
        impl ::graphql::engine::direct_json::WriteJson for #of {
            /// They are those of its objects.
            const FIELDS: &'static [&'static str] = &[];

            fn write_field(
                &self,
                json: &mut ::graphql::engine::direct_json::JsonWriter<'_>,
                field: &async_graphql::parser::types::Field,
            ) -> ::std::option::Option<()> {
                match self {
                    #(#arms)*
                }
            }
        }

        #as_object
    })
}
