//! Closes spans where they belong.
//!
//! When the last child of a span is gone, the registry closes the span through the thread's current
//! subscriber. That is another one where the child is dropped outside of its scope, or in the scope of
//! somebody else; a registry that is asked to close a span it has not panics. So this makes its own
//! subscriber the current one for as long as it closes.

use std::any::TypeId;
use std::sync::OnceLock;
use tracing::dispatcher::{self, WeakDispatch};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_core::span::Current;

/// The outermost of a subscriber.
pub(super) struct Closing<S> {
    inner: S,
    dispatch: OnceLock<WeakDispatch>,
}

impl<S: 'static> Closing<S> {
    pub(super) fn new(inner: S) -> Self {
        Closing { inner, dispatch: OnceLock::new() }
    }

    /// This subscriber, unless it is what the thread has anyway.
    fn elsewhere(&self) -> Option<Dispatch> {
        let is_current = dispatcher::get_default(|current| {
            let inside = current.downcast_ref::<Self>();
            inside.is_some_and(|inside| std::ptr::eq(inside, self))
        });
        // Last, for it writes to a count that all threads share.
        if is_current { None } else { self.dispatch.get()?.upgrade() }
    }
}

impl<S: Subscriber> Subscriber for Closing<S> {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
        self.inner.on_register_dispatch(dispatch);
    }

    #[inline]
    fn try_close(&self, id: Id) -> bool {
        match self.elsewhere() {
            Some(own) => dispatcher::with_default(&own, || self.inner.try_close(id)),
            None => self.inner.try_close(id),
        }
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.inner.register_callsite(metadata)
    }

    #[inline]
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.inner.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.inner.max_level_hint()
    }

    #[inline]
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.inner.new_span(attributes)
    }

    #[inline]
    fn record(&self, id: &Id, values: &Record<'_>) {
        self.inner.record(id, values);
    }

    #[inline]
    fn record_follows_from(&self, id: &Id, follows: &Id) {
        self.inner.record_follows_from(id, follows);
    }

    #[inline]
    fn event_enabled(&self, event: &Event<'_>) -> bool {
        self.inner.event_enabled(event)
    }

    #[inline]
    fn event(&self, event: &Event<'_>) {
        self.inner.event(event);
    }

    #[inline]
    fn enter(&self, id: &Id) {
        self.inner.enter(id);
    }

    #[inline]
    fn exit(&self, id: &Id) {
        self.inner.exit(id);
    }

    #[inline]
    fn clone_span(&self, id: &Id) -> Id {
        self.inner.clone_span(id)
    }

    #[inline]
    fn current_span(&self) -> Current {
        self.inner.current_span()
    }

    // What asks for a part of this subscriber is passed on.
    #[expect(unsafe_code, reason = "the trait has it so")]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some(std::ptr::from_ref(self).cast());
        }
        // SAFETY: what is inside is a part of this one and lives as long.
        unsafe { self.inner.downcast_raw(id) }
    }
}
