//! How far a series was taken in: what is beyond its cursor is its next delta.

use super::totals::Totals;

#[derive(Debug)]
pub(super) struct Cursor {
    accepted: Totals,
    /// Where the cursor moves when the request that holds the latest delta was taken in.
    offered: Totals,
    /// When that delta's time begins, in nanoseconds since the Unix epoch.
    pub(super) since: u64,
}

impl Cursor {
    /// `since`: a time at which there was nothing yet.
    pub(super) fn new(since: u64) -> Self {
        Cursor { accepted: Totals::default(), offered: Totals::default(), since }
    }

    /// Puts down what there is to send; false if there is nothing.
    ///
    /// A sum that caught up with its counts has to wait for another value: OTLP has no point with
    /// a sum and no count.
    pub(super) fn offer(&mut self, now: &Totals, delta: &mut Totals) -> bool {
        delta.set_difference(now, &self.accepted);
        let is_some = delta.counts.iter().any(|count| *count > 0);
        if is_some {
            self.offered.clone_from(now);
        }
        is_some
    }

    /// What was offered last, at `time`, is not ours any more.
    pub(super) fn advance(&mut self, time: u64) {
        std::mem::swap(&mut self.accepted, &mut self.offered);
        self.since = time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(total: u64) -> Totals {
        Totals { counts: vec![total], sum: 0.0 }
    }

    #[test]
    fn what_was_not_taken_comes_again_with_what_came_since() {
        let (mut cursor, mut delta) = (Cursor::new(5), Totals::default());
        assert!(!cursor.offer(&counter(0), &mut delta));
        assert!(cursor.offer(&counter(3), &mut delta));
        assert!(cursor.offer(&counter(7), &mut delta));
        assert_eq!((&delta, cursor.since), (&counter(7), 5));
        cursor.advance(9);
        assert!(!cursor.offer(&counter(7), &mut delta));
        assert!(cursor.offer(&counter(8), &mut delta));
        assert_eq!((&delta, cursor.since), (&counter(1), 9));
    }

    #[test]
    fn a_sum_without_a_count_waits() {
        let (mut cursor, mut delta) = (Cursor::new(0), Totals::default());
        let histogram = |counts: &[u64], sum| Totals { counts: counts.to_vec(), sum };
        assert!(cursor.offer(&histogram(&[2, 0], 1.0), &mut delta));
        cursor.advance(1);
        assert!(!cursor.offer(&histogram(&[2, 0], 2.0), &mut delta));
        assert!(cursor.offer(&histogram(&[2, 1], 5.0), &mut delta));
        assert_eq!(delta, histogram(&[0, 1], 4.0));
    }
}
