//! The OpenTelemetry Collector's OTLP receiver, which writes down what it took, refuses when told
//! to, and can be killed and started again.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::super::otlp::{Point, Span};
use super::otlp_json;
use super::process::{Process, free_tcp_port, poll};

const REFUSE: &str = "refuse";
const READY: &str = "collector: ready\n";

/// The receiver on two free loopback ports, for gRPC and for HTTP.
#[derive(Debug)]
pub struct Collector {
    process: Process,
    binary: PathBuf,
    http: SocketAddr,
    grpc: SocketAddr,
    starts: usize,
}

/// A request that it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// `traces` or `metrics`.
    pub signal: String,
    /// HTTP headers or gRPC metadata, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The request as OTLP/JSON.
    pub data: Json,
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a sender is told that is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// To try again: HTTP 503, gRPC `UNAVAILABLE`.
    ForNow,
    /// Not to: HTTP 500, gRPC `INTERNAL`.
    Permanent,
}

impl Collector {
    pub fn start() -> Option<Self> {
        let binary = super::program("LIGHTSHIP_TEST_OTELCOL")?;
        let (process, (_, [http, grpc])) = Process::launch(
            "collector",
            |directory| {
                let addresses =
                    [(); 2].map(|()| SocketAddr::from((Ipv4Addr::LOCALHOST, free_tcp_port())));
                (command(&binary, addresses), (directory.to_owned(), addresses))
            },
            |(directory, _)| Process::has_said(directory, READY, 1),
        );
        Some(Self { process, binary, http, grpc, starts: 1 })
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn http(&self) -> SocketAddr {
        self.http
    }

    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// Ends it, as a crash would; what it took stays readable.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if need be, and starts it where it was.
    pub fn restart(&mut self) {
        self.starts += 1;
        let directory = self.process.directory().to_owned();
        let (binary, addresses, starts) =
            (self.binary.clone(), [self.http, self.grpc], self.starts);
        self.process.restart(
            || command(&binary, addresses),
            || Process::has_said(&directory, READY, starts),
        );
    }

    /// Refuses everything from now on, until `accept`.
    pub fn refuse(&self, refusal: Refusal) {
        let how = match refusal {
            Refusal::ForNow => "for now",
            Refusal::Permanent => "permanent",
        };
        let written = fs::write(self.process.directory().join(REFUSE), how);
        written.unwrap_or_else(|error| panic!("telling the collector to refuse: {error}"));
    }

    /// Takes everything from now on.
    pub fn accept(&self) {
        // It may have been accepting all along.
        let _ = fs::remove_file(self.process.directory().join(REFUSE));
    }

    /// Every request that it took, also before it was killed, in the order of arrival.
    pub fn received(&self) -> Vec<Taken> {
        let log = self.process.log();
        // A kill can leave the last line unfinished, and that one it has not taken.
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).map(|it| read(&it)).collect()
    }

    pub fn spans(&self) -> Vec<Span> {
        self.received().iter().flat_map(|taken| otlp_json::spans(&taken.data)).collect()
    }

    pub fn points(&self) -> Vec<Point> {
        self.received().iter().flat_map(|taken| otlp_json::points(&taken.data)).collect()
    }

    /// Waits until its spans are as `wanted`; the last ones when they never are.
    pub fn spans_until(
        &self,
        within: Duration,
        wanted: impl Fn(&[Span]) -> bool,
    ) -> Result<Vec<Span>, String> {
        poll(within, || {
            let spans = self.spans();
            if wanted(&spans) { Ok(spans) } else { Err(format!("{spans:#?}")) }
        })
    }
}

fn command(binary: &PathBuf, [http, grpc]: [SocketAddr; 2]) -> Command {
    let protocols = json!({
        "http": {"endpoint": http.to_string(), "include_metadata": true},
        "grpc": {"endpoint": grpc.to_string(), "include_metadata": true},
    });
    let mut command = Command::new(binary);
    command.arg(protocols.to_string());
    command
}

fn read(line: &Json) -> Taken {
    let headers = line["headers"].as_object().into_iter().flatten();
    let headers = headers.flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.map(|it| (name.to_ascii_lowercase(), it.as_str().unwrap_or_default().to_owned()))
    });
    Taken {
        signal: line["signal"].as_str().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        data: line["data"].clone(),
    }
}
