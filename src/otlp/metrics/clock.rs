//! The time of a collect, as OTLP writes it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since the Unix epoch that always rise: a point whose time lay before that of the
/// one before, or before its own start, would be refused or counted twice.
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) latest: u64,
}

impl Clock {
    pub(super) fn new() -> Self {
        Clock { latest: nanoseconds(SystemTime::now()) }
    }

    pub(super) fn tick(&mut self) -> u64 {
        self.tick_at(SystemTime::now())
    }

    fn tick_at(&mut self, now: SystemTime) -> u64 {
        self.latest = nanoseconds(now).max(self.latest.saturating_add(1));
        self.latest
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn time_rises_whatever_the_system_says() {
        let mut clock = Clock { latest: 0 };
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(clock.tick_at(at(10)), 10_000_000_000);
        assert_eq!(clock.tick_at(at(5)), 10_000_000_001);
        assert_eq!(clock.tick_at(UNIX_EPOCH - Duration::from_secs(1)), 10_000_000_002);
        assert_eq!(clock.tick_at(at(11)), 11_000_000_000);
    }
}
