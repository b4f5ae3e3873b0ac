//! A thread's memory of the series that its call sites wrote to lately.
#![allow(unsafe_code)]

use super::cells;
use super::site::Cell;
use crate::tag::TagHash;
use std::ptr::{NonNull, null, null_mut};

/// How many series with dynamic tags a thread remembers for one call site; it looks further ones up
/// again, which takes a lock.
pub const MAX_ENTRIES: usize = 256;
/// How many slots the first table of a site has.
const FIRST_SLOTS: usize = 4;

/// What one thread remembers for one call site: a table in which an entry lies in the slot that
/// its hash names, or in one of the next. At most half of the slots are taken, so the look for an
/// entry is short wherever the hashes fall, and always ends at a free slot.
#[derive(Debug, Default)]
struct SiteCache {
    /// None before the first entry, then a power of two.
    slots: Box<[Entry]>,
    taken: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: TagHash,
    /// A leaked cell of the site's type; null if the slot is free.
    cell: *const (),
}

const FREE: Entry = Entry { hash: TagHash { low: 0, high: 0 }, cell: null() };

/// All caches of a thread, by the id of the site.
#[derive(Debug, Default)]
struct Caches(Vec<SiteCache>);

thread_local! {
    /// A plain pointer, for it has no destructor and is read without asking whether one has run.
    static CACHES: std::cell::Cell<*mut Caches> = const { std::cell::Cell::new(null_mut()) };
    static OWNER: Owner = const { Owner };
}

/// Frees the caches when the thread ends.
struct Owner;

impl Drop for Owner {
    fn drop(&mut self) {
        if let Some(caches) = NonNull::new(CACHES.replace(null_mut())) {
            // SAFETY: it came from `Box::into_raw` in `put`, and is taken out of its only place.
            drop(unsafe { Box::from_raw(caches.as_ptr()) });
        }
    }
}

/// The cell that this thread found for these values at this site.
#[inline(always)]
pub(super) fn get<C: Cell>(site: u32, hash: TagHash) -> Option<&'static C> {
    // SAFETY: the caches belong to this thread, and no reference to them outlives a call of `get`
    // or `put`, neither of which calls out.
    let caches = unsafe { CACHES.get().as_ref()? };
    let cell = caches.0.get(site as usize)?.find(hash);
    // SAFETY: a site has one type of cell, which is what `put` was given for it; cells are never
    // freed.
    unsafe { cell.cast::<C>().as_ref() }
}

/// Remembers a cell. Does nothing in a thread that is being torn down.
pub(super) fn put<C: Cell>(site: u32, hash: TagHash, cell: &'static C) {
    if cells::is_leaving() || OWNER.try_with(|_| ()).is_err() {
        return;
    }
    if CACHES.get().is_null() {
        CACHES.set(Box::into_raw(Box::default()));
    }
    // SAFETY: as in `get`; and there is no other reference now.
    let Some(caches) = (unsafe { CACHES.get().as_mut() }) else { return };
    let site = site as usize;
    if caches.0.len() <= site {
        caches.0.resize_with(site + 1, SiteCache::default);
    }
    caches.0[site].insert(Entry { hash, cell: std::ptr::from_ref(cell).cast() });
}

impl SiteCache {
    /// One function for all call sites and types, so that a call site stays small.
    #[inline(never)]
    fn find(&self, hash: TagHash) -> *const () {
        let mut at = self.home(hash);
        // Only a table without slots has none here.
        while let Some(entry) = self.slots.get(at) {
            if entry.hash == hash || entry.cell.is_null() {
                return entry.cell;
            }
            at = self.next(at);
        }
        null()
    }

    fn insert(&mut self, new: Entry) {
        if self.taken * 2 >= self.slots.len() && self.taken < MAX_ENTRIES {
            self.grow();
        }
        let home = self.home(new.hash);
        let mut at = home;
        while !self.slots[at].cell.is_null() && self.slots[at].hash != new.hash {
            at = self.next(at);
        }
        if self.slots[at].cell.is_null() {
            if self.taken < MAX_ENTRIES {
                self.taken += 1;
            } else {
                // Full: somebody makes room, and no gap opens that a look could end at too early.
                at = home;
            }
        }
        self.slots[at] = new;
    }

    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(FIRST_SLOTS);
        let bigger = SiteCache { slots: vec![FREE; slots].into(), taken: 0 };
        let old = std::mem::replace(self, bigger);
        let known = old.slots.into_iter().filter(|entry| !entry.cell.is_null());
        known.for_each(|entry| self.insert(entry));
    }

    /// Where the look for a hash begins.
    #[inline]
    fn home(&self, hash: TagHash) -> usize {
        hash.low as usize & self.slots.len().wrapping_sub(1)
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        (at + 1) & self.slots.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::CounterCell;
    use super::*;
    use crate::status::Drops;

    static DROPS: Drops = Drops::new();

    /// Ids beyond what the sites of other tests on this thread have.
    const SITE: u32 = 1_000;

    fn hash(n: u64) -> TagHash {
        TagHash { low: n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7, high: n }
    }

    /// How many of these are found at a site, each as what was put there.
    fn found(site: u32, hashes: &[TagHash], cells: &[&'static CounterCell]) -> usize {
        let found = |(&hash, &cell): &(&TagHash, &&'static CounterCell)| {
            let found = get::<CounterCell>(site, hash);
            found.inspect(|found| assert!(std::ptr::eq(*found, cell))).is_some()
        };
        hashes.iter().zip(cells).filter(found).count()
    }

    #[test]
    fn what_was_put_is_found_and_memory_is_bounded() {
        let cells: Vec<_> = (0..5_000).map(|n| CounterCell::new(n, &DROPS)).collect();
        let hashes: Vec<_> = (0..5_000).map(hash).collect();
        for (&hash, &cell) in hashes.iter().zip(&cells) {
            put(SITE, hash, cell);
            assert!(std::ptr::eq(get::<CounterCell>(SITE, hash).unwrap(), cell));
        }
        assert_eq!(found(SITE, &hashes, &cells), MAX_ENTRIES);
        assert!(get::<CounterCell>(SITE + 1, hash(1)).is_none());
    }

    #[test]
    fn nothing_is_forgotten_below_the_limit_wherever_the_hashes_fall() {
        let cells: Vec<_> = (0..MAX_ENTRIES as u32).map(|n| CounterCell::new(n, &DROPS)).collect();
        let anywhere = (0..MAX_ENTRIES as u64).map(hash).collect();
        let same_place = (0..MAX_ENTRIES as u64).map(|high| TagHash { low: 511, high }).collect();
        for (site, hashes) in [(SITE + 2, anywhere), (SITE + 3, same_place)] {
            let hashes: Vec<TagHash> = hashes;
            // Twice: what is put again takes no second slot.
            for _ in 0..2 {
                hashes.iter().zip(&cells).for_each(|(&hash, &cell)| put(site, hash, cell));
                assert_eq!(found(site, &hashes, &cells), MAX_ENTRIES);
            }
        }
    }
}
