//! Headers of others, ours, and the way between them.

mod b3;
mod baggage;
mod carriers;
mod datadog;
mod ends;
mod hosts;
mod journeys;
mod property;
mod sampling;
mod several;
mod trace_context;

use super::{Propagator, Propagators, Remote};
use std::collections::BTreeMap;

type Headers = BTreeMap<String, String>;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn extracted(propagators: &[Propagator], headers: &[(&str, &str)]) -> Remote {
    Propagators::new(propagators.iter().copied()).extract(&headers)
}

/// What goes out in the same languages, where nobody is in between.
fn passed_on(propagators: &[Propagator], headers: &[(&str, &str)]) -> Headers {
    translated(propagators, propagators, headers)
}

fn translated(from: &[Propagator], to: &[Propagator], headers: &[(&str, &str)]) -> Headers {
    let mut out = Headers::new();
    Propagators::new(to.iter().copied()).pass_on(&extracted(from, headers), &mut out);
    out
}

fn headers(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}
