//! Every bound on what telemetry may take, in one place.
//!
//! What goes past a bound is folded or dropped, and always counted: see
//! [`DropReason`](crate::DropReason).
//!
//! # Examples
//!
//! ```
//! assert_eq!(lightship::limits::MAX_SERIES, 10_000);
//! ```

#[cfg(feature = "dogstatsd")]
pub use crate::dogstatsd::limits::*;
#[cfg(feature = "llm")]
pub use crate::llm::budget::limits::*;
pub use crate::logs::limits::*;
pub use crate::metrics::limits::*;
#[cfg(feature = "otlp")]
pub use crate::propagation::limits::*;
pub use crate::scrub::{MAX_NAME_CHARS, MAX_TAG_CHARS};
#[cfg(feature = "llm")]
pub use crate::workflow::limits::*;
