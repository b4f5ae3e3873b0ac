//! Of which type an error is, in a few words.

use std::io::{Error as IoError, ErrorKind};
use std::sync::Arc;

/// Of which type an error is: the tag `error_type` of a function's metrics and the attribute
/// `error.type` of its span, where [`observe`](crate::observe) measures it.
///
/// Implement it, or derive it, so that errors of one Rust type can be told apart. A type that
/// doesn't have it is known by the last part of its name.
///
/// # Examples
///
/// ```
/// use lightship::ErrorType;
///
/// #[derive(ErrorType)]
/// enum UploadError {
///     TooLarge { bytes: u64 }, // "too_large"
///     #[error_type(rename = "bad_pdf")]
///     Pdf(String),
/// }
///
/// assert_eq!(UploadError::TooLarge { bytes: 5 }.error_type(), "too_large");
///
/// struct Refused(u16);
///
/// impl ErrorType for Refused {
///     fn error_type(&self) -> &'static str {
///         if self.0 >= 500 { "upstream" } else { "client" }
///     }
/// }
/// # assert_eq!(Refused(503).error_type(), "upstream");
/// ```
pub trait ErrorType {
    /// One of a few words: a literal, never the error's message.
    fn error_type(&self) -> &'static str;
}

impl<E: ErrorType + ?Sized> ErrorType for &E {
    fn error_type(&self) -> &'static str {
        (**self).error_type()
    }
}

impl<E: ErrorType + ?Sized> ErrorType for Box<E> {
    fn error_type(&self) -> &'static str {
        (**self).error_type()
    }
}

impl<E: ErrorType + ?Sized> ErrorType for Arc<E> {
    fn error_type(&self) -> &'static str {
        (**self).error_type()
    }
}

/// The kind, for there is no saying otherwise what went wrong.
impl ErrorType for IoError {
    fn error_type(&self) -> &'static str {
        match self.kind() {
            ErrorKind::NotFound => "not_found",
            ErrorKind::PermissionDenied => "permission_denied",
            ErrorKind::ConnectionRefused => "connection_refused",
            ErrorKind::ConnectionReset => "connection_reset",
            ErrorKind::ConnectionAborted => "connection_aborted",
            ErrorKind::NotConnected => "not_connected",
            ErrorKind::AddrInUse => "addr_in_use",
            ErrorKind::BrokenPipe => "broken_pipe",
            ErrorKind::AlreadyExists => "already_exists",
            ErrorKind::WouldBlock => "would_block",
            ErrorKind::InvalidInput => "invalid_input",
            ErrorKind::InvalidData => "invalid_data",
            ErrorKind::TimedOut => "timed_out",
            ErrorKind::WriteZero => "write_zero",
            ErrorKind::StorageFull => "storage_full",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::UnexpectedEof => "unexpected_eof",
            ErrorKind::OutOfMemory => "out_of_memory",
            _ => "io_error",
        }
    }
}

/// The last part of a type's name, without what it is a reference to, a box of or generic over.
pub(super) fn name_of<E: ?Sized>() -> &'static str {
    last_part(std::any::type_name::<E>())
}

fn last_part(name: &'static str) -> &'static str {
    let mut name = name;
    let wrappers = ["&", "mut ", "alloc::boxed::Box<", "alloc::sync::Arc<", "dyn "];
    while let Some(inside) = wrappers.iter().find_map(|wrapper| name.strip_prefix(wrapper)) {
        name = inside;
    }
    let path = name.split(['<', '>', ' ', '+', ',']).next().unwrap_or(name);
    let last = path.rsplit("::").find(|part| !part.starts_with('{')).unwrap_or(path);
    match last.is_empty() || last == "()" {
        true => super::outcome::OTHER,
        false => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    #[test]
    fn a_type_is_known_by_the_last_part_of_its_name() {
        assert_eq!(name_of::<std::fmt::Error>(), "Error");
        assert_eq!(name_of::<String>(), "String");
        assert_eq!(name_of::<&'static str>(), "str");
        assert_eq!(name_of::<Box<dyn Error + Send + Sync>>(), "Error");
        assert_eq!(name_of::<Arc<std::num::ParseIntError>>(), "ParseIntError");
        assert_eq!(name_of::<Vec<std::fmt::Error>>(), "Vec");
        assert_eq!(name_of::<()>(), "_OTHER");
    }

    #[test]
    fn an_io_error_is_of_its_kind() {
        let refused = IoError::from(ErrorKind::ConnectionRefused);
        assert_eq!(ErrorType::error_type(&Box::new(refused)), "connection_refused");
        assert_eq!(IoError::other("x").error_type(), "io_error");
    }
}
