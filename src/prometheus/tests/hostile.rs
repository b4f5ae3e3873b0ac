//! Names, tags, help texts and values that nobody should use, and somebody will.

use super::check::read;
use super::source::{Bench, Laid, gauge, histogram, set};
use crate::metrics::Unit;
use crate::metrics::reading::{Kind, Reading};
use crate::prometheus::Format;
use crate::resource::Resource;
use crate::status::DropReason;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const KINDS: [Kind; 6] =
    [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Distribution, Kind::Timer, Kind::Set];

#[derive(Debug, Clone)]
struct Hostile {
    name: String,
    kind: Kind,
    unit: Option<Unit>,
    help: Option<String>,
    tags: Vec<(String, String)>,
    number: u64,
    float: f64,
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[abx][._]?(total|count|sum|bucket|created|info|seconds|bytes)?(_total)?",
        "\\PC{1,8}",
        Just("target_info".to_owned()),
        Just("lightship.dropped".to_owned()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a\\\\\"\n|#{}=, é😀]{0,8}",
        "\\PC{0,12}",
        Just("x".repeat(10_000)),
        Just("# EOF".to_owned()),
        Just("\\".to_owned()),
        Just("a\",le=\"1\"} 1 # {b=\"c\"} 2".to_owned()),
    ]
}

fn tags() -> impl Strategy<Value = Vec<(String, String)>> {
    let key = prop_oneof![
        "[ab][._ -][ab]",
        "\\PC{1,4}",
        prop::sample::select(&["le", "quantile", "__name__", "exported_le", "pipeline", "job"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec((key, text()), 0..4)
}

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        prop::sample::select(&[1e300, -0.0, 5e-324, -1.0, 42.0, f64::MAX]),
    ]
}

fn hostile() -> impl Strategy<Value = Hostile> {
    let units = [Unit::Bytes, Unit::Percent, Unit::Count, Unit::Seconds, Unit::CountPerSecond];
    let unit = prop::option::of(prop::sample::select(units.to_vec()));
    let kind = prop::sample::select(KINDS.to_vec());
    (name(), kind, unit, prop::option::of(text()), tags(), any::<u64>(), float()).prop_map(
        |(name, kind, unit, help, tags, number, float)| Hostile {
            name,
            kind,
            unit,
            help,
            tags,
            number,
            float,
        },
    )
}

fn lay(bench: &Bench, hostile: &Hostile) {
    let Hostile { kind, unit, help, number, float, .. } = hostile;
    let reading = match kind {
        Kind::Counter => Reading::Counter(*number >> 8),
        Kind::Gauge => gauge(*float),
        Kind::Set => set(*number),
        _ => {
            let bounds = [(-1.0, 1), (0.0, 2), (*float, 3)];
            histogram(number >> 8, *float, &bounds[(number % 3) as usize..])
        }
    };
    let family = Laid::described(&hostile.name, *kind, *unit, help.as_deref());
    let tags: Vec<_> = hostile.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    bench.source.add(&family, &tags, reading);
}

/// Everything that one page is made of.
fn ingredients() -> impl Strategy<Value = (Vec<Hostile>, Vec<(String, String)>, String)> {
    (prop::collection::vec(hostile(), 0..30), tags(), text())
}

fn bench(series: &[Hostile], attributes: Vec<(String, String)>, service: String) -> Bench {
    let bench = Bench::of(&Resource { service, attributes, ..Resource::default() });
    series.iter().for_each(|series| lay(&bench, series));
    bench
}

/// Pages for readers of another make, the same ones every time.
pub(super) fn pages(format: Format, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut page = || {
        let tree = ingredients().new_tree(&mut runner).expect("nothing is rejected");
        let (series, attributes, service) = tree.current();
        bench(&series, attributes, service).page.render(format)
    };
    (0..count).map(|_| page()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_series_costs_the_page((series, attributes, service) in ingredients()) {
        let bench = bench(&series, attributes, service);
        for format in [Format::Text, Format::OpenMetrics, Format::Text] {
            let page = bench.page.render(format);
            if let Err(error) = read(&page, format) {
                return Err(TestCaseError::fail(format!("{error}\n{page}")));
            }
        }
    }

    #[test]
    fn counters_are_all_on_the_page_or_counted(
        series in prop::collection::vec(hostile(), 0..30),
    ) {
        let bench = Bench::new();
        let counters: Vec<_> = series.iter().filter(|s| s.kind == Kind::Counter).collect();
        counters.iter().for_each(|series| lay(&bench, series));
        let page = bench.host_part(Format::Text);
        let shown: u128 = page
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u128>().unwrap())
            .sum();
        let recorded: u128 = counters.iter().map(|s| u128::from(s.number >> 8)).sum();
        let lost = bench.dropped(DropReason::Collision) > 0;
        prop_assert!(shown == recorded || (lost && shown < recorded), "{} {}", shown, recorded);
    }

    #[test]
    fn what_is_read_back_is_what_was_tagged(value in text(), help in text()) {
        let bench = Bench::new();
        let family = Laid::described("a", Kind::Gauge, None, Some(&help));
        bench.source.add(&family, &[("k", &value), ("l", "1")], gauge(1.0));
        for format in [Format::Text, Format::OpenMetrics] {
            let families = read(&bench.page.render(format), format).unwrap();
            let sample = &families[0].samples[0];
            // Scrubbing comes before us: it cuts, trims nothing, and replaces line ends.
            let scrubbed: String = value.replace('\n', "_").chars().take(198).collect();
            prop_assert_eq!(sample.labels.get("k").map_or("", |v| v.as_str()), scrubbed);
            if help.len() < 1_000 && !help.trim().is_empty() {
                prop_assert_eq!(families[0].help.as_str(), help.trim());
            }
        }
    }
}
