//! A door before a service.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Takes connections for a service, and lets nothing through until it is opened.
pub(super) struct Gate {
    pub(super) url: String,
    held: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

impl Gate {
    pub(super) async fn before(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let behind = service.strip_prefix("http://").unwrap().to_owned();
        let (held, (open, opened)) = (Arc::new(AtomicUsize::new(0)), watch::channel(false));
        let count = Arc::clone(&held);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (behind, mut opened) = (behind.clone(), opened.clone());
                tokio::spawn(async move {
                    if opened.wait_for(|open| *open).await.is_err() {
                        return;
                    }
                    let mut onward = TcpStream::connect(behind).await.unwrap();
                    // Whoever has gone away by now gets no answer.
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                });
            }
        });
        Gate { url, held, open }
    }

    /// How many connections have come.
    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    pub(super) fn open(&self) {
        self.open.send_replace(true);
    }
}
