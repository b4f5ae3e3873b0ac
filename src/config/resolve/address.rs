//! Addresses in the ways people write them: the agent's whole, and the parts of any.

use super::findings::{Wrong, quoted};
use crate::config::explanation::MASK;
use crate::config::settings::{Address, UnixSocket};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

/// Datadog's UDP port.
pub(super) const DEFAULT_PORT: u16 = 8125;
/// What fits into `sun_path` besides its final NUL.
const MAX_SOCKET_PATH_BYTES: usize = 107;
/// The longest host name that DNS knows.
const MAX_HOST_BYTES: usize = 253;

const FORMS: &str = "write udp://host:port, unix:///path, unixgram:///path or unixstream:///path";

/// An address as `DogStatsd::address` and `DD_DOGSTATSD_URL` take it.
pub(super) fn address(raw: &str) -> Result<Address, Wrong> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Err(Wrong::new("the address is empty", FORMS));
    }
    if let Some((scheme, rest)) = raw.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "udp" => udp(raw, rest),
            "unix" => unix(raw, rest, UnixSocket::Either),
            "unixgram" => unix(raw, rest, UnixSocket::Datagram),
            "unixstream" => unix(raw, rest, UnixSocket::Stream),
            _ => Err(Wrong::new(format!("{} has an unknown scheme", shown(raw)), FORMS)),
        };
    }
    match raw.strip_prefix("unix:") {
        Some(path) => unix(raw, path, UnixSocket::Either),
        None if raw.starts_with('/') => Err(Wrong::new(
            format!("{} has no scheme", shown(raw)),
            "write unix:// before the path",
        )),
        None => udp(raw, raw),
    }
}

/// A host alone, as `DD_AGENT_HOST` has it.
pub(super) fn host(raw: &str) -> Result<String, Wrong> {
    if raw.contains("://") {
        let wanted = "write the host alone; DD_DOGSTATSD_URL takes whole addresses";
        return Err(Wrong::new(format!("{} is an address", shown(raw)), wanted));
    }
    let bare = raw.strip_prefix('[').and_then(|raw| raw.strip_suffix(']')).unwrap_or(raw);
    match bare.parse::<Ipv6Addr>() {
        Ok(_) => Ok(bare.to_owned()),
        Err(_) if raw.contains(':') => Err(Wrong::new(
            format!("{} is not a host alone", shown(raw)),
            "write a name or an IP address; the port belongs into DD_DOGSTATSD_PORT",
        )),
        Err(_) => host_name(raw, raw),
    }
}

/// A port that something can be sent to.
pub(super) fn port(raw: &str) -> Result<u16, Wrong> {
    match port_number(raw) {
        Some(port @ 1..) => Ok(port),
        _ => Err(Wrong::new(
            format!("{} is not a port", quoted(raw)),
            "write a number from 1 to 65535",
        )),
    }
}

/// A port's number; `parse` alone would take `+80` too.
pub(super) fn port_number(raw: &str) -> Option<u16> {
    raw.bytes().all(|byte| byte.is_ascii_digit()).then(|| raw.parse().ok()).flatten()
}

fn udp(raw: &str, rest: &str) -> Result<Address, Wrong> {
    if rest.contains('@') {
        let found = format!("{} has credentials, which DogStatsD does not know", shown(raw));
        return Err(Wrong::new(found, "write udp://host:port"));
    }
    let (host, port) = host_and_port(raw, rest, "write udp://host:port")?;
    Ok(Address::Udp { host, port: port.unwrap_or(DEFAULT_PORT) })
}

/// Takes `host`, `host:port`, `[ip]` or `[ip]:port` apart; the host without its brackets.
pub(super) fn host_and_port(
    raw: &str,
    rest: &str,
    wanted: &str,
) -> Result<(String, Option<u16>), Wrong> {
    let wrong = |why| Wrong::new(format!("{} {why}", shown(raw)), wanted);
    let (host, port) = match rest.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((ip, after))) => match (ip.parse::<Ipv6Addr>(), after.strip_prefix(':')) {
            (Err(_), _) => return Err(wrong("has no IPv6 address in its brackets")),
            (_, None) if !after.is_empty() => return Err(wrong("has no port behind its brackets")),
            (_, port) => (ip.to_owned(), port),
        },
        Some(None) => return Err(wrong("has a bracket that is not closed")),
        None if rest.matches(':').count() > 1 => {
            return Err(wrong("has an IPv6 address without brackets, or two ports"));
        }
        None => match rest.split_once(':') {
            Some((name, port)) => (host_name(raw, name)?, Some(port)),
            None => (host_name(raw, rest)?, None),
        },
    };
    match port.map(self::port) {
        None => Ok((host, None)),
        Some(Ok(port)) => Ok((host, Some(port))),
        Some(Err(_)) => {
            let wanted = format!("{wanted} with a port from 1 to 65535");
            Err(Wrong::new(format!("{} has no valid port", shown(raw)), wanted))
        }
    }
}

fn host_name(raw: &str, name: &str) -> Result<String, Wrong> {
    let wrong = |why| {
        let wanted = "write a host name, an IPv4 address, or an IPv6 address in brackets";
        Err(Wrong::new(format!("{} {why}", shown(raw)), wanted))
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let looks_like_ipv4 = name.chars().all(|c| c.is_ascii_digit() || c == '.');
    match name {
        "" => wrong("has no host"),
        _ if name.len() > MAX_HOST_BYTES => wrong("has a host of more than 253 bytes"),
        _ if !name.chars().all(allowed) => wrong("has a host with characters that no host has"),
        _ if looks_like_ipv4 && name.parse::<Ipv4Addr>().is_err() => {
            wrong("has a host that is neither a name nor an IPv4 address")
        }
        _ => Ok(name.to_owned()),
    }
}

fn unix(raw: &str, path: &str, socket: UnixSocket) -> Result<Address, Wrong> {
    Ok(Address::Unix { path: socket_path(raw, path)?, socket })
}

/// The path of a Unix socket, absolute and short enough for one.
pub(super) fn socket_path(raw: &str, path: &str) -> Result<PathBuf, Wrong> {
    let wrong = |why: String, wanted| Err(Wrong::new(format!("{} {why}", shown(raw)), wanted));
    if !path.starts_with('/') {
        return wrong("has a relative path".into(), "write unix:///path, with three slashes");
    }
    if path.ends_with('/') {
        return wrong("names a directory".into(), "write the path of the socket itself");
    }
    if path.chars().any(char::is_control) {
        return wrong("has control characters".into(), "write the path of the socket");
    }
    if path.len() > MAX_SOCKET_PATH_BYTES {
        let why = format!("has a path of {} bytes", path.len());
        return wrong(why, "a socket's path has at most 107 bytes");
    }
    Ok(PathBuf::from(path))
}

/// An address as messages show it: without credentials, and without a query, which may be one.
pub(super) fn shown(raw: &str) -> String {
    let (start, rest) = raw.split_at(raw.find("://").map_or(0, |at| at + 3));
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => (format!("{MASK}@"), rest),
        None => (String::new(), rest),
    };
    let (rest, query) = match rest.find(['?', '#']) {
        Some(at) => (&rest[..=at], MASK),
        None => (rest, ""),
    };
    quoted(format!("{start}{user}{rest}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn udp_to(host: &str, port: u16) -> Address {
        Address::Udp { host: host.into(), port }
    }

    #[test]
    fn right_addresses() {
        let socket = |socket| Address::Unix { path: "/run/dsd.socket".into(), socket };
        for (raw, right) in [
            ("udp://agent:8126", udp_to("agent", 8126)),
            ("UDP://agent:8126", udp_to("agent", 8126)),
            (" agent.monitoring:8126 ", udp_to("agent.monitoring", 8126)),
            ("dd_agent", udp_to("dd_agent", 8125)),
            ("10.0.0.7", udp_to("10.0.0.7", 8125)),
            ("[::1]:9000", udp_to("::1", 9000)),
            ("udp://[::1]", udp_to("::1", 8125)),
            ("unix:///run/dsd.socket", socket(UnixSocket::Either)),
            ("unix:/run/dsd.socket", socket(UnixSocket::Either)),
            ("unixgram:///run/dsd.socket", socket(UnixSocket::Datagram)),
            ("unixstream:///run/dsd.socket", socket(UnixSocket::Stream)),
        ] {
            let found = address(raw).unwrap();
            assert_eq!(found, right, "{raw}");
            assert_eq!(address(&found.to_string()), Ok(right), "{found} reads back as {raw}");
        }
    }

    #[test]
    fn wrong_addresses_say_what_would_be_right() {
        let long = format!("unix:///{}", "s".repeat(107));
        for (raw, why, wanted) in [
            ("", "empty", "udp://"),
            ("tcp://agent:8125", "unknown scheme", "udp://host:port"),
            (r"\\.\pipe\dsd", "characters", "host name"),
            ("/run/dsd.socket", "no scheme", "unix://"),
            ("udp://", "no host", "host name"),
            ("udp://:8125", "no host", "host name"),
            ("udp://agent:", "no valid port", "1 to 65535"),
            ("udp://agent:0", "no valid port", "1 to 65535"),
            ("udp://agent:+80", "no valid port", "1 to 65535"),
            ("agent:65536", "no valid port", "1 to 65535"),
            ("udp://agent:8125/path", "no valid port", "1 to 65535"),
            ("udp://::1:8125", "without brackets", "udp://host:port"),
            ("udp://[::1", "not closed", "udp://host:port"),
            ("udp://[::1]8125", "behind its brackets", "udp://host:port"),
            ("udp://[agent]:8125", "IPv6", "udp://host:port"),
            ("udp://999.1.1.1:8125", "IPv4", "host name"),
            ("udp://a b:8125", "characters", "host name"),
            ("unix://run/dsd.socket", "relative", "three slashes"),
            ("unix://", "relative", "three slashes"),
            ("unix:///", "directory", "socket itself"),
            ("unix:///a\0b", "control", "path"),
            (long.as_str(), "108 bytes", "107"),
        ] {
            let wrong = address(raw).unwrap_err();
            assert!(wrong.found.contains(why), "{raw}: {wrong:?}");
            assert!(wrong.wanted.contains(wanted), "{raw}: {wrong:?}");
        }
    }

    #[test]
    fn messages_never_show_credentials() {
        for raw in ["udp://user:hunter2@agent:8125", "tcp://agent?key=hunter2", "hunter2@agent"] {
            let wrong = address(raw).unwrap_err();
            assert!(!wrong.found.contains("hunter2"), "{wrong:?}");
            assert!(wrong.found.contains("agent"), "{wrong:?}");
        }
        assert!(!host("user:hunter2@agent").unwrap_err().found.contains("hunter2"));
    }

    #[test]
    fn hosts_stand_alone() {
        assert_eq!(host("agent"), Ok("agent".into()));
        assert_eq!(host("::1"), Ok("::1".into()));
        assert_eq!(host("[::1]"), Ok("::1".into()));
        assert!(host("agent:8125").unwrap_err().wanted.contains("DD_DOGSTATSD_PORT"));
        assert!(host("udp://agent").unwrap_err().wanted.contains("DD_DOGSTATSD_URL"));
    }
}
