//! When a price counts: from a date on, or at a time of the day. All in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// From this day after 1970-01-01 on.
    From(u64),
    /// From one second of the day to before another, maybe over midnight; where they are one, all day. On days
    /// of the week, by bits from Monday on, where clocks are ahead by some seconds.
    Daily {
        from: u64,
        to: u64,
        days: u8,
        ahead: u64,
    },
}

pub(crate) const EVERY_DAY: u8 = 0b111_1111;

impl When {
    pub(crate) fn counts(self, at: SystemTime) -> bool {
        let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (day, second) = (seconds / DAY, seconds % DAY);
        match self {
            When::Always => true,
            When::From(first) => day >= first,
            When::Daily { from, to, days, ahead } => {
                // The first of all days was a Thursday.
                let weekday = ((seconds + ahead) / DAY + 3) % 7;
                let is_day = days >> weekday & 1 == 1;
                let is_time = match from < to {
                    true => (from..to).contains(&second),
                    false => second >= from || second < to,
                };
                is_day && is_time
            }
        }
    }

    /// `2025-06-10`
    pub(crate) fn parse_date(text: &str) -> Option<u64> {
        let mut parts = text.splitn(3, '-');
        let mut next = |length: usize| -> Option<u64> {
            let part = parts.next()?;
            let is_number =
                part.len() == length && part.bytes().all(|digit| digit.is_ascii_digit());
            is_number.then(|| part.parse().ok()).flatten()
        };
        days_since_1970(next(4)?, next(2)?, next(2)?)
    }

    /// `16:30`, `16:30:00`, `16:30:00Z`, `16:30:00+02:00`, in seconds of the day
    pub(crate) fn parse_time(text: &str) -> Option<u64> {
        let (time, offset) = match text.find(['+', '-', 'Z']) {
            Some(at) => text.split_at(at),
            None => (text, "Z"),
        };
        let seconds = clock(time)?;
        let (sign, ahead) = match offset.split_at_checked(1)? {
            ("Z", "") => return Some(seconds),
            (sign, ahead) => (sign, clock(ahead)?),
        };
        let utc = if sign == "+" { seconds + DAY - ahead } else { seconds + ahead };
        Some(utc % DAY)
    }
}

fn clock(text: &str) -> Option<u64> {
    let mut seconds = 0;
    let mut parts = 0;
    for (part, (limit, scale)) in text.split(':').zip([(24, 3600), (60, 60), (60, 1)]) {
        // Fractions of a second, which nobody has.
        let part = part.split('.').next()?;
        let number: u64 = part.parse().ok().filter(|number| *number < limit)?;
        seconds += number * scale;
        parts += 1;
    }
    (parts >= 2 && text.split(':').count() == parts).then_some(seconds)
}

/// `None` for days that don't exist, and before 1970.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let february = if is_leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month).ok()?.checked_sub(1)?;
    if year < 1970 || !(1..=*months.get(before)?).contains(&day) {
        return None;
    }
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    Some(years + months[..before].iter().sum::<u64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(day: u64, second: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(day * DAY + second)
    }

    #[test]
    fn dates() {
        for (text, day) in [
            ("1970-01-01", 0),
            ("2000-03-01", 11_017),
            ("2024-02-29", 19_782),
            ("2026-11-22", 20_779),
        ] {
            assert_eq!(When::parse_date(text), Some(day), "{text}");
        }
        for text in
            ["2025-02-29", "2025-13-01", "2025-00-10", "2025-1-10", "1969-12-31", "", "2025-06-10T"]
        {
            assert_eq!(When::parse_date(text), None, "{text}");
        }
        let from = When::From(20_249); // 2025-06-10
        assert_eq!(When::parse_date("2025-06-10"), Some(20_249));
        assert!(!from.counts(at(20_248, DAY - 1)) && from.counts(at(20_249, 0)));
        assert!(!from.counts(UNIX_EPOCH - Duration::from_secs(9)));
    }

    #[test]
    fn times_of_day() {
        for (text, second) in [
            ("16:30", 59_400),
            ("16:30:00Z", 59_400),
            ("00:30:00+02:00", 81_000),
            ("23:00:00-02:00", 3_600),
            ("16:30:00.5", 59_400),
        ] {
            assert_eq!(When::parse_time(text), Some(second), "{text}");
        }
        for text in ["", "24:00", "16", "16:60", "a:b", "16:30:00:00", "16:30+"] {
            assert_eq!(When::parse_time(text), None, "{text}");
        }
        let night = When::Daily { from: 59_400, to: 1_800, days: EVERY_DAY, ahead: 0 };
        let counted =
            [59_399, 59_400, 0, 1_799, 1_800].map(|second| night.counts(at(20_000, second)));
        assert_eq!(counted, [false, true, true, true, false]);
        // 2026-11-22 was a Sunday.
        let weekend = When::Daily { from: 0, to: 0, days: 0b110_0000, ahead: 0 };
        assert!(weekend.counts(at(20_779, 5)) && !weekend.counts(at(20_780, 5)));
        // In Shanghai, it ends at four in the afternoon.
        let there = When::Daily { from: 0, to: 0, days: 0b110_0000, ahead: 28_800 };
        assert!(there.counts(at(20_779, 57_599)) && !there.counts(at(20_779, 57_600)));
    }
}
