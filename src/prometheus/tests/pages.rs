//! Whole pages, as people and scrapers see them.

use super::check::read;
use super::source::{Bench, Laid, gauge, histogram, set};
use crate::metrics::Unit;
use crate::metrics::reading::{Description, Kind, Reading};
use crate::prometheus::Format;
use crate::resource::Resource;
use crate::status::DropReason;

fn bench() -> Bench {
    let bench = Bench::new();
    let timer = Laid::family("db.query", Kind::Timer);
    let requests =
        Laid::described("api.requests", Kind::Counter, None, Some("Requests \"seen\"\nat C:\\."));
    let size = Laid::described("heap", Kind::Gauge, Some(Unit::Bytes), None);
    let buckets = [(0.005, 1), (1.0, 3), (1e6, 3)];
    let laid = &bench.source;
    laid.add(&timer, &[("table", "documents")], histogram(4, 2.25, &buckets));
    laid.add(&requests, &[("endpoint", "/users")], Reading::Counter(u64::MAX));
    laid.add(&requests, &[], Reading::Counter(0));
    laid.add(&size, &[], gauge(1e300));
    laid.add(&Laid::family("users", Kind::Set), &[("z", "a\\b\"c")], set(7));
    bench
}

#[test]
fn the_text_page() {
    let bench = bench();
    assert_eq!(
        bench.host_part(Format::Text),
        r#"# HELP api_requests_total Requests "seen"\nat C:\\.
# TYPE api_requests_total counter
api_requests_total{endpoint="/users"} 18446744073709551615
api_requests_total 0
# HELP db_query_seconds The timer db.query.
# TYPE db_query_seconds histogram
db_query_seconds_bucket{table="documents",le="0.005"} 1
db_query_seconds_bucket{table="documents",le="1.0"} 3
db_query_seconds_bucket{table="documents",le="1e+06"} 3
db_query_seconds_bucket{table="documents",le="+Inf"} 4
db_query_seconds_sum{table="documents"} 2.25
db_query_seconds_count{table="documents"} 4
# HELP heap_bytes The gauge heap.
# TYPE heap_bytes gauge
heap_bytes 1e300
# HELP users The number of distinct values in the set users.
# TYPE users gauge
users{z="a\\b\"c"} 7
"#
    );
    read(&bench.page.render(Format::Text), Format::Text).unwrap();
}

#[test]
fn dollars_are_a_counter_of_fractions() {
    let bench = Bench::new();
    let family = Laid::family("llm_cost_usd", Kind::Cost);
    bench.source.add(&family, &[("model", "a")], Reading::Cost(750_000));
    bench.source.add(&family, &[("model", "b")], Reading::Cost(12_300_000_000_000));
    // One and the same series on the page: they add up.
    bench.source.add(
        &Laid::family("llm.cost.usd", Kind::Cost),
        &[("model", "b")],
        Reading::Cost(1),
    );
    for format in [Format::Text, Format::OpenMetrics] {
        let page = bench.page.render(format);
        assert!(page.contains("llm_cost_usd_total{model=\"a\"} 7.5e-7\n"), "{page}");
        assert!(page.contains("llm_cost_usd_total{model=\"b\"} 12.300000000001\n"), "{page}");
        read(&page, format).unwrap();
    }
    assert_eq!(bench.dropped(DropReason::Collision), 0);
}

#[test]
fn the_openmetrics_page() {
    let page = bench().page.render(Format::OpenMetrics);
    let start = r#"# TYPE api_requests counter
# HELP api_requests Requests \"seen\"\nat C:\\.
api_requests_total{endpoint="/users"} 18446744073709551615
api_requests_total 0
# TYPE db_query_seconds histogram
# UNIT db_query_seconds seconds
# HELP db_query_seconds The timer db.query.
"#;
    assert!(page.starts_with(start), "{page}");
    let info = "# TYPE target info\n# HELP target The service that this page is of.\n\
                target_info{service_name=\"upload-service\"} 1\n";
    assert!(page.contains(info), "{page}");
    assert!(page.ends_with("\n# EOF\n"));
    read(&page, Format::OpenMetrics).unwrap();
}

#[test]
fn the_page_tells_who_it_is_of() {
    let attributes = [("host.name", "a\"b"), ("host_name", "c"), ("k", "")];
    let bench = Bench::of(&Resource {
        service: "upload-service".into(),
        environment: Some("production".into()),
        version: Some("1.4.2".into()),
        instance: Some("not on the page".into()),
        attributes: attributes.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(),
    });
    let page = bench.page.render(Format::Text);
    let line = "\ntarget_info{deployment_environment_name=\"production\",host_name=\"a\\\"b\",\
                service_name=\"upload-service\",service_version=\"1.4.2\"} 1\n";
    assert!(page.contains(line), "{page}");
    assert_eq!(bench.dropped(DropReason::Collision), 1);
}

#[test]
fn the_page_tells_how_the_pipelines_are() {
    let bench = Bench::new();
    let before = bench.page.render(Format::Text);
    assert!(before.contains("\nlightship_pipeline_up{pipeline=\"prometheus\"} 0\n"), "{before}");
    assert!(!before.contains("last_success"), "{before}");
    bench.pipeline.delivered(3);
    bench.pipeline.dropped(DropReason::BadRequest, 2);
    bench.pipeline.set_spooled_bytes(9);
    let page = bench.page.render(Format::Text);
    for line in [
        "lightship_pipeline_up{pipeline=\"prometheus\"} 1",
        "lightship_pipeline_state{pipeline=\"prometheus\",state=\"up\"} 1",
        "lightship_pipeline_state{pipeline=\"prometheus\",state=\"degraded\"} 0",
        "lightship_sent_total{pipeline=\"prometheus\"} 3",
        "lightship_dropped_total{pipeline=\"prometheus\",reason=\"bad_request\"} 2",
        "lightship_dropped_total{pipeline=\"prometheus\",reason=\"collision\"} 0",
        "lightship_spooled_bytes{pipeline=\"prometheus\"} 9",
    ] {
        assert!(page.lines().any(|other| other == line), "{line}\n{page}");
    }
    assert!(page.contains("\nlightship_last_success_timestamp_seconds{pipeline=\"prometheus\"} "));
    for format in [Format::Text, Format::OpenMetrics] {
        let families = read(&bench.page.render(format), format).unwrap();
        let state = families.iter().find(|f| f.name == "lightship_pipeline_state").unwrap();
        assert_eq!(state.samples.iter().filter(|sample| sample.value == "1").count(), 1);
    }
}

#[test]
fn a_scrape_reads_the_values_anew() {
    let bench = Bench::new();
    let family = Laid::family("jobs", Kind::Counter);
    let index = bench.source.add(&family, &[], Reading::Counter(1));
    assert!(bench.host_part(Format::Text).ends_with("\njobs_total 1\n"));
    bench.source.set(index, Reading::Counter(2));
    bench.source.add(&family, &[("kind", "late")], Reading::Counter(5));
    let page = bench.host_part(Format::Text);
    assert!(page.ends_with("\njobs_total 2\njobs_total{kind=\"late\"} 5\n"), "{page}");
}

#[test]
fn a_late_description_changes_the_help_and_never_the_name() {
    let bench = Bench::new();
    let family = Laid::family("latency", Kind::Histogram);
    bench.source.add(&family, &[], histogram(0, 0.0, &[]));
    bench.page.render(Format::Text);
    family.describe(Description { unit: Some(Unit::Seconds), help: Some("How long.".into()) });
    bench.source.add(&family, &[("late", "true")], histogram(0, 0.0, &[]));
    let page = bench.host_part(Format::Text);
    assert!(page.starts_with("# HELP latency How long.\n"), "{page}");
    assert!(page.contains("\nlatency_count{late=\"true\"} 0\n"), "{page}");
}

#[test]
fn a_negative_sum_costs_openmetrics_no_page() {
    let bench = Bench::new();
    let family = Laid::family("delta", Kind::Histogram);
    let index = bench.source.add(&family, &[], histogram(2, -3.0, &[(0.0, 1)]));
    for sum in [-3.0, 4.0] {
        bench.source.set(index, histogram(2, sum, &[(0.0, 1)]));
        let page = bench.page.render(Format::OpenMetrics);
        read(&page, Format::OpenMetrics).unwrap();
        assert!(!page.contains("delta_sum") && !page.contains("delta_count"), "{page}");
        assert!(page.contains("delta_bucket{le=\"+Inf\"} 2\n"), "{page}");
        let page = bench.page.render(Format::Text);
        assert!(page.contains(&format!("\ndelta_sum {sum}\ndelta_count 2\n")), "{page}");
    }
}

#[test]
fn a_source_that_panics_leaves_nothing_behind() {
    let bench = Bench::new();
    bench.source.counter("jobs", &[], 1);
    bench.source.panic_at_the_end(true);
    let page = || bench.page.render(Format::Text);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(page)).is_err());
    bench.source.panic_at_the_end(false);
    assert!(bench.host_part(Format::Text).ends_with("\njobs_total 1\n"));
}

#[test]
fn what_was_kept_out_and_what_was_folded_is_on_the_page() {
    use crate::status::{CardinalityOverflow, RedactionCount};
    let bench = Bench::new();
    for format in [Format::Text, Format::OpenMetrics] {
        let page = bench.page.render(format);
        assert!(!page.contains("redactions") && !page.contains("overflow"), "{page}");
    }
    {
        let mut told = bench.told.lock().unwrap();
        told.redactions.push(RedactionCount { kind: "email", sink: "spans", count: 2 });
        let overflow = |metric: &str, key: &str, count| {
            let (metric, key) = (metric.to_owned(), key.to_owned());
            CardinalityOverflow { metric, key, count }
        };
        told.overflows.push(overflow("a \"b\"", "user", 3));
        told.overflows.push(overflow("logins", "*", u64::MAX));
    }
    for format in [Format::Text, Format::OpenMetrics] {
        let page = bench.page.render(format);
        read(&page, format).unwrap();
        for row in [
            r#"lightship_redactions_total{kind="email",sink="spans"} 2"#,
            r#"lightship_cardinality_overflow_total{metric="a \"b\"",key="user"} 3"#,
            r#"lightship_cardinality_overflow_total{metric="logins",key="*"} 18446744073709551615"#,
        ] {
            assert!(page.contains(&format!("\n{row}\n")), "{row}\n{page}");
        }
    }
}
