//! The SDK's tracer provider over all this.

use super::clean::Cleaner;
use super::client;
use super::exporter::{Guarded, MAX_BODY};
use super::processor::{self, Processor};
#[cfg(test)]
use super::queue::Counts;
use super::queue::{Queue, Sink};
use crate::config::settings::SpansSettings;
use crate::otlp::recent::Recent;
use crate::otlp::resource;
use crate::resource::Resource;
use crate::scrub::Policy;
use crate::status::Pipeline;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource as SdkResource;
use opentelemetry_sdk::trace::{
    IdGenerator, SdkTracer, SdkTracerProvider, ShouldSample, SpanExporter, SpanLimits,
};
use std::sync::Arc;
use std::time::Duration;

/// The running span pipeline, up to the spool.
///
/// Dropping it ends it at once; whoever wants a last export asks for it before.
#[derive(Debug)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    pub(super) queue: Arc<Queue>,
    recent: Arc<Recent>,
}

impl Traces {
    /// Requests are compressed if `gzip`. What is wrong, if anything, is for the status.
    pub(in crate::otlp) fn start(
        spans: &SpansSettings,
        resource: &Resource,
        gzip: bool,
        (sampler, ids): (impl ShouldSample + 'static, impl IdGenerator + 'static),
        sink: Arc<dyn Sink>,
        pipeline: &Pipeline,
        policy: &Arc<Policy>,
    ) -> Result<Self, String> {
        let resource = sdk_resource(resource);
        let (exporter, outbox) = client::encoder(&resource, gzip)?;
        let cleaner = Cleaner::new(&spans.limits, Arc::clone(policy), pipeline.drops());
        let max_body = MAX_BODY.saturating_sub(resource_weight(&resource));
        let exporter = Guarded::new(exporter, outbox, cleaner, max_body);
        Self::start_with(spans, resource, (sampler, ids), sink, pipeline, exporter)
    }

    pub(super) fn start_with<E: SpanExporter + 'static>(
        spans: &SpansSettings,
        resource: SdkResource,
        (sampler, ids): (impl ShouldSample + 'static, impl IdGenerator + 'static),
        sink: Arc<dyn Sink>,
        pipeline: &Pipeline,
        exporter: Guarded<E>,
    ) -> Result<Self, String> {
        let recent = exporter.recent();
        let size = (spans.queue, spans.batch);
        let queue = Arc::new(Queue::new(sink, pipeline.drops(), size, spans.delay));
        processor::start(&queue, exporter)
            .map_err(|error| format!("no thread for spans: {error}"))?;
        let limits = &spans.limits;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(sampler)
            .with_id_generator(ids)
            .with_span_limits(SpanLimits {
                max_attributes_per_span: limits.attributes,
                max_events_per_span: limits.events,
                max_links_per_span: limits.links,
                max_attributes_per_event: limits.attributes_per_event,
                max_attributes_per_link: limits.attributes_per_link,
            })
            .with_span_processor(Processor(Arc::clone(&queue)))
            .build();
        Ok(Traces { provider, queue, recent })
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        let scope = InstrumentationScope::builder("lightship").with_version(VERSION).build();
        self.provider.tracer_with_scope(scope)
    }

    /// The latest traces, drawn.
    pub(in crate::otlp) fn text(&self, traces: usize) -> String {
        self.recent.text(traces)
    }

    /// Encodes what is queued into the spool, for no longer than the time left; `true` if all of it
    /// came to its end.
    pub(in crate::otlp) fn drain(&self, left: Duration) -> bool {
        self.queue.drain(left)
    }

    /// The same for whoever can't hold on to the pipeline itself.
    pub(in crate::otlp) fn drainer(&self) -> impl Fn(Duration) -> bool + Send + 'static {
        let queue = Arc::clone(&self.queue);
        move |left| queue.drain(left)
    }

    /// A last `drain`, after which every further span, and those that are not in the spool when the
    /// time left is over, are counted as dropped; `true` if there were none of the latter.
    pub(in crate::otlp) fn shutdown(&self, left: Duration) -> bool {
        // Not the provider: its tracers go on giving ids to logs, and later spans are counted.
        self.queue.shutdown(left)
    }

    /// What became of all spans up to now.
    #[cfg(test)]
    pub(in crate::otlp) fn counts(&self) -> Counts {
        self.queue.counts()
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        self.queue.shutdown(Duration::ZERO);
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn sdk_resource(resource: &Resource) -> SdkResource {
    let attributes = resource::attributes(resource).into_iter();
    let attributes = attributes.map(|(key, value)| KeyValue::new(key, value));
    SdkResource::builder_empty().with_attributes(attributes).build()
}

fn resource_weight(resource: &SdkResource) -> usize {
    let weigh = |(key, value): (&opentelemetry::Key, &opentelemetry::Value)| {
        36 + key.as_str().len() + value.as_str().len()
    };
    resource.iter().map(weigh).sum()
}
