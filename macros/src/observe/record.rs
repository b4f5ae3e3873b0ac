//! What is recorded: a span, metrics, and how a call ends.

use super::field::Field;
use super::words::Level;
use super::{Plan, Purpose};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lit};

/// Fields that a span declares, and a call fills in if it does not succeed.
const LATE_FIELDS: [&str; 3] = ["outcome", "error.type", "otel.status_code"];
const DESCRIPTION: &str = "otel.status_description";

/// Hygienic as the expansion is, and told of at `span`.
pub(super) fn there(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A name of the expansion's own, which the function's code can't see.
pub(super) fn own(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

impl Plan<'_> {
    /// Statements that measure a call from here on, as `call`; `unless` is what it came to if nobody
    /// says so.
    pub(super) fn start(&self, call: &Ident, unless: &TokenStream) -> TokenStream {
        self.start_by(&own("new"), call, unless)
    }

    /// The same, where `call` may be none.
    pub(super) fn begin(&self, call: &Ident, unless: &TokenStream) -> TokenStream {
        self.start_by(&own("begin"), call, unless)
    }

    fn start_by(&self, made_by: &Ident, call: &Ident, unless: &TokenStream) -> TokenStream {
        let (values, made, span) = (self.values(), self.meter(), self.span());
        let (root, meter, level) = (&self.root, own("meter"), self.level().tokens(&self.root));
        // Where it keeps the tags.
        let given = match self.keeps_values() {
            true => meter.to_token_stream(),
            false => quote! { _ },
        };
        quote_spanned! {Span::mixed_site()=>
            #values
            let #meter = #made;
            #[allow(unused_mut)]
            let mut #call = #root::function::Call::#made_by(
                #level,
                #meter,
                #root::function::Unless::#unless,
                |#given| #span,
            );
        }
    }

    /// Statements that say how a call ends that returns `result`.
    pub(super) fn end(&self, call: &Ident, result: &Ident) -> TokenStream {
        let (root, err, ret) = (&self.root, self.err(call, result), self.ret(result));
        quote_spanned! {Span::mixed_site()=>
            #err
            #ret
            {
                use #root::function::{ReturnsAny as _, ReturnsNamed as _, ReturnsTyped as _};
                #call.ends((&&&#root::function::Returned(&#result)).error_type());
            }
        }
    }

    /// Whether a call records events when it ends, which belong into its span.
    pub(super) fn has_events(&self) -> bool {
        self.options.err.is_some() || self.options.ret.is_some()
    }

    fn err(&self, call: &Ident, result: &Ident) -> Option<TokenStream> {
        let recorded = self.options.err.as_ref()?;
        let root = &self.root;
        let (error, text) = (own("error"), own("text"));
        // What they ask of the type is told where the option is.
        let at = there(recorded.span);
        let how = Ident::new(if recorded.debug { "debug" } else { "display" }, at);
        let (given, returned) = (Ident::new("error", at), Ident::new(&result.to_string(), at));
        let found = quote_spanned! {at=> #root::function::failed(&#returned) };
        let said = quote_spanned! {at=> #root::function::ErrorText::#how(#given) };
        let level = recorded.level.clone().unwrap_or_else(|| Level::new("error")).tokens(root);
        let (target, name) = (self.target(), self.name());
        Some(quote_spanned! {Span::mixed_site()=>
            if let ::core::option::Option::Some(#error) = #found {
                let #text = #said;
                #root::tracing::event!(
                    #target #level, error = #root::tracing::field::display(#text.shown()),
                    "{} failed", #name
                );
                #call.describe(&#text);
            }
        })
    }

    fn ret(&self, result: &Ident) -> Option<TokenStream> {
        let recorded = self.options.ret.as_ref()?;
        let root = &self.root;
        let value = own("value");
        let level = recorded.level.clone().unwrap_or_else(|| self.level()).tokens(root);
        let (target, name) = (self.target(), self.name());
        let at = there(recorded.span);
        let how = Ident::new(if recorded.debug { "debug" } else { "display" }, at);
        let given = Ident::new("value", at);
        let shown = quote_spanned! {at=> #root::function::#how(#given) };
        let event = quote_spanned! {Span::mixed_site()=>
            #root::tracing::event!(
                #target #level, return = #shown, "{} returned", #name
            );
        };
        Some(match self.options.err {
            None => quote_spanned! {Span::mixed_site()=> { let #value = &#result; #event } },
            Some(_) => quote_spanned! {Span::mixed_site()=>
                if let ::core::option::Option::Some(#value) =
                    #root::function::succeeded(&#result)
                {
                    #event
                }
            },
        })
    }

    fn span(&self) -> TokenStream {
        if self.purpose == Purpose::Workflow {
            let meter = own("meter");
            return quote_spanned! {Span::mixed_site()=> #meter.span() };
        }
        let (root, options) = (&self.root, &self.options);
        let (target, name, level) = (self.target(), self.name(), self.level().tokens(root));
        let parent = options.parent.as_ref().map(|parent| quote! { parent: #parent, });
        let kind = options.kind.iter().map(|kind| quote! { otel.kind = #kind });
        let fields = options.fields.iter().map(|field| field.tokens(root));
        let tags = options.tags.iter().enumerate().map(|(n, tag)| self.tag_field(n, tag));
        let declared: Vec<String> = options.fields.iter().map(Field::key).collect();
        let described = options.err.is_some().then_some(DESCRIPTION);
        let late = LATE_FIELDS.into_iter().chain(described);
        let late = late.filter(|key| !declared.iter().any(|known| known == key));
        let late = late.map(|key| {
            let parts = key.split('.').map(own_part);
            quote_spanned! {Span::mixed_site()=> #(#parts).* = #root::tracing::field::Empty }
        });
        let all: Vec<TokenStream> = kind.chain(tags).chain(fields).chain(late).collect();
        quote_spanned! {Span::mixed_site()=>
            #root::tracing::span!(#target #parent #level, #name, #(#all),*)
        }
    }

    fn tag_field(&self, n: usize, tag: &Field) -> TokenStream {
        match tag.literal() {
            Some(literal) => tag.with_value(literal),
            None => {
                let held = match self.options.without_metrics {
                    true => own("values").into_token_stream(),
                    false => {
                        let meter = own("meter");
                        quote_spanned! {Span::mixed_site()=> #meter.values() }
                    }
                };
                tag.with_value(&quote_spanned! {Span::mixed_site()=> #held[#n].field().value() })
            }
        }
    }

    /// Tags that are expressions, where no meter keeps them.
    fn values(&self) -> Option<TokenStream> {
        if !self.options.without_metrics || !self.is_dynamic() {
            return None;
        }
        let (held, name) = (self.held_values(), own("values"));
        Some(quote_spanned! {Span::mixed_site()=> let #name = #held; })
    }

    /// Whether the meter has what the span is made from.
    fn keeps_values(&self) -> bool {
        self.purpose == Purpose::Workflow || self.is_dynamic() && !self.options.without_metrics
    }

    fn is_dynamic(&self) -> bool {
        self.options.tags.iter().any(|tag| tag.literal().is_none())
    }

    fn held_values(&self) -> TokenStream {
        let root = &self.root;
        let values = self.options.tags.iter().filter_map(|tag| {
            let value = tag.value()?;
            Some(match tag.literal() {
                Some(Lit::Str(text)) => quote_spanned! {Span::mixed_site()=>
                    #root::OwnedTag::literal(#text)
                },
                // What is asked of a value is told where it is.
                _ => quote_spanned! {there(value.span())=> #root::OwnedTag::of(&(#value)) },
            })
        });
        quote_spanned! {Span::mixed_site()=> [#(#values),*] }
    }

    /// The function's metrics, as a call has them.
    fn meter(&self) -> TokenStream {
        let root = &self.root;
        if self.purpose == Purpose::Workflow {
            let name = self.name();
            return quote_spanned! {Span::mixed_site()=> #root::function::Workflow::start(#name) };
        }
        if self.options.without_metrics {
            return quote_spanned! {Span::mixed_site()=> #root::function::Unmetered };
        }
        let function = self.function.name();
        let identity = quote_spanned! {Span::mixed_site()=>
            ("function", #function), ("module", ::core::module_path!())
        };
        let keys: Vec<String> = self.options.tags.iter().map(Field::key).collect();
        if self.is_dynamic() {
            let (count, values) = (keys.len(), self.held_values());
            return quote_spanned! {Span::mixed_site()=> {
                static FUNCTION: #root::function::TaggedFunction<#count> =
                    #root::function::TaggedFunction::new(&[#identity], [#(#keys),*]);
                FUNCTION.call(#values)
            }};
        }
        let values = self.options.tags.iter().filter_map(Field::literal);
        let tags = quote_spanned! {Span::mixed_site()=>
            #identity #(, (#keys, ::core::concat!(#values)))*
        };
        quote_spanned! {Span::mixed_site()=> {
            static FUNCTION: #root::function::Function = #root::function::Function::new(
                &[#tags],
                &[#tags, ("outcome", "ok"), ("result", "ok")],
            );
            FUNCTION.call()
        }}
    }

    fn level(&self) -> Level {
        self.options.level.clone().unwrap_or_else(|| Level::new("info"))
    }

    fn target(&self) -> Option<TokenStream> {
        self.options.target.as_ref().map(|target| quote! { target: #target, })
    }

    fn name(&self) -> Expr {
        self.options.name.clone().unwrap_or_else(|| {
            let name = self.function.name();
            let span = self.function.signature.ident.span();
            let lit = Lit::Str(syn::LitStr::new(&name, span));
            Expr::Lit(syn::ExprLit { attrs: Vec::new(), lit })
        })
    }
}

fn own_part(part: &str) -> Ident {
    Ident::new(part, Span::mixed_site())
}
