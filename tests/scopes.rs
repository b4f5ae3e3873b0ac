//! Instances and captures, where no subscriber is the process's. A test binary of its own, for what
//! `tracing` remembers depends on who else is there.

#![cfg(feature = "otlp")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lightship::{DogStatsd, Logs, Prometheus, Telemetry};
use std::sync::{Mutex, PoisonError};
use tracing::{Instrument, info_span};

static TURN: Mutex<()> = Mutex::new(());

fn build() -> Telemetry {
    lightship::builder("scopes")
        .without_environment()
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
        .build()
        .unwrap()
}

fn upload() {
    let _upload = info_span!("upload").entered();
    info_span!("store").in_scope(|| {});
}

#[test]
fn what_nobody_heard_before_is_heard_in_a_scope() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // Outside of everything, where `tracing` finds nobody who wants it.
    upload();
    for round in 0..3 {
        let telemetry = build();
        upload();
        telemetry.scope(upload);
        let text = telemetry.trace_text(10);
        assert_eq!(text.lines().count(), 2, "round {round}: {text:?}");
        assert!(text.contains("upload") && text.contains("└── store"), "round {round}: {text}");
    }
}

#[cfg(all(feature = "tokio", feature = "testing"))]
#[test]
fn a_task_that_closes_a_span_last_closes_its_parents_too() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (_, seen) = runtime.block_on(lightship::testing::capture_async(async {
        let upload = info_span!("upload");
        let store = info_span!(parent: &upload, "store");
        let task = lightship::spawn(tokio::task::yield_now().instrument(store));
        drop(upload);
        task.await.unwrap();
    }));
    let spans: Vec<_> = seen.span_trees().iter().map(ToString::to_string).collect();
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert!(spans[0].contains("upload") && spans[0].contains("store"), "{spans:?}");
}
