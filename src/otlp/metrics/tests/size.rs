//! Requests of bounded size, compressed or not, of many series.

use super::decode::{body, decode_one};
use super::source::{Laid, histogram};
use super::*;
use crate::metrics::reading::{Kind, Reading};
use crate::otlp::metrics::packer::MAX_REQUEST;
use std::collections::HashSet;
use std::time::Instant;

/// So many series of this many metrics, every other metric a histogram.
fn many(series: usize, metrics: usize) -> Arc<Laid> {
    let laid = Laid::default();
    let families: Vec<_> = (0..metrics)
        .map(|metric| match metric % 2 {
            0 => Laid::family(&format!("service.requests.{metric}"), Kind::Counter),
            _ => Laid::family(&format!("service.latency.{metric}"), Kind::Timer),
        })
        .collect();
    let bounds: Vec<(f64, u64)> = (1..=14).map(|n| (f64::from(n) / 10.0, n as u64)).collect();
    for number in 0..series {
        let family = &families[number % metrics];
        let reading = match family.kind {
            Kind::Counter => Reading::Counter(1 + number as u64),
            _ => histogram(20, 3.25, &bounds),
        };
        let endpoint = format!("/users/{number}");
        laid.add(family, &[("endpoint", &endpoint), ("method", "GET")], reading);
    }
    Arc::new(laid)
}

#[test]
fn requests_are_split_between_and_within_metrics() {
    for (series, metrics, max_request) in
        [(400, 400, 2_000), (400, 2, 2_000), (400, 1, 700), (50, 7, 1), (3, 2, 1 << 20)]
    {
        let mut rig = Rig::new(Temporality::Delta, many(series, metrics));
        rig.reader.packer.max_request = max_request;
        let requests = rig.reader.collect();
        for request in &requests {
            let fits = request.body.len() <= max_request;
            assert!(fits || request.items == 1, "{} of {max_request}", request.body.len());
        }
        let fewest = requests.iter().map(|r| r.body.len()).sum::<usize>() / max_request;
        let wasteful = requests.len() > 2 * fewest + 1 && max_request > 1;
        assert!(!wasteful, "{} for {fewest}", requests.len());
        assert_eq!(decode(&requests).len(), series);
        // One request in two is taken; the rest comes again, and nothing else.
        let outcome = |at| if at % 2 == 0 { Outcome::Accepted } else { Outcome::NotTaken };
        rig.reader.settle(&(0..requests.len()).map(outcome).collect::<Vec<_>>());
        let left: HashSet<_> =
            requests.iter().skip(1).step_by(2).flat_map(decode_one).map(|p| p.series()).collect();
        let again: HashSet<_> = rig.points().iter().map(Point::series).collect();
        assert_eq!(again, left);
    }
}

#[test]
fn a_request_may_be_as_large_as_it_says() {
    let mut rig = Rig::new(Temporality::Cumulative, many(10_000, 2));
    let mut sizes: Vec<usize> =
        rig.reader.collect().iter().map(|request| request.body.len()).collect();
    sizes.pop();
    let full = sizes.iter().all(|size| (MAX_REQUEST - 300..=MAX_REQUEST).contains(size));
    assert!(full && !sizes.is_empty(), "{sizes:?}");
}

#[test]
fn compression_is_for_http_alone() {
    for (gzip, protocol, compressed) in [
        (true, OtlpProtocol::HttpProtobuf, true),
        (false, OtlpProtocol::HttpProtobuf, false),
        (true, OtlpProtocol::Grpc, false),
    ] {
        let mut settings = settings(Temporality::Cumulative);
        settings.target.gzip = gzip;
        settings.target.protocol = protocol;
        let requests = Rig::with(&settings, many(500, 10)).reader.collect();
        assert!(requests.iter().all(|request| request.gzipped == compressed));
        assert_eq!(decode(&requests).len(), 500);
        let raw: usize = requests.iter().map(|request| body(request).len()).sum();
        let sent: usize = requests.iter().map(|request| request.body.len()).sum();
        assert_eq!(sent < raw / 3, compressed, "{sent} of {raw}");
    }
}

#[test]
fn ten_thousand_series() {
    for temporality in [Temporality::Cumulative, Temporality::Delta] {
        let laid = many(10_000, 20);
        let mut rig = Rig::new(temporality, laid);
        for round in ["first", "second"] {
            let start = Instant::now();
            let requests = rig.reader.collect();
            let took = start.elapsed();
            let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
            println!(
                "{temporality:?}, {round}: {} requests, {bytes} bytes, {took:?}",
                requests.len()
            );
            assert_eq!(decode(&requests).len(), 10_000);
            rig.reader.settle(&vec![Outcome::NotTaken; requests.len()]);
        }
    }
}
