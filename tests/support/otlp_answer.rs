//! What a collector may say to a request, wrong and rude things too.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use std::time::Duration;

/// One answer: `Answer::status(503).header("Retry-After", "1").after(delay)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delay: Duration,
    pub(super) ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ending {
    Whole,
    /// Closes the connection after so many bytes of the answer.
    Cut(usize),
    /// Says nothing and keeps the connection open.
    Never,
}

impl Answer {
    /// 200 with an empty response message, as collectors answer.
    pub fn accepted() -> Self {
        Self::status(200).header("Content-Type", "application/x-protobuf")
    }

    /// 200 with a partial success: for spans and data points alike, as the fields are the same.
    /// None rejected and a message is a warning.
    pub fn partial(rejected: i64, message: &str) -> Self {
        let partial_success = Some(ExportTracePartialSuccess {
            rejected_spans: rejected,
            error_message: message.to_owned(),
        });
        Self::accepted().body(ExportTraceServiceResponse { partial_success }.encode_to_vec())
    }

    /// This status with an empty body.
    pub fn status(status: u16) -> Self {
        let (headers, body) = (Vec::new(), Vec::new());
        Answer { status, headers, body, delay: Duration::ZERO, ending: Ending::Whole }
    }

    /// A page for people, as proxies and captive portals send.
    pub fn html(status: u16) -> Self {
        let page = "<!doctype html><html><body><h1>Sign in</h1></body></html>";
        Self::status(status).header("Content-Type", "text/html").body(page)
    }

    /// No answer: the connection stays open until the client or the collector ends it.
    pub fn never() -> Self {
        Answer { ending: Ending::Never, ..Self::status(200) }
    }

    /// No answer: the connection is closed once the request is there.
    pub fn hang_up() -> Self {
        Self::status(200).cut(0)
    }

    /// One more header; `Content-Length` is written anyway, unless this is one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Only after this long.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Closes the connection after the first so many bytes, head and body counted together.
    pub fn cut(mut self, bytes: usize) -> Self {
        self.ending = Ending::Cut(bytes);
        self
    }

    /// Closes the connection after this answer, and says so.
    pub fn closing(self) -> Self {
        self.header("Connection", "close")
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Head and body as they go over the wire.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Told So\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.has_header("Content-Length") && self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}
