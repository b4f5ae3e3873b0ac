//! Which traces are kept: one rule, asked early by us and late by the SDK.

use super::current::Asked;
use crate::config::settings::SamplerSettings;
use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Keeps a share of all traces, by their ids; or as a parent says.
///
/// Clones share one rule, which can be exchanged: a process has one subscriber for good, but may be
/// configured anew.
#[derive(Debug, Clone)]
pub(crate) struct Sampler(Arc<Rule>);

#[derive(Debug)]
struct Rule {
    parent_based: AtomicBool,
    /// A trace is kept if the lower 63 bits of its id (without the lowest, as in all of
    /// OpenTelemetry's SDKs) are below this.
    bound: AtomicU64,
}

/// Above all 63-bit numbers.
const KEEP_ALL: u64 = u64::MAX;

impl Sampler {
    pub(crate) fn new(settings: &SamplerSettings) -> Self {
        let rule = Rule { parent_based: AtomicBool::new(true), bound: AtomicU64::new(KEEP_ALL) };
        let sampler = Sampler(Arc::new(rule));
        sampler.set(settings);
        sampler
    }

    /// Decides by these settings from now on.
    pub(crate) fn set(&self, settings: &SamplerSettings) {
        let bound = match settings.ratio >= 1.0 {
            true => KEEP_ALL,
            false => (settings.ratio.max(0.0) * (1_u64 << 63) as f64) as u64,
        };
        self.0.parent_based.store(settings.parent_based, Ordering::Relaxed);
        self.0.bound.store(bound, Ordering::Relaxed);
    }

    pub(super) fn is_parent_based(&self) -> bool {
        self.0.parent_based.load(Ordering::Relaxed)
    }

    /// Whether every root is kept.
    #[inline]
    pub(super) fn keeps_all(&self) -> bool {
        self.0.bound.load(Ordering::Relaxed) == KEEP_ALL
    }

    /// Whether a span is kept whose parent is of the same trace and sampled or not; or a root.
    #[inline]
    pub(crate) fn keeps(&self, trace_id: u128, parent: Option<bool>) -> bool {
        match parent {
            Some(sampled) if self.is_parent_based() => sampled,
            _ => (trace_id as u64) >> 1 < self.0.bound.load(Ordering::Relaxed),
        }
    }
}

/// For what could not be decided early.
impl ShouldSample for Sampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let trace_id = u128::from_be_bytes(trace_id.to_bytes());
        let (parent, trace_state) = match parent_context.filter(|cx| cx.has_active_span()) {
            None => (None, TraceState::default()),
            Some(context) => {
                let span = context.span();
                let parent = span.span_context();
                (parent.is_valid().then(|| parent.is_sampled()), parent.trace_state().clone())
            }
        };
        let asked = || parent_context?.get::<Asked>()?.0;
        let parent = parent.or_else(asked);
        let decision = match self.keeps(trace_id, parent) {
            true => SamplingDecision::RecordAndSample,
            false => SamplingDecision::Drop,
        };
        SamplingResult { decision, attributes: Vec::new(), trace_state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags};
    use opentelemetry_sdk::trace::Sampler as Theirs;

    fn sampler(parent_based: bool, ratio: f64) -> Sampler {
        Sampler::new(&SamplerSettings { parent_based, ratio })
    }

    fn parent(sampled: bool, remote: bool) -> Context {
        let state = TraceState::from_key_value([("vendor", "value")]).unwrap();
        Context::new().with_remote_span_context(SpanContext::new(
            TraceId::from(7),
            SpanId::from(7),
            TraceFlags::default().with_sampled(sampled),
            remote,
            state,
        ))
    }

    fn ask(sampler: &impl ShouldSample, parent: Option<&Context>, trace: u128) -> SamplingResult {
        sampler.should_sample(parent, TraceId::from(trace), "", &SpanKind::Internal, &[], &[])
    }

    #[test]
    fn the_rule_is_the_sdks() {
        for ratio in [0.0, 1e-9, 0.01, 0.25, 0.5, 0.999, 1.0] {
            let theirs = Theirs::ParentBased(Box::new(Theirs::TraceIdRatioBased(ratio)));
            let edge = (ratio * (1_u64 << 63) as f64) as u128;
            let edges = [edge.saturating_sub(1) << 1, edge << 1, (edge << 1) | 1, u128::MAX, 1];
            let drawn = (0..2_000).map(|_| crate::trace::generator::root().0);
            for trace in edges.into_iter().chain(drawn) {
                for cx in [None, Some(parent(true, true)), Some(parent(false, false))] {
                    let ours = ask(&sampler(true, ratio), cx.as_ref(), trace);
                    assert_eq!(ours, ask(&theirs, cx.as_ref(), trace), "{ratio} {trace:x}");
                }
            }
        }
    }

    #[test]
    fn a_parent_counts_only_where_it_is_asked() {
        for (remote, sampled) in [(true, true), (true, false), (false, true), (false, false)] {
            let cx = parent(sampled, remote);
            let follows = ask(&sampler(true, 0.0), Some(&cx), 1);
            assert_eq!(follows.decision == SamplingDecision::RecordAndSample, sampled);
            assert_eq!(follows.trace_state.get("vendor"), Some("value"));
            let none = ask(&sampler(false, 0.0), Some(&cx), 1);
            assert_eq!(none.decision, SamplingDecision::Drop);
            let all = ask(&sampler(false, 1.0), Some(&cx), u128::MAX);
            assert_eq!(all.decision, SamplingDecision::RecordAndSample);
        }
    }

    #[test]
    fn an_invalid_parent_is_none() {
        let cx = Context::new().with_remote_span_context(SpanContext::empty_context());
        let result = ask(&sampler(true, 1.0), Some(&cx), 1);
        assert_eq!(result.decision, SamplingDecision::RecordAndSample);
    }

    #[test]
    fn nonsense_keeps_nothing() {
        assert!(!sampler(true, f64::NAN).keeps(1, None));
        assert!(!sampler(true, -1.0).keeps(1, None));
        assert!(sampler(true, 2.0).keeps(u128::MAX, None));
    }
}
