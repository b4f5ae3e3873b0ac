//! What becomes of a new span: asked of its parent, of the context around it, or drawn.

use super::sampler::Sampler;
use super::table::Fate;
use super::tracer::Origin;
use super::{generator, kind};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing::span::Attributes;

/// What is to be done with a new span.
#[derive(Debug)]
pub(super) enum Decision {
    /// Not recorded; this is what others need to know of it.
    Drop(Fate),
    /// Recorded, or decided by the SDK in the same way as we would.
    Record,
    /// The same, as the root of the trace that was drawn.
    RecordIn(Origin),
    /// Somebody may still give it a parent; until then it belongs there.
    Wait(Option<Origin>),
}

/// What `opentelemetry::Context::current` says.
pub(super) enum Around {
    Nothing,
    /// Whoever runs now wants no telemetry of what they do.
    Suppressed,
    Span {
        trace_id: u128,
        sampled: bool,
    },
}

impl Around {
    #[inline]
    pub(super) fn here() -> Self {
        Context::map_current(|context| {
            if context.is_telemetry_suppressed() {
                return Around::Suppressed;
            }
            if !context.has_active_span() {
                return Around::Nothing;
            }
            let span = context.span();
            let parent = span.span_context();
            match parent.is_valid() {
                false => Around::Nothing,
                true => Around::Span {
                    trace_id: u128::from_be_bytes(parent.trace_id().to_bytes()),
                    sampled: parent.is_sampled(),
                },
            }
        })
    }
}

impl Sampler {
    /// A span without a parent among `tracing`'s spans.
    #[inline]
    pub(super) fn root(&self, attrs: &Attributes<'_>) -> Decision {
        let around = if attrs.is_contextual() { Around::here() } else { Around::Nothing };
        if let Some(decision) = self.below(around) {
            return decision;
        }
        if kind::may_get_a_parent(attrs.metadata()) {
            return Decision::Wait(None);
        }
        if self.keeps_all() {
            return Decision::Record;
        }
        let (trace_id, span_id) = generator::root();
        match self.keeps(trace_id, None) {
            true => Decision::RecordIn(Origin::Root { trace_id }),
            false => Decision::Drop(Fate::Unsampled { trace_id, span_id }),
        }
    }

    /// A span of which no more is known than what is around it, if anything is.
    #[inline]
    pub(super) fn below(&self, around: Around) -> Option<Decision> {
        Some(match around {
            Around::Nothing => return None,
            Around::Suppressed => Decision::Drop(Fate::Nameless),
            Around::Span { trace_id, sampled } => match self.keeps(trace_id, Some(sampled)) {
                true => Decision::Record,
                false => {
                    let span_id = generator::span_id();
                    Decision::Drop(Fate::Unsampled { trace_id, span_id })
                }
            },
        })
    }
}

/// A span whose parent is not recorded.
#[inline]
pub(super) fn child_of_unsampled(attrs: &Attributes<'_>, trace_id: u128, parent: u64) -> Decision {
    // Such as a request in the span of its connection.
    match kind::is_entrance(attrs) {
        true => Decision::Wait(Some(Origin::Unsampled { trace_id, span_id: parent })),
        false => Decision::Drop(Fate::Unsampled { trace_id, span_id: generator::span_id() }),
    }
}
