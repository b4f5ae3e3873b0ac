//! A forked child draws other ids than its parent, although it has a copy of everything.

use super::ratio;
use crate::trace::Ids;
use opentelemetry_sdk::trace::IdGenerator;
use std::os::unix::process::CommandExt;
use std::process::Command;
use tracing::info_span;

/// Runs `told` in a forked child, and says what it returned. Errors must be greater than 0.
fn in_a_child(told: impl Fn() -> u64 + Send + Sync + 'static) -> u64 {
    let fold = move || (told() % 0x7fff_fffe) as i32 + 1;
    let mut command = Command::new("true");
    let in_the_child = move || Err(std::io::Error::from_raw_os_error(fold()));
    #[allow(unsafe_code, reason = "a fork is wanted")]
    // SAFETY: what runs in the child draws numbers and neither allocates nor locks.
    unsafe {
        command.pre_exec(in_the_child);
    }
    let error = command.spawn().unwrap_err();
    error.raw_os_error().unwrap() as u64
}

fn low(bytes: [u8; 8]) -> u64 {
    u64::from_be_bytes(bytes)
}

#[test]
fn ids_differ_on_both_sides_of_a_fork() {
    // So that there is a state to copy.
    Ids.new_span_id();
    for _ in 0..5 {
        let span = || low(Ids.new_span_id().to_bytes());
        let (theirs, ours) = (in_a_child(span), span() % 0x7fff_fffe + 1);
        assert_ne!(theirs, ours);
        let trace = || u128::from_be_bytes(Ids.new_trace_id().to_bytes()) as u64;
        let (theirs, ours) = (in_a_child(trace), trace() % 0x7fff_fffe + 1);
        assert_ne!(theirs, ours);
    }
}

/// Also those of children of a span that was open at the fork.
#[test]
fn unsampled_spans_differ_on_both_sides_of_a_fork() {
    ratio(0.0).run(|harness| {
        let root = info_span!("root");
        let child = || super::super::generator::span_id();
        let (theirs, ours) = (in_a_child(child), child() % 0x7fff_fffe + 1);
        assert_ne!(theirs, ours);
        drop(root);
        harness.assert_forgotten();
    });
}
