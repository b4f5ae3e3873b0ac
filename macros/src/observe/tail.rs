//! Functions that are no `async fn` and return a future all the same: `async_trait` makes them, and
//! people write them by hand.

use crate::function::Function;
use proc_macro2::Span;
use syn::{
    Block, Error, Expr, ExprAsync, GenericArgument, PathArguments, Result, Stmt, Type,
    TypeParamBound, parse_quote_spanned,
};

/// The function's body, if the future that it returns is an async block at its end.
pub(super) fn of(function: &Function) -> Result<Option<Block>> {
    if function.is_async() {
        return Ok(None);
    }
    let Some(returned) = function.returns() else { return Ok(None) };
    let body = quote::ToTokens::to_token_stream(&function.body);
    // What can't be read is the compiler's to tell.
    let Ok(mut block) = syn::parse2::<Block>(body) else { return Ok(None) };
    if async_block(&mut block).is_some() {
        return Ok(Some(block));
    }
    match is_future(returned) {
        false => Ok(None),
        true => Err(Error::new_spanned(
            returned,
            "this future is not an async block at the function's end, so only its making could be \
             observed; make this an `async fn`, or end it with `async move { .. }`",
        )),
    }
}

/// The async block at the end of a body, also within `Box::pin(..)` or before `.boxed()`.
pub(super) fn async_block(block: &mut Block) -> Option<&mut ExprAsync> {
    match block.stmts.last_mut()? {
        Stmt::Expr(expression, None) => inside(expression),
        _ => None,
    }
}

fn inside(expression: &mut Expr) -> Option<&mut ExprAsync> {
    match expression {
        Expr::Async(block) => Some(block),
        Expr::Paren(paren) => inside(&mut paren.expr),
        Expr::Group(group) => inside(&mut group.expr),
        Expr::Cast(cast) => inside(&mut cast.expr),
        Expr::Call(call) if call.args.len() == 1 => {
            let Expr::Path(path) = &*call.func else { return None };
            let pins = path.path.segments.last().is_some_and(|last| last.ident == "pin");
            if pins { inside(call.args.first_mut()?) } else { None }
        }
        Expr::MethodCall(call) if call.args.is_empty() => {
            let boxes = call.method == "boxed" || call.method == "boxed_local";
            if boxes { inside(&mut call.receiver) } else { None }
        }
        _ => None,
    }
}

/// What the future that a function returns comes to.
pub(super) fn output(returned: &Type) -> Option<Type> {
    let Type::ImplTrait(some) = returned else {
        return Some(parse_quote_spanned! {Span::mixed_site()=>
            <#returned as ::core::future::Future>::Output
        });
    };
    let bounds = some.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    let mut arguments = bounds.filter_map(|last| match &last.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments.find_map(|arguments| {
        arguments.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(assigned) if assigned.ident == "Output" => {
                Some(assigned.ty.clone())
            }
            _ => None,
        })
    })
}

/// Whether a type is written as a future's.
fn is_future(returned: &Type) -> bool {
    match returned {
        Type::ImplTrait(some) => some.bounds.iter().any(is_future_bound),
        Type::TraitObject(some) => some.bounds.iter().any(is_future_bound),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            if name == "BoxFuture" || name == "LocalBoxFuture" {
                return true;
            }
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
            let mut types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            });
            (name == "Pin" || name == "Box") && types.any(is_future)
        }),
        _ => false,
    }
}

fn is_future_bound(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident == "Future")
        }
        _ => false,
    }
}
