//! Where a request goes, without what must stay here: passwords, signatures, tokens.

use crate::metrics::current;
use crate::scrub::{KeyClass, Policy};
use http::Uri;
use std::borrow::Cow;
use std::fmt::{self, Display, Write};

const REDACTED: &str = "REDACTED";
/// Query keys that the conventions name, such as sign a request to a cloud's storage, and what is a
/// secret in a query if nowhere else.
const SIGNING_KEYS: &[&str] = &[
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
    "X-Goog-Credential",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "key",
    "code",
];
/// Longer keys are not judged, but held back.
const MAX_KEY_BYTES: usize = 200;

/// A query whose forbidden values are replaced as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a>(pub(super) &'a str);

impl Display for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = current::policy();
        let mut rest = self.0;
        loop {
            let end = rest.find(['&', ';']);
            let pair = &rest[..end.unwrap_or(rest.len())];
            match pair.split_once('=') {
                Some((key, _)) if is_forbidden(key, &policy) => write!(f, "{key}={REDACTED}")?,
                _ => f.write_str(pair)?,
            }
            let Some(end) = end else { return Ok(()) };
            f.write_str(&rest[end..=end])?;
            rest = &rest[end + 1..];
        }
    }
}

fn is_forbidden(key: &str, policy: &Policy) -> bool {
    let key = decoded(key);
    key.len() > MAX_KEY_BYTES
        || SIGNING_KEYS.iter().any(|known| known.eq_ignore_ascii_case(&key))
        || policy.class(&key) == KeyClass::Denied
}

/// `%70assword` is `password`; what is no text then stays as it is.
fn decoded(key: &str) -> Cow<'_, str> {
    if !key.contains('%') {
        return Cow::Borrowed(key);
    }
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let hex = behind
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(hex.unwrap_or(first));
        rest = if hex.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(key), Cow::Owned)
}

/// An absolute URL in its parts. Written, it has no password in it, and no fragment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Url<'a> {
    pub(super) scheme: &'a str,
    pub(super) has_userinfo: bool,
    pub(super) host: &'a str,
    /// As it is written; none where it goes without saying.
    pub(super) port: Option<u16>,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl<'a> Url<'a> {
    /// None where a part is missing, as it may be to a client that knows its server.
    pub(super) fn of(uri: &'a Uri) -> Option<Self> {
        let authority = uri.authority()?;
        Some(Url {
            scheme: uri.scheme_str()?,
            has_userinfo: authority.as_str().contains('@'),
            host: authority.host(),
            port: authority.port_u16(),
            path: uri.path(),
            query: uri.query(),
        })
    }

    /// The port that a connection goes to.
    pub(super) fn port(&self) -> Option<u16> {
        self.port.or(match self.scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        })
    }
}

impl Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if self.has_userinfo {
            write!(f, "{REDACTED}:{REDACTED}@")?;
        }
        f.write_str(self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(self.path)?;
        match self.query {
            Some(query) => {
                f.write_char('?')?;
                Query(query).fmt(f)
            }
            None => Ok(()),
        }
    }
}

/// Host and port of an authority, such as the header `Host` has.
pub(super) fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    let authority = authority.rsplit_once('@').map_or(authority, |(_, behind)| behind);
    match authority.rsplit_once(':') {
        // What a bracket closes behind is the colon of an IPv6 address.
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(uri: &str) -> String {
        Url::of(&uri.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn secrets_stay_out_of_queries() {
        for (query, written) in [
            ("page=2&token=abc", "page=2&token=REDACTED"),
            ("a=1;Password=x;b", "a=1;Password=REDACTED;b"),
            ("sig=1&SIG=2", "sig=REDACTED&SIG=REDACTED"),
            ("%70assword=x&api%5Fkey=y", "%70assword=REDACTED&api%5Fkey=REDACTED"),
            ("X-Amz-Signature=f&X-Amz-Date=d", "X-Amz-Signature=REDACTED&X-Amz-Date=d"),
            ("code=x&Key=y&keys=z&zip_code=1", "code=REDACTED&Key=REDACTED&keys=z&zip_code=1"),
            ("author=x&=y&&k=", "author=x&=y&&k="),
            ("%=1&%zz=2&%ff=3", "%=1&%zz=2&%ff=3"),
            ("", ""),
        ] {
            assert_eq!(Query(query).to_string(), written);
        }
        let long = format!("{}=x", "k".repeat(1_000));
        assert!(Query(&long).to_string().ends_with("=REDACTED"));
    }

    #[test]
    fn userinfo_stays_out_of_urls() {
        assert_eq!(
            full("https://ada:secret@example.com:8443/a?password=1"),
            "https://REDACTED:REDACTED@example.com:8443/a?password=REDACTED"
        );
        assert_eq!(full("http://example.com/"), "http://example.com/");
        assert!(Url::of(&"/a".parse().unwrap()).is_none());
    }

    #[test]
    fn hosts_are_told_from_ports() {
        assert_eq!(host_and_port("example.com:80"), ("example.com", Some(80)));
        assert_eq!(host_and_port("example.com"), ("example.com", None));
        assert_eq!(host_and_port("[::1]:9464"), ("[::1]", Some(9464)));
        assert_eq!(host_and_port("[::1]"), ("[::1]", None));
        assert_eq!(host_and_port("u:p@example.com:x"), ("example.com", None));
    }
}
