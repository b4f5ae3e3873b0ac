#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lightship_fuzz::stays_scrubbed(data));
