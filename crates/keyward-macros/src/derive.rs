use std::collections::HashSet;

use heck::ToKebabCase;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Fields, Lit, LitStr, Meta, Variant};

use crate::literal::check_name;

/// An enum's catalogue, and the name of each variant.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let DeriveInput { ident, vis, .. } = input;
    // A mistake stands in the list: what uses the enum then compiles, and one mistake is one error.
    let (name, scopes) = parse(input).unwrap_or_else(|error| {
        let error = error.into_compile_error();
        (quote!(""), quote!({ #error &[] }))
    });
    quote! {
        impl #ident {
            /// The scope's name.
            #vis const fn as_str(&self) -> &'static str {
                #name
            }
        }

        #[automatically_derived]
        impl ::keyward::__private::Catalogue for #ident {
            const SCOPES: &'static [(&'static str, &'static str)] = #scopes;
        }
    }
}

/// The expression of a variant's name, and the list of scopes.
fn parse(input: &DeriveInput) -> Result<(TokenStream, TokenStream), Error> {
    let Data::Enum(data) = &input.data else {
        let sentence = "scopes are the variants of an enum: derive `Scope` on one";
        return Err(Error::new_spanned(&input.ident, sentence));
    };
    if data.variants.is_empty() {
        let sentence = "a catalogue without a scope lets nobody in: write a variant for each scope";
        return Err(Error::new_spanned(&input.ident, sentence));
    }
    let names = names(data.variants.iter())?;
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let descriptions = data.variants.iter().map(|variant| description(&variant.attrs));
    let name = quote!(match self { #(Self::#variants => #names,)* });
    // Names every variant, so that none which only `#[scoped]` uses is called dead.
    let scopes = quote!(&[#((Self::#variants.as_str(), #descriptions)),*]);
    Ok((name, scopes))
}

/// The name of each variant, or all mistakes in them.
fn names<'a>(variants: impl Iterator<Item = &'a Variant>) -> Result<Vec<LitStr>, Error> {
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    let mut errors: Option<Error> = None;
    for named in variants.map(name) {
        let error = match named {
            Ok(name) if seen.insert(name.value()) => {
                names.push(name);
                continue;
            }
            Ok(name) => {
                let sentence = format!("a variant above is `{}` already", name.value());
                Error::new(name.span(), sentence)
            }
            Err(error) => error,
        };
        match &mut errors {
            Some(errors) => errors.combine(error),
            None => errors = Some(error),
        }
    }
    errors.map_or(Ok(names), Err)
}

/// What `#[scope("…")]` says, else the variant in kebab-case; with the place where it is written.
fn name(variant: &Variant) -> Result<LitStr, Error> {
    if !matches!(variant.fields, Fields::Unit) {
        let sentence = "a scope is a name alone: write the variant without fields";
        return Err(Error::new_spanned(&variant.fields, sentence));
    }
    let mut given = variant.attrs.iter().filter(|attribute| attribute.path().is_ident("scope"));
    let name = match given.next() {
        Some(attribute) => attribute.parse_args().map_err(|_| {
            let sentence = "write the scope's name as in `#[scope(\"projects-read\")]`";
            Error::new_spanned(attribute, sentence)
        })?,
        None => {
            LitStr::new(&variant.ident.unraw().to_string().to_kebab_case(), variant.ident.span())
        }
    };
    if let Some(second) = given.next() {
        return Err(Error::new_spanned(second, "a scope has one name: remove this attribute"));
    }
    check_name(&name.value()).map_err(|sentence| Error::new(name.span(), sentence))?;
    Ok(name)
}

/// The first paragraph of the documentation, on one line.
fn description(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let paragraph = text.trim().lines().map(str::trim).take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}
