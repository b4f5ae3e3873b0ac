//! Levels and kinds: words out of a few.

use crate::mistakes::listed;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{Error, LitInt, LitStr, Path, Result};

const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];
const KINDS: [&str; 5] = ["internal", "server", "client", "producer", "consumer"];

/// The level of a span or an event.
#[derive(Clone)]
pub(crate) enum Level {
    /// As `tracing::Level` has it, in capitals.
    Known(Ident),
    /// What somebody else calls it.
    Path(Path),
}

impl Level {
    pub(crate) fn new(word: &str) -> Self {
        Level::Known(Ident::new(&word.to_uppercase(), Span::mixed_site()))
    }

    /// `"info"`, `Level::INFO` or, as tracing has it, a number from 1 for traces to 5 for errors.
    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitInt) {
            let number: LitInt = input.parse()?;
            let index: usize = number.base10_parse::<usize>()?.wrapping_sub(1);
            let known = LEVELS.get(index).copied().map(Level::new);
            return known.ok_or_else(|| no_level(number.span(), number.base10_digits()));
        }
        if !input.peek(LitStr) {
            let path = input.call(Path::parse_mod_style);
            return path.map(Level::Path).map_err(|error| no_level(error.span(), "this"));
        }
        let text: LitStr = input.parse()?;
        let word = text.value().to_lowercase();
        match LEVELS.contains(&word.as_str()) {
            true => Ok(Level::new(&word)),
            false => Err(no_level(text.span(), &text.value())),
        }
    }

    /// As an expression, `root` being where `tracing` is.
    pub(super) fn tokens(&self, root: &TokenStream) -> TokenStream {
        match self {
            Level::Known(level) => {
                quote_spanned! {Span::mixed_site()=> #root::tracing::Level::#level }
            }
            Level::Path(path) => quote! { #path },
        }
    }
}

fn no_level(span: Span, word: &str) -> Error {
    Error::new(span, format!("`{word}` is no level; levels are {}", listed(&LEVELS)))
}

/// The kind of a span.
pub(super) fn kind(input: ParseStream<'_>) -> Result<LitStr> {
    let no_kind = |span, word: &str| {
        Error::new(span, format!("`{word}` is no kind of span; kinds are {}", listed(&KINDS)))
    };
    let text: LitStr = input.parse().map_err(|error| no_kind(error.span(), "this"))?;
    match KINDS.contains(&text.value().as_str()) {
        true => Ok(text),
        false => Err(no_kind(text.span(), &text.value())),
    }
}
