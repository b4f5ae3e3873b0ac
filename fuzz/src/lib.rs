//! What holds of contexts from other processes, whatever they send, and of what is scrubbed.

mod scrub;

pub use scrub::stays_scrubbed;

use lightship::limits;
use lightship::propagation::{Propagator, Propagators};
use std::collections::BTreeMap;

type Headers = BTreeMap<String, String>;

/// Extracts, passes on and extracts again: nothing panics, nothing goes past its bound, and what went out
/// once goes out again the same. `data` is one header a line, `name: value`.
pub fn settles(propagators: &[Propagator], data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let came: Vec<_> = text.lines().filter_map(|line| line.split_once(": ")).collect();
    let is_one = propagators.len() == 1;
    let propagators = Propagators::new(propagators.iter().copied());
    let remote = propagators.extract(&came);
    let first = passed_on(&propagators, &remote);
    first.iter().for_each(|(name, value)| assert_bounded(name, value));

    let again = propagators.extract(&first);
    assert_eq!(again.ignored(), 0, "we send what we ignore: {first:?}");
    let (before, after) = (remote.baggage(), again.baggage());
    assert!(after.iter().all(|(key, value)| before.get(key) == Some(value)), "{first:?}");
    let second = passed_on(&propagators, &again);
    if is_one {
        assert_eq!((remote.to_string(), &first), (again.to_string(), &second));
    }
    // Of several languages some have no word for what nobody decided.
    let third = passed_on(&propagators, &propagators.extract(&second));
    assert_eq!(second, third);
}

fn passed_on(propagators: &Propagators, remote: &lightship::propagation::Remote) -> Headers {
    let mut headers = Headers::new();
    propagators.pass_on(remote, &mut headers);
    headers
}

fn assert_bounded(name: &str, value: &str) {
    let bound = match name {
        "traceparent" => 55,
        "tracestate" => limits::MAX_TRACESTATE_BYTES,
        "baggage" => limits::MAX_BAGGAGE_BYTES,
        "x-datadog-tags" => limits::MAX_DATADOG_TAGS_BYTES,
        "x-datadog-origin" => limits::MAX_DATADOG_ORIGIN_BYTES,
        _ => limits::MAX_B3_BYTES,
    };
    assert!((1..=bound).contains(&value.len()), "{name}: {value}");
    assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{name}: {value:?}");
}
