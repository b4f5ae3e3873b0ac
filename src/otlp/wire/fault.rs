//! What stands between us and a collector, in words that say how to mend it.

use super::connect::Unconnected;
use super::place::Place;
use crate::config::settings::OtlpEndpoint;
use std::io::{self, ErrorKind};

/// The variable that says where to send.
pub(super) const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Why there is no connection to a place.
pub(super) fn unconnected(why: &Unconnected, place: &Place, endpoint: &OtlpEndpoint) -> String {
    match why {
        Unconnected::Lookup(error) => {
            format!("the name of {} does not resolve ({error}); set {ENDPOINT}", place.name)
        }
        Unconnected::Connect(error) => connecting(error, place, endpoint),
    }
}

pub(super) fn connecting(error: &io::Error, place: &Place, endpoint: &OtlpEndpoint) -> String {
    let name = &place.name;
    let is_socket = matches!(endpoint, OtlpEndpoint::Unix { .. });
    match error.kind() {
        ErrorKind::ConnectionRefused => format!(
            "nobody listens on {name} (connection refused); start a collector or set {ENDPOINT}"
        ),
        ErrorKind::NotFound if is_socket => format!(
            "there is no socket at {name}; start a collector, mount its directory or set {ENDPOINT}"
        ),
        ErrorKind::PermissionDenied => {
            format!("no permission to connect to {name}; let the service's user write to it")
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => format!(
            "no connection to {name} in time; is there a collector, and a way through firewalls?"
        ),
        _ => format!("no connection to {name} ({error}); start a collector or set {ENDPOINT}"),
    }
}

/// Why the TLS handshake failed. `TlsSettings` is not named: a reader knows the variables.
pub(super) fn handshake(error: &io::Error, place: &Place) -> String {
    let name = &place.name;
    match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(why)) => format!(
            "the certificate of {name} is not trusted ({}); set \
             OTEL_EXPORTER_OTLP_CERTIFICATE to its CA",
            place.quote(&why.to_string())
        ),
        Some(rustls::Error::InvalidMessage(_)) => {
            format!("{name} does not speak TLS; use http:// in {ENDPOINT}")
        }
        Some(rustls::Error::AlertReceived(alert)) => format!(
            "{name} broke off the TLS handshake ({alert:?}); does it want a client certificate \
             (OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_KEY)?"
        ),
        _ if is_timeout(error) => format!("{name} did not answer the TLS handshake in time"),
        _ => format!("the TLS handshake with {name} failed ({error}); does it speak TLS?"),
    }
}

/// Whether the peer refused our certificate, which with TLS 1.3 it says after the handshake.
pub(super) fn is_alert(error: &io::Error) -> bool {
    matches!(tls_error(error), Some(rustls::Error::AlertReceived(_)))
}

pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}
