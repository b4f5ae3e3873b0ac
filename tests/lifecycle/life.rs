//! Installing, instances, ports and deadlines.

#![allow(unsafe_code, reason = "a fork is wanted in one of them")]

use crate::{silent, turn};
use lightship::{Builder, DogStatsd, DropReason, Prometheus, Telemetry, counter, gauge};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A configuration with all that metrics have; nobody listens for DogStatsD.
fn builder() -> Builder {
    silent()
        .dogstatsd(DogStatsd::default().address("unix:///nonexistent/lightship/dsd.socket"))
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
}

fn before_init(telemetry: &Telemetry) -> u64 {
    telemetry.status().pipeline("facade").unwrap().dropped_for(DropReason::BeforeInit)
}

fn get(telemetry: &Telemetry, path: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(5);
    let address = loop {
        match telemetry.admin_addr() {
            Some(address) => break address,
            None if Instant::now() > deadline => panic!("no listener"),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn handles_and_call_sites_from_before_start_to_work_at_install() {
    let _turn = turn();
    let route = String::from("/early");
    let (literal, dynamic) = (counter!("early.literal"), counter!("early.dynamic", "r" => route));
    let site = || counter!("early.site", "k" => "v").increment(1);
    literal.increment(1);
    dynamic.increment(1);
    site();
    let telemetry = builder().install().unwrap();
    let lost = before_init(&telemetry);
    assert!(lost >= 3, "{lost}");
    literal.increment(10);
    dynamic.increment(20);
    site();
    let page = telemetry.prometheus_text();
    for line in [
        "early_literal_total 10",
        "early_dynamic_total{r=\"/early\"} 20",
        "early_site_total{k=\"v\"} 1",
    ] {
        assert!(page.contains(line), "no {line} in {page}");
    }
    assert_eq!(before_init(&telemetry), lost);
}

#[test]
fn a_second_install_is_an_error_that_changes_nothing() {
    let _turn = turn();
    let first = builder().install().unwrap();
    counter!("second.install").increment(1);
    let error = builder().install().unwrap_err();
    assert!(error.is_already_installed(), "{error}");
    assert!(error.to_string().contains("`lifecycle`"), "{error}");
    counter!("second.install").increment(1);
    assert!(first.prometheus_text().contains("second_install_total 2"));
}

#[test]
fn a_wrong_configuration_installs_nothing() {
    let _turn = turn();
    let error = builder()
        .dogstatsd(DogStatsd::default().address("tcp://agent:99999"))
        .prometheus(Prometheus::default().listen("nowhere"))
        .install()
        .unwrap_err();
    assert_eq!(error.problems().len(), 2, "{error}");
    // The way is free: nothing was left behind.
    let telemetry = builder().install().unwrap();
    counter!("after.error").increment(1);
    assert!(telemetry.prometheus_text().contains("after_error_total 1"));
}

#[test]
fn one_after_the_other_starts_at_zero() {
    let _turn = turn();
    let kept = {
        let _first = builder().install().unwrap();
        let kept = counter!("generations");
        kept.increment(5);
        counter!("generations").increment(5);
        kept
    };
    let second = builder().install().unwrap();
    counter!("generations").increment(1);
    // A kept handle stays with its registry.
    kept.increment(100);
    let page = second.prometheus_text();
    assert!(page.contains("generations_total 1\n"), "{page}");
}

#[test]
fn what_libraries_record_arrives_in_the_same_registry() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    metrics::counter!("library.calls", "kind" => "a").increment(2);
    metrics::counter!("library.calls", "kind" => String::from("b")).absolute(7);
    metrics::gauge!("library.depth").set(3.5);
    metrics::histogram!("library.sizes").record(2.0);
    metrics::describe_counter!("library.calls", "Calls of the library.");
    counter!("library.calls", "kind" => "a").increment(1);
    let page = telemetry.prometheus_text();
    for line in [
        "# HELP library_calls_total Calls of the library.",
        "library_calls_total{kind=\"a\"} 3",
        "library_calls_total{kind=\"b\"} 7",
        "library_depth 3.5",
        "library_sizes_count 1",
    ] {
        assert!(page.contains(line), "no {line} in {page}");
    }
}

#[test]
fn instances_keep_to_themselves() {
    let _turn = turn();
    let installed = builder().install().unwrap();
    let instance = builder().build().unwrap();
    let handle = instance.scope(|| {
        counter!("who").increment(10);
        counter!("who")
    });
    counter!("who").increment(1);
    handle.increment(100);
    assert!(installed.prometheus_text().contains("who_total 1\n"));
    assert!(instance.prometheus_text().contains("who_total 110\n"));
    assert!(get(&instance, "/metrics").contains("who_total 110\n"));
}

#[test]
fn gauges_read_by_callback_survive_a_callback_that_panics() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    let depth = Arc::new(Mutex::new(3.0));
    let watched = Arc::clone(&depth);
    gauge!("callback.depth").observe(move || *watched.lock().unwrap());
    gauge!("callback.broken").observe(|| panic!("a callback of the host"));
    assert!(telemetry.prometheus_text().contains("callback_depth 3"));
    *depth.lock().unwrap() = 4.0;
    assert!(telemetry.prometheus_text().contains("callback_depth 4"));
    let facade = telemetry.status().pipeline("facade").unwrap().clone();
    assert!(facade.dropped_for(DropReason::CallbackPanic) >= 2);
}

#[test]
fn a_taken_port_degrades_and_is_taken_over_when_it_becomes_free() {
    let _turn = turn();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let telemetry =
        builder().prometheus(Prometheus::default().listen(address.to_string())).build().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    let error = loop {
        let status = telemetry.status();
        match &status.pipeline("prometheus").unwrap().last_error {
            Some(error) => break error.clone(),
            None if Instant::now() > deadline => panic!("{status}"),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(error.contains(&address.port().to_string()), "{error}");
    drop(other);
    let deadline = Instant::now() + Duration::from_secs(15);
    while telemetry.admin_addr().is_none() {
        assert!(Instant::now() < deadline, "{}", telemetry.status());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(get(&telemetry, "/metrics").contains("target_info"));
}

#[test]
fn shutdown_keeps_its_deadline_whatever_hangs() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    // A callback that never returns holds up whoever reads.
    gauge!("hanging").observe(|| {
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    // So does a client that never reads its answer.
    let _client = telemetry.admin_addr().map(TcpStream::connect);
    counter!("left.behind").increment(1);
    let start = Instant::now();
    let report = telemetry.shutdown(Duration::from_millis(500));
    assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
    assert!(!report.is_complete(), "{report}");
}

#[test]
fn the_port_is_free_after_shutdown() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    get(&telemetry, "/status");
    let address = telemetry.admin_addr().unwrap();
    telemetry.shutdown(Duration::from_secs(2));
    TcpListener::bind(address).unwrap();
}

#[test]
fn status_names_every_pipeline_and_explain_every_value() {
    let _turn = turn();
    let telemetry = builder()
        .version("1.4.2")
        .prometheus(Prometheus::default().listen("127.0.0.1:0").bearer_token("s3cret-token"))
        .build()
        .unwrap();
    let names: Vec<_> = telemetry.status().pipelines.iter().map(|p| p.name).collect();
    assert_eq!(names, ["facade", "otlp", "dogstatsd", "prometheus", "logs"]);
    let explained = telemetry.explain().to_string();
    assert!(explained.contains("1.4.2"), "{explained}");
    assert!(!explained.contains("s3cret-token"), "{explained}");
    assert!(get(&telemetry, "/metrics").starts_with("HTTP/1.1 401"));
    assert!(get(&telemetry, "/status").starts_with("HTTP/1.1 401"));
}

#[test]
fn a_thousand_threads_lose_nothing() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    for _ in 0..4 {
        let threads: Vec<_> = (0..250)
            .map(|_| {
                std::thread::Builder::new()
                    .stack_size(64 << 10)
                    .spawn(|| (0..100).for_each(|_| counter!("thousand").increment(1)))
                    .unwrap()
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
    assert!(telemetry.prometheus_text().contains("thousand_total 100000\n"));
}

#[test]
fn a_forked_child_is_disabled_until_its_own_install() {
    use std::os::unix::process::CommandExt;
    const FINE: i32 = 1;
    let _turn = turn();
    // No threads of ours: a lock that one holds at the moment of the fork stays locked for ever.
    let quiet = || {
        builder().dogstatsd(DogStatsd::disabled()).prometheus(Prometheus::default().no_listener())
    };
    let telemetry = quiet().install().unwrap();
    counter!("forks").increment(1);
    let handle = telemetry.handle();
    let in_the_child = move || {
        let status = handle.status();
        let reason = status.pipelines.iter().all(|p| p.state.to_string().contains("forked"));
        let own = quiet().install().is_ok_and(|own| {
            counter!("forks").increment(10);
            own.prometheus_text().contains("forks_total 10\n")
        });
        let code = if reason && own { FINE } else { FINE + 1 };
        Err(std::io::Error::from_raw_os_error(code))
    };
    let mut command = std::process::Command::new("true");
    // SAFETY: the child allocates and locks, which is sound where no other thread of ours ran.
    unsafe { command.pre_exec(in_the_child) };
    let told = command.spawn().unwrap_err();
    assert_eq!(told.raw_os_error(), Some(FINE), "{told}");
    // The parent goes on as if nothing had happened.
    counter!("forks").increment(1);
    assert!(telemetry.prometheus_text().contains("forks_total 2\n"));
}
