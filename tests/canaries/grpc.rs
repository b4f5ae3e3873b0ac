//! A collector that speaks gRPC: it keeps the messages, out of their frames and not compressed.

use flate2::read::GzDecoder;
use h2::server::SendResponse;
use http::{HeaderMap, Request, Response};
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// Serves as long as the process lives.
pub(crate) struct GrpcCollector {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Message>>>,
}

/// One call.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) path: String,
    pub(crate) headers: String,
    /// As it came.
    pub(crate) frame: Vec<u8>,
    pub(crate) was_compressed: bool,
    pub(crate) message: Vec<u8>,
}

impl GrpcCollector {
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let collector = GrpcCollector { address, received: Arc::default() };
        let received = Arc::clone(&collector.received);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&received)));
                }
            });
        });
        collector
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(stream: tokio::net::TcpStream, received: Arc<Mutex<Vec<Message>>>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, Arc::clone(&received)));
    }
}

async fn answer(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<axum::body::Bytes>,
    received: Arc<Mutex<Vec<Message>>>,
) {
    let (head, mut body) = request.into_parts();
    let mut frame = Vec::new();
    while let Some(Ok(data)) = body.data().await {
        let _ = body.flow_control().release_capacity(data.len());
        frame.extend_from_slice(&data);
    }
    let message = match frame[0] {
        0 => frame[5..].to_vec(),
        _ => {
            let mut message = Vec::new();
            GzDecoder::new(&frame[5..]).read_to_end(&mut message).unwrap();
            message
        }
    };
    let was_compressed = frame[0] == 1;
    let (path, headers) = (head.uri.path().to_owned(), format!("{:?}", head.headers));
    received.lock().unwrap().push(Message { path, headers, frame, was_compressed, message });
    let head = Response::builder().header("content-type", "application/grpc");
    let Ok(mut stream) = respond.send_response(head.body(()).unwrap(), false) else { return };
    // An empty message.
    let _ = stream.send_data(vec![0; 5].into(), false);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", 0.into());
    let _ = stream.send_trailers(trailers);
}
