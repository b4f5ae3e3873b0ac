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

/// What an attribute makes of a function's calls.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Observe,
    Workflow,
}

/// What the expansion is made from.
struct Plan<'f> {
    function: &'f Function,
    options: Options,
    purpose: Purpose,
    /// Where everything is that the expansion needs: `::lightship::__private`.
    root: TokenStream,
}

pub(crate) fn expand(arguments: TokenStream, function: &Function) -> Result<TokenStream> {
    expand_for(Purpose::Observe, arguments, function)
}

/// `#[workflow]`: the same around a function, but that another thing is measured.
pub(crate) fn workflow(arguments: TokenStream, function: &Function) -> Result<TokenStream> {
    expand_for(Purpose::Workflow, arguments, function)
}

fn expand_for(
    purpose: Purpose,
    arguments: TokenStream,
    function: &Function,
) -> Result<TokenStream> {
    let options = Options::parse(purpose, arguments, function)?;
    let root = match &options.root {
        Some(path) => quote! { #path::__private },
        None => quote_spanned! {Span::mixed_site()=> ::lightship::__private },
    };
    Plan { function, options, purpose, root }.expand()
}
