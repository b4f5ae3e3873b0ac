//! Logs, which inside of a span are its events too.

use super::spans::Failed;
use super::{EVENTS, Fits, LOGS, Place, World, keyed};
use crate::canary::Planted;
use std::error::Error;
use tracing::{error, info, info_span, warn};

pub(crate) const PLACES: &[Place] = &[
    Place { name: "log message", takes: Fits::Looks, plant: message, ..FIELDS },
    Place { name: "argument of a log message", takes: Fits::Looks, plant: argument, ..FIELDS },
    Place { name: "log field as text", plant: text, ..FIELDS },
    Place { name: "log field by Display", plant: displayed, ..FIELDS },
    Place { name: "log field by Debug", plant: debugged, ..FIELDS },
    Place { name: "field message", takes: Fits::Looks, plant: message_field, ..FIELDS },
    Place { name: "chain of errors", takes: Fits::Looks, plant: chain, ..FIELDS },
    Place { name: "chain of errors by Debug", takes: Fits::Looks, plant: debugged_chain, ..FIELDS },
    Place { name: "exception.message", takes: Fits::Looks, plant: exception, ..FIELDS },
    Place {
        name: "log line outside of spans",
        beside: LOGS,
        within: LOGS,
        plant: outside,
        ..FIELDS
    },
    Place { name: "span of a log line", within: &[], plant: span_of_line, ..FIELDS },
    Place { name: "record of the log crate", takes: Fits::Looks, plant: record, ..RECORDS },
    Place {
        name: "target of a record",
        takes: Fits::OneLine,
        within: &[],
        plant: target,
        ..RECORDS
    },
];
const FIELDS: Place =
    Place { name: "", takes: Fits::All, beside: EVENTS, within: EVENTS, plant: text };
const STDOUT: &[super::Backend] = &[super::Backend::Stdout];
const RECORDS: Place =
    Place { name: "", takes: Fits::All, beside: STDOUT, within: STDOUT, plant: record };

fn in_span(work: impl FnOnce()) {
    info_span!("logging").in_scope(work);
}

fn message(_: &World, it: &Planted) {
    in_span(|| info!(mark = it.beside, "{}", it.value));
}

fn argument(_: &World, it: &Planted) {
    in_span(|| warn!(mark = it.beside, "user {} and {:?} did", it.value, it.value));
}

fn message_field(_: &World, it: &Planted) {
    in_span(|| info!(mark = it.beside, message = it.value));
}

fn text(_: &World, it: &Planted) {
    in_span(|| keyed!(it, info! { mark = it.beside, } { it.value }));
}

fn displayed(_: &World, it: &Planted) {
    in_span(|| keyed!(it, info! { mark = it.beside, } { %it.value }));
}

fn debugged(_: &World, it: &Planted) {
    in_span(|| keyed!(it, info! { mark = it.beside, } { ?it.value }));
}

fn chain(_: &World, it: &Planted) {
    let error = Failed::of(it);
    let error: &(dyn Error + 'static) = &error;
    in_span(|| error!(mark = it.beside, also = %error.source().unwrap(), error, "failed"));
}

fn debugged_chain(_: &World, it: &Planted) {
    in_span(|| error!(mark = it.beside, error = ?Failed::of(it), "failed"));
}

fn exception(_: &World, it: &Planted) {
    in_span(|| {
        error!(
            mark = it.beside,
            exception.message = it.value,
            exception.stacktrace = %format!("at main\n{}", it.value),
            "failed"
        );
    });
}

fn outside(_: &World, it: &Planted) {
    keyed!(it, info! { mark = it.beside, } { it.value });
}

fn span_of_line(_: &World, it: &Planted) {
    let span = keyed!(it, info_span! { "of a line", mark = it.beside, } { it.value });
    span.in_scope(|| info!(mark = it.beside, "in a span"));
}

fn record(_: &World, it: &Planted) {
    log::info!("{} {}", it.beside, it.value);
}

fn target(_: &World, it: &Planted) {
    log::info!(target: &it.canary, "{}", it.beside);
}
