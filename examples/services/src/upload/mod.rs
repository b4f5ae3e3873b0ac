//! `POST /documents/upload`: a PDF comes in, is stored, classified and written down.
//!
//! A request is a PDF as the body, with the headers
//!
//! - `Content-Type: application/pdf`,
//! - `X-Filename`: a [`FileName`], percent-encoded where it is no ASCII,
//! - `Content-Encoding`, if the body is packed: `gzip` or `zstd`.
//!
//! The answer is 201 with an [`Uploaded`], or a [`Refusal`](crate::answer::Refusal):
//!
//! | status | codes |
//! |---|---|
//! | 400 | `missing_file_name`, `malformed_encoding`, `body_broken` |
//! | 408 | `body_timed_out` |
//! | 413 | `too_large` |
//! | 415 | `unsupported_media_type`, `unsupported_encoding` |
//! | 422 | `invalid_file_name`, `empty`, `not_a_pdf` |
//! | 500 | `storage_failed`, `database_failed`, `no_randomness`, `task_failed` |
//! | 503 | `busy`, `database_busy` |
//! | 507 | `storage_full` |

mod classifier;
mod config;
mod database;
mod document;
mod error;
mod file_name;
mod start_error;
mod storage;

pub use config::Config;
pub use document::FILE_NAME_HEADER;
pub use file_name::{FileName, FileNameProblem, MAX_LENGTH};
pub use start_error::StartError;

use crate::answer::{health, json, method_not_allowed, not_found};
use crate::server;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use classifier::Classifier;
use database::Documents;
use document::{Document, DocumentId};
use error::UploadError;
use lightship::http::ServerLayer;
use lightship::{Unit, counter, describe_counter, describe_histogram, histogram};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::Arc;
use storage::Storage;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::info;

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What kind of document it is; `pending` if classification did not say.
    pub label: String,
    /// Who says so; `pending` likewise.
    pub model_version: String,
}

#[derive(Debug)]
struct Service {
    config: Config,
    turns: Semaphore,
    storage: Storage,
    classifier: Classifier,
    documents: Documents,
}

/// Serves uploads until `shutdown` ends, and then what is under way to its end.
///
/// # Errors
///
/// [`StartError`], where the directory, the database or the URL are not what they should be.
///
/// # Examples
///
/// ```no_run
/// use lightship_services::upload::{Config, serve};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let shutdown = async { drop(tokio::signal::ctrl_c().await) };
/// serve(Config::new("documents", "http://127.0.0.1:8081"), listener, shutdown).await?;
/// # Ok(())
/// # }
/// ```
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    describe();
    let drain = config.drain_timeout;
    let service = Arc::new(Service::open(config).await?);
    let served = server::run(listener, router(Arc::clone(&service)), shutdown, drain).await;
    service.documents.close().await;
    served.map_err(StartError::Listener)
}

fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/documents/upload", post(answer))
        .route("/health", get(health))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(ServerLayer::new().skip(["/health"]))
        .with_state(service)
}

fn describe() {
    describe_counter!("documents.uploaded", "Documents that were stored.");
    describe_counter!("documents.refused", "Uploads that were refused or failed.");
    describe_histogram!("documents.upload_size", Unit::Bytes, "Sizes of stored documents.");
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    match service.upload(request).await {
        Ok(uploaded) => json(StatusCode::CREATED, &uploaded),
        Err(error) => {
            error.report();
            error.into_response()
        }
    }
}

impl Service {
    async fn open(config: Config) -> Result<Self, StartError> {
        let classifier = Classifier::new(&config)?;
        let storage = Storage::open(&config.directory).map_err(StartError::Directory)?;
        let documents = Documents::open(&config).await.map_err(StartError::Database)?;
        let turns = Semaphore::new(config.max_at_once);
        Ok(Service { config, turns, storage, classifier, documents })
    }

    async fn upload(&self, request: Request) -> Result<Uploaded, UploadError> {
        let _turn = self.turn().await?;
        let document = Document::read(request, &self.config).await?;
        let id = DocumentId::random()?;
        let mut stored = self.storage.put(&id, &document).await?;
        let classification = self.classifier.classify(&id, &document).await;
        let (label, model_version) = classifier::record(&classification);
        // Should the client go now, better a file without a row than a row without its file.
        stored.keep();
        if let Err(error) = self.documents.insert(&id, &document, (label, model_version)).await {
            stored.remove();
            return Err(error);
        }
        counter!("documents.uploaded", "label" => label).increment(1);
        let encoding = document.encoding.name();
        histogram!("documents.upload_size", "encoding" => encoding).record(document.bytes.len());
        info!(document.id = %id, label, "a document was stored");
        let (label, model_version) = (label.to_owned(), model_version.to_owned());
        Ok(Uploaded { id: id.as_str().to_owned(), label, model_version })
    }

    /// So that no crowd fills the memory: whoever waits too long is sent away.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, UploadError> {
        let turn = tokio::time::timeout(self.config.turn_timeout, self.turns.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or(UploadError::Busy)
    }
}
