//! Spans: from `tracing` to OpenTelemetry, decided early.
//!
//! ```text
//! new span -> parent's fate (table), outer context, or the ratio
//!               unsampled: ids into the table, and that was it
//!               sampled:   tracing-opentelemetry -> SdkTracer -> processor
//!               undecided: the same way, and the SDK asks our `Sampler` when the span starts
//! ```
//!
//! Below a remote parent that is known (`entrance`) spans stand there, whatever span is current. Else a
//! span that declares `otel.kind` may still be given a parent of another process after it was
//! made, and stays undecided until somebody needs to know. Spans of a trace always agree: whoever
//! stands below an unsampled span is unsampled, whatever thread or task it runs in.

#[cfg(feature = "testing")]
mod captured;
mod ids;
#[cfg_attr(not(feature = "otlp"), path = "off.rs")]
mod spans;
pub(crate) mod tree;

#[cfg(feature = "otlp")]
mod activation;
#[cfg(feature = "otlp")]
mod current;
#[cfg(feature = "otlp")]
mod decision;
#[cfg(feature = "otlp")]
pub(crate) mod entrance;
#[cfg(feature = "otlp")]
mod generator;
#[cfg(feature = "otlp")]
mod kind;
#[cfg(feature = "otlp")]
mod sampler;
#[cfg(feature = "otlp")]
mod table;
#[cfg(feature = "otlp")]
mod tracer;

#[cfg(test)]
#[cfg(feature = "otlp")]
pub(crate) mod tests;

#[cfg(feature = "testing")]
pub use captured::{CapturedEvent, CapturedSpan};
#[cfg(feature = "otlp")]
pub(crate) use current::{Asked, RANDOM, current_context, in_context, with_current_context};
#[cfg(feature = "otlp")]
pub(crate) use generator::Ids;
pub(crate) use ids::SpanIds;
#[cfg(feature = "otlp")]
pub(crate) use opentelemetry_sdk::trace::SdkTracer as Tracer;
#[cfg(feature = "otlp")]
pub(crate) use sampler::Sampler;
pub(crate) use spans::Spans;
#[cfg(not(feature = "otlp"))]
pub(crate) use spans::{Sampler, Tracer};
