//! Where a signal goes: URLs, sockets, and what gRPC takes besides.

use crate::config::resolve::address::{host_and_port, shown, socket_path};
use crate::config::resolve::findings::Wrong;
use crate::config::settings::{OtlpEndpoint, OtlpProtocol};

/// OpenTelemetry's ports by custom.
const HTTP_PORT: u16 = 4318;
const GRPC_PORT: u16 = 4317;
/// The longest endpoint, in bytes.
const MAX_BYTES: usize = 2_048;
const FORMS: &str = "write http://host:port, https://host:port or unix:///path";

/// How an endpoint is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) protocol: OtlpProtocol,
    /// Whether an endpoint without a scheme, which gRPC alone takes, is without TLS.
    pub(super) insecure: bool,
    /// What HTTP appends, such as `/v1/traces`; the socket of a signal has it for its path, too.
    pub(super) signal_path: &'static str,
}

impl Reading {
    /// An endpoint for all signals.
    pub(super) fn base(&self, raw: &str) -> Result<OtlpEndpoint, Wrong> {
        self.read(raw, |path| format!("{}{}", path.trim_end_matches('/'), self.signal_path))
    }

    /// An endpoint of one signal, whose path is whole.
    pub(super) fn verbatim(&self, raw: &str) -> Result<OtlpEndpoint, Wrong> {
        self.read(raw, |path| if path.is_empty() { "/".to_owned() } else { path.to_owned() })
    }

    /// Where nothing says where.
    pub(super) fn default(&self) -> OtlpEndpoint {
        let port = if self.is_grpc() { GRPC_PORT } else { HTTP_PORT };
        let path = self.path("", |_| self.signal_path.to_owned());
        OtlpEndpoint::Tcp { tls: false, host: "localhost".to_owned(), port, path }
    }

    fn is_grpc(&self) -> bool {
        self.protocol == OtlpProtocol::Grpc
    }

    fn read(&self, raw: &str, whole: impl Fn(&str) -> String) -> Result<OtlpEndpoint, Wrong> {
        let raw = raw.trim();
        let wrong = |why, wanted| Err(Wrong::new(format!("{} {why}", shown(raw)), wanted));
        match raw.split_once("://") {
            None if raw.is_empty() => wrong("is empty", FORMS),
            _ if raw.len() > MAX_BYTES => wrong("has more than 2048 bytes", FORMS),
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "http" => self.tcp(raw, false, rest, whole),
                "https" => self.tcp(raw, true, rest, whole),
                "unix" => self.unix(raw, rest),
                "grpc" | "grpcs" => wrong(
                    "has a scheme that OTLP does not know",
                    "write http:// or https://; OTEL_EXPORTER_OTLP_PROTOCOL=grpc asks for gRPC",
                ),
                _ => wrong("has a scheme that OTLP does not know", FORMS),
            },
            None => match raw.strip_prefix("unix:") {
                Some(path) => self.unix(raw, path),
                None if raw.starts_with('/') => {
                    wrong("has no scheme", "write unix:// before a socket's path")
                }
                None if self.is_grpc() => self.without_scheme(raw),
                None => wrong("has no scheme", "write http:// or https:// before it"),
            },
        }
    }

    fn tcp(
        &self,
        raw: &str,
        tls: bool,
        rest: &str,
        whole: impl Fn(&str) -> String,
    ) -> Result<OtlpEndpoint, Wrong> {
        let wrong = |why, wanted| Err(Wrong::new(format!("{} {why}", shown(raw)), wanted));
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return wrong("has credentials", "write them into a header, such as authorization");
        }
        if path.contains('#') {
            return wrong("has a fragment", "leave out the `#` and what follows");
        }
        if !path.bytes().all(is_allowed_in_path) {
            return wrong("has a path with characters that no URL has", "percent-encode them");
        }
        let (host, port) = host_and_port(raw, authority, "write http://host:port")?;
        let port = port.unwrap_or(if tls { 443 } else { 80 });
        Ok(OtlpEndpoint::Tcp { tls, host, port, path: self.path(path, whole) })
    }

    fn without_scheme(&self, raw: &str) -> Result<OtlpEndpoint, Wrong> {
        if raw.contains('@') {
            let wanted = "write them into a header, such as authorization";
            return Err(Wrong::new(format!("{} has credentials", shown(raw)), wanted));
        }
        let (host, port) = host_and_port(raw, raw, "write host:port")?;
        let no_port = || {
            let wanted = "write host:port, or http:// or https:// before it";
            Wrong::new(format!("{} has neither a scheme nor a port", shown(raw)), wanted)
        };
        let port = port.ok_or_else(no_port)?;
        Ok(OtlpEndpoint::Tcp { tls: !self.insecure, host, port, path: String::new() })
    }

    fn unix(&self, raw: &str, path: &str) -> Result<OtlpEndpoint, Wrong> {
        let socket = socket_path(raw, path)?;
        // A socket's URL has no place for a path of its own.
        Ok(OtlpEndpoint::Unix { socket, path: self.path("", |_| self.signal_path.to_owned()) })
    }

    /// The path with its query.
    fn path(&self, raw: &str, whole: impl Fn(&str) -> String) -> String {
        let (path, query) = raw.split_at(raw.find('?').unwrap_or(raw.len()));
        if self.is_grpc() { String::new() } else { format!("{}{query}", whole(path)) }
    }

    /// What is odd about an endpoint that could be right all the same.
    pub(super) fn doubt(&self, endpoint: &OtlpEndpoint) -> Option<String> {
        let OtlpEndpoint::Tcp { tls, port, path, .. } = endpoint else { return None };
        let twice = self.signal_path.repeat(2);
        match (self.protocol, *port) {
            (OtlpProtocol::HttpProtobuf, GRPC_PORT) => Some(format!(
                "port {GRPC_PORT} is gRPC's, but the protocol is http/protobuf; use {HTTP_PORT}, or \
                 OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
            )),
            (OtlpProtocol::Grpc, HTTP_PORT) => Some(format!(
                "port {HTTP_PORT} is HTTP's, but the protocol is grpc; use {GRPC_PORT}, or \
                 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
            )),
            (_, 80) if !tls => Some(format!(
                "port 80 is the web's; collectors listen on {HTTP_PORT}, and for gRPC on {GRPC_PORT}"
            )),
            _ if path.split('?').next().is_some_and(|path| path.ends_with(&twice)) => Some(
                format!("the path has {} twice; write the endpoint without it", self.signal_path),
            ),
            _ => None,
        }
    }
}

/// RFC 3986's path and query.
fn is_allowed_in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/?-._~!$&'()*+,;=:@%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP: Reading = Reading {
        protocol: OtlpProtocol::HttpProtobuf,
        insecure: false,
        signal_path: "/v1/traces",
    };
    const GRPC: Reading = Reading { protocol: OtlpProtocol::Grpc, ..HTTP };

    fn tcp(tls: bool, host: &str, port: u16, path: &str) -> OtlpEndpoint {
        OtlpEndpoint::Tcp { tls, host: host.into(), port, path: path.into() }
    }

    #[test]
    fn a_base_gets_the_signal_s_path_and_keeps_its_own() {
        for (raw, right) in [
            ("http://a:4318", tcp(false, "a", 4318, "/v1/traces")),
            (" HTTPS://a/ ", tcp(true, "a", 443, "/v1/traces")),
            ("http://a.b_c-d/otlp//", tcp(false, "a.b_c-d", 80, "/otlp/v1/traces")),
            ("http://[::1]:1/x", tcp(false, "::1", 1, "/x/v1/traces")),
            ("http://10.0.0.7:9?key=a/b", tcp(false, "10.0.0.7", 9, "/v1/traces?key=a/b")),
        ] {
            assert_eq!(HTTP.base(raw), Ok(right), "{raw}");
        }
        assert_eq!(HTTP.default().to_string(), "http://localhost:4318/v1/traces");
    }

    #[test]
    fn a_signal_s_own_endpoint_stays_as_it_is() {
        for (raw, right) in [
            ("http://a:4318", tcp(false, "a", 4318, "/")),
            ("http://a:4318/", tcp(false, "a", 4318, "/")),
            ("http://a:4318/x/", tcp(false, "a", 4318, "/x/")),
            ("https://a/v1/traces?k=v", tcp(true, "a", 443, "/v1/traces?k=v")),
            ("https://a?k=v", tcp(true, "a", 443, "/?k=v")),
        ] {
            assert_eq!(HTTP.verbatim(raw), Ok(right), "{raw}");
        }
    }

    #[test]
    fn grpc_has_no_paths_and_may_do_without_a_scheme() {
        let insecure = Reading { insecure: true, ..GRPC };
        for (reading, raw, right) in [
            (GRPC, "http://a:4317/x?y", tcp(false, "a", 4317, "")),
            (GRPC, "https://a", tcp(true, "a", 443, "")),
            (GRPC, "a:4317", tcp(true, "a", 4317, "")),
            (insecure, "a:4317", tcp(false, "a", 4317, "")),
            (insecure, "[::1]:4317", tcp(false, "::1", 4317, "")),
            (insecure, "https://a:4317", tcp(true, "a", 4317, "")),
        ] {
            assert_eq!(reading.base(raw), Ok(right.clone()), "{raw}");
            assert_eq!(reading.verbatim(raw), Ok(right), "{raw}");
        }
        assert_eq!(GRPC.default().to_string(), "http://localhost:4317");
    }

    #[test]
    fn sockets_have_the_signal_s_path() {
        for (reading, path) in [(HTTP, "/v1/traces"), (GRPC, "")] {
            let right = OtlpEndpoint::Unix { socket: "/run/c.sock".into(), path: path.into() };
            assert_eq!(reading.base("unix:///run/c.sock"), Ok(right.clone()));
            assert_eq!(reading.verbatim("unix:/run/c.sock"), Ok(right));
        }
    }

    #[test]
    fn wrong_endpoints_say_what_would_be_right() {
        let long = format!("http://a/{}", "x".repeat(MAX_BYTES));
        for (reading, raw, why, wanted) in [
            (HTTP, "", "empty", "http://host:port"),
            (HTTP, "collector:4318", "no scheme", "http:// or https://"),
            (HTTP, "localhost", "no scheme", "http:// or https://"),
            (HTTP, "/run/c.sock", "no scheme", "unix://"),
            (HTTP, "grpc://a:4317", "scheme that", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"),
            (HTTP, "tcp://a:4317", "scheme that", "http://host:port"),
            (HTTP, "udp://a:4317", "scheme that", "unix:///path"),
            (HTTP, "http://", "no host", "host name"),
            (HTTP, "http:///v1/traces", "no host", "host name"),
            (HTTP, "http://:4318", "no host", "host name"),
            (HTTP, "http://a:0", "no valid port", "1 to 65535"),
            (HTTP, "http://a:65536/x", "no valid port", "1 to 65535"),
            (HTTP, "http://a:4318:4318", "two ports", "host:port"),
            (HTTP, "http://::1:4318", "without brackets", "host:port"),
            (HTTP, "http://a b:4318", "characters", "host name"),
            (HTTP, "http://a:4318/x y", "characters that no URL", "percent-encode"),
            (HTTP, "http://a:4318/é", "characters that no URL", "percent-encode"),
            (HTTP, "http://a:4318/x#y", "fragment", "leave out"),
            (HTTP, "http://u:hunter2@a:4318", "credentials", "header"),
            (HTTP, "unix://run/c.sock", "relative", "three slashes"),
            (HTTP, long.as_str(), "2048", "http://host:port"),
            (GRPC, "a", "neither a scheme nor a port", "host:port"),
            (GRPC, "u:hunter2@a:4317", "credentials", "header"),
            (GRPC, "a:4317/x", "no valid port", "1 to 65535"),
        ] {
            let wrong = reading.base(raw).unwrap_err();
            assert!(wrong.found.contains(why), "{raw}: {wrong:?}");
            assert!(wrong.wanted.contains(wanted), "{raw}: {wrong:?}");
            assert!(!wrong.found.contains("hunter2"), "{wrong:?}");
            assert_eq!(reading.verbatim(raw), Err(wrong), "{raw}");
        }
    }

    #[test]
    fn ports_of_the_other_protocol_and_doubled_paths_are_doubtful() {
        for (reading, raw, doubt) in [
            (HTTP, "http://a:4317", Some("port 4317 is gRPC's")),
            (GRPC, "http://a:4318", Some("port 4318 is HTTP's")),
            (HTTP, "http://a", Some("port 80 is the web's")),
            (HTTP, "http://a:4318/v1/traces", Some("the path has /v1/traces twice")),
            (HTTP, "http://a:4318/v1/traces?k", Some("the path has /v1/traces twice")),
            (HTTP, "http://a:4318", None),
            (HTTP, "https://a", None),
            (GRPC, "http://a:4317", None),
            (HTTP, "unix:///a", None),
        ] {
            let found = reading.doubt(&reading.base(raw).unwrap());
            let fits = found.as_deref().map(|found| found.starts_with(doubt.unwrap_or("?")));
            assert_eq!(fits, doubt.map(|_| true), "{raw}: {found:?}");
        }
    }

    #[test]
    fn a_query_is_never_shown() {
        let endpoint = HTTP.base("https://a/x?key=hunter2").unwrap();
        assert_eq!(endpoint.to_string(), "https://a:443/x/v1/traces?********");
        assert!(!format!("{endpoint:?}").contains("hunter2"));
    }
}
