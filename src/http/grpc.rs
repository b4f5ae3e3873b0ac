//! gRPC, which says in trailers how a call went.

use http::{HeaderMap, HeaderValue};

const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// How a call went, as the conventions write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status(usize);

impl Status {
    /// From trailers, or from a head that has no body behind it.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let code = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
        (code < NAMES.len()).then_some(Status(code))
    }

    pub(super) fn name(self) -> &'static str {
        NAMES[self.0]
    }

    /// Whether it is the server that failed.
    pub(super) fn is_server_error(self) -> bool {
        matches!(self.0, 2 | 4 | 12..=15)
    }

    pub(super) fn is_error(self) -> bool {
        self.0 != 0
    }

    /// Whether the server knows the method, which else a client may have made up.
    pub(super) fn knows_method(self) -> bool {
        self.0 != 12
    }
}

/// Whether a request with this `content-type` is a call.
pub(super) fn is_call(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().starts_with(b"application/grpc")
}

/// `package.Service/Method`, if the path is of that form.
pub(super) fn method(path: &str) -> Option<&str> {
    let method = path.strip_prefix('/')?;
    let (service, name) = method.split_once('/')?;
    let is_name = |text: &str| !text.is_empty() && !text.contains('/');
    (is_name(service) && is_name(name)).then_some(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_service_and_method() {
        assert_eq!(method("/documents.Store/Put"), Some("documents.Store/Put"));
        for path in ["/", "/a", "/a/", "//b", "/a/b/c", ""] {
            assert_eq!(method(path), None, "{path}");
        }
    }

    #[test]
    fn a_status_is_read_from_headers() {
        let headers = |code: &'static str| {
            HeaderMap::from_iter([(
                http::HeaderName::from_static("grpc-status"),
                http::HeaderValue::from_static(code),
            )])
        };
        let status = Status::of(&headers("14")).unwrap();
        assert_eq!((status.name(), status.is_server_error()), ("UNAVAILABLE", true));
        assert!(!Status::of(&headers("5")).unwrap().is_server_error());
        for code in ["17", "x", "-1"] {
            assert_eq!(Status::of(&headers(code)), None);
        }
    }
}
