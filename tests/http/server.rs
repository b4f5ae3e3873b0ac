//! A server on a socket of its own.

use axum::Router;
use lightship::http::ServerLayer;
use lightship::testing::{Captured, capture_async};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// For what should be done at once: a loaded machine is slow.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);

/// A server that knows nothing of the capture which its layer belongs to, as axum's tasks don't.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves `router` with a layer that belongs to the running capture.
    pub(crate) async fn start(router: Router) -> Self {
        Self::bare(router.layer(ServerLayer::new())).await
    }

    pub(crate) async fn bare(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router)
            .with_graceful_shutdown(async { stopped.await.unwrap_or_default() });
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Server { address, stop, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Lets all connections end. In a runtime with one thread nothing of them is left thereafter.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        timeout(TIMEOUT, self.task).await.unwrap().unwrap();
    }
}

/// What `work` recorded, with a server of this router.
pub(crate) async fn with_server<F: Future>(
    router: Router,
    work: impl FnOnce(String) -> F,
) -> (F::Output, Captured) {
    let (output, seen) = capture_async(async {
        let server = Server::start(router).await;
        let output = timeout(TIMEOUT, work(server.url(""))).await.unwrap();
        server.stop().await;
        output
    })
    .await;
    (output, seen)
}
