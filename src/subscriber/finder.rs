//! Where the running code stands: what others than a subscriber's own layers may ask of it.

use super::Shared;
use super::spine::Spine;
use crate::config::settings::PropagationSettings;
use crate::status::Drops;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context, TraceId};
use std::sync::Arc;
use tracing::span::Id;
use tracing::{Dispatch, Subscriber, dispatcher};
use tracing_subscriber::registry::LookupSpan;

/// A part of our layer that can be found without knowing the subscriber's type.
pub(crate) struct Finder {
    shared: Arc<Shared>,
    /// Knows the type.
    place: fn(&Dispatch, &Id) -> Option<SpanContext>,
}

/// The context that a request of the running code carries, and in which languages.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// Invalid outside of any trace.
    pub(crate) span: SpanContext,
    pub(crate) settings: Arc<PropagationSettings>,
}

impl Finder {
    pub(super) fn new<S>(shared: Arc<Shared>) -> Self
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        Finder { shared, place: place::<S> }
    }

    /// How contexts travel, and where what can't is counted.
    pub(crate) fn propagation(&self) -> Option<(Arc<PropagationSettings>, &'static Drops)> {
        self.shared.switch.with(|active| active.propagation())
    }

    /// Whether a trace is kept about which nobody has decided.
    pub(crate) fn keeps(&self, trace_id: TraceId) -> bool {
        self.shared.sampler.keeps(u128::from_be_bytes(trace_id.to_bytes()), None)
    }
}

/// Shows `look` what serves the running code; none if it is no subscriber of ours.
pub(crate) fn find<R>(look: impl FnOnce(&Finder, &Dispatch) -> R) -> Option<R> {
    let mut look = Some(look);
    dispatcher::get_default(|dispatch| {
        let finder = dispatch.downcast_ref::<Finder>()?;
        look.take().map(|look| look(finder, dispatch))
    })
}

/// What a request that leaves now has to carry; `span` in the place of the current one.
pub(crate) fn outbound(span: Option<&Id>) -> Option<Outbound> {
    find(|finder, dispatch| {
        let (settings, exports) =
            finder.shared.switch.with(|active| (active.propagation().0, active.exports()))?;
        let around = Context::map_current(|around| around.span().span_context().clone());
        // Without exports our spans are nobody's parents: what came in goes on.
        if !exports && around.is_valid() {
            return Some(Outbound { span: around, settings });
        }
        let current = dispatch.current_span();
        let place = span.or(current.id()).and_then(|id| (finder.place)(dispatch, id));
        Some(Outbound { span: place.unwrap_or(around), settings })
    })
    .flatten()
}

/// Of the nearest span that has a place in a trace.
fn place<S>(dispatch: &Dispatch, id: &Id) -> Option<SpanContext>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    let spine = dispatch.downcast_ref::<Spine<S>>()?;
    let span = dispatch.downcast_ref::<S>()?.span(id)?;
    span.scope().find_map(|span| spine.place(&span.id()))
}
