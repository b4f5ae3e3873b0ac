//! Which cells belong to the running thread, and what becomes of them when it ends.

use super::counter::CounterChunk;
use super::memory::Owner;
use super::table::Table;
use super::thread_histogram::ThreadHistogram;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One thread's counters and histograms.
#[derive(Debug)]
pub(super) struct ThreadCells {
    pub(super) counters: Table<CounterChunk>,
    pub(super) histograms: Table<ThreadHistogram>,
}

/// All cells there are.
#[derive(Debug)]
pub(super) struct Threads {
    /// Every thread's cells, in use or waiting for a next owner.
    all: Vec<&'static ThreadCells>,
    /// Of these, the ones whose thread has ended.
    idle: Vec<&'static ThreadCells>,
    /// What was taken out of a histogram's narrow counts before they could overflow, by histogram
    /// and octave, in the order of the octave's counts.
    pub(super) spilled: BTreeMap<(u32, u32), Box<[u64]>>,
}

/// Written under the lock by threads that have no cells of their own: because memory is short, or
/// because they are being torn down.
static SHARED: ThreadCells = ThreadCells::new();
/// What a thread has before its first write: no table has an entry, so the hot path needs no
/// test of its own for it.
static NONE: ThreadCells = ThreadCells::new();

static THREADS: Mutex<Threads> =
    Mutex::new(Threads { all: Vec::new(), idle: Vec::new(), spilled: BTreeMap::new() });

thread_local! {
    /// Without a destructor, so that it can be read while the thread's destructors run.
    static OWN: Cell<&'static ThreadCells> = const { Cell::new(&NONE) };
    static LEAVE: Leave = const { Leave };
}

/// Hands the cells on when its thread ends.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        let own = OWN.replace(&NONE);
        if !std::ptr::eq(own, &NONE) {
            Threads::lock().idle.push(own);
        }
    }
}

impl ThreadCells {
    const fn new() -> Self {
        ThreadCells { counters: Table::new(), histograms: Table::new() }
    }
}

/// The running thread's cells; empty before its first write.
#[inline(always)]
pub(super) fn own() -> &'static ThreadCells {
    OWN.get()
}

/// Whether the running thread is past the point where it could keep anything of its own.
pub(crate) fn is_leaving() -> bool {
    LEAVE.try_with(|_| ()).is_err()
}

impl Threads {
    pub(super) fn lock() -> MutexGuard<'static, Threads> {
        THREADS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cells that the running thread may write, given that it holds the lock.
    pub(super) fn writable(&mut self, owner: Owner) -> &'static ThreadCells {
        if owner == Owner::Shared || is_leaving() {
            return &SHARED;
        }
        let own = OWN.get();
        if !std::ptr::eq(own, &NONE) {
            return own;
        }
        let cells = self.idle.pop().unwrap_or_else(|| {
            let cells = Box::leak(Box::new(ThreadCells::new()));
            self.all.push(cells);
            cells
        });
        OWN.set(cells);
        cells
    }

    /// Everybody's cells.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static ThreadCells> + '_ {
        self.all.iter().copied().chain(std::iter::once(&SHARED))
    }
}
