//! Sets: how many distinct values were seen, within bounds.

use super::NO_GENERATION;
use crate::metrics::reading::{Recent, SetReading};
use crate::scrub::Policy;
use crate::status::{DropReason, Drops};
use crate::tag::{Made, TagHasher, TagRef};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many distinct values a set remembers for each backend.
pub const MAX_MEMBERS: usize = 4_096;
/// What Prometheus shows is the number of distinct values of the last full window; the agent
/// counts over ten seconds too.
const WINDOW: Duration = Duration::from_secs(10);

static NO_DROPS: Drops = Drops::new();
static DEAD: SetCell =
    SetCell { generation: NO_GENERATION, drops: &NO_DROPS, names: None, members: Mutex::new(None) };

/// The members of a set, by their names: no value is kept, nor a hash that can be traced back to it.
#[derive(Debug)]
pub struct SetCell {
    pub(crate) generation: u32,
    drops: &'static Drops,
    /// Who makes names of values, and for which set.
    names: Option<(Arc<Policy>, Box<str>)>,
    members: Mutex<Option<Members>>,
}

#[derive(Debug)]
struct Members {
    /// The names since they were last taken.
    fresh: HashSet<u64>,
    /// Of the running window: the names by a quick hash of values, so that each is made once.
    window: HashMap<u64, u64>,
    started: Instant,
    /// Of the last full window.
    distinct: u64,
}

impl SetCell {
    pub(crate) const DEAD: &'static SetCell = &DEAD;

    pub(crate) fn new(
        generation: u32,
        drops: &'static Drops,
        policy: &Arc<Policy>,
        name: &str,
    ) -> &'static Self {
        let names = Some((Arc::clone(policy), name.into()));
        Box::leak(Box::new(SetCell { generation, drops, names, members: Mutex::new(None) }))
    }

    pub(crate) fn insert(&self, value: TagRef<'_>) {
        let text = match value.made() {
            Some(Made::Hashed(id)) => id.into(),
            Some(Made::Secret) => return self.drops.add(DropReason::TagDenied, 1),
            _ => value.render(),
        };
        let Some((policy, set)) = &self.names else { return };
        let mut hasher = TagHasher::new();
        hasher.write(text.as_bytes());
        self.insert_at(hasher.finish().low, || policy.set_member(set, &text), Instant::now());
    }

    pub(crate) fn read(&self, recent: Recent) -> SetReading {
        self.read_at(recent, Instant::now())
    }

    fn insert_at(&self, hash: u64, name: impl FnOnce() -> u64, now: Instant) {
        let mut guard = self.members();
        let members = guard.get_or_insert_with(|| Members::new(now));
        members.turn(now);
        let Members { fresh, window, .. } = members;
        let (known, room) = (window.get(&hash).copied(), window.len() < MAX_MEMBERS);
        let is_lost = known.is_none() && !room && fresh.len() >= MAX_MEMBERS;
        let kept = !is_lost && {
            let name = known.unwrap_or_else(name);
            if room {
                window.insert(hash, name);
            }
            let is_fresh =
                fresh.contains(&name) || (fresh.len() < MAX_MEMBERS && fresh.insert(name));
            is_fresh && (room || known.is_some())
        };
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
        Members { fresh: HashSet::new(), window: HashMap::new(), started: now, distinct: 0 }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::{TagValue, hashed, secret, short};

    fn cell() -> (&'static SetCell, &'static Drops) {
        let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
        (SetCell::new(1, drops, &Policy::shared_default(), "users"), drops)
    }

    fn insert(cell: &SetCell, hash: u64, now: Instant) {
        cell.insert_at(hash, || hash, now);
    }

    #[test]
    fn each_taker_gets_a_member_once_and_prometheus_the_last_window() {
        let (cell, _) = cell();
        let start = Instant::now();
        [1, 2, 2, 3].iter().for_each(|&hash| insert(cell, hash, start));
        assert!(cell.read_at(Recent::Leave, start).fresh.is_empty());
        assert_eq!(cell.read_at(Recent::Take, start).fresh.len(), 3);
        insert(cell, 3, start + Duration::from_secs(4));
        assert_eq!(cell.read_at(Recent::Take, start + Duration::from_secs(4)).fresh, [3]);
        assert_eq!(cell.read_at(Recent::Leave, start + Duration::from_secs(11)).distinct, 3);
        assert_eq!(cell.read_at(Recent::Leave, start + Duration::from_secs(40)).distinct, 0);
    }

    #[test]
    fn members_past_the_limit_are_counted() {
        let (cell, drops) = cell();
        let now = Instant::now();
        (0..2 * MAX_MEMBERS as u64).for_each(|hash| insert(cell, hash, now));
        assert_eq!(drops.get(DropReason::SetLimit), MAX_MEMBERS as u64);
        assert_eq!(cell.read(Recent::Take).fresh.len(), MAX_MEMBERS);
    }
    #[test]
    fn a_member_is_a_name_that_is_made_once_a_window() {
        let (cell, drops) = cell();
        let start = Instant::now();
        let mut made = 0;
        for seconds in [0, 1, 2, 11] {
            let now = start + Duration::from_secs(seconds);
            cell.insert_at(
                7,
                || {
                    made += 1;
                    70
                },
                now,
            );
            assert_eq!(cell.read_at(Recent::Take, now).fresh, [70]);
        }
        assert_eq!(made, 2);
        let of = |value: TagRef<'_>| {
            cell.insert(value);
            cell.read(Recent::Take).fresh
        };
        let ada = of("ada".tag_ref());
        assert_eq!(ada, [Policy::shared_default().set_member("users", "ada")]);
        assert_ne!(ada, [Policy::shared_default().set_member("guests", "ada")]);
        assert_eq!(of(hashed("ada").tag_ref()), ada, "every value is hashed anyway");
        assert_eq!(of("1".tag_ref()), of(1_u8.tag_ref()));
        assert_eq!(of(short("0123456789").tag_ref()), of("01234567".tag_ref()));
        assert!(of(secret("ada").tag_ref()).is_empty());
        assert_eq!(drops.get(DropReason::TagDenied), 1);
    }
}
