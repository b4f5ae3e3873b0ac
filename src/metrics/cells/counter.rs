//! Counters: one slot a thread.

use super::NO_GENERATION;
use super::memory::Owner;
use super::thread::{self, Threads};
use crate::status::{DropReason, Drops};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How many slots are allocated together, as a power of two.
const CHUNK_BITS: u32 = 6;
const CHUNK: usize = 1 << CHUNK_BITS;

/// Neighbouring counters of one thread.
#[derive(Debug)]
pub(super) struct CounterChunk([AtomicU64; CHUNK]);

static NEXT_SLOT: AtomicU32 = AtomicU32::new(1);
static NO_DROPS: Drops = Drops::new();
/// What was recorded while nothing was installed.
static BEFORE_INIT: CounterCell =
    CounterCell { generation: NO_GENERATION, slot: 0, drops: &NO_DROPS };

/// A counter: the sum over all threads of what each wrote into the slot.
#[derive(Debug)]
pub struct CounterCell {
    pub(crate) generation: u32,
    slot: u32,
    drops: &'static Drops,
}

impl CounterCell {
    pub(crate) const DEAD: &'static CounterCell = &BEFORE_INIT;

    pub(crate) fn new(generation: u32, drops: &'static Drops) -> &'static Self {
        let slot = NEXT_SLOT.fetch_add(1, Ordering::Relaxed);
        Box::leak(Box::new(CounterCell { generation, slot, drops }))
    }

    /// Counts one call that came while nothing was installed.
    #[inline]
    pub(crate) fn count_before_init() {
        BEFORE_INIT.add(1);
    }

    /// How many calls came while nothing was installed.
    pub(crate) fn before_init() -> u64 {
        BEFORE_INIT.total()
    }

    /// Adds `value`; wraps past 2^64.
    #[inline(always)]
    pub(crate) fn add(&self, value: u64) {
        match thread::own().counters.get(self.slot >> CHUNK_BITS) {
            Some(chunk) => bump(chunk, self.slot, value),
            None => self.add_cold(value),
        }
    }

    /// Raises the total to `value` if it is lower.
    pub(crate) fn raise_to(&self, value: u64) {
        let mut threads = Threads::lock();
        let total = total(&threads, self.slot);
        if let Some(missing) = value.checked_sub(total).filter(|&missing| missing > 0) {
            self.add_locked(&mut threads, Owner::Shared, missing);
        }
    }

    /// The sum over all threads. For one counter; a [`super::Reader`] reads many.
    pub(crate) fn total(&self) -> u64 {
        total(&Threads::lock(), self.slot)
    }

    pub(super) fn read(&self, threads: &Threads) -> u64 {
        total(threads, self.slot)
    }

    #[cold]
    #[inline(never)]
    fn add_cold(&self, value: u64) {
        let mut threads = Threads::lock();
        if !self.add_locked(&mut threads, Owner::Thread, value)
            && !self.add_locked(&mut threads, Owner::Shared, value)
        {
            self.drops.add(DropReason::MemoryLimit, 1);
        }
    }

    fn add_locked(&self, threads: &mut Threads, owner: Owner, value: u64) -> bool {
        let table = &threads.writable(owner).counters;
        let index = self.slot >> CHUNK_BITS;
        let chunk = table.get(index).map_or_else(|| table.put(index, Box::default(), owner), Ok);
        if let Ok(chunk) = chunk {
            bump(chunk, self.slot, value);
        }
        chunk.is_ok()
    }
}

impl Default for CounterChunk {
    fn default() -> Self {
        CounterChunk([const { AtomicU64::new(0) }; CHUNK])
    }
}

/// A load and a store instead of an atomic addition: the slot has one writer.
#[inline(always)]
fn bump(chunk: &CounterChunk, slot: u32, value: u64) {
    let slot = &chunk.0[slot as usize % CHUNK];
    slot.store(slot.load(Ordering::Relaxed).wrapping_add(value), Ordering::Relaxed);
}

fn total(threads: &Threads, slot: u32) -> u64 {
    threads
        .iter()
        .filter_map(|cells| cells.counters.get(slot >> CHUNK_BITS))
        .fold(0, |sum, chunk| {
            sum.wrapping_add(chunk.0[slot as usize % CHUNK].load(Ordering::Relaxed))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> &'static CounterCell {
        CounterCell::new(1, &NO_DROPS)
    }

    #[test]
    fn threads_that_come_and_go_lose_nothing() {
        let cell = cell();
        for round in 1..=20 {
            std::thread::scope(|scope| {
                for _ in 0..16 {
                    scope.spawn(|| (0..1_000).for_each(|_| cell.add(1)));
                }
            });
            assert_eq!(cell.total(), round * 16_000);
        }
    }

    #[test]
    fn totals_never_go_backwards_while_threads_end() {
        let cell = cell();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..200 {
                    std::thread::scope(|inner| {
                        inner.spawn(|| (0..100).for_each(|_| cell.add(1)));
                    });
                }
                done.store(true, Ordering::Release);
            });
            let mut last = 0;
            while !done.load(Ordering::Acquire) {
                let total = cell.total();
                assert!(total >= last, "{total} after {last}");
                last = total;
            }
        });
        assert_eq!(cell.total(), 20_000);
    }

    #[test]
    fn a_thread_local_destructor_may_record() {
        static CELL: std::sync::OnceLock<&'static CounterCell> = std::sync::OnceLock::new();
        struct Last;
        impl Drop for Last {
            fn drop(&mut self) {
                CELL.get().unwrap().add(7);
            }
        }
        thread_local!(static LAST: Last = const { Last });
        let cell = CELL.get_or_init(cell);
        // Both orders of destruction: the thread's cells may go before or after `LAST`.
        for counts_first in [true, false] {
            std::thread::spawn(move || {
                counts_first.then(|| cell.add(1));
                LAST.with(|_| ());
                (!counts_first).then(|| cell.add(1));
            })
            .join()
            .unwrap();
        }
        assert_eq!(cell.total(), 16);
    }

    #[test]
    fn totals_go_beyond_what_a_float_can_hold() {
        let cell = cell();
        cell.add((1 << 53) + 1);
        cell.add(2);
        assert_eq!(cell.total(), (1 << 53) + 3);
    }

    #[test]
    fn raising_adds_only_what_is_missing() {
        let cell = cell();
        cell.add(5);
        cell.raise_to(3);
        assert_eq!(cell.total(), 5);
        cell.raise_to(9);
        cell.add(1);
        assert_eq!(cell.total(), 10);
    }
}
