//! The latest spans, remembered for a person who asks: on a laptop with nothing to send them to.

use crate::trace::tree::{Branch, FinishedSpan, draw, grow};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many spans are remembered; about 100 bytes each.
const CAPACITY: usize = 512;

/// The spans that went to the encoder last; written by the exporter's thread alone.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<FinishedSpan>>);

impl Recent {
    pub(super) fn note(&self, batch: &[SpanData]) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of a large batch only the end would stay.
        for span in &batch[batch.len().saturating_sub(CAPACITY)..] {
            if spans.len() == CAPACITY {
                spans.pop_front();
            }
            spans.push_back(finished(span));
        }
    }

    /// The trees of the latest traces that are whole, the latest last.
    pub(super) fn text(&self, traces: usize) -> String {
        let spans: Vec<_> =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        let roots: Vec<Branch<'_>> =
            grow(&spans).into_iter().filter(|root| root.span.parent_id == 0).collect();
        draw(&roots[roots.len().saturating_sub(traces)..])
    }
}

pub(super) fn finished(span: &SpanData) -> FinishedSpan {
    FinishedSpan {
        trace_id: u128::from_be_bytes(span.span_context.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(span.span_context.span_id().to_bytes()),
        // A remote parent is in another process: here this is a root.
        parent_id: match span.parent_span_is_remote {
            true => 0,
            false => u64::from_be_bytes(span.parent_span_id.to_bytes()),
        },
        name: span.name.clone(),
        start: span.start_time,
        end: span.end_time,
        failed: matches!(span.status, Status::Error { .. }),
    }
}
