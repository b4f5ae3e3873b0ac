//! The line that the running thread is writing: what a formatter has to know beyond the event.

use super::fields::Classes;
use crate::trace::SpanIds;
use std::cell::Cell;
use std::time::SystemTime;

/// Values that log themselves while they are formatted: from here on they are not asked any more.
const MAX_DEPTH: u8 = 4;

/// About the event whose line is being written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub(super) time: SystemTime,
    pub(super) ids: Option<SpanIds>,
    pub(super) classes: Classes,
    depth: u8,
}

thread_local! {
    static CURRENT: Cell<Current> =
        const { Cell::new(Current { time: SystemTime::UNIX_EPOCH, ids: None, classes: Classes::NONE, depth: 0 }) };
    /// Whether `ALIVE` is in use.
    static WARM: Cell<bool> = const { Cell::new(false) };
    /// Younger than the buffer of tracing-subscriber's, so it ends before it when a thread ends.
    static ALIVE: Sentinel = const { Sentinel };
}

struct Sentinel;

impl Drop for Sentinel {
    fn drop(&mut self) {}
}

/// Runs `write` while the line is the current one. A value may log something of its own meanwhile,
/// so what was current before is so afterwards.
pub(super) fn with(ids: Option<SpanIds>, classes: Classes, write: impl FnOnce()) {
    let outer = get();
    let _restored = Restore(outer);
    let time = SystemTime::now();
    CURRENT.set(Current { time, ids, classes, depth: outer.depth.saturating_add(1) });
    write();
}

pub(super) fn get() -> Current {
    CURRENT.get()
}

/// Whether a line is written for the sake of a value in a line, and so on, too often.
pub(super) fn is_too_deep() -> bool {
    get().depth > MAX_DEPTH
}

/// Whether the running thread is past the end of what tracing-subscriber keeps for it, as in a
/// destructor of the host's thread-locals; its formatter would panic then.
pub(super) fn is_thread_ending() -> bool {
    WARM.get() && ALIVE.try_with(|_| ()).is_err()
}

/// To be called when tracing-subscriber's formatter has run on this thread.
pub(super) fn formatter_has_run() {
    if !WARM.replace(true) {
        // Thread-locals end in the opposite order of their first use.
        let _ = ALIVE.try_with(|_| ());
    }
}

struct Restore(Current);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}
