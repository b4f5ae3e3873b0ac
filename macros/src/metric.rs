//! `#[timed]` and `#[counted]`.

use crate::function::Function;
use crate::mistakes::Mistakes;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, LitStr, Result, Token};

/// `"name", "key" => value, ..`, as the facade's macros have it.
struct Metric {
    name: LitStr,
    tags: Vec<(LitStr, Expr)>,
}

pub(crate) fn timed(arguments: TokenStream, function: &Function) -> Result<TokenStream> {
    let metric = Metric::parse("timed", arguments)?;
    expand(function, &metric, |call| {
        quote_spanned! {Span::mixed_site()=> let _timer = ::lightship::timer!(#call); }
    })
}

pub(crate) fn counted(arguments: TokenStream, function: &Function) -> Result<TokenStream> {
    let metric = Metric::parse("counted", arguments)?;
    expand(function, &metric, |call| {
        quote_spanned! {Span::mixed_site()=> ::lightship::counter!(#call).increment(1); }
    })
}

fn expand(
    function: &Function,
    Metric { name, tags }: &Metric,
    record: fn(TokenStream) -> TokenStream,
) -> Result<TokenStream> {
    let (keys, values): (Vec<_>, Vec<_>) = tags.iter().map(|(key, value)| (key, value)).unzip();
    let record = record(quote! { #name #(, #keys => #values)* });
    crate::observe::before(function, &record)
}

impl Metric {
    fn parse(attribute: &'static str, arguments: TokenStream) -> Result<Self> {
        if arguments.is_empty() {
            let message = format!("the metric has no name; write `#[{attribute}(\"its.name\")]`");
            return Err(syn::Error::new(Span::call_site(), message));
        }
        Self::parse_some.parse2(arguments)
    }

    fn parse_some(input: ParseStream<'_>) -> Result<Self> {
        let mut mistakes = Mistakes::default();
        let name: LitStr = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "the metric's name comes first, as a string")
        })?;
        if name.value().trim().is_empty() {
            mistakes.on(&name, "the metric's name is empty");
        }
        let mut tags: Vec<(LitStr, Expr)> = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key: LitStr = input.parse().map_err(|error| {
                syn::Error::new(error.span(), "a tag is written as `\"key\" => value`")
            })?;
            if input.parse::<Option<Token![=>]>>()?.is_none() {
                let message = "a tag is written as `\"key\" => value`";
                return Err(syn::Error::new(key.span(), message));
            }
            let value = input.parse()?;
            if tags.iter().any(|(known, _)| known.value() == key.value()) {
                mistakes.on(&key, format!("the tag `{}` specified more than once", key.value()));
            }
            tags.push((key, value));
        }
        mistakes.or(Metric { name, tags })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(arguments: &str) -> String {
        let arguments = arguments.parse().unwrap();
        Metric::parse("timed", arguments).err().unwrap().to_string()
    }

    #[test]
    fn mistakes_are_told() {
        assert!(error_of("").contains("`#[timed(\"its.name\")]`"));
        assert!(error_of("name").contains("comes first, as a string"));
        assert!(error_of("\" \"").contains("is empty"));
        assert!(error_of("\"a\", k => 1").contains("`\"key\" => value`"));
        assert!(error_of("\"a\", \"k\" => 1, \"k\" => 2").contains("`k` specified more than once"));
    }
}
