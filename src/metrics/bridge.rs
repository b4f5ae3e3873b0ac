//! The `metrics` crate's recorder: what libraries record with its macros arrives in our registry.

use super::cells::{CounterCell, GaugeCell, HistogramCell};
use super::current;
use super::reading::{Description, Kind};
use super::registry::{CellRef, Registry};
use crate::tag::{RawTag, TagValue};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use std::cell::RefCell;
use std::sync::Arc;

/// How many keys a thread remembers: a power of two.
const SETS: usize = 256;
const WAYS: usize = 2;
/// A longer key is looked up anew every time: what a thread remembers of others' texts is bounded.
const MAX_REMEMBERED_BYTES: usize = 2_048;

/// The recorder that `install` claims: it finds the registry anew at every call, so that it can
/// be claimed once and serve one `Telemetry` after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GlobalBridge;

/// A recorder for one registry, installed or not.
#[derive(Debug, Clone)]
pub(crate) struct Bridge(Arc<Registry>);

impl Bridge {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Bridge(registry)
    }
}

struct CounterHandle(&'static CounterCell);
struct GaugeHandle(&'static GaugeCell);
struct HistogramHandle(&'static HistogramCell);

impl CounterFn for CounterHandle {
    fn increment(&self, value: u64) {
        self.0.add(value);
    }

    fn absolute(&self, value: u64) {
        self.0.raise_to(value);
    }
}

impl GaugeFn for GaugeHandle {
    fn increment(&self, value: f64) {
        self.0.add(value);
    }

    fn decrement(&self, value: f64) {
        self.0.add(-value);
    }

    fn set(&self, value: f64) {
        self.0.set(value);
    }
}

impl HistogramFn for HistogramHandle {
    fn record(&self, value: f64) {
        self.0.record(value);
    }

    fn record_many(&self, value: f64, count: usize) {
        // In steps that a narrow count can take.
        let mut rest = count;
        while rest > 0 {
            let step = rest.min(1 << 20);
            self.0.record_many(value, step as u32);
            rest -= step;
        }
    }
}

impl Registry {
    fn cell_of(&self, kind: Kind, key: &Key) -> CellRef {
        let tags = key.labels().map(|label| RawTag {
            key: label.key(),
            value: label.value().tag_ref(),
            // They may be, but nobody says so.
            literal: false,
        });
        self.resolve(kind, key.name(), tags)
    }

    fn counter_of(&self, key: &Key) -> (u32, Counter) {
        match self.cell_of(Kind::Counter, key) {
            CellRef::Counter(cell) => {
                (cell.generation, Counter::from_arc(Arc::new(CounterHandle(cell))))
            }
            _ => (0, Counter::noop()),
        }
    }

    fn gauge_of(&self, key: &Key) -> (u32, Gauge) {
        match self.cell_of(Kind::Gauge, key) {
            CellRef::Gauge(cell) => (cell.generation, Gauge::from_arc(Arc::new(GaugeHandle(cell)))),
            _ => (0, Gauge::noop()),
        }
    }

    fn histogram_of(&self, key: &Key) -> (u32, Histogram) {
        match self.cell_of(Kind::Histogram, key) {
            CellRef::Histogram(cell) => {
                (cell.generation, Histogram::from_arc(Arc::new(HistogramHandle(cell))))
            }
            _ => (0, Histogram::noop()),
        }
    }

    fn describe_key(&self, key: &KeyName, unit: Option<Unit>, help: &SharedString) {
        let help = Some(Arc::from(help.as_ref()));
        self.describe(key.as_str(), Description { unit, help });
    }
}

/// A thread's memory of the handles that it made for keys.
struct HandleCache<H>(Vec<Option<Known<H>>>);

struct Known<H> {
    key: Key,
    generation: u32,
    handle: H,
}

impl<H: Clone> HandleCache<H> {
    /// The handle of a key, from memory if it belongs to the live registry.
    #[inline]
    fn get(&mut self, key: &Key, make: impl FnOnce(&Registry, &Key) -> (u32, H)) -> Option<H> {
        let first = (key.get_hash() as usize % SETS) * WAYS;
        let known = self.0.get(first..first + WAYS).unwrap_or_default();
        for known in known.iter().flatten() {
            if current::is_live(known.generation) && known.key == *key {
                return Some(known.handle.clone());
            }
        }
        self.make(key, first, make)
    }

    #[cold]
    fn make(
        &mut self,
        key: &Key,
        first: usize,
        make: impl FnOnce(&Registry, &Key) -> (u32, H),
    ) -> Option<H> {
        let (registry, remember) = current::registry()?;
        let (generation, handle) = make(&registry, key);
        if remember == current::Remember::Yes && bytes_of(key) <= MAX_REMEMBERED_BYTES {
            self.0.resize_with(SETS * WAYS, || None);
            self.0.swap(first, first + 1);
            let known = Known { key: key.to_retained(), generation, handle: handle.clone() };
            self.0[first] = Some(known);
        }
        Some(handle)
    }
}

fn bytes_of(key: &Key) -> usize {
    let labels = key.labels().map(|label| label.key().len() + label.value().len());
    key.name().len() + labels.sum::<usize>()
}

/// A handle from the thread's memory, or a fresh one where that memory is gone.
macro_rules! handle {
    ($type:ident, $make:ident, $key:expr) => {{
        thread_local! {
            static KNOWN: RefCell<HandleCache<$type>> = const { RefCell::new(HandleCache(Vec::new())) };
        }
        let from_memory = KNOWN.try_with(|known| {
            known.try_borrow_mut().ok().map(|mut known| known.get($key, Registry::$make))
        });
        let found = match from_memory {
            Ok(Some(found)) => found,
            _ => current::registry().map(|(registry, _)| registry.$make($key).1),
        };
        found.unwrap_or_else(|| {
            CounterCell::count_before_init();
            $type::noop()
        })
    }};
}

impl Recorder for GlobalBridge {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        if let Some((registry, _)) = current::registry() {
            registry.describe_key(&key, unit, &description);
        }
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe_counter(key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe_counter(key, unit, description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        handle!(Counter, counter_of, key)
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        handle!(Gauge, gauge_of, key)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        handle!(Histogram, histogram_of, key)
    }
}

impl Recorder for Bridge {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.0.describe_key(&key, unit, &description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.0.describe_key(&key, unit, &description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.0.describe_key(&key, unit, &description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.0.counter_of(key).1
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.0.gauge_of(key).1
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.0.histogram_of(key).1
    }
}
