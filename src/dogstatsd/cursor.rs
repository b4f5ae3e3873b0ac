//! How far each series was accepted: what is beyond a cursor is still to be sent.

use super::line::{Constants, Identity};
use crate::metrics::reading::{GaugeReading, Kind, Series};
use crate::status::{DropReason, Drops};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Members of sets that wait to be accepted, of all sets together.
const MAX_PENDING_MEMBERS: usize = 65_536;
/// Values of one histogram that are kept one by one for the next flush.
const MAX_KEPT_VALUES: usize = 64;

/// What a line moves once the kernel has accepted it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Advance {
    Counter {
        series: usize,
        by: u64,
    },
    Gauge {
        series: usize,
        to: GaugeReading,
    },
    /// `sum` is what the agent adds up for the `by` values.
    Bucket {
        series: usize,
        id: u32,
        by: u64,
        sum: f64,
    },
    Member {
        series: usize,
        member: u64,
    },
    ClientTelemetry {
        field: usize,
        by: u64,
    },
}

impl Advance {
    /// Recorded values of a histogram, members of a set, and one for everything else that users
    /// record.
    pub(super) fn points(self) -> u64 {
        match self {
            Advance::Counter { .. } | Advance::Gauge { .. } | Advance::Member { .. } => 1,
            Advance::Bucket { by, .. } => by,
            Advance::ClientTelemetry { .. } => 0,
        }
    }

    pub(super) fn series(self) -> Option<usize> {
        match self {
            Advance::Counter { series, .. }
            | Advance::Gauge { series, .. }
            | Advance::Bucket { series, .. }
            | Advance::Member { series, .. } => Some(series),
            Advance::ClientTelemetry { .. } => None,
        }
    }
}

/// One cursor a series, found by the series' index.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    tracks: Vec<Option<Track>>,
    pending_members: usize,
}

#[derive(Debug)]
struct Track {
    identity: Arc<Identity>,
    cursor: Cursor,
}

#[derive(Debug)]
enum Cursor {
    /// The total that was accepted; ahead of the counter's while a timestamped increment, which is
    /// accounted for when taken, is not in the counter yet.
    Counter(u64),
    Gauge(GaugeReading),
    Histogram(HistogramCursor),
    /// Members that were taken from the set and not accepted yet.
    Set(BTreeSet<u64>),
}

/// What of a histogram was accepted.
#[derive(Debug, Default)]
pub(super) struct HistogramCursor {
    /// Bucket ids in order, each with the number of values accepted.
    buckets: Vec<(u32, u64)>,
    pub(super) sum: f64,
    /// Values taken from the histogram and not accepted yet; all of them or none.
    pub(super) kept: Vec<f64>,
}

impl HistogramCursor {
    pub(super) fn accepted(&self, id: u32) -> u64 {
        let found = self.buckets.binary_search_by_key(&id, |bucket| bucket.0);
        found.map_or(0, |at| self.buckets[at].1)
    }

    /// Takes in values that were just read.
    pub(super) fn keep(&mut self, recent: &[f64]) {
        self.kept.extend(recent.iter().filter(|value| value.is_finite()));
    }

    /// Ends a flush: too many values are not worth their memory, their buckets do.
    pub(super) fn trim(&mut self) {
        if self.kept.len() > MAX_KEPT_VALUES {
            self.kept = Vec::new();
        }
    }

    pub(super) fn accept(&mut self, id: u32, by: u64, sum: f64) {
        match self.buckets.binary_search_by_key(&id, |bucket| bucket.0) {
            Ok(at) => self.buckets[at].1 += by,
            Err(at) => self.buckets.insert(at, (id, by)),
        }
        if sum.is_finite() {
            self.sum += sum;
        }
        // Which of the kept values these were is not worth knowing.
        self.kept.clear();
    }
}

impl Cursors {
    /// The series' names on the line; made on first sight.
    pub(super) fn identity(
        &mut self,
        series: &Series,
        constants: &Constants,
        drops: &Drops,
    ) -> Arc<Identity> {
        if self.tracks.len() <= series.index {
            self.tracks.resize_with(series.index + 1, || None);
        }
        let track = self.tracks[series.index].get_or_insert_with(|| Track {
            identity: Arc::new(Identity::new(series, constants, drops)),
            cursor: Cursor::new(series.family.kind),
        });
        Arc::clone(&track.identity)
    }

    pub(super) fn kind(&self, series: usize) -> Option<Kind> {
        self.tracks.get(series)?.as_ref().map(|track| track.identity.kind)
    }

    /// What a counter has to send.
    pub(super) fn counter_delta(&self, series: usize, total: u64) -> u64 {
        match self.cursor(series) {
            Some(Cursor::Counter(accepted)) => total.saturating_sub(*accepted),
            _ => 0,
        }
    }

    /// Whether a gauge was written since its last accepted line.
    pub(super) fn gauge_moved(&self, series: usize, now: GaugeReading) -> bool {
        match self.cursor(series) {
            Some(Cursor::Gauge(accepted)) => {
                let same_bits = accepted.value.to_bits() == now.value.to_bits();
                now.version != 0
                    && now.value.is_finite()
                    && (accepted.version != now.version || !same_bits)
            }
            _ => false,
        }
    }

    pub(super) fn histogram(&mut self, series: usize) -> Option<&mut HistogramCursor> {
        match self.cursor_mut(series) {
            Some(Cursor::Histogram(cursor)) => Some(cursor),
            _ => None,
        }
    }

    /// Takes in a set's fresh members; counts what there is no room for.
    pub(super) fn keep_members(&mut self, series: usize, fresh: &[u64], drops: &Drops) {
        let room = MAX_PENDING_MEMBERS.saturating_sub(self.pending_members);
        let Some(Cursor::Set(pending)) = self.cursor_mut(series) else { return };
        let before = pending.len();
        let mut refused = 0;
        for &member in fresh {
            if pending.len() - before < room {
                pending.insert(member);
            } else if !pending.contains(&member) {
                refused += 1;
            }
        }
        self.pending_members += self.members(series).len() - before;
        drops.add(DropReason::SetLimit, refused);
    }

    /// The members of a set that wait.
    pub(super) fn members(&self, series: usize) -> &BTreeSet<u64> {
        static NONE: BTreeSet<u64> = BTreeSet::new();
        match self.cursor(series) {
            Some(Cursor::Set(pending)) => pending,
            _ => &NONE,
        }
    }

    /// Notes that something was accepted.
    pub(super) fn accept(&mut self, advance: Advance) {
        match advance {
            Advance::Counter { series, by } => {
                if let Some(Cursor::Counter(accepted)) = self.cursor_mut(series) {
                    *accepted = accepted.saturating_add(by);
                }
            }
            Advance::Gauge { series, to } => {
                if let Some(Cursor::Gauge(accepted)) = self.cursor_mut(series) {
                    *accepted = to;
                }
            }
            Advance::Bucket { series, id, by, sum } => {
                if let Some(cursor) = self.histogram(series) {
                    cursor.accept(id, by, sum);
                }
            }
            Advance::Member { series, member } => {
                if let Some(Cursor::Set(pending)) = self.cursor_mut(series) {
                    let removed = pending.remove(&member);
                    self.pending_members -= usize::from(removed);
                }
            }
            // The client's telemetry keeps its own.
            Advance::ClientTelemetry { .. } => {}
        }
    }

    fn cursor(&self, series: usize) -> Option<&Cursor> {
        self.tracks.get(series)?.as_ref().map(|track| &track.cursor)
    }

    fn cursor_mut(&mut self, series: usize) -> Option<&mut Cursor> {
        self.tracks.get_mut(series)?.as_mut().map(|track| &mut track.cursor)
    }
}

impl Cursor {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Cost => Cursor::Counter(0),
            Kind::Gauge => Cursor::Gauge(GaugeReading { value: 0.0, version: 0 }),
            Kind::Histogram | Kind::Distribution | Kind::Timer => {
                Cursor::Histogram(HistogramCursor::default())
            }
            Kind::Set => Cursor::Set(BTreeSet::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::{Address, DogStatsdSettings};
    use crate::metrics::reading::{Description, Family};
    use crate::scrub::ScrubbedTags;
    use std::time::Duration;

    fn cursors(kind: Kind) -> Cursors {
        let settings = DogStatsdSettings {
            address: Address::Udp { host: "127.0.0.1".into(), port: 9 },
            flush_interval: Duration::from_secs(2),
            tags: Vec::new(),
            entity_id: None,
            external_data: None,
            cardinality: None,
            origin_detection: false,
            client_telemetry: false,
            policy: crate::scrub::Policy::shared_default(),
        };
        let constants = Constants::new(&settings, None, &Drops::new());
        let family = Arc::new(Family::new("a", kind, Description::default()));
        let series = Series { index: 0, family, tags: ScrubbedTags::default() };
        let mut cursors = Cursors::default();
        cursors.identity(&series, &constants, &Drops::new());
        cursors
    }

    #[test]
    fn members_that_wait_are_bounded_and_make_room_when_accepted() {
        let (mut cursors, drops) = (cursors(Kind::Set), Drops::new());
        let members: Vec<u64> = (0..MAX_PENDING_MEMBERS as u64).collect();
        cursors.keep_members(0, &members, &drops);
        cursors.keep_members(0, &[1, 2, u64::MAX], &drops);
        assert_eq!(drops.get(DropReason::SetLimit), 1);
        (0..10).for_each(|member| cursors.accept(Advance::Member { series: 0, member }));
        cursors.keep_members(0, &(0..11).map(|n| u64::MAX - n).collect::<Vec<_>>(), &drops);
        assert_eq!(cursors.members(0).len(), MAX_PENDING_MEMBERS);
        assert_eq!(drops.get(DropReason::SetLimit), 2);
    }

    #[test]
    fn values_are_forgotten_once_some_are_accepted_or_there_are_too_many() {
        let mut cursors = cursors(Kind::Histogram);
        let histogram = cursors.histogram(0).unwrap();
        histogram.keep(&[1.0, f64::NAN, 2.0]);
        histogram.trim();
        assert_eq!(histogram.kept, [1.0, 2.0]);
        cursors.accept(Advance::Bucket { series: 0, id: 7, by: 1, sum: 1.0 });
        let histogram = cursors.histogram(0).unwrap();
        assert_eq!((histogram.accepted(7), histogram.accepted(8)), (1, 0));
        assert!(histogram.kept.is_empty());
        histogram.keep(&[1.0; MAX_KEPT_VALUES + 1]);
        histogram.trim();
        assert!(histogram.kept.is_empty());
    }

    #[test]
    fn a_gauge_moves_with_its_version_or_its_bits() {
        let mut cursors = cursors(Kind::Gauge);
        let reading = |value, version| GaugeReading { value, version };
        assert!(!cursors.gauge_moved(0, reading(1.0, 0)), "never set");
        assert!(cursors.gauge_moved(0, reading(0.0, 1)));
        cursors.accept(Advance::Gauge { series: 0, to: reading(0.0, 1) });
        assert!(!cursors.gauge_moved(0, reading(0.0, 1)));
        assert!(cursors.gauge_moved(0, reading(-0.0, 1)));
        assert!(cursors.gauge_moved(0, reading(0.0, 2)));
        assert!(!cursors.gauge_moved(0, reading(f64::NAN, 3)));
    }
}
