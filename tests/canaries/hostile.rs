//! Backends that are not there, that die, that talk nonsense; and detectors that panic or hang.

use crate::backends::{Backends, Collector, Received, Socket, check, leaks, leaks_of, missing};
use crate::canary::{Planted, plant};
use crate::places::{Backend, Fits, Place};
use crate::service::{self, Twist};
use crate::support::child::{self, this_test};
use crate::support::dogstatsd::{FakeAgent, Kind, Vacant};
use crate::support::otlp::{Answer, FakeCollector};
use lightship::{DogStatsd, Logs, Otlp, Prometheus, counter};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(20);

#[test]
fn nobody_listens() {
    if let Some(argument) = child::argument() {
        return service::run(&argument);
    }
    let backends = Backends::start(Socket::Udp, false);
    let (_vacant, kind) = Vacant::reserve(Kind::Udp(([127, 0, 0, 1], 0).into()));
    let mut setup = backends.setup(true, true);
    (setup.twist, setup.otlp) = (Twist::Backends, "http://127.0.0.1:9".to_owned());
    let Kind::Udp(address) = kind else { panic!("asked for UDP") };
    setup.dogstatsd = format!("udp://{address}");
    let ended = child::run(setup.command(this_test!())).succeeded();
    let heard = [Backend::Page, Backend::OpenMetrics, Backend::Stdout, Backend::Peer];
    let received = backends.received(&ended, true);
    check(&received, &heard);
    assert!(ended.stderr.contains("lightship: otlp is degraded"), "{}", ended.stderr);
}

/// What is sent again is what was sent, and what waits in between is not more.
#[test]
fn backends_die_in_the_middle_and_come_back() {
    if let Some(argument) = child::argument() {
        return service::run(&argument);
    }
    let mut backends = Backends::start(Socket::Stream, false);
    let mut setup = backends.setup(true, false);
    setup.twist = Twist::Backends;
    let Collector::Http(collector) = &backends.collector else { panic!("no gRPC here") };
    let retry = |status| Answer::status(status).header("Retry-After", "0");
    collector.answer_next([
        retry(503),
        Answer::hang_up(),
        retry(429),
        Answer::html(200),
        Answer::accepted().cut(20),
        Answer::partial(1, "one too many"),
    ]);
    let mut command = setup.command(this_test!());
    command.env("NO_COLOR", "1");
    let running = thread::spawn(move || child::run(command));
    let deadline = std::time::Instant::now() + TIMEOUT;
    while backends.agent.payloads().is_empty() && !running.is_finished() {
        assert!(std::time::Instant::now() < deadline, "no DogStatsD line came");
        thread::sleep(Duration::from_millis(2));
    }
    let kind = backends.agent.kind();
    let before = std::mem::replace(&mut backends.agent, FakeAgent::udp()).stop();
    thread::sleep(Duration::from_millis(300));
    backends.agent = FakeAgent::listen(kind);
    let ended = running.join().unwrap().succeeded();
    let mut received = backends.received(&ended, true);
    received.get_mut(&Backend::DogStatsd).unwrap().extend(before.concat());
    check(&received, &[Backend::Page, Backend::Stdout]);
    assert!(received[&Backend::Traces].len() > 10_000, "spans came");
}

fn with_detector(test: &str, twist: Twist) -> Option<Received> {
    if let Some(argument) = child::argument() {
        service::run(&argument);
        return None;
    }
    let backends = Backends::start(Socket::Datagram, false);
    let mut setup = backends.setup(true, true);
    setup.twist = twist;
    let ended = child::run(setup.command(test)).succeeded();
    Some(backends.received(&ended, true))
}

fn unjudged(received: &Received, backend: Backend) -> bool {
    String::from_utf8_lossy(&received[&backend]).contains("[REDACTED:unjudged]")
}

#[test]
fn what_a_detector_panics_at_goes_whole() {
    let Some(received) = with_detector(this_test!(), Twist::Panics) else { return };
    let leaks = leaks(&received);
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(unjudged(&received, Backend::Traces) && unjudged(&received, Backend::Stdout));
    // It panics at values alone; on a machine that is very busy it may be too late for other words.
    let lost = missing(&received, &[Backend::Traces]);
    let lost = |end: &str| lost.iter().filter(|line| line.ends_with(end)).count();
    assert!(lost("within it") > 0);
    assert!(lost("beside it") < crate::places::all().len() / 2, "{}", lost("beside it"));
}

#[test]
fn what_a_detector_hangs_over_goes_whole() {
    let Some(received) = with_detector(this_test!(), Twist::Hangs) else { return };
    let leaks = leaks(&received);
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(unjudged(&received, Backend::Traces) && unjudged(&received, Backend::Stdout));
    assert!(received[&Backend::Page].windows(8).any(|window| window == b"redacted"));
}

const ANSWER: Place = Place {
    name: "answer of a collector",
    takes: Fits::OneLine,
    beside: &[],
    within: &[],
    plant: |_, _| {},
};

/// All that is said of a collector that gives this answer.
fn said_of(answer: Answer) -> (String, String) {
    let collector = FakeCollector::start();
    collector.answer_with(answer);
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&lines);
    let telemetry = lightship::builder("told")
        .without_environment()
        .otlp(Otlp::default().endpoint(collector.endpoint()).metrics(true))
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .logs(Logs::disabled())
        .notices(move |line| sink.lock().unwrap().push_str(&format!("{line}\n")))
        .build()
        .unwrap();
    telemetry.scope(|| {
        tracing::info_span!("refused").in_scope(|| {});
        counter!("refused").increment(1);
    });
    telemetry.flush(TIMEOUT);
    let status = telemetry.status();
    let pages = ["/status", "/metrics"].map(|path| {
        crate::support::backends::get(service::address(&telemetry), path, &[]).unwrap().body
    });
    let report = telemetry.shutdown(TIMEOUT);
    let lines = lines.lock().unwrap().clone();
    (lines.clone(), format!("{status}{status:?}{report}{report:?}{pages:?}{lines}"))
}

#[test]
fn what_a_collector_says_is_scrubbed_where_it_is_repeated() {
    let planted = plant(&ANSWER);
    let mut told = 0;
    // Addresses stay in what is said to whoever runs the service: that is who configured them.
    for it in planted.iter().filter(|it| it.shape != "ipv6") {
        for answer in [
            Answer::status(400).header("Content-Type", "text/plain").body(it.value.clone()),
            Answer::partial(1, &it.value),
            Answer::status(307).header("Location", &it.value),
        ] {
            let (lines, all) = said_of(answer);
            let leaks = leaks_of(&planted, &Received::from([(Backend::Shown, all.into_bytes())]));
            assert!(leaks.is_empty(), "{leaks:#?}");
            told += usize::from(it.within.as_ref().is_some_and(|word| lines.contains(word)));
        }
    }
    assert!(told >= planted.len(), "{told}: what is harmless in an answer is repeated");
}

/// The same over UDP, where the kernel alone answers.
#[test]
fn addresses_are_shown_without_their_secrets() {
    let place: &'static Place = &Place { name: "address", takes: Fits::Tokens, ..ANSWER };
    let planted: Vec<Planted> = plant(place);
    for it in &planted {
        let secret = &it.secrets[0];
        let lines = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&lines);
        let built = lightship::builder("address")
            .without_environment()
            .otlp(
                Otlp::default()
                    .endpoint(format!("http://ada:{secret}@127.0.0.1:9/?token={secret}"))
                    .header("x-api-key", secret.as_str()),
            )
            .dogstatsd(DogStatsd::default().address(format!("udp://ada:{secret}@127.0.0.1:9")))
            .prometheus(Prometheus::default().no_listener().bearer_token(secret.as_str()))
            .hash_key(secret.as_str())
            .logs(Logs::disabled())
            .notices(move |line| sink.lock().unwrap().push_str(&format!("{line}\n")))
            .build();
        let said = match built {
            Ok(telemetry) => {
                telemetry.scope(|| tracing::info_span!("lost").in_scope(|| {}));
                telemetry.flush(Duration::from_millis(200));
                let (status, explain) = (telemetry.status(), telemetry.explain().to_string());
                format!("{status}{status:?}{explain}{}", telemetry.prometheus_text())
            }
            Err(error) => format!("{error}{error:?}"),
        };
        let said = said + &lines.lock().unwrap();
        let leaks = leaks_of(&planted, &Received::from([(Backend::Shown, said.into_bytes())]));
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}
