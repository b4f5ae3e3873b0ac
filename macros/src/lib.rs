//! Attribute and derive macros of `lightship`.

mod tag;

use proc_macro::TokenStream;

/// Makes an enum without fields a tag value: each variant is its name in `snake_case`, or what
/// `#[tag(rename = "...")]` says.
///
/// The values are bounded by the type, so they don't count against the limit on a key's values.
///
/// # Examples
///
/// ```
/// #[derive(lightship::Tag)]
/// enum Outcome {
///     Ok,
///     NotFound, // "not_found"
///     #[tag(rename = "5xx")]
///     ServerError,
/// }
///
/// lightship::counter!("lookups", "outcome" => Outcome::NotFound).increment(1);
/// ```
#[proc_macro_derive(Tag, attributes(tag))]
pub fn derive_tag(input: TokenStream) -> TokenStream {
    let expanded = syn::parse(input).and_then(|input| tag::expand(&input));
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}
