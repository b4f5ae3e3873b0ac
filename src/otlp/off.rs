//! A build without OTLP.

use crate::config::settings::{OtlpSettings, SpansSettings};
use crate::metrics::reading::Source;
use crate::resource::Resource;
use crate::status::Pipeline;
use crate::subscriber_tracer;
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// There is none.
#[derive(Debug)]
pub(crate) enum OtlpPipeline {}

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

    pub(crate) fn waiting(&self) -> u64 {
        match *self {}
    }
}
