//! Lines between those who log and the thread that writes.
//!
//! Two buffers take turns: one fills while the other is written. The lock is held for a copy of one
//! line, never while anything is written, so nobody who logs waits for standard output.

use crate::logs::limits::MAX_LOG_QUEUE_BYTES;
use crate::status::{DropReason, Drops};
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two writes, so that those who log often don't wake the thread for each line.
const REST: Duration = Duration::from_millis(1);
/// A queue as full as this is written at once.
const MUCH: usize = MAX_LOG_QUEUE_BYTES / 4;

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Only the thread that writes waits for this.
    work: Condvar,
    settled: Condvar,
}

#[derive(Debug)]
struct State {
    pending: Vec<u8>,
    /// Lines that came in, that were written, and whose writing was also counted.
    pushed: u64,
    written: u64,
    settled: u64,
    /// Writes that failed.
    failures: u64,
    stage: Stage,
    writer: Activity,
    /// Somebody waits for what is pending.
    hurry: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Stopping(Instant),
    /// With how many lines that were never written.
    Ended(u64),
}

/// What the thread that writes is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activity {
    Writing,
    Resting,
    Waiting,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    Queued,
    Full,
    /// Nobody takes lines from here any more.
    Ended,
}

impl Queue {
    pub(super) fn new() -> Self {
        // Memory is taken when it is written to; nobody who logs waits for more of it later.
        let pending = Vec::with_capacity(MAX_LOG_QUEUE_BYTES);
        let state = State {
            pending,
            pushed: 0,
            written: 0,
            settled: 0,
            failures: 0,
            stage: Stage::Running,
            writer: Activity::Writing,
            hurry: false,
        };
        Queue { state: Mutex::new(state), work: Condvar::new(), settled: Condvar::new() }
    }

    /// Puts a line in; an urgent one is written without a rest.
    pub(super) fn push(&self, line: &[u8], urgent: bool) -> Pushed {
        let mut state = self.state();
        if matches!(state.stage, Stage::Ended(_)) {
            return Pushed::Ended;
        }
        if state.pending.len() + line.len() > MAX_LOG_QUEUE_BYTES {
            return Pushed::Full;
        }
        state.pending.extend_from_slice(line);
        state.pushed += 1;
        state.hurry |= urgent;
        let wakes = match state.writer {
            Activity::Waiting => true,
            Activity::Resting => urgent || state.pending.len() > MUCH,
            Activity::Writing => false,
        };
        if wakes {
            state.writer = Activity::Writing;
            drop(state);
            self.work.notify_one();
        }
        Pushed::Queued
    }

    /// Waits for what was put in before to be written; `false` at the deadline, or where it can't be.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        let mut state = self.state();
        let (target, failures) = (state.pushed, state.failures);
        state.hurry = true;
        self.work.notify_one();
        while state.settled < target && state.failures == failures {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            if matches!(state.stage, Stage::Ended(_)) {
                return false;
            }
            state =
                self.settled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.settled >= target
    }

    /// Lets the thread write what there is until the deadline, and then end.
    pub(super) fn stop(&self, deadline: Instant) {
        let mut state = self.state();
        if state.stage == Stage::Running {
            state.stage = Stage::Stopping(deadline);
            self.work.notify_one();
        }
    }

    /// Waits for the end. At the deadline it ends without the thread: what is not written by then
    /// counts as lost, even if it should get out later. `true` if nothing was left behind.
    pub(super) fn wait_for_end(&self, deadline: Instant, drops: &Drops) -> bool {
        let mut state = self.state();
        loop {
            if let Stage::Ended(left_behind) = state.stage {
                return left_behind == 0;
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return Self::end_of(&mut state, drops) == 0;
            };
            state =
                self.settled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Rests, and waits for lines; `None` when there are none left and no more to come.
    pub(super) fn next(&self, batch: &mut Vec<u8>) -> Option<()> {
        let mut state = self.state();
        let rested = Instant::now() + REST;
        while state.stage == Stage::Running && !state.hurry && state.pending.len() <= MUCH {
            let Some(left) = rested.checked_duration_since(Instant::now()) else { break };
            state.writer = Activity::Resting;
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        while state.stage == Stage::Running && state.pending.is_empty() {
            state.writer = Activity::Waiting;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writer = Activity::Writing;
        state.hurry = false;
        batch.clear();
        mem::swap(&mut state.pending, batch);
        let is_over = batch.is_empty() || matches!(state.stage, Stage::Ended(_));
        (!is_over).then_some(())
    }

    /// Takes lines as written, unless the end has counted them as lost. They are settled once their
    /// number stands in the status, so that it does when a flush returns.
    pub(super) fn written(&self, lines: u64, count: impl FnOnce()) -> bool {
        let mut state = self.state();
        if matches!(state.stage, Stage::Ended(_)) {
            return false;
        }
        state.written += lines;
        drop(state);
        count();
        self.state().settled += lines;
        self.settled.notify_all();
        true
    }

    /// Waits before a write is tried again; `false` if there is no point in it. A flush does not
    /// wait for what failed, unlike for what is only slow.
    pub(super) fn pause(&self, pause: Duration, has_failed: bool) -> bool {
        let mut state = self.state();
        state.failures += u64::from(has_failed);
        self.settled.notify_all();
        let until = Instant::now() + pause;
        loop {
            let end = match state.stage {
                Stage::Ended(_) => return false,
                Stage::Stopping(_) if has_failed => return false,
                Stage::Stopping(deadline) if deadline <= Instant::now() => return false,
                Stage::Stopping(deadline) => until.min(deadline),
                Stage::Running if state.hurry && has_failed => break,
                Stage::Running => until,
            };
            let Some(left) = end.checked_duration_since(Instant::now()) else { break };
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.hurry = false;
        true
    }

    /// Ends it, with what was not written counted as lost.
    pub(super) fn end(&self, drops: &Drops) {
        Self::end_of(&mut self.state(), drops);
        self.settled.notify_all();
    }

    /// Bytes that wait, beside those that are being written.
    pub(super) fn pending_bytes(&self) -> usize {
        self.state().pending.len()
    }

    #[cfg(test)]
    pub(super) fn hold(&self) -> impl Sized {
        self.state()
    }

    fn end_of(state: &mut State, drops: &Drops) -> u64 {
        if let Stage::Ended(left_behind) = state.stage {
            return left_behind;
        }
        let left_behind = state.pushed - state.written;
        drops.add(DropReason::Shutdown, left_behind);
        state.stage = Stage::Ended(left_behind);
        state.pending = Vec::new();
        left_behind
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
