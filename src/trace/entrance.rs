//! Where work of another process enters: below which span it stands is known before any of its spans
//! is made, so the first of them needs to wait for nobody.

use std::cell::Cell;
use tracing::Id;
use tracing::dispatcher;

/// The span that was current when the work came in, as a number; 0 for none.
type Outside = u64;

thread_local! {
    static ENTERED: Cell<Option<Outside>> = const { Cell::new(None) };
}

/// Runs `body` as work that came from elsewhere: spans that are made directly in it, and not below other
/// spans of its own, stand where `opentelemetry::Context::current` says.
pub(crate) fn enter<R>(body: impl FnOnce() -> R) -> R {
    let outside = dispatcher::get_default(|here| here.current_span().id().map_or(0, Id::into_u64));
    let _left = Left(ENTERED.replace(Some(outside)));
    body()
}

/// Whether this thread is in such work at all.
#[inline]
pub(super) fn is_entered() -> bool {
    ENTERED.get().is_some()
}

/// Whether a span that is made now, below `current`, is made directly in such work.
#[inline]
pub(super) fn is_here(current: Option<&Id>) -> bool {
    ENTERED.get().is_some_and(|outside| outside == current.map_or(0, Id::into_u64))
}

/// Puts back what was before, also after a panic.
struct Left(Option<Outside>);

impl Drop for Left {
    fn drop(&mut self) {
        ENTERED.set(self.0);
    }
}
