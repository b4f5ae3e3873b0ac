//! Both services as processes of their own, and what others have of their common trace.

mod crowd;
mod failures;
mod gate;
mod logs;
mod page;
mod sampling;
mod tree;

use crate::shared::otlp::Span;
use crate::support::{Directory, PATIENCE, client, uploaded};
use lightship_services::receiver;
use lightship_services::seed::{Service, pdf};
use lightship_services::upload::Uploaded;
use std::process::Command;

const UPLOAD: &str = "upload-service";
const CLASSIFICATION: &str = "classification-service";
/// What nobody may find anywhere but in the directory of documents and its database.
const PERSON: &str = "Lovelace";

/// The variables that a service gets beside those that all have.
type Variables<'a> = &'a [(&'a str, &'a str)];
const METRICS_TOO: (&str, &str) = ("OTEL_METRICS_EXPORTER", "otlp,prometheus");

/// The two services.
struct Pair {
    upload: Service,
    classification: Service,
    directory: Directory,
}

impl Pair {
    /// With the same variables, and their telemetry at `endpoint`.
    async fn start(endpoint: &str, variables: Variables<'_>) -> Self {
        Pair::start_apart(endpoint, variables, variables).await
    }

    async fn start_apart(
        endpoint: &str,
        of_upload: Variables<'_>,
        of_other: Variables<'_>,
    ) -> Self {
        let classification = start_classification(endpoint, of_other).await;
        let url = classification.url().unwrap();
        let directory = Directory::new();
        let upload = start_upload(endpoint, &url, &directory, of_upload).await;
        Pair { upload, classification, directory }
    }

    /// Uploads an invoice of a person, whose name is in it and in its own.
    async fn upload(&self, headers: &[(&str, &str)]) -> Uploaded {
        uploaded(self.send(headers).await).await
    }

    /// The same, whatever comes of it.
    async fn send(&self, headers: &[(&str, &str)]) -> reqwest::Response {
        let request = client().post(format!("{}/documents/upload", self.upload.url().unwrap()));
        let request = request.header("content-type", "application/pdf");
        let mut request = request.header("x-filename", format!("{PERSON}.pdf"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(document()).send().await.unwrap()
    }

    /// Stops both, which send what they have.
    async fn stop(&mut self) {
        assert!(self.upload.stop(PATIENCE).await.unwrap());
        assert!(self.classification.stop(PATIENCE).await.unwrap());
    }

    /// The log lines of both.
    fn logs(&self) -> [Vec<String>; 2] {
        [self.upload.log(), self.classification.log()]
    }
}

fn document() -> Vec<u8> {
    pdf(&format!("the amount is due, Ada {PERSON}"))
}

async fn start_classification(endpoint: &str, variables: Variables<'_>) -> Service {
    Service::start(command("classification_service", endpoint, variables)).await.unwrap()
}

async fn start_upload(
    endpoint: &str,
    classification: &str,
    directory: &Directory,
    variables: Variables<'_>,
) -> Service {
    let mut upload = command("upload_service", endpoint, variables);
    upload.args(["--classification", classification, "--timeout", "60", "--directory"]);
    upload.arg(&directory.0);
    Service::start(upload).await.unwrap()
}

fn command(service: &str, endpoint: &str, variables: Variables<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightship-services"));
    command.env_clear().args([service, "--listen", "127.0.0.1:0"]);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_PROMETHEUS_PORT", "0")
        .env("DD_DOGSTATSD_DISABLE", "true")
        .env("LIGHTSHIP_LOG_FORMAT", "json")
        .envs(variables.iter().copied());
    command
}

fn service_of(span: &Span) -> &str {
    span.resource("service.name").and_then(|name| name.as_text()).unwrap_or_default()
}

/// The spans as a tree: services, names, kinds and statuses.
fn shape(spans: &[Span]) -> String {
    let flat = spans.iter().map(|span| receiver::Span {
        service: service_of(span).to_owned(),
        trace_id: span.trace_id.clone(),
        id: span.id.clone(),
        parent: span.parent.clone(),
        name: span.name.clone(),
        kind: format!("{}, {}", span.kind, span.status),
        start: span.start,
        end: span.end,
        ..receiver::Span::default()
    });
    receiver::tree(&flat.collect::<Vec<_>>(), |span| format!(" [{}]", span.kind))
}
