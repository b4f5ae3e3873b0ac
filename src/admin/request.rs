//! Requests, as far as a handler needs to see them.

use super::MAX_HEAD;

/// More headers than any scraper sends.
const MAX_HEADERS: usize = 64;

/// What was asked for. Bodies and all other headers are of no interest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    pub(super) accept: String,
    pub(super) authorization: Option<String>,
}

impl Request {
    /// All `Accept` headers, joined by commas; empty if there is none.
    pub(crate) fn accept(&self) -> &str {
        &self.accept
    }

    pub(super) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }
}

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    Garbage,
    TooLarge,
}

/// Parses what has come so far; `None` asks for more.
pub(super) fn parse(head: &[u8]) -> Result<Option<Request>, Malformed> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(head) {
        Ok(httparse::Status::Partial) if head.len() >= MAX_HEAD => Err(Malformed::TooLarge),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(Malformed::TooLarge),
        Err(_) => Err(Malformed::Garbage),
        Ok(httparse::Status::Complete(length)) if length > MAX_HEAD => Err(Malformed::TooLarge),
        Ok(httparse::Status::Complete(_)) => {
            let target = parsed.path.unwrap_or_default();
            let mut request = Request {
                method: parsed.method.unwrap_or_default().to_owned(),
                path: path(target).ok_or(Malformed::Garbage)?.to_owned(),
                ..Request::default()
            };
            for header in parsed.headers {
                request.note(header.name, header.value);
            }
            Ok(Some(request))
        }
    }
}

impl Request {
    fn note(&mut self, name: &str, value: &[u8]) {
        // What is not text asks for nothing that we have.
        let Ok(value) = str::from_utf8(value) else { return };
        if name.eq_ignore_ascii_case("accept") {
            if !self.accept.is_empty() {
                self.accept.push(',');
            }
            self.accept.push_str(value);
        } else if name.eq_ignore_ascii_case("authorization") && self.authorization.is_none() {
            self.authorization = Some(value.to_owned());
        }
    }
}

/// The path of `/path?query`, and of the `http://host/path?query` that proxies send.
fn path(target: &str) -> Option<&str> {
    let path = match target.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        }
        _ => target,
    };
    let path = path.split(['?', '#']).next()?;
    path.starts_with('/').then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Request {
        parse(head.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_handler_sees_path_accept_and_authorization() {
        let request = parsed(
            "GET /metrics?name[]=a HTTP/1.1\r\nHost: x\r\naccept: text/plain\r\n\
             Authorization: Bearer a\r\nAuthorization: Bearer b\r\nAccept: */*\r\n\r\n",
        );
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/metrics"));
        assert_eq!(request.accept(), "text/plain,*/*");
        assert_eq!(request.authorization(), Some("Bearer a"));
    }

    #[test]
    fn old_and_absolute_forms_are_understood() {
        assert_eq!(parsed("GET /metrics HTTP/1.0\r\n\r\n").path, "/metrics");
        assert_eq!(parsed("GET http://a:1/b?c HTTP/1.1\r\n\r\n").path, "/b");
        assert_eq!(parsed("GET http://a HTTP/1.1\r\n\r\n").path, "/");
    }

    #[test]
    fn garbage_and_size_are_told_apart_from_what_is_not_complete() {
        assert_eq!(parse(b"GET /met"), Ok(None));
        assert_eq!(parse(b"GET /metrics HTTP/1.1\r\nHost: x\r\n"), Ok(None));
        assert_eq!(parse(b"\x16\x03\x01\x02\x00\x01"), Err(Malformed::Garbage));
        assert_eq!(parse(b"GET * HTTP/1.1\r\n\r\n"), Err(Malformed::Garbage));
        assert_eq!(parse(b"GET /a HTTP/9.9\r\n\r\n"), Err(Malformed::Garbage));
        let long = format!("GET /a HTTP/1.1\r\nx: {}", "y".repeat(MAX_HEAD));
        assert_eq!(parse(long.as_bytes()), Err(Malformed::TooLarge));
        assert_eq!(parse(format!("{long}\r\n\r\n").as_bytes()), Err(Malformed::TooLarge));
        let many = format!("GET /a HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MAX_HEADERS + 1));
        assert_eq!(parse(many.as_bytes()), Err(Malformed::TooLarge));
    }
}
