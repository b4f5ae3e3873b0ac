//! Serving until told to stop, and then to the end of what is under way.

use axum::Router;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{info, warn};

/// Serves `router` until `shutdown` ends. Then nothing new is taken, and what is under way has
/// `drain` to end in.
///
/// # Errors
///
/// What the listener says.
pub async fn run(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    drain: Duration,
) -> io::Result<()> {
    let (told, stopping) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        info!("no new requests are taken");
        // Nobody hears it where the server has ended by itself.
        let _ = told.send(());
    };
    let overdue = async {
        match stopping.await {
            Ok(()) => sleep(drain).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(shutdown) => served,
        () = overdue => {
            warn!(drain.seconds = drain.as_secs_f64(), "requests were cut off");
            Ok(())
        }
    }
}
