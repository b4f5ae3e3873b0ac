//! For those that flush and shut down: what waits is hurried, and no wait is longer than allowed.

use super::{MAX_DELAY, Phase, Queue, State, wait};
use crate::status::DropReason;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

impl Queue {
    /// Has everything that is queued exported, and waits for that no longer than the time left;
    /// `true` if it came to its end.
    pub(in crate::otlp::traces) fn drain(&self, left: Duration) -> bool {
        if !self.is_owner() {
            return false;
        }
        let deadline = Instant::now() + left.min(MAX_DELAY);
        let mut state = self.lock();
        let wanted = state.entered;
        state.wanted = wanted;
        self.work.notify_one();
        while state.settled < wanted && !state.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = wait(&self.done, state, left);
        }
        state.settled >= wanted
    }

    /// Lets nothing in any more, has the rest exported, and counts as dropped what is still here
    /// when the time left is over; `true` if that was nothing.
    pub(in crate::otlp::traces) fn shutdown(&self, left: Duration) -> bool {
        if !self.is_owner() {
            return false;
        }
        let deadline = Instant::now() + left.min(MAX_DELAY);
        let mut state = self.lock();
        state.phase = Phase::Closed;
        self.work.notify_one();
        while !state.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = wait(&self.done, state, left);
        }
        self.abandon(state)
    }

    /// What the worker did not get to is lost, and so is what it holds: see `settle`.
    fn abandon(&self, mut state: MutexGuard<'_, State>) -> bool {
        let lost = state.queued as u64 + state.in_work;
        let chunks = (std::mem::take(&mut state.growing), std::mem::take(&mut state.full));
        state.queued = 0;
        state.in_work = 0;
        state.settled = state.entered;
        state.ended = true;
        self.drops.add(DropReason::Shutdown, lost);
        drop(state);
        drop(chunks);
        lost == 0
    }
}
