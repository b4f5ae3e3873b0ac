//! Our layer in a subscriber that is not ours.

use super::Shared;
use super::spine::Spine;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

/// With a filter of its own, so that what we don't want stays there for the other layers.
pub(crate) type EmbeddedLayer<S> = Filtered<Spine<S>, Wanted, S>;

/// What is wanted right now.
#[derive(Debug)]
pub(crate) struct Wanted(Arc<Shared>);

pub(super) fn layer<S>(shared: Arc<Shared>) -> EmbeddedLayer<S>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    Spine::new(Arc::clone(&shared)).with_filter(Wanted(shared))
}

impl<S> Filter<S> for Wanted {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.0.wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.0.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.max_level())
    }
}
