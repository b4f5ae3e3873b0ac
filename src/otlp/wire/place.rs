//! A collector's name for people, and what may be said about it.

use crate::config::settings::{OtlpEndpoint, OtlpTarget};
use crate::scrub;

/// The longest that is quoted of what a collector says, in characters.
const MAX_QUOTE: usize = 200;
/// Below this a part of a header is not worth hiding: hiding it would tell more than it does.
const MIN_SECRET: usize = 4;

/// Where a wire leads.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// `127.0.0.1:4318`, or the path of a socket.
    pub(super) name: String,
    secrets: Secrets,
}

/// What no text may repeat, the longest first.
#[derive(Clone)]
struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} hidden", self.0.len())
    }
}

impl Place {
    pub(super) fn new(target: &OtlpTarget) -> Self {
        let name = match &target.endpoint {
            OtlpEndpoint::Tcp { host, port, .. } if host.contains(':') => {
                format!("[{host}]:{port}")
            }
            OtlpEndpoint::Tcp { host, port, .. } => format!("{host}:{port}"),
            OtlpEndpoint::Unix { socket, .. } => socket.display().to_string(),
        };
        // Whole, and without what stands before the secret: `Bearer`, `Basic`.
        let mut secrets: Vec<String> = target
            .headers
            .iter()
            .flat_map(|(_, value)| {
                let value = value.expose();
                std::iter::once(value).chain(value.split_whitespace().skip(1))
            })
            .filter(|secret| secret.len() >= MIN_SECRET)
            .map(str::to_owned)
            .collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Place { name, secrets: Secrets(secrets) }
    }

    /// What somebody else wrote, fit for the status: one line, cut, without our own headers.
    pub(super) fn quote(&self, raw: &str) -> String {
        let hidden = self
            .secrets
            .0
            .iter()
            .fold(raw.to_owned(), |text, secret| text.replace(secret.as_str(), "********"));
        scrub::text(&hidden, MAX_QUOTE).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::{OtlpProtocol, Secret, TlsSettings};
    use std::time::Duration;

    fn place(host: &str, header: &str) -> Place {
        Place::new(&OtlpTarget {
            endpoint: OtlpEndpoint::Tcp {
                tls: false,
                host: host.into(),
                port: 4318,
                path: "/v1/traces?key=hidden".into(),
            },
            protocol: OtlpProtocol::HttpProtobuf,
            headers: vec![("authorization".into(), Secret::new(header))],
            gzip: false,
            timeout: Duration::from_secs(10),
            tls: TlsSettings::default(),
            doubt: None,
        })
    }

    #[test]
    fn a_name_is_an_address() {
        assert_eq!(place("127.0.0.1", "").name, "127.0.0.1:4318");
        assert_eq!(place("::1", "").name, "[::1]:4318");
    }

    #[test]
    fn what_we_sent_is_not_quoted() {
        let place = place("localhost", "Bearer s3cr3t-token");
        assert_eq!(place.quote("no: 'Bearer s3cr3t-token'"), "no: '********'");
        assert_eq!(place.quote("s3cr3t-token is not valid"), "******** is not valid");
        assert!(!format!("{place:?}").contains("s3cr3t"));
    }

    #[test]
    fn a_quote_is_one_short_line() {
        let place = place("localhost", "");
        assert_eq!(place.quote(" a\r\nb\0 "), "a__b_");
        assert_eq!(place.quote(&"é".repeat(10_000)).chars().count(), MAX_QUOTE);
    }
}
