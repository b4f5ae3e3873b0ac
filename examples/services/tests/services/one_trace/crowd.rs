//! Two hundred uploads at once, of which one in five is cancelled while it is worked on.

use super::gate::Gate;
use super::page::Page;
use super::{CLASSIFICATION, METRICS_TOO, UPLOAD, service_of, start_classification, start_upload};
use crate::shared::otlp::{FakeCollector, Span};
use crate::support::{Directory, PATIENCE, in_background, until, uploaded};
use lightship_services::seed::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const COUNT: usize = 200;
/// So many are worked on at once, the others wait for their turn.
const AT_WORK: usize = 32;
const EACH: usize = 5;
const CANCELLED: usize = COUNT / EACH;
const ANSWERED: usize = COUNT - CANCELLED;
const CANCELLED_AT_WORK: usize = AT_WORK.div_ceil(EACH);
/// So many were stored, and asked about.
const BEGUN: usize = ANSWERED + CANCELLED_AT_WORK;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_some_are_cancelled_and_all_of_them_end() {
    let collector = FakeCollector::start();
    let endpoint = collector.endpoint();
    let mut classification = start_classification(&endpoint, &[METRICS_TOO]).await;
    let gate = Gate::before(&classification.url().unwrap()).await;
    let directory = Directory::new();
    let mut upload = start_upload(&endpoint, &gate.url, &directory, &[METRICS_TOO]).await;

    let url = upload.url().unwrap();
    let mut sent: Vec<_> = (0..AT_WORK).map(|_| in_background(&url)).collect();
    until("at work", || gate.held() == AT_WORK).await;
    sent.extend((AT_WORK..COUNT).map(|_| in_background(&url)));
    until_active(&upload, COUNT).await;
    let gone = |number: &usize| number.is_multiple_of(EACH);
    // Those that wait go first, or they would be given the turns of the others.
    (AT_WORK..COUNT).filter(gone).for_each(|number| sent[number].abort());
    until_active(&upload, ANSWERED + CANCELLED_AT_WORK).await;
    (0..AT_WORK).filter(gone).for_each(|number| sent[number].abort());
    until_active(&upload, ANSWERED).await;
    gate.open();
    let mut answered = 0;
    for answer in sent {
        if let Ok(answer) = answer.await {
            assert_eq!(uploaded(answer.unwrap()).await.label, "invoice");
            answered += 1;
        }
    }
    assert_eq!(answered, ANSWERED);
    until_active(&upload, 0).await;
    until_active(&classification, 0).await;
    assert_eq!((directory.files().len(), directory.rows().await as usize), (ANSWERED, ANSWERED));

    let pages = [Page::of(&upload).await, Page::of(&classification).await];
    assert!(upload.stop(PATIENCE).await.unwrap());
    assert!(classification.stop(PATIENCE).await.unwrap());
    // Nothing comes after both have ended.
    let spans = collector.spans();
    nobody_is_orphaned(&spans);
    counts_add_up(&spans, &pages);
    what_arrived_over_otlp_is_the_same(&collector, &pages);
}

async fn until_active(service: &Service, count: usize) {
    let began = Instant::now();
    loop {
        let active = Page::of(service).await.total("http_server_active_requests", &[]) as usize;
        if active == count {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{active} requests are active, not {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Each span's parent is there, in its trace, and each trace has one root.
fn nobody_is_orphaned(spans: &[Span]) {
    let ids: BTreeSet<_> = spans.iter().map(|span| (&span.trace_id, &span.id)).collect();
    assert_eq!(ids.len(), spans.len(), "a span came twice");
    let mut roots: BTreeMap<&String, usize> = BTreeMap::new();
    for span in spans {
        match &span.parent {
            None => *roots.entry(&span.trace_id).or_default() += 1,
            Some(parent) => assert!(ids.contains(&(&span.trace_id, parent)), "{span:#?}"),
        }
    }
    assert_eq!(roots.len(), COUNT);
    assert!(roots.values().all(|count| *count == 1), "{roots:#?}");
}

fn counts_add_up(spans: &[Span], [upload, classification]: &[Page; 2]) {
    let all = |service: &str, name: &str, error: Option<&str>| {
        let is_it = |span: &&Span| {
            let (failed, named) = (span.text("error.type"), span.name == name);
            named && failed == error && service_of(span) == service
        };
        let found: Vec<_> = spans.iter().filter(is_it).collect();
        assert!(found.iter().all(|span| span.is_error() == error.is_some()), "{found:#?}");
        found.len()
    };
    let cancelled = Some("cancelled");
    assert_eq!(all(UPLOAD, "POST /documents/upload", None), ANSWERED);
    assert_eq!(all(UPLOAD, "POST /documents/upload", cancelled), CANCELLED);
    assert_eq!(all(UPLOAD, "INSERT documents", None), ANSWERED);
    assert_eq!(all(UPLOAD, "HTTP POST /classify", None), ANSWERED);
    assert_eq!(all(UPLOAD, "HTTP POST /classify", cancelled), CANCELLED_AT_WORK);
    assert_eq!(all(UPLOAD, "storage.put", None), BEGUN);

    assert_eq!(upload.total("documents_uploaded_total", &[]) as usize, ANSWERED);
    let duration = "http_server_request_duration_seconds_count";
    let of_cancelled = r#"error_type="cancelled""#;
    assert_eq!(upload.total(duration, &[]) as usize, COUNT);
    assert_eq!(upload.total(duration, &[of_cancelled]) as usize, CANCELLED);
    let asked = "http_client_request_duration_seconds_count";
    assert_eq!(upload.total(asked, &[of_cancelled]) as usize, CANCELLED_AT_WORK);
    assert_eq!(upload.total("function_calls_total", &[r#"function="put""#]) as usize, BEGUN);
    // What the other side heard of the cancelled ones is for it to say, but it is the same everywhere.
    let served = [None, cancelled].map(|error| all(CLASSIFICATION, "POST /classify", error));
    let heard = classification.total(duration, &[]) as usize;
    assert_eq!(served.iter().sum::<usize>(), heard);
    assert!((ANSWERED..=BEGUN).contains(&heard), "{heard}");
    assert_eq!(spans.len(), COUNT + 2 * BEGUN + ANSWERED + of_others(spans));
}

fn of_others(spans: &[Span]) -> usize {
    spans.iter().filter(|span| service_of(span) == CLASSIFICATION).count()
}

fn what_arrived_over_otlp_is_the_same(collector: &FakeCollector, pages: &[Page; 2]) {
    let points = collector.points();
    let total = |service: &str, metric: &str| {
        // Cumulative: the last point of a series counts.
        let mut series = BTreeMap::new();
        for point in points.iter().filter(|point| point.name == metric) {
            if point.resource("service.name").is_some_and(|name| *name == service) {
                let count = point.histogram().map(|histogram| histogram.count as f64);
                let value = count.or(point.number()).unwrap_or_default();
                series.insert(format!("{:?}", point.attributes), value);
            }
        }
        assert!(!series.is_empty(), "no {metric} of {service}");
        series.values().sum::<f64>() as u64
    };
    assert_eq!(total(UPLOAD, "documents.uploaded"), ANSWERED as u64);
    for (service, page) in [UPLOAD, CLASSIFICATION].into_iter().zip(pages) {
        assert_eq!(
            total(service, "http.server.request.duration"),
            page.total("http_server_request_duration_seconds_count", &[])
        );
        assert_eq!(total(service, "http.server.active_requests"), 0);
    }
}
