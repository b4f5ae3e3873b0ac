//! The Prometheus pipeline's settings.

use super::address::port_number;
use super::findings::{Findings, Wrong, quoted};
use super::switches::{Off, Switches};
use super::token::{self, Token};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::prometheus::Prometheus;
use crate::config::settings::PrometheusSettings;
use crate::config::variables::{OTEL_EXPORTER_PROMETHEUS_HOST, OTEL_EXPORTER_PROMETHEUS_PORT};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const DEFAULT_IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DEFAULT_PORT: u16 = 9464;
/// Why host names are refused: which of a name's addresses is meant is not ours to guess.
const FORM: &str = "write ip:port, such as 127.0.0.1:9464; a name could mean several addresses";

pub(super) fn resolve(
    builder: &Builder,
    switches: Switches,
    findings: &mut Findings<'_>,
) -> Result<PrometheusSettings, String> {
    let fallback = Prometheus::default();
    let options = builder.prometheus.as_ref().unwrap_or(&fallback);
    let listen = listen(options, findings);
    let token =
        token::resolve(options, switches.prometheus.is_none() && listen.is_some(), findings);
    if let Some(off) = switches.prometheus {
        return Err(off.explained("prometheus", findings));
    }
    let token = token.map_err(|variable| {
        let reason = format!("{} can't be used, and the page must not be open", variable.name);
        let source = SettingSource::Variable(variable.name);
        Off { reason, source }.explained("prometheus", findings)
    })?;

    findings.explain("prometheus", "on", switches.prometheus_source);
    match &listen {
        Some(listen) => findings.explain("prometheus.listen", listen.value, listen.source),
        None => findings.explain("prometheus.listen", "no listener", SettingSource::Code),
    }
    if let Some(Sourced { value: Token { shown, .. }, source }) = &token {
        findings.explain("prometheus.bearer_token", shown, *source);
    }
    Ok(PrometheusSettings {
        listen: listen.map(|listen| listen.value),
        token: token.map(|token| token.value.secret),
    })
}

/// Where to listen; `None` if the host serves the page itself.
fn listen(options: &Prometheus, findings: &mut Findings<'_>) -> Option<Sourced<SocketAddr>> {
    let in_code = options
        .listen
        .as_deref()
        .and_then(|raw| findings.code("prometheus.listen", listen_address(raw)));
    let ip = findings.variable(OTEL_EXPORTER_PROMETHEUS_HOST, listen_ip);
    let port = findings.variable(OTEL_EXPORTER_PROMETHEUS_PORT, listen_port);
    if options.no_listener {
        check_no_listener(options, findings);
        return None;
    }
    let source = match (&ip, &port) {
        (Some(ip), _) => ip.source,
        (None, Some(port)) => port.source,
        (None, None) => SettingSource::Default,
    };
    let ip = ip.map_or(DEFAULT_IP, |ip| ip.value);
    let port = port.map_or(DEFAULT_PORT, |port| port.value);
    Some(in_code.unwrap_or(Sourced { value: SocketAddr::new(ip, port), source }))
}

/// Without a listener, an address or a token would be set in vain.
fn check_no_listener(options: &Prometheus, findings: &mut Findings<'_>) {
    let mut in_vain = |setting, what| {
        let wrong = Wrong::new(format!("{what} is set beside `no_listener`"), "set one of the two");
        findings.code::<()>(setting, Err(wrong));
    };
    if options.listen.is_some() {
        in_vain("prometheus.listen", "an address");
    }
    if options.token.is_some() || options.token_file.is_some() {
        in_vain("prometheus.bearer_token", "a token");
    }
}

fn listen_address(raw: &str) -> Result<SocketAddr, Wrong> {
    let raw = raw.trim();
    if let Ok(address) = raw.parse() {
        return Ok(address);
    }
    let wrong = |why| Err(Wrong::new(format!("{} {why}", quoted(raw)), FORM));
    if raw.parse::<IpAddr>().is_ok() {
        return wrong("has no port");
    }
    let Some((host, port)) = raw.rsplit_once(':') else { return wrong("is not ip:port") };
    match (host, port_number(port)) {
        (_, None) => wrong("has no port from 0 to 65535"),
        ("", _) => wrong("has no IP address"),
        (host, Some(port)) if host.eq_ignore_ascii_case("localhost") => {
            Ok(SocketAddr::new(DEFAULT_IP, port))
        }
        _ => wrong("has no IP address before its port"),
    }
}

fn listen_ip(raw: &str) -> Result<IpAddr, Wrong> {
    if raw.eq_ignore_ascii_case("localhost") {
        return Ok(DEFAULT_IP);
    }
    let bare = raw.strip_prefix('[').and_then(|raw| raw.strip_suffix(']')).unwrap_or(raw);
    bare.parse().map_err(|_| {
        let found = format!("{} is not an IP address", quoted(raw));
        Wrong::new(found, "write one such as 0.0.0.0, or localhost; the port has its own variable")
    })
}

fn listen_port(raw: &str) -> Result<u16, Wrong> {
    port_number(raw).ok_or_else(|| {
        Wrong::new(format!("{} is not a port", quoted(raw)), "write a number from 0 to 65535")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_addresses() {
        for (raw, right) in [
            ("127.0.0.1:9464", "127.0.0.1:9464"),
            (" 0.0.0.0:0 ", "0.0.0.0:0"),
            ("[::]:9464", "[::]:9464"),
            ("localhost:80", "127.0.0.1:80"),
            ("LOCALHOST:80", "127.0.0.1:80"),
        ] {
            assert_eq!(listen_address(raw), Ok(right.parse().unwrap()), "{raw}");
        }
        assert_eq!(Prometheus::DEFAULT_LISTEN, format!("{DEFAULT_IP}:{DEFAULT_PORT}"));
    }

    #[test]
    fn wrong_addresses_say_what_would_be_right() {
        for (raw, why) in [
            ("", "is not ip:port"),
            ("9464", "is not ip:port"),
            ("127.0.0.1", "no port"),
            ("::1", "no port"),
            (":9464", "no IP address"),
            ("0.0.0.0:65536", "no port from 0"),
            ("metrics.local:9464", "no IP address before"),
            ("http://127.0.0.1:9464", "no IP address before"),
        ] {
            let wrong = listen_address(raw).unwrap_err();
            assert!(wrong.found.contains(why), "{raw}: {wrong:?}");
            assert!(wrong.wanted.contains("127.0.0.1:9464"), "{raw}: {wrong:?}");
        }
    }

    #[test]
    fn hosts_of_the_variable_are_ips_or_localhost() {
        assert_eq!(listen_ip("localhost"), Ok(DEFAULT_IP));
        assert_eq!(listen_ip("[::1]"), Ok("::1".parse().unwrap()));
        assert!(listen_ip("metrics.local").is_err());
        assert!(listen_ip("0.0.0.0:9464").is_err());
    }
}
