//! Sets: how many distinct values were seen, within bounds.

use super::NO_GENERATION;
use crate::metrics::reading::{Recent, SetReading};
use crate::status::{DropReason, Drops};
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many distinct values a set remembers for each backend.
pub const MAX_MEMBERS: usize = 4_096;
/// What Prometheus shows is the number of distinct values of the last full window; the agent
/// counts over ten seconds too.
const WINDOW: Duration = Duration::from_secs(10);

static NO_DROPS: Drops = Drops::new();
static DEAD: SetCell =
    SetCell { generation: NO_GENERATION, drops: &NO_DROPS, members: Mutex::new(None) };

/// The members of a set, hashed.
#[derive(Debug)]
pub struct SetCell {
    pub(crate) generation: u32,
    drops: &'static Drops,
    members: Mutex<Option<Members>>,
}

#[derive(Debug)]
struct Members {
    /// Since they were last taken.
    fresh: HashSet<u64>,
    /// Of the running window.
    window: HashSet<u64>,
    started: Instant,
    /// Of the last full window.
    distinct: u64,
}

impl SetCell {
    pub(crate) const DEAD: &'static SetCell = &DEAD;

    pub(crate) fn new(generation: u32, drops: &'static Drops) -> &'static Self {
        Box::leak(Box::new(SetCell { generation, drops, members: Mutex::new(None) }))
    }

    pub(crate) fn insert(&self, hash: u64) {
        self.insert_at(hash, Instant::now());
    }

    pub(crate) fn read(&self, recent: Recent) -> SetReading {
        self.read_at(recent, Instant::now())
    }

    fn insert_at(&self, hash: u64, now: Instant) {
        let mut guard = self.members();
        let members = guard.get_or_insert_with(|| Members::new(now));
        members.turn(now);
        let kept = insert(&mut members.fresh, hash) & insert(&mut members.window, hash);
        self.drops.add(DropReason::SetLimit, u64::from(!kept));
    }

    fn read_at(&self, recent: Recent, now: Instant) -> SetReading {
        let mut guard = self.members();
        let Some(members) = guard.as_mut() else { return SetReading::default() };
        members.turn(now);
        let fresh = match recent {
            Recent::Take => members.fresh.drain().collect(),
            Recent::Leave => Vec::new(),
        };
        SetReading { fresh, distinct: members.distinct }
    }

    fn members(&self) -> MutexGuard<'_, Option<Members>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Members {
    fn new(now: Instant) -> Self {
        Members { fresh: HashSet::new(), window: HashSet::new(), started: now, distinct: 0 }
    }

    /// Closes the window if its time is over.
    fn turn(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.started);
        if age >= WINDOW {
            // A window that nobody closed in time says nothing about the last ten seconds.
            self.distinct = if age < 2 * WINDOW { self.window.len() as u64 } else { 0 };
            self.window.clear();
            self.started = now;
        }
    }
}

fn insert(set: &mut HashSet<u64>, hash: u64) -> bool {
    set.contains(&hash) || (set.len() < MAX_MEMBERS && set.insert(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> (&'static SetCell, &'static Drops) {
        let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
        (SetCell::new(1, drops), drops)
    }

    #[test]
    fn each_taker_gets_a_member_once_and_prometheus_the_last_window() {
        let (cell, _) = cell();
        let start = Instant::now();
        [1, 2, 2, 3].iter().for_each(|&hash| cell.insert_at(hash, start));
        assert!(cell.read_at(Recent::Leave, start).fresh.is_empty());
        assert_eq!(cell.read_at(Recent::Take, start).fresh.len(), 3);
        cell.insert_at(3, start + Duration::from_secs(4));
        assert_eq!(cell.read_at(Recent::Take, start + Duration::from_secs(4)).fresh, [3]);
        assert_eq!(cell.read_at(Recent::Leave, start + Duration::from_secs(11)).distinct, 3);
        assert_eq!(cell.read_at(Recent::Leave, start + Duration::from_secs(40)).distinct, 0);
    }

    #[test]
    fn members_past_the_limit_are_counted() {
        let (cell, drops) = cell();
        (0..2 * MAX_MEMBERS as u64).for_each(|hash| cell.insert(hash));
        assert_eq!(drops.get(DropReason::SetLimit), MAX_MEMBERS as u64);
        assert_eq!(cell.read(Recent::Take).fresh.len(), MAX_MEMBERS);
    }
}
