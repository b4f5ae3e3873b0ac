//! `#[observe]`.

mod body;
mod field;
mod options;
mod record;
mod tail;
#[cfg(test)]
mod tests;
mod tracked;
mod words;

pub(crate) use body::before;

use crate::function::Function;
use options::Options;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Result;

/// What the expansion is made from.
struct Plan<'f> {
    function: &'f Function,
    options: Options,
    /// Where everything is that the expansion needs: `::lightship::__private`.
    root: TokenStream,
}

pub(crate) fn expand(arguments: TokenStream, function: &Function) -> Result<TokenStream> {
    let options = Options::parse(arguments, function)?;
    let root = match &options.root {
        Some(path) => quote! { #path::__private },
        None => quote_spanned! {Span::mixed_site()=> ::lightship::__private },
    };
    Plan { function, options, root }.expand()
}
