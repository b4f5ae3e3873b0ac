//! The time of a line: RFC 3339, in UTC.

use super::current;
use std::fmt::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

const SECONDS_PER_DAY: u64 = 86_400;
/// The last second of the year 9999, the last year that RFC 3339 has room for.
const LAST_SECOND: u64 = 253_402_300_799;
/// From the first of March of the year 0 to the first of January 1970.
const DAYS_TO_EPOCH: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;

/// For a line of JSON: microseconds.
pub(super) fn write_micros(out: &mut impl Write, time: SystemTime) -> fmt::Result {
    let (text, len) = rfc3339(time, 6);
    out.write_str(as_str(&text, len))
}

/// For a line on a terminal: the time of the current event, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let (text, len) = rfc3339(current::get().time, 3);
        writer.write_str(as_str(&text, len))
    }
}

fn as_str(text: &[u8], len: usize) -> &str {
    std::str::from_utf8(&text[..len]).unwrap_or_default()
}

/// Such as `2026-11-21T22:10:32.123456Z`; a clock before 1970 shows 1970.
fn rfc3339(time: SystemTime, fraction_digits: usize) -> ([u8; 27], usize) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = since.as_secs().min(LAST_SECOND);
    let (year, month, day) = civil_date(seconds / SECONDS_PER_DAY);
    let of_day = seconds % SECONDS_PER_DAY;
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    digits(&mut text[0..4], year);
    digits(&mut text[5..7], month);
    digits(&mut text[8..10], day);
    digits(&mut text[11..13], of_day / 3600);
    digits(&mut text[14..16], of_day / 60 % 60);
    digits(&mut text[17..19], of_day % 60);
    digits(&mut text[20..26], u64::from(since.subsec_micros()));
    let end = 20 + fraction_digits.min(6);
    text[end] = b'Z';
    (text, end + 1)
}

fn digits(into: &mut [u8], mut number: u64) {
    for digit in into.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month and day of a day since 1970, by the Gregorian calendar. Years are taken to begin in
/// March, so that the day which not every year has comes last.
fn civil_date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + DAYS_TO_EPOCH;
    let (era, of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    // What is over of the leap days: one in 4 years, none in 100, one in 400.
    let year_of_era =
        (of_era - of_era / 1_460 + of_era / 36_524 - of_era / (DAYS_PER_ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on, five months have 153 days, again and again.
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(time: SystemTime) -> String {
        let mut text = String::new();
        write_micros(&mut text, time).unwrap();
        text
    }

    fn at(seconds: u64) -> String {
        micros(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn known_moments() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (86_399, "1970-01-01T23:59:59.000000Z"),
            (68_169_600, "1972-02-29T00:00:00.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (951_868_800, "2000-03-01T00:00:00.000000Z"),
            (1_000_000_000, "2001-09-09T01:46:40.000000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000000Z"),
            (1_735_689_600, "2025-01-01T00:00:00.000000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
            (LAST_SECOND, "9999-12-31T23:59:59.000000Z"),
            (LAST_SECOND + 1, "9999-12-31T23:59:59.000000Z"),
        ] {
            assert_eq!(at(seconds), text);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let is_leap = |year| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..200_000 {
            assert_eq!(civil_date(days), (year, month, day));
            let length = match month {
                2 => 28 + u64::from(is_leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    #[test]
    fn fractions_are_cut_and_a_clock_before_1970_shows_1970() {
        let time = UNIX_EPOCH + Duration::new(1_735_689_599, 999_999_999);
        assert_eq!(micros(time), "2024-12-31T23:59:59.999999Z");
        let (text, len) = rfc3339(time, 3);
        assert_eq!(as_str(&text, len), "2024-12-31T23:59:59.999Z");
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(micros(before), "1970-01-01T00:00:00.000000Z");
    }
}
