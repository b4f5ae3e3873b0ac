//! A real Prometheus that scrapes the test's pages every second.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{encode_query, get};
use super::process::{Process, free_tcp_port, poll};

/// Prometheus on a free loopback port, with exemplars stored and the web page left out.
#[derive(Debug)]
pub struct Prometheus {
    process: Process,
    address: SocketAddr,
    targets: usize,
}

/// One series of an instant query's answer. `labels` hold the name too, as `__name__`.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Series {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }
}

impl Prometheus {
    /// Scrapes `/metrics` of each `host:port`, with a bearer token if there is one. The job is
    /// called `lightship`. The first scrape comes after five seconds: Prometheus waits that long
    /// to apply its targets.
    pub fn start(targets: &[String], bearer: Option<&str>) -> Option<Self> {
        let binary = super::program("LIGHTSHIP_TEST_PROMETHEUS")?;
        let (process, address) = Process::launch(
            "prometheus",
            |directory| {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_tcp_port()));
                write_configuration(directory, targets, bearer);
                let mut command = Command::new(&binary);
                command
                    .arg("--config.file=prometheus.yml")
                    .arg("--storage.tsdb.path=data")
                    .arg("--enable-feature=exemplar-storage")
                    .arg(format!("--web.listen-address={address}"));
                (command, address)
            },
            |address| get(*address, "/-/ready", &[]).is_ok_and(|answer| answer.status == 200),
        );
        Some(Self { process, address, targets: targets.len() })
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until the last scrape of every target was good.
    pub fn wait_up(&self, within: Duration) -> Result<(), String> {
        poll(within, || {
            let answer = self.api("targets?state=active")?;
            let targets = answer["activeTargets"].as_array().cloned().unwrap_or_default();
            let up = targets.iter().filter(|target| target["health"] == "up").count();
            if up == self.targets { Ok(()) } else { Err(describe(&targets)) }
        })
    }

    /// An instant query.
    pub fn query(&self, promql: &str) -> Result<Vec<Series>, String> {
        let answer = self.api(&format!("query?query={}", encode_query(promql)))?;
        parse_series(&answer).ok_or_else(|| format!("{promql}: no instant vector: {answer}"))
    }

    /// Asks until the answer is as `wanted`; the last answer when it never is.
    pub fn query_until(
        &self,
        promql: &str,
        within: Duration,
        wanted: impl Fn(&[Series]) -> bool,
    ) -> Result<Vec<Series>, String> {
        poll(within, || {
            let series = self.query(promql)?;
            if wanted(&series) { Ok(series) } else { Err(format!("{promql}: {series:?}")) }
        })
    }

    /// The `data` of `/api/v1/{path}`: `metadata`, `query_exemplars?query=..` and so on.
    pub fn api(&self, path: &str) -> Result<Value, String> {
        let answer = get(self.address, &format!("/api/v1/{path}"), &[])?;
        let mut body: Value = serde_json::from_str(&answer.body)
            .map_err(|error| format!("{path}: {error}: {}", answer.body))?;
        if body["status"] == "success" { Ok(body["data"].take()) } else { Err(body.to_string()) }
    }
}

fn write_configuration(directory: &Path, targets: &[String], bearer: Option<&str>) {
    let mut scrape = json!({"job_name": "lightship", "static_configs": [{"targets": targets}]});
    if let Some(token) = bearer {
        scrape["authorization"] = json!({"type": "Bearer", "credentials": token});
    }
    // JSON is YAML.
    let configuration = json!({
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [scrape],
    });
    std::fs::write(directory.join("prometheus.yml"), configuration.to_string())
        .unwrap_or_else(|error| panic!("writing prometheus.yml: {error}"));
}

fn describe(targets: &[Value]) -> String {
    let lines: Vec<String> = targets
        .iter()
        .map(|target| {
            format!("{} is {}: {}", target["scrapeUrl"], target["health"], target["lastError"])
        })
        .collect();
    if lines.is_empty() { "no active targets".to_owned() } else { lines.join("; ") }
}

fn parse_series(answer: &Value) -> Option<Vec<Series>> {
    let result = &answer["result"];
    match answer["resultType"].as_str()? {
        "scalar" => Some(vec![Series { labels: BTreeMap::new(), value: parse_value(result)? }]),
        "vector" => result
            .as_array()?
            .iter()
            .map(|series| {
                let labels = serde_json::from_value(series["metric"].clone()).ok()?;
                Some(Series { labels, value: parse_value(&series["value"])? })
            })
            .collect(),
        _ => None,
    }
}

/// `[time, "value"]`, where the value may be `NaN` or `+Inf`, which Rust reads too.
fn parse_value(sample: &Value) -> Option<f64> {
    sample[1].as_str()?.parse().ok()
}
