//! One family inside the registry: its series, and how many it may have.

use super::Unit;
use super::cells::Layout;
use super::reading::{Family, Kind};
use super::registry::CellRef;
use crate::config::settings::MetricsSettings;
use crate::scrub::{self, Policy, ScrubbedTag, ScrubbedTags};
use crate::status::{DropReason, Drops};
use crate::tag::RawTag;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many series a metric may have, its overflow series not counted.
pub const MAX_SERIES_PER_METRIC: usize = 2_000;
/// How many values a tag key of a metric may have, unless `cardinality` says otherwise.
pub const MAX_TAG_VALUES: usize = 100;
/// What a value past the limit turns into.
pub const OTHER: &str = "_other";

/// Bounds of a timer, in seconds, unless `buckets` says otherwise: those that OpenTelemetry
/// recommends for requests.
pub const TIMER_BUCKETS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Bounds of `db.client.operation.duration`, in seconds: those that OpenTelemetry recommends for it.
pub const DATABASE_BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// How long operations of databases take.
pub(crate) const DATABASE_TIMER: &str = "db.client.operation.duration";
/// Bounds of any other histogram, unless `buckets` says otherwise.
pub const HISTOGRAM_BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0,
    1_000.0, 2_500.0, 5_000.0, 10_000.0,
];

/// Bounds of a histogram that was described as one of bytes before its first use.
pub const BYTES_BUCKETS: &[f64] = &[
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
    268_435_456.0,
    1_073_741_824.0,
];

/// What configuration says of families, by name.
#[derive(Debug)]
pub(super) struct Limits {
    timer: &'static Layout,
    database: &'static Layout,
    histogram: &'static Layout,
    bytes: &'static Layout,
    layouts: HashMap<String, &'static Layout>,
    values: HashMap<(String, String), usize>,
    policy: Arc<Policy>,
}

impl Limits {
    pub(super) fn new(settings: &MetricsSettings) -> Self {
        let layout = |(name, bounds): &(String, Vec<f64>)| (name.clone(), Layout::new(bounds));
        let values = settings.cardinality.iter().cloned();
        Limits {
            timer: Layout::new(TIMER_BUCKETS),
            database: Layout::new(DATABASE_BUCKETS),
            histogram: Layout::new(HISTOGRAM_BUCKETS),
            bytes: Layout::new(BYTES_BUCKETS),
            layouts: settings.bounds.iter().map(layout).collect(),
            values: values.map(|(metric, key, most)| ((metric, key), most)).collect(),
            policy: Arc::clone(&settings.policy),
        }
    }

    fn layout(&self, family: &Family) -> &'static Layout {
        let default = match family.description().unit {
            _ if &*family.name == DATABASE_TIMER => self.database,
            _ if family.kind == Kind::Timer => self.timer,
            Some(Unit::Bytes) => self.bytes,
            _ => self.histogram,
        };
        self.layouts.get(&*family.name).copied().unwrap_or(default)
    }

    pub(super) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// For what no backend will see.
    pub(super) fn any_layout(&self) -> &'static Layout {
        self.histogram
    }

    fn values(&self, metric: &str, key: &str) -> usize {
        if self.values.is_empty() {
            return MAX_TAG_VALUES;
        }
        self.values.get(&(metric.to_owned(), key.to_owned())).copied().unwrap_or(MAX_TAG_VALUES)
    }
}

/// A family with its series.
#[derive(Debug)]
pub(super) struct FamilyEntry {
    pub(super) family: Arc<Family>,
    layout: &'static Layout,
    series: HashMap<ScrubbedTags, CellRef>,
    /// The values seen so far by tag key; literals are not among them.
    values: HashMap<Box<str>, HashSet<Box<str>>>,
    overflow: Option<CellRef>,
}

impl FamilyEntry {
    pub(super) fn new(family: Family, limits: &Limits) -> Self {
        FamilyEntry {
            layout: limits.layout(&family),
            family: Arc::new(family),
            series: HashMap::new(),
            values: HashMap::new(),
            overflow: None,
        }
    }

    /// Scrubs tags, and folds values past their key's limit.
    pub(super) fn scrub<'a>(
        &mut self,
        tags: impl Iterator<Item = RawTag<'a>>,
        limits: &Limits,
        drops: &Drops,
    ) -> ScrubbedTags {
        let FamilyEntry { family, values, .. } = self;
        scrub::tags(tags, &limits.policy, drops, |tag: &ScrubbedTag| {
            if !values.contains_key(tag.key()) {
                values.insert(tag.key().into(), HashSet::new());
            }
            let seen = values.get_mut(tag.key())?;
            if seen.contains(tag.value()) {
                return None;
            }
            if seen.len() < limits.values(&family.name, tag.key()) {
                seen.insert(tag.value().into());
                return None;
            }
            drops.add(DropReason::TagValueLimit, 1);
            Some(OTHER)
        })
    }

    /// The cell of these tags; a new one if there is room, else the overflow series'.
    pub(super) fn find_or_insert(
        &mut self,
        tags: ScrubbedTags,
        process_full: bool,
        drops: &Drops,
        mut insert: impl FnMut(ScrubbedTags, &'static Layout) -> CellRef,
    ) -> CellRef {
        if let Some(cell) = self.series.get(&tags) {
            return *cell;
        }
        if !process_full && self.series.len() < MAX_SERIES_PER_METRIC {
            let cell = insert(tags.clone(), self.layout);
            self.series.insert(tags, cell);
            return cell;
        }
        drops.add(DropReason::SeriesLimit, 1);
        let layout = self.layout;
        *self.overflow.get_or_insert_with(|| insert(ScrubbedTags::overflow(), layout))
    }
}
