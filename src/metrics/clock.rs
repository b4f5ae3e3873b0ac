//! The clock of timers: the processor's counter where it can be trusted.

use quanta::Clock;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// Measures the counter against the system's clock, which takes up to 200 ms: for a background
/// thread. Until it is done, timers use the system's clock.
pub(crate) fn calibrate() {
    CLOCK.get_or_init(Clock::new);
}

/// A moment to measure from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    Counter(u64),
    System(Instant),
}

impl Start {
    #[inline]
    pub(super) fn now() -> Self {
        match CLOCK.get() {
            Some(clock) => Start::Counter(clock.raw()),
            None => Start::System(Instant::now()),
        }
    }

    #[inline]
    pub(super) fn elapsed(self) -> Duration {
        match (self, CLOCK.get()) {
            (Start::Counter(start), Some(clock)) => {
                Duration::from_nanos(clock.delta_as_nanos(start, clock.raw()))
            }
            (Start::System(start), _) => start.elapsed(),
            // A counter's start exists only where there is a clock.
            (Start::Counter(_), None) => Duration::ZERO,
        }
    }
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
        let (counter, system) = (counter.elapsed(), system.elapsed());
        assert!(counter >= Duration::from_millis(29), "{counter:?}");
        assert!(counter <= system + Duration::from_millis(1), "{counter:?} against {system:?}");
    }
}
