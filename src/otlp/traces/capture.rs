//! Spans for a test to look at: cleaned as for a collector, and kept.

use super::clean::Cleaner;
use crate::config::settings::SpanLimits;
use crate::otlp::recent::finished;
use crate::scrub::Policy;
use crate::status::Drops;
use crate::trace::{CapturedEvent, CapturedSpan, Ids, Sampler};
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A tracer that keeps what it gets.
#[derive(Debug)]
pub(crate) struct SpanCapture {
    provider: SdkTracerProvider,
    ended: Arc<Mutex<Vec<SpanData>>>,
    cleaner: Cleaner,
}

#[derive(Debug)]
struct Keep(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Keep {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl SpanCapture {
    pub(crate) fn new(
        limits: &SpanLimits,
        sampler: Sampler,
        policy: Arc<Policy>,
        drops: &'static Drops,
    ) -> Self {
        let ended = Arc::default();
        let provider = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_id_generator(Ids)
            .with_span_processor(Keep(Arc::clone(&ended)))
            .build();
        SpanCapture { provider, ended, cleaner: Cleaner::new(limits, policy, drops) }
    }

    pub(crate) fn tracer(&self) -> Option<SdkTracer> {
        Some(self.provider.tracer("lightship"))
    }

    /// What ended up to now, in that order.
    pub(crate) fn take(&self) -> Vec<CapturedSpan> {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let mut spans = std::mem::take(&mut *ended);
        drop(ended);
        self.cleaner.clean(&mut spans);
        spans.into_iter().map(captured).collect()
    }
}

fn captured(span: SpanData) -> CapturedSpan {
    let place = finished(&span);
    CapturedSpan {
        name: span.name.into_owned(),
        kind: match span.span_kind {
            SpanKind::Client => "client",
            SpanKind::Server => "server",
            SpanKind::Producer => "producer",
            SpanKind::Consumer => "consumer",
            SpanKind::Internal => "internal",
        },
        attributes: texts(span.attributes),
        events: (span.events.events.into_iter())
            .map(|event| CapturedEvent {
                name: event.name.into_owned(),
                attributes: texts(event.attributes),
            })
            .collect(),
        error: match span.status {
            Status::Error { description } => Some(description.into_owned()),
            Status::Unset | Status::Ok => None,
        },
        duration: place.end.duration_since(place.start).unwrap_or_default(),
        trace_id: format!("{:032x}", place.trace_id),
        span_id: format!("{:016x}", place.span_id),
        place,
    }
}

fn texts(attributes: Vec<KeyValue>) -> Vec<(String, String)> {
    let text = |one: KeyValue| (one.key.to_string(), one.value.as_str().into_owned());
    attributes.into_iter().map(text).collect()
}
