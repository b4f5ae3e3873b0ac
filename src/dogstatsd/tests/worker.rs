//! The thread: deadlines, panics, the end.

use super::support::{FakeAgent, Kind, Line};
use super::*;
use crate::dogstatsd::{CheckStatus, DogStatsdPipeline, Event, ServiceCheck};
use crate::metrics::reading::Kind as Metric;
use crate::metrics::reading::{Reading, Recent, Series, Source, Timestamped};
use crate::status::DropReason;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex};
use std::thread;

const LONG: Duration = Duration::from_secs(10);

fn start(
    settings: &DogStatsdSettings,
    source: Arc<dyn Source>,
) -> (DogStatsdPipeline, Arc<Pipeline>) {
    let pipeline = pipeline();
    let started = DogStatsdPipeline::start(settings.clone(), source, Arc::clone(&pipeline));
    (started.unwrap(), pipeline)
}

/// Flushes only when asked.
fn patient(address: Address) -> DogStatsdSettings {
    DogStatsdSettings { flush_interval: Duration::from_secs(3_600), ..settings(address) }
}

#[test]
fn it_flushes_by_itself_and_when_asked_and_at_the_end() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let (dogstatsd, _) = start(&settings(address_of(&agent.kind())), source.clone());
    source.increment(counter, 1);
    agent.wait_for(|lines| lines.len() == 1);
    source.increment(counter, 1);
    assert!(dogstatsd.flush(LONG));
    agent.wait_for(|lines| lines.len() == 2);
    dogstatsd.event(&Event::new("deploy", "1.4.2 is out"));
    dogstatsd.service_check(&ServiceCheck::new("db", CheckStatus::Ok));
    source.increment(counter, 1);
    assert!(dogstatsd.shutdown(LONG));
    let lines = agent.wait_for(|lines| lines.len() == 5);
    assert_eq!(lines.iter().filter_map(Line::event).count(), 1);
    assert_eq!(lines.iter().filter_map(Line::check).count(), 1);
    assert!(!dogstatsd.flush(LONG), "nobody flushes any more");
}

#[test]
fn a_preview_shows_everything_and_moves_nothing() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let histogram = source.series(Metric::Histogram, "size", &[]);
    let set = source.series(Metric::Set, "users", &[]);
    let (dogstatsd, _) = start(&patient(address_of(&agent.kind())), source.clone());
    source.record(histogram, 1.5);
    source.insert(set, 7);
    dogstatsd.event(&Event::new("a", "b"));
    let preview = dogstatsd.preview();
    assert_eq!(preview, dogstatsd.preview());
    assert_eq!(preview.len(), 3);
    assert!(agent.payloads().is_empty());
    assert!(dogstatsd.flush(LONG));
    agent.wait_for(|lines| lines.len() == 3);
    let sent: Vec<u8> = agent.payloads().concat();
    assert_eq!(String::from_utf8(sent).unwrap(), preview.join("\n") + "\n");
    assert!(dogstatsd.preview().is_empty());
}

#[test]
fn events_wait_for_the_agent_and_the_oldest_go_first() {
    let directory = Directory::new();
    let source = TestSource::new();
    let address = unix(&directory.socket(), UnixSocket::Either);
    let (dogstatsd, pipeline) = start(&patient(address), source);
    (0..1_100).for_each(|n| dogstatsd.event(&Event::new("e", format!("number {n}"))));
    assert!(!dogstatsd.flush(LONG));
    assert!(pipeline.status().spooled_bytes > 0);
    let agent = FakeAgent::listen(Kind::Datagram(directory.socket()));
    assert!(dogstatsd.flush(LONG));
    let lines = agent.wait_for(|lines| lines.len() == 1_024);
    assert_eq!(lines[0].event().unwrap().text, "number 76");
    assert_eq!(pipeline.drops().get(DropReason::QueueFull), 76);
    assert_eq!(pipeline.status().spooled_bytes, 0);
}

#[test]
fn an_agent_that_is_not_there_delays_nobody() {
    let directory = Directory::new();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let (dogstatsd, pipeline) =
        start(&patient(unix(&directory.socket(), UnixSocket::Either)), source.clone());
    assert!(dogstatsd.flush(LONG), "nothing to send is nothing amiss");
    source.increment(counter, 1);
    let start = Instant::now();
    assert!(!dogstatsd.flush(LONG));
    let complete = dogstatsd.shutdown(LONG);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(!complete);
    assert_eq!(pipeline.drops().get(DropReason::Shutdown), 1);
    dogstatsd.event(&Event::new("late", "late"));
    assert_eq!(pipeline.drops().get(DropReason::Shutdown), 2);
}

/// More than an agent's socket holds at once.
fn a_thousand_wide_counters() -> Arc<TestSource> {
    let source = TestSource::new();
    let wide = "x".repeat(150);
    for n in 0..1_000 {
        let series = source.series(Metric::Counter, "a", &[("n", &n.to_string()), ("x", &wide)]);
        source.increment(series, 1);
    }
    source
}

#[test]
fn a_slow_agent_gets_all_the_time_there_is_and_no_more() {
    let directory = Directory::new();
    let agent = FakeAgent::listen(Kind::Datagram(directory.socket()));
    let source = a_thousand_wide_counters();
    let (dogstatsd, pipeline) = start(&patient(address_of(&agent.kind())), source);
    agent.pause();
    let start = Instant::now();
    assert!(!dogstatsd.flush(Duration::from_millis(300)));
    assert!((200..2_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    let waker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        agent.resume();
        agent
    });
    assert!(dogstatsd.flush(LONG));
    let agent = waker.join().unwrap();
    assert_eq!(agent.wait_for(|lines| lines.len() >= 1_000).len(), 1_000);
    assert_eq!(pipeline.status().sent, 1_000);
    agent.pause();
    let start = Instant::now();
    drop(dogstatsd);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn the_last_flush_answers_for_one_that_it_broke_off() {
    let directory = Directory::new();
    let agent = FakeAgent::listen(Kind::Datagram(directory.socket()));
    let source = a_thousand_wide_counters();
    let (dogstatsd, _) = start(&patient(address_of(&agent.kind())), source);
    agent.pause();
    thread::scope(|scope| {
        let flush = scope.spawn(|| dogstatsd.flush(LONG));
        thread::sleep(Duration::from_millis(150));
        let end = scope.spawn(|| dogstatsd.shutdown(LONG));
        thread::sleep(Duration::from_millis(150));
        agent.resume();
        assert!(end.join().unwrap());
        assert!(flush.join().unwrap());
    });
    assert_eq!(agent.wait_for(|lines| lines.len() >= 1_000).len(), 1_000);
}

#[test]
fn a_panic_in_a_callback_costs_a_flush_and_not_the_pipeline() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let (dogstatsd, pipeline) = start(&patient(address_of(&agent.kind())), source.clone());
    source.increment(counter, 3);
    source.panics.store(true, Ordering::Relaxed);
    assert!(!dogstatsd.flush(LONG));
    assert!(dogstatsd.preview().is_empty());
    assert_eq!(pipeline.drops().get(DropReason::CallbackPanic), 2);
    assert!(pipeline.status().to_string().contains("the host's callback"));
    source.panics.store(false, Ordering::Relaxed);
    assert!(dogstatsd.flush(LONG));
    agent.wait_for(|lines| lines.len() == 1);
}

/// Hangs in `collect` until released.
struct Hanging(Mutex<bool>, Condvar);

impl Source for Hanging {
    fn collect(&self, _: Recent, _: &mut dyn FnMut(&Arc<Series>, Reading)) {
        let released = self.0.lock().unwrap();
        let _released = self.1.wait_while(released, |released| !*released).unwrap();
    }

    fn take_timestamped(&self) -> Vec<Timestamped> {
        Vec::new()
    }
}

#[test]
fn whatever_hangs_the_deadline_holds() {
    let agent = FakeAgent::udp();
    let source = Arc::new(Hanging(Mutex::new(false), Condvar::new()));
    let (dogstatsd, _) = start(&patient(address_of(&agent.kind())), source.clone());
    let start = Instant::now();
    assert!(!dogstatsd.flush(Duration::from_millis(50)));
    assert!(!dogstatsd.shutdown(Duration::from_millis(100)));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    *source.0.lock().unwrap() = true;
    source.1.notify_all();
}

#[test]
fn many_threads_may_flush_at_once() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let (dogstatsd, pipeline) = start(&settings(address_of(&agent.kind())), source.clone());
    let dogstatsd = Arc::new(dogstatsd);
    let (sender, receiver) = mpsc::channel();
    for _ in 0..8 {
        let (dogstatsd, source, sender) = (dogstatsd.clone(), source.clone(), sender.clone());
        thread::spawn(move || {
            for _ in 0..20 {
                source.increment(counter, 1);
                sender.send(dogstatsd.flush(LONG)).unwrap();
            }
        });
    }
    drop(sender);
    assert!(receiver.iter().all(|accepted| accepted));
    let total =
        |lines: &[Line]| lines.iter().filter_map(Line::metric).map(|m| m.sum()).sum::<f64>();
    agent.wait_for(|lines| total(lines) == 160.0);
    assert_eq!(pipeline.status().dropped_total(), 0);
}

#[test]
fn a_forked_child_sends_nothing_and_waits_for_nobody() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let (mut dogstatsd, pipeline) = start(&patient(address_of(&agent.kind())), source.clone());
    source.increment(counter, 1);
    // What a child finds: a handle whose thread is another process's.
    dogstatsd.process += 1;
    let start = Instant::now();
    dogstatsd.event(&Event::new("child", "child"));
    assert!(!dogstatsd.flush(LONG));
    assert!(!dogstatsd.shutdown(LONG));
    assert!(dogstatsd.preview().is_empty());
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(pipeline.drops().get(DropReason::Forked), 1);
    dogstatsd.process -= 1;
    assert!(dogstatsd.shutdown(LONG));
    assert_eq!(agent.wait_for(|lines| !lines.is_empty()).len(), 1);
}
