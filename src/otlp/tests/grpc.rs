//! gRPC, against a server of bare HTTP/2.

use super::tls::{CA, CERTIFICATE, KEY};
use super::*;
use crate::otlp::request::Outcome;
use http::{HeaderMap, Response};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

#[derive(Debug, Clone)]
enum Act {
    /// A message, and the status 0.
    Answer(Vec<u8>),
    /// A status, its message, and its details.
    Status(u32, &'static str, Vec<u8>),
    /// An HTTP status of one who does not know gRPC.
    Http(u16),
    Hang,
    Hangup,
}

#[derive(Debug, Clone)]
struct Seen {
    path: String,
    headers: HeaderMap,
    /// The frame as it came: whether it is compressed, and the message.
    compressed: bool,
    message: Vec<u8>,
}

type Script = Arc<dyn Fn(usize) -> Act + Send + Sync>;

/// Serves until it is dropped.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

enum Listener {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

impl Server {
    fn new(script: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), script)
    }

    fn at(address: SocketAddr, script: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind(address).unwrap();
        Self::start(Listener::Tcp(listener), None, Arc::new(script))
    }

    fn tls(script: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self::start(Listener::Tcp(listener), Some(Arc::new(config)), Arc::new(script))
    }

    fn start(listener: Listener, tls: Option<Arc<rustls::ServerConfig>>, script: Script) -> Self {
        let address = match &listener {
            Listener::Tcp(listener) => listener.local_addr().unwrap(),
            Listener::Unix(_) => "127.0.0.1:0".parse().unwrap(),
        };
        let (seen, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (all, end) = (Arc::clone(&seen), Arc::clone(&over));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.unwrap();
            runtime.spawn(accept(listener, tls, script, all));
            runtime.block_on(async {
                while !end.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
        });
        Server { address, seen, over, thread: Some(thread) }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

async fn accept(
    listener: Listener,
    tls: Option<Arc<rustls::ServerConfig>>,
    script: Script,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    match listener {
        Listener::Tcp(listener) => {
            listener.set_nonblocking(true).unwrap();
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                match tls.clone() {
                    None => drop(tokio::spawn(serve(stream, script, seen))),
                    Some(config) => drop(tokio::spawn(async move {
                        let acceptor = tokio_rustls::TlsAcceptor::from(config);
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve(stream, script, seen).await;
                        }
                    })),
                }
            }
        }
        Listener::Unix(listener) => {
            listener.set_nonblocking(true).unwrap();
            let listener = UnixListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&seen)));
            }
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    script: Script,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
        let (hangs_up, hung_up) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(async move {
            let (parts, mut body) = request.into_parts();
            let mut frame = Vec::new();
            while let Some(Ok(data)) = body.data().await {
                let _ = body.flow_control().release_capacity(data.len());
                frame.extend_from_slice(&data);
            }
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(Seen {
                    path: parts.uri.path().to_owned(),
                    headers: parts.headers,
                    compressed: frame[0] == 1,
                    message: frame[5..].to_vec(),
                });
                seen.len() - 1
            };
            let grpc = Response::builder().header("content-type", "application/grpc");
            match script(number) {
                Act::Answer(message) => {
                    let mut stream = respond.send_response(grpc.body(()).unwrap(), false).unwrap();
                    let mut frame = vec![0];
                    frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
                    frame.extend_from_slice(&message);
                    stream.send_data(frame.into(), false).unwrap();
                    let mut trailers = HeaderMap::new();
                    trailers.insert("grpc-status", 0.into());
                    stream.send_trailers(trailers).unwrap();
                }
                Act::Status(code, message, details) => {
                    let mut response = grpc.header("grpc-status", code);
                    response = response.header("grpc-message", message);
                    if !details.is_empty() {
                        let details = base64(&details);
                        response = response.header("grpc-status-details-bin", details);
                    }
                    respond.send_response(response.body(()).unwrap(), true).unwrap();
                }
                Act::Http(status) => {
                    let response = Response::builder().status(status).body(()).unwrap();
                    respond.send_response(response, true).unwrap();
                }
                Act::Hang => std::future::pending().await,
                Act::Hangup => drop(hangs_up.send(())),
            }
        });
        tokio::select! {
            biased;
            Ok(()) = hung_up => return,
            () = tokio::time::sleep(Duration::from_millis(1)) => {}
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let chunks = bytes.chunks(3).flat_map(|chunk| {
        let group = chunk.iter().fold(0_u32, |group, byte| (group << 8) | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |n| DIGITS[(group >> (18 - 6 * n)) as usize & 63] as char)
    });
    chunks.collect()
}

fn grpc(address: SocketAddr) -> OtlpTarget {
    OtlpTarget { protocol: OtlpProtocol::Grpc, ..target(address) }
}

/// Sends one request of ten items to a server that does that, and flushes.
fn meet(act: Act) -> (Rig, Server, bool) {
    let server = Server::new(move |_| act.clone());
    let rig = Rig::new(&grpc(server.address), PATIENT);
    rig.push("spans", 10);
    let complete = rig.flush(LONG);
    rig.assert_conserved();
    (rig, server, complete)
}

#[test]
fn the_bytes_arrive_with_the_headers() {
    let (rig, server, complete) = meet(Act::Answer(Vec::new()));
    assert!(complete, "{}", rig.error());
    assert_eq!(rig.sent(), 10);
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    assert_eq!((seen.compressed, &*seen.message), (false, &b"spans"[..]));
    assert_eq!(seen.headers["authorization"], "Bearer s3cr3t-token");
    assert!(seen.headers["user-agent"].to_str().unwrap().starts_with("lightship/"));
}

#[test]
fn metrics_go_to_their_own_service_and_messages_are_compressed() {
    #[derive(Debug)]
    struct Points;
    impl Periodic for Points {
        fn collect(&mut self) -> Vec<Request> {
            vec![request(Signal::Metrics, vec![b'm'; 1_000], 5)]
        }
        fn settle(&mut self, outcomes: &[Outcome]) {
            assert_eq!(outcomes, [Outcome::Accepted]);
        }
    }
    let server = Server::new(|_| Act::Answer(Vec::new()));
    let target = OtlpTarget { gzip: true, ..grpc(server.address) };
    assert!(!crate::otlp::wire::body_is_gzipped(&target));
    let metrics = (of_metrics(&target), Box::new(Points) as Box<dyn Periodic>);
    let rig = Rig::with(&target, PATIENT, Some(metrics), Box::new(|_| {}));
    assert!(rig.flush(LONG), "{}", rig.error());
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
    assert!(seen.compressed && seen.message.len() < 500);
    assert_eq!(seen.headers["grpc-encoding"], "gzip");
}

#[test]
fn a_partial_success_is_counted_and_told() {
    let (rig, _, complete) = meet(Act::Answer(b"\x0a\x0b\x08\x03\x12\x07too old".to_vec()));
    assert!(!complete);
    assert_eq!((rig.sent(), rig.dropped(DropReason::Rejected)), (7, 3));
    assert!(rig.error().contains("rejected 3 of 10 items: too old"), "{}", rig.error());
}

#[test]
fn some_statuses_are_to_be_tried_again() {
    // details { type_url: "x/google.rpc.RetryInfo", value: { retry_delay { seconds: 1 } } }
    let info = b"\x1a\x1e\x0a\x16x/google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x01".to_vec();
    let again = [1, 4, 10, 11, 14, 15].map(|code| Act::Status(code, "busy", Vec::new()));
    let busy = [Act::Status(8, "busy", info), Act::Http(503)];
    for act in again.into_iter().chain(busy) {
        let (rig, server, complete) = meet(act.clone());
        assert!(!complete, "{act:?}");
        assert_eq!((rig.sent(), rig.transport.spooled_items()), (0, 10), "{act:?}");
        assert!(rig.error().contains("to be tried again"), "{}", rig.error());
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn others_are_not() {
    let table = [
        (Act::Status(3, "bad spans", Vec::new()), "bad spans"),
        (Act::Status(8, "too large", Vec::new()), "BATCH_SIZE"),
        (Act::Status(12, "", Vec::new()), "nothing takes OTLP there"),
        (Act::Status(16, "no s3cr3t-token", Vec::new()), "OTLP_HEADERS"),
        (Act::Http(404), "set OTEL_EXPORTER_OTLP_ENDPOINT"),
    ];
    for (act, word) in table {
        let (rig, _, complete) = meet(act.clone());
        assert!(!complete, "{act:?}");
        assert_eq!(rig.dropped(DropReason::Rejected), 10, "{act:?}");
        assert!(rig.error().contains(word) && !rig.error().contains("s3cr3t"), "{}", rig.error());
    }
}

#[test]
fn nobody_there_is_said_and_who_comes_back_gets_everything() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = Rig::new(&grpc(address), EAGER);
    (0..5).for_each(|n| rig.push(format!("{n}"), 1));
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("nobody listens on"), "{}", rig.error());
    let server = Server::at(address, |_| Act::Answer(Vec::new()));
    wait_until("it is sent", || rig.sent() == 5);
    let messages = |server: &Server| {
        let seen = server.seen().into_iter();
        seen.map(|seen| String::from_utf8(seen.message).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(messages(&server), ["0", "1", "2", "3", "4"]);
    drop(server);
    rig.push("5", 1);
    let server = Server::at(address, |_| Act::Answer(Vec::new()));
    wait_until("it is sent", || rig.sent() == 6);
    assert_eq!(messages(&server), ["5"]);
    rig.assert_conserved();
}

#[test]
fn who_hangs_up_or_is_no_grpc_server_leaves_us_wondering() {
    let (rig, _, complete) = meet(Act::Hangup);
    assert!(!complete);
    assert_eq!(rig.transport.spooled_items(), 10);
    assert!(rig.error().contains("did not answer in gRPC"), "{}", rig.error());
    let http = super::collector::Collector::new(|_, _| super::collector::ok());
    let rig = Rig::new(&grpc(http.address()), PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(Duration::from_secs(2)));
    assert_eq!(rig.sent(), 0);
}

#[test]
fn the_deadline_holds() {
    let server = Server::new(|_| Act::Hang);
    let rig = Rig::new(&grpc(server.address), PATIENT);
    rig.push("spans", 10);
    let start = Instant::now();
    assert!(!rig.flush(Duration::from_millis(200)));
    assert!(!rig.shutdown(Duration::from_millis(500)));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(rig.dropped(DropReason::Unknown), 10);
    rig.assert_conserved();
}

#[test]
fn a_unix_socket_is_a_place_too() {
    let name = format!("lightship-otlp-grpc-{}.sock", std::process::id());
    let socket = std::env::temp_dir().join(name);
    let endpoint = OtlpEndpoint::Unix { socket: socket.clone(), path: String::new() };
    let target = OtlpTarget { endpoint, ..grpc("127.0.0.1:1".parse().unwrap()) };
    let rig = Rig::new(&target, PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("there is no socket at"), "{}", rig.error());
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let script: Script = Arc::new(|_| Act::Answer(Vec::new()));
    let server = Server::start(Listener::Unix(listener), None, script);
    assert!(rig.flush(LONG), "{}", rig.error());
    assert_eq!(server.seen().len(), 1);
    std::fs::remove_file(&socket).unwrap();
}

#[test]
fn tls_is_for_those_who_are_vouched_for() {
    let server = Server::tls(|_| Act::Answer(Vec::new()));
    let mut target = grpc(server.address);
    if let OtlpEndpoint::Tcp { tls, .. } = &mut target.endpoint {
        *tls = true;
    }
    let strict = OtlpTarget {
        tls: TlsSettings { ca: Some("hello".into()), identity: None },
        ..target.clone()
    };
    let rig = Rig::new(&strict, PATIENT);
    rig.push("spans", 10);
    assert!(!rig.flush(LONG));
    assert!(rig.error().contains("holds no certificate"), "{}", rig.error());
    let trusting =
        OtlpTarget { tls: TlsSettings { ca: Some(CA.into()), identity: None }, ..target };
    let rig = Rig::new(&trusting, PATIENT);
    rig.push("spans", 10);
    assert!(rig.flush(LONG), "{}", rig.error());
}

/// A runtime of the host's, of either kind, is no obstacle, and is not held up.
#[tokio::test]
async fn inside_a_current_thread_runtime_it_works_all_the_same() {
    let server = Server::new(|_| Act::Answer(Vec::new()));
    let rig = Rig::new(&grpc(server.address), PATIENT);
    rig.push("spans", 10);
    assert!(rig.flush(LONG), "{}", rig.error());
    assert!(rig.shutdown(LONG));
    assert_eq!(rig.sent(), 10);
}
