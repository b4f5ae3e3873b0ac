//! Spans: from `tracing` to OpenTelemetry, decided early.
//!
//! ```text
//! new span -> parent's fate (table), outer context, or the ratio
//!               unsampled: ids into the table, and that was it
//!               sampled:   tracing-opentelemetry -> SdkTracer -> processor
//!               undecided: the same way, and the SDK asks our `Sampler` when the span starts
//! ```
//!
//! A span that declares `otel.kind` may still be given a parent of another process after it was
//! made, so it stays undecided until somebody needs to know. Spans of a trace always agree: whoever
//! stands below an unsampled span is unsampled, whatever thread or task it runs in.

mod ids;
#[cfg_attr(not(feature = "otlp"), path = "off.rs")]
mod spans;

#[cfg(feature = "otlp")]
mod activation;
#[cfg(feature = "otlp")]
mod decision;
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
mod tests;

#[cfg(feature = "otlp")]
#[allow(unused_imports, reason = "while the pieces of OTLP and logs come together")]
pub(crate) use generator::Ids;
pub(crate) use ids::SpanIds;
#[cfg(feature = "otlp")]
#[allow(unused_imports, reason = "while the pieces of OTLP and logs come together")]
pub(crate) use sampler::Sampler;
#[allow(unused_imports, reason = "while the pieces of OTLP and logs come together")]
pub(crate) use spans::Spans;
