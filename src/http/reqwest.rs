//! Requests of `reqwest` with a span each.
//!
//! ```no_run
//! use lightship::http::reqwest::ObservedRequest;
//!
//! # async fn classify(client: reqwest::Client) -> Result<(), reqwest::Error> {
//! // A span `POST`, and with a template `POST /documents/{id}`.
//! client.post("http://127.0.0.1:8081/classify").body("a text").send_observed().await?;
//! let answer = client
//!     .post("http://127.0.0.1:8081/documents/17")
//!     .body("a text")
//!     .observed()
//!     .template("/documents/{id}")
//!     .send()
//!     .await?;
//! # drop(answer);
//! # Ok(())
//! # }
//! ```
//!
//! `reqwest` follows redirects by itself: all of them are one span, whose `url.full` is the first URL
//! and whose status is the last one.

use super::client::{ClientLayer, Operation, ReceivedResponse, RequestHead, SentRequest};
use super::failure;
use super::url::Url;
use http::{HeaderMap, StatusCode, Version};
use reqwest::{Error, Request, RequestBuilder, Response};
use std::borrow::Cow;
use tower_layer::Layer;
use tower_service::Service;

mod sealed {
    pub trait Sealed {}
    impl Sealed for reqwest::RequestBuilder {}
}

/// Sending a request of `reqwest` with a span, metrics, and the headers that carry the trace on.
pub trait ObservedRequest: sealed::Sealed + Sized {
    /// Sends the request; as `send`, with its errors.
    fn send_observed(self) -> impl Future<Output = Result<Response, Error>> + Send {
        self.observed().send()
    }

    /// The same, to say more before.
    fn observed(self) -> Observed;
}

impl ObservedRequest for RequestBuilder {
    fn observed(self) -> Observed {
        Observed { request: self, operation: Operation::new() }
    }
}

/// A request that is sent with a span; made by [`ObservedRequest::observed`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Observed {
    request: RequestBuilder,
    operation: Operation,
}

impl Observed {
    /// The whole name of the span; one of few.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.operation = self.operation.name(name);
        self
    }

    /// The path with its parameters' names in the place of values: see [`Operation::template`].
    pub fn template(mut self, template: impl Into<Cow<'static, str>>) -> Self {
        self.operation = self.operation.template(template);
        self
    }

    /// How often the request was sent before; 0 the first time.
    pub fn resend_count(mut self, count: u32) -> Self {
        self.operation = self.operation.resend_count(count);
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Those of `reqwest`'s `send`. A request that can't even be built has no span.
    pub async fn send(self) -> Result<Response, Error> {
        let (client, request) = self.request.build_split();
        let request = request?;
        ClientLayer::new().operation(self.operation).layer(client).call(request).await
    }
}

impl SentRequest for Request {
    fn head(&self) -> RequestHead<'_> {
        let url = self.url();
        RequestHead {
            method: self.method(),
            url: url.host_str().map(|host| Url {
                scheme: url.scheme(),
                has_userinfo: !url.username().is_empty() || url.password().is_some(),
                host,
                port: url.port(),
                path: url.path(),
                query: url.query(),
            }),
            operation: None,
            size: match self.body() {
                None => Some(0),
                Some(body) => body.as_bytes().map(|bytes| bytes.len() as u64),
            },
        }
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl ReceivedResponse for Response {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn version(&self) -> Version {
        self.version()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}

/// What an error of `reqwest` is called.
pub(super) fn error_type(error: &Error) -> &'static str {
    match error {
        _ if error.is_timeout() => failure::TIMEOUT,
        _ if error.is_connect() => failure::CONNECT,
        _ if error.is_redirect() => "redirect",
        _ if error.is_body() => "body",
        _ if error.is_decode() => "decode",
        _ if error.is_builder() => "request",
        _ => failure::of_connection(error).unwrap_or("reqwest::Error"),
    }
}
