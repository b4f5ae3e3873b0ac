//! What stands in for spans in a build without OTLP: there are none, and events are in none.

use super::SpanIds;
use crate::config::settings::SamplerSettings;
use std::marker::PhantomData;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Identity};
use tracing_subscriber::registry::LookupSpan;

/// There is none.
#[derive(Debug, Clone)]
pub(crate) enum Tracer {}

/// Decides about nothing.
#[derive(Debug, Clone)]
pub(crate) struct Sampler;

impl Sampler {
    pub(crate) fn new(_: &SamplerSettings) -> Self {
        Sampler
    }

    pub(crate) fn set(&self, _: &SamplerSettings) {}
}

#[derive(Debug)]
pub(crate) struct Spans<S, T> {
    inner: Identity,
    of: PhantomData<fn(S, T)>,
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>, T> Spans<S, T> {
    pub(crate) fn new(_: T, _: Sampler, _: bool) -> Self {
        Spans { inner: Identity::new(), of: PhantomData }
    }

    pub(crate) fn inner(&self) -> &Identity {
        &self.inner
    }

    pub(crate) fn on_register_dispatch(&self, _: &Dispatch) {}

    pub(crate) fn on_layer(&mut self, _: &mut S) {}

    pub(crate) fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_record(&self, _: &Id, _: &Record<'_>, _: Context<'_, S>) {}

    pub(crate) fn on_follows_from(&self, _: &Id, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {}

    pub(crate) fn on_enter(&self, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_exit(&self, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_close(&self, _: Id, _: Context<'_, S>) {}

    pub(crate) fn ids(&self, _: &Id) -> Option<SpanIds> {
        None
    }
}
