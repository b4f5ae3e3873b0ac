//! What a pool says of itself.

use super::{Database, capture_async};
use lightship::db::sqlx::ObservedPool;
use sqlx::sqlite::SqlitePoolOptions;

const POOL: &str = "db.client.connection.pool.name";
const STATE: &str = "db.client.connection.state";

fn count(seen: &lightship::testing::Captured, state: &str) -> Option<f64> {
    seen.gauge("db.client.connection.count", &[(POOL, "documents"), (STATE, state)])
}

#[tokio::test]
async fn connections_are_counted_by_what_they_do() {
    let database = Database::new();
    let options = SqlitePoolOptions::new().min_connections(1).max_connections(5);
    let (held, seen) = capture_async(async {
        let pool = options.connect_with(database.options()).await.unwrap();
        let pool = ObservedPool::new(pool, "documents");
        let held = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
        drop(pool.acquire().await.unwrap());
        // It goes back by a task.
        while pool.pool().num_idle() < 1 {
            tokio::task::yield_now().await;
        }
        (held, pool)
    })
    .await;
    assert_eq!((count(&seen, "used"), count(&seen, "idle")), (Some(2.0), Some(1.0)), "{seen}");
    let pool = [(POOL, "documents")];
    assert_eq!(seen.gauge("db.client.connection.max", &pool), Some(5.0));
    assert_eq!(seen.gauge("db.client.connection.idle.min", &pool), Some(1.0));
    assert_eq!(seen.histogram("db.client.connection.wait_time", &pool).count, 3);
    drop(held);
}

#[tokio::test]
async fn a_pool_that_is_gone_has_no_connections_and_is_not_kept() {
    let database = Database::new();
    let (inner, seen) = capture_async(async {
        let pool = SqlitePoolOptions::new().connect_with(database.options()).await.unwrap();
        let observed = ObservedPool::new(pool.clone(), "documents");
        drop(observed.acquire().await.unwrap());
        pool
    })
    .await;
    assert_eq!((count(&seen, "used"), count(&seen, "idle")), (Some(0.0), Some(0.0)), "{seen}");
    assert_eq!(inner.size(), 1);
}
