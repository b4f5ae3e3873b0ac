//! A build without OTLP.

#[cfg(feature = "testing")]
use crate::config::settings::SpanLimits;
use crate::config::settings::{OtlpSettings, SpansSettings};
use crate::metrics::reading::Source;
use crate::resource::Resource;
use crate::scrub::Policy;
#[cfg(feature = "testing")]
use crate::status::Drops;
use crate::status::Pipeline;
#[cfg(feature = "testing")]
use crate::trace::CapturedSpan;
use crate::trace::{Sampler, Tracer};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// There is none.
#[derive(Debug)]
pub(crate) enum OtlpPipeline {}

/// Captures nothing.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub(crate) struct SpanCapture;

#[cfg(feature = "testing")]
impl SpanCapture {
    pub(crate) fn new(_: &SpanLimits, _: Sampler, _: Arc<Policy>, _: &'static Drops) -> Self {
        SpanCapture
    }

    pub(crate) fn tracer(&self) -> Option<Tracer> {
        None
    }

    pub(crate) fn take(&self) -> Vec<CapturedSpan> {
        Vec::new()
    }
}

/// Nobody flushes what is not there.
#[derive(Debug)]
pub(crate) enum Ticket {}

impl Ticket {
    pub(crate) fn wait(self) -> bool {
        match self {}
    }
}

impl OtlpPipeline {
    pub(crate) fn start(
        _: &OtlpSettings,
        _: &SpansSettings,
        _: Sampler,
        _: &Resource,
        _: Arc<dyn Source>,
        _: Arc<Pipeline>,
        _: &Arc<Policy>,
    ) -> io::Result<Self> {
        Err(io::Error::other("this build is without OTLP"))
    }

    pub(crate) fn tracer(&self) -> Option<Tracer> {
        match *self {}
    }

    pub(crate) fn start_flush(&self, _: Instant) -> Ticket {
        match *self {}
    }

    pub(crate) fn start_shutdown(&self, _: Instant) -> Ticket {
        match *self {}
    }

    pub(crate) fn close(&self) {
        match *self {}
    }

    pub(crate) fn waiting(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn trace_text(&self, _: usize) -> String {
        match *self {}
    }
}
