//! Functions that are observed: arguments, tags, errors, panics.

use super::spans::Failed;
use super::{EVENTS, Fits, METRICS, Place, SPANS, World};
use crate::canary::Planted;
use lightship::{counted, observe, timed};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) const PLACES: &[Place] = &[
    Place {
        name: "tag of #[observe]",
        within: &[],
        plant: |_, it| tagged(&it.beside, &it.value),
        ..CALLS
    },
    Place {
        name: "field of #[observe]",
        plant: |_, it| with_field(&it.beside, &it.value),
        ..CALLS
    },
    Place {
        name: "tag of #[counted] and #[timed]",
        beside: METRICS,
        within: &[],
        plant: measured,
        ..CALLS
    },
    Place {
        name: "error of #[observe]",
        plant: |_, it| drop(fails(&it.beside, &it.value)),
        ..CALLS
    },
    Place {
        name: "boxed error of #[observe]",
        plant: |_, it| drop(fails_boxed(&it.beside, it)),
        ..CALLS
    },
    Place {
        name: "error of #[observe] by Debug",
        within: EVENTS,
        plant: |_, it| drop(fails_by_debug(&it.beside, it)),
        ..CALLS
    },
    Place {
        name: "value of #[observe]",
        within: EVENTS,
        plant: |_, it| drop(returns(&it.beside, &it.value)),
        ..CALLS
    },
    Place { name: "panic in #[observe]", within: &[], plant: panics, ..CALLS },
    Place { name: "panic with a span", within: &[], plant: panics_in_span, ..CALLS },
];
const CALLS: Place = Place {
    name: "",
    takes: Fits::Looks,
    beside: SPANS,
    within: SPANS,
    plant: |_, it| with_field(&it.beside, &it.value),
};

#[observe(tags(mark = mark, detail = detail))]
fn tagged(mark: &str, detail: &str) {}

#[observe(fields(mark, detail))]
fn with_field(mark: &str, detail: &str) {}

#[counted("c.counted", "mark" => mark, "detail" => detail)]
fn counts(mark: &str, detail: &str) {}

#[timed("c.timed", "mark" => mark, "detail" => detail)]
fn times(mark: &str, detail: &str) {}

fn measured(_: &World, it: &Planted) {
    counts(&it.beside, &it.value);
    times(&it.beside, &it.value);
}

#[observe(fields(mark), err)]
fn fails(mark: &str, why: &str) -> Result<(), String> {
    Err(why.to_owned())
}

#[observe(fields(mark), err)]
fn fails_boxed(mark: &str, it: &Planted) -> Result<(), Box<dyn std::error::Error>> {
    Err(Box::new(Failed { text: it.value.clone(), cause: Some(Box::new(Failed::of(it))) }))
}

#[observe(fields(mark), err(Debug))]
fn fails_by_debug(mark: &str, it: &Planted) -> Result<(), Failed> {
    Err(Failed::of(it))
}

#[observe(fields(mark), ret)]
fn returns(mark: &str, value: &str) -> String {
    value.to_owned()
}

#[observe(fields(mark), err)]
fn panicking(mark: &str, why: &str) -> Result<(), String> {
    panic!("{why}");
}

fn panics(_: &World, it: &Planted) {
    let panicked = catch_unwind(AssertUnwindSafe(|| panicking(&it.beside, &it.value)));
    assert!(panicked.is_err());
}

fn panics_in_span(_: &World, it: &Planted) {
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _span = tracing::info_span!("panicking", mark = it.beside).entered();
        std::panic::panic_any(it.value.clone());
    }));
    assert!(panicked.is_err());
}
