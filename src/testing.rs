//! Assertions on telemetry: what a piece of code records, seen by nobody else.
//!
//! Captures are isolated: tests that run side by side do not see each other, and what is captured
//! reaches no backend. A capture follows its code over `await` points, into tasks handed over with
//! [`carry`](crate::carry) or `lightship::spawn`, and nowhere else.
//!
//! # Examples
//!
//! ```
//! use lightship::{counter, testing};
//!
//! fn greet(name: &str) -> String {
//!     counter!("greetings").increment(1);
//!     format!("Hello {name}")
//! }
//!
//! let (greeting, seen) = testing::capture(|| greet("Ada"));
//! assert_eq!(greeting, "Hello Ada");
//! assert_eq!(seen.counter("greetings", &[]), 1);
//! ```

use crate::config::settings::MetricsSettings;
use crate::metrics::Registry;
use crate::metrics::current::{self, Scoped};
use crate::metrics::reading::{Reading, Recent, Series, Source};
use crate::status::{DropReason, Drops};
use std::sync::Arc;

/// Runs `body` and returns what it recorded on this thread.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| lightship::gauge!("depth").set(3));
/// assert_eq!(seen.gauge("depth", &[]), Some(3.0));
/// ```
pub fn capture<R>(body: impl FnOnce() -> R) -> (R, Captured) {
    let (registry, drops) = isolated();
    let result = current::with_scope(&registry, body);
    (result, Captured::of(&registry, drops))
}

/// Runs a future and returns what it recorded, on whichever thread it was polled.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let work = async { lightship::histogram!("size").record(512) };
/// let (_, seen) = lightship::testing::capture_async(work).await;
/// assert_eq!(seen.histogram("size", &[]).count, 1);
/// # }
/// ```
pub async fn capture_async<F: Future>(future: F) -> (F::Output, Captured) {
    let (registry, drops) = isolated();
    let result = Scoped::new(future, Some(Arc::clone(&registry))).await;
    (result, Captured::of(&registry, drops))
}

fn isolated() -> (Arc<Registry>, &'static Drops) {
    let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
    let settings =
        MetricsSettings { bounds: Vec::new(), cardinality: Vec::new(), process_metrics: false };
    (Registry::new(&settings, drops), drops)
}

/// What was recorded within a capture.
///
/// Tags are compared as a backend sees them: scrubbed, and in any order.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| {
///     lightship::counter!("api.requests", "endpoint" => "/users").increment(2);
/// });
/// assert_eq!(seen.counter("api.requests", &[("endpoint", "/users")]), 2);
/// assert_eq!(seen.counter("api.requests", &[("endpoint", "/none")]), 0);
/// println!("{seen}");
/// ```
#[derive(Debug, Clone)]
pub struct Captured {
    series: Vec<(Arc<Series>, Reading)>,
    dropped: Vec<(DropReason, u64)>,
}

/// What a histogram, distribution or timer took in.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| {
///     lightship::distribution!("pages").record(3);
///     lightship::distribution!("pages").record(5);
/// });
/// let pages = seen.histogram("pages", &[]);
/// assert_eq!((pages.count, pages.sum), (2, 8.0));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// How many values.
    pub count: u64,
    /// All of them added up; seconds for a timer.
    pub sum: f64,
}

impl Captured {
    fn of(registry: &Registry, drops: &Drops) -> Self {
        let mut series = Vec::new();
        registry.collect(Recent::Take, &mut |one, reading| {
            series.push((Arc::clone(one), reading));
        });
        let mut dropped = drops.list();
        dropped.extend(registry.refused().into_iter().filter(|(_, count)| *count > 0));
        Captured { series, dropped }
    }

    /// A counter's total; 0 if it was never incremented.
    pub fn counter(&self, name: &str, tags: &[(&str, &str)]) -> u64 {
        match self.find(name, tags) {
            Some(Reading::Counter(total)) => *total,
            _ => 0,
        }
    }

    /// All series of a counter together, whatever their tags.
    pub fn counter_total(&self, name: &str) -> u64 {
        let of_name = self.series.iter().filter(|(series, _)| &*series.family.name == name);
        of_name
            .map(|(_, reading)| match reading {
                Reading::Counter(total) => *total,
                _ => 0,
            })
            .sum()
    }

    /// A gauge's value; none if it was never set.
    pub fn gauge(&self, name: &str, tags: &[(&str, &str)]) -> Option<f64> {
        match self.find(name, tags) {
            Some(Reading::Gauge(gauge)) if gauge.version > 0 => Some(gauge.value),
            _ => None,
        }
    }

    /// What a histogram, distribution or timer recorded; all zero if it never did.
    pub fn histogram(&self, name: &str, tags: &[(&str, &str)]) -> Recorded {
        match self.find(name, tags) {
            Some(Reading::Histogram(reading)) => {
                Recorded { count: reading.count, sum: reading.sum }
            }
            _ => Recorded::default(),
        }
    }

    /// How many distinct values a set took in.
    pub fn set(&self, name: &str, tags: &[(&str, &str)]) -> usize {
        match self.find(name, tags) {
            Some(Reading::Set(set)) => set.fresh.len(),
            _ => 0,
        }
    }

    /// How often something was dropped or changed for this reason.
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped.iter().filter(|(r, _)| *r == reason).map(|(_, count)| count).sum()
    }

    /// Every series, as `name{key=value,...}`, in the order of their first use.
    pub fn series(&self) -> Vec<String> {
        self.series.iter().map(|(series, _)| written(series)).collect()
    }

    fn find(&self, name: &str, tags: &[(&str, &str)]) -> Option<&Reading> {
        let mut wanted = tags.to_vec();
        wanted.sort_unstable();
        let is_it = |series: &Series| {
            &*series.family.name == name && series.tags.iter().eq(wanted.iter().copied())
        };
        self.series.iter().find(|(series, _)| is_it(series)).map(|(_, reading)| reading)
    }
}

/// One line a series, for the message of a failed assertion.
impl std::fmt::Display for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (series, reading) in &self.series {
            write!(f, "{} ", written(series))?;
            match reading {
                Reading::Counter(total) => writeln!(f, "{total}"),
                Reading::Gauge(gauge) => writeln!(f, "{}", gauge.value),
                Reading::Histogram(read) => writeln!(f, "count {} sum {}", read.count, read.sum),
                Reading::Set(set) => writeln!(f, "{} distinct", set.fresh.len()),
            }?;
        }
        self.dropped.iter().try_for_each(|(reason, n)| writeln!(f, "dropped {n} ({reason})"))
    }
}

fn written(series: &Series) -> String {
    let tags: Vec<_> = series.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{}{{{}}}", series.family.name, tags.join(","))
}
