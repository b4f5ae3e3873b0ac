//! Spans: from the SDK's tracer, through a bounded queue and a thread of our own, cleaned and
//! encoded, to the spool.
//!
//! ```text
//! Span::end -> processor -> queue             by the host's thread: one lock, one move
//!              queue -> clean -> encode -> spool      by the thread `lightship-spans`
//! ```
//!
//! `opentelemetry-otlp` encodes, over a client of ours that goes nowhere. The SDK's batch processor
//! is not used: it can't tell how many spans it dropped or left behind, waits for five seconds
//! however little time is left, ends for good with an exporter that panics, panics itself where no
//! thread can be had, and takes half as much again of the host's time for a span.

#[cfg(feature = "testing")]
mod capture;
mod clean;
mod client;
mod exporter;
mod processor;
mod provider;
mod queue;

#[cfg(feature = "testing")]
pub(crate) use capture::SpanCapture;
pub(in crate::otlp) use provider::Traces;
pub(in crate::otlp) use queue::Sink;

#[cfg(test)]
mod tests;
