//! Several languages at once.

use super::baggage;
use super::carrier::{Extract, Inject};
use super::headers::{Found, Headers, Position};
use super::outgoing::Outgoing;
use super::remote::{Deferred, Remote};
use super::{b3, datadog, trace_context};
use crate::config::settings::SamplerSettings;
use crate::config::{Propagator, Sampler};
use crate::scrub::Policy;
use crate::status::DropReason;
use crate::subscriber::{self, Outbound};
use crate::trace;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceId;
use std::sync::Arc;

/// Propagators of one's own, beside those that [`builder`](crate::builder) sets for the process: for a
/// neighbour that speaks another language than all others. They work with nothing installed.
///
/// # Examples
///
/// ```
/// use lightship::propagation::{Propagator, Propagators};
///
/// // From one language into another.
/// let zipkin = Propagators::new([Propagator::B3Multi]);
/// let datadog = Propagators::new([Propagator::Datadog]);
/// let incoming = [
///     ("X-B3-TraceId", "00f067aa0ba902b7"),
///     ("X-B3-SpanId", "00000000000004d2"),
///     ("X-B3-Sampled", "1"),
/// ];
/// let mut outgoing: Vec<(String, String)> = Vec::new();
/// datadog.pass_on(&zipkin.extract(&incoming), &mut outgoing);
/// assert!(outgoing.contains(&("x-datadog-parent-id".into(), "1234".into())));
/// ```
#[derive(Debug, Clone)]
pub struct Propagators {
    all: Vec<Propagator>,
    undecided: trace::Sampler,
}

impl Propagators {
    /// These, both ways: of those that come in, the first one with a valid context counts.
    pub fn new(propagators: impl IntoIterator<Item = Propagator>) -> Self {
        let all = propagators.into_iter().collect();
        let undecided = trace::Sampler::new(&SamplerSettings { parent_based: true, ratio: 1.0 });
        Propagators { all, undecided }
    }

    /// Decides about traces that come in undecided, such as those of `b3` without a decision; all of
    /// them are kept unless set.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        let settings = SamplerSettings { parent_based: true, ratio: sampler.ratio };
        self.undecided = trace::Sampler::new(&settings);
        self
    }

    /// The context that came with a request; empty if none did, or none that makes sense.
    pub fn extract(&self, headers: &impl Extract) -> Remote {
        let keeps = |trace_id: TraceId| {
            self.undecided.keeps(u128::from_be_bytes(trace_id.to_bytes()), None)
        };
        extract(&self.all, headers, keeps)
    }

    /// Writes the context of the current span, and the current baggage, into a request's headers.
    pub fn inject(&self, headers: &mut impl Inject) {
        let Some(outbound) = subscriber::outbound(None) else { return };
        let installed = outbound.installed.as_ref();
        let policy = installed.map(|(settings, _)| Arc::clone(&settings.policy));
        let policy = policy.unwrap_or_else(Policy::shared_default);
        let denied = inject(&self.all, &policy, &outbound, headers);
        if let Some((_, drops)) = installed {
            drops.add(DropReason::TagDenied, denied);
        }
    }

    /// Writes the context that came with a request into another's headers, as it came: for a proxy that
    /// has no spans of its own.
    pub fn pass_on(&self, remote: &Remote, headers: &mut impl Inject) {
        let span = remote.place();
        let deferred = remote.context().get::<Deferred>().map(|deferred| deferred.0);
        let is_deferred = span.as_ref().is_some_and(|span| deferred == Some(span.trace_id()));
        let outgoing = span.as_ref().map(|span| Outgoing { span, is_deferred });
        let installed = subscriber::find(|finder, _| finder.propagation()).flatten();
        let policy = installed.as_ref().map(|(settings, _)| Arc::clone(&settings.policy));
        let policy = policy.unwrap_or_else(Policy::shared_default);
        let denied = write(&self.all, &policy, outgoing, remote.context().baggage(), headers);
        if let Some((_, drops)) = installed {
            drops.add(DropReason::TagDenied, denied);
        }
    }
}

/// By the W3C, as OpenTelemetry has it: `tracecontext` and `baggage`.
impl Default for Propagators {
    fn default() -> Self {
        Propagators::new([Propagator::TraceContext, Propagator::Baggage])
    }
}

/// `keeps` decides where nobody has.
pub(super) fn extract(
    propagators: &[Propagator],
    headers: &dyn Extract,
    keeps: impl FnOnce(TraceId) -> bool,
) -> Remote {
    let headers = Headers::new(headers);
    let (mut place, mut decision, mut pairs) = (None, None, None);
    for propagator in propagators {
        let found = match (propagator, &mut place) {
            (Propagator::Baggage, _) => {
                pairs = pairs.or_else(|| baggage::extract(&headers));
                None
            }
            (Propagator::TraceContext, Some(place)) => {
                complete(place, &headers);
                None
            }
            (_, Some(_)) => None,
            (Propagator::TraceContext, None) => trace_context::extract(&headers),
            (Propagator::Datadog, None) => datadog::extract(&headers),
            (Propagator::B3, None) => b3::extract_single(&headers),
            (Propagator::B3Multi, None) => b3::extract_multi(&headers),
        };
        match found {
            Some(Found::At(found)) => place = Some(found),
            // Who stands in a trace says more than who is nowhere.
            Some(Found::Decision(found)) => decision = decision.or(Some(found)),
            None => {}
        }
    }
    let found = place.map(Found::At).or(decision.map(Found::Decision));
    Remote::new(found, keeps, pairs, headers.ignored())
}

/// What others say of the same trace goes on with it, though another language was read first.
fn complete(place: &mut Position, headers: &Headers<'_>) {
    if let Some(Found::At(other)) = trace_context::extract(headers)
        && other.trace_id == place.trace_id
    {
        place.state = datadog::beside(std::mem::take(&mut place.state), &other.state);
        place.random = other.random;
    }
}

/// How many members of the baggage the policy kept here.
pub(super) fn inject(
    propagators: &[Propagator],
    policy: &Policy,
    outbound: &Outbound,
    headers: &mut dyn Inject,
) -> u64 {
    let is_deferred = outbound.is_passed_on
        && outbound.span.is_remote()
        && trace::with_current_context(|context| context.get::<Deferred>().copied()).flatten()
            == Some(Deferred(outbound.span.trace_id()));
    let outgoing = Outgoing { span: &outbound.span, is_deferred };
    let outgoing = outbound.span.is_valid().then_some(outgoing);
    // A clone, for headers are somebody's, who may do with the current context what they like.
    let current = trace::current_context();
    write(propagators, policy, outgoing, current.baggage(), headers)
}

fn write(
    propagators: &[Propagator],
    policy: &Policy,
    outgoing: Option<Outgoing<'_>>,
    pairs: &opentelemetry::baggage::Baggage,
    headers: &mut dyn Inject,
) -> u64 {
    let mut denied = 0;
    for propagator in propagators {
        match (propagator, &outgoing) {
            (Propagator::Baggage, _) => denied = baggage::inject(pairs, policy, headers),
            (Propagator::TraceContext, Some(outgoing)) => trace_context::inject(outgoing, headers),
            (Propagator::Datadog, Some(outgoing)) => datadog::inject(outgoing, headers),
            (Propagator::B3, Some(outgoing)) => b3::inject_single(outgoing, headers),
            (Propagator::B3Multi, Some(outgoing)) => b3::inject_multi(outgoing, headers),
            (_, None) => {}
        }
    }
    denied
}
