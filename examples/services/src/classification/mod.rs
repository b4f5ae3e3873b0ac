//! `POST /classify`: says what kind of document something is.
//!
//! A request is a [`ClassifyRequest`] in JSON; the answer is 200 with a [`Classification`], or a
//! [`Refusal`](crate::answer::Refusal):
//!
//! | status | codes |
//! |---|---|
//! | 400 | `invalid_json`, `body_broken` |
//! | 408 | `body_timed_out` |
//! | 413 | `too_large` |
//! | 415 | `unsupported_media_type` |
//! | 422 | `invalid_field` |

mod api;
mod error;
mod model;

pub use api::{Classification, ClassifyRequest, Label, MAX_EXCERPT};
pub use model::MODEL_VERSION;

use crate::answer::{health, json, method_not_allowed, not_found};
use crate::{body, server};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use error::ClassifyError;
use lightship::http::ServerLayer;
use lightship::{counter, describe_counter};
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tracing::info;

/// The settings of the classification service.
///
/// # Examples
///
/// ```
/// use lightship_services::classification::Config;
///
/// assert_eq!(Config::default().max_bytes, 32 * 1024);
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    /// Of a request's body.
    pub max_bytes: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// What is under way has this long to end, after the service was told to stop.
    pub drain_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let (body_timeout, drain_timeout) = (Duration::from_secs(5), Duration::from_secs(5));
        Config { max_bytes: 32 << 10, body_timeout, drain_timeout }
    }
}

/// Serves classifications until `shutdown` ends, and then what is under way to its end.
///
/// # Errors
///
/// What the listener says.
///
/// # Examples
///
/// ```no_run
/// use lightship_services::classification::{Config, serve};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
/// serve(Config::default(), listener, async { drop(tokio::signal::ctrl_c().await) }).await?;
/// # Ok(())
/// # }
/// ```
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    describe_counter!("documents.classified", "Documents that were given a label.");
    let drain = config.drain_timeout;
    server::run(listener, router(config), shutdown, drain).await
}

fn router(config: Config) -> Router {
    Router::new()
        .route("/classify", post(answer))
        .route("/health", get(health))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(ServerLayer::new().skip(["/health"]))
        .with_state(config)
}

async fn answer(State(config): State<Config>, request: Request) -> Response {
    match read(&config, request).await {
        Ok(question) => {
            let classification = model::infer(&question).await;
            let label = classification.label.name();
            counter!("documents.classified", "label" => label).increment(1);
            info!(document.id = question.document_id, label, "a document was classified");
            json(StatusCode::OK, &classification)
        }
        Err(error) => {
            info!(%error, "a request was refused");
            error.into_response()
        }
    }
}

async fn read(config: &Config, request: Request) -> Result<ClassifyRequest, ClassifyError> {
    let (parts, body) = request.into_parts();
    if body::media_type(&parts.headers).as_deref() != Some("application/json") {
        return Err(ClassifyError::UnsupportedMediaType);
    }
    if body::is_announced_too_large(&parts.headers, config.max_bytes) {
        return Err(ClassifyError::Body(body::BodyProblem::TooLarge));
    }
    let body = body::read(body, config.max_bytes, config.body_timeout).await;
    let body = body.map_err(ClassifyError::Body)?;
    let question: ClassifyRequest =
        serde_json::from_slice(&body).map_err(|_| ClassifyError::InvalidJson)?;
    question.invalid_field().map_or(Ok(question), |field| Err(ClassifyError::InvalidField(field)))
}
