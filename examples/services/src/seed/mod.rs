//! Both services at work: some uploads, and their traces as they arrived.

mod child;
mod jaeger;
mod pdf;
mod show;

pub use child::{LISTENING_AT, METRICS_AT, Service};
pub use pdf::{gzip, pdf, zstd};

use crate::receiver::Receiver;
use crate::upload::FILE_NAME_HEADER;
use jaeger::Jaeger;
use reqwest::Client;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Something to upload.
struct Upload {
    what: &'static str,
    name: &'static str,
    encoding: Option<&'static str>,
    body: Vec<u8>,
}

/// Starts both services on free loopback ports, uploads everything `rounds` times, and prints what
/// became of it: the traces, or where Jaeger shows them if it is there and `print` does not say
/// otherwise.
///
/// # Errors
///
/// If a service does not start, or an upload is not answered.
pub async fn run(rounds: usize, print: bool) -> Result<(), Box<dyn Error>> {
    let jaeger = if print { None } else { Jaeger::find().await };
    let receiver = Receiver::start().await?;
    let endpoint = jaeger.as_ref().map_or_else(|| receiver.endpoint(), Jaeger::endpoint);
    let directory = Directory::new()?;

    let program = std::env::current_exe()?;
    let mut classification =
        Service::start(command(&program, "classification_service", &endpoint)).await?;
    let mut upload = command(&program, "upload_service", &endpoint);
    upload.args(["--classification", &classification.url().unwrap_or_default(), "--directory"]);
    upload.arg(&directory.0);
    let mut upload = Service::start(upload).await?;

    println!("== Uploads ==\n");
    let client = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
    let url = format!("{}/documents/upload", upload.url().unwrap_or_default());
    for _ in 0..rounds {
        for it in uploads()? {
            send(&client, &url, it).await?;
        }
    }
    // Stopped in peace, for a service that is killed takes along the spans that it has not sent.
    classification.stop(TIMEOUT).await?;
    let last = pdf("Dear reader, classification is gone. Yours");
    let what = "with classification stopped";
    send(&client, &url, Upload { what, name: "letter.pdf", encoding: None, body: last }).await?;

    upload.stop(TIMEOUT).await?;
    let traces = show::traces_of(&upload.log());
    match jaeger {
        Some(jaeger) => {
            let classified = show::traces_of(&classification.log());
            let services = |trace: &String| match classified.contains(trace) {
                true => vec!["upload-service", "classification-service"],
                false => vec!["upload-service"],
            };
            show::links(&jaeger, &traces, services).await;
        }
        None => show::trees(&receiver, &traces).await,
    }
    Ok(())
}

fn uploads() -> std::io::Result<[Upload; 4]> {
    let invoice = pdf("Invoice 17: the amount due is 12, payment within 14 days");
    let report = pdf("Summary of the quarter: results and analysis");
    let contract = pdf("This agreement binds both parties to each clause");
    Ok([
        Upload { what: "plain", name: "invoice.pdf", encoding: None, body: invoice },
        Upload { what: "gzip", name: "r.pdf", encoding: Some("gzip"), body: gzip(&report)? },
        Upload { what: "zstd", name: "c.pdf", encoding: Some("zstd"), body: zstd(&contract)? },
        Upload { what: "no PDF", name: "page.pdf", encoding: None, body: b"<html>".to_vec() },
    ])
}

async fn send(client: &Client, url: &str, upload: Upload) -> reqwest::Result<()> {
    let mut request = client.post(url).header("content-type", "application/pdf");
    request = request.header(FILE_NAME_HEADER, upload.name);
    if let Some(encoding) = upload.encoding {
        request = request.header("content-encoding", encoding);
    }
    let answer = request.body(upload.body).send().await?;
    println!("{:<28} {} {}", upload.what, answer.status().as_u16(), answer.text().await?);
    Ok(())
}

/// One of this program's services, with its telemetry at `endpoint` and no fixed ports.
fn command(program: &Path, service: &str, endpoint: &str) -> Command {
    let mut command = Command::new(program);
    command
        .args([service, "--listen", "127.0.0.1:0"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_TRACES_SAMPLER", "always_on")
        .env("OTEL_EXPORTER_PROMETHEUS_PORT", "0")
        .env("DD_DOGSTATSD_DISABLE", "true")
        .env("LIGHTSHIP_LOG_FORMAT", "json")
        .env("RUST_LOG", "info");
    command
}

/// A directory of this run, which goes with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> std::io::Result<Self> {
        let name = format!("lightship-seed-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Directory(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What stays is small.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
