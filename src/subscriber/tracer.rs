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
        // Not a clone of the tracer, whose count all threads would write to.
        let mut builder = Some(builder);
        let built = self.shared.switch.with(|active| {
            let tracer = active.tracer()?;
            Some(tracer.build_with_context(builder.take()?, parent))
        });
        built
            .flatten()
            .unwrap_or_else(|| self.nobody.build_with_context(builder.unwrap_or_default(), parent))
    }
}

impl fmt::Debug for SwitchedTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SwitchedTracer")
    }
}
