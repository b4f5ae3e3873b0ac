//! What a field of `#[observe(fields(..))]` can be.

use crate::tag::{Hashed, Secret, Short, Truncated};
use tracing::Value;
use tracing::field::{DisplayValue, display};

/// A value of a span's field, for which no `?` or `%` is needed.
///
/// `tracing` lets nobody else say what is one of its values, so that ours have to be told apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be recorded as it is",
    label = "is neither a `tracing::Value` nor a `lightship::Tag`",
    note = "write `key = ?value` or `key = %value` to record it by `Debug` or `Display`"
)]
#[doc(hidden)]
pub trait Field {
    type Shown<'a>: Value
    where
        Self: 'a;

    fn shown(&self) -> Self::Shown<'_>;
}

impl<V: Value> Field for V {
    type Shown<'a>
        = &'a V
    where
        Self: 'a;

    #[inline(always)]
    fn shown(&self) -> &V {
        self
    }
}

macro_rules! shown_by_display {
    ($([$($generics:tt)*] $type:ty),*) => {$(
        impl<$($generics)*> Field for $type {
            type Shown<'a>
                = DisplayValue<&'a Self>
            where
                Self: 'a;

            #[inline(always)]
            fn shown(&self) -> DisplayValue<&Self> {
                display(self)
            }
        }
    )*};
}

shown_by_display!([] Short, [] Hashed, ['t] Truncated<'t>, [T] Secret<T>);
shown_by_display!(['r] &'r Short, ['r] &'r Hashed, ['r, 't] &'r Truncated<'t>, ['r, T] &'r Secret<T>);
