//! What was read of the statements that a thread runs again and again.

use super::{Dialect, Parsed, beginning, parse};
use crate::tag::{TagHash, TagHasher};
use std::cell::RefCell;
use std::sync::Arc;

/// How many statements a thread remembers, about; a power of two.
const SLOTS: usize = 256;
/// How many slots a statement may lie in.
const WAYS: usize = 4;

#[derive(Debug)]
struct Entry {
    hash: TagHash,
    parsed: Arc<Parsed>,
}

#[derive(Debug, Default)]
struct Cache {
    /// Empty before the first statement.
    slots: Vec<Option<Entry>>,
    /// Which way is taken when all are.
    turn: usize,
}

thread_local! {
    static CACHE: RefCell<Cache> = const { RefCell::new(Cache { slots: Vec::new(), turn: 0 }) };
}

/// What is known of a statement: remembered, or read now.
///
/// A remembered one costs a hash of the statement and no allocation.
pub(in crate::db) fn look_up(statement: &str, dialect: Dialect) -> Arc<Parsed> {
    let hash = hash(statement, dialect);
    let known = CACHE.try_with(|cache| cache.try_borrow().ok()?.find(hash)).ok().flatten();
    known.unwrap_or_else(|| {
        let parsed = Arc::new(parse(statement, dialect));
        let _ = CACHE.try_with(|cache| {
            if let Ok(mut cache) = cache.try_borrow_mut() {
                cache.insert(Entry { hash, parsed: Arc::clone(&parsed) });
            }
        });
        parsed
    })
}

fn hash(statement: &str, dialect: Dialect) -> TagHash {
    let mut hasher = TagHasher::new();
    hasher.write(beginning(statement).as_bytes());
    hasher.write_u64(dialect as u64, 1);
    hasher.finish()
}

impl Cache {
    fn find(&self, hash: TagHash) -> Option<Arc<Parsed>> {
        let set = self.slots.get(set(hash)..)?.iter().take(WAYS);
        let found = set.flatten().find(|entry| entry.hash == hash)?;
        Some(Arc::clone(&found.parsed))
    }

    fn insert(&mut self, entry: Entry) {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let start = set(entry.hash);
        let free = (start..start + WAYS).find(|at| self.slots[*at].is_none());
        self.turn = (self.turn + 1) % WAYS;
        self.slots[free.unwrap_or(start + self.turn)] = Some(entry);
    }
}

/// Where the slots of a hash begin.
fn set(hash: TagHash) -> usize {
    hash.low as usize % (SLOTS / WAYS) * WAYS
}
