//! What is served to a subscriber by one `Telemetry`.

use crate::config::settings::{PropagationSettings, SamplerSettings, SpansSettings};
use crate::filter::Filter;
use crate::logs::{self, Logs};
use crate::status::Drops;
use crate::trace::{Sampler, Tracer};
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata};

/// Where the spans and events of a subscriber go.
#[derive(Debug)]
pub(crate) struct Active {
    spans: Filter,
    pub(super) sampler: SamplerSettings,
    /// As it would be with a tracer: what came in undecided goes out as others would have it.
    would_sample: Sampler,
    tracer: Option<Tracer>,
    logs: Option<(Filter, Arc<Logs>)>,
    propagation: (Arc<PropagationSettings>, &'static Drops),
}

impl Active {
    /// Without a tracer no trace is sampled: spans have ids, for logs, and that is all.
    /// What of a remote context can't be read is counted with `drops`.
    pub(crate) fn new(
        spans: SpansSettings,
        tracer: Option<Tracer>,
        logs: Option<(Filter, Arc<Logs>)>,
        drops: &'static Drops,
    ) -> Self {
        let would_sample = Sampler::new(&spans.sampler);
        let sampler = match tracer {
            Some(_) => spans.sampler,
            None => SamplerSettings { parent_based: false, ratio: 0.0 },
        };
        let propagation = (spans.propagation, drops);
        Active { spans: spans.filter, sampler, would_sample, tracer, logs, propagation }
    }

    /// What is left at the end.
    pub(super) fn logs_alone(&self) -> Active {
        Active {
            spans: Filter::at_least(LevelFilter::OFF),
            sampler: self.sampler,
            would_sample: self.would_sample.clone(),
            tracer: None,
            logs: self.logs.clone(),
            propagation: self.propagation.clone(),
        }
    }

    pub(super) fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let traced = self.spans.wants(metadata);
        let logged = |(filter, _): &(Filter, _)| filter.wants(metadata);
        traced || (metadata.is_event() && self.logs.as_ref().is_some_and(logged))
    }

    /// Whether this is an event to record on its span.
    pub(super) fn traces(&self, event: &Event<'_>) -> bool {
        logs::wants(event, &self.spans)
    }

    /// Who writes this event as a line, if somebody does.
    pub(super) fn logs_of(&self, event: &Event<'_>) -> Option<&Logs> {
        let (filter, logs) = self.logs.as_ref()?;
        logs::wants(event, filter).then_some(&**logs)
    }

    pub(super) fn tracer(&self) -> Option<&Tracer> {
        self.tracer.as_ref()
    }

    pub(super) fn propagation(&self) -> (Arc<PropagationSettings>, &'static Drops) {
        self.propagation.clone()
    }

    /// Whether a trace would be kept about which nobody has decided.
    #[cfg(feature = "otlp")]
    pub(super) fn would_keep(&self, trace_id: u128) -> bool {
        self.would_sample.keeps(trace_id, None)
    }

    /// Whether spans go anywhere.
    pub(super) fn exports(&self) -> bool {
        self.tracer.is_some()
    }

    pub(super) fn max_level(&self) -> LevelFilter {
        let logs = self.logs.as_ref().map(|(filter, _)| filter.max_level());
        self.spans.max_level().max(logs.unwrap_or(LevelFilter::OFF))
    }
}
