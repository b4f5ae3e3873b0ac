//! The bounded queue between the host's threads and ours, which knows of every span what became
//! of it.

mod ends;
mod work;

use crate::otlp::request::Request;
use crate::status::{DropReason, Drops};
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;
use std::hint::spin_loop;
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// A chunk's memory is asked for at once up to here, in spans; a larger batch grows into it.
const MAX_CHUNK_AT_ONCE: usize = 512;
/// How often the lock is tried before it is waited for; it is held for some dozen nanoseconds.
const SPINS: usize = 20;
/// Less would keep a core busy with waiting.
const MIN_DELAY: Duration = Duration::from_millis(10);
/// More would overflow what clocks count in.
const MAX_DELAY: Duration = Duration::from_secs(3_600);

/// Where encoded requests go: the spool.
pub(in crate::otlp) trait Sink: Send + Sync + std::fmt::Debug {
    fn push(&self, request: Request);
}

impl Sink for crate::otlp::spool::Spool {
    fn push(&self, request: Request) {
        self.push(request);
    }
}

/// What became of all spans up to now; at any moment
/// `offered = exported + waiting + those that were dropped`.
#[cfg(test)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::otlp) struct Counts {
    /// Sampled spans that ended.
    pub(in crate::otlp) offered: u64,
    /// In the spool, or gone on from there.
    pub(in crate::otlp) exported: u64,
    /// In the queue, or just being encoded.
    pub(in crate::otlp) waiting: u64,
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// For the worker: there is something to do.
    work: Condvar,
    /// For those that drain or shut down: something was done.
    done: Condvar,
    sink: Arc<dyn Sink>,
    drops: &'static Drops,
    capacity: usize,
    batch: usize,
    delay: Duration,
    process: u32,
}

#[derive(Debug, Default)]
struct State {
    /// The chunk that is growing, and those that are full, oldest first. A chunk is a batch, so
    /// that spans are moved once.
    growing: Vec<SpanData>,
    full: VecDeque<Vec<SpanData>>,
    /// For the next chunk, made by the worker.
    spare: Option<Vec<SpanData>>,
    /// Spans in `growing` and `full`.
    queued: usize,
    /// Spans that the worker holds.
    in_work: u64,
    offered: u64,
    exported: u64,
    /// How many spans entered the queue, how many of those came to their end, and how many shall
    /// do so without waiting for a full chunk.
    entered: u64,
    settled: u64,
    wanted: u64,
    phase: Phase,
    /// The worker is gone, or nobody waits for it any more.
    ended: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// After `shutdown` began: nothing enters.
    Closed,
    /// In a forked child: nothing happens at all.
    Forked,
}

impl Queue {
    pub(super) fn new(
        sink: Arc<dyn Sink>,
        drops: &'static Drops,
        (capacity, batch): (usize, usize),
        delay: Duration,
    ) -> Self {
        let capacity = capacity.max(1);
        Queue {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            sink,
            drops,
            capacity,
            batch: batch.clamp(1, capacity),
            delay: delay.clamp(MIN_DELAY, MAX_DELAY),
            process: process::id(),
        }
    }

    /// Takes a finished span in, by the host's thread.
    pub(super) fn offer(&self, span: SpanData) {
        let Some(mut state) = self.lock_quickly() else { return };
        state.offered += 1;
        if state.phase != Phase::Open || state.queued >= self.capacity {
            return self.refuse(state);
        }
        state.queued += 1;
        state.entered += 1;
        if state.growing.capacity() == 0 {
            state.growing = state.spare.take().unwrap_or_else(|| self.chunk());
        }
        state.growing.push(span);
        if state.growing.len() >= self.batch {
            self.seal(state);
        }
    }

    #[cold]
    fn refuse(&self, state: MutexGuard<'_, State>) {
        let reason = match state.phase {
            _ if !self.is_owner() => return self.forget(state),
            Phase::Open => DropReason::QueueFull,
            Phase::Closed | Phase::Forked => DropReason::Shutdown,
        };
        self.drops.add(reason, 1);
    }

    /// The growing chunk is full: the worker's turn.
    #[cold]
    fn seal(&self, mut state: MutexGuard<'_, State>) {
        if !self.is_owner() {
            return self.forget(state);
        }
        let chunk = std::mem::take(&mut state.growing);
        state.full.push_back(chunk);
        drop(state);
        self.work.notify_one();
    }

    /// In a forked child there is no worker: what is queued is the parent's to export.
    fn forget(&self, mut state: MutexGuard<'_, State>) {
        let forked = State { phase: Phase::Forked, ended: true, ..State::default() };
        let gone = std::mem::replace(&mut *state, forked);
        drop(state);
        drop(gone);
    }

    fn chunk(&self) -> Vec<SpanData> {
        Vec::with_capacity(self.batch.min(MAX_CHUNK_AT_ONCE))
    }

    pub(super) fn is_owner(&self) -> bool {
        process::id() == self.process
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> Counts {
        let Some(state) = self.lock_quickly() else { return Counts::default() };
        let waiting = state.queued as u64 + state.in_work;
        Counts { offered: state.offered, exported: state.exported, waiting }
    }

    /// The lock is held for moments only, so the host's thread gets it at once or nearly so; but a
    /// forked child may have inherited it locked, for ever.
    fn lock_quickly(&self) -> Option<MutexGuard<'_, State>> {
        for _ in 0..SPINS {
            match self.state.try_lock() {
                Ok(state) => return Some(state),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => spin_loop(),
            }
        }
        self.is_owner().then(|| self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<'a>(
    condition: &Condvar,
    state: MutexGuard<'a, State>,
    time: Duration,
) -> MutexGuard<'a, State> {
    condition.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
}

#[cfg(test)]
mod tests;
