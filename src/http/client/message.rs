//! Requests and responses of the crates that have their own.

use super::Operation;
use crate::http::url::Url;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body::Body;

/// What a span needs to know of a request that is about to be sent.
#[derive(Debug)]
pub struct RequestHead<'a> {
    pub(in crate::http) method: &'a Method,
    pub(in crate::http) url: Option<Url<'a>>,
    pub(in crate::http) operation: Option<&'a Operation>,
    /// In bytes, if it is known.
    pub(in crate::http) size: Option<u64>,
}

/// A request that a [`ClientLayer`](super::ClientLayer) understands.
pub trait SentRequest {
    /// What there is to say of it.
    fn head(&self) -> RequestHead<'_>;

    /// Where the trace goes on.
    fn headers_mut(&mut self) -> &mut HeaderMap;
}

/// A response that a [`ClientLayer`](super::ClientLayer) understands.
pub trait ReceivedResponse {
    /// Its status.
    fn status(&self) -> StatusCode;

    /// Its version of HTTP.
    fn version(&self) -> Version;

    /// Its headers.
    fn headers(&self) -> &HeaderMap;
}

impl<B: Body> SentRequest for Request<B> {
    fn head(&self) -> RequestHead<'_> {
        RequestHead {
            method: self.method(),
            url: Url::of(self.uri()),
            operation: self.extensions().get(),
            size: self.body().size_hint().exact().or_else(|| content_length(self.headers())),
        }
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl<B> ReceivedResponse for Response<B> {
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

/// How long a body is said to be.
pub(in crate::http) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
