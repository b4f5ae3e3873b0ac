//! Whatever goes in, only good lines come out, and every point is accounted for.

use super::support::{Line, parse_payload};
use super::*;
use crate::dogstatsd::payload::Payload;
use crate::dogstatsd::transport::{Delivery, Fault, Settled, Transport};
use crate::dogstatsd::{AlertType, CheckStatus, Event, Priority, ServiceCheck};
use crate::metrics::reading::Kind as Metric;
use crate::status::DropReason;
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;

/// What becomes of a payload.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Accepted,
    Refused,
    Slow,
    /// Begun, and finished at the next call.
    Finished,
    /// Begun, and the stream dies.
    Died,
    /// Too long for the socket if longer than this.
    Limit(usize),
}

/// A transport that does as it is told, then accepts.
struct Scripted {
    fates: VecDeque<Fate>,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
    settled: Settled,
}

impl Transport for Scripted {
    fn prepare(&mut self, _: Instant) -> Result<(), Fault> {
        Ok(())
    }

    fn deliver(&mut self, payload: &Payload, _: Instant) -> Delivery {
        let fate = self.fates.pop_front().unwrap_or(Fate::Accepted);
        let arrives = match fate {
            Fate::Accepted | Fate::Finished => true,
            Fate::Limit(limit) => payload.bytes.len() <= limit,
            Fate::Refused | Fate::Slow | Fate::Died => false,
        };
        if arrives {
            self.received.lock().unwrap().push(payload.bytes.clone());
        }
        match fate {
            Fate::Limit(_) if !arrives => Delivery::TooLong,
            Fate::Accepted | Fate::Limit(_) => Delivery::Accepted,
            Fate::Refused => Delivery::Refused(Fault::down("scripted")),
            Fate::Slow => Delivery::Refused(Fault::passing("scripted")),
            Fate::Finished => {
                self.settled.delivered += payload.lines;
                Delivery::Begun
            }
            Fate::Died => {
                self.settled.unknown += payload.points;
                Delivery::Begun
            }
        }
    }

    fn settled(&mut self) -> Settled {
        std::mem::take(&mut self.settled)
    }

    fn name(&self) -> &'static str {
        "scripted"
    }
}

struct Scene {
    source: Arc<TestSource>,
    rig: Rig,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Scene {
    fn new(limit: usize, fates: Vec<Fate>, tags: Vec<(String, String)>) -> Self {
        let source = TestSource::new();
        let received = Arc::new(Mutex::new(Vec::new()));
        let transport = Scripted {
            fates: fates.into(),
            received: Arc::clone(&received),
            settled: Settled::default(),
        };
        let address = Address::Udp { host: "127.0.0.1".into(), port: 9 };
        let settings = DogStatsdSettings { tags, ..settings(address) };
        let rig = Rig::with_transport(&settings, &source, Box::new(transport), limit);
        Scene { source, rig, received }
    }

    fn push(&self, event: &Event, check: &ServiceCheck) {
        let drops = self.rig.pipeline.drops();
        let flusher = &self.rig.flusher;
        let lines = [
            event.line(&flusher.constants, flusher.limit - 1, drops),
            check.line(&flusher.constants, flusher.limit - 1, drops),
        ];
        for line in lines {
            match line {
                Some(line) => self.rig.queues.events.push(line),
                None => self.rig.pipeline.dropped(DropReason::Oversize, 1),
            }
        }
    }

    /// The lines that arrived; all of them good, all payloads within the limit.
    fn lines(&self, limit: usize) -> Vec<Line> {
        let received = self.received.lock().unwrap();
        let lines = received.iter().flat_map(|payload| {
            assert!(payload.len() <= limit && payload.ends_with(b"\n"), "{} bytes", payload.len());
            parse_payload(payload).unwrap()
        });
        lines.collect()
    }

    fn lost(&self) -> u64 {
        let drops = self.rig.pipeline.drops();
        [DropReason::Oversize, DropReason::Unknown, DropReason::QueueFull, DropReason::Shutdown]
            .iter()
            .map(|&reason| drops.get(reason))
            .sum()
    }
}

/// Points as the pipeline counts them.
fn points(lines: &[Line]) -> u64 {
    let points = lines.iter().map(|line| match line {
        Line::Metric(metric) if ["h", "d", "ms"].contains(&metric.kind.as_str()) => metric.count(),
        _ => 1,
    });
    points.sum()
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z.]{1,12}",
        ".{0,20}",
        "[a|:,#@\n\r\0 _é\u{2028}İß{}\\\\]{0,30}",
        "[a-zA-Z0-9é:/]{150,400}",
        Just("dd.internal.entity_id".to_owned()),
        Just("a:1|c\nevil:1|c|#host:x".to_owned()),
    ]
}

fn tags(most: usize) -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((hostile(), hostile()), 0..most)
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        3 => Just(Fate::Accepted),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Slow),
        1 => Just(Fate::Finished),
        1 => Just(Fate::Died),
        1 => (300_usize..2_000).prop_map(Fate::Limit),
    ];
    proptest::collection::vec(fate, 0..40)
}

fn event(title: &str, text: &str, tags: &[(String, String)]) -> Event {
    let event = Event::new(title, text)
        .hostname(text)
        .aggregation_key(title)
        .source_type(text)
        .priority(Priority::Low)
        .alert_type(AlertType::Error);
    tags.iter().fold(event, |event, (key, value)| event.tag(key, value))
}

fn check(name: &str, text: &str, tags: &[(String, String)]) -> ServiceCheck {
    let check = ServiceCheck::new(name, CheckStatus::Critical).message(text).hostname(name);
    tags.iter().fold(check, |check, (key, value)| check.tag(key, value))
}

const KINDS: [Metric; 6] = [
    Metric::Counter,
    Metric::Gauge,
    Metric::Histogram,
    Metric::Distribution,
    Metric::Timer,
    Metric::Set,
];

#[test]
fn a_socket_that_takes_less_gets_less() {
    let mut scene = Scene::new(8_192, vec![Fate::Limit(700); 1_000], Vec::new());
    for n in 0..200_u64 {
        let counter = scene.source.series(Metric::Counter, "a", &[("n", &n.to_string())]);
        scene.source.increment(counter, 1);
    }
    let histogram = scene.source.series(Metric::Histogram, "b", &[]);
    (0..500).for_each(|n| scene.source.record(histogram, f64::from(n)));
    (0..5).for_each(|_| _ = scene.rig.flush());
    assert_eq!(points(&scene.lines(700)), 200 + 500);
    assert_eq!(scene.lost(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// One point of everything in, one flush: everything comes out or is too long.
    #[test]
    fn hostile_texts_never_break_a_line(
        series in proptest::collection::vec((0..6_usize, hostile(), tags(4), -1e300_f64..1e300), 1..8),
        constants in tags(3),
        texts in (hostile(), hostile(), tags(4)),
        limit in 120_usize..9_000,
    ) {
        let mut scene = Scene::new(limit, Vec::new(), constants);
        for (kind, name, tags, value) in &series {
            let tags: Vec<_> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let index = scene.source.series(KINDS[*kind], name, &tags);
            match KINDS[*kind] {
                Metric::Counter => scene.source.increment(index, value.abs() as u64 | 1),
                Metric::Gauge => scene.source.set(index, *value),
                Metric::Set => scene.source.insert(index, value.to_bits()),
                _ => scene.source.record(index, *value),
            }
        }
        scene.push(&event(&texts.0, &texts.1, &texts.2), &check(&texts.1, &texts.0, &texts.2));
        prop_assert_eq!(scene.rig.flush(), Outcome::Complete);
        prop_assert_eq!(points(&scene.lines(limit)) + scene.lost(), series.len() as u64 + 2);
    }

    /// Histograms, sets and events through a transport that fails in every way it can: points in
    /// are points out, and what is unknown or too long is counted.
    #[test]
    fn every_point_is_accounted_for(
        rounds in proptest::collection::vec((0_u64..300, 0_u64..20, 0_usize..3), 1..25),
        fates in fates(),
        max_recent in prop_oneof![Just(0_u64), Just(16), Just(1_000)],
    ) {
        let mut scene = Scene::new(1_432, fates, Vec::new());
        scene.source.max_recent.store(max_recent, Ordering::Relaxed);
        let wide = "x".repeat(190);
        let histograms = [
            scene.source.series(Metric::Histogram, "size", &[("a", &wide), ("b", &wide)]),
            scene.source.series(Metric::Timer, "query", &[]),
        ];
        let set = scene.source.series(Metric::Set, "users", &[]);
        let (mut members, mut events) = (BTreeSet::new(), 0);
        for (n, (values, fresh, pushed)) in rounds.iter().enumerate() {
            for value in 0..*values {
                let value = 1e-3 + ((value * 7_919 + n as u64) % 10_007) as f64;
                histograms.iter().for_each(|&series| scene.source.record(series, value));
            }
            for member in 0..*fresh {
                members.insert(n as u64 * 100 + member);
                scene.source.insert(set, n as u64 * 100 + member);
            }
            (0..*pushed).for_each(|_| scene.rig.queues.events.push("_e{1,4}:a|text".into()));
            events += pushed;
            let _ = scene.rig.flush();
        }
        for _ in 0..60 {
            if scene.rig.flush() == Outcome::Complete {
                break;
            }
        }
        let recorded: u64 = histograms.iter().map(|&series| scene.source.truth(series).0).sum();
        let sent = points(&scene.lines(1_432));
        let points_in = recorded + members.len() as u64 + events as u64;
        prop_assert_eq!(sent + scene.lost(), points_in);
        prop_assert_eq!(scene.rig.flusher.abandon(false), 0);
    }

    /// Where nothing is lost, counters and sums are right too.
    #[test]
    fn refusals_cost_nothing(
        rounds in proptest::collection::vec((1_u64..100, 0_u64..200), 1..25),
        fates in fates(),
        max_recent in prop_oneof![Just(0_u64), Just(16), Just(1_000)],
    ) {
        let fates = fates.into_iter().filter(|fate| !matches!(fate, Fate::Died | Fate::Limit(_)));
        let mut scene = Scene::new(1_432, fates.collect(), Vec::new());
        scene.source.max_recent.store(max_recent, Ordering::Relaxed);
        let counter = scene.source.series(Metric::Counter, "uploads", &[]);
        let histogram = scene.source.series(Metric::Distribution, "size", &[]);
        for (n, (by, values)) in rounds.iter().enumerate() {
            scene.source.increment(counter, *by);
            for value in 0..*values {
                let value = ((value * 7_919 + n as u64) % 10_007) as f64 - 300.0;
                scene.source.record(histogram, value);
            }
            let _ = scene.rig.flush();
        }
        for _ in 0..60 {
            if scene.rig.flush() == Outcome::Complete {
                break;
            }
        }
        let lines = scene.lines(1_432);
        let of = |kind: &'static str| {
            lines.iter().filter_map(Line::metric).filter(move |metric| metric.kind == kind)
        };
        let total = rounds.iter().map(|(by, _)| *by).sum::<u64>() as f64;
        prop_assert_eq!(of("c").map(|metric| metric.sum()).sum::<f64>(), total);
        let (count, sum) = scene.source.truth(histogram);
        prop_assert_eq!(of("d").map(|metric| metric.count()).sum::<u64>(), count);
        let sent: f64 = of("d").map(|metric| metric.sum()).sum();
        prop_assert!((sent - sum).abs() <= 1e-9 * (1.0 + sum.abs()), "{} for {}", sent, sum);
        prop_assert_eq!(scene.lost(), 0);
    }
}
