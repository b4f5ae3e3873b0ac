//! The SDK's hook for finished spans, and the thread that exports them.

use super::exporter::Guarded;
use super::queue::Queue;
use crate::quiet;
use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long a flush that came through the SDK may take.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Processor(pub(super) Arc<Queue>);

impl SpanProcessor for Processor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        // Recorded, but not to be exported: no loss.
        if span.span_context.is_sampled() {
            self.0.offer(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        match self.0.drain(FLUSH_TIMEOUT) {
            true => Ok(()),
            false => Err(OTelSdkError::Timeout(FLUSH_TIMEOUT)),
        }
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        match self.0.shutdown(timeout) {
            true => Ok(()),
            false => Err(OTelSdkError::Timeout(timeout)),
        }
    }
}

/// Starts the thread that exports what is in the queue, until that is shut down.
pub(super) fn start<E>(queue: &Arc<Queue>, exporter: Guarded<E>) -> io::Result<()>
where
    E: SpanExporter + 'static,
{
    let queue = Arc::clone(queue);
    let work = move || {
        quiet::this_thread();
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        // Whatever happens, nobody shall wait for a thread that is gone.
        let work = || work_off(&queue, &exporter);
        while catch_unwind(AssertUnwindSafe(work)).is_err() {}
        queue.end();
    };
    thread::Builder::new().name("lightship-spans".to_owned()).spawn(work)?;
    Ok(())
}

fn work_off<E: SpanExporter>(queue: &Queue, exporter: &Guarded<E>) {
    while let Some(batch) = queue.next() {
        exporter.export(batch, &mut |fate| queue.settle(fate));
    }
}
