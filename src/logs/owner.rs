//! Whose process this is: after a fork the child has the handles, but not the thread, and locks that
//! may never open.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

/// No fork is as fast as this, by far. Only the thread that forked goes on in the child, so where one
/// asked so recently it need not ask again; asking is a system call.
const FASTEST_FORK: Duration = Duration::from_micros(5);

/// The process that made something.
#[derive(Debug)]
pub(super) struct Owner(u32);

thread_local! {
    /// Which process this was, when it was last asked or known.
    static KNOWN: Cell<(u32, SystemTime)> = const { Cell::new((0, SystemTime::UNIX_EPOCH)) };
}

impl Owner {
    pub(super) fn this() -> Self {
        Owner(this_process())
    }

    pub(super) fn is_this_process(&self) -> bool {
        this_process() == self.0
    }

    /// The same for whoever knows the time, and asks often.
    pub(super) fn is_this_process_at(&self, now: SystemTime) -> bool {
        let (known, at) = KNOWN.get();
        let just_now = now.duration_since(at).is_ok_and(|gap| gap < FASTEST_FORK);
        let process = if known == self.0 && just_now { known } else { this_process() };
        KNOWN.set((process, now));
        process == self.0
    }
}

#[cfg(not(test))]
fn this_process() -> u32 {
    std::process::id()
}

#[cfg(test)]
static IS_ANOTHER: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

#[cfg(test)]
fn this_process() -> u32 {
    let other = IS_ANOTHER.load(std::sync::atomic::Ordering::Relaxed);
    std::process::id() + u32::from(other)
}

/// What a fork does to a process, as far as its number goes.
#[cfg(test)]
pub(super) fn become_another_process() {
    IS_ANOTHER.store(true, std::sync::atomic::Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_asked_for_again_after_a_moment_or_for_another_owner() {
        let (own, other) = (Owner::this(), Owner(this_process() + 1));
        let start = SystemTime::now();
        assert!(own.is_this_process_at(start));
        // As a child finds it: what was known is its parent.
        KNOWN.set((other.0, start));
        assert!(!other.is_this_process_at(start + FASTEST_FORK));
        KNOWN.set((other.0, start));
        assert!(!other.is_this_process_at(start - FASTEST_FORK));
        KNOWN.set((other.0, start));
        assert!(other.is_this_process_at(start + FASTEST_FORK / 2));
        assert!(own.is_this_process_at(start + FASTEST_FORK / 2));
        assert!(!other.is_this_process_at(start + FASTEST_FORK / 2));
        assert!(own.is_this_process() && !other.is_this_process());
    }
}
