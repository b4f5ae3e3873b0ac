//! Headers of all kinds.

use super::{SPAN, TRACE};
use crate::propagation::{Extract, Inject, Propagators};
use std::collections::{BTreeMap, HashMap};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Written to, they can be read, and hold what was there before no more.
fn goes_both_ways(mut headers: impl Extract + Inject) {
    let propagators = Propagators::default();
    let came = propagators.extract(&[("Traceparent", PARENT), ("baggage", "a=1")]);
    headers.set("traceparent", "old");
    headers.set("tracestate", "old=1");
    headers.set("x-other", "stays");
    propagators.pass_on(&came, &mut headers);
    let read = propagators.extract(&headers);
    assert_eq!((read.trace_id().as_deref(), read.span_id().as_deref()), (Some(TRACE), Some(SPAN)));
    assert_eq!((read.baggage().get("a"), read.ignored()), (Some("1"), 0));
    let mut others = Vec::new();
    headers.values("x-other", &mut |value| others.push(value.to_owned()));
    headers.values("tracestate", &mut |value| others.push(value.to_owned()));
    assert_eq!(others, ["stays"]);
}

#[test]
fn any_headers_will_do() {
    goes_both_ways(http::HeaderMap::new());
    goes_both_ways(HashMap::<String, String>::new());
    goes_both_ways(BTreeMap::<String, String>::new());
    goes_both_ways(Vec::<(String, String)>::new());
    goes_both_ways(Vec::<(&'static str, String)>::new());
    let pairs = [("TRACEPARENT".to_owned(), PARENT.to_owned())];
    assert!(Propagators::default().extract(&pairs).is_valid());
    assert!(Propagators::default().extract(&&pairs[..]).is_valid());
    assert!(Propagators::default().extract(&vec![("traceparent", PARENT)]).is_valid());
}

#[test]
fn a_map_of_http_takes_nothing_that_it_can_not_hold() {
    let mut map = http::HeaderMap::new();
    for (name, value) in [("", "x"), ("Upper", "x"), ("a b", "x"), ("good", "a\nb")] {
        Inject::set(&mut map, name, value);
    }
    assert!(map.is_empty());
}
