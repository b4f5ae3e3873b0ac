//! Two threads that record into one metric at the same time.
//!
//! On a busy machine two threads often take turns instead of running at once, and then nothing is
//! contended. Each thread therefore works in short batches, and a batch counts only if neither it
//! nor what the other thread did meanwhile was interrupted. What a virtual machine does with its
//! cores can't be seen from inside; a note says how much the other thread cost the peer, for where
//! it cost nothing, the two shared a core.

use crate::harness::{Effort, costs, median, thread_cpu};
use crate::one_thread::{our_counter, peers_counter};
use crate::peers::Peers;
use crate::table::{Row, Table};
use metrics::with_local_recorder;
use std::sync::Barrier;
use std::time::{Duration, Instant};

pub(crate) const NAME: &str = "counter!, literal tags, two threads on one metric";

/// How long a batch takes in the peer's case: long beside reading the clocks, short beside what a
/// scheduler hands out.
const PEERS_BATCH: u64 = 250;
const OUR_BATCH: u64 = 25_000;

/// A batch as its thread saw it.
struct Batch {
    start: Instant,
    end: Instant,
    cpu: Duration,
}

impl Batch {
    /// Whether its thread had a core all the time: it takes as long by the wall's clock as by its
    /// own.
    fn uninterrupted(&self) -> bool {
        self.end - self.start < self.cpu.mul_f64(1.2)
    }

    fn shared_with(&self, other: &Batch) -> Duration {
        self.end.min(other.end).saturating_duration_since(self.start.max(other.start))
    }
}

pub(crate) fn rows(table: &mut Table, effort: Effort, peers: &Peers) {
    if !table.wants(NAME) {
        return;
    }
    let load = |times| with_local_recorder(&peers.prometheus, || peers_counter(times));
    let (mut all_ours, mut all_peer, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        alone.push(costs(&mut { load }, PEERS_BATCH * 100).nanos);
        all_ours.extend(contended(effort, OUR_BATCH, &our_counter));
        all_peer.extend(contended(effort, PEERS_BATCH, &load));
    }
    let (ours, peer) = (median(all_ours), median(all_peer));
    let rise = peer / median(alone);
    table.note(format!("two threads: beside the other one the peer takes {rise:.1} times as long"));
    table.add(Row::nanos(NAME, Some(ours), Some(peer)).ratio(0.03, 0.01));
}

/// Nanoseconds for one operation while another thread does the same; none if the two threads never
/// ran at once.
fn contended(effort: Effort, size: u64, load: &(impl Fn(u64) + Sync)) -> Option<f64> {
    let barrier = Barrier::new(2);
    let work = || {
        load(size);
        barrier.wait();
        batches(effort.turn * 2, size, load)
    };
    let [first, second] = std::thread::scope(|scope| {
        [scope.spawn(work), scope.spawn(work)].map(|thread| thread.join().expect("a load returns"))
    });
    let counted: Vec<f64> = overlapping(&first, &second)
        .chain(overlapping(&second, &first))
        .map(|batch| batch.cpu.as_nanos() as f64 / size as f64)
        .collect();
    (!counted.is_empty()).then(|| median(counted))
}

fn batches(time: Duration, size: u64, load: &impl Fn(u64)) -> Vec<Batch> {
    let began = Instant::now();
    let mut batches = Vec::with_capacity(1 << 12);
    while began.elapsed() < time {
        let start = Instant::now();
        let cpu = thread_cpu();
        load(size);
        let cpu = thread_cpu() - cpu;
        batches.push(Batch { start, end: Instant::now(), cpu });
    }
    batches
}

/// The batches of `these` during which the other thread was at work for nine tenths of the time.
fn overlapping<'a>(these: &'a [Batch], others: &'a [Batch]) -> impl Iterator<Item = &'a Batch> {
    these.iter().filter(|batch| batch.uninterrupted()).filter(|batch| {
        let first = others.partition_point(|other| other.end <= batch.start);
        let shared: Duration = others[first..]
            .iter()
            .take_while(|other| other.start < batch.end)
            .filter(|other| other.uninterrupted())
            .map(|other| batch.shared_with(other))
            .sum();
        shared >= (batch.end - batch.start).mul_f64(0.9)
    })
}
