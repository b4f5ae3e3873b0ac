//! What the macros need to reach; no part of the public interface.

pub use crate::__cell_of as cell_of;
pub use crate::metrics::{
    CounterCell, DynamicSite, GaugeCell, HistogramCell, Kind, SetCell, Site, is_literal,
};
pub use crate::tag::{OwnedTag, RawTag, TagField};
pub use tracing;

/// What `#[observe]` puts around a function's body.
pub mod function {
    pub use crate::function::{
        Call, ErrorText, ErrorType, Fallible, Field, Function, Inside, Meter, Metered, Observed,
        Outcome, Probe, ProbeAny, ProbeResult, Returned, ReturnsAny, ReturnsNamed, ReturnsTyped,
        Tagged, TaggedFunction, Unless, Unmetered, debug, display, failed, never, once, run,
        succeeded, value,
    };
    #[cfg(feature = "llm")]
    pub use crate::{context::Place, function::Workflow};
}

use crate::metrics::{Counter, Gauge, Histogram, Set, Target, TimerHandle, Unit};
use crate::tag::TagValue;

#[inline(always)]
pub fn counter(target: Target<CounterCell>) -> Counter {
    Counter(target)
}

#[inline(always)]
pub fn gauge(target: Target<GaugeCell>) -> Gauge {
    Gauge(target)
}

#[inline(always)]
pub fn histogram(target: Target<HistogramCell>) -> Histogram {
    Histogram(target)
}

#[inline(always)]
pub fn timer(target: Target<HistogramCell>) -> TimerHandle {
    TimerHandle(target)
}

#[inline(always)]
pub fn set(target: Target<SetCell>) -> Set {
    Set(target)
}

pub fn describe(name: &dyn AsRef<str>, unit: Option<Unit>, help: &dyn AsRef<str>) {
    crate::metrics::describe(name.as_ref(), unit, help.as_ref());
}

/// The tags of a slice, vector or map of pairs.
pub fn tags_of<'a, K, V>(pairs: impl IntoIterator<Item = &'a (K, V)>) -> Vec<RawTag<'a>>
where
    K: AsRef<str> + 'a,
    V: TagValue + 'a,
{
    pairs.into_iter().map(|(key, value)| RawTag::new(key.as_ref(), value, false)).collect()
}
