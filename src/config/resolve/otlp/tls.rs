//! Certificates: whom to trust, and who we are. What can't be used turns off what needs it, rather
//! than leaving it with less security.

use super::signal::Signal;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::otlp::Otlp;
use crate::config::resolve::file;
use crate::config::resolve::findings::{Findings, Wrong, quoted};
use crate::config::resolve::switches::Off;
use crate::config::settings::{OtlpEndpoint, Secret, TlsSettings};
use std::path::{Path, PathBuf};

/// The largest file, in bytes.
const MAX_BYTES: usize = 1_048_576;
const CA: &str = "otlp.ca_certificate";
const CLIENT: &str = "otlp.client_certificate";

/// What is needed for TLS, and where it came from.
#[derive(Debug, Default)]
pub(super) struct Tls {
    settings: TlsSettings,
    paths: Paths,
}

#[derive(Debug, Default)]
struct Paths {
    ca: Option<Sourced<PathBuf>>,
    certificate: Option<Sourced<PathBuf>>,
    key: Option<Sourced<PathBuf>>,
}

impl Tls {
    pub(super) fn resolve(
        options: &Otlp,
        signal: &Signal,
        endpoint: &Sourced<OtlpEndpoint>,
        findings: &mut Findings<'_>,
    ) -> Result<Self, Off> {
        let paths = Paths::resolve(options, signal, findings);
        if !endpoint.value.is_tls() {
            paths.are_in_vain(signal, endpoint.source, findings);
            return Ok(Tls::default());
        }
        if !signal.on {
            return Ok(Tls::default());
        }
        // All of them before the first error, so that all problems come back together.
        let ca = paths.ca.as_ref().map(|path| read(CA, path, certificates, findings)).transpose();
        let identity = paths.identity(findings);
        let settings = TlsSettings { ca: ca?, identity: identity? };
        Ok(Tls { settings, paths })
    }

    pub(super) fn explain(&self, signal: &Signal, findings: &mut Findings<'_>) {
        let Paths { ca, certificate, key } = &self.paths;
        let names = ["ca_certificate", "client_certificate", "client_key"];
        for (name, path) in names.into_iter().zip([ca, certificate, key]) {
            if let Some(Sourced { value, source }) = path {
                findings.explain(signal.setting(name), quoted(value.display()), *source);
            }
        }
    }

    pub(super) fn into_settings(self) -> TlsSettings {
        self.settings
    }
}

impl Paths {
    fn resolve(options: &Otlp, signal: &Signal, findings: &mut Findings<'_>) -> Self {
        let path = |raw: &str| Ok(PathBuf::from(raw));
        let ca = signal.variable(findings, |family| family.certificate, path);
        let certificate = signal.variable(findings, |family| family.client_certificate, path);
        let key = signal.variable(findings, |family| family.client_key, path);
        let ca = options.ca_certificate.clone().map(Sourced::code).or(ca);
        let (certificate, key) = match options.client_certificate.clone() {
            Some((certificate, key)) => {
                (Some(Sourced::code(certificate)), Some(Sourced::code(key)))
            }
            None => (certificate, key),
        };
        Paths { ca, certificate, key }
    }

    /// Beside an endpoint without TLS. A problem where code says both; otherwise the endpoint of one
    /// deployment would be an error of the code.
    fn are_in_vain(&self, signal: &Signal, endpoint: SettingSource, findings: &mut Findings<'_>) {
        let settings = [(CA, &self.ca), (CLIENT, &self.certificate), (CLIENT, &self.key)];
        for (setting, path) in settings {
            let Some(Sourced { value, source }) = path else { continue };
            let found = format!("{} is of no use without TLS", quoted(value.display()));
            let wrong = Wrong::new(found, "write https:// in the endpoint, or leave it out");
            match (source, endpoint) {
                (SettingSource::Code, SettingSource::Code) => {
                    findings.code::<()>(setting, Err(wrong));
                }
                _ if !signal.on => {}
                (SettingSource::Code, _) => findings.warn_of(setting, wrong, "it is ignored"),
                (source, _) => findings.warn_of(source, wrong, "it is ignored"),
            }
        }
    }

    fn identity(&self, findings: &mut Findings<'_>) -> Result<Option<(String, Secret)>, Off> {
        let (certificate, key) = match (&self.certificate, &self.key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(half), None) => return Err(unusable(CLIENT, half, without("key"), findings)),
            (None, Some(half)) => {
                return Err(unusable(CLIENT, half, without("certificate"), findings));
            }
        };
        let certificate = read(CLIENT, certificate, certificates, findings);
        let key = read(CLIENT, key, private_key, findings);
        Ok(Some((certificate?, Secret::new(key?))))
    }
}

fn without(half: &str) -> Wrong {
    Wrong::new(format!("there is no {half} beside it"), "set certificate and key together")
}

fn read(
    setting: &'static str,
    path: &Sourced<PathBuf>,
    check: fn(&Path) -> Result<String, Wrong>,
    findings: &mut Findings<'_>,
) -> Result<String, Off> {
    check(&path.value).map_err(|wrong| unusable(setting, path, wrong, findings))
}

fn unusable(
    setting: &'static str,
    path: &Sourced<PathBuf>,
    wrong: Wrong,
    findings: &mut Findings<'_>,
) -> Off {
    let reason = format!("{} can't be used, and there must be no less security", path.source);
    match path.source {
        SettingSource::Code => {
            findings.code::<()>(setting, Err(wrong));
        }
        source => findings.warn_of(source, wrong, "what needs it is off"),
    }
    Off { reason, source: path.source }
}

fn certificates(path: &Path) -> Result<String, Wrong> {
    pem(path, "the file must hold certificates in PEM", |text| {
        text.contains("-----BEGIN CERTIFICATE-----").then_some(()).ok_or("has no certificate")
    })
}

fn private_key(path: &Path) -> Result<String, Wrong> {
    pem(path, "the file must hold a private key in PEM, without a passphrase", |text| {
        let encrypted = ["BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"];
        let kinds = ["", "RSA ", "EC "].map(|kind| format!("-----BEGIN {kind}PRIVATE KEY-----"));
        match text {
            _ if encrypted.iter().any(|mark| text.contains(mark)) => Err("is encrypted"),
            _ if kinds.iter().any(|mark| text.contains(mark.as_str())) => Ok(()),
            _ => Err("has no private key"),
        }
    })
}

/// Reads a file whose text passes a check; messages name it and show nothing of it.
fn pem(
    path: &Path,
    wanted: &str,
    check: impl Fn(&str) -> Result<(), &'static str>,
) -> Result<String, Wrong> {
    let wrong = |why: String| Wrong::new(format!("{} {why}", quoted(path.display())), wanted);
    let text = file::read(path, MAX_BYTES).map_err(wrong)?;
    check(&text).map_err(|why| wrong(why.to_owned()))?;
    Ok(text)
}
