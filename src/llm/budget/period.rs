//! When a budget begins anew.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// For how long a budget is. Days and hours are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Period {
    Hour,
    Day,
    Total,
}

impl Period {
    /// The number of the period that a moment is in.
    pub(super) fn index(self, now: SystemTime) -> u64 {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.seconds().map_or(0, |length| seconds / length)
    }

    /// When the period of this number ends; never for some.
    pub(super) fn end(self, index: u64) -> Option<SystemTime> {
        let seconds = self.seconds()?.checked_mul(index.checked_add(1)?)?;
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }

    /// Whether a clock that shows period `now` has left period `before`. One that was set back a little, into
    /// the period just before, does not make a budget begin anew twice.
    pub(super) fn is_over(before: u64, now: u64) -> bool {
        now > before || now.saturating_add(1) < before
    }

    /// As in tags.
    pub(super) fn name(self) -> &'static str {
        match self {
            Period::Hour => "hour",
            Period::Day => "day",
            Period::Total => "total",
        }
    }

    pub(super) fn adjective(self) -> &'static str {
        match self {
            Period::Hour => "hourly",
            Period::Day => "daily",
            Period::Total => "total",
        }
    }

    /// Until when, for people.
    pub(super) fn until(self) -> &'static str {
        match self {
            Period::Hour => "until the next full hour",
            Period::Day => "until midnight UTC",
            Period::Total => "for as long as this process runs",
        }
    }

    fn seconds(self) -> Option<u64> {
        match self {
            Period::Hour => Some(3_600),
            Period::Day => Some(86_400),
            Period::Total => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn periods_end_where_the_next_begins() {
        for (period, length) in [(Period::Hour, 3_600), (Period::Day, 86_400)] {
            let index = period.index(at(10 * length - 1));
            assert_eq!(index, 9);
            assert_eq!(period.end(index), Some(at(10 * length)));
            assert_eq!(period.index(at(10 * length)), 10);
        }
        assert_eq!(Period::Total.index(at(u64::from(u32::MAX))), 0);
        assert_eq!(Period::Total.end(0), None);
        assert_eq!(Period::Day.end(u64::MAX), None);
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_begins_nothing_anew() {
        assert!(!Period::is_over(10, 10));
        assert!(Period::is_over(10, 11));
        assert!(!Period::is_over(10, 9), "a correction around midnight");
        assert!(Period::is_over(10, 8), "it was wrong before");
    }
}
