//! Calls to databases: a span and a duration for each, by OpenTelemetry's stable conventions.
//!
//! [`Query`] fits around any driver. With the feature `sqlx`, [`sqlx`] observes every statement of a
//! pool or a connection of that crate.
//!
//! What is never recorded: parameters, messages of errors, and literals of a statement. A statement
//! whose quoting can be read in more than one way, as some databases' settings decide, counts as a
//! literal from there on.
//!
//! The spans' target is `lightship::db`, at level `info`: a filter that says `lightship::db=off` takes
//! them away and leaves the durations.
//!
//! # Examples
//!
//! ```
//! use lightship::db::{Query, System};
//!
//! let statement = "UPDATE documents SET label = 'invoice' WHERE id IN (1, 2, 3)";
//! let (_, seen) = lightship::testing::capture(|| {
//!     Query::new(System::Postgresql, statement).run_blocking(|| Ok::<_, std::fmt::Error>(()))
//! });
//! # #[cfg(feature = "otlp")] {
//! let span = seen.span("UPDATE documents").unwrap();
//! let text = "UPDATE documents SET label = ? WHERE id IN (?)";
//! assert_eq!(span.attribute("db.query.text"), Some(text));
//! # }
//! ```

mod call;
mod failure;
mod query;
#[cfg(feature = "sqlx")]
pub mod sqlx;
mod statement;
mod system;
#[cfg(test)]
mod tests;

pub use call::Call;
pub use failure::Failure;
pub use query::Query;
pub use statement::Statement;
pub use system::System;
