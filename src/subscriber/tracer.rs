//! The tracer of the layer: whichever is served right now.

use super::Shared;
use crate::trace::Tracer;
use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, TracerProvider as _};
use opentelemetry_sdk::trace::{SdkTracerProvider, Span};
use std::fmt;
use std::sync::Arc;

/// tracing-opentelemetry keeps its tracer for good; this one is as exchangeable as all else.
pub(super) struct SwitchedTracer {
    shared: Arc<Shared>,
    /// For spans that start while nothing is served: its provider is shut down.
    nobody: Tracer,
}

impl SwitchedTracer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let provider = SdkTracerProvider::builder().build();
        // Without a processor there is nothing that could fail.
        let _ = provider.shutdown();
        SwitchedTracer { shared, nobody: provider.tracer("lightship") }
    }
}

impl opentelemetry::trace::Tracer for SwitchedTracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        let tracer = self.shared.switch.with(|active| active.tracer().cloned()).flatten();
        tracer.as_ref().unwrap_or(&self.nobody).build_with_context(builder, parent)
    }
}

impl fmt::Debug for SwitchedTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SwitchedTracer")
    }
}
