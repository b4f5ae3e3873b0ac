//! TLS: whom we trust, and what we say of those we don't.
//!
//! The certificates are for tests alone and valid for a hundred years: an authority whose key is
//! gone, and what it signed for `localhost` and `127.0.0.1`.

use super::collector::{Collector, ok};
use super::*;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::io::{Read, Write};

pub(super) const CA: &str = include_str!("tls/ca.pem");
pub(super) const CERTIFICATE: &str = include_str!("tls/server.pem");
pub(super) const KEY: &str = include_str!("tls/server.key");

/// Whether clients must show a certificate of the same authority.
fn server(wants_certificate: bool) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match wants_certificate {
        true => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(CA.as_bytes()).unwrap()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
        false => builder.with_no_client_auth(),
    };
    let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

fn https(address: SocketAddr, tls: TlsSettings) -> OtlpTarget {
    let host = address.ip().to_string();
    let path = "/v1/traces".into();
    let endpoint = OtlpEndpoint::Tcp { tls: true, host, port: address.port(), path };
    OtlpTarget { endpoint, tls, ..target(address) }
}

fn trusting() -> TlsSettings {
    TlsSettings { ca: Some(CA.into()), identity: None }
}

#[test]
fn a_trusted_collector_gets_what_is_sent() {
    let collector = Collector::tls(server(false), |_, _| ok());
    let rig = Rig::new(&https(collector.address(), trusting()), PATIENT);
    for n in 0..3 {
        rig.push(format!("{n}"), 1);
        assert!(rig.flush(LONG), "{}", rig.error());
    }
    rig.push(vec![b'x'; 1_000_000], 1);
    assert!(rig.flush(LONG), "{}", rig.error());
    assert_eq!(collector.bodies()[..3], ["0", "1", "2"]);
    assert_eq!(collector.seen()[3].body.len(), 1_000_000);
    assert_eq!(collector.connections(), 1, "tickets after the handshake are no reason to hang up");
}

#[test]
fn a_collector_that_nobody_vouches_for_gets_nothing() {
    let collector = Collector::tls(server(false), |_, _| ok());
    let rig = Rig::new(&https(collector.address(), TlsSettings::default()), PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    let error = rig.error();
    assert!(error.contains("OTEL_EXPORTER_OTLP_CERTIFICATE"), "{error}");
    assert!(collector.seen().is_empty());
    assert_eq!(rig.transport.spooled_items(), 10);
}

#[test]
fn a_certificate_of_another_name_is_not_trusted() {
    let collector = Collector::tls(server(false), |_, _| ok());
    let mut target = https(collector.address(), trusting());
    if let OtlpEndpoint::Tcp { host, .. } = &mut target.endpoint {
        // Linux answers on all of 127/8.
        *host = "127.0.0.2".into();
    }
    let rig = Rig::new(&target, PATIENT);
    rig.push("spans", 1);
    assert!(!rig.flush(LONG));
    assert_eq!(rig.sent(), 0);
}

#[test]
fn certificates_that_are_none_stand_in_the_status() {
    let collector = Collector::tls(server(false), |_, _| ok());
    let tls = TlsSettings { ca: Some("hello".into()), identity: None };
    let rig = Rig::new(&https(collector.address(), tls), PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("holds no certificate"), "{}", rig.error());
    assert_eq!(collector.connections(), 0);
    let start = Instant::now();
    assert!(!rig.shutdown(LONG));
    assert!(start.elapsed() < LONG / 2);
    rig.assert_conserved();
}

#[test]
fn https_to_one_who_speaks_http_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        let mut buffer = [0; 4_096];
        let _ = stream.read(&mut buffer);
        stream.write_all(answer).unwrap();
        // Closing before all is read would be a reset, which may overtake the answer.
        while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
    });
    let rig = Rig::new(&https(address, trusting()), PATIENT);
    rig.push("spans", 1);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("does not speak TLS"), "{}", rig.error());
    server.join().unwrap();
}

#[test]
fn http_to_one_who_speaks_tls_is_said() {
    let collector = Collector::tls(server(false), |_, _| ok());
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("spans", 1);
    assert!(!rig.flush(LONG));
    assert_eq!(rig.sent(), 0);
    assert_eq!(rig.transport.spooled_items(), 1);
}

#[test]
fn one_who_wants_a_certificate_gets_ours_or_says_so() {
    let collector = Collector::tls(server(true), |_, _| ok());
    let rig = Rig::new(&https(collector.address(), trusting()), PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert_eq!(rig.sent(), 0);
    assert_eq!(rig.transport.spooled_items(), 10);
    let identity = Some((CERTIFICATE.into(), Secret::new(KEY)));
    let known = TlsSettings { identity, ..trusting() };
    let rig = Rig::new(&https(collector.address(), known), PATIENT);
    rig.push("spans", 10);
    assert!(rig.flush(LONG), "{}", rig.error());
}
