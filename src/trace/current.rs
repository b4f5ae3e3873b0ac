//! OpenTelemetry's current context, where remote parents and baggage are kept.
//!
//! It is a thread-local that panics when it is asked after its end, and a panic there ends the process.
//! Destructors of other thread-locals may trace and call still, so all of us ask here.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceId, TraceState};

/// The flag of a trace whose id is random, which is passed on as it came.
pub(crate) const RANDOM: TraceFlags = TraceFlags::new(2);

/// What a sender without a trace asked of those that start here: that they are kept, or that they are
/// not; part of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked(pub(crate) Option<bool>);

/// There for as long as the current context surely is.
struct Alive;

thread_local! {
    /// A thread's last local to be made is the first that ends.
    static ALIVE: Alive = {
        Context::map_current(|_| ());
        Alive
    };
}

impl Drop for Alive {
    /// What has nothing to drop never ends.
    fn drop(&mut self) {}
}

/// Shows `look` the current context; none at the end of the thread. `look` calls nobody.
#[inline]
pub(crate) fn with_current_context<R>(look: impl FnOnce(&Context) -> R) -> Option<R> {
    ALIVE.try_with(|_| ()).ok().map(|()| Context::map_current(look))
}

/// A clone of the current context; an empty one at the end of the thread.
pub(crate) fn current_context() -> Context {
    with_current_context(Context::clone).unwrap_or_default()
}

/// Runs `body` with a context as the current one; as it is at the end of the thread.
pub(crate) fn in_context<R>(context: &Context, body: impl FnOnce() -> R) -> R {
    let is_alive = ALIVE.try_with(|_| ()).is_ok();
    let _attached = is_alive.then(|| context.clone().attach());
    body()
}

/// What came with a trace from another process, beyond its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Legacy {
    pub(super) trace_id: u128,
    pub(super) state: TraceState,
    pub(super) is_random: bool,
}

impl Legacy {
    /// `None` if there is nothing.
    pub(super) fn of(span: &SpanContext) -> Option<Self> {
        Legacy::is_left(span).then(|| Legacy {
            trace_id: u128::from_be_bytes(span.trace_id().to_bytes()),
            state: span.trace_state().clone(),
            is_random: span.trace_flags() & RANDOM == RANDOM,
        })
    }

    #[inline]
    pub(super) fn is_left(span: &SpanContext) -> bool {
        let is_random = span.trace_flags() & RANDOM == RANDOM;
        is_random || span.trace_state().into_iter().next().is_some()
    }

    /// Of the remote parent around the running code, if that is of this trace.
    pub(super) fn around(trace_id: u128) -> Option<Self> {
        let look = |around: &Context| {
            if !around.has_active_span() {
                return None;
            }
            let span = around.span();
            let around = span.span_context();
            (around.trace_id() == TraceId::from(trace_id)).then(|| Legacy::of(around)).flatten()
        };
        with_current_context(look).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Late(mpsc::Sender<bool>);

    impl Drop for Late {
        fn drop(&mut self) {
            let seen = with_current_context(|_| ()).is_some();
            in_context(&Context::new(), || self.0.send(seen).unwrap());
        }
    }

    thread_local! {
        static LATE: std::cell::RefCell<Option<Late>> = const { std::cell::RefCell::new(None) };
    }

    #[test]
    fn at_the_end_of_a_thread_there_is_no_context_and_no_harm() {
        let (give, take) = mpsc::channel();
        let late = give.clone();
        let thread = std::thread::spawn(move || {
            // Made first, so that it ends last.
            LATE.with(|slot| *slot.borrow_mut() = Some(Late(late)));
            give.send(with_current_context(|_| ()).is_some()).unwrap();
        });
        thread.join().unwrap();
        assert_eq!((take.recv(), take.recv()), (Ok(true), Ok(false)));
    }
}
