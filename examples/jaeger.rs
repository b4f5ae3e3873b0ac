//! One trace in Jaeger: `cargo run --example jaeger`.
//!
//! Sends it to `localhost:4318` (or `OTEL_EXPORTER_OTLP_ENDPOINT`), asks Jaeger on port 16686 for it, and
//! prints what Jaeger has and where to look at it. Without Jaeger it says what to start.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;
use tracing::{info, info_span};

const SERVICE: &str = "jaeger-example";
const QUERY: &str = "127.0.0.1:16686";
const START: &str = "docker run --rm -p 127.0.0.1:16686:16686 -p 127.0.0.1:4318:4318 \
                     jaegertracing/all-in-one:1.76.0";

fn main() -> Result<(), lightship::Error> {
    let telemetry = lightship::init(SERVICE)?;
    order();
    println!("\n== The trace, as it was recorded ==\n\n{}", telemetry.trace_text(1));

    let report = telemetry.flush(Duration::from_secs(5));
    let sent = report.pipeline("otlp").is_some_and(|otlp| otlp.complete && otlp.sent > 0);
    if !sent {
        println!("Nobody took it. Start Jaeger, and run this again:\n\n    {START}\n");
        println!("Or without Docker, with Go on the machine:\n");
        println!("    $(scripts/backends/jaeger | cut -d= -f2)\n");
        return Ok(());
    }
    match (0..20).find_map(|_| latest_trace()) {
        Some((id, spans)) => {
            println!("== What Jaeger has ==\n");
            spans.iter().for_each(|span| println!("{span}"));
            println!("\nLook at it: http://{QUERY}/trace/{id}");
        }
        None => println!("It was taken, but no Jaeger answers on {QUERY}: a collector, perhaps."),
    }
    Ok(())
}

/// An order, with what it takes.
fn order() {
    let _order = info_span!("POST /orders", otel.kind = "server", order.items = 3_i64).entered();
    info_span!("card.charge", otel.kind = "client").in_scope(|| {
        sleep(Duration::from_millis(12));
        info!(amount_cents = 4_200, "charged");
    });
    info_span!("INSERT orders", otel.kind = "client", db.system.name = "postgresql")
        .in_scope(|| sleep(Duration::from_millis(3)));
}

/// The id of this service's latest trace, and a line for each span; asked again until it is there.
fn latest_trace() -> Option<(String, Vec<String>)> {
    sleep(Duration::from_millis(250));
    let answer: Value =
        serde_json::from_str(&get(&format!("/api/traces?service={SERVICE}&limit=1"))?).ok()?;
    let trace = answer["data"].get(0)?;
    let line = |span: &Value| {
        let text = |key: &str| span[key].as_str().unwrap_or_default().to_owned();
        let millis = span["duration"].as_f64().unwrap_or_default() / 1_000.0;
        format!("{:<14} {:>8.2} ms   span {}", text("operationName"), millis, text("spanID"))
    };
    let spans = trace["spans"].as_array()?.iter().map(line).collect();
    Some((trace["traceID"].as_str()?.to_owned(), spans))
}

fn get(path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(QUERY).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    // HTTP/1.0, whose answers come in one piece.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {QUERY}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}
