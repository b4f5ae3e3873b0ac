//! Both services as processes of their own: their spans, their metrics, their logs.

use crate::support::{Directory, PATIENCE, client, uploaded};
use lightship_services::receiver::{Receiver, Span, tree};
use lightship_services::seed::{Service, gzip, pdf};
use serde_json::Value;
use std::process::Command;

fn command(service: &str, receiver: &Receiver) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightship-services"));
    command.env_clear().args([service, "--listen", "127.0.0.1:0"]);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())
        .env("OTEL_EXPORTER_PROMETHEUS_PORT", "0")
        .env("DD_DOGSTATSD_DISABLE", "true");
    command
}

async fn start_upload(classification: &Service, receiver: &Receiver, to: &Directory) -> Service {
    let mut upload = command("upload_service", receiver);
    let url = classification.url().unwrap();
    upload.args(["--classification", &url]).arg("--directory").arg(&to.0);
    Service::start(upload).await.unwrap()
}

async fn upload(service: &Service, name: &str, body: Vec<u8>) -> reqwest::Response {
    let request = client().post(format!("{}/documents/upload", service.url().unwrap()));
    let request = request.header("content-type", "application/pdf").header("x-filename", name);
    request.header("content-encoding", "gzip").body(gzip(&body).unwrap()).send().await.unwrap()
}

fn lines(spans: &[Span]) -> String {
    let keys = [
        "http.response.status_code",
        "classification.label",
        "classification.model_version",
        "error.type",
    ];
    tree(spans, |span| {
        let shown = keys.map(|key| span.attribute(key).map(|value| format!(" {value}")));
        let error = if span.error.is_some() { " ERROR" } else { "" };
        format!(" [{}]{}{error}", span.kind, shown.into_iter().flatten().collect::<String>())
    })
}

#[tokio::test]
async fn what_they_tell_of_themselves() {
    let (receiver, directory) = (Receiver::start().await.unwrap(), Directory::new());
    let mut classification =
        Service::start(command("classification_service", &receiver)).await.unwrap();
    let mut service = start_upload(&classification, &receiver, &directory).await;
    let invoice = uploaded(upload(&service, "invoice.pdf", pdf("amount due")).await).await;
    assert_eq!(invoice.label, "invoice");
    assert_eq!(upload(&service, "page.pdf", b"<html>".to_vec()).await.status(), 422);
    classification.kill().unwrap();
    assert_eq!(uploaded(upload(&service, "a.pdf", pdf("amount")).await).await.label, "pending");

    let page = client().get(service.metrics_url().unwrap()).send().await.unwrap();
    let page = page.text().await.unwrap();
    for line in [
        "documents_uploaded_total{label=\"invoice\"} 1",
        "documents_uploaded_total{label=\"pending\"} 1",
        "documents_refused_total{code=\"not_a_pdf\"} 1",
        "documents_upload_size_bytes_count{encoding=\"gzip\"} 2",
        "classification_duration_seconds_count{outcome=\"answered\"} 1",
        "classification_duration_seconds_count{outcome=\"unreachable\"} 1",
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
    assert!(service.stop(PATIENCE).await.unwrap(), "it did not end in peace");

    let spans = receiver.spans();
    let ours: Vec<Span> = spans.into_iter().filter(|it| it.service == "upload-service").collect();
    assert_eq!(
        lines(&ours),
        "upload-service: POST /documents/upload [server] 201 invoice keywords-1\n\
         ├── upload-service: storage.put [internal]\n\
         ├── upload-service: HTTP POST /classify [client] 200\n\
         └── upload-service: INSERT documents [client]\n\
         upload-service: POST /documents/upload [server] 422\n\
         upload-service: POST /documents/upload [server] 201 pending pending\n\
         ├── upload-service: storage.put [internal]\n\
         ├── upload-service: HTTP POST /classify [client] connect ERROR\n\
         └── upload-service: INSERT documents [client]\n"
    );
    let log = service.log();
    let stored = log.iter().find(|line| line.contains("a document was stored")).unwrap();
    let stored: Value = serde_json::from_str(stored).unwrap();
    assert_eq!(stored["trace_id"].as_str(), Some(ours[0].trace_id.as_str()));
}

#[tokio::test]
async fn a_service_that_is_told_to_stop_sends_what_it_has() {
    let (receiver, directory) = (Receiver::start().await.unwrap(), Directory::new());
    let mut classification =
        Service::start(command("classification_service", &receiver)).await.unwrap();
    let mut service = start_upload(&classification, &receiver, &directory).await;
    uploaded(upload(&service, "report.pdf", pdf("a summary")).await).await;
    assert!(service.stop(PATIENCE).await.unwrap());
    assert!(classification.stop(PATIENCE).await.unwrap());
    assert_eq!(
        lines(&receiver.spans()),
        "upload-service: POST /documents/upload [server] 201 report keywords-1\n\
         ├── upload-service: storage.put [internal]\n\
         ├── upload-service: HTTP POST /classify [client] 200\n\
         │   └── classification-service: POST /classify [server] 200\n\
         │       └── classification-service: model.infer [internal]\n\
         └── upload-service: INSERT documents [client]\n"
    );
}

#[test]
fn arguments_that_are_not_understood_end_it() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightship-services"));
    let ended = command.args(["upload_service", "--port", "1"]).output().unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.starts_with("the argument \"--port\" is not understood\n"), "{said}");
}
