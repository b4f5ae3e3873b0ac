//! Which call the running code is inside of, and the tags that it was given there.
//!
//! A call is entered for as long as its body runs on a thread: a future with every poll. Tags wait on the
//! thread until the call is left, and are the call's from then on; so that a call without any costs two
//! looks at one number of the thread.

use super::call::Live;
use super::meter::Meter;
use crate::context;
use crate::tag::{OwnedTag, TagValue};
use std::cell::{Cell, RefCell};
use tracing::Span;
use tracing::span::Entered;

/// How many tags of a call go to its metrics, those of its attribute not counted.
const MAX_TAGS: usize = 8;

/// Tags that a call was given while it ran.
pub(super) type Given = Vec<(&'static str, OwnedTag)>;

thread_local! {
    /// How many calls the thread is inside of, and the innermost that has tags waiting, counted from 1.
    static INSIDE: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
    /// Tags by call, the innermost one's at the end.
    static WAITING: RefCell<Vec<(u32, &'static str, OwnedTag)>> = const { RefCell::new(Vec::new()) };
}

/// Tags the running call: the metrics of the innermost function with [`macro@observe`](crate::observe)
/// that the code runs inside of, and its span. A [`detail`](crate::detail()) goes to the span alone.
///
/// Metrics take the first eight keys of a call; further ones are on the span alone. Of one key the last
/// value counts, also over one that `tags(..)` of the attribute has; `function`, `module`, `outcome`,
/// `result` and `error_type` keep theirs on metrics. An async function keeps its tags over `await` points
/// and on other threads. A call that neither has a span nor is counted passes its tags on to the one
/// around it.
///
/// In a task that was spawned, or outside of any observed function, there is no call: then it is an
/// attribute of the current span.
///
/// # Costs
///
/// Some ten nanoseconds, and a few allocations for a call that has tags; one that has none pays a
/// nanosecond. Values count against the limit on a key's values, as those of every tag do.
///
/// # Examples
///
/// ```
/// use lightship::{Tag, observe, tag};
///
/// #[derive(Tag)]
/// enum Cache { Hit, Miss }
///
/// #[observe]
/// fn load(id: u32) -> u32 {
///     tag("cache", if id < 10 { Cache::Hit } else { Cache::Miss });
///     id * 2
/// }
///
/// # let telemetry = lightship::builder("api").build().unwrap();
/// # telemetry.scope(|| {
/// load(7);
/// # });
/// # assert!(telemetry.prometheus_text().contains(r#"cache="hit""#));
/// ```
pub fn tag(key: &'static str, value: impl TagValue) {
    match INSIDE.get() {
        (0, _) => context::detail(key, value),
        (depth, _) => {
            let given = (depth, key, OwnedTag::of(&value));
            // In a thread that is being torn down the tag is lost.
            let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(given));
            INSIDE.set((depth, depth));
        }
    }
}

/// The code inside of a call, until it is dropped.
#[derive(Debug)]
#[doc(hidden)]
pub struct Inside<'call, M: Meter> {
    call: &'call Live<M>,
    _entered: Option<Entered<'call>>,
    _place: M::Place,
}

impl<'call, M: Meter> Inside<'call, M> {
    #[inline(always)]
    pub(super) fn new(call: &'call Live<M>, meter: &M, span: Option<&'call Span>) -> Self {
        let (depth, tagged) = INSIDE.get();
        INSIDE.set((depth + 1, tagged));
        Inside { call, _place: meter.place(), _entered: span.map(Span::enter) }
    }
}

impl<M: Meter> Drop for Inside<'_, M> {
    #[inline(always)]
    fn drop(&mut self) {
        let (depth, tagged) = INSIDE.get();
        INSIDE.set((depth - 1, tagged));
        if tagged == depth {
            self.call.give(taken(depth));
        }
    }
}

/// The tags that wait for the call that is left.
#[cold]
#[inline(never)]
fn taken(depth: u32) -> Given {
    let taken = WAITING.try_with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        let first = waiting.iter().position(|(of, ..)| *of >= depth).unwrap_or(waiting.len());
        let given = waiting.drain(first..).map(|(_, key, value)| (key, value)).collect();
        (given, waiting.last().map_or(0, |(of, ..)| *of))
    });
    let (given, tagged) = taken.unwrap_or_default();
    INSIDE.set((INSIDE.get().0, tagged));
    given
}

/// Puts tags to those that a call has, the last of a key; and onto its span.
#[cold]
#[inline(never)]
pub(super) fn merge(all: &mut Given, new: Given, span: Option<&Span>) {
    for (key, value) in new {
        if let Some(span) = span {
            context::set_on(span, key, context::Attribute::Tag(value.tag_ref()));
        }
        match all.iter().position(|(known, _)| *known == key) {
            Some(at) => all[at].1 = value,
            None if all.len() < MAX_TAGS => all.push((key, value)),
            None => {}
        }
    }
}
