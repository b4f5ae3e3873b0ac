//! Whether what a function returned is an error, for types that only the compiler knows.
//!
//! A call of a method prefers the receiver with the fewest references to take off: on
//! `&&&Returned(..)` the implementation for `&&Returned<Result<_, E: ErrorType>>` comes before that
//! for `&Returned<Result<_, _>>`, and that before the one for any type at all.

use super::error_type::{self, ErrorType};
use super::outcome::OTHER;
use std::marker::PhantomData;

/// What a function returned.
#[derive(Debug)]
#[doc(hidden)]
pub struct Returned<'r, R>(pub &'r R);

/// A `Result` whose errors say of which type they are.
#[doc(hidden)]
pub trait ReturnsTyped {
    fn error_type(&self) -> Option<&'static str>;
}

/// Any other `Result`.
#[doc(hidden)]
pub trait ReturnsNamed {
    fn error_type(&self) -> Option<&'static str>;
}

/// What is no `Result`, or not known to be one.
#[doc(hidden)]
pub trait ReturnsAny {
    fn error_type(&self) -> Option<&'static str>;
}

impl<T, E: ErrorType> ReturnsTyped for &&Returned<'_, Result<T, E>> {
    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        self.0.as_ref().err().map(E::error_type)
    }
}

impl<T, E> ReturnsNamed for &Returned<'_, Result<T, E>> {
    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        self.0.is_err().then(error_type::name_of::<E>)
    }
}

impl<R> ReturnsAny for Returned<'_, R> {
    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        None
    }
}

/// What a function returns, before it does.
#[derive(Debug)]
#[doc(hidden)]
pub struct Probe<R>(PhantomData<fn() -> R>);

impl<R> Probe<R> {
    #[allow(clippy::new_without_default, reason = "made by the macros alone")]
    pub const fn new() -> Self {
        Probe(PhantomData)
    }
}

#[doc(hidden)]
pub trait ProbeResult {
    /// What an error is called that was not looked at.
    fn unseen_error(&self) -> Option<&'static str>;
}

#[doc(hidden)]
pub trait ProbeAny {
    fn unseen_error(&self) -> Option<&'static str>;
}

impl<T, E> ProbeResult for &Probe<Result<T, E>> {
    fn unseen_error(&self) -> Option<&'static str> {
        Some(OTHER)
    }
}

impl<R> ProbeAny for Probe<R> {
    fn unseen_error(&self) -> Option<&'static str> {
        None
    }
}

/// A type that has errors to record.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`err` records the error of a `Result`, and `{Self}` is none",
    label = "the function returns `{Self}`",
    note = "return a `Result`, or leave `err` out"
)]
pub trait Fallible {
    type Value;
    type Error;
    fn as_result(&self) -> Result<&Self::Value, &Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;

    #[inline(always)]
    fn as_result(&self) -> Result<&T, &E> {
        self.as_ref()
    }
}

/// The error that is to be recorded.
#[inline(always)]
pub fn failed<R: Fallible>(returned: &R) -> Option<&R::Error> {
    returned.as_result().err()
}

/// The value that is to be recorded, beside the errors.
#[inline(always)]
pub fn succeeded<R: Fallible>(returned: &R) -> Option<&R::Value> {
    returned.as_result().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::needless_borrow, reason = "the references are what is tested")]

    use super::*;
    use std::fmt::Error as FmtError;
    use std::io::{Error as IoError, ErrorKind};

    type Alias<T> = Result<T, FmtError>;

    #[test]
    fn results_are_told_from_other_types() {
        let named: Alias<()> = Err(FmtError);
        assert_eq!((&&&Returned(&named)).error_type(), Some("Error"));
        let typed: Result<(), IoError> = Err(ErrorKind::TimedOut.into());
        assert_eq!((&&&Returned(&typed)).error_type(), Some("timed_out"));
        let fine: Alias<u8> = Ok(1);
        assert_eq!((&&&Returned(&fine)).error_type(), None);
        assert_eq!((&&&Returned(&Some(1))).error_type(), None);
        assert_eq!((&&Probe::<Alias<()>>::new()).unseen_error(), Some("_OTHER"));
        assert_eq!((&&Probe::<Option<()>>::new()).unseen_error(), None);
    }
}
