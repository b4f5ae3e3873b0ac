//! Clients that keep their connections, and send the next request when they have an answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 16;

/// What is asked for, again and again.
#[derive(Clone)]
pub(crate) struct Question {
    request: Vec<u8>,
    /// What the answer ends with, and has nowhere before.
    end: &'static [u8],
}

impl Question {
    /// A static text for a request without a body.
    pub(crate) fn hello() -> Self {
        let request = b"GET /documents/17 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".to_vec();
        Question { request, end: b"document 17" }
    }

    /// A kilobyte of JSON, in and out.
    pub(crate) fn json() -> Self {
        let pages = (0..24).map(|n| format!("{{\"page\":{n},\"words\":{},\"ok\":true}}", n * 37));
        let pages = pages.collect::<Vec<_>>().join(",");
        let body =
            format!("{{\"a\":\"{}\",\"id\":0,\"pages\":[{pages}],\"z\":\"end\"}}", "x".repeat(150));
        let head =
            "POST /documents/17 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json";
        let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        Question { request: request.into_bytes(), end: b"\"z\":\"end\"}" }
    }
}

pub(crate) struct Clients {
    runtime: Runtime,
    connections: Vec<TcpStream>,
}

impl Clients {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let connections = runtime.block_on(async {
            let mut connections = Vec::new();
            for _ in 0..CONNECTIONS {
                let stream = TcpStream::connect(address).await.expect("the server listens");
                stream.set_nodelay(true).expect("it is a socket");
                connections.push(stream);
            }
            connections
        });
        Clients { runtime, connections }
    }

    /// How long at least so many requests take over all connections.
    pub(crate) fn ask(&mut self, question: &Question, requests: usize) -> Duration {
        let each = requests.div_ceil(CONNECTIONS);
        let connections = std::mem::take(&mut self.connections);
        let begun = Instant::now();
        self.connections = self.runtime.block_on(async {
            let mut asking = JoinSet::new();
            for stream in connections {
                asking.spawn(one_by_one(stream, question.clone(), each));
            }
            asking.join_all().await
        });
        begun.elapsed()
    }
}

async fn one_by_one(mut stream: TcpStream, question: Question, requests: usize) -> TcpStream {
    let mut answer = [0; 4_096];
    for _ in 0..requests {
        stream.write_all(&question.request).await.expect("the server reads");
        let mut read = 0;
        while !answer[..read].ends_with(question.end) {
            let more = stream.read(&mut answer[read..]).await.expect("the server answers");
            assert!(more > 0, "the server went away");
            read += more;
        }
    }
    stream
}
