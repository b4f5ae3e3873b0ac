//! Names and labels that become one on the page.

use super::check::read;
use super::source::{Bench, Laid, gauge, histogram};
use crate::metrics::reading::{Kind, Reading};
use crate::prometheus::Format;
use crate::status::DropReason::{Collision, TagChanged};

/// Renders three times in each format, so that what is counted per scrape shows.
fn page(bench: &Bench) -> String {
    for format in [Format::Text, Format::OpenMetrics, Format::Text, Format::OpenMetrics] {
        read(&bench.page.render(format), format).unwrap();
    }
    bench.host_part(Format::Text)
}

#[test]
fn counters_of_one_name_add_up() {
    let bench = Bench::new();
    bench.source.counter("api.requests", &[("code", "200")], 1 << 53);
    bench.source.counter("api_requests", &[("code", "200")], 1);
    bench.source.counter("api_requests_total", &[("code", "500")], 7);
    let page = page(&bench);
    let samples: Vec<_> = page.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        samples,
        ["api_requests_total{code=\"200\"} 9007199254740993", "api_requests_total{code=\"500\"} 7"]
    );
    assert_eq!(bench.dropped(Collision), 0);
}

#[test]
fn histograms_of_one_name_add_up_where_their_bounds_agree() {
    let bench = Bench::new();
    for (name, bounds) in
        [("db.query", [1.0, 2.0]), ("db_query", [1.0, 2.0]), ("db-query", [1.0, 3.0])]
    {
        let family = Laid::family(name, Kind::Timer);
        bench.source.add(&family, &[], histogram(3, 1.5, &bounds.map(|bound| (bound, 2))));
    }
    let page = page(&bench);
    assert!(
        page.ends_with(
            "_bucket{le=\"+Inf\"} 6\ndb_query_seconds_sum 3\ndb_query_seconds_count 6\n"
        )
    );
    assert!(!page.contains("le=\"3.0\""), "{page}");
    assert_eq!(bench.dropped(Collision), 1);
}

#[test]
fn of_gauges_the_last_wins() {
    let bench = Bench::new();
    bench.source.gauge("queue.size", &[("shard.no", "1")], 5.0);
    bench.source.gauge("queue_size", &[("shard.no", "1")], 6.0);
    let page = page(&bench);
    assert!(page.ends_with("gauge\nqueue_size{shard_no=\"1\"} 6\n"), "{page}");
    assert_eq!(bench.dropped(Collision), 1);
}

#[test]
fn another_type_is_left_out_and_the_page_stays_whole() {
    for (first, second) in [
        (("x", Kind::Counter), ("x_total", Kind::Gauge)),
        (("x", Kind::Counter), ("x", Kind::Gauge)),
        (("x", Kind::Counter), ("x_created", Kind::Gauge)),
        (("x", Kind::Histogram), ("x_count", Kind::Gauge)),
        (("x", Kind::Histogram), ("x_bucket", Kind::Counter)),
        (("x", Kind::Histogram), ("x.sum", Kind::Set)),
        (("x", Kind::Histogram), ("x", Kind::Counter)),
    ] {
        for (first, second) in [(first, second), (second, first)] {
            let bench = Bench::new();
            for (n, (name, kind)) in [first, second].into_iter().enumerate() {
                let reading = match kind {
                    Kind::Counter => Reading::Counter(1),
                    Kind::Histogram => histogram(1, 1.0, &[]),
                    _ => gauge(1.0),
                };
                for code in ["200", "500"] {
                    bench.source.add(&Laid::family(name, kind), &[("code", code)], reading.clone());
                }
                assert_eq!(page(&bench).matches("# TYPE").count(), 1, "{n} {name}");
            }
            assert_eq!(bench.dropped(Collision), 2, "{first:?} {second:?}");
        }
    }
}

#[test]
fn the_names_of_the_page_itself_are_taken() {
    let bench = Bench::new();
    for name in ["lightship.sent", "lightship_dropped_total", "target_info", "target"] {
        bench.source.counter(name, &[("pipeline", "prometheus")], 99);
        bench.source.gauge(name, &[], 99.0);
    }
    bench.source.gauge("lightship.sent.fast", &[], 1.0);
    let page = page(&bench);
    assert!(page.ends_with("gauge\nlightship_sent_fast 1\n"), "{page}");
    assert_eq!(page.lines().filter(|line| !line.starts_with('#')).count(), 1, "{page}");
    assert_eq!(bench.dropped(Collision), 8);
}

#[test]
fn labels_that_collide_or_are_reserved_are_counted_once() {
    let bench = Bench::new();
    let family = Laid::family("lag", Kind::Histogram);
    let tags = [("le", "1"), ("shard.no", "a"), ("shard_no", "b"), ("empty", "")];
    bench.source.add(&family, &tags, histogram(1, 1.0, &[]));
    let page = page(&bench);
    assert!(page.contains("\nlag_count{exported_le=\"1\",shard_no=\"a\"} 1\n"), "{page}");
    assert_eq!((bench.dropped(Collision), bench.dropped(TagChanged)), (1, 1));
}

#[test]
fn a_reading_of_another_kind_is_left_out() {
    let bench = Bench::new();
    bench.source.add(&Laid::family("a", Kind::Counter), &[], gauge(-1.0));
    bench.source.add(&Laid::family("b", Kind::Gauge), &[], histogram(1, 1.0, &[]));
    bench.source.add(&Laid::family("c", Kind::Timer), &[], Reading::Counter(1));
    assert_eq!(page(&bench), "");
    assert_eq!(bench.dropped(Collision), 3);
}
