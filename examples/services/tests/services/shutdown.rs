//! Stopping: what is under way ends, nothing new is taken, and nobody waits for ever.

use crate::support::{BRIEF, NOWHERE, PATIENCE, Running, in_background, instead, until, uploaded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::sync::Notify;

#[tokio::test]
async fn what_is_under_way_ends_and_nothing_new_is_taken() {
    let (asked, leave) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let seen = (Arc::clone(&asked), Arc::clone(&leave));
    let url = instead(move || {
        let (asked, leave) = seen.clone();
        async move {
            asked.store(true, Ordering::SeqCst);
            leave.notified().await;
            r#"{"label":"letter","model_version":"1","confidence":1}"#
        }
    });
    let mut service = Running::start(&url.await, |config| config.drain_timeout = PATIENCE).await;
    let under_way = in_background(&service.url);
    until("under way", || asked.load(Ordering::SeqCst)).await;
    drop(service.stop.take());
    let began = Instant::now();
    while TcpStream::connect(service.address()).await.is_ok() {
        assert!(began.elapsed() < PATIENCE, "new connections are taken");
        tokio::time::sleep(BRIEF / 10).await;
    }
    assert!(!service.serving.is_finished());
    leave.notify_one();
    uploaded(under_way.await.unwrap().unwrap()).await;
    let (directory, ended) = service.end().await;
    ended.unwrap();
    assert_eq!((directory.files().len(), directory.rows().await), (1, 1));
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let url = instead(move || {
        seen.store(true, Ordering::SeqCst);
        std::future::pending::<()>()
    });
    let service = Running::start(&url.await, |config| config.drain_timeout = BRIEF).await;
    let _under_way = in_background(&service.url);
    until("under way", || asked.load(Ordering::SeqCst)).await;
    // Long before the client or the service would give up.
    let (_, ended) = tokio::time::timeout(PATIENCE / 2, service.end()).await.unwrap();
    ended.unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_hold_it() {
    let service = Running::start(NOWHERE, |config| config.drain_timeout = PATIENCE * 2).await;
    let client = crate::support::client();
    let health = client.get(format!("{}/health", service.url)).send().await.unwrap();
    assert_eq!(health.status(), 200);
    // The client keeps its connection, in case of another request.
    let (_, ended) = service.end().await;
    ended.unwrap();
}
