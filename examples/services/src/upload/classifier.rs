//! The classification service, as seen from here: asked once, and done without if need be.

use super::Config;
use super::document::{Document, DocumentId};
use crate::classification::{Classification, ClassifyRequest};
use axum::http::StatusCode;
use lightship::http::reqwest::ObservedRequest;
use lightship::{detail, timer};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use std::time::Instant;
use tracing::warn;

/// An answer that is longer is none of that service.
const MAX_ANSWER: usize = 16 << 10;

/// A client of the classification service.
#[derive(Debug)]
pub(crate) struct Classifier {
    client: Client,
    url: Url,
}

/// Why there is no answer; all of them leave a document `pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Nobody listens there, or the connection broke.
    Unreachable,
    TimedOut,
    /// Another status than 200.
    Refused(StatusCode),
    /// What came is no classification.
    Nonsense,
}

impl Unanswered {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Unanswered::Unreachable => "unreachable",
            Unanswered::TimedOut => "timed_out",
            Unanswered::Refused(_) => "refused",
            Unanswered::Nonsense => "nonsense",
        }
    }
}

impl Classifier {
    /// # Errors
    ///
    /// If the URL is none.
    pub(crate) fn new(config: &Config) -> Result<Self, super::StartError> {
        let url = format!("{}/classify", config.classification_url.trim_end_matches('/'));
        let url = Url::parse(&url).ok().filter(|url| url.scheme() == "http");
        let url = url.ok_or(super::StartError::ClassificationUrl)?;
        // A service inside: no proxy stands between, and nobody sends us elsewhere.
        let client = Client::builder().no_proxy().redirect(Policy::none());
        // From connecting to the last byte of the answer.
        let client = client.timeout(config.classification_timeout).build();
        let client = client.map_err(super::StartError::Client)?;
        Ok(Classifier { client, url })
    }

    /// What the document is, if the service knows and says so in time.
    pub(crate) async fn classify(
        &self,
        id: &DocumentId,
        document: &Document,
    ) -> Result<Classification, Unanswered> {
        let question = ClassifyRequest {
            document_id: id.as_str().to_owned(),
            file_name: document.name.as_str().to_owned(),
            size: document.bytes.len() as u64,
            excerpt: document.excerpt(),
        };
        let began = Instant::now();
        let answer = self.ask(&question).await;
        let outcome = answer.as_ref().map_or_else(|problem| problem.name(), |_| "answered");
        let timer = timer!("classification.duration", "outcome" => outcome);
        timer.handle().record(began.elapsed());
        if let Err(problem) = &answer {
            warn!(outcome, ?problem, document.id = %id, "classification is pending");
        }
        answer
    }

    async fn ask(&self, question: &ClassifyRequest) -> Result<Classification, Unanswered> {
        let body = serde_json::to_vec(question).map_err(|_| Unanswered::Nonsense)?;
        let response = self.send(body).await?;
        if response.status() != StatusCode::OK {
            return Err(Unanswered::Refused(response.status()));
        }
        let body = read(response).await?;
        let answer: Result<Classification, _> = serde_json::from_slice(&body);
        answer.ok().filter(Classification::is_plausible).ok_or(Unanswered::Nonsense)
    }

    /// The one place where a request leaves this service.
    async fn send(&self, body: Vec<u8>) -> Result<Response, Unanswered> {
        let request = self.client.post(self.url.clone()).header("content-type", "application/json");
        let request = request.body(body).observed().name("HTTP POST /classify");
        request.template("/classify").send().await.map_err(|error| Unanswered::from(&error))
    }
}

impl From<&reqwest::Error> for Unanswered {
    fn from(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Unanswered::TimedOut } else { Unanswered::Unreachable }
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Unanswered> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| Unanswered::from(&error))? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(Unanswered::Nonsense);
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// Puts the answer onto the span of the request: `pending` where there is none.
pub(crate) fn record(answer: &Result<Classification, Unanswered>) -> (&str, &str) {
    let pending = ("pending", "pending");
    let seen = answer.as_ref().map_or(pending, |it| (it.label.name(), it.model_version.as_str()));
    detail("classification.label", seen.0);
    detail("classification.model_version", seen.1);
    seen
}
