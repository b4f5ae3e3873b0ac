#![no_main]

use lightship::propagation::Propagator;

libfuzzer_sys::fuzz_target!(|data: &[u8]| lightship_fuzz::settles(
    &[Propagator::TraceContext],
    data
));
