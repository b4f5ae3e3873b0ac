//! Which limits of which metrics were passed, and how often.

use super::family::OTHER;
use crate::status::CardinalityOverflow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How many metrics and keys are told apart where limits are passed; further ones are counted as one,
/// with `_other` for both.
pub const MAX_OVERFLOWS: usize = 200;
/// In the place of a key, where a metric or the process has all the series that it may have.
pub(super) const ALL_KEYS: &str = "*";
/// The shortest time between two notices.
const NOTICE_INTERVAL: Duration = Duration::from_secs(60);

/// Counts by metric and key.
#[derive(Debug, Default)]
pub(super) struct Overflows {
    counts: HashMap<Box<str>, HashMap<Box<str>, u64>>,
    rows: usize,
    /// What nobody was told yet: the first of it, and how much more.
    untold: Option<(String, usize)>,
    told_at: Option<Instant>,
}

impl Overflows {
    /// Counts a value, or a series, past this limit; costs no memory where its metric and key are known.
    pub(super) fn add(&mut self, metric: &str, key: &str, limit: usize) {
        if let Some(count) = self.counts.get_mut(metric).and_then(|keys| keys.get_mut(key)) {
            *count += 1;
            return;
        }
        if self.rows >= MAX_OVERFLOWS {
            return *self.row(OTHER, OTHER) += 1;
        }
        self.rows += 1;
        *self.row(metric, key) += 1;
        match &mut self.untold {
            Some((_, more)) => *more += 1,
            None => self.untold = Some((line(metric, key, limit), 0)),
        }
    }

    /// What is to be said now, if anything: of every metric and key once, and little at a time.
    pub(super) fn notice(&mut self, now: impl FnOnce() -> Instant) -> Option<String> {
        self.untold.as_ref()?;
        let now = now();
        let is_due = |at: Instant| now.saturating_duration_since(at) >= NOTICE_INTERVAL;
        if !self.told_at.is_none_or(is_due) {
            return None;
        }
        self.told_at = Some(now);
        self.untold.take().map(|(line, more)| match more {
            0 => line,
            more => format!("{line} ({more} more like it: lightship_cardinality_overflow_total)"),
        })
    }

    /// All counts, in the order of their names.
    pub(super) fn list(&self) -> Vec<CardinalityOverflow> {
        let mut rows = Vec::with_capacity(self.rows + 1);
        for (metric, keys) in &self.counts {
            rows.extend(keys.iter().map(|(key, &count)| CardinalityOverflow {
                metric: metric.to_string(),
                key: key.to_string(),
                count,
            }));
        }
        rows.sort_by(|a, b| (&a.metric, &a.key).cmp(&(&b.metric, &b.key)));
        rows
    }

    fn row(&mut self, metric: &str, key: &str) -> &mut u64 {
        self.counts.entry(metric.into()).or_default().entry(key.into()).or_default()
    }
}

/// Names what passed its limit, never the value that did.
fn line(metric: &str, key: &str, limit: usize) -> String {
    match key {
        ALL_KEYS => format!(
            "`{metric}`: no room for a series besides its {limit}: further ones are one, with the tag \
             lightship_overflow; look for a tag that names things one by one"
        ),
        _ => format!(
            "`{metric}`: the tag `{key}` has more than {limit} values: further ones become `{OTHER}`; \
             leave out what names things one by one, or raise the limit with `cardinality`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_bounded_and_nothing_is_lost() {
        let mut overflows = Overflows::default();
        for round in 0..3 {
            for n in 0..MAX_OVERFLOWS * 2 {
                overflows.add(
                    &format!("metric.{}", n / 2),
                    if n % 2 == 0 { "a" } else { "b" },
                    100,
                );
            }
            let rows = overflows.list();
            assert_eq!(rows.len(), MAX_OVERFLOWS + 1);
            let total: u64 = rows.iter().map(|row| row.count).sum();
            assert_eq!(total, (round + 1) * 2 * MAX_OVERFLOWS as u64);
        }
        // One that has the name of them all makes no second row.
        overflows.add(OTHER, OTHER, 100);
        let rows = overflows.list();
        assert_eq!((rows.len(), rows[0].count), (MAX_OVERFLOWS + 1, 3 * MAX_OVERFLOWS as u64 + 1));
    }

    #[test]
    fn each_is_told_once_and_at_most_one_line_a_minute() {
        let (mut overflows, start) = (Overflows::default(), Instant::now());
        let mut lines = Vec::new();
        for second in 0..600 {
            for metric in ["a", "b", "c"] {
                overflows.add(metric, "user", 100);
            }
            lines.extend(overflows.notice(|| start + Duration::from_secs(second)));
        }
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("`a`: the tag `user` has more than 100 values"), "{lines:?}");
        assert!(lines[0].contains("(2 more like it"), "{lines:?}");
        overflows.add("d", ALL_KEYS, 2_000);
        assert_eq!(overflows.notice(|| start + Duration::from_secs(59)), None);
        let line = overflows.notice(|| start + Duration::from_secs(60)).unwrap();
        assert!(line.starts_with("`d`: no room for a series besides its 2000"), "{line}");
    }
}
