//! OTLP: spans and metrics, encoded, in a bounded spool, to a collector.
//!
//! ```text
//! span    -> processor (batches) -> exporter (cleans, encodes) -> spool -\
//!                                                                          transport -> collector
//! metric cells -> (when due) encoded ----------------------------------- -/
//! ```
//!
//! One thread talks to the network; nobody else waits for it. A collector that is away costs memory
//! up to the spool's bound, and what goes beyond is counted.

mod answer;
mod backoff;
mod lines;
mod metrics;
mod orders;
mod recent;
mod request;
mod resource;
mod sender;
mod spool;
#[cfg(test)]
mod tests;
mod traces;
mod transport;
mod wire;
mod worker;

use crate::config::settings::{OtlpSettings, SpansSettings};
use crate::metrics::reading::Source;
use crate::resource::Resource;
use crate::scrub::Policy;
use crate::status::Pipeline;
use crate::trace::{Ids, Sampler};
use metrics::MetricsReader;
use opentelemetry_sdk::trace::SdkTracer;
use request::Periodic;
use spool::Spool;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
#[cfg(feature = "testing")]
pub(crate) use traces::SpanCapture;
use traces::{Sink, Traces};
pub(crate) use transport::Ticket;
use transport::Transport;

/// How long a drawing waits for spans that are on their way to the spool.
const TEXT_WITHIN: Duration = Duration::from_secs(1);

/// The running pipeline.
#[derive(Debug)]
pub(crate) struct OtlpPipeline {
    traces: Option<Traces>,
    transport: Transport,
}

impl OtlpPipeline {
    /// Starts the threads. Nobody has to listen: only the operating system's refusal of a thread is an
    /// error.
    pub(crate) fn start(
        settings: &OtlpSettings,
        spans: &SpansSettings,
        sampler: Sampler,
        resource: &Resource,
        source: Arc<dyn Source>,
        pipeline: Arc<Pipeline>,
        policy: &Arc<Policy>,
    ) -> io::Result<Self> {
        let spool = Spool::new(Arc::clone(&pipeline));
        let traces = settings.traces.as_ref().map(|target| {
            let gzip = wire::body_is_gzipped(target);
            let sink: Arc<dyn Sink> = Arc::<Spool>::clone(&spool);
            Traces::start(spans, resource, gzip, (sampler, Ids), sink, &pipeline, policy)
        });
        let traces = traces.transpose().map_err(io::Error::other)?;
        let metrics = settings.metrics.as_ref().map(|settings| {
            let reader = MetricsReader::new(settings, source, resource, Arc::clone(&pipeline));
            (settings.interval, Box::new(reader) as Box<dyn Periodic>)
        });
        let drainer = traces.as_ref().map(Traces::drainer);
        let drain = move |left: Duration| {
            if let Some(drainer) = &drainer {
                drainer(left);
            }
        };
        let transport = Transport::start(
            settings,
            spool,
            pipeline,
            Arc::clone(policy),
            metrics,
            Box::new(drain),
        )?;
        Ok(OtlpPipeline { traces, transport })
    }

    /// Where spans go; none where spans are not exported.
    pub(crate) fn tracer(&self) -> Option<SdkTracer> {
        self.traces.as_ref().map(|traces| traces.tracer())
    }
    pub(crate) fn start_flush(&self, deadline: Instant) -> Ticket {
        self.transport.start_flush(deadline)
    }
    pub(crate) fn start_shutdown(&self, deadline: Instant) -> Ticket {
        self.transport.start_shutdown(deadline)
    }

    /// Counts every further span as dropped; after the shutdown was waited for.
    pub(crate) fn close(&self) {
        if let Some(traces) = &self.traces {
            traces.shutdown(Duration::ZERO);
        }
    }

    /// Spans that wait for the collector.
    pub(crate) fn waiting(&self) -> u64 {
        self.transport.spooled_items()
    }

    /// The latest traces, drawn as trees; whatever ended by now is among them.
    pub(crate) fn trace_text(&self, traces: usize) -> String {
        self.traces.as_ref().map_or_else(String::new, |spans| {
            spans.drain(TEXT_WITHIN);
            spans.text(traces)
        })
    }
}
