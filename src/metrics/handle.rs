//! What the macros hand out: small, `Copy`, and cheap to use.

use super::cells::{CounterCell, GaugeCell, HistogramCell, SetCell};
use super::current;
use super::reading::TimestampedValue;
use super::registry::CellRef;
use super::site::Target;
use super::value::Measure;
use crate::tag::TagValue;
use std::time::{SystemTime, UNIX_EPOCH};

/// Counts something that only ever grows; made by [`counter!`](crate::counter).
///
/// Exact up to 2^64. Prometheus shows the total (`_total`), DogStatsD gets what was added since
/// its last accepted datagram.
///
/// # Examples
///
/// ```
/// use lightship::counter;
///
/// let retries = counter!("upload.retries", "queue" => "parser");
/// retries.increment(1); // about two nanoseconds, no allocation
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a counter does nothing until it is incremented"]
pub struct Counter(pub(crate) Target<CounterCell>);

/// Shows a value that goes up and down; made by [`gauge!`](crate::gauge).
///
/// # Examples
///
/// ```
/// use lightship::gauge;
///
/// gauge!("queue.size", "queue" => "parser").set(42.0);
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a gauge does nothing until it is set"]
pub struct Gauge(pub(crate) Target<GaugeCell>);

/// Takes measurements whose distribution matters; made by [`histogram!`](crate::histogram) and
/// [`distribution!`](crate::distribution).
///
/// Prometheus gets exact buckets, DogStatsD the values themselves, or, when there are many, one
/// weighted representative for each range of at most 3.2 %, with count and sum kept right.
///
/// # Examples
///
/// ```
/// use lightship::histogram;
///
/// histogram!("request.size", "service" => "api").record(512);
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a histogram does nothing until something is recorded"]
pub struct Histogram(pub(crate) Target<HistogramCell>);

/// Counts distinct values; made by [`set!`](crate::set).
///
/// Values leave the process as keyed hashes only, which differ from set to set, so that it takes no
/// [`hashed`](crate::hashed) here. Processes with the same `LIGHTSHIP_HASH_KEY` count the same value
/// once; without a key each counts its own. DogStatsD counts them over the agent's ten seconds; Prometheus shows how many distinct ones the last full ten seconds saw, as a gauge.
///
/// # Examples
///
/// ```
/// use lightship::set;
///
/// set!("users.active").insert("user-17");
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a set does nothing until something is inserted"]
pub struct Set(pub(crate) Target<SetCell>);

impl Counter {
    /// Adds `value`.
    #[inline(always)]
    pub fn increment(&self, value: u64) {
        if let Some(cell) = self.0.cell() {
            cell.add(value);
        }
    }

    /// Raises the total to `value` if it is lower: for a total that somebody else keeps.
    ///
    /// Takes a lock and reads all threads; meant for samplers.
    pub fn absolute(&self, value: u64) {
        if let Some(cell) = self.0.cell() {
            cell.raise_to(value);
        }
    }

    /// Adds `value` as of `time`, which DogStatsD passes on in whole seconds; Prometheus knows only
    /// now. Datadog takes times up to an hour ago. Takes a lock.
    pub fn increment_at(&self, value: u64, time: SystemTime) {
        let Some(cell) = self.0.cell() else { return };
        // Before the total grows, or a flush in between would send it without its time.
        stamp(CellRef::Counter(cell), TimestampedValue::Increment(value), time);
        cell.add(value);
    }
}

impl Gauge {
    /// Sets the value; NaN and infinities are refused and counted.
    #[inline]
    pub fn set<T: Measure>(&self, value: T) {
        if let Some(cell) = self.0.cell() {
            cell.set(value.measure());
        }
    }

    /// Adds `value`.
    #[inline]
    pub fn increment<T: Measure>(&self, value: T) {
        if let Some(cell) = self.0.cell() {
            cell.add(value.measure());
        }
    }

    /// Takes `value` off.
    #[inline]
    pub fn decrement<T: Measure>(&self, value: T) {
        if let Some(cell) = self.0.cell() {
            cell.add(-value.measure());
        }
    }

    /// Sets the value as of `time`, which DogStatsD passes on in whole seconds; Prometheus knows
    /// only now. Takes a lock.
    pub fn set_at<T: Measure>(&self, value: T, time: SystemTime) {
        let (Some(cell), value) = (self.0.cell(), value.measure()) else { return };
        if value.is_finite() {
            stamp(CellRef::Gauge(cell), TimestampedValue::Value(value), time);
        }
        cell.set(value);
    }

    /// Has the value asked for whenever a backend reads it, from a background thread. A callback
    /// that panics is counted and leaves the former value; it should not block.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// let queue = Arc::new(Mutex::new(vec![1, 2, 3]));
    /// let watched = Arc::clone(&queue);
    /// lightship::gauge!("queue.length").observe(move || watched.lock().unwrap().len() as f64);
    /// ```
    pub fn observe(&self, callback: impl Fn() -> f64 + Send + 'static) {
        let Some(cell) = self.0.cell() else { return };
        if let Some((registry, _)) = current::registry() {
            registry.before_reading(move || cell.set(callback()));
        }
    }
}

impl Histogram {
    /// Takes a measurement; NaN and infinities are refused and counted.
    #[inline(always)]
    pub fn record<T: Measure>(&self, value: T) {
        if let Some(cell) = self.0.cell() {
            cell.record(value.measure());
        }
    }
}

impl Set {
    /// Inserts a value; a [`secret`](crate::secret) is left out and counted. At most 4,096 distinct ones between two flushes; more are counted.
    pub fn insert<V: TagValue>(&self, value: V) {
        if let Some(cell) = self.0.cell() {
            cell.insert(value.tag_ref());
        }
    }
}

fn stamp(cell: CellRef, value: TimestampedValue, time: SystemTime) {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs().max(1));
    if let Some((registry, _)) = current::registry() {
        registry.stamp(cell, value, seconds);
    }
}
