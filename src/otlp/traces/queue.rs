//! The bounded queue between the host's threads and ours, which knows of every span what became
//! of it.

use super::exporter::Fate;
use crate::otlp::request::Request;
use crate::status::{DropReason, Drops};
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;
use std::hint::spin_loop;
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

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

    pub(super) fn counts(&self) -> Counts {
        let Some(state) = self.lock_quickly() else { return Counts::default() };
        let waiting = state.queued as u64 + state.in_work;
        Counts { offered: state.offered, exported: state.exported, waiting }
    }

    /// Has everything that is queued exported, and waits for that no longer than the time left;
    /// `true` if it came to its end.
    pub(super) fn drain(&self, left: Duration) -> bool {
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
    pub(super) fn shutdown(&self, left: Duration) -> bool {
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

    /// For the worker: the next batch; `None` when there is nothing more to do, for good.
    pub(super) fn next(&self) -> Option<Vec<SpanData>> {
        let mut due = Instant::now() + self.delay;
        let spare = self.chunk();
        let mut state = self.lock();
        state.spare.get_or_insert(spare);
        self.put_down(&mut state);
        loop {
            let now = Instant::now();
            let is_wanted = state.settled < state.wanted || state.phase != Phase::Open;
            let chunk = match state.full.pop_front() {
                None if is_wanted || now >= due => std::mem::take(&mut state.growing),
                chunk => chunk.unwrap_or_default(),
            };
            if !chunk.is_empty() {
                state.queued -= chunk.len();
                state.in_work = chunk.len() as u64;
                return Some(chunk);
            }
            if state.phase != Phase::Open {
                return None;
            }
            if now >= due {
                due = now + self.delay;
            }
            state = wait(&self.work, state, due - now);
        }
    }

    /// For the worker: what became of some of the spans that it holds.
    pub(super) fn settle(&self, fate: Fate) {
        let mut state = self.lock();
        let items = match &fate {
            Fate::Encoded(request) => request.items,
            Fate::Lost(items) => *items,
        };
        // After `abandon` it holds nothing: they were counted as dropped, and must not arrive.
        if state.in_work < items {
            return;
        }
        state.in_work -= items;
        match fate {
            Fate::Encoded(request) => {
                state.exported += items;
                drop(state);
                self.sink.push(request);
            }
            Fate::Lost(_) => self.drops.add(DropReason::ExportPanic, items),
        }
    }

    /// The worker holds nothing any more: whoever drains finds it in the spool by now.
    fn put_down(&self, state: &mut State) {
        // Nothing, unless telling a fate was cut short by a panic.
        self.drops.add(DropReason::ExportPanic, std::mem::take(&mut state.in_work));
        state.settled = state.entered - state.queued as u64;
        self.done.notify_all();
    }

    /// For the worker: its last word.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.done.notify_all();
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
mod tests {
    use super::*;
    use crate::otlp::traces::tests::{pipeline, span_data};

    #[derive(Debug)]
    struct Nowhere;

    impl Sink for Nowhere {
        fn push(&self, _: Request) {
            panic!("the child exports");
        }
    }

    fn queue(capacity: usize, batch: usize) -> Queue {
        let sink = Arc::new(Nowhere);
        Queue::new(sink, pipeline().drops(), (capacity, batch), Duration::from_secs(5))
    }

    /// As it would be found in a child: made by another process.
    fn forked(capacity: usize, batch: usize) -> Queue {
        Queue { process: process::id() + 1, ..queue(capacity, batch) }
    }

    #[test]
    fn a_forked_child_keeps_and_counts_nothing() {
        let queue = forked(8, 4);
        (0..100).for_each(|_| queue.offer(span_data("a")));
        let state = queue.lock();
        assert!(state.growing.is_empty() && state.full.is_empty());
        drop(state);
        assert!(queue.drops.list().is_empty());
        assert_eq!(queue.counts(), Counts::default());
        // Nobody would answer.
        assert!(!queue.drain(Duration::from_secs(3_600)));
        assert!(!queue.shutdown(Duration::from_secs(3_600)));
        assert!(queue.drops.list().is_empty());
    }

    #[test]
    fn a_forked_child_does_not_wait_for_a_lock_that_was_inherited_locked() {
        let queue = forked(8, 4);
        let held = queue.lock();
        queue.offer(span_data("a"));
        assert_eq!(queue.counts(), Counts::default());
        assert!(!queue.drain(Duration::from_secs(3_600)));
        drop(held);
    }

    #[test]
    fn odd_sizes_and_delays_are_made_useful() {
        for (capacity, batch) in [(0, 0), (1, 100), (usize::MAX, usize::MAX)] {
            let queue = queue(capacity, batch);
            assert!(queue.capacity >= 1 && (1..=queue.capacity).contains(&queue.batch));
            queue.offer(span_data("a"));
            assert_eq!(queue.counts().waiting, 1);
        }
        let endless = Queue::new(Arc::new(Nowhere), pipeline().drops(), (8, 4), Duration::MAX);
        assert_eq!(endless.delay, MAX_DELAY);
        let busy = Queue::new(Arc::new(Nowhere), pipeline().drops(), (8, 4), Duration::ZERO);
        assert_eq!(busy.delay, MIN_DELAY);
    }
}
