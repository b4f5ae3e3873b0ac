//! Answers, and the bytes they become.

use std::fmt;

/// What a handler answers.
pub(crate) struct Response {
    pub(super) status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
    delivered: Option<Box<dyn FnOnce() + Send>>,
}

impl Response {
    /// `content_type` goes into a header as it is.
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        let body = body.into();
        Response { status, content_type, headers: Vec::new(), body, delivered: None }
    }

    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Runs after the kernel took the last byte of the body; never for a HEAD.
    #[must_use]
    pub(crate) fn on_delivered(mut self, then: impl FnOnce() + Send + 'static) -> Self {
        self.delivered = Some(Box::new(then));
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn take_delivered(&mut self) -> Option<Box<dyn FnOnce() + Send>> {
        self.delivered.take()
    }

    /// The whole answer; of one to HEAD the body is counted and left out.
    pub(super) fn into_bytes(self, service: &str, with_body: bool) -> Vec<u8> {
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nServer: lightship\r\n\
             X-Service: {service}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n",
            self.status,
            reason(self.status),
            self.content_type,
            self.body.len()
        );
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        if with_body {
            head.push_str(&self.body);
        }
        head.into_bytes()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A service's name as a header can hold it.
pub(super) fn header_value(text: &str) -> String {
    let printable = |c: char| if matches!(c, ' '..='~') { c } else { '_' };
    text.trim().chars().take(200).map(printable).collect()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_add_a_header() {
        assert_eq!(header_value("api\r\nSet-Cookie: a=b"), "api__Set-Cookie: a=b");
        assert_eq!(header_value("größe"), "gr__e");
        assert_eq!(header_value(&"x".repeat(1_000)).len(), 200);
    }

    #[test]
    fn head_has_the_length_and_no_body() {
        let answer = |with_body| {
            let bytes = Response::text(200, "ünder").into_bytes("api", with_body);
            String::from_utf8(bytes).unwrap()
        };
        assert!(answer(true).ends_with("\r\n\r\nünder"));
        assert!(answer(false).ends_with("\r\n\r\n"));
        assert!(answer(false).contains("\r\nContent-Length: 6\r\n"));
    }
}
