//! Which span of which trace: for logs, and for whoever carries a trace further.

/// The ids of a span, and whether its trace is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanIds {
    /// Never 0.
    pub(crate) trace_id: u128,
    /// Never 0.
    pub(crate) span_id: u64,
    pub(crate) sampled: bool,
}
