//! `#[track_caller]`: a closure would hide the caller from the body, so that the body stays where it
//! is, and every `return` in it says how the call ends.
//!
//! What leaves by `?` can't be looked at: it is an error of unknown type where the function returns a
//! `Result`.

use super::Plan;
use super::body::nameable;
use super::record::own;
use crate::function::Function;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAsync, ExprClosure, Item, Type, parse_quote_spanned};

pub(super) fn is_tracked(function: &Function) -> bool {
    function.attributes.iter().any(|attribute| attribute.path().is_ident("track_caller"))
}

pub(super) fn body(plan: &Plan<'_>, body: &TokenStream, returned: &Type) -> TokenStream {
    let (call, entered, result) = (own("call"), own("_entered"), own("result"));
    let (returned, end) = (nameable(returned), plan.end(&call, &result));
    let unseen = own("unseen");
    let start = plan.start(&call, &quote_spanned! {Span::mixed_site()=> Returns(#unseen) });
    let probed = unseen_error(plan, &returned);
    // What can't be read is the compiler's to tell.
    let body = match syn::parse2::<Block>(body.clone()) {
        Ok(mut block) => {
            Returns { returned: &returned, end: &end }.visit_block_mut(&mut block);
            block.into_token_stream()
        }
        Err(_) => body.clone(),
    };
    quote_spanned! {Span::mixed_site()=>
        let #unseen = #probed;
        #start
        let #entered = #call.enter();
        let #result: #returned = #body;
        #end
        #result
    }
}

/// The type of an error that leaves by `?`, if the function has errors at all.
fn unseen_error(plan: &Plan<'_>, returned: &Type) -> TokenStream {
    let root = &plan.root;
    // Nothing can be asked of a type that is open in part, but it may be written as a `Result`.
    if returned.to_token_stream().into_iter().any(|tree| tree.to_string() == "_") {
        let Type::Path(path) = returned else {
            return quote_spanned! {Span::mixed_site()=> ::core::option::Option::None };
        };
        return match path.path.segments.last() {
            Some(last) if last.ident == "Result" => {
                quote_spanned! {Span::mixed_site()=> ::core::option::Option::Some("_OTHER") }
            }
            _ => quote_spanned! {Span::mixed_site()=> ::core::option::Option::None },
        };
    }
    quote_spanned! {Span::mixed_site()=> {
        use #root::function::{ProbeAny as _, ProbeResult as _};
        (&&#root::function::Probe::<#returned>::new()).unseen_error()
    }}
}

/// Puts the end of the call before every `return` of the function itself.
struct Returns<'e> {
    returned: &'e Type,
    end: &'e TokenStream,
}

impl VisitMut for Returns<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let Expr::Return(returns) = expression else { return };
        let Some(value) = returns.expr.take() else { return };
        let (end, returned, result) = (self.end, self.returned, own("result"));
        returns.expr = Some(parse_quote_spanned! {Span::mixed_site()=> {
            let #result: #returned = #value;
            #end
            #result
        }});
    }

    // A `return` in there is not the function's.
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}
