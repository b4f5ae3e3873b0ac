//! What becomes of a function's body.

use super::Plan;
use super::record::own;
use super::{tail, tracked};
use crate::function::Function;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Result, Type, parse_quote_spanned};

impl Plan<'_> {
    pub(super) fn expand(&self) -> Result<TokenStream> {
        let function = self.function;
        let body = function.body.to_token_stream();
        if function.is_async() {
            return Ok(function.with_body(&self.within_async(
                &body,
                function.returns().cloned(),
                true,
            )));
        }
        if let Some(mut block) = tail::of(function)? {
            self.observe_tail(&mut block);
            let stmts = &block.stmts;
            return Ok(function.with_body(&quote! { #(#stmts)* }));
        }
        Ok(function.with_body(&match function.returns() {
            None => self.around_unit(&body),
            Some(returned) if tracked::is_tracked(function) => tracked::body(self, &body, returned),
            Some(returned) => self.around_value(&body, returned),
        }))
    }

    /// The body of a function that returns nothing: it is over when its last value is dropped, and
    /// no closure has to stand around it.
    fn around_unit(&self, body: &TokenStream) -> TokenStream {
        let (call, entered) = (own("call"), own("_entered"));
        let root = &self.root;
        let unless = quote_spanned! {Span::mixed_site()=> Returns(::core::option::Option::None) };
        let start = self.begin(&call, &unless);
        quote_spanned! {Span::mixed_site()=>
            #start
            let #entered = ::core::option::Option::as_ref(&#call).map(#root::function::Call::enter);
            #body
        }
    }

    /// In a closure, so that `return` and `?` come by here.
    fn around_value(&self, body: &TokenStream, returned: &Type) -> TokenStream {
        let (call, entered, result) = (own("call"), own("_entered"), own("result"));
        let unless = own("Panics").into_token_stream();
        let (start, end) = (self.begin(&call, &unless), self.end(&call, &result));
        let (root, closure, returned) = (&self.root, own("body"), nameable(returned));
        quote_spanned! {Span::mixed_site()=>
            #start
            let #closure = #root::function::once(move || -> #returned #body);
            let ::core::option::Option::Some(#call) = #call else {
                return #root::function::run(#closure);
            };
            let #entered = #call.enter();
            let #result = #root::function::run(#closure);
            #end
            #result
        }
    }

    /// The body of an async function or of an async block.
    fn within_async(&self, body: &TokenStream, returned: Option<Type>, moves: bool) -> TokenStream {
        let (call, entered, result) = (own("call"), own("_entered"), own("result"));
        let start = self.start(&call, &own("Cancelled").into_token_stream());
        let end = self.end(&call, &result);
        let moves = moves.then(|| quote_spanned! {Span::mixed_site()=> move });
        let hint = returned.map(|returned| self.hint(&returned));
        let enter = self.has_events().then(|| {
            quote_spanned! {Span::mixed_site()=> let #entered = #call.enter(); }
        });
        quote_spanned! {Span::mixed_site()=>
            #start
            let #result = #call.poll(async #moves { #hint #body }).await;
            { #enter #end }
            #result
        }
    }

    /// Tells an async block the type of its value before its first statement, as a function's body
    /// is told.
    fn hint(&self, returned: &Type) -> TokenStream {
        let (root, returned) = (&self.root, nameable(returned));
        quote_spanned! {Span::mixed_site()=>
            #[allow(clippy::needless_return, clippy::diverging_sub_expression, unreachable_code)]
            if false {
                return #root::function::never::<#returned>();
            }
        }
    }

    fn observe_tail(&self, block: &mut Block) {
        if let Some(tail) = tail::async_block(block) {
            let stmts = &tail.block.stmts;
            let moves = tail.capture.is_some();
            let output = self.function.returns().and_then(tail::output);
            let body = self.within_async(&quote! { { #(#stmts)* } }, output, moves);
            tail.block = parse_quote_spanned! {Span::mixed_site()=> { #body } };
        }
    }
}

/// The function with a statement that runs before its body does: when the future is first polled,
/// where the function makes one.
pub(crate) fn before(function: &Function, statement: &TokenStream) -> Result<TokenStream> {
    let Some(mut block) = tail::of(function)? else {
        let body = &function.body;
        return Ok(function.with_body(&quote_spanned! {Span::mixed_site()=> #statement #body }));
    };
    if let Some(tail) = tail::async_block(&mut block) {
        let stmts = &tail.block.stmts;
        tail.block = parse_quote_spanned! {Span::mixed_site()=> { #statement { #(#stmts)* } } };
    }
    let stmts = &block.stmts;
    Ok(function.with_body(&quote! { #(#stmts)* }))
}

/// A type as it can be written in a body: what a signature leaves open is open there, too.
pub(super) fn nameable(returned: &Type) -> Type {
    struct Opened;
    impl VisitMut for Opened {
        fn visit_type_mut(&mut self, inner: &mut Type) {
            match inner {
                Type::ImplTrait(_) => *inner = parse_quote_spanned! {Span::mixed_site()=> _ },
                _ => visit_mut::visit_type_mut(self, inner),
            }
        }
    }
    let mut returned = returned.clone();
    Opened.visit_type_mut(&mut returned);
    returned
}
