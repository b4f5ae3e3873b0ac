//! A small upload service for three seconds, and what its telemetry looks like.
//!
//! Nothing has to be there: `cargo run --example quickstart`. Where a Datadog agent listens, Jaeger or
//! another OTLP collector, or a Prometheus server scrapes `127.0.0.1:9464`, the same command feeds them.

use lightship::{Telemetry, Unit, counter, describe_histogram, gauge, histogram, timer};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use tracing::{error, field, info_span, warn};

fn main() -> Result<(), lightship::Error> {
    let telemetry = lightship::init("upload-service")?;
    describe_histogram!("upload.size", Unit::Bytes, "Sizes of uploaded documents.");

    println!("Playing a small upload service for three seconds ...\n");
    scope(|threads| {
        for worker in 0..3 {
            threads.spawn(move || serve(worker));
        }
    });

    show(&telemetry);
    println!("\n== The end: everything is sent within one deadline ==\n");
    print!("{}", telemetry.shutdown(Duration::from_secs(2)));
    println!("\nWhere to look next: README.md, docs/environment.md, `cargo doc --open`.");
    Ok(())
}

/// What a service author writes: spans and events of `tracing`, and `counter!`, `timer!` and the like.
fn serve(worker: u64) {
    let start = Instant::now();
    let mut dice = worker;
    while start.elapsed() < Duration::from_secs(3) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        upload(dice >> 33);
    }
}

/// One request: a document is stored, described by a language model, and indexed.
fn upload(dice: u64) {
    let size = 20_000 + dice % 400_000;
    let _span = info_span!("POST /documents", document.size = size as i64).entered();
    let _timer = timer!("api.duration", "endpoint" => "/documents");
    gauge!("uploads.running").increment(1);
    let stored = store(dice);
    if stored {
        describe(dice);
        index(dice);
        histogram!("upload.size", "kind" => "pdf").record(size);
    }
    gauge!("uploads.running").decrement(1);
    let status = if stored { 201_u16 } else { 503 };
    counter!("api.requests", "endpoint" => "/documents", "status" => status).increment(1);
}

/// Fails now and then.
fn store(dice: u64) -> bool {
    let _span = info_span!("storage.put", bucket = "documents").entered();
    sleep(Duration::from_micros(500 + dice % 4_000));
    let stored = !dice.is_multiple_of(250);
    if !stored {
        error!(bucket = "documents", "the storage did not answer");
    }
    stored
}

/// A call as OpenTelemetry's conventions for generative AI have it.
fn describe(dice: u64) {
    let span = info_span!(
        "chat gpt-4o",
        otel.kind = "client",
        gen_ai.operation.name = "chat",
        gen_ai.request.model = "gpt-4o",
        gen_ai.usage.input_tokens = field::Empty,
    )
    .entered();
    let tokens = 400 + dice % 900;
    sleep(Duration::from_micros(3_000 + tokens * 5));
    span.record("gen_ai.usage.input_tokens", tokens as i64);
    counter!("llm.tokens", "model" => "gpt-4o", "direction" => "input").increment(tokens);
}

/// Slow now and then.
fn index(dice: u64) {
    let _span = info_span!("INSERT documents", db.system.name = "sqlite").entered();
    let _timer = timer!("db.query", "table" => "documents");
    let slow = dice.is_multiple_of(200);
    sleep(Duration::from_millis(if slow { 120 } else { 1 + dice % 3 }));
    if slow {
        warn!(table = "documents", "a query took longer than 100 ms");
    }
}

/// What became of it in each backend.
fn show(telemetry: &Telemetry) {
    println!("\n== The latest traces, as OTLP has them ==\n");
    print!("{}", telemetry.trace_text(2));

    println!("\n== What Prometheus scrapes (an excerpt) ==\n");
    let page = telemetry.prometheus_text();
    let mut last_count = "0";
    for line in page.lines().filter(|line| line.starts_with("api_") || line.starts_with("llm_")) {
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
    lines.iter().take(4).for_each(|line| println!("{line}"));
    println!("... and {} more lines", lines.len().saturating_sub(4));

    println!("\n== The pipelines ==\n");
    print!("{}", telemetry.status());
    match telemetry.admin_addr() {
        Some(address) => println!("\nWhile this runs the page is at http://{address}/metrics"),
        None => println!("\nNobody can scrape the page now; the status says why."),
    }
}
