//! Certificates: read where they are needed, and never less security in their place.

use super::*;
use crate::config::settings::TlsSettings;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
const HTTPS: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector");
const CA: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const CLIENT: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
const CLIENT_KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";

struct Files {
    ca: Scratch,
    certificate: Scratch,
    key: Scratch,
}

impl Files {
    fn new(test: &str) -> Self {
        Files {
            ca: Scratch::new(&format!("{test}-ca"), format!("# ours\n{CERTIFICATE}")),
            certificate: Scratch::new(&format!("{test}-cert"), CERTIFICATE),
            key: Scratch::new(&format!("{test}-key"), KEY),
        }
    }

    fn in_code(&self) -> Otlp {
        Otlp::default()
            .ca_certificate(self.ca.path())
            .client_certificate(self.certificate.path(), self.key.path())
    }
}

fn tls(builder: &Builder, set: &[(&str, &str)]) -> TlsSettings {
    resolved(builder, set).settings.otlp.unwrap().traces.unwrap().tls
}

fn is_whole(tls: &TlsSettings) -> bool {
    let (certificate, key) = tls.identity.as_ref().unwrap();
    tls.ca.as_deref().is_some_and(|ca| ca.starts_with("# ours"))
        && (certificate.as_str(), key.expose()) == (CERTIFICATE, KEY)
}

#[test]
fn certificates_come_from_code_or_from_each_level_of_variables() {
    let files = Files::new("levels");
    let code = plain().otlp(files.in_code().endpoint("https://collector"));
    assert!(is_whole(&tls(&code, &[])));
    // Variables don't count then, not even wrong ones.
    let wrong = [(CA, "/nowhere"), (CLIENT, "/nowhere"), (CLIENT_KEY, "/nowhere")];
    let resolved_in_code = resolved(&code, &wrong);
    assert_eq!(resolved_in_code.warnings, [""; 0]);
    let source = resolved_in_code.explanation.get("otlp.traces.client_key").unwrap().source();
    assert_eq!(source.to_string(), "code");

    let (ca, certificate, key) = (files.ca.path(), files.certificate.path(), files.key.path());
    let general = [HTTPS, (CA, ca), (CLIENT, certificate), (CLIENT_KEY, key)];
    assert!(is_whole(&tls(&plain(), &general)));
    let own = [
        ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", ca),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", certificate),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", key),
    ];
    let set: Vec<_> = [HTTPS].into_iter().chain(own).chain(wrong).collect();
    assert!(is_whole(&tls(&plain(), &set)));
    let explanation = resolved(&plain(), &set).explanation;
    for (setting, (name, path)) in
        ["ca_certificate", "client_certificate", "client_key"].iter().zip(own)
    {
        let expected = Some((format!("`{path}`"), name.to_owned()));
        assert_eq!(effective(&explanation, &format!("otlp.traces.{setting}")), expected);
    }
    assert_eq!(tls(&plain(), &[HTTPS]), TlsSettings::default());
}

#[test]
fn a_variable_that_cannot_be_used_turns_off_what_needs_it() {
    let files = Files::new("variables");
    let (certificate, key) = (files.certificate.path(), files.key.path());
    let both = ("OTEL_METRICS_EXPORTER", "otlp");
    for (set, name, why) in [
        (&[(CA, "/nowhere/ca")][..], CA, "`/nowhere/ca` can't be read: No such file"),
        (&[(CA, key)], CA, "has no certificate; the file must hold certificates in PEM"),
        (&[(CLIENT, certificate)], CLIENT, "there is no key beside it; set certificate and key"),
        (&[(CLIENT_KEY, key)], CLIENT_KEY, "there is no certificate beside it"),
        (&[(CLIENT, certificate), (CLIENT_KEY, certificate)], CLIENT_KEY, "has no private key"),
    ] {
        let set: Vec<_> = set.iter().copied().chain([HTTPS, both]).collect();
        let Resolved { settings, warnings, .. } = resolved(&plain(), &set);
        let reason = settings.otlp.unwrap_err();
        assert!(reason.contains(&format!("{name} can't be used")), "{reason}");
        assert_eq!(warnings.len(), 1, "one for both signals: {warnings:?}");
        assert!(warnings[0].starts_with(&format!("{name}: ")), "{warnings:?}");
        assert!(warnings[0].contains(why), "{warnings:?}");
        assert!(warnings[0].ends_with("; what needs it is off"), "{warnings:?}");
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
    }
    // Of one signal alone.
    let own = ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/nowhere");
    let Resolved { settings, explanation, .. } = resolved(&plain(), &[HTTPS, both, own]);
    let otlp = settings.otlp.unwrap();
    assert!(otlp.traces.is_none() && otlp.metrics.is_some());
    let traces = explanation.get("otlp.traces").unwrap();
    assert_eq!(
        traces.value(),
        "off: OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE can't be used, and there must be no less \
         security"
    );
}

#[test]
fn files_in_code_that_cannot_be_used_are_problems() {
    let files = Files::new("code");
    let large = Scratch::new("tls-large", "x".repeat(1_048_577));
    let binary = Scratch::new("tls-binary", [0x30, 0x82, 0xff]);
    let encrypted = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let encrypted = Scratch::new("tls-encrypted", encrypted);
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
    let old = Scratch::new("tls-old", old);
    let https = || Otlp::default().endpoint("https://collector");
    let certificate = files.certificate.path();
    for (options, setting, why) in [
        (https().ca_certificate(large.path()), "otlp.ca_certificate", "larger than 1048576"),
        (https().ca_certificate(binary.path()), "otlp.ca_certificate", "is not text"),
        (https().ca_certificate("/"), "otlp.ca_certificate", "not a regular file"),
        (
            https().client_certificate(certificate, encrypted.path()),
            "otlp.client_certificate",
            "is encrypted; the file must hold a private key in PEM, without a passphrase",
        ),
        (
            https().client_certificate(certificate, old.path()),
            "otlp.client_certificate",
            "is encrypted",
        ),
    ] {
        let problems = problems(&plain().otlp(options), &[]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(&format!("{setting}: `")), "{problems:?}");
        assert!(problems[0].contains(why), "{problems:?}");
    }
    let all = https().ca_certificate("/nowhere").client_certificate("/nowhere", "/nowhere/key");
    assert_eq!(problems(&plain().otlp(all), &[]).len(), 3, "all of them come back together");
    let ec = Scratch::new("tls-ec", KEY.replace("PRIVATE", "EC PRIVATE"));
    assert!(
        tls(&plain().otlp(https().client_certificate(certificate, ec.path())), &[])
            .identity
            .is_some()
    );
}

#[test]
fn certificates_beside_an_endpoint_without_tls_are_in_vain() {
    let files = Files::new("vain");
    // Code says both: a problem, whether or not anything is on.
    for endpoint in ["http://collector:4318", "unix:///run/c.sock"] {
        let builder = plain().otlp(files.in_code().endpoint(endpoint));
        for set in [&[][..], &[("OTEL_SDK_DISABLED", "true")]] {
            let problems = problems(&builder, set);
            assert_eq!(problems.len(), 3, "{problems:?}");
            assert!(problems[0].starts_with("otlp.ca_certificate: `"), "{problems:?}");
            assert!(problems[0].contains("is of no use without TLS; write https://"));
        }
    }
    // The endpoint is of the deployment: a warning.
    let Resolved { settings, warnings, .. } =
        resolved(&plain().otlp(files.in_code()), &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:1")]);
    assert_eq!(settings.otlp.unwrap().traces.unwrap().tls, TlsSettings::default());
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].starts_with("otlp.ca_certificate: `"), "{warnings:?}");
    // A file that is not needed is not looked at.
    let warnings = resolved(&plain(), &[(CA, "/nowhere")]).warnings;
    assert!(warnings[0].contains("is of no use without TLS"), "{warnings:?}");
    let set = [HTTPS, (CA, "/nowhere"), ("OTEL_TRACES_EXPORTER", "none")];
    assert_eq!(resolved(&plain(), &set).warnings, [""; 0]);
}

#[test]
fn grpc_without_a_scheme_is_tls_too() {
    let files = Files::new("grpc");
    let options = files.in_code().endpoint("collector:4317").protocol(Protocol::Grpc);
    assert!(is_whole(&tls(&plain().otlp(options), &[])));
}
