//! The context of unsampled spans, where `opentelemetry::Context::current` is to follow spans.

use super::current::current_context;
use opentelemetry::ContextGuard;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use std::cell::RefCell;
use tracing::span::Id;

thread_local! {
    /// Of the unsampled spans that this thread is in.
    static GUARDS: RefCell<Vec<(u64, ContextGuard)>> = const { RefCell::new(Vec::new()) };
}

/// Others see a context that says "not sampled", so what they start below it isn't either.
pub(super) fn enter(id: &Id, place: SpanContext) {
    // At a thread's end nobody is left to look.
    let _ = GUARDS.try_with(|guards| {
        let guard = current_context().with_remote_span_context(place).attach();
        guards.borrow_mut().push((id.into_u64(), guard));
    });
}

pub(super) fn exit(id: &Id) {
    let guard = GUARDS.try_with(|guards| {
        let mut guards = guards.borrow_mut();
        let place = guards.iter().rposition(|(entered, _)| *entered == id.into_u64());
        place.map(|place| guards.remove(place))
    });
    // Outside: what a context drops may trace.
    drop(guard);
}
