//! Nothing is lost and nothing is sent twice while the agent is away and can be seen to be.

use super::support::{FakeAgent, Kind, Line, Vacant};
use super::*;
use crate::metrics::reading::Kind as Metric;
use crate::status::DropReason;

fn kinds(directory: &Directory) -> Vec<Kind> {
    vec![
        Kind::Udp(([127, 0, 0, 1], 0).into()),
        Kind::Udp(([0, 0, 0, 0, 0, 0, 0, 1], 0).into()),
        Kind::Datagram(directory.socket()),
        Kind::Stream(directory.socket()),
    ]
}

/// What the lines of one name add up to: counter total, histogram count, histogram sum.
fn totals(lines: &[Line], name: &str) -> (f64, u64, f64) {
    let mut totals = (0.0, 0, 0.0);
    for metric in lines.iter().filter_map(Line::metric).filter(|metric| metric.name == name) {
        match metric.kind.as_str() {
            "c" => totals.0 += metric.sum(),
            _ => {
                totals.1 += metric.count();
                totals.2 += metric.sum();
            }
        }
    }
    totals
}

struct Load {
    source: Arc<TestSource>,
    counter: usize,
    histogram: usize,
    timer: usize,
    step: u64,
}

impl Load {
    fn new() -> Self {
        let source = TestSource::new();
        let counter = source.series(Metric::Counter, "uploads", &[("kind", "pdf")]);
        let histogram = source.series(Metric::Histogram, "size", &[]);
        let timer = source.series(Metric::Timer, "query", &[]);
        Load { source, counter, histogram, timer, step: 0 }
    }

    fn record(&mut self) {
        self.step += 1;
        self.source.increment(self.counter, self.step);
        for n in 0..(self.step * 37) % 500 {
            let value = 1.0 + ((n * 7_919 + self.step * 104_729) % 10_007) as f64 / 13.0;
            self.source.record(self.histogram, value);
            self.source.record(self.timer, value / 1_000.0);
        }
    }

    fn check(&self, lines: &[Line]) {
        let total = (1..=self.step).sum::<u64>() as f64;
        assert_eq!(totals(lines, "uploads").0, total);
        for (series, name, unit) in [(self.histogram, "size", 1.0), (self.timer, "query", 1_000.0)]
        {
            let (count, sum) = self.source.truth(series);
            let (_, sent_count, sent_sum) = totals(lines, name);
            assert_eq!(sent_count, count, "{name}");
            let off = (sent_sum / (sum * unit) - 1.0).abs();
            assert!(off < 1e-9, "{name}: {sent_sum} for {sum}, off by {off:e}");
        }
    }
}

#[test]
fn an_outage_costs_nothing_over_any_socket_that_tells() {
    let directory = Directory::new();
    for kind in kinds(&directory) {
        let mut load = Load::new();
        let agent = FakeAgent::listen(kind);
        let kind = agent.kind();
        let mut rig = Rig::new(&settings(address_of(&kind)), &load.source);
        let mut payloads = Vec::new();
        let mut agent = Some(agent);
        let mut vacant = None;
        for round in 0..60 {
            load.record();
            match round % 20 {
                7 => {
                    payloads.extend(agent.take().map(FakeAgent::stop).unwrap_or_default());
                    vacant = Some(Vacant::reserve(kind.clone()));
                }
                15 => {
                    drop(vacant.take());
                    agent = Some(FakeAgent::listen(kind.clone()));
                }
                _ => {}
            }
            let expected = if agent.is_some() { Outcome::Complete } else { Outcome::Down };
            assert_eq!(rig.flush(), expected, "{kind:?}, round {round}");
        }
        payloads.extend(agent.map(FakeAgent::stop).unwrap_or_default());
        load.check(&support::understand(&payloads));
        assert_eq!(rig.pipeline.status().dropped_total(), 0, "{kind:?}");
    }
}

#[test]
fn an_agent_that_is_late_gets_everything() {
    let directory = Directory::new();
    for kind in kinds(&directory) {
        let mut load = Load::new();
        let (vacant, kind) = Vacant::reserve(kind);
        let mut rig = Rig::new(&settings(address_of(&kind)), &load.source);
        for _ in 0..10 {
            load.record();
            assert_eq!(rig.flush(), Outcome::Down, "{kind:?}");
        }
        let status = rig.pipeline.status();
        assert_eq!((status.state.name(), status.sent), ("degraded", 0));
        drop(vacant);
        let agent = FakeAgent::listen(kind);
        assert_eq!(rig.flush(), Outcome::Complete);
        load.check(&support::understand(&agent.stop()));
    }
}

#[test]
fn a_slow_agent_loses_nothing_and_holds_nobody_up() {
    let directory = Directory::new();
    for kind in [Kind::Datagram(directory.socket()), Kind::Stream(directory.socket())] {
        let mut load = Load::new();
        let agent = FakeAgent::listen(kind);
        let mut rig = Rig::new(&settings(address_of(&agent.kind())), &load.source);
        load.record();
        rig.flush_all();
        agent.pause();
        let tags: Vec<String> = (0..400).map(|n| format!("{n}")).collect();
        let wide: Vec<usize> = tags
            .iter()
            .map(|n| {
                load.source.series(Metric::Counter, "wide", &[("n", n), ("x", &"x".repeat(150))])
            })
            .collect();
        let mut slow = 0;
        for _ in 0..12 {
            load.record();
            wide.iter().for_each(|&series| load.source.increment(series, 1));
            let start = Instant::now();
            slow += u32::from(rig.flush() == Outcome::Slow);
            assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
        }
        assert!(slow > 0, "the queue never filled up");
        assert!(rig.pipeline.status().to_string().contains("does not read"));
        agent.resume();
        rig.flush_all();
        let lines = support::understand(&agent.stop());
        load.check(&lines);
        assert_eq!(totals(&lines, "wide").0, 12.0 * 400.0);
        assert_eq!(rig.pipeline.status().dropped_total(), 0);
    }
}

#[test]
fn a_socket_of_the_wrong_kind_is_named_or_taken() {
    let directory = Directory::new();
    let agent = FakeAgent::listen(Kind::Stream(directory.socket()));
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    source.increment(counter, 1);
    let mut rig = Rig::new(&settings(unix(&directory.socket(), UnixSocket::Datagram)), &source);
    assert_eq!(rig.flush(), Outcome::Down);
    assert!(rig.pipeline.status().to_string().contains("of another kind"));
    let mut rig = Rig::new(&settings(unix(&directory.socket(), UnixSocket::Either)), &source);
    assert_eq!(rig.flush(), Outcome::Complete);
    drop(agent);
    // It comes back as the other kind.
    let agent = FakeAgent::listen(Kind::Datagram(directory.socket()));
    source.increment(counter, 2);
    assert_eq!(rig.flush(), Outcome::Complete);
    assert_eq!(totals(&support::understand(&agent.stop()), "a").0, 2.0);
}

#[test]
fn a_name_may_have_addresses_where_nobody_listens() {
    let agent = FakeAgent::udp();
    let Kind::Udp(address) = agent.kind() else { unreachable!() };
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    source.increment(counter, 3);
    let address = Address::Udp { host: "localhost".into(), port: address.port() };
    let mut rig = Rig::new(&settings(address), &source);
    rig.flush_all();
    assert_eq!(totals(&support::understand(&agent.stop()), "a").0, 3.0);
}

#[test]
fn a_name_that_does_not_resolve_is_a_state_and_not_an_error() {
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    source.increment(counter, 3);
    let address = Address::Udp { host: "nobody.invalid".into(), port: 8_125 };
    let mut rig = Rig::new(&settings(address), &source);
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(rig.flush(), Outcome::Down);
    }
    assert!(start.elapsed() < Duration::from_secs(2));
    let status = rig.pipeline.status().to_string();
    assert!(status.contains("nobody.invalid") && status.contains("DD_AGENT_HOST"), "{status}");
    assert_eq!(source.collected.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[test]
fn an_outage_costs_a_probe_and_no_reading() {
    let directory = Directory::new();
    for kind in kinds(&directory) {
        let (_vacant, kind) = Vacant::reserve(kind);
        let source = TestSource::new();
        let counter = source.series(Metric::Counter, "a", &[]);
        source.increment(counter, 1);
        let mut rig = Rig::new(&settings(address_of(&kind)), &source);
        (0..50).for_each(|_| assert_eq!(rig.flush(), Outcome::Down));
        let collected = source.collected.load(std::sync::atomic::Ordering::Relaxed);
        assert!(collected <= 1, "{kind:?}: {collected}");
    }
}

#[test]
fn an_idle_service_notices_that_the_agent_is_back() {
    let directory = Directory::new();
    let source = TestSource::new();
    let mut rig = Rig::new(&settings(unix(&directory.socket(), UnixSocket::Either)), &source);
    assert_eq!(rig.flush(), Outcome::Down);
    let _agent = FakeAgent::listen(Kind::Datagram(directory.socket()));
    let start = Instant::now();
    while rig.pipeline.status().state.name() == "degraded" {
        assert_eq!(rig.flush(), Outcome::Complete);
        assert!(start.elapsed() < Duration::from_secs(20), "{}", rig.pipeline.status());
        std::thread::sleep(Duration::from_millis(100));
    }
    let status = rig.pipeline.status();
    assert_eq!((status.state.name(), status.sent), ("up", 0));
}

#[test]
fn what_stays_behind_is_counted() {
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let gauge = source.series(Metric::Gauge, "b", &[]);
    let histogram = source.series(Metric::Histogram, "c", &[]);
    let set = source.series(Metric::Set, "d", &[]);
    source.series(Metric::Counter, "untouched", &[]);
    source.increment(counter, 10);
    source.increment_at(counter, 5, 1_700_000_000);
    source.set(gauge, 1.0);
    (0..20).for_each(|n| source.record(histogram, f64::from(n)));
    (0..3).for_each(|n| source.insert(set, n));
    let directory = Directory::new();
    let mut rig = Rig::new(&settings(unix(&directory.socket(), UnixSocket::Either)), &source);
    assert_eq!(rig.flush(), Outcome::Down);
    assert!(!rig.flusher.is_idle());
    // The timestamped increment, the rest of the counter, the gauge, the values, the members.
    assert_eq!(rig.flusher.abandon(false), 1 + 1 + 1 + 20 + 3);
    assert_eq!(rig.pipeline.drops().get(DropReason::Shutdown), 26);
}
