//! What only Datadog has: times of their own, events, service checks; and a library's metrics.

use crate::support::dogstatsd::{FakeAgent, Line};
use crate::turn;
use lightship::{
    AlertType, CheckStatus, DogStatsd, Event, Prometheus, ServiceCheck, Telemetry, counter, gauge,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn install(agent: &FakeAgent) -> Telemetry {
    lightship::builder("datadog")
        .environment_variables([("DD_TAGS", "team:storage"), ("DD_ENV", "test")])
        .dogstatsd(DogStatsd::default().address(agent.address()).client_telemetry(false))
        .prometheus(Prometheus::default().no_listener())
        .process_metrics(false)
        .notices(|_| {})
        .install()
        .unwrap()
}

/// Everything that the agent got from `record`, in the order it came.
fn lines(record: impl FnOnce(&Telemetry)) -> Vec<Line> {
    let agent = FakeAgent::udp();
    let telemetry = install(&agent);
    record(&telemetry);
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.is_complete(), "{report}");
    agent.wait_for(|lines| !lines.is_empty())
}

#[test]
fn a_value_with_a_time_of_its_own_is_sent_once_and_with_it() {
    let _turn = turn();
    let then = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let lines = lines(|telemetry| {
        counter!("timed").increment(1);
        counter!("timed").increment_at(10, then);
        gauge!("level").set_at(2.5, then);
        counter!("timed").increment(2);
        assert!(telemetry.prometheus_text().contains("timed_total 13\n"));
    });
    let of = |name: &str, timestamp: Option<u64>| -> Vec<f64> {
        let metrics = lines.iter().filter_map(Line::metric);
        let wanted = metrics.filter(|m| m.name == name && m.timestamp == timestamp);
        wanted.flat_map(|metric| metric.values.clone()).collect()
    };
    assert_eq!(of("timed", Some(1_700_000_000)), [10.0]);
    assert_eq!(of("timed", None), [3.0]);
    assert_eq!(of("level", Some(1_700_000_000)), [2.5]);
}

#[test]
fn events_and_service_checks_arrive_with_who_we_are() {
    let _turn = turn();
    let lines = lines(|telemetry| {
        let text = "1.4.2 is out\nwith two lines | and a pipe";
        telemetry.event(Event::new("deploy", text).alert_type(AlertType::Success));
        telemetry.service_check("db", CheckStatus::Ok);
        let check = ServiceCheck::new("db", CheckStatus::Critical).message("no|connection\nat all");
        telemetry.handle().send_service_check(check.tag("shard", "7"));
    });
    let event = lines.iter().find_map(Line::event).unwrap();
    assert_eq!(event.title, "deploy");
    assert_eq!(event.text, "1.4.2 is out\nwith two lines | and a pipe");
    assert_eq!(event.alert_type.as_deref(), Some("success"));
    for tag in ["service:datadog", "env:test", "team:storage"] {
        assert!(event.tags.iter().any(|known| known == tag), "no {tag} in {event:?}");
    }
    let checks: Vec<_> = lines.iter().filter_map(Line::check).collect();
    assert_eq!(checks.iter().map(|check| check.status).collect::<Vec<_>>(), [0, 2]);
    assert!(checks[1].tags.iter().any(|tag| tag == "shard:7"), "{checks:?}");
}

#[test]
fn what_libraries_record_reaches_the_agent() {
    let _turn = turn();
    let lines = lines(|_| {
        metrics::counter!("library.calls", "kind" => "a").increment(2);
        metrics::gauge!("library.depth").set(-1.5);
        metrics::histogram!("library.size").record(3.0);
    });
    let value = |name: &str| {
        let metric = lines.iter().filter_map(Line::metric).find(|metric| metric.name == name);
        metric.unwrap_or_else(|| panic!("no {name} in {lines:?}")).values.clone()
    };
    assert_eq!(value("library.calls"), [2.0]);
    assert_eq!(value("library.depth"), [-1.5]);
    assert_eq!(value("library.size"), [3.0]);
}

#[test]
fn a_time_before_1970_is_no_reason_to_panic() {
    let _turn = turn();
    let lines = lines(|_| {
        counter!("ancient").increment_at(1, SystemTime::UNIX_EPOCH - Duration::from_secs(5));
    });
    let ancient = lines.iter().find_map(Line::metric).unwrap();
    assert_eq!((ancient.timestamp, ancient.values.as_slice()), (Some(1), [1.0].as_slice()));
}

#[test]
fn what_is_measured_when_asked_is_not_lost_at_the_end() {
    let _turn = turn();
    let agent = FakeAgent::udp();
    let telemetry = lightship::builder("datadog")
        .without_environment()
        .dogstatsd(DogStatsd::default().address(agent.address()))
        .prometheus(Prometheus::default().no_listener())
        .install()
        .unwrap();
    // Every look finds another value, as it does for the memory of the process.
    let mut looks = 0;
    let looks = std::sync::Mutex::new(move || {
        looks += 1;
        f64::from(looks)
    });
    gauge!("looks").observe(move || (looks.lock().unwrap())());
    let report = telemetry.shutdown(Duration::from_secs(5));
    let dogstatsd = report.pipeline("dogstatsd").unwrap();
    assert!(dogstatsd.complete && dogstatsd.lost == 0, "{report}");
    let lines = agent.wait_for(|lines| !lines.is_empty());
    // The process's own metrics are Prometheus's.
    assert!(
        lines.iter().filter_map(Line::metric).all(|metric| !metric.name.starts_with("process"))
    );
}
