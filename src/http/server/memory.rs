//! A thread's memory of the series of requests that it answered lately: found by what a request is, with
//! no tag looked at.

use crate::http::route::Route;
use crate::metrics::{Gauge, Histogram, Target, TimerHandle, current};
use std::cell::{Cell, RefCell};

/// How many kinds of requests a thread remembers; of others the tags are looked at.
const SLOTS: usize = 64;
/// Of methods and schemes.
const ACTIVE_SLOTS: usize = 16;

/// The series of a request that ended: of its duration, and of the sizes of its bodies.
pub(super) type Series = (TimerHandle, [Histogram; 2]);

/// What tells the series of requests apart that ended well, and were no calls of gRPC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind<'a> {
    pub(super) method: &'static str,
    pub(super) scheme: &'static str,
    pub(super) version: &'static str,
    pub(super) status: u16,
    pub(super) route: Option<&'a Route>,
}

struct Entry {
    generation: u32,
    labels: [&'static str; 3],
    status: u16,
    route: Option<Route>,
    series: Series,
}

type Active = Option<(u32, [&'static str; 2], Gauge)>;

thread_local! {
    static ENDED: RefCell<Vec<Option<Entry>>> = const { RefCell::new(Vec::new()) };
    static ACTIVE: [Cell<Active>; ACTIVE_SLOTS] = const { [const { Cell::new(None) }; ACTIVE_SLOTS] };
}

/// What is installed, if handles to it may be kept: not while a scope is active.
fn installed() -> Option<u32> {
    current::generation().filter(|generation| *generation != 0)
}

impl Kind<'_> {
    /// The series of such requests, which `look_up` finds if the thread has none in mind.
    pub(super) fn series(self, look_up: impl FnOnce() -> Series) -> Series {
        let Some(generation) = installed() else { return look_up() };
        let known = ENDED.try_with(|ended| {
            let ended = ended.try_borrow().ok()?;
            let entry = ended.get(self.slot())?.as_ref()?;
            (entry.generation == generation && self.is(entry)).then_some(entry.series)
        });
        if let Ok(Some(series)) = known {
            return series;
        }
        let series = look_up();
        self.remember(generation, series);
        series
    }

    #[cold]
    fn remember(self, generation: u32, series: Series) {
        let (duration, [read, written]) = series;
        if ![duration.0, read.0, written.0].iter().all(|target| is_of(*target, generation)) {
            return;
        }
        let entry = Entry {
            generation,
            labels: [self.method, self.scheme, self.version],
            status: self.status,
            route: self.route.cloned(),
            series,
        };
        let _ = ENDED.try_with(|ended| {
            let Ok(mut ended) = ended.try_borrow_mut() else { return };
            ended.resize_with(SLOTS, || None);
            if let Some(slot) = ended.get_mut(self.slot()) {
                *slot = Some(entry);
            }
        });
    }

    fn is(&self, entry: &Entry) -> bool {
        self.status == entry.status
            && [self.method, self.scheme, self.version] == entry.labels
            && match (self.route, &entry.route) {
                (Some(one), Some(other)) => one.is_same(other),
                (None, None) => true,
                _ => false,
            }
    }

    fn slot(&self) -> usize {
        let route = self.route.map_or(&[][..], |route| route.as_str().as_bytes());
        // Routes differ at their ends, if not in their lengths.
        let last = route.last_chunk::<8>().map_or(0, |last| u64::from_le_bytes(*last));
        let sum = (last ^ ((route.len() as u64) << 32) ^ u64::from(self.status))
            .wrapping_add(first_two(self.method) as u64);
        (sum.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % SLOTS
    }
}

/// The gauge of requests that are being answered, which `look_up` finds if the thread has none in mind.
pub(super) fn active(
    method: &'static str,
    scheme: &'static str,
    look_up: impl FnOnce() -> Gauge,
) -> Gauge {
    let Some(generation) = installed() else { return look_up() };
    let slot = first_two(method) % ACTIVE_SLOTS;
    let labels = [method, scheme];
    let known = ACTIVE.try_with(|active| active[slot].get()).ok().flatten();
    match known {
        Some((of, known, gauge)) if of == generation && known == labels => gauge,
        _ => {
            let gauge = look_up();
            if is_of(gauge.0, generation) {
                let _ =
                    ACTIVE.try_with(|active| active[slot].set(Some((generation, labels, gauge))));
            }
            gauge
        }
    }
}

/// Whether it is a cell of this registry's.
fn is_of<C: crate::metrics::Cell>(target: Target<C>, generation: u32) -> bool {
    matches!(target, Target::Live(cell) if cell.generation() == generation)
}

fn first_two(method: &str) -> usize {
    method.bytes().take(2).map(usize::from).sum()
}
