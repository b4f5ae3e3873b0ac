//! A small OTLP/HTTP receiver: it takes spans, keeps so many of them, and shows them as trees.
//!
//! For looking at, not for keeping: no TLS, no gRPC, no metrics, nothing on disk.

mod span;
mod tree;

pub use span::Span;
pub use tree::tree;

use crate::body;
use crate::encoding::{DecodeProblem, Encoding};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Of a request's body as it comes; exporters send far less.
const MAX_PACKED: usize = 4 << 20;
/// Of what it holds.
const MAX_UNPACKED: usize = 32 << 20;
/// So many are kept; what comes later is refused, and its sender told so.
const MAX_SPANS: usize = 10_000;
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(20);

/// A listening receiver, on a free port of the loopback. Dropping it ends it.
///
/// # Examples
///
/// ```
/// use lightship_services::receiver::Receiver;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let receiver = Receiver::start().await?;
/// assert!(receiver.endpoint().starts_with("http://127.0.0.1:"));
/// assert!(receiver.spans().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    spans: Arc<Mutex<Vec<Span>>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// # Errors
    ///
    /// What the system says to a listener on the loopback.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let spans = Arc::new(Mutex::default());
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&spans));
        let serving = tokio::spawn(async move {
            // It ends with its task, never by itself.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Receiver { address, spans, serving })
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has arrived, in that order.
    pub fn spans(&self) -> Vec<Span> {
        lock(&self.spans).clone()
    }

    /// Waits until what has arrived is `enough`, but at most for `patience`; says whether it is.
    pub async fn wait_for(&self, patience: Duration, enough: impl Fn(&[Span]) -> bool) -> bool {
        let began = Instant::now();
        loop {
            if enough(&lock(&self.spans)) {
                return true;
            }
            if began.elapsed() > patience {
                return false;
            }
            tokio::time::sleep(TICK).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(spans: &Mutex<Vec<Span>>) -> std::sync::MutexGuard<'_, Vec<Span>> {
    spans.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(State(spans): State<Arc<Mutex<Vec<Span>>>>, request: Request) -> Response {
    let arrived = match read(request).await {
        Ok(arrived) => Span::all_of(&arrived),
        Err(status) => return status.into_response(),
    };
    let rejected = {
        let mut spans = lock(&spans);
        let room = MAX_SPANS.saturating_sub(spans.len());
        let rejected = arrived.len().saturating_sub(room);
        spans.extend(arrived.into_iter().take(room));
        rejected
    };
    let answer = ExportTraceServiceResponse {
        partial_success: (rejected > 0).then(|| ExportTracePartialSuccess {
            rejected_spans: rejected as i64,
            error_message: "this receiver is full".to_owned(),
        }),
    };
    ([(header::CONTENT_TYPE, "application/x-protobuf")], answer.encode_to_vec()).into_response()
}

/// The statuses are those that tell an exporter not to try again.
async fn read(request: Request) -> Result<ExportTraceServiceRequest, StatusCode> {
    let (parts, body) = request.into_parts();
    if body::media_type(&parts.headers).as_deref() != Some("application/x-protobuf") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let encoding = Encoding::of(&parts.headers).ok_or(StatusCode::UNSUPPORTED_MEDIA_TYPE)?;
    let packed = body::read(body, MAX_PACKED, BODY_TIMEOUT).await;
    let packed: Bytes = packed.map_err(|problem| match problem {
        body::BodyProblem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        body::BodyProblem::TimedOut | body::BodyProblem::Broken => StatusCode::BAD_REQUEST,
    })?;
    let unpacked = encoding.decode(&packed, MAX_UNPACKED).map_err(|problem| match problem {
        DecodeProblem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        DecodeProblem::Malformed => StatusCode::BAD_REQUEST,
    })?;
    ExportTraceServiceRequest::decode(unpacked.as_slice()).map_err(|_| StatusCode::BAD_REQUEST)
}
