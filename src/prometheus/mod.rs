//! The Prometheus page: what a [`Source`] holds, in the two text formats that scrapers read.
//!
//! Naming, for a metric `api.requests`:
//!
//! | metric | on the page |
//! |---|---|
//! | counter | `api_requests_total` |
//! | gauge, set (its distinct values) | `api_requests` |
//! | timer | `api_requests_seconds_bucket`, `_sum`, `_count` |
//! | histogram, distribution in bytes | `api_requests_bytes_bucket`, `_sum`, `_count` |
//!
//! A suffix that is there already is not added again. `Unit::Percent` becomes `_percent` and the
//! value stays: `_ratio` would mean to divide it. A unit described after a metric was first
//! scraped no longer changes its name.

mod format;
mod header;
mod label;
mod layout;
mod name;
mod number;
mod own;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use format::Format;

use crate::metrics::reading::{Recent, Source};
use crate::resource::Resource;
use crate::status::{Pipeline, Status};
use layout::Layout;
use own::TargetInfo;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Renders the page. Names and labels are mapped when a series is first seen; a scrape reads the
/// values and writes them out.
pub(crate) struct PrometheusPage {
    source: Arc<dyn Source>,
    pipeline: Arc<Pipeline>,
    status: Box<dyn Fn() -> Status + Send + Sync>,
    target_info: TargetInfo,
    layout: Mutex<Layout>,
}

impl PrometheusPage {
    /// `pipeline` counts collisions; `status` is asked at every scrape, for `lightship_*`.
    pub(crate) fn new(
        source: Arc<dyn Source>,
        resource: &Resource,
        pipeline: Arc<Pipeline>,
        status: impl Fn() -> Status + Send + Sync + 'static,
    ) -> Self {
        let target_info = TargetInfo::new(resource, &pipeline);
        let layout = Mutex::new(Layout::new(own::families()));
        PrometheusPage { source, pipeline, status: Box::new(status), target_info, layout }
    }

    /// The page as it stands now. Two scrapes at once take turns.
    pub(crate) fn render(&self, format: Format) -> String {
        let mut page = String::new();
        {
            let mut layout = self.layout.lock().unwrap_or_else(PoisonError::into_inner);
            layout.forget_values();
            self.source.collect(Recent::Leave, &mut |series, reading| {
                layout.take(series, reading, &self.pipeline);
            });
            layout.write(&mut page, format);
        }
        self.target_info.write(&mut page, format);
        own::write(&mut page, format, &(self.status)());
        if format == Format::OpenMetrics {
            page.push_str("# EOF\n");
        }
        page
    }
}

impl fmt::Debug for PrometheusPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrometheusPage").finish_non_exhaustive()
    }
}
