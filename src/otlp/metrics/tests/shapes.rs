//! Each kind of metric as OTLP has it; names, units, texts.

use super::source::{Laid, gauge, histogram};
use super::*;
use crate::metrics::Unit;
use crate::metrics::reading::{Description, Family, GaugeReading, Kind, Reading, SetReading};
use decode::{Decoded, Tags};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;

fn only(laid: Laid) -> Point {
    let mut points = Rig::new(Temporality::Cumulative, Arc::new(laid)).points();
    assert_eq!(points.len(), 1, "{points:?}");
    points.remove(0)
}

fn one(kind: Kind, reading: Reading) -> Point {
    let laid = Laid::default();
    laid.add(&Laid::family("api.requests", kind), &[("endpoint", "/users")], reading);
    let point = only(laid);
    assert_eq!((&*point.name, &*point.tags["endpoint"]), ("api.requests", "/users"));
    point
}

#[test]
fn counters_are_sums() {
    let point = one(Kind::Counter, Reading::Counter(7));
    assert_eq!((point.value, point.temporality), (Decoded::Sum(Value::AsInt(7)), 2));
    assert!(point.start > 0);
    let point = one(Kind::Counter, Reading::Counter(0));
    assert_eq!(point.value, Decoded::Sum(Value::AsInt(0)), "it is there, and stands at zero");
}

#[test]
fn a_total_beyond_what_has_a_sign_is_a_float() {
    let value = |total| one(Kind::Counter, Reading::Counter(total)).value;
    assert_eq!(value(i64::MAX as u64), Decoded::Sum(Value::AsInt(i64::MAX)));
    assert_eq!(value(u64::MAX), Decoded::Sum(Value::AsDouble(u64::MAX as f64)));
}

#[test]
fn dollars_are_sums_of_fractions() {
    let point = one(Kind::Cost, Reading::Cost(750_000));
    assert_eq!((point.value, point.temporality), (Decoded::Sum(Value::AsDouble(7.5e-7)), 2));
    let laid = Laid::default();
    let family = Laid::family("llm_cost_usd", Kind::Cost);
    let index = laid.add(&family, &[], Reading::Cost(300_000_000_000));
    let laid = Arc::new(laid);
    let mut rig = Rig::new(Temporality::Delta, Arc::clone(&laid) as Arc<dyn Source>);
    let value = |points: Vec<Point>| points.into_iter().map(|point| point.value).next();
    assert_eq!(value(rig.points()), Some(Decoded::Sum(Value::AsDouble(0.3))));
    laid.set(index, Reading::Cost(400_000_000_000));
    assert_eq!(
        value(rig.points()),
        Some(Decoded::Sum(Value::AsDouble(0.1))),
        "not 0.10000000000000003"
    );
}

#[test]
fn gauges_have_a_value_and_no_start() {
    for value in [0.0, -1.5, f64::MAX] {
        let point = one(Kind::Gauge, gauge(value));
        assert_eq!((point.value, point.start), (Decoded::Gauge(Value::AsDouble(value)), 0));
    }
}

#[test]
fn a_gauge_that_was_never_set_is_not_there() {
    let laid = Laid::default();
    let family = Laid::family("queue.size", Kind::Gauge);
    let never = GaugeReading { value: 0.0, version: 0 };
    laid.add(&family, &[], Reading::Gauge(never));
    laid.add(&family, &[("k", "nan")], gauge(f64::NAN));
    assert_eq!(Rig::new(Temporality::Cumulative, Arc::new(laid)).points(), []);
}

#[test]
fn sets_are_gauges_of_their_distinct_values() {
    let set = SetReading { fresh: Vec::new(), distinct: 5 };
    let point = one(Kind::Set, Reading::Set(set));
    assert_eq!(point.value, Decoded::Gauge(Value::AsInt(5)));
}

#[test]
fn histograms_have_a_count_for_each_bound_and_one_above() {
    for kind in [Kind::Histogram, Kind::Distribution, Kind::Timer] {
        let point = one(kind, histogram(7, 4.5, &[(0.5, 2), (1.0, 6)]));
        let (bounds, counts) = (vec![0.5, 1.0], vec![2, 4, 1]);
        assert_eq!(point.value, Decoded::Histogram { sum: Some(4.5), bounds, counts });
        assert_eq!(point.unit, if kind == Kind::Timer { "s" } else { "" });
    }
}

#[test]
fn a_histogram_without_bounds_has_one_count() {
    let point = one(Kind::Histogram, histogram(3, 4.5, &[]));
    assert_eq!(point.counts(), [3]);
}

#[test]
fn a_sum_that_may_fall_or_is_no_number_is_left_out() {
    let sum = |sum, bound| one(Kind::Histogram, histogram(3, sum, &[(bound, 1)])).sum();
    assert_eq!(sum(2.0, 0.0), Some(2.0));
    assert_eq!(sum(-2.0, 0.0), None);
    assert_eq!(sum(2.0, -1.0), None);
    assert_eq!(sum(f64::INFINITY, 1.0), None);
    assert_eq!(sum(f64::NAN, 1.0), None);
}

#[test]
fn one_value_below_zero_is_enough() {
    let registry = registry(&[("drift", &[1.0])]);
    let mut rig = Rig::new(Temporality::Cumulative, Arc::clone(&registry) as _);
    let mut record = |value: f64| {
        crate::metrics::current::with_registry(&registry, || {
            crate::histogram!("drift").record(value)
        });
        rig.points()[0].sum()
    };
    assert_eq!(record(5.0), Some(5.0));
    assert_eq!(record(-1.0), None);
    assert_eq!(record(5.0), None);
}

#[test]
fn every_unit_has_its_word() {
    for (unit, word) in [
        (Some(Unit::Count), "{count}"),
        (Some(Unit::Percent), "%"),
        (Some(Unit::Seconds), "s"),
        (Some(Unit::Milliseconds), "ms"),
        (Some(Unit::Microseconds), "us"),
        (Some(Unit::Nanoseconds), "ns"),
        (Some(Unit::Tebibytes), "TiBy"),
        (Some(Unit::Gibibytes), "GiBy"),
        (Some(Unit::Mebibytes), "MiBy"),
        (Some(Unit::Kibibytes), "KiBy"),
        (Some(Unit::Bytes), "By"),
        (Some(Unit::TerabitsPerSecond), "Tbit/s"),
        (Some(Unit::GigabitsPerSecond), "Gbit/s"),
        (Some(Unit::MegabitsPerSecond), "Mbit/s"),
        (Some(Unit::KilobitsPerSecond), "kbit/s"),
        (Some(Unit::BitsPerSecond), "bit/s"),
        (Some(Unit::CountPerSecond), "{count}/s"),
        (None, ""),
    ] {
        let laid = Laid::default();
        laid.add(&Laid::described("x", Kind::Gauge, unit, None), &[], gauge(1.0));
        assert_eq!(only(laid).unit, word, "{unit:?}");
    }
}

#[test]
fn a_description_may_come_late_and_is_bounded() {
    let laid = Arc::new(Laid::default());
    let family = Laid::described("x", Kind::Counter, None, Some("Where\nit \"is\".\0"));
    laid.add(&family, &[], Reading::Counter(1));
    let mut rig = Rig::new(Temporality::Cumulative, laid);
    assert_eq!(rig.points()[0].description, "Where\nit \"is\".\0");
    let help = Some("é".repeat(100_000).into());
    family.describe(crate::metrics::reading::Description { unit: Some(Unit::Bytes), help });
    let point = rig.points().remove(0);
    assert_eq!((point.description.chars().count(), &*point.unit), (1_000, "By"));
}

#[test]
fn what_is_prometheus_alone_stays_there() {
    let laid = Laid::default();
    let family = Family::new("process_threads", Kind::Gauge, Description::default());
    laid.add(&Arc::new(family.scrape_only()), &[], gauge(4.0));
    laid.add(&Laid::family("queue.size", Kind::Gauge), &[], gauge(1.0));
    assert_eq!(only(laid).name, "queue.size");
}

#[test]
fn hostile_names_and_tags_arrive_as_they_are() {
    let long = "x".repeat(10_000);
    let tags: &[(&str, &str)] = &[("", "x"), ("k\ney", "a\r\nb"), ("ключ", "🦀\"\\"), ("e", "")];
    for name in ["", "π.requests", "a b\"c\\", "\u{202e}name", &long] {
        let laid = Laid::default();
        laid.add(&Laid::family(name, Kind::Counter), tags, Reading::Counter(1));
        let point = only(laid);
        assert_eq!(point.name, name);
        let expected = [("e", ""), ("k_ey", "a__b"), ("ключ", "🦀\"\\")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(point.tags, Tags::from(expected));
    }
}

#[test]
fn a_source_that_contradicts_itself_harms_nobody_else() {
    let laid = Laid::default();
    let family = Laid::family("x", Kind::Counter);
    laid.add(&family, &[], gauge(1.0));
    laid.add(&family, &[("k", "v")], Reading::Counter(1));
    assert_eq!(only(laid).counts(), [1]);
}
