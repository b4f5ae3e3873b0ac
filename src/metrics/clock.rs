//! The clock of timers: the processor's counter where it can be trusted.

use quanta::Clock;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// Measures the counter against the system's clock, which takes up to 200 ms: for a background
/// thread. Until it is done, timers use the system's clock.
pub(crate) fn calibrate() {
    CLOCK.get_or_init(Clock::new);
}

/// A number that differs from moment to moment, in no particular unit.
#[inline]
pub(crate) fn ticks() -> u64 {
    match CLOCK.get() {
        Some(clock) => clock.raw(),
        None => SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos() as u64,
    }
}

/// A moment to measure from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    Counter(u64),
    System(Instant),
}

impl Start {
    #[inline]
    pub(crate) fn now() -> Self {
        match CLOCK.get() {
            Some(clock) => Start::Counter(clock.raw()),
            None => Start::System(Instant::now()),
        }
    }

    pub(super) fn elapsed(self) -> Duration {
        match self {
            Start::Counter(start) => Duration::from_nanos(nanos_since(start)),
            Start::System(start) => start.elapsed(),
        }
    }

    /// The same in seconds, without the way over a `Duration`, for those who only record it.
    #[inline]
    pub(crate) fn elapsed_seconds(self) -> f64 {
        match self {
            // Signed, which converts quicker, and holds 292 years.
            Start::Counter(start) => nanos_since(start) as i64 as f64 / 1e9,
            Start::System(start) => start.elapsed().as_secs_f64(),
        }
    }
}

#[inline]
fn nanos_since(start: u64) -> u64 {
    // A counter's start exists only where there is a clock.
    CLOCK.get().map_or(0, |clock| clock.delta_as_nanos(start, clock.raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_measure_the_same_sleep() {
        let system = Start::System(Instant::now());
        calibrate();
        let counter = Start::now();
        assert!(matches!(counter, Start::Counter(_)));
        std::thread::sleep(Duration::from_millis(30));
        let (counter, system, seconds) =
            (counter.elapsed(), system.elapsed(), counter.elapsed_seconds());
        let apart = seconds - counter.as_secs_f64();
        assert!((0.0..1e-3).contains(&apart), "{seconds} s after {counter:?}");
        assert!(counter >= Duration::from_millis(29), "{counter:?}");
        assert!(counter <= system + Duration::from_millis(1), "{counter:?} against {system:?}");
    }
}
