//! Metrics: when they are sent, and what their owner hears of it.

use super::collector::{Act, Collector, answer, ok, status};
use super::*;
use crate::otlp::request::Outcome;
use std::sync::Mutex;

/// Has that many requests of five points to send, each time.
#[derive(Debug, Clone, Default)]
struct Points {
    requests: usize,
    panics: bool,
    settled: Arc<Mutex<Vec<Vec<Outcome>>>>,
}

impl Points {
    fn new(requests: usize) -> Self {
        Points { requests, ..Points::default() }
    }

    fn settled(&self) -> Vec<Vec<Outcome>> {
        self.settled.lock().unwrap().clone()
    }
}

impl Periodic for Points {
    fn collect(&mut self) -> Vec<Request> {
        assert!(!self.panics, "the host's gauge");
        (0..self.requests).map(|n| request(Signal::Metrics, format!("m{n}"), 5)).collect()
    }

    fn settle(&mut self, outcomes: &[Outcome]) {
        self.settled.lock().unwrap().push(outcomes.to_vec());
    }
}

fn rig(collector: &Collector, points: &Points, pace: Pace) -> Rig {
    let target = target(collector.address());
    let metrics = (of_metrics(&target), Box::new(points.clone()) as Box<dyn Periodic>);
    Rig::with(&target, pace, Some(metrics), Box::new(|_| {}))
}

#[test]
fn they_go_out_when_due_and_when_asked() {
    let collector = Collector::new(|_, _| ok());
    let points = Points::new(1);
    let target = target(collector.address());
    let mut settings = of_metrics(&target);
    settings.interval = Duration::from_millis(10);
    let metrics = (settings, Box::new(points.clone()) as Box<dyn Periodic>);
    let rig = Rig::with(&target, PATIENT, Some(metrics), Box::new(|_| {}));
    wait_until("they are due twice", || collector.seen().len() >= 2);
    assert!(rig.flush(LONG));
    assert!(collector.seen().iter().all(|seen| seen.head.starts_with("POST /v1/metrics ")));
    assert!(points.settled().iter().all(|outcomes| outcomes == &[Outcome::Accepted]));
    assert!(rig.shutdown(LONG));
    assert_eq!(rig.sent(), 5 * collector.seen().len() as u64);
}

#[test]
fn both_signals_share_a_connection_and_spans_go_first() {
    let collector = Collector::new(|_, _| ok());
    let points = Points::new(2);
    let rig = rig(&collector, &points, PATIENT);
    rig.push("spans", 1);
    assert!(rig.flush(LONG));
    assert_eq!(collector.bodies(), ["spans", "m0", "m1"]);
    assert_eq!(collector.connections(), 1);
    assert_eq!(points.settled(), [[Outcome::Accepted; 2]]);
}

#[test]
fn other_headers_make_another_connection() {
    let collector = Collector::new(|_, _| ok());
    let target = target(collector.address());
    let mut settings = of_metrics(&target);
    settings.target.headers.clear();
    let metrics = (settings, Box::new(Points::new(1)) as Box<dyn Periodic>);
    let rig = Rig::with(&target, PATIENT, Some(metrics), Box::new(|_| {}));
    rig.push("spans", 1);
    assert!(rig.flush(LONG));
    assert_eq!(collector.connections(), 2);
    let heads = collector.seen();
    assert!(heads[0].head.contains("s3cr3t") && !heads[1].head.contains("s3cr3t"));
}

#[test]
fn after_one_that_was_not_taken_the_others_are_not_tried() {
    let collector = Collector::new(|number, _| match number {
        1 => status("503 Busy"),
        _ => ok(),
    });
    let points = Points::new(3);
    let rig = rig(&collector, &points, PATIENT);
    assert!(!rig.flush(LONG));
    let expected = [Outcome::Accepted, Outcome::NotTaken, Outcome::NotTaken];
    assert_eq!(points.settled(), [expected]);
    assert_eq!((rig.sent(), collector.seen().len()), (5, 2));
    assert_eq!(rig.pipeline.status().dropped_total(), 0, "they are the next time's");
}

#[test]
fn what_is_refused_is_counted_and_the_others_are_tried() {
    let collector = Collector::new(|number, _| match number {
        0 => status("400 Bad Request"),
        1 => answer("200 OK", "content-type: application/x-protobuf\r\n", b"\x0a\x02\x08\x02"),
        _ => ok(),
    });
    let points = Points::new(3);
    let rig = rig(&collector, &points, PATIENT);
    assert!(!rig.flush(LONG));
    let expected = [Outcome::Refused, Outcome::Accepted, Outcome::Accepted];
    assert_eq!(points.settled(), [expected]);
    assert_eq!((rig.sent(), rig.dropped(DropReason::Rejected)), (3 + 5, 5 + 2));
}

#[test]
fn what_was_not_answered_is_unknown_and_not_sent_twice() {
    let collector = Collector::new(|number, _| match number {
        0 => Act::Close(Vec::new()),
        _ => ok(),
    });
    let points = Points::new(2);
    let rig = rig(&collector, &points, EAGER);
    assert!(!rig.shutdown(LONG), "one of them may be lost");
    assert_eq!(points.settled(), [[Outcome::Unknown, Outcome::Accepted]]);
    assert_eq!(collector.bodies(), ["m0", "m1"]);
}

#[test]
fn the_end_tries_what_was_not_taken_again() {
    let collector = Collector::new(|number, _| match number {
        0 | 2 => status("503 Busy"),
        _ => ok(),
    });
    let points = Points::new(2);
    let rig = rig(&collector, &points, EAGER);
    assert!(rig.shutdown(LONG), "{}", rig.error());
    assert_eq!(points.settled(), [[Outcome::Accepted; 2]]);
    assert_eq!(collector.bodies(), ["m0", "m0", "m1", "m1"]);
}

#[test]
fn a_source_that_panics_is_contained_and_counted() {
    let collector = Collector::new(|_, _| ok());
    let points = Points { panics: true, ..Points::new(1) };
    let rig = rig(&collector, &points, PATIENT);
    rig.push("spans", 1);
    assert!(!rig.flush(LONG));
    assert_eq!((rig.sent(), rig.dropped(DropReason::ExportPanic)), (1, 1));
    assert!(rig.error().contains("the host's gauge"), "{}", rig.error());
    rig.push("more", 1);
    assert!(!rig.shutdown(LONG));
    assert_eq!(rig.sent(), 2);
}

#[test]
fn spans_that_nobody_takes_leave_time_for_metrics_that_go_elsewhere() {
    let hanging = Collector::new(|_, _| Act::Hang);
    let collector = Collector::new(|_, _| ok());
    let points = Points::new(1);
    let metrics = of_metrics(&target(collector.address()));
    let metrics = (metrics, Box::new(points.clone()) as Box<dyn Periodic>);
    let rig = Rig::with(&target(hanging.address()), PATIENT, Some(metrics), Box::new(|_| {}));
    rig.push("spans", 10);
    assert!(!rig.shutdown(Duration::from_secs(3)));
    assert_eq!(points.settled(), [[Outcome::Accepted]]);
    assert_eq!(rig.dropped(DropReason::Unknown), 10);
}
