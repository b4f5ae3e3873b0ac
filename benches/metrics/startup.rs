//! What `lightship::init` adds to the start of a process.

use crate::child::child;
use crate::harness::{Effort, median};
use crate::table::{Row, Table};
use crate::udp::Drain;
use std::time::Instant;

pub(crate) const CHILD: &str = "child-startup";
const NAME: &str = "init, wall time in a fresh process";
const PROCESSES: usize = 10;

pub(crate) fn rows(table: &mut Table, effort: Effort, agent: &Drain) {
    if !table.wants(NAME) {
        return;
    }
    let processes = if effort.smoke { 1 } else { PROCESSES };
    let times = (0..processes).map(|_| {
        let output = child(CHILD)
            .env("DD_DOGSTATSD_URL", format!("udp://{}", agent.address()))
            .env("OTEL_EXPORTER_PROMETHEUS_PORT", "0")
            .output()
            .expect("this program can start itself");
        let milliseconds = String::from_utf8_lossy(&output.stdout);
        milliseconds.trim().parse::<f64>().expect("the child says how long it took")
    });
    table.add(Row::nanos(NAME, Some(median(times)), None).unit("ms").at_most(10.0));
}

/// The child's part.
pub(crate) fn install() {
    let start = Instant::now();
    let telemetry = lightship::init("bench").expect("nothing else is installed in this process");
    println!("{}", start.elapsed().as_secs_f64() * 1e3);
    // To be measured is the start alone.
    std::mem::forget(telemetry);
}
