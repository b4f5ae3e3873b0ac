//! Measuring two things in turns, by the CPU time of the thread that runs them.

use crate::allocations;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// How often ours and the peer take turns; the medians over these count.
    pub(crate) rounds: usize,
    /// How long one turn of one of them is to take.
    pub(crate) turn: Duration,
    /// How many operations a turn has at least: where one takes long, fewer than a thousand do.
    pub(crate) least: u64,
    pub(crate) smoke: bool,
}

/// Enough that the clock's own cost does not count.
const LEAST: u64 = 1_000;

impl Effort {
    pub(crate) const FULL: Effort =
        Effort { rounds: 11, turn: Duration::from_millis(50), least: LEAST, smoke: false };
    pub(crate) const SMOKE: Effort =
        Effort { rounds: 2, turn: Duration::from_millis(1), least: LEAST, smoke: true };
}

/// Medians over all rounds.
#[derive(Clone, Copy)]
pub(crate) struct Costs {
    /// Nanoseconds for one operation.
    pub(crate) nanos: f64,
    /// Allocations for one operation.
    pub(crate) allocations: f64,
}

/// A loop that does its operation so many times.
pub(crate) type Load<'a> = &'a mut dyn FnMut(u64);

/// What ours and the peer's operation cost; `between` runs before each turn and is not measured.
pub(crate) fn compare(
    effort: Effort,
    ours: Load<'_>,
    peer: Load<'_>,
    mut between: impl FnMut(),
) -> (Costs, Costs) {
    let ours_times = times_at_least(effort.least, effort.turn, ours);
    let peer_times = times_at_least(effort.least, effort.turn, peer);
    let (mut all_ours, mut all_peer) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        between();
        all_ours.push(costs(ours, ours_times));
        between();
        all_peer.push(costs(peer, peer_times));
    }
    (Costs::median(&all_ours), Costs::median(&all_peer))
}

/// What one operation of `load` costs over so many of them.
pub(crate) fn costs(load: Load<'_>, times: u64) -> Costs {
    let allocated = allocations::by_this_thread();
    let start = thread_cpu();
    load(times);
    let nanos = (thread_cpu() - start).as_nanos() as f64 / times as f64;
    let allocations = (allocations::by_this_thread() - allocated) as f64 / times as f64;
    Costs { nanos, allocations }
}

/// How many operations take about as long as `turn`, and at least a thousand; warms up on the way.
pub(crate) fn times_for(turn: Duration, load: Load<'_>) -> u64 {
    times_at_least(LEAST, turn, load)
}

fn times_at_least(least: u64, turn: Duration, load: Load<'_>) -> u64 {
    let mut times = least;
    loop {
        let taken = costs(load, times).nanos * times as f64;
        let missing = turn.as_nanos() as f64 / taken.max(1.0);
        if missing <= 1.5 {
            return ((times as f64 * missing) as u64).max(least);
        }
        times = (times as f64 * missing.min(8.0)).ceil() as u64;
    }
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[len / 2],
        len => (values[len / 2 - 1] + values[len / 2]) / 2.0,
    }
}

impl Costs {
    pub(crate) fn median(rounds: &[Costs]) -> Costs {
        Costs {
            nanos: median(rounds.iter().map(|round| round.nanos)),
            allocations: median(rounds.iter().map(|round| round.allocations)),
        }
    }
}

pub(crate) fn thread_cpu() -> Duration {
    read(ClockId::ThreadCPUTime)
}

pub(crate) fn process_cpu() -> Duration {
    read(ClockId::ProcessCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
