//! The keys that strict rules let pass without being asked: this crate and OpenTelemetry's conventions
//! give them, with values out of small sets.

/// Those that begin so.
const FAMILIES: &[&str] = &[
    "code.",
    "gen_ai.request.",
    "gen_ai.response.",
    "gen_ai.usage.",
    "lightship.",
    "otel.",
    "process.runtime.",
    "telemetry.",
    "thread.",
];

/// In order.
const KEYS: &[&str] = &[
    "busy_ns",
    "cloud.availability_zone",
    "cloud.platform",
    "cloud.provider",
    "cloud.region",
    "container.runtime",
    "db.namespace",
    "db.operation.name",
    "db.query.summary",
    "db.response.status_code",
    "db.system.name",
    "dd.span_id",
    "dd.trace_id",
    "deployment.environment",
    "deployment.environment.name",
    "direction",
    "env",
    "error.type",
    "error_type",
    "exception.type",
    "faas.trigger",
    "function",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.token.type",
    "host.arch",
    "http.method",
    "http.request.body.size",
    "http.request.method",
    "http.request.resend_count",
    "http.response.body.size",
    "http.response.status_code",
    "http.route",
    "http.status_code",
    "idle_ns",
    "level",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.system",
    "module",
    "name",
    "network.protocol.name",
    "network.protocol.version",
    "network.transport",
    "network.type",
    "os.type",
    "outcome",
    "request_id",
    "result",
    "rpc.method",
    "rpc.service",
    "rpc.system",
    "server.address",
    "server.port",
    "service",
    "service.name",
    "service.namespace",
    "service.version",
    "span.kind",
    "span_id",
    "status",
    "status_code",
    "target",
    "trace_id",
    "url.scheme",
    "url.template",
    "user_agent.name",
    "version",
];

pub(super) fn is_structural(key: &str) -> bool {
    KEYS.binary_search(&key).is_ok() || FAMILIES.iter().any(|family| key.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(KEYS.is_sorted());
        for key in KEYS {
            assert!(is_structural(key), "{key}");
        }
    }

    #[test]
    fn other_keys_are_not_on_it() {
        assert!(is_structural("code.lineno") && is_structural("thread.id"));
        for key in ["", "note", "http", "codes", "service.", "user.id", "exception.message"] {
            assert!(!is_structural(key), "{key}");
        }
    }
}
