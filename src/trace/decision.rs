//! What becomes of a new span: asked of its parent, of the context around it, or drawn.

use super::current::{Asked, Legacy, with_current_context};
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
    /// The same below a remote span that left more than ids.
    DropHeir(Fate),
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
    /// A sender without a trace said what is to become of those that start here.
    Asked(bool),
    Span {
        trace_id: u128,
        sampled: bool,
        /// Whether there is a state, or a flag, to pass on.
        has_more: bool,
    },
}

impl Around {
    #[inline]
    pub(super) fn here() -> Self {
        let look = |context: &Context| {
            if context.is_telemetry_suppressed() {
                return Around::Suppressed;
            }
            let asked = || match context.get::<Asked>() {
                Some(Asked(Some(kept))) => Around::Asked(*kept),
                _ => Around::Nothing,
            };
            if !context.has_active_span() {
                return asked();
            }
            let span = context.span();
            let parent = span.span_context();
            match parent.is_valid() {
                false => asked(),
                true => Around::Span {
                    trace_id: u128::from_be_bytes(parent.trace_id().to_bytes()),
                    sampled: parent.is_sampled(),
                    has_more: Legacy::is_left(parent),
                },
            }
        };
        with_current_context(look).unwrap_or(Around::Nothing)
    }
}

impl Sampler {
    /// The first span of work that came from elsewhere; none if nobody there is its parent.
    pub(super) fn arrived(&self) -> Option<Decision> {
        let around = Around::here();
        let Around::Span { .. } = around else { return None };
        match self.below(around)? {
            Decision::Record => {
                let remote = |context: &Context| context.span().span_context().clone();
                let remote = Box::new(with_current_context(remote)?);
                Some(Decision::RecordIn(Origin::Remote(remote)))
            }
            decided => Some(decided),
        }
    }

    /// A span without a parent among `tracing`'s spans; `arrived` says that nobody will give it one.
    #[inline]
    pub(super) fn root(&self, attrs: &Attributes<'_>, arrived: bool) -> Decision {
        let around = if attrs.is_contextual() { Around::here() } else { Around::Nothing };
        if let Some(decision) = self.below(around) {
            return decision;
        }
        if !arrived && kind::may_get_a_parent(attrs.metadata()) {
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
            Around::Asked(kept) => {
                let (trace_id, span_id) = generator::root();
                match self.keeps(trace_id, Some(kept)) {
                    true => Decision::RecordIn(Origin::Root { trace_id }),
                    false => Decision::Drop(Fate::Unsampled { trace_id, span_id }),
                }
            }
            Around::Span { trace_id, sampled, .. } if self.keeps(trace_id, Some(sampled)) => {
                Decision::Record
            }
            Around::Span { trace_id, has_more, .. } => {
                let fate = Fate::Unsampled { trace_id, span_id: generator::span_id() };
                if has_more { Decision::DropHeir(fate) } else { Decision::Drop(fate) }
            }
        })
    }
}

/// A span whose parent is not recorded.
#[inline]
pub(super) fn child_of_unsampled(
    attrs: &Attributes<'_>,
    arrived: bool,
    trace_id: u128,
    parent: u64,
) -> Decision {
    // Such as a request in the span of its connection.
    match !arrived && kind::is_entrance(attrs) {
        true => Decision::Wait(Some(Origin::Unsampled { trace_id, span_id: parent })),
        false => Decision::Drop(Fate::Unsampled { trace_id, span_id: generator::span_id() }),
    }
}
