//! From a series' reading to its lines.

use super::cursor::Advance;
use super::flush::Flusher;
use super::histogram::{self, Group, Sample, Share};
use super::line::{Identity, printed_len};
use crate::metrics::reading::{
    HistogramReading, Kind, Reading, Recent, Series, Timestamped, TimestampedValue, dollars,
};
use crate::status::DropReason;
use std::sync::Arc;

impl Flusher {
    /// The points that wait in series.
    pub(super) fn pending(&mut self) -> u64 {
        let mut points = 0;
        self.visit(|flusher, series, reading| points += flusher.absorb(series, reading));
        points
    }

    /// Writes the lines of everything that moved, as far as they are accepted.
    pub(super) fn write_series(&mut self) {
        self.visit(|flusher, series, reading| {
            // What a reading gives only once is ours from now on, whether it can be sent or not.
            let moved = flusher.absorb(series, reading) > 0;
            if moved && !flusher.is_stalled() {
                flusher.write(series, reading);
            }
        });
    }

    fn visit(&mut self, mut visit: impl FnMut(&mut Self, &Series, &Reading)) {
        let source = Arc::clone(&self.source);
        source.collect(Recent::Take, &mut |series, reading| {
            if series.family.scrape_only {
                return;
            }
            visit(self, series, &reading);
            if let Some(cursor) = self.cursors.histogram(series.index) {
                cursor.trim();
            }
        });
    }

    /// Takes over what a reading gives only once; returns how many points the series has to send.
    fn absorb(&mut self, series: &Series, reading: &Reading) -> u64 {
        let drops = self.pipeline.drops();
        self.cursors.identity(series, &self.constants, drops);
        match reading {
            Reading::Counter(total) | Reading::Cost(total) => {
                u64::from(self.cursors.counter_delta(series.index, *total) > 0)
            }
            Reading::Gauge(now) => u64::from(self.cursors.gauge_moved(series.index, *now)),
            Reading::Histogram(reading) => {
                let Some(cursor) = self.cursors.histogram(series.index) else { return 0 };
                cursor.keep(&reading.recent);
                let deltas = reading
                    .buckets
                    .iter()
                    .map(|bucket| bucket.count.saturating_sub(cursor.accepted(bucket.id)));
                deltas.sum()
            }
            Reading::Set(reading) => {
                self.cursors.keep_members(series.index, &reading.fresh, drops);
                self.cursors.members(series.index).len() as u64
            }
        }
    }

    fn write(&mut self, series: &Series, reading: &Reading) {
        let to = self.cursors.identity(series, &self.constants, self.pipeline.drops());
        let series = series.index;
        match reading {
            Reading::Counter(total) => {
                let by = self.cursors.counter_delta(series, *total);
                let line = self.writer.counter(&to, by, None);
                self.put(line, &[Advance::Counter { series, by }]);
            }
            Reading::Cost(total) => {
                let by = self.cursors.counter_delta(series, *total);
                let line = self.writer.cost(&to, dollars(by));
                self.put(line, &[Advance::Counter { series, by }]);
            }
            Reading::Gauge(now) => {
                let line = self.writer.gauge(&to, now.value, None);
                self.put(line, &[Advance::Gauge { series, to: *now }]);
            }
            Reading::Histogram(reading) => self.write_histogram(series, &to, reading),
            Reading::Set(_) => {
                let members: Vec<u64> = self.cursors.members(series).iter().copied().collect();
                for member in members {
                    let line = self.writer.member(&to, member);
                    self.put(line, &[Advance::Member { series, member }]);
                }
            }
        }
    }

    fn write_histogram(&mut self, series: usize, to: &Identity, reading: &HistogramReading) {
        let Some(cursor) = self.cursors.histogram(series) else { return };
        let share = if reading.torn && !self.asked { Share::Half } else { Share::All };
        for Group { weight, samples } in histogram::groups(reading, cursor, share) {
            let rate = histogram::rate(weight);
            let room = self.limit.saturating_sub(1 + self.writer.packed_overhead(to, rate));
            let mut rest = samples.as_slice();
            while !rest.is_empty() {
                let (packed, later) = rest.split_at(fitting(rest, to.kind, room));
                rest = later;
                let values = packed.iter().map(|sample| printed(sample.value, to.kind)).collect();
                let line = self.writer.packed(to, values, rate);
                let advances: Vec<_> =
                    packed.iter().map(|sample| advance(series, sample, weight)).collect();
                self.put(line, &advances);
            }
        }
    }

    /// A timestamped increment is in its counter's total already, so it is accounted for here.
    pub(super) fn queue_timestamped(&mut self) {
        for Timestamped { series, value, seconds } in self.source.take_timestamped() {
            let to = self.cursors.identity(&series, &self.constants, self.pipeline.drops());
            let line = match value {
                TimestampedValue::Increment(by) => {
                    self.cursors.accept(Advance::Counter { series: series.index, by });
                    self.writer.counter(&to, by, Some(seconds.max(1)))
                }
                TimestampedValue::Value(value) if !value.is_finite() => {
                    self.pipeline.dropped(DropReason::NotFinite, 1);
                    continue;
                }
                TimestampedValue::Value(value) => {
                    self.writer.gauge(&to, value, Some(seconds.max(1)))
                }
            };
            self.client.add_metrics(to.kind, 1);
            self.queues.timestamped.push(line);
        }
    }
}

/// How many of the samples fit on a line with so much room for values; at least one.
fn fitting(samples: &[Sample], kind: Kind, room: usize) -> usize {
    let mut used = 0;
    let fits = |sample: &&Sample| {
        // One more for the colon between two.
        used += printed_len(printed(sample.value, kind)) + 1;
        used <= room + 1
    };
    samples.iter().take_while(fits).count().max(1)
}

/// A value in the unit that goes on the line.
fn printed(value: f64, kind: Kind) -> f64 {
    if kind == Kind::Timer { histogram::milliseconds(value) } else { value }
}

fn advance(series: usize, sample: &Sample, weight: u64) -> Advance {
    let sum = sample.value * weight as f64;
    Advance::Bucket { series, id: sample.bucket, by: weight, sum }
}
