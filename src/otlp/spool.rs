//! What waits for a collector: bounded in bytes and in time, the oldest first to go.

use super::orders::Orders;
use super::request::Request;
use crate::status::{DropReason, Pipeline};
use std::collections::VecDeque;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What may wait; in bytes of bodies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) bytes: usize,
    /// While nothing was ever accepted: a machine without a collector is the rule, not an outage.
    pub(super) unproven_bytes: usize,
    pub(super) age: Duration,
}

impl Limits {
    pub(super) const DEFAULT: Limits = Limits {
        bytes: 32 * 1024 * 1024,
        unproven_bytes: 1024 * 1024,
        age: Duration::from_secs(10 * 60),
    };
}

/// The queue between whoever encodes and the transport's thread.
#[derive(Debug)]
pub(super) struct Spool {
    pipeline: Arc<Pipeline>,
    orders: Arc<Orders>,
    limits: Limits,
    /// A forked child has a copy of the queue, and no thread that would empty it.
    process: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Waiting>,
    /// Bytes and items of the request that the thread has in its hands.
    in_flight: Option<(usize, u64)>,
    queued_bytes: usize,
    /// The number of the latest request.
    latest: u64,
    proven: bool,
    closed: bool,
    /// Items that went without having been tried to the end.
    lost: u64,
}

/// One request, by the number it came with.
#[derive(Debug)]
pub(super) struct Waiting {
    number: u64,
    /// It was sent before, and nobody knows whether it arrived.
    pub(super) ambiguous: bool,
    pub(super) request: Request,
}

impl Spool {
    pub(super) fn new(pipeline: Arc<Pipeline>) -> Arc<Self> {
        Self::with_limits(pipeline, Limits::DEFAULT)
    }

    pub(super) fn with_limits(pipeline: Arc<Pipeline>, limits: Limits) -> Arc<Self> {
        Arc::new(Spool {
            pipeline,
            orders: Arc::default(),
            limits,
            process: process::id(),
            state: Mutex::default(),
        })
    }

    /// Puts a request at the end and wakes the thread; waits for nobody.
    pub(super) fn push(&self, request: Request) {
        if !self.is_owner() {
            return self.pipeline.dropped(DropReason::Forked, request.items);
        }
        let mut state = self.lock();
        if state.closed {
            return self.lose(&mut state, DropReason::Shutdown, request.items);
        }
        if request.body.len() > self.limits.bytes {
            return self.lose(&mut state, DropReason::Oversize, request.items);
        }
        state.latest += 1;
        state.queued_bytes += request.body.len();
        let number = state.latest;
        state.queue.push_back(Waiting { number, ambiguous: false, request });
        self.make_room(&mut state);
        drop(state);
        self.orders.wake();
    }

    /// Hands out the oldest request that came up to `mark`; it stays counted as spooled until it
    /// is settled or put back.
    pub(super) fn take(&self, mark: u64) -> Option<Waiting> {
        let mut state = self.lock();
        self.expire(&mut state);
        if state.queue.front()?.number > mark {
            return None;
        }
        let waiting = state.queue.pop_front()?;
        let bytes = waiting.request.body.len();
        state.queued_bytes -= bytes;
        state.in_flight = Some((bytes, waiting.request.items));
        Some(waiting)
    }

    /// Ends the request in flight; `false` if it was counted as unknown meanwhile, because the end
    /// came over it.
    pub(super) fn settle(&self, accepted: bool) -> bool {
        let mut state = self.lock();
        state.proven |= accepted;
        let was_in_flight = state.in_flight.take().is_some();
        self.show(&state);
        was_in_flight
    }

    /// Puts the request in flight back to where it was.
    pub(super) fn put_back(&self, waiting: Waiting) {
        let mut state = self.lock();
        if state.in_flight.take().is_none() {
            return;
        }
        state.queued_bytes += waiting.request.body.len();
        state.queue.push_front(waiting);
        self.make_room(&mut state);
    }

    /// Takes nothing in any more; counts what is there, and returns how many items that was.
    pub(super) fn close(&self) -> u64 {
        let mut state = self.lock();
        state.closed = true;
        let mut left = 0;
        if let Some((_, items)) = state.in_flight.take() {
            left += items;
            self.lose(&mut state, DropReason::Unknown, items);
        }
        while let Some(waiting) = state.queue.pop_front() {
            left += waiting.request.items;
            self.lose_waiting(&mut state, DropReason::Shutdown, &waiting);
        }
        state.queued_bytes = 0;
        self.show(&state);
        left
    }

    /// The number of the latest request, for [`Spool::take`].
    pub(super) fn mark(&self) -> u64 {
        self.lock().latest
    }

    /// Items that went without having been tried to the end, so far.
    pub(super) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Items in it, with those in flight.
    pub(super) fn items(&self) -> u64 {
        if !self.is_owner() {
            return 0;
        }
        let state = self.lock();
        let queued: u64 = state.queue.iter().map(|waiting| waiting.request.items).sum();
        queued + state.in_flight.map_or(0, |(_, items)| items)
    }

    /// When the oldest request will have waited for too long.
    pub(super) fn expires_at(&self) -> Option<Instant> {
        let state = self.lock();
        state.queue.front().and_then(|waiting| waiting.request.made.checked_add(self.limits.age))
    }

    pub(super) fn drop_expired(&self) {
        let mut state = self.lock();
        self.expire(&mut state);
    }

    pub(super) fn orders(&self) -> &Arc<Orders> {
        &self.orders
    }

    pub(super) fn is_owner(&self) -> bool {
        process::id() == self.process
    }

    fn expire(&self, state: &mut State) {
        while let Some(oldest) = state.queue.front() {
            if oldest.request.made.elapsed() < self.limits.age {
                break;
            }
            self.drop_oldest(state, DropReason::SpoolExpired);
        }
        self.show(state);
    }

    /// The newest always stays: without it, a collector that is there could never prove it.
    fn make_room(&self, state: &mut State) {
        let limit = match state.proven {
            true => self.limits.bytes,
            false => self.limits.unproven_bytes,
        };
        while state.bytes() > limit && state.queue.len() > 1 {
            self.drop_oldest(state, DropReason::SpoolFull);
        }
        self.show(state);
    }

    fn drop_oldest(&self, state: &mut State, reason: DropReason) {
        if let Some(waiting) = state.queue.pop_front() {
            state.queued_bytes -= waiting.request.body.len();
            self.lose_waiting(state, reason, &waiting);
        }
    }

    fn lose_waiting(&self, state: &mut State, reason: DropReason, waiting: &Waiting) {
        let reason = if waiting.ambiguous { DropReason::Unknown } else { reason };
        self.lose(state, reason, waiting.request.items);
    }

    fn lose(&self, state: &mut State, reason: DropReason, items: u64) {
        state.lost += items;
        self.pipeline.dropped(reason, items);
    }

    fn show(&self, state: &State) {
        self.pipeline.set_spooled_bytes(state.bytes() as u64);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bytes(&self) -> usize {
        self.queued_bytes + self.in_flight.map_or(0, |(bytes, _)| bytes)
    }
}

#[cfg(test)]
impl Spool {
    /// What a forked child finds: a spool whose thread is another process's.
    pub(super) fn of_another_process(pipeline: Arc<Pipeline>) -> Arc<Self> {
        let mut spool = Self::new(pipeline);
        if let Some(spool) = Arc::get_mut(&mut spool) {
            spool.process += 1;
        }
        spool
    }
}
