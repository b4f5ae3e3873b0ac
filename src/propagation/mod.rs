//! Contexts over the wire: which trace a request belongs to, and the baggage that goes with it.
//!
//! ```text
//! request in   headers -> extract -> Remote -> run | wrap -> spans below the remote one
//! request out  current span, baggage -> inject -> headers
//! ```
//!
//! The headers are those of [`Propagator`](crate::Propagator)s, chosen by
//! [`Builder::propagators`](crate::Builder::propagators), `OTEL_PROPAGATORS` or
//! `DD_TRACE_PROPAGATION_STYLE`. A remote parent's decision about sampling is honoured, and a trace that
//! is not sampled goes on with its ids.

mod carrier;
mod remote;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod trace_context;

pub use carrier::{Extract, Inject};
pub use remote::Remote;

use crate::config::Propagator;
use crate::subscriber;
use opentelemetry::trace::SpanContext;
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
        let (settings, _drops) = finder.propagation()?;
        let valid = |&propagator: &Propagator| match propagator {
            Propagator::TraceContext => trace_context::extract(headers),
            _ => None,
        };
        settings.extract.iter().find_map(valid)
    });
    Remote::new(found.flatten())
}

/// Writes the context of the current span, and the current baggage, into a request's headers.
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
    for propagator in &outbound.settings.inject {
        if *propagator == Propagator::TraceContext {
            trace_context::inject(&outbound.span, headers);
        }
    }
}

/// Whether there is something to say of a span to others.
fn is_worth_saying(span: &SpanContext) -> bool {
    span.is_valid()
}
