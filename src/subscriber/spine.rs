//! The layer: every span and event comes through here, and goes where it is wanted.

use super::Shared;
use super::tracer::SwitchedTracer;
use crate::quiet;
use crate::trace::Spans;
use std::any::TypeId;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Passes spans on to OpenTelemetry, and events to spans and to lines.
pub(crate) struct Spine<S> {
    shared: Arc<Shared>,
    spans: Spans<S, SwitchedTracer>,
    #[cfg(feature = "otlp")]
    finder: super::Finder,
}

impl<S> Spine<S>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let tracer = SwitchedTracer::new(Arc::clone(&shared));
        let spans = Spans::new(tracer, shared.sampler.clone(), shared.context_activation);
        Spine {
            #[cfg(feature = "otlp")]
            finder: super::Finder::new::<S>(Arc::clone(&shared)),
            shared,
            spans,
        }
    }

    /// Where a span of ours stands.
    #[cfg(feature = "otlp")]
    pub(super) fn place(&self, id: &Id) -> Option<opentelemetry::trace::SpanContext> {
        self.spans.place(id)
    }

    /// Whether a span is kept, as far as is known by now.
    #[cfg(feature = "otlp")]
    pub(super) fn records(&self, id: &Id) -> bool {
        self.spans.is_recorded(id)
    }
}

impl<S> Layer<S> for Spine<S>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.spans.on_register_dispatch(dispatch);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.shared.interest(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.shared.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.shared.max_level())
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        self.spans.on_layer(subscriber);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.spans.on_new_span(attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.spans.on_record(id, values, context);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        self.spans.on_follows_from(id, follows, context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if quiet::is_this_thread() {
            return;
        }
        self.shared.switch.with(|active| {
            if let Some(logs) = active.logs_of(event) {
                logs.on_event(event, &context, || self.spans.ids(&context.event_span(event)?.id()));
            }
            if active.traces(event) {
                self.spans.on_event(event, context);
            }
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.spans.on_enter(id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.spans.on_exit(id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.spans.on_close(id, context);
    }

    // What asks for a layer of tracing-opentelemetry gets the one inside.
    #[expect(unsafe_code, reason = "the trait has it so")]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some(std::ptr::from_ref(self).cast());
        }
        #[cfg(feature = "otlp")]
        if id == TypeId::of::<super::Finder>() {
            return Some(std::ptr::from_ref(&self.finder).cast());
        }
        // SAFETY: the inner layer is a part of this one and lives as long.
        unsafe { Layer::<S>::downcast_raw(self.spans.inner(), id) }
    }
}
