//! Where the running code stands: what others than a subscriber's own layers may ask of it.

#[cfg(feature = "http")]
use super::Own;
use super::spine::Spine;
use super::{Active, Shared};
use crate::config::settings::PropagationSettings;
use crate::status::Drops;
use crate::trace;
use opentelemetry::TraceId;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use std::sync::Arc;
use tracing::span::Id;
use tracing::{Dispatch, Subscriber, dispatcher};
#[cfg(feature = "http")]
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

/// A part of our layer that can be found without knowing the subscriber's type.
pub(crate) struct Finder {
    shared: Arc<Shared>,
    // These know the type.
    place: fn(&Dispatch, &Id) -> Option<SpanContext>,
    records: fn(&Dispatch, &Id) -> bool,
}

/// The context that a request of the running code carries.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// Invalid outside of any trace.
    pub(crate) span: SpanContext,
    /// Whether that span is another process's, and nobody here decides about its trace.
    pub(crate) is_passed_on: bool,
    /// In which languages, and where is counted what stays here; none where nothing of ours serves.
    pub(crate) installed: Option<(Arc<PropagationSettings>, &'static Drops)>,
}

impl Finder {
    pub(super) fn new<S>(shared: Arc<Shared>) -> Self
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        Finder { shared, place: place::<S>, records: records::<S> }
    }

    /// How contexts travel, and where what can't is counted.
    pub(crate) fn propagation(&self) -> Option<(Arc<PropagationSettings>, &'static Drops)> {
        self.shared.switch.with(|active| active.propagation())
    }

    /// Whether a trace is kept about which nobody has decided.
    pub(crate) fn keeps(&self, trace_id: TraceId) -> bool {
        let trace_id = u128::from_be_bytes(trace_id.to_bytes());
        self.shared.switch.with(|active| active.would_keep(trace_id)).unwrap_or(false)
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

/// What a request that leaves now has to carry; `span` in the place of the current one. None at the end
/// of a thread, where nobody knows.
pub(crate) fn outbound(span: Option<&Id>) -> Option<Outbound> {
    let around = trace::with_current_context(|around| around.span().span_context().clone())?;
    let found = find(|finder, dispatch| {
        let look = |active: &Active| (active.propagation(), active.exports());
        let (installed, exports) = finder.shared.switch.with(look)?;
        // Without exports our spans are nobody's parents: what came in goes on.
        let is_passed_on = !exports && around.is_valid();
        let place = || {
            let current = dispatch.current_span();
            (finder.place)(dispatch, span.or(current.id())?)
        };
        let place = if is_passed_on { None } else { place() };
        let span = place.unwrap_or_else(|| around.clone());
        Some(Outbound { span, is_passed_on, installed: Some(installed) })
    });
    let is_passed_on = around.is_valid();
    Some(found.flatten().unwrap_or(Outbound { span: around, is_passed_on, installed: None }))
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

/// Whether somebody may see what is recorded on a span: a host's own subscriber sees all, ours alone
/// what is kept.
#[cfg(feature = "http")]
pub(crate) fn shows(span: &tracing::Span) -> bool {
    span.with_subscriber(|(id, dispatch)| {
        !dispatch.is::<Own>() || records::<Registry>(dispatch, id)
    })
    .unwrap_or(false)
}

/// Whether somebody will see what is set on a span.
pub(crate) fn records_span(span: &tracing::Span) -> bool {
    let records = |(id, dispatch): (&Id, &Dispatch)| {
        dispatch.downcast_ref::<Finder>().is_some_and(|finder| (finder.records)(dispatch, id))
    };
    span.with_subscriber(records).unwrap_or(false)
}

fn records<S>(dispatch: &Dispatch, id: &Id) -> bool
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    dispatch.downcast_ref::<Spine<S>>().is_some_and(|spine| spine.records(id))
}
