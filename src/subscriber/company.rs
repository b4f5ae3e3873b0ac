//! Telling `tracing` that what we want has changed.
//!
//! It remembers at each place in the program, and for all, whether anybody wants what happens there.
//! `rebuild_interest_cache` is not enough to have that decided anew: while a single subscriber is
//! registered, it asks the current one of the running thread alone, which is nobody outside of a
//! scope; and a place that registers meanwhile may write down an older answer.
//!
//! Registering a subscriber decides anew as well, with all others locked out. So we register one that
//! gives the answers of ours and does nothing, and in its company ours is never the single one.

use super::Shared;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// Never a thread's or the process's, only registered.
struct Company(Arc<Shared>);

/// Has it decided anew what is wanted. What comes back stands beside the subscriber until the next
/// time.
pub(super) fn announce(shared: &Arc<Shared>) -> Dispatch {
    Dispatch::new(Company(Arc::clone(shared)))
}

impl Subscriber for Company {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.0.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.max_level())
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
