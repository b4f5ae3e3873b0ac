//! Collectors that are away, come back, or ask for patience.

use super::collector::{Act, Collector, answer, ok, status};
use super::*;
use std::collections::BTreeSet;
use std::net::TcpListener;

fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn nobody_there_is_said_with_what_would_mend_it() {
    let address = nobody();
    let doubtful = OtlpTarget { doubt: Some("4317 is gRPC's port".into()), ..target(address) };
    let rig = Rig::new(&doubtful, PATIENT);
    assert!(rig.flush(LONG), "nothing to send is nothing amiss");
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert_eq!(
        rig.error(),
        format!(
            "nobody listens on {address} (connection refused); start a collector or set \
             OTEL_EXPORTER_OTLP_ENDPOINT; 4317 is gRPC's port"
        )
    );
    assert_eq!(rig.transport.spooled_items(), 10);
    let start = Instant::now();
    assert!(!rig.shutdown(LONG));
    assert!(start.elapsed() < LONG / 2, "nobody waits for those who are not there");
    assert_eq!(rig.dropped(DropReason::Shutdown), 10);
    rig.push("late", 1);
    assert_eq!(rig.dropped(DropReason::Shutdown), 11);
    assert!(!rig.flush(LONG), "nobody flushes any more");
    rig.assert_conserved();
}

#[test]
fn a_name_that_leads_nowhere_is_said() {
    let mut target = target(nobody());
    if let OtlpEndpoint::Tcp { host, .. } = &mut target.endpoint {
        // Too long for a label: no name server is asked.
        *host = format!("{}.invalid", "x".repeat(70));
    }
    let rig = Rig::new(&target, PATIENT);
    rig.push("spans", 1);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("does not resolve"), "{}", rig.error());
}

#[test]
fn who_comes_back_gets_everything_in_order_and_once() {
    let collector = Collector::new(|_, _| ok());
    let address = collector.address();
    let rig = Rig::new(&target(address), EAGER);
    (0..5).for_each(|n| rig.push(format!("{n}"), 1));
    assert!(rig.flush(LONG));
    let before = collector.bodies();
    drop(collector);
    (5..20).for_each(|n| rig.push(format!("{n}"), 1));
    wait_until("an outage is seen", || rig.error().contains("nobody listens"));
    rig.assert_conserved();
    let collector = Collector::at(address, |_, _| ok());
    wait_until("it is all sent", || rig.sent() == 20);
    let bodies = [before, collector.bodies()].concat();
    assert_eq!(bodies, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(rig.pipeline.status().spooled_bytes, 0);
    assert_eq!(rig.pipeline.status().dropped_total(), 0);
    rig.assert_conserved();
}

#[test]
fn nobody_is_dialled_per_batch() {
    let collector = Collector::new(|_, _| status("503 Busy"));
    let rig = Rig::new(&target(collector.address()), PATIENT);
    (0..50).for_each(|n| rig.push(format!("{n}"), 1));
    wait_until("the first try", || collector.seen().len() == 1);
    (50..100).for_each(|n| rig.push(format!("{n}"), 1));
    assert!(!rig.flush(LONG));
    assert!(!rig.flush(LONG));
    let bodies = collector.bodies();
    assert!(bodies.len() <= 3, "one by itself and one a flush: {bodies:?}");
    assert!(bodies.iter().all(|body| body == "0"), "the oldest first: {bodies:?}");
    rig.assert_conserved();
}

#[test]
fn retry_after_is_kept_to() {
    let collector = Collector::new(|number, _| match number {
        0 => answer("503 Busy", "retry-after: 1\r\n", b""),
        _ => ok(),
    });
    let rig = Rig::new(&target(collector.address()), EAGER);
    rig.push("spans", 1);
    // Eager as it is otherwise, the longest wait would come first.
    wait_until("it is sent", || rig.sent() == 1);
    let seen = collector.seen();
    assert!(seen[1].at - seen[0].at >= EAGER.longest, "{:?}", seen[1].at - seen[0].at);
}

#[test]
fn the_end_waits_for_those_who_are_only_busy() {
    let collector = Collector::new(|number, _| match number {
        0..3 => status("503 Busy"),
        _ => ok(),
    });
    let rig = Rig::new(&target(collector.address()), EAGER);
    rig.push("spans", 10);
    assert!(rig.shutdown(LONG), "{}", rig.error());
    assert_eq!(rig.sent(), 10);
    assert_eq!(collector.seen().len(), 4);
}

#[test]
fn a_loss_that_nobody_asked_about_is_told_by_the_next_flush_and_by_it_alone() {
    let collector = Collector::new(|number, _| match number {
        0 => status("400 Bad Request"),
        _ => ok(),
    });
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("spans", 10);
    wait_until("it is refused", || rig.dropped(DropReason::Rejected) == 10);
    assert!(!rig.flush(LONG));
    assert!(rig.flush(LONG));
    assert!(rig.shutdown(LONG));
}

#[test]
fn what_may_have_arrived_is_sent_again() {
    let collector = Collector::new(|number, _| match number {
        0 => Act::Close(Vec::new()),
        _ => ok(),
    });
    let rig = Rig::new(&target(collector.address()), EAGER);
    rig.push("spans", 10);
    assert!(rig.shutdown(LONG));
    assert_eq!((rig.sent(), rig.dropped(DropReason::Unknown)), (10, 0));
    assert_eq!(collector.bodies(), ["spans", "spans"]);
}

#[test]
fn a_connection_that_was_closed_between_requests_costs_nothing() {
    let collector =
        Collector::new(|_, _| Act::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()));
    let rig = Rig::new(&target(collector.address()), PATIENT);
    for n in 0..5 {
        rig.push(format!("{n}"), 1);
        assert!(rig.flush(LONG), "{}", rig.error());
        // Long enough for the close to arrive.
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(collector.bodies(), ["0", "1", "2", "3", "4"]);
}

#[test]
fn a_unix_socket_is_a_place_too() {
    let directory = std::env::temp_dir().join(format!("lightship-otlp-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let socket = directory.join("otlp.sock");
    let endpoint = OtlpEndpoint::Unix { socket: socket.clone(), path: "/v1/traces".into() };
    let target = OtlpTarget { endpoint, ..target(nobody()) };
    let rig = Rig::new(&target, PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("there is no socket at"), "{}", rig.error());
    let collector = Collector::unix(&socket, |_, _| ok());
    assert!(rig.flush(LONG), "{}", rig.error());
    assert!(collector.seen()[0].head.to_ascii_lowercase().contains("host: localhost\r\n"));
    drop(collector);
    rig.push("more", 1);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("nobody listens on"), "{}", rig.error());
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn nothing_is_lost_uncounted_whatever_happens() {
    // Every kind of answer in turn, in an order that repeats itself only after a long time.
    let collector = Collector::new(|number, _| match number * number % 11 {
        1 => status("503 Busy"),
        3 => status("400 Bad Request"),
        4 => Act::Close(Vec::new()),
        5 => answer("200 OK", "content-type: application/x-protobuf\r\n", b"\x0a\x02\x08\x02"),
        9 => Act::CloseEarly(Vec::new()),
        _ => ok(),
    });
    let rig = Rig::new(&target(collector.address()), EAGER);
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let rig = &rig;
            scope.spawn(move || {
                for n in 0..30 {
                    rig.push(format!("{thread}-{n}"), 1 + (thread + n) % 7);
                    if n % 10 == 0 {
                        rig.flush(Duration::from_millis(20));
                    }
                }
            });
        }
    });
    wait_until("the spool is empty", || rig.transport.spooled_items() == 0);
    rig.assert_conserved();
    rig.shutdown(LONG);
    rig.assert_conserved();
    assert!(rig.sent() > 0 && rig.dropped(DropReason::Rejected) > 0);
    let bodies: BTreeSet<_> = collector.bodies().into_iter().collect();
    assert!(bodies.len() >= 120, "each was tried: {}", bodies.len());
}
