//! A small service for a few seconds, and what its telemetry looks like: nothing has to be there.
//!
//! `cargo run --example quickstart`

use lightship::{counter, gauge, histogram, timer};
fn main() -> Result<(), lightship::Error> {
    let telemetry = lightship::init("upload-service")?;
    for n in 0..200u64 {
        let _timer = timer!("api.duration", "endpoint" => "/documents");
        counter!("api.requests", "endpoint" => "/documents").increment(1);
        histogram!("upload.size", "kind" => "pdf").record(n * 1000);
        gauge!("queue.size", "queue" => "parser").set(n % 7);
    }
    println!("{}", telemetry.prometheus_text());
    println!("{}", telemetry.status());
    println!("{}", telemetry.explain());
    println!("{}", telemetry.shutdown(std::time::Duration::from_secs(2)));
    Ok(())
}
