//! One family inside the registry: its series, and how many it may have.

use super::Unit;
use super::bounds;
use super::cells::Layout;
use super::overflow::{ALL_KEYS, Overflows};
use super::reading::{Family, Kind};
use super::registry::CellRef;
use crate::config::settings::MetricsSettings;
use crate::scrub::{Candidates, ScrubbedTag, ScrubbedTags};
use crate::status::{DropReason, Drops};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many series a metric may have, its overflow series not counted, unless `max_series` says
/// otherwise.
pub const MAX_SERIES_PER_METRIC: usize = 2_000;
/// How many values a tag key of a metric may have, unless `cardinality` says otherwise.
pub const MAX_TAG_VALUES: usize = 100;
/// What a value past the limit turns into.
pub const OTHER: &str = "_other";
/// Stands for every metric, or for every key, where `cardinality` says so.
const ANY: &str = "*";

/// Bounds of a timer, in seconds, unless `buckets` says otherwise: those that OpenTelemetry
/// recommends for requests.
pub const TIMER_BUCKETS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
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
    histogram: &'static Layout,
    bytes: &'static Layout,
    layouts: HashMap<String, &'static Layout>,
    service: String,
    /// By metric and key, each of which may be [`ANY`].
    values: HashMap<String, HashMap<String, usize>>,
    series: HashMap<String, usize>,
}

impl Limits {
    pub(super) fn new(settings: &MetricsSettings) -> Self {
        let layout = |(name, bounds): &(String, Vec<f64>)| (name.clone(), Layout::new(bounds));
        let mut values: HashMap<String, HashMap<String, usize>> = HashMap::new();
        for (metric, key, most) in &settings.cardinality {
            values.entry(metric.clone()).or_default().insert(key.clone(), *most);
        }
        Limits {
            timer: Layout::new(TIMER_BUCKETS),
            histogram: Layout::new(HISTOGRAM_BUCKETS),
            bytes: Layout::new(BYTES_BUCKETS),
            layouts: settings.bounds.iter().map(layout).collect(),
            service: settings.service.clone(),
            values,
            series: settings.max_series.iter().cloned().collect(),
        }
    }

    fn layout(&self, family: &Family) -> &'static Layout {
        let default = || match family.description().unit {
            _ if family.kind == Kind::Timer => self.timer,
            Some(Unit::Bytes) => self.bytes,
            _ => self.histogram,
        };
        let asked = self.layouts.get(&*family.name).copied();
        asked.or_else(|| bounds::of(&family.name, &self.service)).unwrap_or_else(default)
    }

    /// Empty where the service has no name.
    #[cfg(feature = "llm")]
    pub(super) fn service(&self) -> &str {
        &self.service
    }

    /// For what no backend will see.
    pub(super) fn any_layout(&self) -> &'static Layout {
        self.histogram
    }

    /// How many values the keys of a metric may have: what was said of the metric counts before what
    /// was said of all, and what was said of a key before what was said of all.
    fn of_values(&self, metric: &str) -> ValueLimits {
        let (own, general) = (self.values.get(metric), self.values.get(ANY));
        let any = |limits: &HashMap<String, usize>| limits.get(ANY).copied();
        let own_any = own.and_then(any);
        let mut keys = HashMap::new();
        for limits in [general.filter(|_| own_any.is_none()), own].into_iter().flatten() {
            keys.extend(limits.iter().map(|(key, most)| (key.as_str().into(), *most)));
        }
        let others = own_any.or(general.and_then(any)).unwrap_or(MAX_TAG_VALUES);
        ValueLimits { keys, others }
    }

    fn of_series(&self, metric: &str) -> usize {
        self.series.get(metric).copied().unwrap_or(MAX_SERIES_PER_METRIC)
    }
}

/// How many values each key of one metric may have.
#[derive(Debug)]
struct ValueLimits {
    keys: HashMap<Box<str>, usize>,
    others: usize,
}

impl ValueLimits {
    fn of(&self, key: &str) -> usize {
        self.keys.get(key).copied().unwrap_or(self.others)
    }
}

/// A family with its series.
#[derive(Debug)]
pub(super) struct FamilyEntry {
    pub(super) family: Arc<Family>,
    layout: &'static Layout,
    series: HashMap<ScrubbedTags, CellRef>,
    max_series: usize,
    /// The values that series have, by tag key; literals are not among them. What got no series leaves
    /// nothing behind here, so this is bounded as they are.
    values: HashMap<Box<str>, HashSet<Box<str>>>,
    limits: ValueLimits,
    overflow: Option<CellRef>,
}

/// What a registry has besides its families, for whoever looks a series up.
pub(super) struct Surroundings<'r> {
    /// Whether the process has all the series that it may have.
    pub(super) is_full: bool,
    pub(super) drops: &'r Drops,
    pub(super) overflows: &'r mut Overflows,
}

impl FamilyEntry {
    pub(super) fn new(family: Family, limits: &Limits) -> Self {
        FamilyEntry {
            layout: limits.layout(&family),
            max_series: limits.of_series(&family.name),
            limits: limits.of_values(&family.name),
            family: Arc::new(family),
            series: HashMap::new(),
            values: HashMap::new(),
            overflow: None,
        }
    }

    /// The cell of these tags, values past their keys' limits folded; a new one if there is room, else
    /// the overflow series'.
    pub(super) fn find_or_insert(
        &mut self,
        candidates: Candidates,
        around: Surroundings<'_>,
        mut insert: impl FnMut(ScrubbedTags, &'static Layout) -> CellRef,
    ) -> CellRef {
        let Surroundings { is_full, drops, overflows } = around;
        let mut fresh = Vec::new();
        let tags = candidates.guarded(|tag| self.fold(tag, &mut fresh, drops, overflows));
        if let Some(cell) = self.series.get(&tags) {
            return *cell;
        }
        if !is_full && self.series.len() < self.max_series {
            let cell = insert(tags.clone(), self.layout);
            self.series.insert(tags, cell);
            for tag in fresh {
                self.values.entry(tag.key().into()).or_default().insert(tag.value().into());
            }
            return cell;
        }
        drops.add(DropReason::SeriesLimit, 1);
        overflows.add(&self.family.name, ALL_KEYS, self.series.len());
        let layout = self.layout;
        *self.overflow.get_or_insert_with(|| insert(ScrubbedTags::overflow(), layout))
    }

    /// What takes a value's place, if its key has all the values that it may have.
    fn fold(
        &self,
        tag: &ScrubbedTag,
        fresh: &mut Vec<ScrubbedTag>,
        drops: &Drops,
        overflows: &mut Overflows,
    ) -> Option<&'static str> {
        let seen = self.values.get(tag.key());
        if seen.is_some_and(|seen| seen.contains(tag.value())) {
            return None;
        }
        let limit = self.limits.of(tag.key());
        if seen.map_or(0, HashSet::len) < limit {
            fresh.push(tag.clone());
            return None;
        }
        drops.add(DropReason::TagValueLimit, 1);
        overflows.add(&self.family.name, tag.key(), limit);
        Some(OTHER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(cardinality: &[(&str, &str, usize)]) -> Limits {
        let owned =
            |&(metric, key, most): &(&str, &str, usize)| (metric.to_owned(), key.to_owned(), most);
        let cardinality = cardinality.iter().map(owned).collect();
        Limits::new(&MetricsSettings { cardinality, ..MetricsSettings::default() })
    }

    #[test]
    fn the_closest_word_counts() {
        let none = limits(&[]).of_values("logins");
        assert_eq!(none.of("user"), MAX_TAG_VALUES);
        let some = [("logins", "user", 1), ("*", "user", 2), ("*", "tenant", 3), ("jobs", "*", 4)];
        let (logins, jobs, other) = {
            let limits = limits(&some);
            (limits.of_values("logins"), limits.of_values("jobs"), limits.of_values("other"))
        };
        assert_eq!([logins.of("user"), logins.of("tenant"), logins.of("x")], [1, 3, 100]);
        assert_eq!([jobs.of("user"), jobs.of("tenant"), jobs.of("x")], [4, 4, 4]);
        assert_eq!([other.of("user"), other.of("tenant"), other.of("x")], [2, 3, 100]);
        let all = limits(&[("*", "*", 7), ("*", "user", 2)]).of_values("logins");
        assert_eq!([all.of("user"), all.of("x")], [2, 7]);
    }
}
