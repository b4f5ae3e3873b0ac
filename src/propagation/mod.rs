//! Contexts over the wire: which trace a request belongs to, and the baggage that goes with it.
//!
//! ```text
//! request in   headers -> extract -> Remote -> run | wrap -> spans below the remote one
//! request out  current span, baggage -> inject -> headers
//! ```
//!
//! The headers are those of [`Propagator`]s, chosen by
//! [`Builder::propagators`](crate::Builder::propagators), `OTEL_PROPAGATORS` or
//! `DD_TRACE_PROPAGATION_STYLE`; [`Propagators`] are one's own. Of several contexts that came in the
//! first configured one counts; baggage is apart from them. Headers that make no sense are ignored, and
//! counted as [`DropReason::MalformedContext`](crate::DropReason); every size is bounded, see
//! [`limits`](crate::limits).
//!
//! # Sampling
//!
//! A remote parent's decision is honoured, and a trace that is not sampled goes on with its ids, and with
//! what other tracers left in it. Where the sender left the decision to others (`b3` without one,
//! Datadog's headers without a priority), it is made by the trace's id and this service's own ratio, so
//! that all who have the same ratio agree. A process that exports nothing decides nothing: what came in
//! goes out.
//!
//! # In other places than HTTP
//!
//! Anything with headers can carry a context: see [`Extract`] and [`Inject`]. Spans' parents must be known
//! before they are made. `OpenTelemetrySpanExt::set_parent`, of the crate tracing-opentelemetry, has an
//! effect on spans alone that declare the field `otel.kind`, or are sampled: another root that is not
//! sampled was decided about when it was made, and stays where it is, without a word. Use
//! [`Remote::run`] in its place.

mod b3;
mod baggage;
mod carrier;
mod datadog;
mod headers;
pub(crate) mod limits;
mod line;
mod outgoing;
mod propagators;
mod remote;
#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;
mod trace_context;
mod within;

pub use crate::config::Propagator;
pub use baggage::Baggage;
pub use carrier::{Extract, Inject};
pub use propagators::Propagators;
pub use remote::Remote;

use crate::status::DropReason;
use crate::subscriber;
#[cfg(feature = "http")]
use crate::trace;
#[cfg(feature = "http")]
use opentelemetry::trace::TraceContextExt;
use tracing::Span;

/// The context that came with a request; empty if none did, or none that makes sense.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
///
/// # let telemetry = lightship::builder("api").build().unwrap();
/// # telemetry.scope(|| {
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let headers = HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
///
/// let remote = lightship::propagation::extract(&headers);
/// remote.run(|| {
///     let _span = tracing::info_span!("handle").entered(); // in the trace 4bf92f…
/// });
/// # assert!(remote.is_valid());
/// # });
/// ```
pub fn extract(headers: &impl Extract) -> Remote {
    let found = subscriber::find(|finder, _| {
        let (settings, drops) = finder.propagation()?;
        let remote = propagators::extract(&settings.extract, headers, |id| finder.keeps(id));
        drops.add(DropReason::MalformedContext, remote.ignored());
        Some(remote)
    });
    found.flatten().unwrap_or_else(|| Propagators::new([]).extract(headers))
}

/// Whether a header of this name, in lower case, may be part of a context.
#[cfg(feature = "http")]
pub(crate) fn is_part(name: &str) -> bool {
    match name {
        "traceparent" | "tracestate" | "baggage" | "b3" => true,
        _ => name.starts_with("x-b3-") || name.starts_with("x-datadog-"),
    }
}

/// Whether the running code has nothing around it that a request could not be meant to have.
#[cfg(feature = "http")]
pub(crate) fn is_outside() -> bool {
    trace::with_current_context(|around| {
        !around.has_active_span()
            && around.get::<opentelemetry::baggage::Baggage>().is_none()
            && around.get::<trace::Asked>().is_none()
    })
    .unwrap_or(true)
}

/// Writes the context of the current span, and the current baggage, into a request's headers, in the
/// place of what they have of these. Where there is no span and no baggage, headers stay as they are.
///
/// # Examples
///
/// ```
/// # let telemetry = lightship::builder("api").build().unwrap();
/// # telemetry.scope(|| {
/// let _span = tracing::info_span!("call").entered();
/// let mut headers = http::HeaderMap::new();
/// lightship::propagation::inject(&mut headers);
/// assert!(headers.contains_key("traceparent"));
/// # });
/// ```
pub fn inject(headers: &mut impl Inject) {
    inject_for(None, headers);
}

/// The same for a span that is not the current one.
pub fn inject_span(span: &Span, headers: &mut impl Inject) {
    inject_for(Some(span), headers);
}

fn inject_for(span: Option<&Span>, headers: &mut impl Inject) {
    let id = span.and_then(Span::id);
    let Some(outbound) = subscriber::outbound(id.as_ref()) else { return };
    let Some((settings, drops)) = &outbound.installed else { return };
    let denied = propagators::inject(&settings.inject, &settings.policy, &outbound, headers);
    drops.add(DropReason::TagDenied, denied);
}
