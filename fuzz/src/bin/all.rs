#![no_main]

use lightship::propagation::Propagator::{B3, B3Multi, Baggage, Datadog, TraceContext};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    lightship_fuzz::settles(&[Datadog, TraceContext, B3, B3Multi, Baggage], data);
});
