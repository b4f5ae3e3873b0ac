//! Functions that return futures without being `async fn`.

#![allow(clippy::manual_async_fn, reason = "it is what is tested")]

use super::{calls, errors};
use async_trait::async_trait;
use lightship::testing::capture_async;
use lightship::{observe, span_tree, timed};
use std::future::Future;
use std::pin::Pin;

const HERE: &str = module_path!();

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[async_trait]
trait Storage: Send + Sync {
    async fn put(&self, key: &str, bytes: u64) -> Result<u64, std::io::Error>;

    #[observe]
    async fn describe(&self) -> String {
        "storage".to_owned()
    }
}

struct Disk {
    room: u64,
}

#[async_trait]
impl Storage for Disk {
    #[observe(name = "storage.put", fields(key, room = self.room), err)]
    async fn put(&self, key: &str, bytes: u64) -> Result<u64, std::io::Error> {
        tokio::task::yield_now().await;
        if bytes > self.room {
            Err(std::io::ErrorKind::StorageFull)?;
        }
        Ok(self.room - bytes)
    }
}

#[observe(fields(n))]
fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let doubled = n * 2;
    Box::pin(async move {
        tokio::task::yield_now().await;
        doubled
    })
}

#[observe]
fn opaque(text: &str) -> impl Future<Output = Result<u8, std::num::ParseIntError>> + '_ {
    async move {
        tokio::task::yield_now().await;
        let number = text.parse()?;
        Ok(number)
    }
}

#[observe]
fn by_alias(n: u32) -> Boxed<'static, u32> {
    Box::pin(async move { if n == 0 { 0 } else { by_alias(n - 1).await + 1 } })
}

#[observe]
async fn generic<T: Clone + Send + 'static>(one: T, times: usize) -> Vec<T> {
    vec![one; times]
}

#[timed("timed.future")]
fn timed_future() -> impl Future<Output = ()> {
    async {}
}

#[tokio::test]
async fn a_trait_of_async_trait_is_observed() {
    let (_, seen) = capture_async(async {
        let disk: Box<dyn Storage> = Box::new(Disk { room: 10 });
        assert_eq!(disk.put("a", 3).await.unwrap(), 7);
        disk.put("b", 30).await.unwrap_err();
        assert_eq!(disk.describe().await, "storage");
    })
    .await;
    assert_eq!(calls(&seen, "put", HERE, "ok"), 1);
    assert_eq!(errors(&seen, "put", HERE, "storage_full"), 1);
    assert_eq!(calls(&seen, "describe", HERE, "ok"), 1);
    let spans: Vec<_> = seen.spans().iter().filter(|span| span.name == "storage.put").collect();
    assert_eq!(spans[1].attribute("key"), Some("b"));
    assert_eq!(spans[1].attribute("room"), Some("10"));
    assert_eq!(spans[1].error.as_deref(), Some("no storage space"));
}

#[tokio::test]
async fn a_future_made_by_hand_is_observed_when_it_is_polled() {
    let (_, seen) = capture_async(async {
        drop(boxed(1));
        assert_eq!(boxed(2).await, 4);
        assert!(opaque("x").await.is_err());
        assert_eq!(opaque("8").await, Ok(8));
        assert_eq!(by_alias(2).await, 2);
        assert_eq!(generic("a", 2).await, ["a", "a"]);
        drop(timed_future());
        timed_future().await;
    })
    .await;
    assert_eq!(calls(&seen, "boxed", HERE, "ok"), 1);
    assert_eq!(seen.span("boxed").unwrap().attribute("n"), Some("2"));
    assert_eq!(calls(&seen, "opaque", HERE, "ok"), 1);
    assert_eq!(errors(&seen, "opaque", HERE, "ParseIntError"), 1);
    assert_eq!(calls(&seen, "by_alias", HERE, "ok"), 3);
    assert_eq!(seen.histogram("timed.future", &[]).count, 1);
    let trees = seen.span_trees();
    let nested = span_tree! { "by_alias" { "by_alias" { "by_alias" } } };
    assert!(trees.contains(&nested), "{trees:?}");
}

/// A task may move to another thread.
#[test]
fn what_is_observed_may_be_sent() {
    fn is_send<T: Send>(_: &T) {}
    let disk = Disk { room: 1 };
    is_send(&disk.put("a", 1));
    is_send(&boxed(1));
    is_send(&opaque("1"));
    is_send(&generic(1, 1));
}

struct Closes(&'static str);

impl Drop for Closes {
    fn drop(&mut self) {
        tracing::info!("closed {}", self.0);
    }
}

#[observe]
async fn holds(forever: bool) {
    let _closes = Closes("it");
    if forever {
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn what_a_future_holds_is_dropped_in_its_span() {
    let (_, seen) = capture_async(async {
        holds(false).await;
        let waits = std::time::Duration::from_millis(1);
        tokio::time::timeout(waits, holds(true)).await.unwrap_err();
    })
    .await;
    assert_eq!(seen.spans().len(), 2);
    for span in seen.spans() {
        assert_eq!(span.events.len(), 1, "{span:?}");
        assert_eq!(span.events[0].name, "closed it");
    }
    assert_eq!(calls(&seen, "holds", HERE, "cancelled"), 1);
}
