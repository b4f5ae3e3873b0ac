//! From finished spans to requests: cleaned, in bodies of bounded size, and whatever panics there
//! stays there.

use super::clean::{BODY_OVERHEAD, Cleaner, weight};
use super::client::{Outbox, poll_once};
use crate::otlp::recent::Recent;
use crate::otlp::request::{Request, Signal};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// No body gets larger than that before it is compressed: more than 4 MiB is what a collector
/// refuses over gRPC unless told otherwise.
pub(super) const MAX_BODY: usize = 4 << 20;

/// What became of some spans.
#[derive(Debug)]
pub(super) enum Fate {
    /// They are in this request.
    Encoded(Request),
    /// Cleaning or encoding them failed; so many are gone.
    Lost(u64),
}

/// The SDK's exporter, guarded.
#[derive(Debug)]
pub(super) struct Guarded<E> {
    exporter: E,
    /// Where the exporter's requests end up.
    outbox: Arc<Outbox>,
    cleaner: Cleaner,
    max_body: usize,
    recent: Arc<Recent>,
}

impl<E: SpanExporter> Guarded<E> {
    pub(super) fn new(exporter: E, outbox: Arc<Outbox>, cleaner: Cleaner, max_body: usize) -> Self {
        Guarded { exporter, outbox, cleaner, max_body, recent: Arc::default() }
    }

    /// The latest spans that came through here.
    pub(super) fn recent(&self) -> Arc<Recent> {
        Arc::clone(&self.recent)
    }

    /// Tells the fate of every sampled span of the batch, in order.
    pub(super) fn export(&self, mut batch: Vec<SpanData>, tell: &mut dyn FnMut(Fate)) {
        let sampled = batch.iter().filter(|span| span.span_context.is_sampled()).count() as u64;
        if catch_unwind(AssertUnwindSafe(|| self.cleaner.clean(&mut batch))).is_err() {
            return tell(Fate::Lost(sampled));
        }
        self.recent.note(&batch);
        while !batch.is_empty() {
            let rest = batch.split_off(self.fitting(&batch));
            tell(self.encode(batch));
            batch = rest;
        }
    }

    /// How many of these spans fit into one body, at least one.
    fn fitting(&self, batch: &[SpanData]) -> usize {
        let mut room = self.max_body.saturating_sub(BODY_OVERHEAD);
        let fits = |span: &&SpanData| match room.checked_sub(weight(span)) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        };
        batch.iter().take_while(fits).count().max(1)
    }

    fn encode(&self, spans: Vec<SpanData>) -> Fate {
        let items = spans.len() as u64;
        self.outbox.take();
        // It waits for nothing: our client answers at once.
        let export = || poll_once(self.exporter.export(spans));
        let _ = catch_unwind(AssertUnwindSafe(export));
        // What counts is what arrived, whatever the exporter says of it.
        match self.outbox.take() {
            Some(Ok(body)) => Fate::Encoded(Request {
                signal: Signal::Traces,
                body: body.bytes,
                gzipped: body.gzipped,
                items,
                made: Instant::now(),
            }),
            _ => Fate::Lost(items),
        }
    }
}
