//! OTLP over gRPC, on a Tokio runtime that nobody else knows of.
//!
//! The runtime turns only while a request is under way, on the transport's thread; a host's own
//! runtime, of whatever kind, is never touched.

use super::connect::Unconnected;
use super::grpc_call::call;
use super::place::Place;
use super::{Patience, Wire, fault, status, tls};
use crate::config::settings::{OtlpEndpoint, OtlpTarget};
use crate::otlp::answer::{RpcStatus, Verdict, Wait, partial_success};
use crate::otlp::request::Request;
use bytes::Bytes;
use prost::Message;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, ConnectError};

/// As for HTTP; besides, nobody answers a server's pings while nothing is sent.
const MAX_IDLE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Grpc {
    target: OtlpTarget,
    place: Place,
    runtime: Option<Runtime>,
    kept: Option<(Channel, Instant)>,
}

impl Grpc {
    pub(super) fn new(target: &OtlpTarget) -> Self {
        Grpc { target: target.clone(), place: Place::new(target), runtime: None, kept: None }
    }

    async fn try_once(&mut self, request: &Request, patience: &Patience) -> Verdict {
        let channel = match self.channel(patience).await {
            Ok(channel) => channel,
            Err(reason) => return Verdict::NotTaken { reason, wait: Wait::Nobody },
        };
        let call = call(channel.clone(), &self.target, request);
        match patiently(patience, call).await {
            None => {
                let reason = format!("{} did not answer in time", self.place.name);
                Verdict::Unknown { reason }
            }
            Some(Ok(answer)) => {
                self.kept = Some((channel, Instant::now()));
                accepted(&answer, request, &self.place)
            }
            Some(Err(status)) if status.source().is_some() => self.unanswered(&status),
            Some(Err(status)) => {
                self.kept = Some((channel, Instant::now()));
                judge(&status, &self.place)
            }
        }
    }

    async fn channel(&mut self, patience: &Patience) -> Result<Channel, String> {
        if let Some((channel, used)) = self.kept.take()
            && used.elapsed() < MAX_IDLE
        {
            // Lets the connection notice that it was closed meanwhile.
            tokio::time::sleep(Duration::from_millis(1)).await;
            return Ok(channel);
        }
        let endpoint = self.endpoint()?;
        match patiently(patience, endpoint.connect()).await {
            Some(Ok(channel)) => Ok(channel),
            Some(Err(error)) => Err(self.unconnected(&error)),
            None => {
                let late = Unconnected::Connect(io::ErrorKind::TimedOut.into());
                Err(fault::unconnected(&late, &self.place, &self.target.endpoint))
            }
        }
    }

    fn endpoint(&self) -> Result<Endpoint, String> {
        let name = &self.place.name;
        let (uri, encrypted) = match &self.target.endpoint {
            OtlpEndpoint::Tcp { tls: true, .. } => (format!("https://{name}"), true),
            OtlpEndpoint::Tcp { tls: false, .. } => (format!("http://{name}"), false),
            OtlpEndpoint::Unix { .. } => (format!("unix://{name}"), false),
        };
        let no_address = |error| format!("{name} is no address for gRPC ({error})");
        let agent = concat!("lightship/", env!("CARGO_PKG_VERSION"));
        let endpoint = Endpoint::from_shared(uri)
            .and_then(|endpoint| endpoint.user_agent(agent))
            .map_err(no_address)?;
        if !encrypted {
            return Ok(endpoint);
        }
        // Says what is wrong with the certificates in words of ours.
        tls::client(&self.target.tls)?;
        let roots = tls::roots(&self.target.tls)?.roots;
        let mut config = ClientTlsConfig::new().trust_anchors(roots);
        if let Some((chain, key)) = &self.target.tls.identity {
            config = config.identity(tonic::transport::Identity::from_pem(chain, key.expose()));
        }
        endpoint.tls_config(config).map_err(|error| format!("TLS with {name} ({error})"))
    }

    /// The request did not get an answer from gRPC's point of view.
    fn unanswered(&self, status: &tonic::Status) -> Verdict {
        let mut causes = causes(status);
        if causes.any(|cause| cause.is::<ConnectError>()) {
            return Verdict::NotTaken { reason: self.unconnected(status), wait: Wait::Nobody };
        }
        let deepest = self::causes(status).last().map(ToString::to_string).unwrap_or_default();
        let (name, why) = (&self.place.name, self.place.quote(&deepest));
        let reason = format!(
            "{name} did not answer in gRPC ({why}); is it a port for gRPC? Set {} or \
             OTEL_EXPORTER_OTLP_PROTOCOL",
            fault::ENDPOINT
        );
        Verdict::Unknown { reason }
    }

    fn unconnected(&self, error: &(dyn Error + 'static)) -> String {
        let is_lookup = causes(error).any(|cause| cause.to_string().contains("dns error"));
        let io = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
        match io {
            Some(io) if io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                fault::handshake(io, &self.place)
            }
            Some(io) => {
                let io = io.raw_os_error().map_or_else(
                    || io::Error::new(io.kind(), io.to_string()),
                    io::Error::from_raw_os_error,
                );
                let why = match is_lookup {
                    true => Unconnected::Lookup(io),
                    false => Unconnected::Connect(io),
                };
                fault::unconnected(&why, &self.place, &self.target.endpoint)
            }
            None => {
                let deepest = causes(error).last().map(ToString::to_string).unwrap_or_default();
                let why = Unconnected::Connect(io::Error::other(self.place.quote(&deepest)));
                fault::unconnected(&why, &self.place, &self.target.endpoint)
            }
        }
    }
}

impl Wire for Grpc {
    fn send(&mut self, request: &Request, _: &str, patience: &Patience) -> Verdict {
        let runtime = match self.runtime.take().map_or_else(runtime, Ok) {
            Ok(runtime) => runtime,
            Err(error) => {
                let reason = format!("gRPC has no runtime ({error})");
                return Verdict::NotTaken { reason, wait: Wait::Nobody };
            }
        };
        let verdict = runtime.block_on(self.try_once(request, patience));
        self.runtime = Some(runtime);
        verdict
    }
}

impl Drop for Grpc {
    fn drop(&mut self) {
        self.kept = None;
        if let Some(runtime) = self.runtime.take() {
            // A name that is being looked up holds nobody.
            runtime.shutdown_background();
        }
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .thread_name("lightship-lookup")
        .on_thread_start(crate::quiet::this_thread)
        .build()
}

async fn patiently<T>(patience: &Patience, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    loop {
        let slice = patience.slice()?;
        if let Ok(result) = tokio::time::timeout(slice, future.as_mut()).await {
            return Some(result);
        }
    }
}

fn accepted(answer: &Bytes, request: &Request, place: &Place) -> Verdict {
    let (rejected, remark) = match partial_success(request.signal, answer) {
        Ok((rejected, message)) => {
            let told = status::remark(rejected.min(request.items), request.items, &message, place);
            (rejected, told)
        }
        Err(_) => {
            let name = &place.name;
            (0, Some(format!("{name} accepted, but its answer is not one of an OTLP endpoint")))
        }
    };
    Verdict::Accepted { rejected, remark }
}

/// What a collector's own status means.
fn judge(status: &tonic::Status, place: &Place) -> Verdict {
    let said = place.quote(status.message());
    let said = if said.is_empty() { said } else { format!(": {said}") };
    let answered = format!("{} answered {:?}{said}", place.name, status.code());
    let delay = RpcStatus::decode(status.details()).ok().and_then(|status| status.retry_delay());
    let mend = match status.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::Cancelled
        | Code::Aborted
        | Code::OutOfRange
        | Code::DataLoss => return later(answered, delay),
        Code::ResourceExhausted if delay.is_some() => return later(answered, delay),
        Code::ResourceExhausted => {
            "let the collector take more at once, or send smaller requests \
             (OTEL_BSP_MAX_EXPORT_BATCH_SIZE)"
        }
        Code::Unauthenticated | Code::PermissionDenied => {
            "set the right credentials in OTEL_EXPORTER_OTLP_HEADERS"
        }
        Code::Unimplemented => "nothing takes OTLP there: set OTEL_EXPORTER_OTLP_ENDPOINT",
        _ => "see the log of the collector, or set OTEL_EXPORTER_OTLP_ENDPOINT",
    };
    Verdict::Refused { reason: format!("{answered}; {mend}") }
}

fn later(answered: String, delay: Option<Duration>) -> Verdict {
    let wait = delay.map_or(Wait::Later, Wait::For);
    Verdict::NotTaken { reason: format!("{answered}, to be tried again"), wait }
}

/// The error itself and all that is behind it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
