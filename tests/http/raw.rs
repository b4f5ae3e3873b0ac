//! A client without manners: bytes over a socket.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// Sends bytes, and keeps the connection open.
pub(crate) async fn send(url: &str, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address(url)).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// Reads until this text has come, or the end; gives back all there was.
pub(crate) async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut read = Vec::new();
    let mut some = [0; 1_024];
    loop {
        let so_far = String::from_utf8_lossy(&read).into_owned();
        if so_far.contains(text) {
            return so_far;
        }
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => return so_far,
            Ok(n) => read.extend_from_slice(&some[..n]),
        }
    }
}

/// One request on a connection of its own, and the answer.
pub(crate) async fn exchange(url: &str, head: &str) -> String {
    let request = format!("{head}\r\nhost: api.test:81\r\nconnection: close\r\n\r\n");
    read_until(&mut send(url, &request).await, "\u{0}never").await
}

/// The same for a request that is written already.
pub(crate) async fn exchange_bytes(url: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(url)).await.unwrap();
    // A server that answers early need not read all.
    let _ = stream.write_all(request).await;
    read_until(&mut stream, "\u{0}never").await
}
