//! The function that an attribute stands on.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, FnArg, Pat, PatIdent, Result, ReturnType, Signature, Token, Type};
use syn::{Visibility, visit_mut};

/// A function, its body as it was written: whatever is wrong in there is the compiler's to tell.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// In its braces.
    pub(crate) body: Group,
}

impl Function {
    /// The function that `attribute` stands on, if it is one that runs.
    pub(crate) fn parse(attribute: &str, item: TokenStream) -> Result<Self> {
        let function: Function = syn::parse2(item).map_err(|error| named(&error, attribute))?;
        match &function.signature.constness {
            Some(token) => Err(Error::new_spanned(
                token,
                format!(
                    "`#[{attribute}]` can't be on a `const fn`: it reads clocks and counts, which \
                     nothing can while a program is compiled"
                ),
            )),
            None => Ok(function),
        }
    }

    /// The names that a caller's values have in the body.
    pub(crate) fn arguments(&self) -> Vec<String> {
        struct Names(Vec<String>);
        impl visit_mut::VisitMut for Names {
            fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
                self.0.push(pattern.ident.to_string());
                visit_mut::visit_pat_ident_mut(self, pattern);
            }
        }
        let mut names = Names(Vec::new());
        for input in &self.signature.inputs {
            match input {
                FnArg::Receiver(_) => names.0.push("self".to_owned()),
                FnArg::Typed(typed) => {
                    let mut pattern: Pat = (*typed.pat).clone();
                    visit_mut::VisitMut::visit_pat_mut(&mut names, &mut pattern);
                }
            }
        }
        names.0
    }

    /// The type that it returns, if it does return something.
    pub(crate) fn returns(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, returned) => match &**returned {
                Type::Tuple(tuple) if tuple.elems.is_empty() => None,
                Type::Never(_) => None,
                returned => Some(returned),
            },
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.to_string().trim_start_matches("r#").to_owned()
    }

    /// The function with another body.
    pub(crate) fn with_body(&self, body: &TokenStream) -> TokenStream {
        let Function { attributes, visibility, signature, .. } = self;
        let mut group = Group::new(Delimiter::Brace, body.clone());
        group.set_span(self.body.span());
        quote! { #(#attributes)* #visibility #signature #group }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !is_function(input) {
            return Err(input.error("is no function"));
        }
        let signature: Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(input.error("has no body"));
        }
        let TokenTree::Group(body) = input.parse()? else { return Err(input.error("has no body")) };
        let (inner, body) = parse_inner(body)?;
        attributes.extend(inner);
        Ok(Function { attributes, visibility, signature, body })
    }
}

/// Attributes that a body begins with are the function's, as others are.
fn parse_inner(body: Group) -> Result<(Vec<Attribute>, Group)> {
    let split = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_inner)?;
        Ok((attributes, input.parse::<TokenStream>()?))
    };
    let (mut attributes, rest) = syn::parse::Parser::parse2(split, body.stream())?;
    if attributes.is_empty() {
        return Ok((attributes, body));
    }
    attributes.iter_mut().for_each(|attribute| attribute.style = syn::AttrStyle::Outer);
    let mut group = Group::new(Delimiter::Brace, rest);
    group.set_span(body.span());
    Ok((attributes, group))
}

fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        let word = ahead.parse::<TokenTree>().map(|tree| tree.to_token_stream().to_string());
        let Ok(word) = word else { return false };
        let is_qualifier = ["const", "async", "unsafe", "safe", "extern", "default"];
        if !is_qualifier.contains(&word.as_str()) && !word.starts_with('"') {
            return false;
        }
    }
    true
}

fn named(error: &Error, attribute: &str) -> Error {
    let message = match error.to_string().as_str() {
        "is no function" => {
            format!("`#[{attribute}]` goes on a function or a method with a body; this is neither")
        }
        "has no body" => format!(
            "there is no body to put `#[{attribute}]` around; put it on the methods that \
             implement this one"
        ),
        other => other.to_owned(),
    };
    Error::new(error.span(), message)
}
