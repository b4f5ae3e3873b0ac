//! Timers: durations that record themselves.

use super::cells::HistogramCell;
use super::clock::Start;
use super::site::Target;
use super::value::Measure;
use std::time::Duration;

/// A running timer, which records the time since it was made when it is dropped; made by
/// [`timer!`](crate::timer).
///
/// Prometheus shows seconds (`_seconds`), DogStatsD gets milliseconds (`ms`).
///
/// # Examples
///
/// ```
/// use lightship::timer;
///
/// {
///     let _timer = timer!("db.query", "table" => "documents");
///     // the query
/// } // recorded here
///
/// let elapsed = timer!("db.query", "table" => "users").stop();
/// timer!("db.query", "table" => "users").discard();
/// ```
#[derive(Debug)]
#[must_use = "a timer that is not bound to a name stops at once; bind it to `_timer`, not to `_`"]
pub struct Timer {
    handle: TimerHandle,
    start: Start,
    running: bool,
}

/// A timer's series, to keep and to start many timers from.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let queries = lightship::timer!("db.query").handle();
/// for _ in 0..3 {
///     let _timer = queries.start();
///     // a query
/// }
/// queries.record(Duration::from_millis(12)); // one that somebody else measured
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TimerHandle(pub(crate) Target<HistogramCell>);

impl Timer {
    /// Stops the timer, records the time and returns it.
    #[inline]
    pub fn stop(mut self) -> Duration {
        self.running = false;
        let elapsed = self.start.elapsed();
        self.handle.record(elapsed);
        elapsed
    }

    /// Ends the timer without recording anything.
    #[inline]
    pub fn discard(mut self) {
        self.running = false;
    }

    /// The series of this timer. The timer itself is discarded.
    pub fn handle(self) -> TimerHandle {
        let handle = self.handle;
        self.discard();
        handle
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if self.running {
            self.handle.record(self.start.elapsed_seconds());
        }
    }
}

impl TimerHandle {
    /// Starts a timer.
    #[inline]
    pub fn start(&self) -> Timer {
        Timer { handle: *self, start: Start::now(), running: true }
    }

    /// Records a time that was measured elsewhere, in seconds if it is a plain number. NaN,
    /// infinities and negative times are refused and counted.
    #[inline(always)]
    pub fn record<T: Measure>(&self, elapsed: T) {
        if let Some(cell) = self.0.cell() {
            cell.record(elapsed.measure());
        }
    }
}
