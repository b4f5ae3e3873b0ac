//! What an unsampled span may allocate: nothing.

use super::{Setup, ratio, remote};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use tracing::{Span, info, info_span};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

#[allow(unsafe_code, reason = "an allocator is one")]
// SAFETY: everything is handed on to the system's allocator; counting touches a plain thread-local.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread in 1,000 runs, after some in which the registry's slab may grow.
pub(super) fn allocations(mut body: impl FnMut()) -> u64 {
    (0..100).for_each(|_| body());
    let before = ALLOCATIONS.get();
    (0..1_000).for_each(|_| body());
    ALLOCATIONS.get() - before
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
