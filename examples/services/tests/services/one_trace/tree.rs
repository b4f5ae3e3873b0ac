//! The trace of an upload, as it arrives at backends that nobody here wrote.

use super::{CLASSIFICATION, PERSON, Pair, UPLOAD, document, service_of, shape};
use crate::shared::backends::{DdapmAgent, Jaeger};
use crate::shared::otlp::{FakeCollector, Span, Value};
use crate::support::{PATIENCE, client};
use lightship_services::classification::MODEL_VERSION;

const TREE: &str = "\
upload-service: POST /documents/upload [server, unset]
├── upload-service: storage.put [internal, unset]
├── upload-service: HTTP POST /classify [client, unset]
│   └── classification-service: POST /classify [server, unset]
│       └── classification-service: model.infer [internal, unset]
└── upload-service: INSERT documents [client, unset]
";
const PENDING: &str = "\
upload-service: POST /documents/upload [server, unset]
├── upload-service: storage.put [internal, unset]
├── upload-service: HTTP POST /classify [client, error]
└── upload-service: INSERT documents [client, unset]
";

/// Starts the services, uploads, and stops them.
async fn upload_once(endpoint: &str, protocol: &str) {
    let mut pair = Pair::start(endpoint, &[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]).await;
    // Which is no part of any trace, nor one of its own.
    for service in [&pair.upload, &pair.classification] {
        let health = client().get(format!("{}/health", service.url().unwrap())).send().await;
        assert_eq!(health.unwrap().status(), 200);
    }
    assert_eq!(pair.upload(&[]).await.label, "invoice");
    pair.stop().await;
}

fn is_whole(spans: &[Span]) -> bool {
    spans.len() >= TREE.lines().count()
}

#[tokio::test]
async fn as_any_collector_has_it() {
    let collector = FakeCollector::start();
    upload_once(&collector.endpoint(), "http/protobuf").await;
    is_the_seed(&collector.wait_for_spans(6));
}

#[tokio::test]
async fn as_datadogs_agent_has_it_over_http() {
    let Some(agent) = DdapmAgent::start() else { return };
    agent.start_session("seed");
    upload_once(&format!("http://{}", agent.otlp_http()), "http/protobuf").await;
    is_the_seed(&agent.traces_until("seed", PATIENCE, is_whole).unwrap());
}

#[cfg(feature = "grpc")]
#[tokio::test]
async fn as_datadogs_agent_has_it_over_grpc() {
    let Some(agent) = DdapmAgent::start() else { return };
    agent.start_session("seed");
    upload_once(&format!("http://{}", agent.otlp_grpc()), "grpc").await;
    is_the_seed(&agent.traces_until("seed", PATIENCE, is_whole).unwrap());
}

#[tokio::test]
async fn as_jaeger_has_it() {
    let Some(jaeger) = Jaeger::start() else { return };
    upload_once(&format!("http://{}", jaeger.otlp_http()), "http/protobuf").await;
    let of_upload = jaeger.traces_until(UPLOAD, PATIENCE, is_whole).unwrap();
    is_the_seed(&of_upload);
    // Whichever of the two somebody looks for.
    assert_eq!(shape(&jaeger.traces(CLASSIFICATION).unwrap()), TREE);
}

#[tokio::test]
async fn without_classification_it_is_pending() {
    let collector = FakeCollector::start();
    let mut pair = Pair::start(&collector.endpoint(), &[]).await;
    pair.classification.kill().unwrap();
    assert_eq!(pair.upload(&[]).await.label, "pending");
    assert!(pair.upload.stop(PATIENCE).await.unwrap());
    let spans = collector.wait_for_spans(4);
    assert_eq!(shape(&spans), PENDING);
    has(&spans, "POST /documents/upload", &[("http.response.status_code", 201_i64.into())]);
    for key in ["classification.label", "classification.model_version"] {
        has(&spans, "POST /documents/upload", &[(key, "pending".into())]);
    }
    has(&spans, "HTTP POST /classify", &[("error.type", "connect".into())]);
    assert_eq!(named(&spans, "POST /documents/upload").attribute("error.type"), None);
    says_nothing_personal(&spans);
}

/// # Panics
///
/// If these are not the spans of one upload, with everything that there is to say.
fn is_the_seed(spans: &[Span]) {
    assert_eq!(shape(spans), TREE);
    let trace = &spans[0].trace_id;
    assert!(spans.iter().all(|span| span.trace_id == *trace), "{spans:#?}");
    for span in spans {
        let scopes = [UPLOAD, CLASSIFICATION];
        assert!(scopes.contains(&service_of(span)) && span.end >= span.start, "{span:#?}");
        assert_eq!((span.status_message.as_str(), span.attribute("error.type")), ("", None));
    }
    let request = |path: &str| {
        vec![
            ("http.request.method", "POST".into()),
            ("http.route", path.into()),
            ("http.response.status_code", Value::Int(if path == "/classify" { 200 } else { 201 })),
            ("url.path", path.into()),
            ("url.scheme", "http".into()),
            ("network.protocol.version", "1.1".into()),
            ("server.address", "127.0.0.1".into()),
        ]
    };
    has(spans, "POST /documents/upload", &request("/documents/upload"));
    has(spans, "POST /classify", &request("/classify"));
    let size = Value::Int(document().len() as i64);
    let labels = [
        ("classification.label", "invoice".into()),
        ("classification.model_version", MODEL_VERSION.into()),
        ("http.request.body.size", size.clone()),
    ];
    has(spans, "POST /documents/upload", &labels);
    has(spans, "storage.put", &[("document.size", size)]);
    has(spans, "model.infer", &[("model.version", MODEL_VERSION.into())]);
    let call = [
        ("http.request.method", "POST".into()),
        ("http.response.status_code", Value::Int(200)),
        ("url.template", "/classify".into()),
        ("server.address", "127.0.0.1".into()),
    ];
    has(spans, "HTTP POST /classify", &call);
    let asked = named(spans, "HTTP POST /classify").attribute("server.port");
    assert!(asked.is_some() && asked == named(spans, "POST /classify").attribute("server.port"));
    let insert = [
        ("db.system.name", "sqlite".into()),
        ("db.namespace", "documents.sqlite".into()),
        ("db.query.summary", "INSERT documents".into()),
        (
            "db.query.text",
            "INSERT INTO documents (id, file_name, size, label, model_version) \
             VALUES (?, ?, ?, ?, ?)"
                .into(),
        ),
    ];
    has(spans, "INSERT documents", &insert);
    says_nothing_personal(spans);
}

pub(super) fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}: {spans:#?}"))
}

pub(super) fn has(spans: &[Span], name: &str, attributes: &[(&str, Value)]) {
    let span = named(spans, name);
    for (key, value) in attributes {
        assert_eq!(span.attribute(key), Some(value), "{key} of {span:#?}");
    }
}

/// Neither of the person nor of where the documents are.
pub(super) fn says_nothing_personal(spans: &[Span]) {
    let said = |span: &Span| {
        format!("{} {:?} {:?} {}", span.name, span.attributes, span.events, span.status_message)
    };
    let all = spans.iter().map(said).collect::<String>();
    assert!(!all.contains(PERSON) && !all.contains(".pdf"), "{spans:#?}");
    let temporary = std::env::temp_dir();
    assert!(!all.contains(&*temporary.to_string_lossy()), "{spans:#?}");
}
