//! What is set on the current span, and what follows work elsewhere.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::detail;
use crate::testing::capture;
use tracing::{Instrument, info_span};

#[test]
fn attributes_that_no_field_declares_reach_the_span() {
    let (_, seen) = capture(|| {
        detail("nowhere", 1_u8);
        let _request = info_span!("POST /documents").entered();
        detail("label", "report");
        info_span!("inner").in_scope(|| detail("pages", 12_u64));
        detail("label", String::from("invoice"));
        detail("confidence", 0.93);
        detail("signed", true);
        detail("large", u64::MAX);
    });
    let spans = seen.spans();
    let of = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let request = of("POST /documents");
    assert_eq!(request.attribute("label"), Some("invoice"));
    assert_eq!(request.attribute("confidence"), Some("0.93"));
    assert_eq!(request.attribute("signed"), Some("true"));
    assert_eq!(request.attribute("large"), Some("9223372036854775807"));
    assert_eq!((request.attribute("pages"), request.attribute("nowhere")), (None, None));
    assert_eq!(of("inner").attribute("pages"), Some("12"));
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn spawned_work_stays_below_its_span() {
    let (_, seen) = crate::testing::capture_async(async {
        let report = info_span!("report");
        spread_out().instrument(report).await;
    })
    .await;
    let trees: Vec<_> = seen.span_trees().iter().map(ToString::to_string).collect();
    assert_eq!(trees.len(), 1, "{trees:?}");
    assert!(["task", "blocking", "thread"].iter().all(|name| trees[0].contains(name)), "{trees:?}");
}

/// One span each in a task, a blocking task and a thread.
#[cfg(feature = "tokio")]
async fn spread_out() {
    let task = crate::spawn(async { info_span!("task").in_scope(|| {}) });
    let blocking = crate::spawn_blocking(|| info_span!("blocking").in_scope(|| {}));
    task.await.unwrap();
    blocking.await.unwrap();
    let context = crate::Context::current();
    let thread = move || context.run(|| info_span!("thread").in_scope(|| {}));
    std::thread::spawn(thread).join().unwrap();
}
