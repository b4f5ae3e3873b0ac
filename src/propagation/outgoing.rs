//! What a request that leaves has to carry.

use opentelemetry::trace::SpanContext;

/// A place in a trace, to be written in the headers' languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outgoing<'a> {
    /// Valid.
    pub(super) span: &'a SpanContext,
    /// Whether nobody has decided about the trace, so that whoever comes next may.
    pub(super) is_deferred: bool,
}

impl Outgoing<'_> {
    pub(super) fn trace_id(&self) -> u128 {
        u128::from_be_bytes(self.span.trace_id().to_bytes())
    }

    pub(super) fn span_id(&self) -> u64 {
        u64::from_be_bytes(self.span.span_id().to_bytes())
    }

    /// `None` where that is left to others.
    pub(super) fn decision(&self) -> Option<bool> {
        (!self.is_deferred).then(|| self.span.is_sampled())
    }
}
