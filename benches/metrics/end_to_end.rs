//! What a counted event costs the process until the kernel has it in a datagram.

use crate::harness::{Effort, median, process_cpu, times_for};
use crate::one_thread::our_counter;
use crate::peers;
use crate::table::{Row, Table};
use crate::udp::Drain;
use cadence::Counted;
use lightship::Telemetry;
use std::hint::black_box;
use std::time::Duration;

const NAME: &str = "DogStatsD end to end, CPU of the process per counted event";

/// How much load lies between two flushes of ours. It flushes every two seconds when left alone:
/// this charges it for eight times as many.
const TURNS_PER_FLUSH: u32 = 5;

pub(crate) fn rows(table: &mut Table, effort: Effort, telemetry: &Telemetry, agent: &Drain) {
    if !table.wants(NAME) {
        return;
    }
    let client = peers::cadence(agent.address(), false);
    let mut count = |times| {
        for _ in 0..times {
            // What does not fit into the socket is refused, and not counted by anybody.
            let _ = client
                .count_with_tags("counter", black_box(1_i64))
                .with_tag("endpoint", "/users")
                .try_send();
        }
    };
    let turn = effort.turn * TURNS_PER_FLUSH;
    let our_times = times_for(turn, &mut our_counter);
    let peers_times = times_for(turn, &mut count);
    let (mut all_ours, mut all_peer) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        all_ours.push(cost(our_times, || {
            our_counter(our_times);
            telemetry.flush(Duration::from_secs(5));
        }));
        all_peer.push(cost(peers_times, || {
            count(peers_times);
            // As above.
            let _ = client.flush();
        }));
    }
    let (ours, peer) = (median(all_ours), median(all_peer));
    table.add(Row::nanos(NAME, Some(ours), Some(peer)).ratio(0.05, 0.015));
}

/// CPU time of all threads, the flushing ones too.
fn cost(times: u64, load: impl FnOnce()) -> f64 {
    let start = process_cpu();
    load();
    (process_cpu() - start).as_nanos() as f64 / times as f64
}
