//! One request, as it came and as it is understood.

use super::{Point, Span};
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::io::Read;
use std::time::Instant;

/// A request that arrived whole.
#[derive(Debug, Clone)]
pub struct Received {
    pub at: Instant,
    pub method: String,
    /// With its query, if it has one.
    pub path: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// As it came, compressed or not.
    pub body: Vec<u8>,
    /// What it asks to take, if its path ends in `/v1/traces`.
    pub traces: Option<ExportTraceServiceRequest>,
    /// What it asks to take, if its path ends in `/v1/metrics`.
    pub metrics: Option<ExportMetricsServiceRequest>,
    /// The status it was answered with; `None` as long as it was not, and if the answer was cut.
    pub answered: Option<u16>,
    /// Why it is no OTLP, if it is none: such a request is answered with 400.
    pub problem: Option<String>,
}

impl Default for Received {
    fn default() -> Self {
        Received {
            at: Instant::now(),
            method: String::new(),
            path: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            traces: None,
            metrics: None,
            answered: None,
            problem: None,
        }
    }
}

impl Received {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn is_gzipped(&self) -> bool {
        self.header("content-encoding") == Some("gzip")
    }

    pub fn is_accepted(&self) -> bool {
        self.answered.is_some_and(|status| (200..300).contains(&status))
    }

    /// Its spans, whatever it was answered.
    pub fn spans(&self) -> Vec<Span> {
        self.traces.iter().flat_map(Span::flatten).collect()
    }

    /// Its data points, whatever it was answered.
    pub fn points(&self) -> Vec<Point> {
        self.metrics.iter().flat_map(Point::flatten).collect()
    }

    pub(super) fn understand(&mut self) {
        if let Err(problem) = self.decode() {
            self.problem = Some(problem);
        }
    }

    fn decode(&mut self) -> Result<(), String> {
        if self.method != "POST" {
            return Err(format!("the method is {}", self.method));
        }
        if self.header("content-length").is_none() {
            return Err("no Content-Length".to_owned());
        }
        if self.header("content-type") != Some("application/x-protobuf") {
            return Err(format!("the Content-Type is {:?}", self.header("content-type")));
        }
        let body = self.plain_body()?;
        if self.path.ends_with("/v1/traces") {
            let request = ExportTraceServiceRequest::decode(body.as_slice());
            self.traces = Some(request.map_err(|error| error.to_string())?);
            self.spans().iter().try_for_each(Span::check)
        } else if self.path.ends_with("/v1/metrics") {
            let request = ExportMetricsServiceRequest::decode(body.as_slice());
            self.metrics = Some(request.map_err(|error| error.to_string())?);
            Ok(())
        } else {
            Err(format!("nothing is at {}", self.path))
        }
    }

    /// The body without its compression.
    pub fn plain_body(&self) -> Result<Vec<u8>, String> {
        match self.header("content-encoding") {
            None => Ok(self.body.clone()),
            Some("gzip") => {
                let mut plain = Vec::new();
                let read = GzDecoder::new(self.body.as_slice()).read_to_end(&mut plain);
                read.map(|_| plain).map_err(|error| format!("gzip: {error}"))
            }
            Some(other) => Err(format!("the Content-Encoding is {other:?}")),
        }
    }
}
