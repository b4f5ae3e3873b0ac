//! No variable reaches what we leave to other crates: `config` alone reads them.

use super::*;
use crate::other_process;
use opentelemetry::KeyValue;

const HOSTILE: &[(&str, &str)] = &[
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "::not an endpoint::"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[broken"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "content-encoding=br,content-type=text/plain,=,bad key=%zz"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
    ("OTEL_EXPORTER_OTLP_INSECURE", "maybe"),
    ("OTEL_TRACES_SAMPLER", "always_off"),
    ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
    ("OTEL_BSP_SCHEDULE_DELAY", "nonsense"),
    ("OTEL_SERVICE_NAME", "other"),
    ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,more=1"),
    ("OTEL_SDK_DISABLED", "true"),
];

#[test]
fn no_variable_of_the_sdk_changes_anything() {
    for compression in ["none", "gzip", "zstd", "brotli", "\u{fffd}"] {
        let test = "otlp::traces::tests::environment::in_a_hostile_environment";
        let output = other_process::of(test)
            .envs(HOSTILE.iter().copied())
            .env("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{compression}: {text}");
    }
}

#[test]
fn in_a_hostile_environment() {
    if !other_process::is_here() {
        return;
    }
    for gzip in [false, true] {
        let Bed { traces, tray, .. } = Bed::encoding(&settings(64, 16), gzip, Sampler::AlwaysOn);
        let mut span = traces.tracer().start("a");
        span.set_attribute(KeyValue::new("key", "value"));
        span.end();
        assert!(traces.shutdown(PATIENCE));
        let [request] = &tray.requests()[..] else { panic!("not one request") };
        assert_eq!(request.gzipped, gzip);
        let body = decode(request);
        let attributes = &body.resource_spans[0].resource.as_ref().unwrap().attributes;
        let expected = crate::otlp::resource::attributes(&resource());
        assert_eq!(attributes.len(), expected.len());
        assert_eq!(tray.spans()[0].attributes.len(), 1);
    }
}
