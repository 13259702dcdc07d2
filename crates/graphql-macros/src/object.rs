//! `#[direct_json]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Error, Expr, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Pat, PatType, Result, Type, parse_quote};

use crate::attribute::{Options, is_graphql};
use crate::field_name::field_name;

/// A field that is a plain `fn`.
struct Field {
    name: String,
    takes_request: bool,
    arguments: Vec<Argument>,
    method: ImplItemFn,
}

struct Argument {
    /// With its attributes for async-graphql.
    declared: PatType,
    ident: Ident,
    name: String,
    default: Option<Expr>,
}

pub(crate) fn expand(arguments: &TokenStream, mut object: ItemImpl) -> Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "`direct_json` takes no arguments"));
    }
    if !object.generics.params.is_empty() {
        return Err(Error::new_spanned(&object.generics, "direct JSON is made of types without parameters"));
    }
    if !object.attrs.iter().any(|attribute| attribute.path().is_ident("Object")) {
        return Err(Error::new_spanned(&object.self_ty, "`direct_json` stands above `#[Object]`"));
    }
    let mut fields = Vec::new();
    for item in &mut object.items {
        if let ImplItem::Fn(method) = item
            && method.sig.asyncness.is_none()
        {
            let field = Field::read(method)?;
            *item = ImplItem::Fn(field.resolver());
            fields.push(field);
        }
    }
    let of = &object.self_ty;
    let methods = fields.iter().map(|field| &field.method);
    let names: Vec<_> = fields.iter().map(|field| field.name.clone()).collect();
    let arms: Vec<_> = fields.iter().map(Field::arm).collect();
    let written = write_json(&quote! { #of }, &names, &arms);
    Ok(quote! {
        #object

        impl #of {
            #(#methods)*
        }

        #written
    })
}

impl Field {
    fn read(declared: &ImplItemFn) -> Result<Self> {
        let mut method = declared.clone();
        method.attrs.retain(|attribute| !is_graphql(attribute));
        let mut takes_request = false;
        let mut arguments = Vec::new();
        let mut inputs = method.sig.inputs.iter_mut();
        if !matches!(inputs.next(), Some(FnArg::Receiver(_))) {
            return Err(Error::new_spanned(&method.sig, "a field takes `&self`"));
        }
        for (at, input) in inputs.enumerate() {
            let FnArg::Typed(input) = input else { continue };
            if at == 0 && is_request(&input.ty) {
                takes_request = true;
                continue;
            }
            arguments.push(Argument::read(input)?);
            input.attrs.clear();
        }
        let name = Options::read(&declared.attrs, &["name"])?.name.unwrap_or_else(|| field_name(&method.sig.ident));
        Ok(Self { name, takes_request, arguments, method })
    }

    fn idents(&self) -> impl Iterator<Item = &Ident> {
        self.arguments.iter().map(|argument| &argument.ident)
    }

    /// The resolver for async-graphql.
    fn resolver(&self) -> ImplItemFn {
        let Self { name, takes_request, arguments, method } = self;
        let ImplItemFn { attrs, vis, sig, .. } = method;
        let (ident, output) = (&sig.ident, &sig.output);
        let resolver = format_ident!("resolve_{}", ident.unraw());
        let context = takes_request.then(|| quote! { ctx: &async_graphql::Context<'_>, });
        let request = takes_request.then(|| quote! { ::graphql::context::request_context(ctx), });
        let declared = arguments.iter().map(|argument| &argument.declared);
        let idents = self.idents();
        parse_quote! {
            #(#attrs)*
            #[graphql(name = #name)]
            #vis async fn #resolver(&self, #context #(#declared),*) #output {
                self.#ident(#request #(#idents),*)
            }
        }
    }

    /// The arm that writes the field.
    fn arm(&self) -> TokenStream {
        let Self { name, takes_request, arguments, method } = self;
        let ident = &method.sig.ident;
        let request = takes_request.then(|| quote! { json.request, });
        let read = arguments.iter().map(Argument::read_from_document);
        let idents = self.idents();
        quote! {
            #name => {
                #(#read)*
                ::graphql::engine::direct_json::WriteValue::write_value(&self.#ident(#request #(#idents),*), json, field)
            }
        }
    }
}

impl Argument {
    fn read(declared: &PatType) -> Result<Self> {
        let Pat::Ident(pattern) = &*declared.pat else {
            return Err(Error::new_spanned(&declared.pat, "an argument has a name"));
        };
        let ident = pattern.ident.clone();
        let Options { name, default, .. } = Options::read(&declared.attrs, &["name", "desc", "default_with"])?;
        Ok(Self { declared: declared.clone(), name: name.unwrap_or_else(|| field_name(&ident)), ident, default })
    }

    fn read_from_document(&self) -> TokenStream {
        let Self { declared, ident, name, default } = self;
        let ty = &declared.ty;
        let default = match default {
            Some(default) => quote! { ::std::option::Option::Some(|| -> #ty { #default }) },
            None => quote! { ::std::option::Option::None },
        };
        quote! { let #ident = json.argument::<#ty>(field, #name, #default)?; }
    }
}

fn is_request(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    matches!(&*reference.elem, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "RequestContext"))
}

/// `WriteJson` with these fields.
pub(crate) fn write_json(of: &TokenStream, names: &[String], arms: &[TokenStream]) -> TokenStream {
    let as_object = write_as_object(of);
    quote! {
        impl ::graphql::engine::direct_json::WriteJson for #of {
            const FIELDS: &'static [&'static str] = &[#(#names),*];

            fn write_field(
                &self,
                json: &mut ::graphql::engine::direct_json::JsonWriter<'_>,
                field: &async_graphql::parser::types::Field,
            ) -> ::std::option::Option<()> {
                match field.name.node.as_str() {
                    #(#arms)*
                    _ => ::std::option::Option::None,
                }
            }
        }

        #as_object
    }
}

/// The value of a field that is an object.
pub(crate) fn write_as_object(of: &TokenStream) -> TokenStream {
    quote! {
        impl ::graphql::engine::direct_json::WriteValue for #of {
            fn write_value(
                &self,
                json: &mut ::graphql::engine::direct_json::JsonWriter<'_>,
                field: &async_graphql::parser::types::Field,
            ) -> ::std::option::Option<()> {
                json.object(self, &field.selection_set.node)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_fn_gets_a_resolver_and_an_arm_and_an_async_fn_is_unchanged() {
        let object = parse_quote! {
            #[Object(serial)]
            impl Matter {
                /// The name.
                fn full_name(&self, request: &RequestContext, first: Option<i32>) -> &str { &self.0 }
                async fn history(&self) -> History { load().await }
            }
        };
        let written = expand(&TokenStream::new(), object).expect("it is written").to_string();
        for part in
            ["async fn resolve_full_name", "fn full_name", "\"fullName\" =>", "[\"fullName\"]", "async fn history"]
        {
            assert!(written.contains(&part.parse::<TokenStream>().expect("Rust").to_string()), "{part}: {written}");
        }
        assert!(!written.contains("resolve_history") && !written.contains("\"history\""), "{written}");
    }

    #[test]
    fn options_that_could_change_the_response_are_refused() {
        for field in [
            quote! { #[graphql(guard = "Guard")] fn name(&self) -> &str { &self.0 } },
            quote! { fn page(&self, #[graphql(validator(maximum = 3))] first: Option<i32>) -> i32 { 0 } },
            quote! { fn page(&self, #[graphql(default = 3)] first: i32) -> i32 { first } },
            quote! { fn page() -> i32 { 0 } },
        ] {
            let refused = expand(&TokenStream::new(), parse_quote! { #[Object] impl Matter { #field } });
            assert!(refused.is_err(), "{field}");
        }
        assert!(
            expand(&TokenStream::new(), parse_quote! { impl Matter { fn name(&self) -> &str { &self.0 } } }).is_err()
        );
    }
}
