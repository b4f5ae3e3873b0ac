//! A small service for three seconds, and what its telemetry looks like.
//!
//! Nothing has to be there: `cargo run --example quickstart`. Where a Datadog agent listens, or a
//! Prometheus server scrapes `127.0.0.1:9464`, the same command feeds them.

use lightship::{Telemetry, Unit, counter, describe_histogram, gauge, histogram, timer};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

fn main() -> Result<(), lightship::Error> {
    let telemetry = lightship::init("upload-service")?;
    describe_histogram!("upload.size", Unit::Bytes, "Sizes of uploaded documents.");

    println!("Playing a small upload service for three seconds ...");
    scope(|threads| {
        for worker in 0..3 {
            threads.spawn(move || serve(worker));
        }
    });

    show(&telemetry);
    println!("\n== The end: everything is sent within one deadline ==\n");
    print!("{}", telemetry.shutdown(Duration::from_secs(2)));
    println!("\nWhere to look next: README.md, `cargo doc --open`, and /status beside /metrics.");
    Ok(())
}

/// What a service author writes: the calls to `counter!`, `timer!` and the like.
fn serve(worker: u64) {
    let start = Instant::now();
    let mut n = worker;
    while start.elapsed() < Duration::from_secs(3) {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = n >> 33;
        let _timer = timer!("api.duration", "endpoint" => "/documents");
        let status = if dice.is_multiple_of(50) { 503_u16 } else { 201 };
        gauge!("uploads.running").increment(1);
        sleep(Duration::from_micros(500 + dice % 20_000));
        histogram!("upload.size", "kind" => "pdf").record(20_000 + dice % 400_000);
        counter!("api.requests", "endpoint" => "/documents", "status" => status).increment(1);
        gauge!("uploads.running").decrement(1);
    }
}

/// What became of it in each backend.
fn show(telemetry: &Telemetry) {
    println!("\n== What Prometheus scrapes (an excerpt) ==\n");
    let page = telemetry.prometheus_text();
    let mut last_count = "0";
    for line in page.lines().filter(|line| line.starts_with("api_") || line.starts_with("upload")) {
        let count = line.rsplit(' ').next().unwrap_or_default();
        let is_bucket = line.contains("_bucket{");
        // Of the buckets, those that say something new.
        if !is_bucket || count != last_count {
            println!("{line}");
        }
        last_count = if is_bucket { count } else { "0" };
    }

    println!("\n== What DogStatsD sends next (an excerpt) ==\n");
    let text = telemetry.dogstatsd_text();
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_by_key(|line| line.len());
    lines.iter().take(6).for_each(|line| println!("{line}"));
    println!("... and {} more lines", lines.len().saturating_sub(6));

    println!("\n== The pipelines ==\n");
    print!("{}", telemetry.status());
    match telemetry.admin_addr() {
        Some(address) => println!("\nWhile this runs the page is at http://{address}/metrics"),
        None => println!("\nNobody can scrape the page now; the status says why."),
    }
}
