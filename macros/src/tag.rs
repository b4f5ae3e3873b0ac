//! `derive(Tag)`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, LitStr, Result, Variant};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "only an enum can be a `Tag`: a struct has no fixed set of values; implement \
             `lightship::TagValue` for it",
        ));
    };
    if data.variants.is_empty() {
        return Err(Error::new_spanned(&input.ident, "an enum without variants has no values"));
    }
    let mut arms = Vec::new();
    let mut errors: Option<Error> = None;
    for variant in &data.variants {
        match arm(variant) {
            Ok(arm) => arms.push(arm),
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            },
        }
    }
    if let Some(errors) = errors {
        return Err(errors);
    }
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics ::lightship::TagValue for #name #arguments #bounds {
            fn tag_ref(&self) -> ::lightship::TagRef<'_> {
                ::lightship::TagRef::one_of(match self {
                    #(#arms)*
                })
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
    let ident = &variant.ident;
    let text = renamed(variant)?.unwrap_or_else(|| snake_case(&ident.to_string()));
    Ok(quote! { Self::#ident => #text, })
}

/// What `#[tag(rename = "...")]` says.
fn renamed(variant: &Variant) -> Result<Option<String>> {
    let mut renamed = None;
    for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("tag")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("rename") {
                return Err(meta.error("unknown option; the only one is `rename = \"...\"`"));
            }
            let text: LitStr = meta.value()?.parse()?;
            if text.value().is_empty() {
                return Err(Error::new_spanned(text, "a tag's value is not empty"));
            }
            renamed = Some(text.value());
            Ok(())
        })?;
    }
    Ok(renamed)
}

/// `NotFound` and `HTTPError` as `not_found` and `http_error`.
fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.trim_start_matches("r#").chars().collect();
    let mut snake = String::new();
    for (at, &character) in characters.iter().enumerate() {
        let after_lower = at > 0 && !characters[at - 1].is_uppercase() && characters[at - 1] != '_';
        let before_lower = characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let after_upper = at > 0 && characters[at - 1].is_uppercase();
        if character.is_uppercase() && (after_lower || (after_upper && before_lower)) {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(source: &str) -> String {
        let input: DeriveInput = syn::parse_str(source).unwrap();
        expand(&input).unwrap_err().to_string()
    }

    #[test]
    fn names_become_snake_case() {
        for (name, snake) in [
            ("Ok", "ok"),
            ("NotFound", "not_found"),
            ("HTTPError", "http_error"),
            ("Http2", "http2"),
            ("A", "a"),
            ("Already_Snake", "already_snake"),
            ("r#Type", "type"),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
        }
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
