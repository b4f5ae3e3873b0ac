//! Where one signal goes, and how.

use super::endpoint::Reading;
use super::headers::{self, Header};
use super::signal::Signal;
use super::tls::Tls;
use crate::config::explanation::{MASK, SettingSource, Sourced};
use crate::config::otlp::Otlp;
use crate::config::resolve::Surroundings;
use crate::config::resolve::findings::{Findings, Wrong};
use crate::config::resolve::switches::Off;
use crate::config::resolve::text::{bounded_time, millis, one_of, strict_switch};
use crate::config::settings::{OtlpEndpoint, OtlpProtocol, OtlpTarget};
use std::ops::RangeInclusive;
use std::time::Duration;

const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(600);

/// What becomes an [`OtlpTarget`] if its signal is on.
#[derive(Debug)]
pub(super) struct Target {
    endpoint: Sourced<OtlpEndpoint>,
    protocol: Sourced<OtlpProtocol>,
    headers: Vec<Sourced<Header>>,
    gzip: Sourced<bool>,
    timeout: Sourced<Duration>,
    tls: Tls,
    doubt: Option<String>,
}

impl Target {
    /// Checks all there is to a signal, also where it is off, for the sake of the code.
    pub(super) fn resolve(
        options: &Otlp,
        signal: &Signal,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) -> Result<Self, Off> {
        let protocol = protocol(options, signal, findings);
        let built = is_built(&protocol, surroundings, findings);
        let (endpoint, doubt) = endpoint(options, signal, protocol.value, findings);
        let headers = headers::resolve(options, signal, findings);
        let gzip = signal
            .variable(
                findings,
                |family| family.compression,
                |raw| one_of(raw, &["gzip", "none"]).map(|word| word == "gzip"),
            )
            .filter(|_| options.compression.is_none())
            .unwrap_or(options.compression.map_or(Sourced::default(true), Sourced::code));
        let timeout = timeout(options, signal, findings);
        let tls = Tls::resolve(options, signal, &endpoint, findings);
        built?;
        Ok(Target { endpoint, protocol, headers, gzip, timeout, tls: tls?, doubt })
    }

    pub(super) fn explain(&self, signal: &Signal, findings: &mut Findings<'_>) {
        let Target { endpoint, protocol, headers, gzip, timeout, tls, doubt: _ } = self;
        findings.explain(signal.setting("endpoint"), &endpoint.value, endpoint.source);
        findings.explain(signal.setting("protocol"), protocol.value, protocol.source);
        for Sourced { value: (name, _), source } in headers {
            findings.explain(signal.setting(&format!("header.{name}")), MASK, *source);
        }
        let compression = if gzip.value { "gzip" } else { "none" };
        findings.explain(signal.setting("compression"), compression, gzip.source);
        findings.explain(signal.setting("timeout"), format!("{:?}", timeout.value), timeout.source);
        tls.explain(signal, findings);
    }

    pub(super) fn into_settings(self) -> OtlpTarget {
        OtlpTarget {
            endpoint: self.endpoint.value,
            protocol: self.protocol.value,
            headers: self.headers.into_iter().map(|header| header.value).collect(),
            gzip: self.gzip.value,
            timeout: self.timeout.value,
            tls: self.tls.into_settings(),
            doubt: self.doubt,
        }
    }
}

fn protocol(options: &Otlp, signal: &Signal, findings: &mut Findings<'_>) -> Sourced<OtlpProtocol> {
    let json = |raw: &str| raw.eq_ignore_ascii_case("http/json");
    let check = |raw: &str| match raw {
        // The nearest there is; it must not become gRPC because that is what comes next.
        _ if json(raw) => Ok(OtlpProtocol::HttpProtobuf),
        _ => one_of(raw, &["http/protobuf", "grpc"]).map(|word| match word {
            "grpc" => OtlpProtocol::Grpc,
            _ => OtlpProtocol::HttpProtobuf,
        }),
    };
    let variables =
        [signal.own(|family| family.protocol), signal.general(|family| family.protocol)];
    for variable in variables.into_iter().flatten() {
        if findings.raw(variable).is_some_and(json) {
            let wrong = Wrong::new("`http/json` is not in this build", "write http/protobuf");
            findings.warn_that(variable, wrong, "http/protobuf takes its place");
        }
    }
    let in_variables = signal.variable(findings, |family| family.protocol, check);
    let in_code = options.protocol.map(Sourced::code);
    in_code.or(in_variables).unwrap_or(Sourced::default(OtlpProtocol::HttpProtobuf))
}

fn is_built(
    protocol: &Sourced<OtlpProtocol>,
    surroundings: &Surroundings,
    findings: &mut Findings<'_>,
) -> Result<(), Off> {
    if protocol.value != OtlpProtocol::Grpc || surroundings.has_grpc {
        return Ok(());
    }
    let found = "this build is without the feature `grpc`";
    let wrong = Wrong::new(found, "build with it, or take http/protobuf");
    match protocol.source {
        SettingSource::Code => {
            findings.code::<()>("otlp.protocol", Err(wrong));
        }
        source => findings.warn_of(source, wrong, "what needs it is off"),
    }
    let reason = format!("{} asks for grpc, but {found}", protocol.source);
    Err(Off { reason, source: protocol.source })
}

fn endpoint(
    options: &Otlp,
    signal: &Signal,
    protocol: OtlpProtocol,
    findings: &mut Findings<'_>,
) -> (Sourced<OtlpEndpoint>, Option<String>) {
    let insecure = signal.variable(findings, |family| family.insecure, strict_switch);
    let is_insecure = insecure.as_ref().is_some_and(|insecure| insecure.value);
    let reading = Reading { protocol, insecure: is_insecure, signal_path: signal.path };
    let in_code = options
        .endpoint
        .as_ref()
        .and_then(|raw| findings.code("otlp.endpoint", reading.base(raw.expose())));
    let own = signal.own(|family| family.endpoint);
    let own = own.and_then(|variable| findings.variable(variable, |raw| reading.verbatim(raw)));
    let general = signal.general(|family| family.endpoint);
    let general = general.and_then(|variable| findings.variable(variable, |raw| reading.base(raw)));
    let endpoint = in_code.or(own).or(general).unwrap_or(Sourced::default(reading.default()));
    if let Some(insecure) = insecure.filter(|_| is_insecure && endpoint.value.is_tls()) {
        let wrong =
            Wrong::new("the endpoint says https://", "write http:// there to leave TLS out");
        findings.warn_of(insecure.source, wrong, "it is ignored");
    }
    let doubt = reading.doubt(&endpoint.value);
    (endpoint, doubt)
}

fn timeout(options: &Otlp, signal: &Signal, findings: &mut Findings<'_>) -> Sourced<Duration> {
    let in_code = options
        .timeout
        .and_then(|timeout| findings.code("otlp.timeout", bounded_time(timeout, &TIMEOUTS)));
    let in_variables =
        signal.variable(findings, |family| family.timeout, |raw| millis(raw, &TIMEOUTS));
    in_code.or(in_variables).unwrap_or(Sourced::default(Otlp::DEFAULT_TIMEOUT))
}
