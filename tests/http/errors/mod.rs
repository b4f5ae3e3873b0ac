//! What is told of requests that fail, over real sockets.

mod bodies;
mod endings;
mod secrets;

use super::raw;
use super::server::{Server, TIMEOUT};
use axum::Router;
use lightship::http::{ErrorContext, ServerLayer};
use lightship::{Detector, DogStatsd, Logs, Otlp, Prometheus, Redaction, Telemetry};
use std::sync::{Arc, Mutex};
use tokio::time::timeout;

/// What no context may have in it.
const CANARY: &str = "canary-7f3a";

/// What a layer told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<ErrorContext>>>);

impl Told {
    fn layer(&self) -> ServerLayer {
        let told = self.clone();
        ServerLayer::new().on_error(move |context| told.0.lock().unwrap().push(context))
    }

    fn all(&self) -> Vec<ErrorContext> {
        self.0.lock().unwrap().clone()
    }

    /// The only one, of which nothing is what must not be there.
    fn one(&self) -> ErrorContext {
        let all = self.all();
        let [one] = &all[..] else { panic!("not one: {all:?}") };
        assert_safe(one);
        one.clone()
    }
}

fn assert_safe(context: &ErrorContext) {
    let line = context.to_string();
    assert!(!line.contains("canary"), "{line}");
    assert!(!format!("{context:?}").contains("canary"), "{context:?}");
    assert!(line.len() <= 20 << 10, "{}", line.len());
    assert_eq!(line.lines().count(), 1);
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    for (key, value) in context.iter() {
        let in_line = &json[key];
        let text = in_line.as_str().map_or_else(|| in_line.to_string(), str::to_owned);
        assert_eq!(text, value, "{key}");
    }
    assert_eq!(json.as_object().unwrap().len(), context.iter().count());
}

/// A telemetry that exports nothing, with a rule of its own for canaries wherever they are.
fn telemetry() -> Telemetry {
    let canaries = Detector::new("planted", |text| {
        text.match_indices(CANARY).map(|(at, found)| at..at + found.len()).collect()
    });
    lightship::builder("errors")
        .without_environment()
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .redaction(Redaction::default().detector(canaries).deny("maiden_name"))
        .notices(|_| {})
        .build()
        .unwrap()
}

/// What is told of these requests, by a layer that belongs to such a telemetry.
async fn told_of(
    router: Router,
    layer: impl FnOnce(&Told) -> ServerLayer,
    requests: impl IntoIterator<Item = Vec<u8>>,
) -> Told {
    let told = Told::default();
    let telemetry = telemetry();
    let layer = telemetry.scope(|| layer(&told));
    let server = Server::bare(router.layer(layer)).await;
    for request in requests {
        let url = server.url("");
        timeout(TIMEOUT, raw::exchange_bytes(&url, &request)).await.unwrap();
    }
    server.stop().await;
    told
}

/// A request with a body.
fn post(target: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: api.test\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}
