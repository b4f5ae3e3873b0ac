//! An axum server on a thread of its own, with a small handler.

use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use lightship::http::ServerLayer;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Whether a server has our layer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layered {
    Yes,
    No,
}

/// It ends when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(layered: Layered) -> Self {
        let (say, address) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
            say.send(listener.local_addr().expect("it is bound")).expect("somebody waits");
            let serving = tokio::spawn(axum::serve(listener, router(layered)).into_future());
            // Dropped, it means the same.
            let _ = stopped.await;
            serving.abort();
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(serve);
        });
        let address = address.recv().expect("the server says its address");
        Server { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends");
        }
    }
}

fn router(layered: Layered) -> Router {
    let handler = async |Path(id): Path<u32>| format!("document {id}");
    // What a service does at least: reads what came, and answers with something of that size.
    let store = async |Path(id): Path<u32>, Json(mut document): Json<serde_json::Value>| {
        document["id"] = id.into();
        Json(document)
    };
    let router = Router::new().route("/documents/{id}", get(handler).merge(post(store)));
    match layered {
        Layered::Yes => router.layer(ServerLayer::new()),
        Layered::No => router,
    }
}
