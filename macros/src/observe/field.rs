//! Keys and values: fields of a span, and tags.

use super::options::each_between_commas;
use super::record::there;
use crate::mistakes::Mistakes;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, LitStr, Result, Token};

/// Tags that every call has.
const OWN_TAGS: [&str; 5] = ["function", "module", "outcome", "result", "error_type"];
/// With more, series would be too many to be of use.
pub(super) const MAX_TAGS: usize = 8;

/// `key = value`, `key = ?value`, `key = %value`; or the name of a variable, with `?` or `%`.
pub(crate) struct Field {
    key: Key,
    sigil: Sigil,
    /// None for the variable of the key's name.
    value: Option<Expr>,
}

/// How a value is recorded.
#[derive(Clone, Copy, PartialEq)]
enum Sigil {
    /// As it is.
    None,
    Debug,
    Display,
}

enum Key {
    Dotted(Punctuated<Ident, Token![.]>),
    Text(LitStr),
}

/// Fields in the syntax of tracing's macros.
pub(super) fn fields(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Vec<Field> {
    list(input, mistakes, Field::parse)
}

/// `key = value`, where the value is that of a tag.
pub(super) fn tags(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Vec<Field> {
    let tags = list(input, mistakes, |input| {
        let tag = Field::parse(input)?;
        match &tag.value {
            Some(value) if tag.sigil != Sigil::None => {
                Err(Error::new_spanned(value, "a tag's value is a `lightship::TagValue` as it is"))
            }
            Some(_) => Ok(tag),
            None => Err(Error::new(tag.span(), "a tag is written as `key = value`")),
        }
    });
    for tag in &tags {
        if OWN_TAGS.contains(&tag.key().as_str()) {
            let message = format!("`{}` is a tag of every call already", tag.key());
            mistakes.at(tag.span(), message);
        }
    }
    if let Some(tag) = tags.get(MAX_TAGS) {
        mistakes.at(tag.span(), format!("a function has at most {MAX_TAGS} tags of its own"));
    }
    tags
}

/// Names alone.
pub(super) fn names(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Vec<Ident> {
    list(input, mistakes, Ident::parse_any)
}

fn list<T>(
    input: ParseStream<'_>,
    mistakes: &mut Mistakes,
    one: impl Fn(ParseStream<'_>) -> Result<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    each_between_commas(input, mistakes, |input, _| one(input).map(|one| all.push(one)));
    all
}

impl Field {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let sigil = Sigil::parse(input)?;
        if sigil != Sigil::None {
            let key =
                Key::Dotted(Punctuated::parse_separated_nonempty_with(input, Ident::parse_any)?);
            return Ok(Field { key, sigil, value: None });
        }
        let key = match input.peek(LitStr) {
            true => Key::Text(input.parse()?),
            false => {
                Key::Dotted(Punctuated::parse_separated_nonempty_with(input, Ident::parse_any)?)
            }
        };
        let mut field = Field { key, sigil, value: None };
        if input.parse::<Option<Token![=]>>()?.is_some() {
            field.sigil = Sigil::parse(input)?;
            field.value = Some(input.parse()?);
        } else if let Key::Text(text) = &field.key {
            return Err(Error::new_spanned(text, "this field has no value: `\"key\" = value`"));
        }
        Ok(field)
    }

    pub(super) fn key(&self) -> String {
        match &self.key {
            Key::Text(text) => text.value(),
            Key::Dotted(parts) => {
                parts.iter().map(|part| part.unraw().to_string()).collect::<Vec<_>>().join(".")
            }
        }
    }

    pub(super) fn span(&self) -> Span {
        match &self.key {
            Key::Text(text) => text.span(),
            Key::Dotted(parts) => parts.span(),
        }
    }

    pub(super) fn value(&self) -> Option<&Expr> {
        self.value.as_ref()
    }

    /// The value if it is a literal that tags are made of.
    pub(super) fn literal(&self) -> Option<&Lit> {
        match &self.value {
            Some(Expr::Lit(literal)) => {
                let lit = &literal.lit;
                matches!(lit, Lit::Str(_) | Lit::Int(_) | Lit::Bool(_)).then_some(lit)
            }
            _ => None,
        }
    }

    /// As a field of tracing's macros with this value.
    pub(super) fn with_value(&self, value: &impl ToTokens) -> TokenStream {
        let key = &self.key;
        quote! { #key = #value }
    }

    /// The same with its own.
    pub(super) fn tokens(&self, root: &TokenStream) -> TokenStream {
        let Field { key, sigil, value } = self;
        let value = match value {
            None => quote! { #key },
            // The one value that is not an expression of the function's own.
            Some(Expr::Path(path)) if path.path.is_ident("Empty") => {
                let span = path.span();
                return quote_spanned! {span=> #key = #root::tracing::field::Empty };
            }
            Some(value) => quote! { #value },
        };
        // What is asked of the value is told where it is: inside of tracing's macros it would be told
        // of all options together.
        let at = there(value.span());
        match sigil {
            Sigil::None => quote_spanned! {at=> #key = #root::function::value(&(#value)) },
            Sigil::Debug => quote_spanned! {at=> #key = #root::function::debug(&(#value)) },
            Sigil::Display => {
                quote_spanned! {at=> #key = #root::function::display(&(#value)) }
            }
        }
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Key::Dotted(parts) => parts.to_tokens(tokens),
            Key::Text(text) => text.to_tokens(tokens),
        }
    }
}

impl Sigil {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.parse::<Option<Token![?]>>()?.is_some() {
            return Ok(Sigil::Debug);
        }
        let display = input.parse::<Option<Token![%]>>()?.is_some();
        Ok(if display { Sigil::Display } else { Sigil::None })
    }
}
