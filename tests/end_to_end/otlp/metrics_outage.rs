//! Collectors that take metrics, refuse them, or say nothing: every value is in exactly one place.

use super::work::{Totals, metrics, run};
use super::{PATIENCE, dropped, error, status, told};
use crate::reference::Reference;
use crate::support::otlp::{Answer, FakeCollector, Received};
use lightship::{DropReason, Report, Telemetry, Temporality};
use std::time::Duration;

/// Never by itself: each request is a flush's.
const NEVER: Duration = Duration::from_secs(3_600);

/// What happens to the four requests of four generations, and to a fifth.
fn four_fates(temporality: Temporality) -> (FakeCollector, Telemetry, Reference, Vec<Report>) {
    let collector = FakeCollector::start();
    collector.answer_next([
        Answer::accepted(),
        Answer::hang_up(),
        Answer::status(503),
        Answer::status(400),
    ]);
    let telemetry = metrics(collector.address(), temporality, NEVER).build().unwrap();
    let mut reference = Reference::default();
    let reports = (0..5).map(|generation| {
        run(&telemetry, generation, &mut reference);
        telemetry.flush(PATIENCE)
    });
    let reports: Vec<_> = reports.collect();
    let complete: Vec<_> = reports.iter().map(|it| it.pipeline("otlp").unwrap().complete).collect();
    assert_eq!(complete, [true, false, false, false, true], "{reports:?}");
    assert_eq!(collector.count(), 5);
    (collector, telemetry, reference, reports)
}

fn points(requests: &[Received], answered: Option<u16>) -> u64 {
    let those = requests.iter().filter(|request| request.answered == answered);
    those.map(|request| request.points().len() as u64).sum()
}

#[test]
fn deltas_are_accepted_refused_or_unknown_and_nothing_else() {
    let (collector, telemetry, reference, _) = four_fates(Temporality::Delta);
    let requests = collector.requests();
    // What was to come later came with the next request.
    let those = requests.iter().filter(|request| request.answered != Some(503));
    let delivered: Vec<_> = those.flat_map(Received::points).collect();
    Totals::deltas(&delivered).check(&reference);

    let status = status(&telemetry);
    let accepted = points(&requests, Some(200));
    assert_eq!(status.sent, accepted);
    assert_eq!(status.dropped_for(DropReason::Unknown), points(&requests, None));
    assert_eq!(status.dropped_for(DropReason::Rejected), points(&requests, Some(400)));
    assert!(accepted > 0 && points(&requests, None) > 0 && points(&requests, Some(400)) > 0);
    let report = telemetry.shutdown(PATIENCE);
    assert_eq!(told(&report), (accepted, 0, points(&requests, Some(400)), points(&requests, None)));
    assert!(report.is_complete(), "nothing was left: {report}");
}

#[test]
fn cumulative_totals_make_up_for_everything() {
    let (collector, telemetry, reference, _) = four_fates(Temporality::Cumulative);
    Totals::cumulative(&collector.points()).check(&reference);
    drop(telemetry);
    Totals::cumulative(&collector.points()).check(&reference);
}

#[test]
fn a_partial_success_of_metrics_is_counted() {
    let collector = FakeCollector::start();
    collector.answer_with(Answer::partial(2, "too many series"));
    let telemetry = metrics(collector.address(), Temporality::Delta, NEVER).build().unwrap();
    run(&telemetry, 0, &mut Reference::default());
    assert!(!telemetry.flush(PATIENCE).is_complete());
    let all = collector.requests()[0].points().len() as u64;
    assert_eq!(dropped(&telemetry, DropReason::Rejected), 2);
    assert_eq!(status(&telemetry).sent, all - 2);
    assert!(error(&telemetry).contains("too many series"), "{}", error(&telemetry));
}
