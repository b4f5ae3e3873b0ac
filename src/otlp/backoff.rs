//! When to try again where nobody took what we had.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// How long to wait after the first failure, and at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Pace {
    pub(super) const DEFAULT: Pace =
        Pace { first: Duration::from_secs(1), longest: Duration::from_secs(30) };
}

/// Open while nothing is to be sent: twice as long after each failure, with some chance in it, so
/// that a collector that comes back does not meet all its clients at once.
#[derive(Debug)]
pub(super) struct Breaker {
    pace: Pace,
    failures: u32,
    retry_at: Option<Instant>,
    dice: RandomState,
}

impl Breaker {
    pub(super) fn new(pace: Pace) -> Self {
        Breaker { pace, failures: 0, retry_at: None, dice: RandomState::new() }
    }

    /// When to try again; `None` if there is no reason to wait.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Somebody answered, whatever the answer.
    pub(super) fn answered(&mut self) {
        self.failures = 0;
        self.retry_at = None;
    }

    /// Nobody took it; `wanted` is how long the collector asked us to wait.
    pub(super) fn failed(&mut self, now: Instant, wanted: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let wait = match wanted {
            Some(wanted) if !wanted.is_zero() => wanted.min(self.pace.longest),
            _ => self.wait(),
        };
        self.retry_at = Some(now + wait);
    }

    /// Between half of the step and the whole of it.
    fn wait(&self) -> Duration {
        let doublings = (self.failures - 1).min(16);
        let step = self.pace.first.saturating_mul(1 << doublings).min(self.pace.longest);
        let chance = (self.dice.hash_one(self.failures) >> 40) as f64 / (1u64 << 24) as f64;
        step.mul_f64(0.5 + chance / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_twice_as_long_each_time_up_to_a_limit() {
        let now = Instant::now();
        for _ in 0..100 {
            let mut breaker = Breaker::new(Pace::DEFAULT);
            for step in [1, 2, 4, 8, 16, 30, 30, 30].map(Duration::from_secs) {
                breaker.failed(now, None);
                let wait = breaker.retry_at().unwrap() - now;
                assert!(wait >= step / 2 && wait <= step, "{wait:?} of {step:?}");
            }
            breaker.answered();
            assert_eq!(breaker.retry_at(), None);
            breaker.failed(now, None);
            assert!(breaker.retry_at().unwrap() - now <= Duration::from_secs(1));
        }
    }

    #[test]
    fn the_steps_differ_between_processes() {
        let now = Instant::now();
        let waits: std::collections::HashSet<_> = (0..20)
            .map(|_| {
                let mut breaker = Breaker::new(Pace::DEFAULT);
                breaker.failed(now, None);
                breaker.retry_at()
            })
            .collect();
        assert!(waits.len() > 10, "{waits:?}");
    }

    #[test]
    fn what_the_collector_asks_for_counts_within_reason() {
        let now = Instant::now();
        let mut breaker = Breaker::new(Pace::DEFAULT);
        breaker.failed(now, Some(Duration::from_secs(7)));
        assert_eq!(breaker.retry_at(), Some(now + Duration::from_secs(7)));
        breaker.failed(now, Some(Duration::from_secs(86_400)));
        assert_eq!(breaker.retry_at(), Some(now + Duration::from_secs(30)));
        breaker.failed(now, Some(Duration::ZERO));
        assert!(breaker.retry_at().unwrap() > now, "zero would be a busy loop");
    }

    #[test]
    fn a_thousand_failures_do_not_overflow() {
        let mut breaker = Breaker::new(Pace::DEFAULT);
        (0..1_000).for_each(|_| breaker.failed(Instant::now(), None));
        breaker.failures = u32::MAX;
        breaker.failed(Instant::now(), None);
        assert!(breaker.retry_at().is_some());
    }
}
