//! What a backend gets to see: every series with its value at one moment.

use super::Unit;
use crate::scrub::ScrubbedTags;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What a metric measures, and with that its type in each backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `c` in DogStatsD.
    Counter,
    /// Dollars that add up: counted in whole pico-dollars (10⁻¹² USD), so that no sum of floats goes
    /// astray; in dollars wherever it is shown. `c` in DogStatsD.
    Cost,
    /// `g` in DogStatsD.
    Gauge,
    /// `h` in DogStatsD.
    Histogram,
    /// `d` in DogStatsD, a histogram elsewhere.
    Distribution,
    /// Recorded in seconds; `ms` in DogStatsD, where it is sent in milliseconds.
    Timer,
    /// Distinct values; `s` in DogStatsD, a gauge of their number elsewhere.
    Set,
}

/// All series of one name.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: Box<str>,
    pub(crate) kind: Kind,
    /// Whether only Prometheus gets it, which has a convention for it that others don't share.
    pub(crate) scrape_only: bool,
    description: Mutex<Description>,
}

/// What `describe_*!` said of a family.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Description {
    pub(crate) unit: Option<Unit>,
    pub(crate) help: Option<Arc<str>>,
}

impl Family {
    pub(crate) fn new(name: &str, kind: Kind, description: Description) -> Self {
        let description = Mutex::new(description);
        Family { name: name.into(), kind, scrape_only: false, description }
    }

    /// The same for Prometheus alone.
    pub(crate) fn scrape_only(self) -> Self {
        Family { scrape_only: true, ..self }
    }

    /// The unit and the help text as they stand now; a timer is in seconds unless described.
    pub(crate) fn description(&self) -> Description {
        let mut description =
            self.description.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if self.kind == Kind::Timer {
            description.unit = Some(Unit::Seconds);
        }
        description
    }

    pub(crate) fn describe(&self, description: Description) {
        *self.description.lock().unwrap_or_else(PoisonError::into_inner) = description;
    }
}

/// One line on a graph: a family and a set of tags.
#[derive(Debug)]
pub(crate) struct Series {
    /// Counts up from 0 without gaps in a registry, so backends may keep their cursors in a `Vec`.
    pub(crate) index: usize,
    pub(crate) family: Arc<Family>,
    pub(crate) tags: ScrubbedTags,
}

/// A series' value at the moment of collecting.
#[derive(Debug, Clone)]
pub(crate) enum Reading {
    /// The total since the process started; never goes down.
    Counter(u64),
    /// The same in pico-dollars, see [`dollars`].
    Cost(u64),
    Gauge(GaugeReading),
    Histogram(HistogramReading),
    Set(SetReading),
}

/// Pico-dollars in dollars, as nearly as a float can be.
pub(crate) fn dollars(pico: u64) -> f64 {
    // Both are whole numbers: one rounding, where multiplying by a fraction would make two.
    pico as f64 / 1e12
}

/// The latest value of a gauge, always finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GaugeReading {
    pub(crate) value: f64,
    /// Changes with every write, also with one of the same value; 0 before the first.
    pub(crate) version: u64,
}

/// Everything recorded into a histogram since the process started.
#[derive(Debug, Clone, Default)]
pub(crate) struct HistogramReading {
    pub(crate) count: u64,
    /// Recorded values added up: seconds for a timer.
    pub(crate) sum: f64,
    /// The fine buckets that hold anything, by rising value. Each is a fixed place of the
    /// histogram: its `id` stays, its count only grows.
    pub(crate) buckets: Vec<FineBucket>,
    /// The user's bounds (`le`, ascending, without infinity), each with the number of values at
    /// or below it: exact.
    pub(crate) cumulative: Vec<(f64, u64)>,
    /// Whether a thread recorded so busily that its sum and its counts may be a few records apart;
    /// a later reading makes up for it.
    pub(crate) torn: bool,
    /// Values recorded since the last reading that took them, as far as they are still known
    /// one by one. Empty unless asked for.
    pub(crate) recent: Vec<f64>,
}

/// A narrow range of values (at most 3.2 % wide, unless it touches zero or the largest numbers)
/// with the number of values in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FineBucket {
    /// Orders the buckets of a histogram by value.
    pub(crate) id: u32,
    /// Where the values are: from the start, inclusive, to the end.
    pub(crate) range: Range<f64>,
    pub(crate) count: u64,
}

/// The distinct values of a set, hashed.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetReading {
    /// Inserted since the last reading that took them; empty unless asked for.
    pub(crate) fresh: Vec<u64>,
    /// How many distinct values the last full ten seconds saw.
    pub(crate) distinct: u64,
}

/// Whether a reading takes what only one backend may have: recent values, fresh members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recent {
    /// DogStatsD, which sends deltas.
    Take,
    /// Everybody else.
    Leave,
}

/// A counter increment or gauge value that carries its own time, for DogStatsD alone.
#[derive(Debug, Clone)]
pub(crate) struct Timestamped {
    pub(crate) series: Arc<Series>,
    /// For a counter the increment, which is in its total already; for a gauge the value.
    pub(crate) value: TimestampedValue,
    /// Seconds since the Unix epoch, at least 1.
    pub(crate) seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TimestampedValue {
    Increment(u64),
    Value(f64),
}

/// What a backend reads from; the registry is the one that counts, tests may bring their own.
pub(crate) trait Source: Send + Sync {
    /// Visits every series, in the order of their indices, with its reading of one moment. No
    /// lock is held while `visit` runs.
    fn collect(&self, recent: Recent, visit: &mut dyn FnMut(&Arc<Series>, Reading));

    /// Takes the timestamped values that came since the last call.
    fn take_timestamped(&self) -> Vec<Timestamped>;
}
