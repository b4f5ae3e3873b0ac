//! Spans: from `tracing` to OpenTelemetry, decided early.

mod ids;

pub(crate) use ids::SpanIds;
