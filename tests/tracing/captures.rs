//! What a test of a service sees with `lightship::testing`.

use lightship::{carry, counter, span_tree, testing};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use tracing::{debug, info, info_span};

fn upload(kind: &str) {
    let _upload = info_span!("upload", kind).entered();
    counter!("uploads", "kind" => kind).increment(1);
    info_span!("storage.put").in_scope(|| info!(kind, "stored {kind}"));
    info_span!("INSERT documents").in_scope(|| debug!("one row"));
}

#[test]
fn spans_lines_and_metrics_are_seen() {
    let ((), seen) = testing::capture(|| upload("pdf"));
    assert_eq!(seen.span_trees(), [span_tree! { "upload" { "storage.put" "INSERT documents" } }]);
    assert_eq!(seen.span("upload").unwrap().attribute("kind"), Some("pdf"));
    assert!(!seen.span("upload").unwrap().failed());
    assert_eq!(seen.counter("uploads", &[("kind", "pdf")]), 1);
    let line: serde_json::Value = serde_json::from_str(seen.log("stored pdf").unwrap()).unwrap();
    let put = seen.span("storage.put").unwrap();
    assert_eq!(line["trace_id"], put.trace_id.as_str());
    assert_eq!(line["span_id"], put.span_id.as_str());
    assert_eq!(seen.logs().len(), 2);
    assert_eq!(put.events.len(), 1, "{put:?}");
}

#[test]
fn many_at_once_see_only_their_own() {
    const THREADS: usize = 20;
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for n in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                let kind = format!("kind{n}");
                barrier.wait();
                let ((), seen) = testing::capture(|| {
                    for _ in 0..10 {
                        upload(&kind);
                        std::thread::yield_now();
                    }
                });
                let trees = seen.span_trees();
                let tree = span_tree! { "upload" { "storage.put" "INSERT documents" } };
                assert_eq!(trees, vec![tree; 10]);
                let mut uploads = seen.spans().iter().filter(|span| span.name == "upload");
                assert!(uploads.all(|span| span.attribute("kind") == Some(&kind)), "{seen}");
                assert_eq!(seen.counter_total("uploads"), 10);
                assert_eq!(seen.counter("uploads", &[("kind", &kind)]), 10);
                assert_eq!(seen.logs().len(), 20);
                let stored = format!("stored {kind}\"");
                assert_eq!(seen.logs().iter().filter(|line| line.contains(&stored)).count(), 10);
            });
        }
    });
}

#[test]
fn a_capture_follows_its_code_into_tasks_and_threads() {
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let work = async {
        upload("caller");
        lightship::spawn(async { upload("task") }).await.unwrap();
        let carried = carry(async {
            tokio::task::yield_now().await;
            upload("carried");
        });
        tokio::spawn(carried).await.unwrap();
        // What is not handed over is somebody else's.
        tokio::spawn(async { upload("stranger") }).await.unwrap();
    };
    let ((), seen) = multi.block_on(testing::capture_async(work));
    let kinds: Vec<_> = seen.spans().iter().filter_map(|span| span.attribute("kind")).collect();
    assert_eq!(kinds, ["caller", "task", "carried"]);
    assert_eq!(seen.counter_total("uploads"), 3);
    assert_eq!(seen.logs().len(), 6);
    assert!(seen.log("stranger").is_none());
}

#[test]
fn a_span_over_await_points_has_its_children() {
    use tracing::Instrument as _;
    let current = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let part = |name: &'static str| {
        async {
            tokio::task::yield_now().await;
            info_span!("step").in_scope(|| {});
        }
        .instrument(info_span!("part", name))
    };
    // Within the capture, or nobody would know of the outermost span.
    let work = async {
        let parts = async { tokio::join!(part("one"), part("two")) };
        parts.instrument(info_span!("whole")).await
    };
    let (_, seen) = current.block_on(testing::capture_async(work));
    assert_eq!(seen.span_trees(), [span_tree! { "whole" { "part" { "step" } "part" { "step" } } }]);
}

#[test]
fn a_tree_that_is_not_as_expected_is_shown_as_one() {
    let ((), seen) = testing::capture(|| upload("pdf"));
    let compare = || {
        let expected = [span_tree! { "upload" { "storage.put" { "connect" } } }];
        assert_eq!(seen.span_trees(), expected);
    };
    let panic = catch_unwind(AssertUnwindSafe(compare)).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    for tree in [
        "upload\n├── storage.put\n└── INSERT documents\n",
        "upload\n└── storage.put\n    └── connect\n",
    ] {
        assert!(message.contains(tree), "{message}");
    }
}

#[test]
fn captures_within_captures_take_their_part() {
    let (inner, outer) = testing::capture(|| {
        upload("outer");
        let ((), inner) = testing::capture(|| upload("inner"));
        upload("outer");
        inner
    });
    assert_eq!((outer.counter_total("uploads"), inner.counter_total("uploads")), (2, 1));
    assert_eq!((outer.spans().len(), inner.spans().len()), (6, 3));
    assert_eq!((outer.logs().len(), inner.logs().len()), (4, 2));
}

#[test]
fn a_panic_ends_a_capture() {
    let broken = AssertUnwindSafe(|| {
        testing::capture(|| {
            let _span = info_span!("broken").entered();
            panic!("of the code under test");
        })
    });
    assert!(catch_unwind(broken).is_err());
    let ((), seen) = testing::capture(|| upload("pdf"));
    assert_eq!(seen.spans().len(), 3);
}
