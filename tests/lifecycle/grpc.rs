//! gRPC runs on crates that trace themselves, which must not become spans to be sent by gRPC.

use crate::{silent, turn};
use flate2::read::GzDecoder;
use http::{HeaderMap, Response};
use lightship::{Otlp, Protocol};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::subscriber::NoSubscriber;

const TIMEOUT: Duration = Duration::from_secs(10);

/// The names of the spans that came.
type Names = Arc<Mutex<Vec<String>>>;

/// Starts a collector in this process that accepts everything until the process ends.
/// What comes third hears of each connection that has ended.
fn collector(untraced: bool) -> (SocketAddr, Names, Receiver<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (address, names) = (listener.local_addr().unwrap(), Names::default());
    let seen = Arc::clone(&names);
    let (end, ended) = channel();
    std::thread::spawn(move || {
        let _untraced = untraced.then(|| tracing::subscriber::set_default(NoSubscriber::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let (served, end) = (serve(stream, Arc::clone(&seen)), end.clone());
                tokio::spawn(async move {
                    served.await;
                    let _ = end.send(());
                });
            }
        });
    });
    (address, names, ended)
}

async fn serve(stream: tokio::net::TcpStream, names: Names) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let names = Arc::clone(&names);
        tokio::spawn(async move {
            let mut body = request.into_body();
            let mut frame = Vec::new();
            while let Some(Ok(data)) = body.data().await {
                let _ = body.flow_control().release_capacity(data.len());
                frame.extend_from_slice(&data);
            }
            names.lock().unwrap().extend(read(&frame));
            let head = Response::builder().header("content-type", "application/grpc");
            let mut stream = respond.send_response(head.body(()).unwrap(), false).unwrap();
            // An empty message.
            stream.send_data(vec![0; 5].into(), false).unwrap();
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", 0.into());
            stream.send_trailers(trailers).unwrap();
        });
    }
}

fn read(frame: &[u8]) -> Vec<String> {
    let mut message = Vec::new();
    match frame[0] {
        0 => message.extend_from_slice(&frame[5..]),
        _ => drop(GzDecoder::new(&frame[5..]).read_to_end(&mut message).unwrap()),
    }
    let request = ExportTraceServiceRequest::decode(message.as_slice()).unwrap();
    let scopes = request.resource_spans.into_iter().flat_map(|part| part.scope_spans);
    scopes.flat_map(|scope| scope.spans).map(|span| span.name).collect()
}

fn one_span(filter: &str, untraced_collector: bool) -> Vec<String> {
    let (address, names, ended) = collector(untraced_collector);
    let otlp = Otlp::default().protocol(Protocol::Grpc).endpoint(format!("http://{address}"));
    let telemetry = silent().otlp(otlp).span_filter(filter).install().unwrap();
    tracing::info_span!("of the service").in_scope(|| {});
    // Twice, and with time between them: what an export makes is there for the next.
    for _ in 0..2 {
        assert!(telemetry.flush(TIMEOUT).is_complete());
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    // Else what this collector does at the end is traced by whoever is installed next.
    ended.recv_timeout(TIMEOUT).unwrap();
    let names = names.lock().unwrap();
    names.clone()
}

#[test]
fn exports_do_not_trace_themselves() {
    let _turn = turn();
    assert_eq!(one_span("trace", false), ["of the service"]);
    // Whoever asks for the carriers by name gets the host's use of them, and still not ours.
    let carriers = "trace,h2=trace,hyper=trace,hyper_util=trace,tonic=trace,tower=trace";
    assert_eq!(one_span(carriers, true), ["of the service"]);
}
