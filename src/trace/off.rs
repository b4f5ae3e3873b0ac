//! What stands in for spans in a build without OTLP.
//!
//! Nothing here is ever made or called.

use super::SpanIds;
use std::convert::Infallible;
use std::marker::PhantomData;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Identity};
use tracing_subscriber::registry::LookupSpan;

#[derive(Debug)]
pub(crate) struct Spans<S> {
    never: Infallible,
    subscriber: PhantomData<fn(S)>,
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Spans<S> {
    pub(crate) fn inner(&self) -> &Identity {
        match self.never {}
    }

    pub(crate) fn on_register_dispatch(&self, _: &Dispatch) {}

    pub(crate) fn on_layer(&mut self, _: &mut S) {}

    pub(crate) fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_skipped_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_record(&self, _: &Id, _: &Record<'_>, _: Context<'_, S>) {}

    pub(crate) fn on_follows_from(&self, _: &Id, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {}

    pub(crate) fn on_enter(&self, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_exit(&self, _: &Id, _: Context<'_, S>) {}

    pub(crate) fn on_close(&self, _: Id, _: Context<'_, S>) {}

    pub(crate) fn ids(&self, _: &Id) -> Option<SpanIds> {
        match self.never {}
    }
}
