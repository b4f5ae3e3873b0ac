//! What went wrong, in words that are safe to show.

use std::borrow::Cow;

/// What `error.type` says of a call that was dropped before it ended.
pub(super) const CANCELLED: &str = "cancelled";
/// What it says of one that panicked.
pub(super) const PANIC: &str = "panic";

/// The class of an error, and the database's own code for it.
///
/// Never the error's message, which may quote what a statement was about.
///
/// # Examples
///
/// ```
/// use lightship::db::Failure;
///
/// let timeout = Failure::new("timeout");
/// let duplicate = Failure::code("23505"); // what the database answered is the class as well
/// let error: Result<(), std::io::Error> = Err(std::io::ErrorKind::NotFound.into());
/// let by_type = Failure::of(&error.unwrap_err());
/// assert_eq!(by_type, Failure::new("std::io::error::Error"));
/// # assert_ne!(timeout, duplicate);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub(super) error_type: Cow<'static, str>,
    pub(super) status_code: Option<Cow<'static, str>>,
}

impl Failure {
    /// An error of this class, of which there should be few: it becomes the tag `error.type`.
    pub fn new(error_type: impl Into<Cow<'static, str>>) -> Self {
        Failure { error_type: error_type.into(), status_code: None }
    }

    /// An error that the database has a code for: `db.response.status_code` and, as OpenTelemetry
    /// asks for, `error.type`.
    pub fn code(status_code: impl Into<Cow<'static, str>>) -> Self {
        let code = status_code.into();
        Failure { error_type: code.clone(), status_code: Some(code) }
    }

    /// An error of which nothing is known but its type, whose name becomes the class.
    pub fn of<E>(_error: &E) -> Self {
        let name = std::any::type_name::<E>();
        let name = name.split('<').next().unwrap_or(name);
        Failure::new(name.trim_start_matches('&'))
    }
}
