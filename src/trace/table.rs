//! What became of the spans that are anything but sampled from the start, by `tracing`'s ids.
//!
//! Spans are kept in buckets of eight: one line of the processor's cache holds the ids, three hold
//! the rest. The registry hands out its slots again last in, first out, and a bucket is chosen by
//! slot and not by generation, so a thread meets the same few lines again and again. What finds its
//! bucket full goes into a map behind a lock, which is asked only while there is something in it.

use super::generator::RESERVED;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::span::Id;

const WAYS: usize = 8;
/// Of `Table::default`: 65,536 spans in 2 MiB.
const BUCKETS: usize = 8_192;

/// What became of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not recorded, but it has a place in its trace.
    Unsampled { trace_id: u128, span_id: u64 },
    /// Not recorded, nor does it belong to a trace.
    Nameless,
    /// It is up to the SDK, when the span starts.
    Undecided,
    /// It was up to the SDK, which keeps it.
    Sampled,
}

impl Fate {
    /// Of the trace that an unsampled span belongs to.
    pub(super) fn trace_id(&self) -> Option<u128> {
        match *self {
            Fate::Unsampled { trace_id, .. } => Some(trace_id),
            _ => None,
        }
    }
}

/// Span ids are never so large, so these say the other things that may become of a span.
const UNDECIDED: u64 = 0;
const NAMELESS: u64 = RESERVED;
const SAMPLED: u64 = RESERVED + 1;

/// A set of spans, for all threads.
pub(super) struct Table {
    buckets: Box<[Bucket]>,
    overflow: Mutex<HashMap<u64, Fate>>,
    overflowed: AtomicUsize,
}

#[derive(Default)]
#[repr(align(64))]
struct Bucket {
    /// 0 where there is nothing.
    ids: [AtomicU64; WAYS],
    fates: [Slot; WAYS],
}

/// Only whoever has a span open looks for it, and it is there before others get to know its id. So
/// the order of accesses matters where a fate changes (see `settle`), and between one span that
/// leaves and the next in its place.
#[derive(Default)]
struct Slot {
    high: AtomicU64,
    low: AtomicU64,
    state: AtomicU64,
}

impl Default for Table {
    fn default() -> Self {
        Table::with_buckets(BUCKETS)
    }
}

impl Table {
    /// `buckets` is a power of two.
    pub(super) fn with_buckets(buckets: usize) -> Self {
        Table {
            buckets: std::iter::repeat_with(Bucket::default).take(buckets).collect(),
            overflow: Mutex::default(),
            overflowed: AtomicUsize::new(0),
        }
    }

    /// A span that is not in it yet.
    #[inline]
    pub(super) fn insert(&self, id: &Id, fate: Fate) {
        let id = id.into_u64();
        let bucket = self.bucket(id);
        for (key, slot) in bucket.ids.iter().zip(&bucket.fates) {
            let free = key.load(Ordering::Relaxed) == 0;
            // Acquire: what was said of the span before is in the past.
            if free && key.compare_exchange(0, id, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                slot.write(fate);
                return;
            }
        }
        self.insert_elsewhere(id, fate);
    }

    #[inline]
    pub(super) fn get(&self, id: &Id) -> Option<Fate> {
        let id = id.into_u64();
        let bucket = self.bucket(id);
        for (key, slot) in bucket.ids.iter().zip(&bucket.fates) {
            if key.load(Ordering::Relaxed) == id {
                return Some(slot.read());
            }
        }
        match self.overflowed.load(Ordering::Relaxed) {
            0 => None,
            _ => self.overflow().get(&id).copied(),
        }
    }

    /// What was undecided is so no longer; others may be looking.
    pub(super) fn settle(&self, id: &Id, fate: Fate) {
        let id = id.into_u64();
        let bucket = self.bucket(id);
        for (key, slot) in bucket.ids.iter().zip(&bucket.fates) {
            if key.load(Ordering::Relaxed) == id {
                return slot.write(fate);
            }
        }
        if let Some(there) = self.overflow().get_mut(&id) {
            *there = fate;
        }
    }

    /// A span that is closed.
    #[inline]
    pub(super) fn remove(&self, id: &Id) -> Option<Fate> {
        let id = id.into_u64();
        let bucket = self.bucket(id);
        for (key, slot) in bucket.ids.iter().zip(&bucket.fates) {
            if key.load(Ordering::Relaxed) == id {
                let fate = slot.read();
                key.store(0, Ordering::Release);
                return Some(fate);
            }
        }
        match self.overflowed.load(Ordering::Relaxed) {
            0 => None,
            _ => self.remove_elsewhere(id),
        }
    }

    #[cold]
    fn insert_elsewhere(&self, id: u64, fate: Fate) {
        let mut overflow = self.overflow();
        overflow.insert(id, fate);
        self.overflowed.store(overflow.len(), Ordering::Relaxed);
    }

    #[cold]
    fn remove_elsewhere(&self, id: u64) -> Option<Fate> {
        let mut overflow = self.overflow();
        let fate = overflow.remove(&id);
        self.overflowed.store(overflow.len(), Ordering::Relaxed);
        if overflow.is_empty() {
            // The memory of a flood is not kept.
            *overflow = HashMap::new();
        }
        fate
    }

    fn overflow(&self) -> MutexGuard<'_, HashMap<u64, Fate>> {
        self.overflow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The registry's ids hold the number of the slot in their lower 38 bits, then that of the
    /// thread that made the span, then a generation. Neighbouring threads start far apart.
    #[inline]
    fn bucket(&self, id: u64) -> &Bucket {
        let (slot, thread) = (id, (id >> 38) & 0x1fff);
        let chosen = slot.wrapping_add(thread.wrapping_mul(5_063)) as usize;
        &self.buckets[chosen & (self.buckets.len() - 1)]
    }

    /// How many spans are in it, and how many of them behind the lock.
    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize) {
        let ids = self.buckets.iter().flat_map(|bucket| &bucket.ids);
        let here = ids.filter(|id| id.load(Ordering::Relaxed) != 0).count();
        let behind = self.overflow().len();
        (here + behind, behind)
    }
}

impl Slot {
    #[inline]
    fn write(&self, fate: Fate) {
        let (trace_id, state) = match fate {
            Fate::Unsampled { trace_id, span_id } => (trace_id, span_id),
            Fate::Nameless => (0, NAMELESS),
            Fate::Undecided => (0, UNDECIDED),
            Fate::Sampled => (0, SAMPLED),
        };
        self.high.store((trace_id >> 64) as u64, Ordering::Relaxed);
        self.low.store(trace_id as u64, Ordering::Relaxed);
        // Release: who sees that it is settled sees the ids too.
        self.state.store(state, Ordering::Release);
    }

    #[inline]
    fn read(&self) -> Fate {
        let state = self.state.load(Ordering::Acquire);
        match state {
            UNDECIDED => Fate::Undecided,
            NAMELESS => Fate::Nameless,
            SAMPLED => Fate::Sampled,
            span_id => {
                let high = self.high.load(Ordering::Relaxed);
                let low = self.low.load(Ordering::Relaxed);
                Fate::Unsampled { trace_id: (u128::from(high) << 64) | u128::from(low), span_id }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsampled(n: u64) -> Fate {
        Fate::Unsampled { trace_id: (u128::from(n) << 64) | u128::from(!n), span_id: n }
    }

    #[test]
    fn every_fate_is_remembered_as_it_is() {
        let table = Table::with_buckets(2);
        let fates = [
            unsampled(1),
            unsampled(RESERVED - 1),
            Fate::Unsampled { trace_id: u128::MAX, span_id: 1 },
            Fate::Nameless,
            Fate::Undecided,
            Fate::Sampled,
        ];
        // Once in the buckets, once behind the lock.
        for round in 0..4 {
            for (n, fate) in (1 + round * 100..).zip(fates) {
                table.insert(&Id::from_u64(n), fate);
                assert_eq!(table.get(&Id::from_u64(n)), Some(fate));
            }
        }
        assert_eq!(table.len(), (24, 8));
        for round in 0..4 {
            for (n, fate) in (1 + round * 100..).zip(fates) {
                assert_eq!(table.remove(&Id::from_u64(n)), Some(fate));
                assert_eq!(table.get(&Id::from_u64(n)), None);
                assert_eq!(table.remove(&Id::from_u64(n)), None);
            }
        }
        assert_eq!(table.len(), (0, 0));
    }

    #[test]
    fn what_is_settled_stays_so_wherever_it_is() {
        let table = Table::with_buckets(1);
        for n in 1..=20 {
            table.insert(&Id::from_u64(n), Fate::Undecided);
        }
        for n in 1..=20 {
            table.settle(&Id::from_u64(n), unsampled(n));
            assert_eq!(table.get(&Id::from_u64(n)), Some(unsampled(n)));
        }
        table.settle(&Id::from_u64(21), Fate::Sampled);
        assert_eq!(table.get(&Id::from_u64(21)), None);
    }

    /// Generations and threads of the registry meet in few buckets.
    #[test]
    fn threads_do_not_disturb_each_other() {
        let table = Table::with_buckets(4);
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let table = &table;
                scope.spawn(move || {
                    for round in 0..2_000_u64 {
                        let id = |n: u64| Id::from_u64((round << 51) | (thread << 38) | (n + 1));
                        let fate = |n: u64| unsampled((thread << 32) + round * 16 + n + 1);
                        (0..12).for_each(|n| table.insert(&id(n), fate(n)));
                        for n in 0..12 {
                            assert_eq!(table.get(&id(n)), Some(fate(n)));
                        }
                        for n in 0..12 {
                            assert_eq!(table.remove(&id(n)), Some(fate(n)));
                        }
                    }
                });
            }
        });
        assert_eq!(table.len(), (0, 0));
        assert_eq!(table.overflow().capacity(), 0, "a flood's memory is kept");
    }

    /// Whoever sees that a span is settled sees all of its ids.
    #[test]
    fn nobody_sees_half_of_a_fate() {
        for n in 1..=300 {
            let table = Table::with_buckets(1);
            let id = Id::from_u64(7);
            table.insert(&id, Fate::Undecided);
            std::thread::scope(|scope| {
                scope.spawn(|| table.settle(&id, unsampled(n)));
                scope.spawn(|| {
                    while table.get(&id) == Some(Fate::Undecided) {
                        std::hint::spin_loop();
                    }
                    assert_eq!(table.get(&id), Some(unsampled(n)));
                });
            });
        }
    }

    #[test]
    fn slots_of_many_threads_are_spread() {
        let table = Table::default();
        for thread in 0..64_u64 {
            for slot in 0..512_u64 {
                table.insert(&Id::from_u64((thread << 38) | (slot + 1)), Fate::Nameless);
            }
        }
        // Half full, and nothing had to go behind the lock.
        assert_eq!(table.len(), (32_768, 0));
    }
}
