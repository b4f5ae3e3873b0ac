//! TLS as the settings want it, with a provider of our own: the process may have none, or another.

use crate::config::settings::TlsSettings;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Reads the certificates; takes milliseconds where they are the system's.
pub(super) fn client(settings: &TlsSettings) -> Result<Arc<ClientConfig>, String> {
    let roots = roots(settings)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS is not available ({error})"))?
        .with_root_certificates(roots);
    let config = match &settings.identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE")?;
            let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
                .map_err(|_| "OTEL_EXPORTER_OTLP_CLIENT_KEY holds no private key in PEM form")?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                format!("the client certificate and its key do not work together ({error})")
            })?
        }
    };
    Ok(Arc::new(config))
}

/// What is trusted: the settings' certificates, else the system's.
pub(super) fn roots(settings: &TlsSettings) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = &settings.ca {
        let variable = "OTEL_EXPORTER_OTLP_CERTIFICATE";
        for certificate in certificates(ca, variable)? {
            roots.add(certificate).map_err(|error| {
                format!("{variable} holds a certificate that is none ({error})")
            })?;
        }
        return Ok(roots);
    }
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    match roots.is_empty() {
        true => Err("this system trusts no certificates; install them (ca-certificates) or set \
                     OTEL_EXPORTER_OTLP_CERTIFICATE"
            .into()),
        false => Ok(roots),
    }
}

fn certificates(pem: &str, variable: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    certificates
        .ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| format!("{variable} holds no certificate in PEM form"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Secret;

    #[test]
    fn what_is_no_certificate_is_named_and_not_shown() {
        let with_ca = |ca: &str| TlsSettings { ca: Some(ca.into()), identity: None };
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for ca in ["", "hello", garbage, "-----BEGIN CERTIFICATE-----\n!!"] {
            let error = client(&with_ca(ca)).unwrap_err();
            assert!(error.contains("OTEL_EXPORTER_OTLP_CERTIFICATE"), "{error}");
        }
    }

    #[test]
    fn a_bad_identity_is_named() {
        let pem = include_str!("../tests/tls/ca.pem");
        let with = |chain: &str, key: &str| TlsSettings {
            ca: Some(pem.into()),
            identity: Some((chain.into(), Secret::new(key))),
        };
        let error = client(&with("", "")).unwrap_err();
        assert!(error.contains("CLIENT_CERTIFICATE"), "{error}");
        let error = client(&with(pem, "s3cr3t")).unwrap_err();
        assert!(error.contains("CLIENT_KEY") && !error.contains("s3cr3t"), "{error}");
        let other_key = include_str!("../tests/tls/server.key");
        let error = client(&with(pem, other_key)).unwrap_err();
        assert!(error.contains("do not work together"), "{error}");
    }
}
