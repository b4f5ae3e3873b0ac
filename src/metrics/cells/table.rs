//! A growing array of pointers with one writer and no lock for that writer's reads.
#![allow(unsafe_code)]

use super::memory::{self, Owner};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Pointers to `T`, indexed from `first`; null where nothing was allocated yet.
///
/// Only the writer may call [`get`](Self::get) without the lock of [`super::thread::Threads`];
/// [`put`](Self::put) needs both.
#[derive(Debug)]
pub(super) struct Table<T> {
    first: AtomicU32,
    len: AtomicU32,
    slots: AtomicPtr<AtomicPtr<T>>,
}

impl<T: 'static> Table<T> {
    pub(super) const fn new() -> Self {
        Table {
            first: AtomicU32::new(0),
            len: AtomicU32::new(0),
            slots: AtomicPtr::new(null_mut()),
        }
    }

    /// The entry at `index`. For the writer, or under the lock.
    #[inline(always)]
    pub(super) fn get(&self, index: u32) -> Option<&'static T> {
        let at = index.wrapping_sub(self.first.load(Ordering::Relaxed));
        if at >= self.len.load(Ordering::Relaxed) {
            return None;
        }
        // SAFETY: `slots` has `len` entries. It is replaced under the lock and by the writer
        // alone, and the caller is the writer or holds the lock. Entries are leaked boxes.
        unsafe {
            (*self.slots.load(Ordering::Relaxed).add(at as usize)).load(Ordering::Acquire).as_ref()
        }
    }

    /// Every entry with its index. Under the lock.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &'static T)> + '_ {
        let first = self.first.load(Ordering::Relaxed);
        let len = self.len.load(Ordering::Relaxed);
        (first..first + len).filter_map(|index| Some((index, self.get(index)?)))
    }

    /// Puts `value` at `index`, growing as needed. For the writer, under the lock. Gives the value
    /// back if there is no memory left for it.
    pub(super) fn put(
        &self,
        index: u32,
        value: Box<T>,
        owner: Owner,
    ) -> Result<&'static T, Box<T>> {
        if !memory::reserve(owner, size_of::<T>()) {
            return Err(value);
        }
        if !self.cover(index, owner) {
            memory::release(size_of::<T>());
            return Err(value);
        }
        let value: &'static T = Box::leak(value);
        let at = (index - self.first.load(Ordering::Relaxed)) as usize;
        // SAFETY: `cover` made room for `index`, and nobody replaces `slots` while we hold the lock.
        let slot = unsafe { &*self.slots.load(Ordering::Relaxed).add(at) };
        slot.store(std::ptr::from_ref(value).cast_mut(), Ordering::Release);
        Ok(value)
    }

    /// Makes `index` a place in the array, at either end.
    fn cover(&self, index: u32, owner: Owner) -> bool {
        let first = self.first.load(Ordering::Relaxed);
        let len = self.len.load(Ordering::Relaxed);
        let (new_first, new_end) = match len {
            0 => (index, index + 1),
            _ if (first..first + len).contains(&index) => return true,
            // Half as much again, so that counting up does not copy every time.
            _ => (
                first.min(index),
                (first + len).max(index + 1 + (index + 1).saturating_sub(first) / 2),
            ),
        };
        let new_len = new_end - new_first;
        if !memory::reserve(owner, (new_len - len) as usize * size_of::<usize>()) {
            return false;
        }
        let grown: Box<[AtomicPtr<T>]> = (new_first..new_end)
            .map(|index| {
                AtomicPtr::new(
                    self.get(index).map_or(null_mut(), |t| std::ptr::from_ref(t).cast_mut()),
                )
            })
            .collect();
        let old = self.slots.swap(Box::into_raw(grown).cast(), Ordering::Relaxed);
        self.first.store(new_first, Ordering::Relaxed);
        self.len.store(new_len, Ordering::Relaxed);
        if !old.is_null() {
            // SAFETY: `old` came from `Box::into_raw` of `len` entries. The writer, who alone reads
            // without the lock, is here; every other reader is kept out by it.
            drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(old, len as usize)) });
        }
        true
    }
}
