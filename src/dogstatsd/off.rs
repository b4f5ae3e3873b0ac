//! What stands in for the DogStatsD pipeline in a build without it.
//!
//! Configuration says "disabled" in such a build, so nothing here is ever made or called.

use crate::config::settings::DogStatsdSettings;
use crate::metrics::reading::Source;
use crate::status::Pipeline;
use std::io;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(crate) enum DogStatsdPipeline {}

impl DogStatsdPipeline {
    pub(crate) fn start(
        _: DogStatsdSettings,
        _: Arc<dyn Source>,
        _: Arc<Pipeline>,
    ) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn flush(&self, _: Duration) -> bool {
        match *self {}
    }

    pub(crate) fn preview(&self) -> Vec<String> {
        match *self {}
    }

    pub(crate) fn shutdown(&self, _: Duration) -> bool {
        match *self {}
    }
}
