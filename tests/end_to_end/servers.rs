//! Servers that nobody here wrote: Prometheus, promtool, the OpenMetrics parser, statsd_exporter.

use crate::support::backends::{
    OpenMetrics, Prometheus as PrometheusServer, Promtool, StatsdExporter, get,
};
use crate::turn;
use lightship::{
    Builder, DogStatsd, Prometheus, Telemetry, Unit, counter, describe_counter, describe_histogram,
    distribution, gauge, histogram, set, timer,
};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

fn builder() -> Builder {
    lightship::builder("servers")
        .without_environment()
        .version("1.4.2")
        .environment("test")
        .tag("team", "storage")
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .notices(|_| {})
}

/// One of everything, with names and values that want escaping.
fn record() {
    describe_counter!("api.requests", "Requests, \"quoted\"\nand broken.");
    describe_histogram!("upload.size", Unit::Bytes, "Sizes of uploads.");
    for n in 0..100_u64 {
        counter!("api.requests", "endpoint" => "/users").increment(1);
        timer!("api.duration").handle().record(n as f64 / 1e3);
        histogram!("upload.size", "kind" => "pdf").record(n * 1_000);
        distribution!("document.pages").record(n % 7);
        set!("users.active").insert(n % 5);
    }
    gauge!("queue.size", "queue" => "parser").set(42.5);
    gauge!("temperature").set(-3);
    let hostile = String::from("a\\b\"c\nd|e,f:g#h@i\u{1F6A2}");
    counter!("hostile.values", "value" => hostile, "k|ey:x" => hostile).increment(3);
    counter!("1 bad-name\u{e9}").increment(1);
}

fn address(telemetry: &Telemetry) -> SocketAddr {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match telemetry.admin_addr() {
            Some(address) => return address,
            None => assert!(Instant::now() < deadline, "{}", telemetry.status()),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn prometheus_scrapes_us_with_a_token() {
    let _turn = turn();
    let telemetry = builder()
        .prometheus(Prometheus::default().listen("127.0.0.1:0").bearer_token("a-test-token"))
        .install()
        .unwrap();
    record();
    let address = address(&telemetry);
    let Some(server) = PrometheusServer::start(&[address.to_string()], Some("a-test-token")) else {
        return;
    };
    server.wait_up(Duration::from_secs(40)).unwrap();
    let value = |query: &str| -> f64 {
        let series = server.query_until(query, Duration::from_secs(20), |s| !s.is_empty());
        series.unwrap_or_else(|error| panic!("{query}: {error}"))[0].value
    };
    assert_eq!(value("api_requests_total{endpoint=\"/users\"}"), 100.0);
    assert_eq!(value("api_duration_seconds_count"), 100.0);
    assert_eq!(value("upload_size_bytes_bucket{le=\"+Inf\"}"), 100.0);
    assert_eq!(value("queue_size{queue=\"parser\"}"), 42.5);
    assert_eq!(value("temperature"), -3.0);
    assert_eq!(value("hostile_values_total"), 3.0);
    assert_eq!(value("target_info{service_name=\"servers\",team=\"storage\"}"), 1.0);
    assert_eq!(value("lightship_pipeline_up{pipeline=\"prometheus\"}"), 1.0);
    let median = value("histogram_quantile(0.5, api_duration_seconds_bucket)");
    assert!((0.045..=0.055).contains(&median), "{median}");
    assert_eq!(telemetry.status().pipeline("prometheus").unwrap().state.name(), "up");
}

#[test]
fn promtool_and_the_strict_parser_find_nothing() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    record();
    if let Some(promtool) = Promtool::find() {
        promtool.check_metrics(&telemetry.prometheus_text()).unwrap();
    }
    let Some(parser) = OpenMetrics::find() else { return };
    let accept = ("Accept", "application/openmetrics-text; version=1.0.0");
    let page = get(address(&telemetry), "/metrics", &[accept]).unwrap().body;
    assert!(page.ends_with("# EOF\n"), "{page}");
    let families = parser.parse(&page).unwrap_or_else(|error| panic!("{error}\n{page}"));
    let text = families.to_string();
    assert!(text.contains("hostile_values"), "{text}");
}

#[test]
fn statsd_exporter_understands_every_line_it_can() {
    let _turn = turn();
    for transport in ["udp", "unixgram"] {
        let Some(server) = StatsdExporter::start() else { return };
        let address = match transport {
            "udp" => format!("udp://{}", server.udp()),
            _ => format!("unixgram://{}", server.unixgram().display()),
        };
        let telemetry = builder()
            .dogstatsd(
                DogStatsd::default().address(address).flush_interval(Duration::from_millis(100)),
            )
            .process_metrics(false)
            .install()
            .unwrap();
        for n in 0..10_000_u64 {
            counter!("exporter.requests", "endpoint" => "/users").increment(1);
            histogram!("exporter.size", "kind" => "pdf").record((n % 100 + 1) * 1_000);
        }
        gauge!("exporter.depth").set(7);
        // Few values go out as they are, packed into one line.
        [1, 2, 4].iter().for_each(|n| distribution!("exporter.pages").record(*n));
        assert!(telemetry.flush(Duration::from_secs(5)).is_complete(), "{}", telemetry.status());
        // The last series of the flush: with it everything is there.
        let last = "exporter_pages_count{env=\"test\",service=\"servers\",team=\"storage\",version=\"1.4.2\"} 3";
        let page = server
            .scrape_until(last, Duration::from_secs(5))
            .unwrap_or_else(|error| panic!("{transport}: {error}"));
        let sample = |name: &str| -> f64 {
            let line = page.lines().find(|line| line.starts_with(name));
            let line = line.unwrap_or_else(|| panic!("no {name} in {page}"));
            line.rsplit(' ').next().unwrap().parse().unwrap()
        };
        assert!(page.contains("endpoint=\"/users\""), "{page}");
        assert!(page.contains("service=\"servers\"") && page.contains("env=\"test\""), "{page}");
        assert_eq!(sample("exporter_requests{"), 10_000.0);
        assert_eq!(sample("exporter_size_count{"), 10_000.0);
        assert!((sample("exporter_size_sum{") / 505_000_000.0 - 1.0).abs() < 1e-9);
        assert_eq!(sample("exporter_depth{"), 7.0);
        assert_eq!((sample("exporter_pages_count{"), sample("exporter_pages_sum{")), (3.0, 7.0));
    }
}

#[test]
fn the_status_page_is_json() {
    let _turn = turn();
    let telemetry = builder().install().unwrap();
    let answer = get(address(&telemetry), "/status", &[]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(status["service"], "servers");
    let pipelines = status["pipelines"].as_array().unwrap();
    let dogstatsd = pipelines.iter().find(|pipeline| pipeline["name"] == "dogstatsd").unwrap();
    assert_eq!(dogstatsd["state"], "disabled");
}
