//! Traces and metrics: each has variables of its own, before the general ones.

use crate::config::explanation::Sourced;
use crate::config::resolve::findings::{Findings, Wrong};
use crate::config::variables::{self as var, Variable};

/// The variables that exist once in general and once for each signal.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) endpoint: Variable,
    pub(super) protocol: Variable,
    pub(super) headers: Variable,
    pub(super) timeout: Variable,
    pub(super) compression: Variable,
    pub(super) certificate: Variable,
    pub(super) client_certificate: Variable,
    pub(super) client_key: Variable,
    pub(super) insecure: Variable,
}

const GENERAL: Family = Family {
    endpoint: var::OTEL_EXPORTER_OTLP_ENDPOINT,
    protocol: var::OTEL_EXPORTER_OTLP_PROTOCOL,
    headers: var::OTEL_EXPORTER_OTLP_HEADERS,
    timeout: var::OTEL_EXPORTER_OTLP_TIMEOUT,
    compression: var::OTEL_EXPORTER_OTLP_COMPRESSION,
    certificate: var::OTEL_EXPORTER_OTLP_CERTIFICATE,
    client_certificate: var::OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
    client_key: var::OTEL_EXPORTER_OTLP_CLIENT_KEY,
    insecure: var::OTEL_EXPORTER_OTLP_INSECURE,
};
const TRACES: Family = Family {
    endpoint: var::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    protocol: var::OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    headers: var::OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    timeout: var::OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
    compression: var::OTEL_EXPORTER_OTLP_TRACES_COMPRESSION,
    certificate: var::OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
    client_certificate: var::OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
    client_key: var::OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
    insecure: var::OTEL_EXPORTER_OTLP_TRACES_INSECURE,
};
const METRICS: Family = Family {
    endpoint: var::OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    protocol: var::OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
    headers: var::OTEL_EXPORTER_OTLP_METRICS_HEADERS,
    timeout: var::OTEL_EXPORTER_OTLP_METRICS_TIMEOUT,
    compression: var::OTEL_EXPORTER_OTLP_METRICS_COMPRESSION,
    certificate: var::OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE,
    client_certificate: var::OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE,
    client_key: var::OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY,
    insecure: var::OTEL_EXPORTER_OTLP_METRICS_INSECURE,
};

/// One signal while its settings are decided.
#[derive(Debug)]
pub(super) struct Signal {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// Variables of a signal that is off count as not set, so that nobody is warned in vain; code is
    /// checked all the same, and files are left alone.
    pub(super) on: bool,
    own: &'static Family,
}

impl Signal {
    pub(super) fn traces(on: bool) -> Self {
        Signal { name: "traces", path: "/v1/traces", on, own: &TRACES }
    }

    pub(super) fn metrics(on: bool) -> Self {
        Signal { name: "metrics", path: "/v1/metrics", on, own: &METRICS }
    }

    /// The signal's own variable.
    pub(super) fn own(&self, pick: impl Fn(&Family) -> Variable) -> Option<Variable> {
        self.on.then(|| pick(self.own))
    }

    /// The variable of all signals.
    pub(super) fn general(&self, pick: impl Fn(&Family) -> Variable) -> Option<Variable> {
        self.on.then(|| pick(&GENERAL))
    }

    /// A value from the signal's own variable, otherwise from the general one.
    pub(super) fn variable<T>(
        &self,
        findings: &mut Findings<'_>,
        pick: impl Fn(&Family) -> Variable,
        check: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Sourced<T>> {
        let own = self.own(&pick).and_then(|variable| findings.variable(variable, &check));
        let general = self.general(&pick).and_then(|variable| findings.variable(variable, &check));
        own.or(general)
    }

    /// A setting's name in the explanation.
    pub(super) fn setting(&self, name: &str) -> String {
        format!("otlp.{}.{name}", self.name)
    }
}
