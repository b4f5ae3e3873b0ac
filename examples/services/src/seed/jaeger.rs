//! Jaeger, if it is there: its collector takes the spans, and its page shows them.

use reqwest::Client;
use serde_json::Value;
use std::io;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

const COLLECTOR: &str = "127.0.0.1:4318";
const PAGE: &str = "http://127.0.0.1:16686";
const TICK: Duration = Duration::from_millis(200);

/// A running Jaeger on this machine.
#[derive(Debug)]
pub(super) struct Jaeger {
    client: Client,
}

impl Jaeger {
    /// The one that listens on its usual ports, if there is one.
    pub(super) async fn find() -> Option<Self> {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().ok()?;
        let jaeger = Jaeger { client };
        TcpStream::connect(COLLECTOR).await.ok()?;
        jaeger.get("/api/services").await.ok()?.get("data")?;
        Some(jaeger)
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{COLLECTOR}")
    }

    /// Where its page shows a trace.
    pub(super) fn link(&self, trace_id: &str) -> String {
        format!("{PAGE}/trace/{trace_id}")
    }

    /// How many spans of a trace are there, once each of these services has some and no more come,
    /// or `patience` has ended.
    pub(super) async fn wait_for(&self, trace: &str, of: &[&str], patience: Duration) -> usize {
        let began = Instant::now();
        let mut before = 0;
        loop {
            // Until the first span is there it answers 404.
            let answer = self.get(&format!("/api/traces/{trace}")).await.unwrap_or_default();
            let (spans, services) = (spans(&answer), services(&answer));
            let complete = spans == before && of.iter().all(|service| services.contains(service));
            if complete || began.elapsed() > patience {
                return spans;
            }
            before = spans;
            tokio::time::sleep(TICK).await;
        }
    }

    async fn get(&self, path: &str) -> io::Result<Value> {
        let answer = self.client.get(format!("{PAGE}{path}")).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let body = answer.map_err(io::Error::other)?.bytes().await.map_err(io::Error::other)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

fn spans(answer: &Value) -> usize {
    answer["data"][0]["spans"].as_array().map_or(0, Vec::len)
}

/// Who has spans in it.
fn services(answer: &Value) -> Vec<&str> {
    let processes = answer["data"][0]["processes"].as_object().into_iter().flatten();
    processes.filter_map(|(_, process)| process["serviceName"].as_str()).collect()
}
