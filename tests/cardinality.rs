//! What a million values of a tag cost: no memory, and no other tag.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/counting.rs"]
mod counting;

use counting::live_bytes;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Telemetry, counter};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Instant;

const STATUS: [&str; 3] = ["ok", "failed", "refused"];
/// What other threads of the process may take or give back meanwhile.
const SLACK: i64 = 256 * 1_024;

fn telemetry(lines: &Arc<Mutex<Vec<String>>>) -> Telemetry {
    let lines = Arc::clone(lines);
    lightship::builder("cardinality")
        .without_environment()
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(move |line| lines.lock().unwrap().push(line.to_owned()))
        .cardinality("library.logins", "user", 10)
        .cardinality("*", "tenant", 200)
        .max_series("wide", 50)
        .install()
        .unwrap()
}

/// Runs `record` for each of `0..count` once, from `threads` threads; how much memory that took after
/// the first half, and how many calls a second there were.
fn run(threads: usize, count: usize, record: impl Fn(usize) + Sync) -> (i64, f64) {
    let (pause, each) = (Barrier::new(threads + 1), count / threads);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (pause, record) = (&pause, &record);
            scope.spawn(move || {
                let (first, warm) = (thread * each, each / 2);
                (first..first + warm).for_each(record);
                pause.wait();
                pause.wait();
                (first + warm..first + each).for_each(record);
                pause.wait();
                pause.wait();
            });
        }
        pause.wait();
        let (before, start) = (live_bytes(), Instant::now());
        pause.wait();
        pause.wait();
        let (after, took) = (live_bytes(), start.elapsed());
        pause.wait();
        (after - before, (count / 2) as f64 / took.as_secs_f64())
    })
}

/// The values of a counter's samples on the page that have this label.
fn total(page: &str, name: &str, label: &str) -> u64 {
    let samples = page.lines().filter(|line| line.starts_with(name) && line.contains(label));
    samples.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

/// One test, because what is installed is the process's, and so is its memory.
#[test]
fn a_million_values_take_no_memory_and_no_other_tag() {
    let (lines, start) = (Arc::default(), Instant::now());
    let telemetry = telemetry(&lines);
    let overflowed = |metric, key| telemetry.status().overflowed(metric, key);

    let login = |n: usize| {
        let (user, status) = (format!("user-{n}"), STATUS[n % 3]);
        counter!("logins", "user" => user, "status" => status).increment(1);
    };
    let (grown, rate) = run(4, 1_000_000, login);
    println!("our macro: {rate:.0} values/s, memory grew by {grown} bytes");
    assert!(grown < SLACK, "{grown} bytes");
    let page = telemetry.prometheus_text();
    assert_eq!(total(&page, "logins_total{", "user=\"_other\""), 999_900);
    for (n, status) in STATUS.into_iter().enumerate() {
        let label = format!("status=\"{status}\"");
        assert_eq!(
            total(&page, "logins_total{", &label),
            (1_000_000 + 2 - n as u64) / 3,
            "{status}"
        );
    }
    assert_eq!(overflowed("logins", "user"), 999_900);
    let row = "lightship_cardinality_overflow_total{metric=\"logins\",key=\"user\"} 999900";
    assert!(page.contains(row));
    assert_eq!(page.matches("\nlogins_total{").count(), 100 + 3);

    let library = |n: usize| {
        let labels = [("user", format!("user-{n}")), ("status", STATUS[n % 3].to_owned())];
        metrics::counter!("library.logins", &labels).increment(1);
    };
    let (grown, rate) = run(2, 50_000, library);
    println!("the macro of `metrics`: {rate:.0} values/s, memory grew by {grown} bytes");
    assert!(grown < SLACK, "{grown} bytes");
    let page = telemetry.prometheus_text();
    assert_eq!(total(&page, "library_logins_total{", "user=\"_other\""), 50_000 - 10);
    assert_eq!(overflowed("library.logins", "user"), 50_000 - 10);

    // Keys of all kinds fill the metric, and then nothing.
    let keys = |n: usize| counter!("keys", format!("key-{n}") => n).increment(1);
    let (grown, _) = run(2, 20_000, keys);
    assert!(grown < SLACK, "{grown} bytes");
    assert_eq!(overflowed("keys", "*"), 20_000 - 2_000);

    for n in 0..300 {
        counter!("tenants", "tenant" => n).increment(1);
        counter!("wide", "a" => n % 60, "b" => n % 7).increment(1);
    }
    assert_eq!(overflowed("tenants", "tenant"), 100);
    assert_eq!(overflowed("wide", "*"), 250);

    // Names that come and go, and texts of any length.
    let long = "x".repeat(30_000);
    let (grown, _) = run(2, 24_000, |n| {
        metrics::counter!("long", "text" => format!("{n}{long}")).increment(1);
        counter!(format!("name.{n}"), "text" => &long[n..]).increment(1);
    });
    assert!(grown < SLACK, "{grown} bytes");
    drop(telemetry);
    let lines = lines.lock().unwrap();
    let minutes = start.elapsed().as_secs() as usize / 60;
    assert!((1..=1 + minutes).contains(&lines.len()), "{lines:?}");
    assert!(lines[0].contains("`logins`: the tag `user` has more than 100 values"), "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("user-")), "{lines:?}");
}
