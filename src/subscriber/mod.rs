//! The one `tracing` subscriber: spans to OpenTelemetry, events to spans and to lines of logs.
//!
//! A registry with a single layer of ours. Filters on layers of their own would be asked for every
//! span and event; a single layer answers once for each place in the program.

mod active;
mod closing;
mod company;
mod embedded;
#[cfg(feature = "otlp")]
mod finder;
mod global;
mod spine;
mod switch;
#[cfg(all(test, feature = "otlp"))]
mod tests;
#[cfg_attr(not(feature = "otlp"), path = "tracer_off.rs")]
mod tracer;

pub(crate) use active::Active;
pub(crate) use embedded::EmbeddedLayer;
#[cfg(feature = "otlp")]
use finder::Finder;
#[cfg(feature = "http")]
pub(crate) use finder::shows;
#[cfg(feature = "otlp")]
pub(crate) use finder::{Outbound, find, outbound, records_span};
pub(crate) use global::{claim, is_taken};

use crate::config::settings::SamplerSettings;
use crate::trace::Sampler;
use closing::Closing;
use spine::Spine;
use std::sync::{Arc, Mutex, PoisonError};
use switch::Switch;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Metadata};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

/// A subscriber, and the reins of it.
#[derive(Debug, Clone)]
pub(crate) struct SubscriberHandle {
    shared: Arc<Shared>,
    dispatch: Dispatch,
    company: Arc<Mutex<Dispatch>>,
}

/// The subscriber that is all ours.
#[cfg(feature = "http")]
type Own = Closing<tracing_subscriber::layer::Layered<Spine<Registry>, Registry>>;

/// What a subscriber and all layers that are embedded elsewhere have in common.
#[derive(Debug)]
struct Shared {
    switch: Switch,
    sampler: Sampler,
    context_activation: bool,
}

impl SubscriberHandle {
    /// A subscriber that serves nothing yet.
    pub(crate) fn new(context_activation: bool) -> Self {
        let sampler = Sampler::new(&SamplerSettings { parent_based: true, ratio: 1.0 });
        let shared = Arc::new(Shared { switch: Switch::default(), sampler, context_activation });
        let subscriber = Registry::default().with(Spine::new(Arc::clone(&shared)));
        let dispatch = Dispatch::new(Closing::new(subscriber));
        let company = Arc::new(Mutex::new(company::announce(&shared)));
        SubscriberHandle { shared, dispatch, company }
    }

    /// Serves this from now on, in place of what it served before. What comes back is for `stop`.
    pub(crate) fn serve(&self, active: Active) -> Arc<Active> {
        let active = Arc::new(active);
        self.shared.sampler.set(&active.sampler);
        self.shared.switch.set(Arc::clone(&active));
        self.announce();
        active
    }

    /// Makes no spans any more, if this is what is served; lines of logs are written on, by those who
    /// log, for a host's last words.
    pub(crate) fn stop(&self, served: &Arc<Active>) {
        // After a fork the process may serve another `Telemetry` before it drops its parent's.
        self.shared.switch.exchange(served, Arc::new(served.logs_alone()));
        self.announce();
    }

    /// Has `tracing` ask again what is wanted.
    fn announce(&self) {
        let company = company::announce(&self.shared);
        *self.company.lock().unwrap_or_else(PoisonError::into_inner) = company;
    }

    /// What decides which traces are kept, for the provider of the tracer that is served.
    pub(crate) fn sampler(&self) -> Sampler {
        self.shared.sampler.clone()
    }

    pub(crate) fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    pub(crate) fn max_level(&self) -> LevelFilter {
        self.shared.max_level()
    }

    /// A layer for a subscriber of the host's.
    pub(crate) fn layer<S>(&self) -> EmbeddedLayer<S>
    where
        S: tracing::Subscriber + for<'l> tracing_subscriber::registry::LookupSpan<'l>,
    {
        embedded::layer(Arc::clone(&self.shared))
    }
}

impl Shared {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        self.switch.with(|active| active.wants(metadata)).unwrap_or(false)
    }

    /// What is wanted of a place in the program, to be remembered there.
    fn interest(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.wants(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn max_level(&self) -> LevelFilter {
        self.switch.with(Active::max_level).unwrap_or(LevelFilter::OFF)
    }
}
