//! The one cap on what thread-local cells may take.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How much the values of all metrics may take together, in bytes. From three quarters of it on
/// threads share what they write to, which takes a lock.
pub const LIMIT: usize = 64 << 20;
/// What threads may take for cells of their own; the rest is for cells that they share.
const OWN_LIMIT: usize = LIMIT / 4 * 3;

static USED: AtomicUsize = AtomicUsize::new(0);

/// For whom memory is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Thread,
    Shared,
}

/// Books `bytes`, or refuses.
pub(super) fn reserve(owner: Owner, bytes: usize) -> bool {
    let limit = match owner {
        Owner::Thread => OWN_LIMIT,
        Owner::Shared => LIMIT,
    };
    USED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
        used.checked_add(bytes).filter(|&used| used <= limit)
    })
    .is_ok()
}

pub(super) fn release(bytes: usize) {
    USED.fetch_sub(bytes, Ordering::Relaxed);
}
