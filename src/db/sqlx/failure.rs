//! What an error of sqlx means.

use crate::db::Failure;
use sqlx::Error;

/// The class of an error: the database's own code where it answered with one (an SQLSTATE, or
/// SQLite's extended result code), else the name of the variant.
///
/// # Examples
///
/// ```
/// use lightship::db::{Failure, sqlx::failure};
///
/// assert_eq!(failure(&sqlx::Error::PoolTimedOut), Failure::new("PoolTimedOut"));
/// ```
pub fn failure(error: &Error) -> Failure {
    Failure::new(match error {
        Error::Database(answer) => match answer.code() {
            Some(code) => return Failure::code(code.into_owned()),
            None => "Database",
        },
        Error::Configuration(_) => "Configuration",
        Error::InvalidArgument(_) => "InvalidArgument",
        Error::Io(_) => "Io",
        Error::Tls(_) => "Tls",
        Error::Protocol(_) => "Protocol",
        Error::RowNotFound => "RowNotFound",
        Error::TypeNotFound { .. } => "TypeNotFound",
        Error::ColumnIndexOutOfBounds { .. } => "ColumnIndexOutOfBounds",
        Error::ColumnNotFound(_) => "ColumnNotFound",
        Error::ColumnDecode { .. } => "ColumnDecode",
        Error::Encode(_) => "Encode",
        Error::Decode(_) => "Decode",
        Error::AnyDriverError(_) => "AnyDriverError",
        Error::PoolTimedOut => "PoolTimedOut",
        Error::PoolClosed => "PoolClosed",
        Error::WorkerCrashed => "WorkerCrashed",
        Error::Migrate(_) => "Migrate",
        Error::InvalidSavePointStatement => "InvalidSavePointStatement",
        Error::BeginFailed => "BeginFailed",
        _ => "_OTHER",
    })
}
