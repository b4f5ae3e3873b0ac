//! Spans with the real registry, tracing-opentelemetry and SDK.

pub(crate) mod allocations;
mod contexts;
mod fork;
mod late;
mod parents;
mod ratio;
mod threads;

use super::{Ids, Sampler, SpanIds, Spans};
use crate::config::settings::SamplerSettings;
use opentelemetry::Context as OtelContext;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor, TracerProviderBuilder,
};
use std::any::TypeId;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::{Registry, registry};

/// A layer with nothing but spans.
struct TestLayer(Spans<Registry>);

impl Layer<Registry> for TestLayer {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.0.on_register_dispatch(dispatch);
    }

    fn on_layer(&mut self, subscriber: &mut Registry) {
        self.0.on_layer(subscriber);
    }

    fn on_new_span(&self, attrs: &Attributes<'_>, id: &Id, ctx: Context<'_, Registry>) {
        self.0.on_new_span(attrs, id, ctx);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, Registry>) {
        self.0.on_record(id, values, ctx);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, ctx: Context<'_, Registry>) {
        self.0.on_follows_from(id, follows, ctx);
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, Registry>) {
        self.0.on_event(event, ctx);
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, Registry>) {
        self.0.on_enter(id, ctx);
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, Registry>) {
        self.0.on_exit(id, ctx);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, Registry>) {
        self.0.on_close(id, ctx);
    }

    // SAFETY: a pointer to `self`, or one that the layer inside answers with, which lives as long.
    #[allow(
        unsafe_code,
        reason = "there is no other way for OpenTelemetrySpanExt to find its layer"
    )]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        match id == TypeId::of::<Self>() {
            true => Some(std::ptr::from_ref(self).cast()),
            // SAFETY: the caller's promise is passed on.
            false => unsafe { self.0.inner().downcast_raw(id) },
        }
    }
}

/// Keeps what was sampled.
#[derive(Debug, Clone, Default)]
struct Captured(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Captured {
    fn on_start(&self, _: &mut SdkSpan, _: &OtelContext) {}

    fn on_end(&self, span: SpanData) {
        assert!(span.span_context.is_sampled());
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// How to sample, and the rest.
#[derive(Debug, Clone, Copy)]
struct Setup {
    ratio: f64,
    parent_based: bool,
    context_activation: bool,
    buckets: Option<usize>,
}

fn ratio(ratio: f64) -> Setup {
    Setup { ratio, parent_based: true, context_activation: false, buckets: None }
}

struct Harness {
    dispatch: Dispatch,
    provider: SdkTracerProvider,
    captured: Captured,
}

impl Setup {
    fn build(self) -> Harness {
        let captured = Captured::default();
        let provider = SdkTracerProvider::builder().with_span_processor(captured.clone());
        self.build_with(provider, captured)
    }

    fn build_with(self, provider: TracerProviderBuilder, captured: Captured) -> Harness {
        let Setup { ratio, parent_based, context_activation, buckets } = self;
        let sampler = Sampler::new(&SamplerSettings { parent_based, ratio });
        let provider = provider.with_sampler(sampler.clone()).with_id_generator(Ids).build();
        let mut spans = Spans::new(provider.tracer("test"), sampler, context_activation);
        if let Some(buckets) = buckets {
            spans = spans.with_table(super::table::Table::with_buckets(buckets));
        }
        let dispatch = Dispatch::new(registry().with(TestLayer(spans)));
        Harness { dispatch, provider, captured }
    }

    /// Runs `body` with this setup's subscriber.
    fn run<R>(self, body: impl FnOnce(&Harness) -> R) -> R {
        let harness = self.build();
        tracing::dispatcher::with_default(&harness.dispatch, || body(&harness))
    }
}

impl Harness {
    fn spans(&self) -> &Spans<Registry> {
        &self.dispatch.downcast_ref::<TestLayer>().unwrap().0
    }

    fn ids(&self, span: &Span) -> Option<SpanIds> {
        span.id().and_then(|id| self.spans().ids(&id))
    }

    /// The ids of a span that has some.
    fn ids_of(&self, span: &Span) -> SpanIds {
        self.ids(span).unwrap()
    }

    /// What was sampled and has ended, in the order of its end.
    fn finished(&self) -> Vec<SpanData> {
        self.captured.0.lock().unwrap().clone()
    }

    fn names(&self) -> Vec<String> {
        self.finished().iter().map(|span| span.name.to_string()).collect()
    }

    fn named(&self, name: &str) -> SpanData {
        self.finished().into_iter().find(|span| span.name == name).unwrap()
    }

    /// That no span is remembered any more.
    fn assert_forgotten(&self) {
        assert_eq!(self.spans().tabled(), (0, 0));
    }
}

/// A context as it comes from another process.
fn remote(sampled: bool, trace_id: u128) -> OtelContext {
    OtelContext::new().with_remote_span_context(SpanContext::new(
        TraceId::from(trace_id),
        SpanId::from(0xabc),
        TraceFlags::default().with_sampled(sampled),
        true,
        TraceState::default(),
    ))
}

fn trace_id(span: &SpanData) -> u128 {
    u128::from_be_bytes(span.span_context.trace_id().to_bytes())
}

fn span_id(span: &SpanData) -> u64 {
    u64::from_be_bytes(span.span_context.span_id().to_bytes())
}
