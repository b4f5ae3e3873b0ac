//! The metrics of a function: how often it was called, how long that took, and how it ended.

use super::outcome::Outcome;
use crate::metrics::clock::Start;
use crate::metrics::current;
use crate::metrics::{Counter, CounterCell, DynamicSite, HistogramCell, Kind, Site, TimerHandle};
use crate::tag::{OwnedTag, RawTag};
use std::fmt;

const CALLS: &str = "function.calls";
const DURATION: &str = "function.calls.duration";

/// Keys of which the meaning is fixed.
const OWN_KEYS: [&str; 5] = ["function", "module", "outcome", "result", "error_type"];

type Pairs = &'static [(&'static str, &'static str)];

/// What counts and times a call.
#[doc(hidden)]
pub trait Meter {
    /// What is kept for as long as the call's code runs on a thread.
    #[doc(hidden)]
    type Place: fmt::Debug;

    #[doc(hidden)]
    fn place(&self) -> Self::Place;

    /// Whether anything would come of a record.
    #[doc(hidden)]
    fn is_live(&self) -> bool;

    #[doc(hidden)]
    fn record(&self, outcome: Outcome);

    /// The same with tags that the call was given while it ran.
    #[doc(hidden)]
    fn record_tagged(&self, outcome: Outcome, given: &[(&'static str, OwnedTag)]);
}

/// No metrics.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Unmetered;

/// A function whose tags are all literals.
#[derive(Debug)]
#[doc(hidden)]
pub struct Function {
    calls: Site<CounterCell>,
    durations: Site<HistogramCell>,
    failed: Failed,
}

/// A function with tags that its calls bring along.
#[derive(Debug)]
#[doc(hidden)]
pub struct TaggedFunction<const N: usize> {
    keys: [&'static str; N],
    calls: DynamicSite,
    durations: DynamicSite,
    failed: Failed,
}

/// Where calls are recorded that did not succeed, which may take its time.
#[derive(Debug)]
struct Failed {
    tags: Pairs,
    calls: DynamicSite,
    durations: DynamicSite,
}

/// A call of a [`Function`].
#[derive(Debug)]
#[doc(hidden)]
pub struct Metered {
    function: &'static Function,
    start: Option<Start>,
}

/// A call of a [`TaggedFunction`].
#[derive(Debug)]
#[doc(hidden)]
pub struct Tagged<const N: usize> {
    function: &'static TaggedFunction<N>,
    start: Option<Start>,
    values: [OwnedTag; N],
}

/// Now, or never while nothing is installed: then the call is counted as lost, once.
#[inline(always)]
fn start() -> Option<Start> {
    if current::nothing_installed() {
        CounterCell::count_before_init();
        return None;
    }
    Some(Start::now())
}

impl Function {
    /// `tags` are those of every call, `ok` these and what a success has besides.
    pub const fn new(tags: Pairs, ok: Pairs) -> Self {
        Function {
            calls: Site::new(Kind::Counter, CALLS, ok),
            durations: Site::new(Kind::Timer, DURATION, ok),
            failed: Failed::new(tags),
        }
    }

    #[inline(always)]
    pub fn call(&'static self) -> Metered {
        Metered { function: self, start: start() }
    }
}

impl<const N: usize> TaggedFunction<N> {
    pub const fn new(tags: Pairs, keys: [&'static str; N]) -> Self {
        TaggedFunction {
            keys,
            calls: DynamicSite::new(Kind::Counter),
            durations: DynamicSite::new(Kind::Timer),
            failed: Failed::new(tags),
        }
    }

    #[inline(always)]
    pub fn call(&'static self, values: [OwnedTag; N]) -> Tagged<N> {
        Tagged { function: self, start: start(), values }
    }
}

impl<const N: usize> Tagged<N> {
    /// What the call brought along, for its span.
    #[inline(always)]
    pub fn values(&self) -> &[OwnedTag; N] {
        &self.values
    }

    #[inline(always)]
    fn tag(&self, n: usize) -> RawTag<'_> {
        RawTag::new(self.function.keys[n], &self.values[n], false)
    }
}

impl Meter for Unmetered {
    type Place = ();

    #[inline(always)]
    fn place(&self) {}

    #[inline(always)]
    fn is_live(&self) -> bool {
        false
    }

    #[inline(always)]
    fn record(&self, _outcome: Outcome) {}

    #[inline(always)]
    fn record_tagged(&self, _outcome: Outcome, _given: &[(&'static str, OwnedTag)]) {}
}

impl Meter for Metered {
    type Place = ();

    #[inline(always)]
    fn place(&self) {}

    #[inline(always)]
    fn is_live(&self) -> bool {
        self.start.is_some()
    }

    #[inline(always)]
    fn record(&self, outcome: Outcome) {
        let Some(start) = self.start else { return };
        let elapsed = start.elapsed_seconds();
        let function = self.function;
        if outcome != Outcome::Ok {
            return function.failed.record(outcome, elapsed, &[], &mut std::iter::empty());
        }
        Counter(function.calls.target()).increment(1);
        TimerHandle(function.durations.target()).record(elapsed);
    }

    fn record_tagged(&self, outcome: Outcome, given: &[(&'static str, OwnedTag)]) {
        let Some(start) = self.start else { return };
        let elapsed = start.elapsed_seconds();
        self.function.failed.record(outcome, elapsed, given, &mut std::iter::empty());
    }
}

macro_rules! tagged {
    ($($count:literal: $($index:literal)+;)+) => {
        $(impl Meter for Tagged<$count> {
            type Place = ();

            #[inline(always)]
            fn place(&self) {}

            #[inline(always)]
            fn is_live(&self) -> bool {
                self.start.is_some()
            }

            #[inline]
            fn record(&self, outcome: Outcome) {
                let Some(start) = self.start else { return };
                let elapsed = start.elapsed_seconds();
                let TaggedFunction { failed, calls, durations, .. } = self.function;
                if outcome != Outcome::Ok {
                    let tags = &mut (0..$count).map(|n| self.tag(n));
                    return failed.record(outcome, elapsed, &[], tags);
                }
                let [function, module] = failed.identity();
                let [ok, result] = [("outcome", "ok"), ("result", "ok")].map(literal);
                let tags = [function, module, ok, result, $(self.tag($index)),+];
                Counter(calls.by_values(CALLS, &tags)).increment(1);
                TimerHandle(durations.by_values(DURATION, &tags)).record(elapsed);
            }

            fn record_tagged(&self, outcome: Outcome, given: &[(&'static str, OwnedTag)]) {
                let Some(start) = self.start else { return };
                let elapsed = start.elapsed_seconds();
                let tags = &mut (0..$count).map(|n| self.tag(n));
                self.function.failed.record(outcome, elapsed, given, tags);
            }
        })+
    };
}

tagged! {
    1: 0;
    2: 0 1;
    3: 0 1 2;
    4: 0 1 2 3;
    5: 0 1 2 3 4;
    6: 0 1 2 3 4 5;
    7: 0 1 2 3 4 5 6;
    8: 0 1 2 3 4 5 6 7;
}

impl Failed {
    const fn new(tags: Pairs) -> Self {
        let (calls, durations) = (DynamicSite::new(Kind::Counter), DynamicSite::new(Kind::Timer));
        Failed { tags, calls, durations }
    }

    /// The function and its module, which are always the first.
    #[inline(always)]
    fn identity(&self) -> [RawTag<'static>; 2] {
        match self.tags {
            [function, module, ..] => [*function, *module].map(literal),
            _ => [("function", ""), ("module", "")].map(literal),
        }
    }

    /// `given` comes before what the function has of its own.
    #[cold]
    #[inline(never)]
    fn record<'a>(
        &'static self,
        outcome: Outcome,
        elapsed: f64,
        given: &'a [(&'static str, OwnedTag)],
        further: &mut dyn Iterator<Item = RawTag<'a>>,
    ) {
        let is_own = |key: &str| OWN_KEYS.contains(&key);
        let is_given = |key: &str| given.iter().any(|(known, _)| *known == key);
        let mut tags: Vec<RawTag<'_>> = self.tags.iter().copied().map(literal).collect();
        tags.extend(further);
        tags.retain(|tag| is_own(tag.key) || !is_given(tag.key));
        tags.push(literal(("outcome", outcome.name())));
        tags.extend(outcome.result().map(|result| literal(("result", result))));
        tags.extend(outcome.error_type().map(|error_type| literal(("error_type", error_type))));
        let given = given.iter().filter(|(key, _)| !is_own(key));
        tags.extend(given.map(|(key, value)| RawTag::new(key, value, false)));
        Counter(self.calls.by_all(CALLS, &tags)).increment(1);
        TimerHandle(self.durations.by_all(DURATION, &tags)).record(elapsed);
    }
}

#[inline(always)]
fn literal((key, value): (&'static str, &'static str)) -> RawTag<'static> {
    RawTag::new(key, value, true)
}
