//! `derive(ErrorType)`.

use crate::mistakes::Mistakes;
use crate::names::Words;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

const WORDS: Words = Words {
    attribute: "error_type",
    no_enum: "only an enum has several types of errors; implement `lightship::ErrorType`, or leave \
              it out: the struct's name is its type then",
    empty: "an error's type is not empty",
};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let data = WORDS.enum_of(input)?;
    let words = data.variants.iter().filter_map(|variant| {
        let (ident, word) = (&variant.ident, mistakes.ok(WORDS.of(variant))?);
        Some(quote! { Self::#ident { .. } => #word, })
    });
    let arms: Vec<_> = words.collect();
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    mistakes.or(quote! {
        #[automatically_derived]
        impl #generics ::lightship::ErrorType for #name #arguments #bounds {
            fn error_type(&self) -> &'static str {
                match self {
                    #(#arms)*
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(source: &str) -> Result<String> {
        let input: DeriveInput = syn::parse_str(source).unwrap();
        expand(&input).map(|tokens| tokens.to_string())
    }

    #[test]
    fn every_variant_has_its_word_whatever_its_fields() {
        let made =
            expanded("enum E { NotFound, Io(u8), #[error_type(rename = \"x\")] C { d: u8 } }");
        let made = made.unwrap();
        for arm in ["NotFound { .. } => \"not_found\"", "Io { .. } => \"io\"", "C { .. } => \"x\""]
        {
            assert!(made.contains(arm), "{made}");
        }
    }

    #[test]
    fn mistakes_are_told_with_what_would_be_right() {
        for (source, message) in [
            ("struct S;", "implement `lightship::ErrorType`"),
            ("enum E { #[error_type(name = \"x\")] A }", "`rename = \"...\"`"),
            ("enum E { #[error_type(rename = \"\")] A }", "not empty"),
        ] {
            let error = expanded(source).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
