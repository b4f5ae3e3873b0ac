//! A real Jaeger: what it shows of a service's traces.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

use super::super::otlp::{Event, Link, Span, Value};
use super::http::{encode_query, get};
use super::process::{Process, free_tcp_port, poll};

/// Plenty for a test; the API wants some limit.
const LIMIT: usize = 1_500;

/// Jaeger with its store in memory, on free loopback ports.
#[derive(Debug)]
pub struct Jaeger {
    process: Process,
    otlp_http: SocketAddr,
    otlp_grpc: SocketAddr,
    query: SocketAddr,
}

impl Jaeger {
    pub fn start() -> Option<Self> {
        let binary = super::program("LIGHTSHIP_TEST_JAEGER")?;
        let (process, (_, [otlp_http, otlp_grpc, query])) = Process::launch(
            "jaeger",
            |_| {
                let addresses =
                    [(); 5].map(|()| SocketAddr::from((Ipv4Addr::LOCALHOST, free_tcp_port())));
                let [otlp_http, otlp_grpc, query, collector, admin] = addresses;
                let mut command = Command::new(&binary);
                command
                    .env_clear()
                    .env("SPAN_STORAGE_TYPE", "memory")
                    // Its own traces, which would go to whoever listens on the usual port.
                    .env("OTEL_TRACES_SAMPLER", "always_off")
                    .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{otlp_grpc}"))
                    .arg("--collector.otlp.enabled=true")
                    .arg(format!("--collector.otlp.http.host-port={otlp_http}"))
                    .arg(format!("--collector.otlp.grpc.host-port={otlp_grpc}"))
                    .arg(format!("--query.http-server.host-port={query}"))
                    // Its own parts talk over this one.
                    .arg(format!("--collector.grpc-server.host-port={collector}"))
                    .arg(format!("--reporter.grpc.host-port={collector}"))
                    .arg(format!("--admin.http.host-port={admin}"));
                // Nobody asks these for anything: whatever ports are free.
                for unused in [
                    "collector.http-server.host-port",
                    "query.grpc-server.host-port",
                    "http-server.host-port",
                    "processor.jaeger-binary.server-host-port",
                    "processor.jaeger-compact.server-host-port",
                    "processor.zipkin-compact.server-host-port",
                ] {
                    command.arg(format!("--{unused}=127.0.0.1:0"));
                }
                (command, (admin, [otlp_http, otlp_grpc, query]))
            },
            |(admin, _)| get(*admin, "/", &[]).is_ok_and(|answer| answer.status == 200),
        );
        Some(Self { process, otlp_http, otlp_grpc, query })
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn otlp_http(&self) -> SocketAddr {
        self.otlp_http
    }

    pub fn otlp_grpc(&self) -> SocketAddr {
        self.otlp_grpc
    }

    /// Where the page for people and the API are.
    pub fn query(&self) -> SocketAddr {
        self.query
    }

    /// The spans of all traces that this service is part of, as Jaeger understands them.
    pub fn traces(&self, service: &str) -> Result<Vec<Span>, String> {
        let service = encode_query(service);
        let traces = self.api(&format!("traces?service={service}&limit={LIMIT}"))?;
        Ok(traces.as_array().into_iter().flatten().flat_map(read_trace).collect())
    }

    /// Asks for the service's spans until they are as `wanted`; the last when they never are.
    pub fn traces_until(
        &self,
        service: &str,
        within: Duration,
        wanted: impl Fn(&[Span]) -> bool,
    ) -> Result<Vec<Span>, String> {
        poll(within, || {
            let spans = self.traces(service)?;
            if wanted(&spans) { Ok(spans) } else { Err(format!("{spans:#?}")) }
        })
    }

    /// The `data` of `/api/{path}`: `services`, `traces/{id}` and so on.
    pub fn api(&self, path: &str) -> Result<Json, String> {
        let answer = get(self.query, &format!("/api/{path}"), &[])?;
        let mut body: Json = serde_json::from_str(&answer.body)
            .map_err(|error| format!("{path}: {error}: {}", answer.body))?;
        if answer.status == 200 { Ok(body["data"].take()) } else { Err(body.to_string()) }
    }
}

fn read_trace(trace: &Json) -> Vec<Span> {
    let spans = trace["spans"].as_array().into_iter().flatten();
    spans.map(|span| read_span(span, &trace["processes"])).collect()
}

/// Jaeger keeps microseconds, and what OTLP has fields for as tags.
fn read_span(span: &Json, processes: &Json) -> Span {
    let process = &processes[span["processID"].as_str().unwrap_or_default()];
    let mut resource = tags(&process["tags"]);
    resource.push(("service.name".to_owned(), Value::Text(text(&process["serviceName"]))));
    let references = || span["references"].as_array().into_iter().flatten();
    let start = span["startTime"].as_u64().unwrap_or_default() * 1_000;
    let mut read = Span {
        trace_id: text(&span["traceID"]),
        id: text(&span["spanID"]),
        parent: references().find(|it| it["refType"] == "CHILD_OF").map(|it| text(&it["spanID"])),
        name: text(&span["operationName"]),
        kind: "unspecified".to_owned(),
        start,
        end: start + span["duration"].as_u64().unwrap_or_default() * 1_000,
        attributes: tags(&span["tags"]),
        events: span["logs"].as_array().into_iter().flatten().map(read_event).collect(),
        links: references()
            .filter(|it| it["refType"] == "FOLLOWS_FROM")
            .map(|it| Link {
                trace_id: text(&it["traceID"]),
                span_id: text(&it["spanID"]),
                attributes: Vec::new(),
            })
            .collect(),
        status: "unset".to_owned(),
        flags: span["flags"].as_u64().and_then(|flags| flags.try_into().ok()).unwrap_or_default(),
        resource,
        ..Span::default()
    };
    take_tags(&mut read);
    read
}

/// Moves what Jaeger has no fields for back to where OTLP has it.
fn take_tags(span: &mut Span) {
    for (key, value) in std::mem::take(&mut span.attributes) {
        match key.as_str() {
            "span.kind" => span.kind = value.to_string(),
            "otel.status_code" => span.status = value.to_string().to_ascii_lowercase(),
            "otel.status_description" => span.status_message = value.to_string(),
            "otel.library.name" | "otel.scope.name" => span.scope = value.to_string(),
            "w3c.tracestate" => span.trace_state = value.to_string(),
            // Of a failed span, beside its status; and where it came from.
            "error" | "internal.span.format" => {}
            _ => span.attributes.push((key, value)),
        }
    }
}

fn read_event(log: &Json) -> Event {
    let (names, attributes) = tags(&log["fields"]).into_iter().partition(|(key, _)| key == "event");
    let names: Vec<(String, Value)> = names;
    Event {
        name: names.first().map(|(_, name)| name.to_string()).unwrap_or_default(),
        time: log["timestamp"].as_u64().unwrap_or_default() * 1_000,
        attributes,
        dropped_attributes: 0,
    }
}

fn tags(list: &Json) -> Vec<(String, Value)> {
    let read = |tag: &Json| {
        let value = &tag["value"];
        let value = match tag["type"].as_str() {
            Some("bool") => Value::Bool(value.as_bool().unwrap_or_default()),
            // As text where JavaScript could not hold it.
            Some("int64") => value
                .as_i64()
                .or_else(|| value.as_str()?.parse().ok())
                .map_or(Value::Empty, Value::Int),
            Some("float64") => Value::Float(value.as_f64().unwrap_or_default()),
            _ => Value::Text(text(value)),
        };
        (text(&tag["key"]), value)
    };
    list.as_array().into_iter().flatten().map(read).collect()
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
