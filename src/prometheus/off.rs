//! What stands in for the Prometheus page in a build without it.
//!
//! Configuration says "disabled" in such a build, so no page is ever made.

use crate::metrics::reading::Source;
use crate::resource::Resource;
use crate::status::{Pipeline, Status};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct PrometheusPage;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    Text,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        "text/plain"
    }

    pub(crate) fn negotiate(_: &str) -> Format {
        Format::Text
    }
}

impl PrometheusPage {
    pub(crate) fn new(
        _: Arc<dyn Source>,
        _: &Resource,
        _: Arc<Pipeline>,
        _: impl Fn() -> Status + Send + Sync + 'static,
    ) -> Self {
        PrometheusPage
    }

    pub(crate) fn render(&self, _: Format) -> String {
        String::new()
    }
}
