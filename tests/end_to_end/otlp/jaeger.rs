//! What a person sees in Jaeger: the tree of a small service, over threads and tasks.

use super::{PATIENCE, builder, flush, to, told};
use crate::support::backends::Jaeger;
use crate::support::otlp::{Span as Shown, tree};
use lightship::{Otlp, Telemetry, TelemetryHandle};
use tracing::{Instrument, Span, error, info_span};

/// Siblings in the order of their starts, which those that run at once have too: their names break
/// the tie where Jaeger, which keeps microseconds, has none.
const TREE: &str = "\
POST /documents
  authenticate
  scan part=1
    read block
  scan part=2
    read block
    read block
  scan part=3
    read block
    read block
    read block
  describe
    chat gpt-4o tokens=512
      POST /v1/chat [error: 429]
      POST /v1/chat
  index shard=1
    INSERT documents [error]
  index shard=2
    INSERT documents
";
const SPANS: usize = 19;

fn serve(telemetry: &Telemetry) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let handle = telemetry.handle();
    let request = telemetry.scope(|| info_span!("POST /documents", otel.kind = "server"));
    let work = async move {
        info_span!("authenticate").in_scope(|| {});
        scan(&handle);
        describe().instrument(info_span!("describe")).await;
        index(handle).await;
    };
    runtime.block_on(telemetry.scope_async(work.instrument(request)));
}

/// Threads, each of which goes on with a span that was made for it.
fn scan(handle: &TelemetryHandle) {
    std::thread::scope(|threads| {
        for part in 1..=3_i64 {
            let span = info_span!("scan", part);
            let read = move || (0..part).for_each(|_| info_span!("read block").in_scope(|| {}));
            threads.spawn(move || handle.scope(move || span.in_scope(read)));
        }
    });
}

/// One task in another.
async fn describe() {
    let chat = info_span!("chat gpt-4o", otel.kind = "client", tokens = 512_u64);
    let ask = async {
        for status in ["429", ""] {
            let post = info_span!(
                "POST /v1/chat",
                otel.status_code = tracing::field::Empty,
                otel.status_description = tracing::field::Empty
            );
            if !status.is_empty() {
                post.record("otel.status_code", "ERROR");
                post.record("otel.status_description", status);
            }
            tokio::task::yield_now().instrument(post).await;
        }
    };
    lightship::spawn(ask.instrument(chat)).await.unwrap();
}

/// Tasks that know their parent by a span that is handed over, and one thread for blocking work.
async fn index(handle: TelemetryHandle) {
    for shard in 1..=2_i64 {
        let span = info_span!("index", shard);
        let handle = handle.clone();
        let insert = move |parent: Span| {
            handle.scope(|| {
                let _insert = info_span!(parent: &parent, "INSERT documents").entered();
                if shard == 1 {
                    error!("the disk is full");
                }
            });
        };
        let task = async move {
            let parent = Span::current();
            tokio::task::spawn_blocking(move || insert(parent)).await.unwrap();
        };
        lightship::spawn(task.instrument(span)).await.unwrap();
    }
}

fn check(jaeger: &Jaeger, service: &str, otlp: Otlp) {
    let telemetry = builder(service, otlp).build().unwrap();
    serve(&telemetry);
    let drawn = telemetry.trace_text(1);
    let report = flush(&telemetry);
    assert_eq!(told(&report), (SPANS as u64, 0, 0, 0), "{report}\n{drawn}");
    let all = |spans: &[Shown]| spans.len() >= SPANS;
    let spans = jaeger.traces_until(service, PATIENCE, all).unwrap();
    let shown = tree(&spans, &["part", "shard", "tokens"]);
    assert_eq!(shown, TREE, "\n{shown}");
    // What is drawn at a terminal is the same tree.
    let names = |line: &str| line.trim_start_matches(['│', '├', '└', '─', ' ']).to_owned();
    let drawn: Vec<_> = drawn.lines().map(names).collect();
    assert_eq!(drawn.len(), SPANS, "{drawn:?}");
    for (drawn, shown) in drawn.iter().zip(TREE.lines()) {
        let name = shown.trim().split([' ']).next().unwrap();
        assert!(drawn.starts_with(name), "{drawn} and {shown}");
    }
}

#[test]
fn jaeger_shows_the_tree_of_a_service_over_threads_and_tasks() {
    let Some(jaeger) = Jaeger::start() else { return };
    check(&jaeger, "documents", to(jaeger.otlp_http()));
    #[cfg(feature = "grpc")]
    {
        let grpc = to(jaeger.otlp_grpc()).protocol(lightship::Protocol::Grpc);
        check(&jaeger, "documents-grpc", grpc);
    }
}
