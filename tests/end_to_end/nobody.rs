//! Nobody listens: the host must not notice.

use crate::support::child::{self, this_test};
use crate::support::dogstatsd::{Kind, Vacant};
use lightship::{DogStatsd, Prometheus, counter, gauge, histogram};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the load goes on; long enough that a line a minute may come twice.
const LOAD: Duration = Duration::from_secs(60);

#[test]
fn a_minute_without_an_agent_costs_one_line_and_no_memory() {
    if child::argument().is_none() {
        // In a process of its own: what others allocate meanwhile says nothing.
        let ended = child::command(this_test!(), "").output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        return;
    }
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let (_vacant, kind) = Vacant::reserve(Kind::Udp(([127, 0, 0, 1], 0).into()));
    let Kind::Udp(address) = kind else { panic!("asked for UDP, got {kind:?}") };
    let telemetry = lightship::builder("nobody")
        .without_environment()
        .dogstatsd(
            DogStatsd::default()
                .address(format!("udp://{address}"))
                .flush_interval(Duration::from_millis(500)),
        )
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .notices(move |line| sink.lock().unwrap().push((Instant::now(), line.to_owned())))
        .install()
        .unwrap();

    let start = Instant::now();
    let mut settled = None;
    let mut n = 0_u64;
    while start.elapsed() < LOAD {
        for _ in 0..5_000 {
            n += 1;
            let route = ["/a", "/b", "/c"][n as usize % 3];
            counter!("nobody.requests", "route" => route).increment(1);
            histogram!("nobody.duration").record((n % 1_000) as f64 / 1e3);
            gauge!("nobody.depth").set(n % 10);
        }
        std::thread::sleep(Duration::from_millis(5));
        // After five seconds everything that is ever allocated should be there.
        if settled.is_none() && start.elapsed() > Duration::from_secs(5) {
            settled = Some(resident());
        }
    }
    let grown = resident().saturating_sub(settled.unwrap());
    assert!(grown < 4 << 20, "{grown} bytes more after {n} rounds");

    let lines = lines.lock().unwrap().clone();
    let of_dogstatsd: Vec<_> =
        lines.iter().filter(|(_, line)| line.starts_with("dogstatsd")).collect();
    assert!((1..=2).contains(&of_dogstatsd.len()), "{lines:?}");
    assert!(of_dogstatsd[0].1.contains(&address.to_string()), "{lines:?}");
    let status = telemetry.status();
    assert_eq!(status.pipeline("dogstatsd").unwrap().state.name(), "degraded", "{status}");
    assert!(telemetry.prometheus_text().contains("nobody_duration_count"));

    let start = Instant::now();
    let report = telemetry.shutdown(Duration::from_secs(2));
    assert!(start.elapsed() < Duration::from_millis(2_500), "{:?}", start.elapsed());
    let dogstatsd = report.pipeline("dogstatsd").unwrap();
    assert!(!dogstatsd.complete, "{report}");
    assert!(dogstatsd.lost >= n, "every value of {n} rounds is counted as lost: {report}");
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}
