//! How much memory ten minutes of recording leave a process with.
//!
//! Ours and the peer run in a fresh process each. Both record the samples of ten minutes as fast
//! as they can, and what a background thread would do meanwhile is done after as many samples as
//! come in between, by the clock of a service that records [`PER_SECOND`].

use crate::child::child;
use crate::harness::Effort;
use crate::one_thread::latencies;
use crate::peers::{self, BOUNDS};
use crate::table::{Row, Table};
use crate::udp::Drain;
use lightship::{DogStatsd, Prometheus, counter, gauge, histogram};
use metrics::with_local_recorder;
use std::sync::Barrier;
use std::time::Duration;

pub(crate) const CHILD: &str = "child-memory";
const NAME: &str = "RSS, 2,000 series of each kind, 8 threads, after 10 minutes";

const THREADS: usize = 8;
/// 2,000 series of each kind: so many metrics, with so many values of a tag.
const METRICS: usize = 20;
const TAG_VALUES: usize = 100;
const SERIES: usize = METRICS * TAG_VALUES;
/// Samples of all kinds and threads.
const PER_SECOND: usize = 20_000;
/// How often the peer moves values from queues to buckets.
const SECONDS_PER_STEP: usize = 5;
const STEPS: usize = 600 / SECONDS_PER_STEP;
/// Prometheus scrapes every 15 seconds.
const STEPS_PER_SCRAPE: usize = 3;
/// Our DogStatsD pipeline flushes every two seconds: here a bit less often than the clock wants it.
const FLUSHES_PER_STEP: usize = 2;

pub(crate) fn rows(table: &mut Table, effort: Effort) {
    if !table.wants(NAME) {
        return;
    }
    let steps = if effort.smoke { 1 } else { STEPS };
    let agent = Drain::start();
    let ours = mebibytes_of_child("ours", steps, agent.address());
    let peer = mebibytes_of_child("peer", steps, agent.address());
    table.add(Row::nanos(NAME, Some(ours), Some(peer)).unit("MiB").ratio(2.0, 2.0));
}

fn mebibytes_of_child(whose: &str, steps: usize, agent: &str) -> f64 {
    let output = child(CHILD)
        .args([whose, &steps.to_string(), agent])
        .output()
        .expect("this program can start itself");
    let kibibytes = String::from_utf8_lossy(&output.stdout);
    kibibytes.trim().parse::<f64>().expect("the child says what it takes") / 1024.0
}

/// The child's part.
pub(crate) fn record<'a>(mut words: impl Iterator<Item = &'a str>) {
    let whose = words.next();
    let steps = words.next().and_then(|steps| steps.parse().ok()).expect("a number of steps");
    match whose {
        Some("ours") => ours(steps, words.next().expect("an agent's address")),
        _ => peer(steps),
    }
    println!("{}", resident_kibibytes());
}

fn ours(steps: usize, agent: &str) {
    let mut builder = lightship::builder("bench")
        .dogstatsd(DogStatsd::default().address(format!("udp://{agent}")))
        .prometheus(Prometheus::default().listen("127.0.0.1:0"));
    for metric in 0..METRICS {
        builder = builder.buckets(format!("histogram.{metric}"), BOUNDS);
    }
    let telemetry = builder.install().expect("nothing else is installed in this process");
    let series = Series {
        counters: each(|m, v| counter!(format!("counter.{m}"), "endpoint" => v)),
        gauges: each(|m, v| gauge!(format!("gauge.{m}"), "endpoint" => v)),
        histograms: each(|m, v| histogram!(format!("histogram.{m}"), "endpoint" => v)),
    };
    let sample = |kind, index: usize, value: f64| match kind {
        0 => series.counters[index].increment(1),
        1 => series.gauges[index].set(value),
        _ => series.histograms[index].record(value),
    };
    run(steps, &sample, &|step| {
        for _ in 0..FLUSHES_PER_STEP {
            telemetry.flush(Duration::from_secs(5));
        }
        if step % STEPS_PER_SCRAPE == 0 {
            drop(telemetry.prometheus_text());
        }
    });
    // What is to be measured is a running service.
    std::mem::forget(telemetry);
}

fn peer(steps: usize) {
    let recorder = peers::prometheus();
    let series = with_local_recorder(&recorder, || Series {
        counters: each(|m, v| metrics::counter!(format!("counter_{m}"), "endpoint" => v)),
        gauges: each(|m, v| metrics::gauge!(format!("gauge_{m}"), "endpoint" => v)),
        histograms: each(|m, v| metrics::histogram!(format!("histogram_{m}"), "endpoint" => v)),
    });
    let sample = |kind, index: usize, value: f64| match kind {
        0 => series.counters[index].increment(1),
        1 => series.gauges[index].set(value),
        _ => series.histograms[index].record(value),
    };
    let handle = recorder.handle();
    run(steps, &sample, &|step| {
        handle.run_upkeep();
        if step % STEPS_PER_SCRAPE == 0 {
            drop(handle.render());
        }
    });
    std::mem::forget((recorder, series));
}

struct Series<C, G, H> {
    counters: Vec<C>,
    gauges: Vec<G>,
    histograms: Vec<H>,
}

fn each<T>(make: impl Fn(usize, String) -> T) -> Vec<T> {
    (0..SERIES).map(|n| make(n / TAG_VALUES, format!("/documents/{}", n % TAG_VALUES))).collect()
}

/// Every thread records into every series, a third of the samples into each kind.
fn run(steps: usize, sample: &(impl Fn(usize, usize, f64) + Sync), background: &impl Fn(usize)) {
    let values = latencies(1 << 16);
    let barrier = Barrier::new(THREADS + 1);
    let per_step = PER_SECOND * SECONDS_PER_STEP / THREADS;
    let work = |thread: usize| {
        // Each thread begins elsewhere, so that all of them meet all series with all values.
        let mut next = thread * 7_919;
        for _ in 0..steps {
            for _ in 0..per_step {
                sample(next % 3, next / 3 % SERIES, values[next % values.len()]);
                next += 1;
            }
            barrier.wait();
        }
        // Nobody leaves before the last background work is done.
        barrier.wait();
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || work(thread));
        }
        for step in 0..steps {
            barrier.wait();
            background(step);
        }
        barrier.wait();
    });
}

fn resident_kibibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = resident.and_then(|rest| rest.trim().split(' ').next());
    number.and_then(|number| number.parse().ok()).expect("the kernel says what a process takes")
}
