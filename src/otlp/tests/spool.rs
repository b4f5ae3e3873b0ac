//! The bounds of what waits.

use super::*;
use crate::otlp::spool::Waiting;

fn spool(bytes: usize, unproven_bytes: usize, age: Duration) -> (Arc<Spool>, Arc<Pipeline>) {
    let pipeline = pipeline();
    let limits = Limits { bytes, unproven_bytes, age };
    (Spool::with_limits(Arc::clone(&pipeline), limits), pipeline)
}

fn of_bytes(bytes: usize, items: u64) -> Request {
    request(Signal::Traces, vec![0; bytes], items)
}

fn take(spool: &Spool) -> Waiting {
    spool.take(u64::MAX).unwrap()
}

#[test]
fn the_oldest_go_first_and_are_counted_in_items() {
    let (spool, pipeline) = spool(100, 100, LONG);
    (1..=5).for_each(|n| spool.push(of_bytes(30, n)));
    assert_eq!(pipeline.drops().get(DropReason::SpoolFull), 1 + 2);
    assert_eq!((spool.items(), spool.lost()), (3 + 4 + 5, 3));
    assert_eq!(pipeline.status().spooled_bytes, 90);
    assert_eq!(take(&spool).request.items, 3);
    assert_eq!(pipeline.status().spooled_bytes, 90, "what is in flight is still ours");
    assert!(spool.settle(true));
    assert_eq!(pipeline.status().spooled_bytes, 60);
}

#[test]
fn what_is_larger_than_the_spool_never_gets_in() {
    let (spool, pipeline) = spool(100, 10, LONG);
    spool.push(of_bytes(101, 7));
    assert_eq!(pipeline.drops().get(DropReason::Oversize), 7);
    spool.push(of_bytes(100, 1));
    assert_eq!(spool.items(), 1, "one that is within the larger bound may prove the collector");
}

#[test]
fn little_waits_before_the_first_success() {
    let (spool, pipeline) = spool(100, 50, LONG);
    (0..10).for_each(|_| spool.push(of_bytes(20, 1)));
    assert_eq!(pipeline.status().spooled_bytes, 40);
    take(&spool);
    assert!(spool.settle(true));
    (0..10).for_each(|_| spool.push(of_bytes(20, 1)));
    assert_eq!(pipeline.status().spooled_bytes, 100);
}

#[test]
fn what_waits_for_too_long_goes() {
    let (spool, pipeline) = spool(100, 100, Duration::from_secs(600));
    let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(601)) else { return };
    spool.push(Request { made: long_ago, ..of_bytes(10, 3) });
    spool.push(of_bytes(10, 2));
    assert!(spool.expires_at().unwrap() <= Instant::now());
    spool.drop_expired();
    assert_eq!(pipeline.drops().get(DropReason::SpoolExpired), 3);
    assert_eq!(spool.items(), 2);
    assert!(spool.expires_at().unwrap() > Instant::now());
}

#[test]
fn the_thread_drops_what_expires_while_it_waits() {
    let pipeline = pipeline();
    let limits = Limits { age: Duration::from_millis(200), ..Limits::DEFAULT };
    let spool = Spool::with_limits(Arc::clone(&pipeline), limits);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = OtlpSettings { traces: Some(target(nobody)), metrics: None };
    let (spool_, pipeline_) = (Arc::clone(&spool), Arc::clone(&pipeline));
    let drain = Box::new(|_| {});
    let _transport = Transport::start_with(
        &settings,
        spool_,
        pipeline_,
        Policy::shared_default(),
        None,
        drain,
        PATIENT,
    )
    .unwrap();
    spool.push(of_bytes(10, 3));
    wait_until("it expires", || pipeline.drops().get(DropReason::SpoolExpired) == 3);
    assert_eq!(pipeline.status().spooled_bytes, 0);
}

#[test]
fn what_is_put_back_stays_the_oldest() {
    let (spool, pipeline) = spool(100, 100, LONG);
    (1..=3).for_each(|n| spool.push(of_bytes(30, n)));
    let first = take(&spool);
    assert_eq!(spool.items(), 6);
    spool.put_back(first);
    assert_eq!(take(&spool).request.items, 1);
    // While it is in flight, others come; put back, it is the one to go.
    let (spool, _) = (spool, ());
    spool.push(of_bytes(30, 4));
    assert_eq!(pipeline.drops().get(DropReason::SpoolFull), 2, "the oldest but the one in flight");
}

#[test]
fn a_mark_leaves_out_what_came_later() {
    let (spool, _) = spool(100, 100, LONG);
    spool.push(of_bytes(1, 1));
    let mark = spool.mark();
    spool.push(of_bytes(1, 2));
    assert!(spool.take(mark).is_some());
    assert!(spool.settle(true));
    assert!(spool.take(mark).is_none());
}

#[test]
fn what_may_have_arrived_counts_as_unknown() {
    let (spool, pipeline) = spool(100, 100, LONG);
    (1..=3).for_each(|n| spool.push(of_bytes(30, n)));
    let mut first = take(&spool);
    first.ambiguous = true;
    spool.put_back(first);
    spool.push(of_bytes(30, 4));
    assert_eq!(pipeline.drops().get(DropReason::Unknown), 1);
    assert_eq!(pipeline.drops().get(DropReason::SpoolFull), 0);
}

#[test]
fn the_end_counts_everything_once() {
    let (spool, pipeline) = spool(100, 100, LONG);
    (1..=3).for_each(|n| spool.push(of_bytes(30, n)));
    let first = take(&spool);
    assert_eq!(spool.close(), 6);
    assert_eq!(spool.close(), 0);
    spool.put_back(first);
    assert!(!spool.settle(true), "it was counted already");
    spool.push(of_bytes(1, 10));
    assert_eq!(spool.items(), 0);
    assert_eq!(pipeline.drops().get(DropReason::Unknown), 1);
    assert_eq!(pipeline.drops().get(DropReason::Shutdown), 2 + 3 + 10);
    assert_eq!(pipeline.status().spooled_bytes, 0);
}
