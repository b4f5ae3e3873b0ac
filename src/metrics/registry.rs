//! The registry: which series there are, and where their values are kept.

use super::cells::{CounterCell, GaugeCell, HistogramCell, Layout, Reader, SetCell};
use super::family::{FamilyEntry, Limits, Surroundings};
use super::overflow::Overflows;
use super::reading::{
    Description, Family, Kind, Reading, Recent, Series, Source, Timestamped, TimestampedValue,
};
use crate::config::settings::MetricsSettings;
use crate::scrub::{self, Candidates, MAX_TEXT_CHARS, Policy, Sink};
use crate::status::{CardinalityOverflow, DropReason, Drops, Notices};
use crate::tag::RawTag;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::Instant;

/// How many series a process may have, overflow series not counted.
pub const MAX_SERIES: usize = 10_000;
/// How many values with a time of their own wait for DogStatsD; further ones go without it.
pub const MAX_TIMESTAMPED: usize = 1_024;
/// How many series are read under one lock: others wait no longer than that.
const READ_AT_ONCE: usize = 256;

/// Starts at 1: 0 means that nothing is installed.
static NEXT_GENERATION: AtomicU32 = AtomicU32::new(1);

/// A cell of any kind.
#[derive(Debug, Clone, Copy)]
pub enum CellRef {
    #[doc(hidden)]
    Counter(&'static CounterCell),
    #[doc(hidden)]
    Gauge(&'static GaugeCell),
    #[doc(hidden)]
    Histogram(&'static HistogramCell),
    #[doc(hidden)]
    Set(&'static SetCell),
}

/// Runs before every reading. One that hangs holds up the reader that called it; others pass by.
type Callback = Arc<Mutex<dyn FnMut() + Send>>;

/// All series of one `Telemetry`, or of one scope.
pub(crate) struct Registry {
    generation: u32,
    drops: &'static Drops,
    limits: Limits,
    policy: Arc<Policy>,
    /// Who is told when a limit is passed.
    notices: OnceLock<Notices>,
    inner: Mutex<Inner>,
    callbacks: Mutex<Vec<Callback>>,
    /// Who has a callback there that is to be there once.
    #[cfg(feature = "llm")]
    known: Mutex<Vec<&'static str>>,
    timestamped: Mutex<VecDeque<Timestamped>>,
}

#[derive(Default)]
struct Inner {
    families: HashMap<Box<str>, FamilyEntry>,
    /// What was said of families that have no series yet.
    described: HashMap<Box<str>, Description>,
    /// Names of families that Prometheus alone gets.
    scrape_only: HashSet<&'static str>,
    series: Vec<(Arc<Series>, CellRef)>,
    /// Takes what can't be registered, so that every point is counted: no backend sees these.
    refused: Vec<(DropReason, Kind, CellRef)>,
    overflows: Overflows,
}

impl Registry {
    /// What a series can't have is counted in `drops`.
    pub(crate) fn new(settings: &MetricsSettings, drops: &'static Drops) -> Arc<Self> {
        Arc::new(Registry {
            generation: NEXT_GENERATION.fetch_add(1, Ordering::Relaxed),
            drops,
            limits: Limits::new(settings),
            policy: Arc::clone(&settings.policy),
            notices: OnceLock::new(),
            inner: Mutex::default(),
            callbacks: Mutex::default(),
            #[cfg(feature = "llm")]
            known: Mutex::default(),
            timestamped: Mutex::default(),
        })
    }

    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// The service's name; empty where it has none.
    #[cfg(feature = "llm")]
    pub(super) fn service(&self) -> &str {
        self.limits.service()
    }

    #[cfg(any(feature = "http", feature = "llm"))]
    pub(super) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    pub(super) fn drops(&self) -> &'static Drops {
        self.drops
    }

    /// Tells these when a limit is passed for the first time.
    pub(crate) fn warn_with(&self, notices: Notices) {
        let _ = self.notices.set(notices);
    }

    /// The cell of a series, registered if it is new. Always one of `kind`: what can't be
    /// registered gets a cell that only counts the loss.
    pub(crate) fn resolve<'a>(
        &self,
        kind: Kind,
        name: &str,
        tags: impl Iterator<Item = RawTag<'a>>,
    ) -> CellRef {
        // Before the lock, for the user's detectors may take their time, or record something.
        let name = scrub::scrubbed_name(name, &self.policy);
        let tags = scrub::candidates(tags, &self.policy, self.drops);
        let mut inner = self.inner();
        let cell = self.register(&mut inner, kind, &name, tags);
        let notice = inner.overflows.notice(Instant::now);
        drop(inner);
        if let (Some(line), Some(notices)) = (notice, self.notices.get()) {
            notices.write(&line);
        }
        cell
    }

    fn register(&self, inner: &mut Inner, kind: Kind, name: &str, tags: Candidates) -> CellRef {
        if let Err(reason) = self.admit(inner, name, kind) {
            return self.refuse(inner, reason, kind);
        }
        let is_full = inner.series.len() >= MAX_SERIES;
        let Inner { families, series, overflows, .. } = inner;
        let Some(entry) = families.get_mut(name) else {
            return self.cell(kind, self.limits.any_layout(), "");
        };
        let family = Arc::clone(&entry.family);
        let around = Surroundings { is_full, drops: self.drops, overflows };
        entry.find_or_insert(tags, around, |tags, layout| {
            let cell = self.cell(kind, layout, &family.name);
            let index = series.len();
            series.push((Arc::new(Series { index, family: Arc::clone(&family), tags }), cell));
            cell
        })
    }

    /// How often limits of cardinality were passed, by metric and key.
    pub(crate) fn overflows(&self) -> Vec<CardinalityOverflow> {
        self.inner().overflows.list()
    }

    /// What `describe_*!` says of a metric; the kind is that of its first series.
    pub(crate) fn describe(&self, name: &str, mut description: Description) {
        let name = scrub::scrubbed_name(name, &self.policy);
        description.help = description.help.map(|help| {
            match self.policy.text(&help, MAX_TEXT_CHARS, Sink::Texts) {
                Cow::Borrowed(text) if text.len() == help.len() => Arc::clone(&help),
                text => Arc::from(&*text),
            }
        });
        let mut inner = self.inner();
        match inner.families.get(&*name) {
            Some(entry) => entry.family.describe(description),
            None if inner.described.len() < MAX_SERIES => {
                inner.described.insert(name.into(), description);
            }
            None => {}
        }
    }

    /// Keeps these metrics, which have no series yet, to Prometheus.
    pub(crate) fn keep_to_scrapes(&self, names: &[&'static str]) {
        self.inner().scrape_only.extend(names);
    }

    /// Runs `callback` before every reading, to bring values up to date.
    pub(crate) fn before_reading(&self, callback: impl FnMut() + Send + 'static) {
        lock(&self.callbacks).push(Arc::new(Mutex::new(callback)));
    }

    /// Whether nobody of this name asked before.
    #[cfg(feature = "llm")]
    pub(super) fn is_first(&self, name: &'static str) -> bool {
        let mut known = lock(&self.known);
        let is_first = !known.contains(&name);
        if is_first {
            known.push(name);
        }
        is_first
    }

    #[cfg(feature = "llm")]
    pub(super) fn notify(&self, line: &str) {
        if let Some(notices) = self.notices.get() {
            notices.write(line);
        }
    }

    /// Puts down a value with a time of its own, unless too many wait: it then goes without.
    pub(crate) fn stamp(&self, cell: CellRef, value: TimestampedValue, seconds: u64) {
        let inner = self.inner();
        let is_it = |candidate: &CellRef| match (candidate, cell) {
            (CellRef::Counter(a), CellRef::Counter(b)) => std::ptr::eq(*a, b),
            (CellRef::Gauge(a), CellRef::Gauge(b)) => std::ptr::eq(*a, b),
            _ => false,
        };
        let found = inner.series.iter().find(|(_, candidate)| is_it(candidate));
        let Some((series, _)) = found else { return };
        let mut waiting = lock(&self.timestamped);
        if waiting.len() < MAX_TIMESTAMPED {
            waiting.push_back(Timestamped { series: Arc::clone(series), value, seconds });
        }
    }

    /// Points that went into series that could not be registered, by reason.
    pub(crate) fn refused(&self) -> Vec<(DropReason, u64)> {
        let refused = self.inner().refused.clone();
        let reader = Reader::new();
        let points = |cell| match cell {
            CellRef::Counter(cell) => reader.counter(cell),
            CellRef::Gauge(cell) => cell.read().version,
            CellRef::Histogram(cell) => reader.histogram(cell, Recent::Leave).count,
            CellRef::Set(cell) => cell.read(Recent::Leave).distinct,
        };
        refused.into_iter().map(|(reason, _, cell)| (reason, points(cell))).collect()
    }

    /// Makes sure that there is a family of this name and kind.
    fn admit(&self, inner: &mut Inner, name: &str, kind: Kind) -> Result<(), DropReason> {
        if name.is_empty() {
            return Err(DropReason::EmptyName);
        }
        if let Some(entry) = inner.families.get(name) {
            return if entry.family.kind == kind { Ok(()) } else { Err(DropReason::KindMismatch) };
        }
        // A family takes memory before its first series does.
        if inner.series.len() >= MAX_SERIES {
            return Err(DropReason::ProcessLimit);
        }
        let description = inner.described.remove(name).unwrap_or_default();
        let family = Family::new(name, kind, description);
        let scrape_only = inner.scrape_only.contains(name);
        let family = if scrape_only { family.scrape_only() } else { family };
        let entry = FamilyEntry::new(family, &self.limits);
        inner.families.insert(name.into(), entry);
        Ok(())
    }

    fn refuse(&self, inner: &mut Inner, reason: DropReason, kind: Kind) -> CellRef {
        let known = inner.refused.iter().find(|(r, k, _)| (*r, *k) == (reason, kind));
        if let Some((_, _, cell)) = known {
            return *cell;
        }
        let cell = self.cell(kind, self.limits.any_layout(), "");
        inner.refused.push((reason, kind, cell));
        cell
    }

    fn cell(&self, kind: Kind, layout: &'static Layout, name: &str) -> CellRef {
        let (generation, drops) = (self.generation, self.drops);
        match kind {
            Kind::Counter | Kind::Cost => CellRef::Counter(CounterCell::new(generation, drops)),
            Kind::Gauge => CellRef::Gauge(GaugeCell::new(generation, drops)),
            Kind::Set => CellRef::Set(SetCell::new(generation, drops, &self.policy, name)),
            Kind::Histogram | Kind::Distribution | Kind::Timer => {
                let durations = kind == Kind::Timer;
                CellRef::Histogram(HistogramCell::new(generation, layout, durations, drops))
            }
        }
    }

    fn run_callbacks(&self) {
        // A copy, for a callback may register another one.
        let callbacks = lock(&self.callbacks).clone();
        for callback in callbacks {
            let mut callback = match callback.try_lock() {
                Ok(callback) => callback,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            if catch_unwind(AssertUnwindSafe(&mut *callback)).is_err() {
                self.drops.add(DropReason::CallbackPanic, 1);
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Source for Registry {
    fn collect(&self, recent: Recent, visit: &mut dyn FnMut(&Arc<Series>, Reading)) {
        self.run_callbacks();
        let series = self.inner().series.clone();
        for some in series.chunks(READ_AT_ONCE) {
            let reader = Reader::new();
            let read = |(series, cell): &(Arc<Series>, CellRef)| {
                (Arc::clone(series), read(&reader, series.family.kind, *cell, recent))
            };
            let readings: Vec<_> = some.iter().map(read).collect();
            drop(reader);
            readings.into_iter().for_each(|(series, reading)| visit(&series, reading));
        }
    }

    fn take_timestamped(&self) -> Vec<Timestamped> {
        lock(&self.timestamped).drain(..).collect()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("generation", &self.generation).finish_non_exhaustive()
    }
}

fn read(reader: &Reader, kind: Kind, cell: CellRef, recent: Recent) -> Reading {
    match cell {
        CellRef::Counter(cell) if kind == Kind::Cost => Reading::Cost(reader.counter(cell)),
        CellRef::Counter(cell) => Reading::Counter(reader.counter(cell)),
        CellRef::Gauge(cell) => Reading::Gauge(cell.read()),
        CellRef::Histogram(cell) => Reading::Histogram(reader.histogram(cell, recent)),
        CellRef::Set(cell) => Reading::Set(cell.read(recent)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
