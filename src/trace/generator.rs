//! Ids of traces and spans: quick to draw, and never the same in two processes.

use super::tracer;
use crate::metrics::clock;
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;
use std::cell::Cell;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::time::SystemTime;

/// Span ids from here on are never drawn: the table of fates says other things with them.
pub(super) const RESERVED: u64 = u64::MAX - 7;

thread_local! {
    /// The state of xoroshiro128++; all zero before its first use.
    static STATE: Cell<[u64; 2]> = const { Cell::new([0, 0]) };
}

/// Draws the ids that the SDK gives to sampled spans.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ids;

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        match tracer::drawn_trace_id() {
            Some(drawn) => TraceId::from(drawn),
            None => TraceId::from(trace_of(draw())),
        }
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(span_id())
    }
}

/// The ids of a root: of its trace, and its own.
#[inline]
pub(super) fn root() -> (u128, u64) {
    let [high, low, span] = draw();
    (trace_of([high, low]), span_of(span))
}

#[inline]
pub(super) fn span_id() -> u64 {
    let [span] = draw();
    span_of(span)
}

fn trace_of([high, low]: [u64; 2]) -> u128 {
    // Never 0, for that means none.
    (u128::from(high) << 64) | u128::from(low.max(1))
}

fn span_of(drawn: u64) -> u64 {
    drawn.clamp(1, RESERVED - 1)
}

/// A forked child has a copy of its parent's state, and asking for the process's id takes a system
/// call. So the clock is stirred in at every draw: two processes that drew at different moments once
/// never meet again.
#[inline]
fn draw<const N: usize>() -> [u64; N] {
    let mut state = STATE.get();
    if state == [0, 0] {
        state = seed();
    }
    state[0] ^= clock::ticks().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let drawn = std::array::from_fn(|_| next(&mut state));
    STATE.set(state);
    drawn
}

/// One step of xoroshiro128++.
#[inline]
fn next(state: &mut [u64; 2]) -> u64 {
    let [s0, mut s1] = *state;
    let drawn = s0.wrapping_add(s1).rotate_left(17).wrapping_add(s0);
    s1 ^= s0;
    *state = [s0.rotate_left(49) ^ s1 ^ (s1 << 21), s1.rotate_left(28)];
    drawn
}

/// The system's randomness, as the standard library keeps it for its hash maps, and which process
/// and when, for a fork copies that as well.
#[cold]
fn seed() -> [u64; 2] {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let here = (std::process::id(), since.as_nanos());
    [RandomState::new().hash_one(here), RandomState::new().hash_one(here) | 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn threads_draw_different_ids() {
        let threads: Vec<_> = (0..8)
            .map(|_| std::thread::spawn(|| (0..5_000).map(|_| root()).collect::<Vec<_>>()))
            .collect();
        let drawn: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let traces: HashSet<_> = drawn.iter().map(|(trace, _)| trace).collect();
        let spans: HashSet<_> = drawn.iter().map(|(_, span)| span).collect();
        assert_eq!((traces.len(), spans.len()), (40_000, 40_000));
        assert!(drawn.iter().all(|&(trace, span)| trace != 0 && span != 0 && span < RESERVED));
    }

    #[test]
    fn every_bit_is_set_half_of_the_time() {
        const DRAWS: u32 = 20_000;
        let mut ones = [0_u32; 192];
        for _ in 0..DRAWS {
            let (trace, span) = root();
            for (bit, ones) in ones.iter_mut().enumerate() {
                let set = if bit < 128 { trace >> bit } else { u128::from(span) >> (bit - 128) };
                *ones += (set & 1) as u32;
            }
        }
        // Six standard deviations, because there are 192 of them.
        let allowed = 6.0 * (f64::from(DRAWS) / 4.0).sqrt();
        for (bit, ones) in ones.into_iter().enumerate() {
            let off = (f64::from(ones) - f64::from(DRAWS) / 2.0).abs();
            assert!(off < allowed, "bit {bit}: {ones} of {DRAWS}");
        }
    }

    #[test]
    fn the_same_state_leads_elsewhere_at_another_moment() {
        span_id();
        let copied = STATE.get();
        let ours = (root(), root());
        STATE.set(copied);
        let theirs = (root(), root());
        assert_ne!(ours.0, theirs.0);
        assert_ne!(ours.1, theirs.1);
    }

    #[test]
    fn a_seed_is_never_all_zero_and_never_twice_the_same() {
        let seeds: HashSet<_> = (0..1_000).map(|_| seed()).collect();
        assert_eq!(seeds.len(), 1_000);
        assert!(!seeds.contains(&[0, 0]));
    }
}
