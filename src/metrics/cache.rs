//! A thread's memory of the series that its call sites wrote to lately.
#![allow(unsafe_code)]

use super::cells;
use super::site::Cell;
use crate::tag::TagHash;
use std::ptr::{NonNull, null, null_mut};

/// How many series with dynamic tags a thread remembers for one call site; it looks further ones up
/// again, which takes a lock.
pub const MAX_ENTRIES: usize = 256;
/// Entries that a hash may be in; the first of these caches are no larger.
const WAYS: usize = 4;

/// What one thread remembers for one call site: a set-associative table that grows.
#[derive(Debug)]
pub(super) struct SiteCache {
    /// A power of two of them.
    sets: Vec<[Entry; WAYS]>,
    /// Where the next entry is thrown out if there is no room.
    hand: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: TagHash,
    /// A leaked cell of the site's type; null if the entry is free.
    cell: *const (),
}

const FREE: Entry = Entry { hash: TagHash { low: 0, high: 0 }, cell: null() };

/// All caches of a thread, by the id of the site.
#[derive(Debug, Default)]
struct Caches(Vec<Option<Box<SiteCache>>>);

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

impl SiteCache {
    /// The cell that this thread found for these values at this site.
    #[inline]
    pub(super) fn get<C: Cell>(site: u32, hash: TagHash) -> Option<&'static C> {
        // SAFETY: the caches belong to this thread, and no reference to them outlives a call of
        // `get` or `put`, neither of which calls out.
        let caches = unsafe { CACHES.get().as_ref()? };
        let cache = caches.0.get(site as usize)?.as_ref()?;
        let entry = cache.sets.get(cache.set(hash))?.iter().find(|entry| entry.hash == hash)?;
        // SAFETY: a site has one type of cell, which is what `put` was given for it; cells are
        // never freed.
        unsafe { entry.cell.cast::<C>().as_ref() }
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
            caches.0.resize_with(site + 1, || None);
        }
        let cache = caches.0[site].get_or_insert_with(|| Box::new(SiteCache::new(1)));
        cache.insert(Entry { hash, cell: std::ptr::from_ref(cell).cast() });
    }

    fn new(sets: usize) -> Self {
        SiteCache { sets: vec![[FREE; WAYS]; sets], hand: 0 }
    }

    /// The set that may hold this hash.
    #[inline]
    fn set(&self, hash: TagHash) -> usize {
        hash.low as usize & (self.sets.len() - 1)
    }

    fn insert(&mut self, new: Entry) {
        let set = self.set(new.hash);
        let full = self.sets.len() * WAYS >= MAX_ENTRIES;
        let free = |entry: &Entry| entry.cell.is_null() || entry.hash == new.hash;
        match self.sets[set].iter().position(free) {
            Some(way) => self.sets[set][way] = new,
            None if full => {
                self.sets[set][self.hand % WAYS] = new;
                self.hand = self.hand.wrapping_add(1);
            }
            None => {
                self.grow();
                self.insert(new);
            }
        }
    }

    fn grow(&mut self) {
        let bigger = SiteCache::new(self.sets.len() * 2);
        let old = std::mem::replace(self, bigger);
        let known = old.sets.into_iter().flatten().filter(|entry| !entry.cell.is_null());
        known.for_each(|entry| self.insert(entry));
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::CounterCell;
    use super::*;
    use crate::status::Drops;

    fn hash(n: u64) -> TagHash {
        TagHash { low: n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7, high: n }
    }

    #[test]
    fn what_was_put_is_found_and_memory_is_bounded() {
        static DROPS: Drops = Drops::new();
        let cells: Vec<_> = (0..5_000).map(|n| CounterCell::new(n, &DROPS)).collect();
        // Ids beyond what the sites of other tests on this thread have.
        let site = 1_000;
        for (n, cell) in (0..).zip(&cells) {
            SiteCache::put(site, hash(n), *cell);
            let found = SiteCache::get::<CounterCell>(site, hash(n)).unwrap();
            assert!(std::ptr::eq(found, *cell));
        }
        let kept = (0..5_000).filter(|&n| SiteCache::get::<CounterCell>(site, hash(n)).is_some());
        assert!((200..=MAX_ENTRIES).contains(&kept.count()));
        assert!(SiteCache::get::<CounterCell>(site + 1, hash(1)).is_none());
    }
}
