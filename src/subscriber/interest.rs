//! That the subscribers of scopes are asked what they want.
//!
//! `tracing` remembers for each place in the program whether anybody wants its spans. As long as
//! there is one subscriber only, it asks that of the thread that comes first: outside of a scope
//! nobody is there, and the place would stay silent for good. Of several subscribers it asks all,
//! and so there is always another one.

use std::sync::OnceLock;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// To be called before a subscriber is set for a scope.
pub(super) fn of_scopes_counts() {
    static COMPANION: OnceLock<Dispatch> = OnceLock::new();
    COMPANION.get_or_init(|| Dispatch::new(Companion));
}

/// Never anybody's subscriber. It would like everything, so that what another says wins: `always`
/// stays, and of `never` nothing worse becomes than to be asked each time. That also settles what
/// two threads that ask at once write down in the wrong order.
struct Companion;

impl Subscriber for Companion {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
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
