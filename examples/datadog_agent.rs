//! Metrics, an event, a service check and a trace for a Datadog agent: `cargo run --example datadog_agent`.
//!
//! Metrics go by DogStatsD to the agent's socket or port 8125, spans by OTLP to port 4318, and both carry
//! `service`, `env` and `version`, by which Datadog puts them together. `DD_AGENT_HOST`,
//! `DD_DOGSTATSD_URL` and `OTEL_EXPORTER_OTLP_ENDPOINT` say where else. Without an agent it says what to
//! start.

use lightship::{
    CheckStatus, Event, PipelineState, Status, counter, distribution, gauge, set, timer,
};
use std::thread::sleep;
use std::time::Duration;
use tracing::info_span;

const START: &str = "docker run --rm --hostname laptop -e DD_API_KEY -e DD_APM_ENABLED=true \
    -e DD_DOGSTATSD_NON_LOCAL_TRAFFIC=true \
    -e DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT=0.0.0.0:4318 \
    -p 127.0.0.1:8125:8125/udp -p 127.0.0.1:4318:4318 gcr.io/datadoghq/agent:7";

fn main() -> Result<(), lightship::Error> {
    let telemetry =
        lightship::builder("checkout").version("1.4.2").environment("development").install()?;

    telemetry.event(Event::new("deploy", "1.4.2 is out").tag("team", "payments"));
    telemetry.service_check("checkout.database", CheckStatus::Ok);
    for order in 0..20 {
        checkout(order);
    }

    println!("== The latest trace ==\n\n{}", telemetry.trace_text(1));
    println!("== What DogStatsD sends ==\n");
    telemetry.dogstatsd_text().lines().for_each(|line| println!("{line}"));

    telemetry.flush(Duration::from_secs(5));
    let status = telemetry.status();
    println!("\n== How it went ==\n\n{status}");
    advise(&status);
    Ok(())
}

/// An order, with what Datadog shows of it: counts, sizes, distinct customers, time.
fn checkout(order: u64) {
    let _span = info_span!("checkout", order.items = (order % 4) as i64 + 1).entered();
    let _timer = timer!("checkout.duration", "payment" => "card");
    counter!("checkout.orders", "payment" => "card").increment(1);
    distribution!("checkout.items").record(order % 4 + 1);
    set!("checkout.customers").insert(order % 7);
    gauge!("checkout.basket_cents").set(1_000 + 350 * (order % 4));
    info_span!("card.charge", otel.kind = "client")
        .in_scope(|| sleep(Duration::from_millis(2 + order % 3)));
}

fn advise(status: &Status) {
    let is_down = |name: &str| {
        let pipeline = status.pipeline(name);
        pipeline.is_some_and(|it| matches!(it.state, PipelineState::Degraded { .. }))
    };
    match (is_down("dogstatsd"), is_down("otlp")) {
        (false, false) => println!("Everything was taken: look for the service `checkout`."),
        (false, true) => {
            println!("Metrics were sent; the agent takes no OTLP. Start one that does:")
        }
        (true, false) => println!("The trace was taken; no agent takes DogStatsD. Start one:"),
        (true, true) => println!("No agent is there. Start one, with DD_API_KEY set:"),
    }
    if is_down("dogstatsd") || is_down("otlp") {
        println!("\n    {START}\n");
    }
}
