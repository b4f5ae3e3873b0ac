//! `derive(Tag)`.

use crate::mistakes::Mistakes;
use crate::names::Words;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, Fields, Result, Variant};

const WORDS: Words = Words {
    attribute: "tag",
    no_enum: "only an enum can be a `Tag`: a struct has no fixed set of values; implement \
              `lightship::TagValue` for it",
    empty: "a tag's value is not empty",
};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let data = WORDS.enum_of(input)?;
    let arms: Vec<_> =
        data.variants.iter().filter_map(|variant| mistakes.ok(arm(variant))).collect();
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    mistakes.or(quote! {
        #[automatically_derived]
        impl #generics ::lightship::TagValue for #name #arguments #bounds {
            fn tag_ref(&self) -> ::lightship::TagRef<'_> {
                ::lightship::TagRef::one_of(match self {
                    #(#arms)*
                })
            }
        }

        #[automatically_derived]
        impl #generics ::lightship::__private::function::Field for #name #arguments #bounds {
            type Shown<'field> = &'static str where Self: 'field;

            fn shown(&self) -> &'static str {
                match self {
                    #(#arms)*
                }
            }
        }
    })
}

fn arm(variant: &Variant) -> Result<TokenStream> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(Error::new_spanned(
            &variant.fields,
            "a variant of a `Tag` has no fields: they could take any number of values",
        ));
    }
    let (ident, text) = (&variant.ident, WORDS.of(variant)?);
    Ok(quote! { Self::#ident => #text, })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(source: &str) -> String {
        let input: DeriveInput = syn::parse_str(source).unwrap();
        expand(&input).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_told_with_what_would_be_right() {
        assert!(error_of("struct S;").contains("lightship::TagValue"));
        assert!(error_of("enum E {}").contains("without variants"));
        assert!(error_of("enum E { A(u8) }").contains("no fields"));
        assert!(error_of("enum E { #[tag(name = \"x\")] A }").contains("`rename"));
        assert!(error_of("enum E { #[tag(rename = \"\")] A }").contains("not empty"));
    }

    #[test]
    fn all_mistakes_are_told_together() {
        let input: DeriveInput = syn::parse_str("enum E { A(u8), B, C { d: u8 } }").unwrap();
        assert_eq!(expand(&input).unwrap_err().into_iter().count(), 2);
    }
}
