//! A service in Python, traced by OpenTelemetry's or Datadog's own packages: nobody here wrote what
//! carries its contexts.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use serde_json::Value as Json;

use super::http::{encode_query, get};
use super::process::{Process, free_tcp_port};

/// See `traced_service.py` for what it answers.
#[derive(Debug)]
pub struct TracedService {
    process: Process,
    address: SocketAddr,
}

/// Whose tracer the service has, and where it sends what it traces.
#[derive(Debug, Clone, Copy)]
pub enum Tracer {
    /// To an OTLP receiver, by HTTP.
    OpenTelemetry(SocketAddr),
    /// To a Datadog agent.
    Ddtrace(SocketAddr),
}

impl TracedService {
    /// `styles` are those of `OTEL_PROPAGATORS` or `DD_TRACE_PROPAGATION_STYLE`.
    pub fn start(tracer: Tracer, styles: &str) -> Option<Self> {
        let python = super::program("LIGHTSHIP_TEST_TRACERS")?;
        let (process, (_, address)) = Process::launch(
            "traced-service",
            |directory| {
                let port = free_tcp_port();
                let mut command = Command::new(&python);
                command
                    .env_clear()
                    .args(["-I", "-u", "-c", include_str!("traced_service.py")])
                    .arg(port.to_string());
                match tracer {
                    Tracer::OpenTelemetry(collector) => command
                        .arg("opentelemetry")
                        .env("OTEL_SERVICE_NAME", "python")
                        .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"))
                        .env("OTEL_PROPAGATORS", styles),
                    Tracer::Ddtrace(agent) => command
                        .arg("ddtrace")
                        .env("DD_SERVICE", "python")
                        .env("DD_TRACE_AGENT_URL", format!("http://{agent}"))
                        .env("DD_TRACE_PROPAGATION_STYLE", styles)
                        .env("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false")
                        .env("DD_REMOTE_CONFIGURATION_ENABLED", "false"),
                };
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                (command, (directory.to_owned(), address))
            },
            |(directory, _)| Process::has_said(directory, "ready", 1),
        );
        Some(Self { process, address })
    }

    /// The address at which the service only says where it stands.
    pub fn leaf(&self) -> String {
        format!("http://{}/leaf", self.address)
    }

    /// The address at which it asks `url` first.
    pub fn call(&self, url: &str) -> String {
        format!("http://{}/call?url={}", self.address, encode_query(url))
    }

    /// What it answers to a request of one of its addresses, with these headers.
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> Json {
        let path = url.trim_start_matches(&format!("http://{}", self.address));
        let answer = get(self.address, path, headers)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.process.log_tail()));
        serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
    }
}
