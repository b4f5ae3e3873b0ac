//! What an unsampled span may allocate: nothing.

#[path = "../../../tests/support/counting.rs"]
mod counting;

use super::{Setup, ratio, remote};
use counting::by_this_thread;
use tracing::{Span, info, info_span};

/// Allocations of this thread in 1,000 runs, after some in which the registry's slab may grow.
pub(crate) fn allocations(mut body: impl FnMut()) -> u64 {
    (0..100).for_each(|_| body());
    let before = by_this_thread();
    (0..1_000).for_each(|_| body());
    by_this_thread() - before
}

fn request() {
    let root = info_span!("root", user = "u", n = 1, late = tracing::field::Empty);
    root.in_scope(|| {
        let child = info_span!("child", kind = "pdf");
        child.in_scope(|| info!(n = 2, "an event"));
        Span::current().record("late", 3);
        drop(info_span!(parent: &child, "named"));
    });
}

#[test]
fn an_unsampled_trace_allocates_nothing() {
    ratio(0.0).run(|_| assert_eq!(allocations(request), 0, "a root"));
    ratio(1.0).run(|_| {
        let _attached = remote(false, 7).attach();
        assert_eq!(allocations(request), 0, "below a remote parent");
    });
    Setup { parent_based: false, ..ratio(0.0) }.run(|_| {
        let _attached = remote(true, 7).attach();
        assert_eq!(allocations(request), 0, "by the ratio alone");
    });
}
