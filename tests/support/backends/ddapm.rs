//! Datadog's test agent: takes OTLP, and tells by session what it took.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

use super::super::otlp::{Point, Span};
use super::http::{encode_query, get};
use super::otlp_json;
use super::process::{Process, free_tcp_port, poll};

/// Names the session that a request belongs to, with the value that `start_session` was given.
pub const SESSION_HEADER: &str = "X-Datadog-Test-Session-Token";

/// `ddapm-test-agent` on three free loopback ports, sending nothing on to anybody.
#[derive(Debug)]
pub struct DdapmAgent {
    process: Process,
    apm: SocketAddr,
    otlp_http: SocketAddr,
    otlp_grpc: SocketAddr,
}

/// A request as the agent keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentRequest {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

/// A span as Datadog's own tracers send it.
#[derive(Debug, Clone, PartialEq)]
pub struct DatadogSpan {
    pub name: String,
    /// The lower half.
    pub trace_id: u64,
    pub id: u64,
    /// 0 for none.
    pub parent: u64,
}

impl AgentRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl DdapmAgent {
    pub fn start() -> Option<Self> {
        let python = super::program("LIGHTSHIP_TEST_DDAPM")?;
        let (process, (_, [apm, otlp_http, otlp_grpc])) = Process::launch(
            "ddapm",
            |directory| {
                let ports = [(); 3].map(|()| free_tcp_port());
                let [apm, otlp_http, otlp_grpc] = ports.map(|port| port.to_string());
                let mut command = Command::new(&python);
                // It takes `DD_*` and more from the environment, an agent to pass all on to among
                // them. `-u`, because the line that says it is ready would wait in a buffer.
                command
                    .env_clear()
                    .args(["-I", "-u", "-c", "from ddapm_test_agent.agent import main; main()"])
                    .args(["--host", "127.0.0.1", "--port", &apm])
                    .args(["--otlp-http-port", &otlp_http, "--otlp-grpc-port", &otlp_grpc])
                    .args(["--snapshot-dir", ".", "--vcr-cassettes-directory", "."])
                    .arg("--disable-llmobs-data-forwarding");
                let addresses = ports.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
                (command, (directory.to_owned(), addresses))
            },
            |(directory, _)| Process::has_said(directory, "(Press CTRL+C to quit)", 1),
        );
        Some(Self { process, apm, otlp_http, otlp_grpc })
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Where the APM API is, with `/info`.
    pub fn apm(&self) -> SocketAddr {
        self.apm
    }

    pub fn otlp_http(&self) -> SocketAddr {
        self.otlp_http
    }

    /// Metadata that comes here is forgotten, but for the session's.
    pub fn otlp_grpc(&self) -> SocketAddr {
        self.otlp_grpc
    }

    /// Opens a session; requests that name it in `SESSION_HEADER` are its own, and those that name
    /// none belong to the session started last.
    pub fn start_session(&self, token: &str) {
        self.ask("start", token).unwrap_or_else(|error| self.fail(&error));
    }

    pub fn clear_session(&self, token: &str) {
        self.ask("clear", token).unwrap_or_else(|error| self.fail(&error));
    }

    /// The spans that this session was sent so far, in the order of arrival.
    pub fn traces(&self, token: &str) -> Vec<Span> {
        self.requests_of("traces", token).iter().flat_map(otlp_json::spans).collect()
    }

    /// The data points that this session was sent so far, in the order of arrival.
    pub fn metrics(&self, token: &str) -> Vec<Point> {
        self.requests_of("metrics", token).iter().flat_map(otlp_json::points).collect()
    }

    /// The spans that Datadog's own tracers sent, in the order of arrival: of all that belong to no
    /// session.
    pub fn datadog_traces(&self) -> Vec<DatadogSpan> {
        let answer = get(self.apm, "/test/traces", &[]).unwrap_or_else(|error| self.fail(&error));
        let traces: Vec<Vec<Json>> = serde_json::from_str(&answer.body)
            .unwrap_or_else(|error| self.fail(&format!("{error}: {answer:?}")));
        traces.iter().flatten().map(read_datadog_span).collect()
    }

    /// Asks for the session's spans until they are as `wanted`; the last when they never are.
    pub fn traces_until(
        &self,
        token: &str,
        within: Duration,
        wanted: impl Fn(&[Span]) -> bool,
    ) -> Result<Vec<Span>, String> {
        poll(within, || {
            let spans = self.traces(token);
            if wanted(&spans) { Ok(spans) } else { Err(format!("{spans:#?}")) }
        })
    }

    /// The session's OTLP requests, in the order of arrival.
    pub fn requests(&self, token: &str) -> Vec<AgentRequest> {
        let mut requests: Vec<_> =
            self.requests_of("requests", token).iter().map(read_request).collect();
        // The agent gives the last one first.
        requests.reverse();
        requests
    }

    fn requests_of(&self, what: &str, token: &str) -> Vec<Json> {
        let answer = self.ask(what, token).unwrap_or_else(|error| self.fail(&error));
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| self.fail(&format!("{error}: {answer}")))
    }

    fn ask(&self, what: &str, token: &str) -> Result<String, String> {
        let token = encode_query(token);
        let path = format!("/test/session/{what}?test_session_token={token}");
        let answer = get(self.otlp_http, &path, &[])?;
        if answer.status == 200 { Ok(answer.body) } else { Err(format!("{path}: {answer:?}")) }
    }

    fn fail(&self, error: &str) -> ! {
        panic!("asking ddapm-test-agent: {error}\n{}", self.process.log_tail())
    }
}

fn read_datadog_span(span: &Json) -> DatadogSpan {
    let number = |key: &str| span[key].as_u64().unwrap_or_default();
    DatadogSpan {
        name: span["name"].as_str().unwrap_or_default().to_owned(),
        trace_id: number("trace_id"),
        id: number("span_id"),
        parent: number("parent_id"),
    }
}

fn read_request(request: &Json) -> AgentRequest {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let url = text(&request["url"]);
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    let headers = request["headers"].as_object().into_iter().flatten();
    AgentRequest {
        method: text(&request["method"]),
        path: path.map(|(_, path)| format!("/{path}")).unwrap_or_default(),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect(),
    }
}
