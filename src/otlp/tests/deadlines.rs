//! Whatever hangs, the deadline holds.

use super::collector::{Act, Collector, ok};
use super::*;

/// Far below the timeout of a request, and far above what a slow machine needs.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_flush_waits_no_longer_than_it_may() {
    let collector = Collector::new(|_, _| Act::Hang);
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("spans", 10);
    let start = Instant::now();
    assert!(!rig.flush(Duration::from_millis(200)));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(rig.transport.spooled_items(), 10);
    rig.assert_conserved();
}

#[test]
fn the_end_comes_over_a_request_that_is_under_way() {
    let collector = Collector::new(|_, _| Act::Hang);
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("in flight", 10);
    wait_until("it is sent", || !collector.seen().is_empty());
    rig.push("behind", 5);
    let start = Instant::now();
    assert!(!rig.shutdown(Duration::from_millis(500)));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(rig.dropped(DropReason::Unknown), 10, "sent, and nobody knows");
    assert_eq!(rig.dropped(DropReason::Shutdown), 5);
    assert_eq!(rig.transport.spooled_items(), 0);
    rig.assert_conserved();
}

#[test]
fn a_drip_is_no_answer() {
    let drip = b"HTTP/1.1 200 OK\r\nx-padding: ".iter().copied().chain([b'x'; 10_000]).collect();
    let collector = Collector::new(move |_, _| Act::Drip(Vec::clone(&drip)));
    let target = OtlpTarget { timeout: Duration::from_millis(300), ..target(collector.address()) };
    let rig = Rig::new(&target, PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("did not answer in time"), "{}", rig.error());
    rig.assert_conserved();
}

#[test]
fn a_drip_of_a_body_takes_the_timeout_and_no_longer() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n";
    let collector = Collector::new(|_, _| Act::Answer(head.to_vec()));
    let target = OtlpTarget { timeout: Duration::from_millis(300), ..target(collector.address()) };
    let rig = Rig::new(&target, PATIENT);
    rig.push("spans", 10);
    assert!(rig.flush(LONG), "{}", rig.error());
    assert_eq!(rig.sent(), 10);
}

#[test]
fn who_does_not_read_holds_nobody() {
    // A listener that nobody accepts from: the kernel takes a little, and then no more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let rig = Rig::new(&target(listener.local_addr().unwrap()), PATIENT);
    rig.push(vec![0; 30 * 1024 * 1024], 10);
    let start = Instant::now();
    assert!(!rig.shutdown(Duration::from_millis(500)));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(rig.dropped(DropReason::Shutdown), 10, "it never left whole");
    rig.assert_conserved();
}

#[test]
fn a_thread_that_hangs_where_nothing_reaches_it_is_left_behind() {
    let collector = Collector::new(|_, _| ok());
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let drain = move |_: Duration| {
        let _ = wait.recv();
    };
    let rig = Rig::with(&target(collector.address()), PATIENT, None, Box::new(drain));
    let flush = rig.transport.start_flush(Instant::now() + Duration::from_millis(100));
    assert!(!flush.wait());
    rig.push("behind", 5);
    assert!(!rig.shutdown(Duration::from_millis(100)));
    assert_eq!(rig.dropped(DropReason::Shutdown), 5, "counted, though the thread cannot");
    rig.assert_conserved();
    release.send(()).unwrap();
    rig.push("late", 1);
    rig.assert_conserved();
    assert!(collector.seen().is_empty());
}

#[test]
fn the_drain_comes_first_and_gets_what_is_left() {
    let collector = Collector::new(|_, _| ok());
    let slot: Arc<std::sync::OnceLock<Arc<Spool>>> = Arc::default();
    let (drained, spool) = (Arc::new(AtomicU64::new(0)), Arc::clone(&slot));
    let count = Arc::clone(&drained);
    let drain = move |left: Duration| {
        assert!(left <= LONG);
        count.fetch_add(1, Ordering::Relaxed);
        spool.get().unwrap().push(request(Signal::Traces, "drained", 1));
    };
    let rig = Rig::with(&target(collector.address()), PATIENT, None, Box::new(drain));
    assert!(slot.set(Arc::clone(&rig.spool)).is_ok());
    assert!(rig.flush(LONG));
    assert_eq!(collector.bodies(), ["drained"]);
    assert!(rig.shutdown(LONG));
    assert_eq!(collector.bodies(), ["drained", "drained"]);
    assert_eq!(drained.load(Ordering::Relaxed), 2);
}

#[test]
fn a_drain_that_panics_costs_a_flush_and_not_the_pipeline() {
    let collector = Collector::new(|_, _| ok());
    let drain = |_| panic!("no more spans");
    let rig = Rig::with(&target(collector.address()), PATIENT, None, Box::new(drain));
    rig.spool.push(request(Signal::Traces, "spans", 3));
    assert!(!rig.flush(LONG));
    assert_eq!(rig.sent(), 3);
    assert_eq!(rig.dropped(DropReason::ExportPanic), 1);
    assert!(rig.error().contains("no more spans"), "{}", rig.error());
}

#[test]
fn dropping_it_ends_the_thread_and_waits_for_nobody() {
    let collector = Collector::new(|_, _| Act::Hang);
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("in flight", 10);
    wait_until("it is sent", || !collector.seen().is_empty());
    rig.push("behind", 5);
    let Rig { transport, spool, pipeline, .. } = rig;
    let start = Instant::now();
    drop(transport);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    wait_until("it is all counted", || spool.items() == 0);
    let dropped = pipeline.status().dropped;
    assert_eq!(dropped, [(DropReason::Shutdown, 5), (DropReason::Unknown, 10)]);
}

#[test]
fn the_last_flush_answers_for_one_that_it_broke_off() {
    let collector = Collector::new(|number, _| match number {
        0 => Act::Close(Vec::new()),
        _ => ok(),
    });
    let rig = Rig::new(&target(collector.address()), EAGER);
    rig.push("spans", 10);
    let deadline = Instant::now() + LONG;
    let (flush, end) =
        (rig.transport.start_flush(deadline), rig.transport.start_shutdown(deadline));
    assert!(end.wait());
    assert!(flush.wait());
    assert_eq!(rig.sent(), 10);
}

#[test]
fn many_threads_may_flush_at_once() {
    let collector = Collector::new(|_, _| ok());
    let rig = Rig::new(&target(collector.address()), PATIENT);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let rig = &rig;
            scope.spawn(move || {
                for n in 0..10 {
                    rig.push(format!("{thread}-{n}"), 1);
                    assert!(rig.flush(LONG));
                }
            });
        }
    });
    assert_eq!(rig.sent(), 80);
    rig.assert_conserved();
}

#[test]
fn a_forked_child_sends_nothing_and_waits_for_nobody() {
    let pipeline = pipeline();
    let spool = Spool::of_another_process(Arc::clone(&pipeline));
    let settings = OtlpSettings { traces: None, metrics: None };
    let drain = Box::new(|_| {});
    let transport = Transport::start(
        &settings,
        spool.clone(),
        pipeline.clone(),
        Policy::shared_default(),
        None,
        drain,
    )
    .unwrap();
    let start = Instant::now();
    spool.push(request(Signal::Traces, "child", 7));
    assert!(!transport.start_flush(start + LONG).wait());
    assert!(!transport.start_shutdown(start + LONG).wait());
    assert_eq!(transport.spooled_items(), 0);
    assert!(start.elapsed() < LONG / 2);
    assert_eq!(pipeline.status().dropped, [(DropReason::Forked, 7)]);
}
