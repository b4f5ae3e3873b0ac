//! What a collector may answer: named once, counted, and never in the host's way.

use super::{PATIENCE, Told, builder, dropped, status, told, wait_until};
use crate::support::otlp::{Answer, FakeCollector};
use lightship::{DropReason, Otlp, Spans, Telemetry};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use tracing::info_span;

const ITEMS: u64 = 10;

struct Met {
    collector: FakeCollector,
    telemetry: Telemetry,
    notices: Told,
}

/// A collector that answers so, and who sends to it.
fn meet(answer: Answer, options: impl FnOnce(Otlp) -> Otlp) -> Met {
    let collector = FakeCollector::start();
    collector.answer_with(answer);
    let notices = Told::default();
    let otlp = Otlp::default().endpoint(collector.endpoint()).header("api-key", "s3cr3t");
    let telemetry = builder("answers", options(otlp)).notices(notices.sink()).build().unwrap();
    Met { collector, telemetry, notices }
}

impl Met {
    /// Records some spans, waits for what becomes of them, and tells whether all were accepted.
    fn send(&self) -> bool {
        self.telemetry.scope(|| (0..ITEMS).for_each(|_| drop(info_span!("work"))));
        self.telemetry.flush(PATIENCE).is_complete()
    }

    /// The status gives these words as its reason, and one line told a person.
    fn assert_named_once(&self, words: &[&str]) {
        let state = status(&self.telemetry).state;
        let lines = self.notices.lines();
        assert_eq!(state.name(), "degraded", "{words:?}: {lines:?}");
        assert_eq!(lines.len(), 1, "{lines:?}");
        let place = self.collector.address().to_string();
        for word in words.iter().copied().chain([place.as_str()]) {
            assert!(state.to_string().contains(word), "no {word:?} in {state}");
            assert!(lines[0].contains(word), "no {word:?} in {lines:?}");
        }
        assert!(!lines[0].contains("s3cr3t"), "{lines:?}");
    }
}

#[test]
fn what_is_refused_is_named_once_and_counted() {
    let moved = Answer::status(301).header("Location", "http://elsewhere/v1/traces");
    let table: [(Answer, &[&str]); 8] = [
        (Answer::status(400), &["400", "OTLP"]),
        (Answer::status(401).body("s3cr3t is no key"), &["401", "OTEL_EXPORTER_OTLP_HEADERS"]),
        (Answer::status(404), &["404", "/v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT"]),
        (Answer::status(413), &["413", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"]),
        (Answer::status(500).body("a\r\n\x1b[31mb"), &["500", "log of the collector"]),
        (Answer::html(200), &["a web page", "OTEL_EXPORTER_OTLP_ENDPOINT"]),
        (Answer::html(403), &["403", "a web page", "OTEL_EXPORTER_OTLP_HEADERS"]),
        (moved, &["301", "redirects", "http://elsewhere/v1/traces"]),
    ];
    for (answer, words) in table {
        let met = meet(answer, |otlp| otlp);
        for round in 1..=3 {
            assert!(!met.send(), "{words:?}");
            assert_eq!(dropped(&met.telemetry, DropReason::Rejected), round * ITEMS, "{words:?}");
        }
        met.assert_named_once(words);
        assert_eq!(met.collector.count(), 3, "what is refused is not sent again: {words:?}");
        let report = met.telemetry.shutdown(PATIENCE);
        assert_eq!(told(&report), (0, 0, 3 * ITEMS, 0), "{words:?}: {report}");
    }
}

#[test]
fn what_is_rejected_in_part_is_named_once_and_counted() {
    let met = meet(Answer::partial(3, "too old"), |otlp| otlp);
    assert!(!met.send() && !met.send());
    met.assert_named_once(&["rejected 3 of 10", "too old"]);
    assert_eq!(
        (status(&met.telemetry).sent, dropped(&met.telemetry, DropReason::Rejected)),
        (14, 6)
    );
}

#[test]
fn what_is_accepted_with_a_remark_or_with_garbage_is_sent() {
    let garbage = Answer::accepted().body(b"\xff\xff\xff".to_vec());
    for (answer, word) in [
        (Answer::partial(0, "deprecated"), "deprecated"),
        (garbage, "its answer is not one of an OTLP endpoint"),
    ] {
        let met = meet(answer, |otlp| otlp);
        assert!(met.send() && met.send(), "{word}");
        met.assert_named_once(&["accepted", word]);
        let report = met.telemetry.shutdown(PATIENCE);
        assert!(report.is_complete(), "{report}");
        assert_eq!(told(&report), (2 * ITEMS, 0, 0, 0), "{report}");
    }
}

#[test]
fn who_asks_for_patience_gets_it() {
    let met = meet(Answer::accepted(), |otlp| otlp);
    met.collector.answer_next([Answer::status(503).header("Retry-After", "2").body("full")]);
    assert!(!met.send());
    met.assert_named_once(&["503", "full", "to be tried again"]);
    assert_eq!(status(&met.telemetry).sent, 0);
    wait_until("it is sent", &met.telemetry, || status(&met.telemetry).sent == ITEMS);
    let requests = met.collector.requests();
    let waited = requests[1].at - requests[0].at;
    // The first is noted when it is answered, or a moment before.
    assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(status(&met.telemetry).dropped, []);
    let report = met.telemetry.shutdown(PATIENCE);
    assert_eq!(told(&report), (ITEMS, 0, 0, 0), "{report}");
}

#[test]
fn who_never_answers_costs_the_host_nothing() {
    let met = meet(Answer::never(), |otlp| otlp.timeout(Duration::from_millis(300)));
    assert!(!met.send());
    met.assert_named_once(&["did not answer in time"]);
    let start = Instant::now();
    met.telemetry.scope(|| (0..5_000).for_each(|_| drop(info_span!("work"))));
    assert!(start.elapsed() < PATIENCE, "call sites waited: {:?}", start.elapsed());
    let start = Instant::now();
    let report = met.telemetry.shutdown(Duration::from_secs(1));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(!report.is_complete(), "{report}");
    let (sent, kept, lost, unknown) = told(&report);
    assert_eq!((sent, kept, lost + unknown), (0, 0, ITEMS + 5_000), "{report}");
    assert!(unknown >= ITEMS, "{report}");
}

#[test]
fn who_hangs_up_may_have_taken_it() {
    let met = meet(Answer::accepted(), |otlp| otlp);
    met.collector.answer_next([Answer::hang_up()]);
    assert!(!met.send());
    met.assert_named_once(&["closed the connection without an answer"]);
    let report = met.telemetry.shutdown(PATIENCE);
    assert_eq!(told(&report), (ITEMS, 0, 0, 0), "sent again: {report}");
    let requests = met.collector.requests();
    assert_eq!(requests[0].body, requests[1].body);
}

#[test]
fn who_is_no_http_server_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]);
        let _ = stream.write_all(b"220 mail.example.org ESMTP\r\n");
        // Until the other side has read that and hangs up.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let telemetry = builder("answers", super::to(address)).build().unwrap();
    telemetry.scope(|| drop(info_span!("work")));
    assert!(!telemetry.flush(PATIENCE).is_complete());
    let said = super::error(&telemetry);
    assert!(said.contains("does not answer in HTTP/1.1"), "{said}");
    assert!(said.contains(&address.to_string()), "{said}");
    serving.join().unwrap();
}

#[test]
fn a_queue_that_is_full_is_counted_and_holds_nobody() {
    let collector = FakeCollector::start();
    collector.answer_with(Answer::status(503));
    let spans = Spans::default().queue(100).batch(10);
    let telemetry =
        builder("answers", super::to(collector.address())).spans(spans).build().unwrap();
    let start = Instant::now();
    telemetry.scope(|| (0..5_000).for_each(|_| drop(info_span!("work"))));
    assert!(start.elapsed() < PATIENCE, "call sites waited: {:?}", start.elapsed());
    // Busy all the time; what still waits at the end is lost, and all of it is told.
    let report = telemetry.shutdown(Duration::from_secs(1));
    let (sent, kept, lost, unknown) = told(&report);
    assert_eq!((sent + lost + unknown, kept), (5_000, 0), "{report}");
}
