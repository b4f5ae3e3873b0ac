//! Assertions on telemetry: what a piece of code records, seen by nobody else.
//!
//! Captures are isolated: tests that run side by side do not see each other, and what is captured
//! reaches no backend. A capture follows its code over `await` points, into tasks handed over with
//! [`carry`](crate::carry) or `lightship::spawn`, and nowhere else.
//!
//! Metrics, spans and log lines are captured. Spans and lines come with all levels, and are those of
//! the `tracing` crate (with the feature `otlp`, which spans need).
//!
//! # Examples
//!
//! ```
//! use lightship::{counter, span_tree, testing};
//!
//! fn greet(name: &str) -> String {
//!     let _span = tracing::info_span!("greet").entered();
//!     counter!("greetings").increment(1);
//!     format!("Hello {name}")
//! }
//!
//! let (greeting, seen) = testing::capture(|| greet("Ada"));
//! assert_eq!(greeting, "Hello Ada");
//! assert_eq!(seen.counter("greetings", &[]), 1);
//! assert_eq!(seen.span_trees(), [span_tree! { "greet" }]);
//! ```

mod captured;
mod isolated;
mod span_tree;

pub use crate::trace::{CapturedEvent, CapturedSpan};
pub use captured::{Captured, Recorded};
pub use span_tree::SpanTree;

use crate::context::Context;
use crate::metrics::current;
use isolated::Isolated;
use std::future::Future;

/// Runs `body` and returns what it recorded on this thread.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| lightship::gauge!("depth").set(3));
/// assert_eq!(seen.gauge("depth", &[]), Some(3.0));
/// ```
pub fn capture<R>(body: impl FnOnce() -> R) -> (R, Captured) {
    let isolated = Isolated::new();
    let result = current::with_scope(&isolated.scope, body);
    (result, Captured::of(&isolated))
}

/// Runs a future and returns what it recorded, on whichever thread it was polled.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let work = async { lightship::histogram!("size").record(512) };
/// let (_, seen) = lightship::testing::capture_async(work).await;
/// assert_eq!(seen.histogram("size", &[]).count, 1);
/// # }
/// ```
pub async fn capture_async<F: Future>(future: F) -> (F::Output, Captured) {
    let isolated = Isolated::new();
    let result = Context::of(isolated.scope.clone()).wrap(future).await;
    (result, Captured::of(&isolated))
}
