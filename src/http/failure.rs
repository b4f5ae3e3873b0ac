//! What an error is called: few names, and never its text.

use std::any::{Any, type_name};
use std::error::Error;
use std::io;

pub(super) const TIMEOUT: &str = "timeout";
pub(super) const CONNECT: &str = "connect";
const RESET: &str = "connection_reset";
pub(super) const CANCELLED: &str = "cancelled";
pub(super) const PANIC: &str = "panic";

/// `timeout` or `connect` where that can be told, else the error's type.
pub(super) fn error_type<E: 'static>(error: &E) -> &'static str {
    let any: &dyn Any = error;
    if let Some(boxed) = any.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return of_chain(boxed.as_ref());
    }
    let known = match any.downcast_ref::<io::Error>() {
        Some(error) => of_io(error),
        None => of_reqwest(any),
    };
    // Without the types that it is generic over.
    known.unwrap_or_else(|| type_name::<E>().split('<').next().unwrap_or("_OTHER"))
}

/// An error in a box does not tell its type; a cause may be one that is known.
pub(super) fn of_chain(error: &(dyn Error + 'static)) -> &'static str {
    let mut next = Some(error);
    while let Some(error) = next {
        let known = match error.downcast_ref::<io::Error>() {
            Some(error) => of_io(error),
            None => of_any_reqwest(error),
        };
        if let Some(known) = known {
            return known;
        }
        next = error.source();
    }
    // What tower's `Elapsed` says of itself.
    if error.to_string() == "request timed out" { TIMEOUT } else { "_OTHER" }
}

/// What broke a connection, if that is behind an error of a client.
#[cfg(feature = "reqwest")]
pub(super) fn of_connection(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(known) = error.downcast_ref().and_then(of_io) {
            return Some(known);
        }
        // What hyper says where the server closed it in peace, but too early.
        if error.to_string() == "connection closed before message completed" {
            return Some(RESET);
        }
        cause = error.source();
    }
    None
}

fn of_io(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, TimedOut, UnexpectedEof,
    };
    match error.kind() {
        TimedOut => Some(TIMEOUT),
        ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable => {
            Some(CONNECT)
        }
        ConnectionReset | ConnectionAborted | UnexpectedEof => Some(RESET),
        _ => None,
    }
}

#[cfg(feature = "reqwest")]
fn of_reqwest(any: &dyn Any) -> Option<&'static str> {
    any.downcast_ref().map(super::reqwest::error_type)
}

#[cfg(feature = "reqwest")]
fn of_any_reqwest(error: &(dyn Error + 'static)) -> Option<&'static str> {
    error.downcast_ref().map(super::reqwest::error_type)
}

#[cfg(not(feature = "reqwest"))]
fn of_reqwest(_: &dyn Any) -> Option<&'static str> {
    None
}

#[cfg(not(feature = "reqwest"))]
fn of_any_reqwest(_: &(dyn Error + 'static)) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Unavailable;

    #[test]
    fn errors_are_called_by_kind_or_type() {
        assert_eq!(error_type(&io::Error::from(io::ErrorKind::TimedOut)), TIMEOUT);
        assert_eq!(error_type(&io::Error::from(io::ErrorKind::ConnectionRefused)), CONNECT);
        assert_eq!(error_type(&io::Error::other("x")), "std::io::error::Error");
        assert!(error_type(&Unavailable).ends_with("::Unavailable"));
        assert!(!error_type(&Some(Unavailable)).contains('<'));
    }

    #[test]
    fn boxes_are_looked_into() {
        type BoxError = Box<dyn Error + Send + Sync>;
        let timeout: BoxError = io::Error::from(io::ErrorKind::TimedOut).into();
        assert_eq!(error_type(&timeout), TIMEOUT);
        assert_eq!(error_type::<BoxError>(&"request timed out".into()), TIMEOUT);
        assert_eq!(error_type::<BoxError>(&"the password is x".into()), "_OTHER");
    }
}
